"""The events table: its schema, and how rows of any catalogue become it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import text, unpacking
from core.loading.formats.minutes.iaga2002 import header
from core.loading.formats.text import Table

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

HEAD_BYTES = 65_536  # enough to know a format by its beginning
# What is certainly wrong lies outside: a depth in metres, a magnitude of 99 for "none".
DEPTH_KM = (-10.0, 800.0)
MAGNITUDE = (-4.0, 10.0)
EARTHQUAKES = frozenset(("", "earthquake", "ke", "se"))  # ke, se: known and suspected earthquake (ISC, EMSC, KOERI)


def read(path: Path) -> pd.DataFrame:
    """
    Read a catalogue of any known format, recognised by how it begins.

    Returns
    -------
    DataFrame
        The events table, see `check`. `attrs["notes"]` is a tuple of sentences: every dropped row is counted there.

    Raises
    ------
    InputError
        If the file is no catalogue, or a line of it cannot be used.
    """
    path = Path(path)
    head = _head(path)
    by_content = _reader_of(head)
    if by_content is not None:
        return by_content.read(path)
    if header.looks_like(head.encode()):
        raise InputError(f"{path.name}: this is magnetic data (IAGA-2002), no catalogue. `precursor ingest` takes it.")
    table = text.table(path)
    reader = _reader(set(table.columns))
    if reader is not None:
        return reader.events(table)
    found = ", ".join(list(table.columns)[:6])
    raise InputError(
        f"{table.file}: this is no catalogue of a known format; its first line holds {found[:120]!r}. "
        "Known are QuakeML, FDSN text, CSV and GeoJSON of USGS, JSON of EMSC, INGV and AFAD, CSV and ISF of the ISC, "
        "CSV and page of KOERI, CSV of INFP and CSEP, HORUS and ROMPLUS; any other CSV needs a mapping (--mapping)."
    )


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is a catalogue of a known format."""
    if _reader_of(head) is not None:
        return True
    lines = head.lstrip("\ufeff \t\r\n").splitlines()
    return bool(lines) and _reader(set(text.column_names(lines[0]))) is not None


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


def assemble(
    table: Table,
    *,
    times: pd.DatetimeIndex,
    latitude: str,
    longitude: str,
    depth: str,
    magnitude: np.ndarray,
    magnitude_type: Sequence[str],
    source: Sequence[str],
    ids: Sequence[str],
    id_prefix: str,
    kinds: Sequence[str] | None = None,
    updated: Sequence[str] | None = None,
) -> pd.DataFrame:
    """
    Make the events table of the parsed rows of a file; what every reader ends with.

    Dropped, and counted in `attrs["notes"]`: rows that are not earthquakes, rows without a magnitude, rows that repeat
    another, rows that repeat an identifier (the latest `updated` is kept, or the earliest origin time).

    Parameters
    ----------
    table : Table
    times : DatetimeIndex, shape (n_rows,), UTC
    latitude, longitude, depth : names of columns of `table`, degrees and km
    magnitude : ndarray, shape (n_rows,), NaN where unknown
    magnitude_type, source : sequences of str, shape (n_rows,)
    ids : sequence of str, shape (n_rows,)
        "" where the file gives none; then the name is `id_prefix` and the origin time.
    kinds : sequence of str, optional
        What each row is; anything but `EARTHQUAKES` is dropped.
    updated : sequence of str, optional
        When each row was last changed, in a form that sorts as text.
    """
    rows = pd.DataFrame(
        {
            "event_id": pd.Series(list(ids), dtype="str"),
            "origin_time": times,
            "latitude_deg": table.numbers(latitude, -90, 90, required=True),
            "longitude_deg": table.numbers(longitude, -180, 360, required=True),
            "depth_km": table.numbers(depth, *DEPTH_KM),
            "magnitude": magnitude,
            "magnitude_type": pd.Series(list(magnitude_type), dtype="str"),
            "source": pd.Series(list(source), dtype="str"),
        }
    )
    rows["updated"] = pd.Series(list(updated) if updated is not None else [""] * len(rows), dtype="str")
    notes = []
    if kinds is not None:
        others = Counter(kind for kind in kinds if kind.casefold() not in EARTHQUAKES)
        rows = rows[np.array([kind.casefold() in EARTHQUAKES for kind in kinds], dtype=bool)]
        if others:
            names = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
            notes.append(f"{_rows(others.total())} dropped: not earthquakes ({names}).")
    unknown = int(rows["magnitude"].isna().sum())
    if unknown:
        rows = rows[rows["magnitude"].notna()]
        notes.append(f"{_rows(unknown)} dropped: no magnitude.")
    n_rows = len(rows)
    rows = rows.drop_duplicates()
    if len(rows) < n_rows:
        notes.append(f"{_rows(n_rows - len(rows))} dropped: the same as another row.")
    # From here nothing may depend on the order of the rows in the file.
    place = ["origin_time", "latitude_deg", "longitude_deg", "depth_km", "magnitude", "magnitude_type", "source"]
    rows = rows.sort_values(place, kind="stable").sort_values("updated", ascending=False, kind="stable")
    named = rows["event_id"] != ""
    repeated = rows["event_id"].duplicated() & named
    if repeated.any():
        kept = "the latest version" if updated is not None else "the earliest origin time"
        example = rows.loc[repeated, "event_id"].iloc[0]
        count = int(repeated.sum())
        notes.append(f"{_rows(count)} dropped: the identifier repeats, as {example} does; {kept} was kept.")
        rows = rows[~repeated]
    rows = rows.assign(event_id=_named(rows, id_prefix))
    rows.attrs["notes"] = tuple(notes)
    if rows.empty:
        raise InputError(f"{table.file}: holds no earthquake with a magnitude. {' '.join(notes)}".rstrip())
    return check(rows)


def _head(path: Path) -> str:
    # The first text of a file; "" if it cannot be read, which the reader then says.
    try:
        with open(path, "rb") as file:
            start = file.read(HEAD_BYTES)
    except OSError:
        return ""
    return unpacking.unpack_head(start, HEAD_BYTES).decode("utf-8", "replace")


def _reader_of(head: str) -> ModuleType | None:
    """The reader of a format that is no plain table with a line of names."""
    from core.loading.formats.events import afad, geojson, horus, isc, koeri_page, quakeml, romplus

    readers = (quakeml, isc, koeri_page, geojson, afad, horus, romplus)
    return next((reader for reader in readers if reader.looks_like(head)), None)


def _reader(names: set[str]) -> ModuleType | None:
    # The readers build on this module, so they are imported when they are needed.
    from core.loading.formats.events import comcat, csep, fdsn_text, infp, koeri

    return next((reader for reader in (fdsn_text, comcat, csep, koeri, infp) if reader.fits(names)), None)


def _named(rows: pd.DataFrame, prefix: str) -> pd.Series:
    # Origin time to the millisecond, so that the name survives a longer list; -2, -3 tell apart events of one instant.
    ids = rows["event_id"].copy()
    unnamed = ids == ""
    stamps = prefix + rows.loc[unnamed, "origin_time"].dt.strftime("%Y%m%d%H%M%S%f").str[:-3]
    again = stamps.groupby(stamps).cumcount() + 1
    ids[unnamed] = stamps.where(again == 1, stamps + "-" + again.astype("str"))
    return ids


def counted(count: int, noun: str) -> str:
    """
    A number of things in words, for notes.

    >>> counted(1, "event"), counted(2, "event")
    ('1 event', '2 events')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _rows(count: int) -> str:
    return counted(count, "row")
