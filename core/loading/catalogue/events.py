"""The events table: its schema, and the check that every reader ends with."""

from __future__ import annotations

import pandas as pd

from core.errors import InputError

COLUMNS = (
    "event_id",
    "origin_time",
    "latitude_deg",
    "longitude_deg",
    "depth_km",
    "magnitude",
    "magnitude_type",
    "source",
)

# What is certainly wrong lies outside: a depth in metres, a magnitude of 99 for "none".
DEPTH_KM = (-10.0, 800.0)
MAGNITUDE = (-4.0, 10.0)
EARTHQUAKES = frozenset(("", "earthquake", "ke", "se"))  # ke, se: known and suspected earthquake (ISC, EMSC, KOERI)


def check(events: pd.DataFrame) -> pd.DataFrame:
    """
    The events table, sorted by origin time, if its content is sound.

    Parameters
    ----------
    events : DataFrame with at least the columns `COLUMNS`

    Returns
    -------
    DataFrame
        Exactly `COLUMNS`, index 0..n-1; `origin_time` in UTC (microseconds); `event_id` unique and not empty;
        latitude, longitude (-180 to 180), depth (km, NaN if unknown) and magnitude are float64. `attrs` is kept.

    Raises
    ------
    InputError
        If a column is absent, a time has no zone, or a value is missing, repeated or impossible.
    """
    absent = [name for name in COLUMNS if name not in events.columns]
    if absent:
        raise InputError(f"The events table lacks the column {absent[0]}; it needs {', '.join(COLUMNS)}.")
    table = events.loc[:, list(COLUMNS)].reset_index(drop=True)
    if not isinstance(table["origin_time"].dtype, pd.DatetimeTZDtype):
        raise InputError("The origin times of the events table have no time zone; they must be in UTC.")
    table["origin_time"] = table["origin_time"].dt.tz_convert("UTC").dt.as_unit("us")
    for name in ("event_id", "magnitude_type", "source"):
        table[name] = table[name].fillna("").astype("str")
    for name in ("latitude_deg", "longitude_deg", "depth_km", "magnitude"):
        table[name] = table[name].astype("float64")
    table["longitude_deg"] = table["longitude_deg"].where(~(table["longitude_deg"] > 180), table["longitude_deg"] - 360)
    depth_known = table["depth_km"].notna()
    for name, sound, expected in (
        ("event_id", table["event_id"] != "", "a name"),
        ("event_id", ~table["event_id"].duplicated(), "a name of its own"),
        ("origin_time", table["origin_time"].notna(), "a time"),
        ("latitude_deg", table["latitude_deg"].between(-90, 90), "-90 to 90"),
        ("longitude_deg", table["longitude_deg"].between(-180, 180), "-180 to 360"),
        ("depth_km", table["depth_km"].between(*DEPTH_KM) | ~depth_known, "-10 to 800 km"),
        ("magnitude", table["magnitude"].between(*MAGNITUDE), "-4 to 10"),
    ):
        if not sound.all():
            row = table.loc[~sound].iloc[0]
            raise InputError(f"Event {row['event_id']!r}: {name} is {row[name]}, expected {expected}.")
    order = ["origin_time", "event_id"]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    table.attrs = dict(events.attrs)
    return table


def counted(count: int, noun: str) -> str:
    """
    A number of things in words, for notes.

    >>> counted(1, "event"), counted(2, "event")
    ('1 event', '2 events')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
