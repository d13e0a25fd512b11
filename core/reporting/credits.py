"""Whose minute data are, under which terms, of which data type, along which axes: said wherever they are shown."""

from __future__ import annotations

import pandas as pd

from core import stations
from core.loading.archive import coverage

GEOGRAPHIC_LABELS = ("X north", "Y east", "Z down")
SENSOR_LABELS = ("X sensor", "Y sensor", "Z sensor")
SENSOR_WORDS = "X, Y and Z are the axes of the sensor, not north, east and down."
MOST_INTERVALS = 4
CITE = " Definitive data are cited by the collection they came in, such as doi:10.5880/INTERMAGNET.1991.2020."


def sentence(code: str, days: pd.DataFrame | None = None) -> str:
    """
    The acknowledgement and the licence of a station's data; says so if they are not known.

    With its `days` (see `types`), also how definitive data of INTERMAGNET are cited.
    """
    known = stations.table().get(code)
    if known is None:
        return f"Minute data of {code}: its credit is not known; add the station to data/stations.toml."
    licence = f" Licence: {known.licence}." if known.licence else ""
    definitive = days is not None and "definitive" in set(days["data_type"]) and "INTERMAGNET" in known.licence
    return f"Minute data of {code}: {known.credit or known.institute or 'not stated'}{licence}{CITE * definitive}"


def labels(code: str) -> tuple[str, str, str]:
    """What the three components of a station are called in figures."""
    known = stations.table().get(code)
    return SENSOR_LABELS if known is not None and known.axes == "sensor" else GEOGRAPHIC_LABELS


def axes(code: str) -> str:
    """A sentence where the axes are not geographic; "" where they are."""
    return SENSOR_WORDS if labels(code) == SENSOR_LABELS else ""


def types(days: pd.DataFrame, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> str:
    """
    The data types in [start, end), interval by interval, in a sentence.

    Parameters
    ----------
    days : DataFrame
        As `coverage.days` returns it.
    start, end : Timestamp, optional
        By default all of them.
    """
    shown = days
    if start is not None:
        shown = shown[shown["day"] > start - pd.Timedelta(days=1)]
    if end is not None:
        shown = shown[shown["day"] < end]
    found = coverage.intervals(shown)
    if found.empty:
        return ""
    if found["data_type"].nunique() == 1:
        return f"Data type: {found['data_type'].iloc[0]}."
    said = [
        f"{row['data_type']} {_when(row['start'], row['end'] - pd.Timedelta(days=1))}"
        for row in found.head(MOST_INTERVALS).to_dict("records")
    ]
    more = len(found) - MOST_INTERVALS
    return f"Data type: {', '.join(said)}{f' and {more} more intervals' if more > 0 else ''}."


def _when(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"on {first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
