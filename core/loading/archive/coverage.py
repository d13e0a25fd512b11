"""How complete the minute data are, station by station and year by year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.loading.archive.year_file import Summary, year_minutes
from core.loading.record.minute import COMPONENTS, grid, stretches

if TYPE_CHECKING:
    from core.loading.archive.minute_store import MinuteStore

COLUMNS = ("station", "year", "n_minutes", "n_present", "present_fraction", "data_type")


def table(summaries: Iterable[Summary]) -> pd.DataFrame:
    """
    One row per station and year with data, sorted.

    Returns
    -------
    DataFrame
        `n_minutes` of the calendar year, `n_present` of them with X, Y and Z, `present_fraction` (0-1), and
        `data_type`: the types that occur, best first ("definitive, provisional").
    """
    rows = []
    for summary in summaries:
        first, end = year_minutes(summary.year)
        rows.append(
            {
                "station": summary.station,
                "year": summary.year,
                "n_minutes": end - first,
                "n_present": summary.n_present,
                "present_fraction": summary.n_present / (end - first),
                "data_type": ", ".join(summary.data_types),
            }
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values(["station", "year"], ignore_index=True)


def gaps(
    store: MinuteStore,
    station: str,
    min_minutes: int,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """
    The stretches of `min_minutes` or more in [start, end) where X, Y or Z is missing.

    Returns
    -------
    DataFrame
        start, end (half-open) and n_minutes, by time. By default the period is that of the station's data, which
        begins and ends with a minute that has a value.
    """
    first, stop = store.minutes_of(station, start, end)
    missing = np.ones(stop - first, dtype=bool)
    for file in store.touched(station, first, stop):
        begin, until = year_minutes(file.summary.year)
        at = slice(max(begin, first) - first, min(until, stop) - first)
        values = np.full((len(COMPONENTS), at.stop - at.start), np.nan)
        file.read_into(COMPONENTS, first + at.start, values)
        missing[at] = np.isnan(values).any(axis=0)
    begins, ends = stretches(missing)
    long = ends - begins >= min_minutes
    times = grid(first, stop - first + 1)
    return pd.DataFrame(
        {"start": times[begins[long]], "end": times[ends[long]], "n_minutes": (ends - begins)[long].astype("int64")}
    )
