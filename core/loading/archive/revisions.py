"""Which minutes of the archive got other values later: a better data type, or a correction of the same type."""

from __future__ import annotations

import pandas as pd

from core.loading.archive import year_history
from core.loading.archive.minute_store import MinuteStore
from core.loading.archive.year_file import ABSENT, CODES
from core.loading.record.minute import DATA_TYPES

COLUMNS = (
    "superseded",
    "learned",
    "data_type",
    "by_type",
    "start",
    "end",
    "n_minutes",
    "largest_change_nt",
)


def table(store: MinuteStore, station: str) -> pd.DataFrame:
    """
    The replaced values of a station, one row for what was replaced at one time.

    Returns
    -------
    DataFrame
        superseded (when other values took their place), learned (when they had become known), data_type (of the
        values replaced, the worst of a minute), by_type (of those that replaced them), start and end (half-open, of the
        minutes), n_minutes, largest_change_nt; by superseded and start. The same type in both: a correction.

    Raises
    ------
    InputError
        If the station has no data, or a file is damaged.
    """
    store.minutes_of(station, None, None)
    parts = []
    for year in store.years(station):
        with store.opened(station, year) as file:
            rows = year_history.read_earlier(file)
        if len(rows):
            codes = rows[list(CODES)]
            parts.append(rows.assign(code=codes.where(codes != ABSENT).min(axis=1).astype(int)))
    if not parts:
        return pd.DataFrame({name: [] for name in COLUMNS})
    names = {code: name for name, code in DATA_TYPES.items()}
    rows = pd.concat(parts, ignore_index=True)
    groups = rows.groupby(["superseded", "learned", "code", "by_type"])
    found = groups.agg(
        start=("time", "min"),
        end=("time", "max"),
        n_minutes=("time", "nunique"),
        largest_change_nt=("change_nt", "max"),
    ).reset_index()
    found["end"] += pd.Timedelta(minutes=1)
    found["data_type"], found["by_type"] = found["code"].map(names), found["by_type"].map(names)
    return found.sort_values(["superseded", "start", "learned"], ignore_index=True)[list(COLUMNS)]
