"""How complete the minute data are, by year, by month and by day, where the gaps are, and of which type it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from core import clock
from core.loading.archive.minute_store import MinuteStore
from core.loading.archive.year_file import ABSENT, TYPE_NAMES, Summary, year_minutes
from core.loading.record.minute import COMPONENTS, DATA_TYPES, grid, stretches

COLUMNS = ("station", "year", "n_minutes", "n_present", "present_fraction", "data_type")

_TYPE_COLUMNS = tuple(f"{name}_type" for name in COMPONENTS)
_MINUTES_PER_DAY = 1440


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


def days(folder: Path, station: str) -> pd.DataFrame:
    """
    One row per day with at least one minute of X, Y and Z, in the archive that lies in a folder.

    Only the data types are read, not the values.

    Returns
    -------
    DataFrame
        day (UTC, its first minute), n_minutes (1440), n_present, and data_type: the one of most of its minutes, where
        the type of a minute is the worst of its components.
    """
    store = MinuteStore(folder / "minute")
    parts = [_days_of(store, station, year) for year in store.years(station)]
    return pd.concat(parts, ignore_index=True) if parts else _table(np.zeros(0, np.int64), np.zeros(0, np.int64), [])


def months(of_days: pd.DataFrame) -> pd.DataFrame:
    """
    The months of a table of `days`: month (its first minute), n_minutes, n_present, data_type, data_types.

    `data_type` is the one of most days' minutes, `data_types` all that occur, best first ("definitive, provisional").
    """
    start = clock.in_utc(of_days["day"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp())
    table = of_days.assign(month=start)
    counts = table.groupby(["month", "data_type"], as_index=False)["n_present"].sum()
    counts = counts.assign(rank=counts["data_type"].map(DATA_TYPES)).sort_values(
        ["month", "rank"], ascending=[True, False]
    )
    most = counts.sort_values("n_present").groupby("month")["data_type"].last()
    result = pd.DataFrame(
        {
            "n_present": table.groupby("month")["n_present"].sum(),
            "data_type": most,
            "data_types": counts.groupby("month")["data_type"].agg(", ".join),
        }
    ).reset_index()
    result.insert(1, "n_minutes", result["month"].dt.days_in_month * _MINUTES_PER_DAY)
    return result


def intervals(of_days: pd.DataFrame) -> pd.DataFrame:
    """
    From a table of `days`: start, end (half-open) and data_type of each stretch of days with one type.

    Days without data between two days of the same type do not divide them.
    """
    changes = (of_days["data_type"] != of_days["data_type"].shift()).cumsum()
    grouped = of_days.groupby(changes.to_numpy())
    table = grouped.agg(start=("day", "first"), end=("day", "last"), data_type=("data_type", "first"))
    return table.assign(end=table["end"] + pd.Timedelta(days=1)).reset_index(drop=True)


def _days_of(store: MinuteStore, station: str, year: int) -> pd.DataFrame:
    with store.opened(station, year) as file:
        summary = file.summary
        codes = np.full((len(_TYPE_COLUMNS), summary.n_minutes), ABSENT, dtype=np.int8)
        file.read_into(_TYPE_COLUMNS, summary.first_minute, codes)
    worst = codes.min(axis=0)  # ABSENT, below all others, if one component is missing
    day = (summary.first_minute + np.arange(summary.n_minutes)) // _MINUTES_PER_DAY
    first = int(day[0])
    n_days = int(day[-1]) - first + 1
    names = sorted(TYPE_NAMES)
    counts = np.stack([np.bincount(day[worst == code] - first, minlength=n_days) for code in names])
    present = counts.sum(axis=0)
    kept = np.flatnonzero(present)
    return _table(first + kept, present[kept], [TYPE_NAMES[names[i]] for i in counts[:, kept].argmax(axis=0).tolist()])


def _table(day: np.ndarray, n_present: np.ndarray, data_type: list[str]) -> pd.DataFrame:
    times = clock.in_utc(day.astype("datetime64[D]").astype("datetime64[us]"))
    columns = {"day": times, "n_minutes": _MINUTES_PER_DAY, "n_present": n_present, "data_type": data_type}
    return pd.DataFrame(columns).astype({"data_type": "str"})
