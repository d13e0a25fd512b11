"""How complete the minute data are, station by station and year by year."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from core.loading.year_file import Summary, year_minutes

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
