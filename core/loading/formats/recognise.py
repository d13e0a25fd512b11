"""
Every format that a file can have, in one table: what it holds, how it is known by its beginning, how it is read.

A file, and the answer of a service, is known by its content, never by its name. A new format is a module with
`looks_like` and `read`, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pandas as pd

from core import documents
from core.errors import InputError
from core.loading.formats import text, unpacking
from core.loading.formats.events import (
    afad,
    comcat,
    csep,
    fdsn_text,
    geojson,
    horus,
    infp,
    isc,
    koeri,
    koeri_page,
    quakeml,
    romplus,
)
from core.loading.formats.indices import dst, kp, kp_json
from core.loading.formats.minutes import columns, hourly, iaf, iaga2002, imagcdf, imf122, wdc
from core.loading.formats.minutes.columns import Mapping
from core.loading.record.minute import MinuteRecord

HEAD_BYTES = 65_536  # enough to know a format by its beginning
MINUTE_FORMATS = "IAGA-2002, IMFV1.22, WDC minutes, ImagCDF, IAF, or CSV with a mapping"


class Kind(StrEnum):
    """What a file holds."""

    MINUTES = "minutes"
    HOURS = "hours"
    EVENTS = "events"
    KP = "kp"
    DST = "dst"


# What a file of each kind is called, and the verb that takes it.
WORDS = {
    Kind.MINUTES: ("magnetic data", "ingest"),
    Kind.HOURS: ("a file of hourly means, which are only shown", "hourly"),
    Kind.EVENTS: ("an earthquake catalogue", "catalogue"),
    Kind.KP: ("a file of Kp", "activity"),
    Kind.DST: ("a file of Dst", "activity"),
}


@dataclass(frozen=True)
class Format:
    """
    One format of files.

    `looks_like` takes the first bytes of a file, unpacked (`HEAD_BYTES` of them, or all there are); `read` takes its
    path. With `averages`, `read` also takes the rule by which samples of a second become minutes.
    """

    name: str
    kind: Kind
    looks_like: Callable[[bytes], bool]
    read: Callable[..., Any]
    averages: bool = False


def _by_text(reader: ModuleType) -> Callable[[bytes], bool]:
    return lambda head: reader.looks_like(head.decode("utf-8", "replace"))


def _by_names(reader: ModuleType) -> Callable[[bytes], bool]:
    def fits(head: bytes) -> bool:
        lines = head.removeprefix(unpacking.BYTE_ORDER_MARK).lstrip().splitlines()
        return bool(lines) and reader.fits(set(text.column_names(text.decoded(lines[0]))))

    return fits


# The first that fits is the format of a file; the most telling beginnings stand first.
FORMATS = (
    Format("IAGA-2002", Kind.MINUTES, iaga2002.looks_like, iaga2002.read, averages=True),
    Format("IMFV1.2", Kind.MINUTES, imf122.looks_like, imf122.read),
    Format("WDC hourly means", Kind.HOURS, wdc.looks_hourly, hourly.read),
    Format("WDC minute", Kind.MINUTES, wdc.looks_like, wdc.read),
    Format("CDF", Kind.MINUTES, imagcdf.looks_like, imagcdf.read, averages=True),
    Format("IAF", Kind.MINUTES, iaf.looks_like, iaf.read),
    Format("Kp of CelesTrak or GFZ", Kind.KP, _by_text(kp), kp.read),
    Format("Kp JSON of GFZ", Kind.KP, _by_text(kp_json), kp_json.read),
    Format("Dst of Kyoto", Kind.DST, _by_text(dst), dst.read),
    Format("QuakeML", Kind.EVENTS, _by_text(quakeml), quakeml.read),
    Format("ISC (CSV or ISF)", Kind.EVENTS, _by_text(isc), isc.read),
    Format("KOERI page", Kind.EVENTS, _by_text(koeri_page), koeri_page.read),
    Format("GeoJSON of events", Kind.EVENTS, _by_text(geojson), geojson.read),
    Format("AFAD JSON", Kind.EVENTS, _by_text(afad), afad.read),
    Format("HORUS", Kind.EVENTS, _by_text(horus), horus.read),
    Format("ROMPLUS", Kind.EVENTS, _by_text(romplus), romplus.read),
    Format("FDSN text", Kind.EVENTS, _by_names(fdsn_text), fdsn_text.read),
    Format("ComCat CSV", Kind.EVENTS, _by_names(comcat), comcat.read),
    Format("CSEP CSV", Kind.EVENTS, _by_names(csep), csep.read),
    Format("KOERI CSV", Kind.EVENTS, _by_names(koeri), koeri.read),
    Format("INFP CSV", Kind.EVENTS, _by_names(infp), infp.read),
)


def head_of(path: Path) -> bytes:
    """The first bytes of a file, unpacked; raises OSError if it cannot be read."""
    with documents.open_stored(path) as file:
        return unpacking.unpack_head(file.read(HEAD_BYTES), HEAD_BYTES)


def format_of(head: bytes, *kinds: Kind) -> Format | None:
    """The format of a file that begins with these bytes, of these kinds or of any; None if it is not known."""
    wanted = kinds or tuple(Kind)
    return next((each for each in FORMATS if each.kind in wanted and each.looks_like(head)), None)


def named(name: str) -> Format:
    """The format of a name in the table, for who knows what must come; raises KeyError if there is none."""
    return {each.name: each for each in FORMATS}[name]


def read_events(path: Path) -> pd.DataFrame:
    """
    Read a catalogue of any known format.

    Returns
    -------
    DataFrame
        The events table, see `catalogue.events.check`. `attrs["notes"]` is a tuple of sentences: every dropped row is
        counted there.

    Raises
    ------
    InputError
        If the file is no catalogue, or a line of it cannot be used.
    """
    path = Path(path)
    head = _head_or_nothing(path)
    reader = format_of(head, Kind.EVENTS)
    if reader is not None:
        events: pd.DataFrame = reader.read(path)
        return events
    _refuse_other(path, head, "no catalogue")
    if text.decoded(head).lstrip()[:1] in ("{", "["):
        begin = " ".join(text.decoded(head[:80]).split())[:40]
        raise InputError(
            f"{path.name}: this is no catalogue of a known format; it begins with {begin!r}. Known as JSON are "
            "those of USGS, EMSC, INGV and AFAD, with one event or more."
        )
    table = text.table(path)
    found = ", ".join(list(table.columns)[:6])
    raise InputError(
        f"{table.file}: this is no catalogue of a known format; its first line holds {found[:120]!r}. "
        "Known are QuakeML, FDSN text, CSV and GeoJSON of USGS, JSON of EMSC, INGV and AFAD, CSV and ISF of the ISC, "
        "CSV and page of KOERI, CSV of INFP and CSEP, HORUS and ROMPLUS; any other CSV needs a mapping (--mapping)."
    )


def read_index(path: Path) -> tuple[Kind, pd.DataFrame]:
    """
    Read a file of Kp or Dst: which of them it is, and its table (`kp.check`, `dst.check`).

    Raises
    ------
    InputError
        If the file is none, is cut off, or holds an impossible value.
    """
    path = Path(path)
    reader = format_of(_head_or_nothing(path), Kind.KP, Kind.DST)
    if reader is None:
        _refuse_other(path, _head_or_nothing(path), "no file of Kp or Dst")
        return Kind.KP, kp.read(path)  # which says why it is no such file
    return reader.kind, reader.read(path)


def read_minutes(path: Path, mapping: Mapping | None = None, average: str = "") -> tuple[str, MinuteRecord]:
    """
    Read a file of minute data of any known format, or by a mapping: the name of the format, and the record.

    Parameters
    ----------
    path : Path
    mapping : Mapping, optional
        How to read a CSV file; without one it is refused.
    average : str, optional
        The rule by which samples of a second become minutes, a key of `averaging.RULES`; without one they are refused.

    Raises
    ------
    InputError
        If the file cannot be read, is of another kind (the sentence says of which), or is damaged.
    """
    try:
        head = head_of(path)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    if not head and path.stat().st_size:
        raise InputError(f"{path.name}: the compressed file is damaged. Fetch it again.")
    reader = format_of(head, Kind.MINUTES)
    if reader is not None:
        return reader.name, reader.read(path, average) if reader.averages else reader.read(path)
    what = unpacking.refuse_as(head)
    markup = head.lstrip().startswith(b"<")  # QuakeML and pages of the ISC are catalogues
    other = format_of(head) if not what or markup else None
    if other is not None:
        words, verb = WORDS[other.kind]
        raise InputError(f"{path.name}: this is {words}, not minute data. Store it with `precursor {verb} FILE`.")
    if what:
        raise InputError(f"{path.name}: the file is {what}. Expected minute data ({MINUTE_FORMATS}).")
    if mapping is not None:
        return f"CSV ({mapping.station})", columns.read(path, mapping)
    _refuse_as_minutes(path.name, text.decoded(head))


def _refuse_other(path: Path, head: bytes, not_that: str) -> None:
    """Refuse a file of a known format of another kind, with the verb that takes it."""
    other = format_of(head)
    if other is not None:
        what, verb = WORDS[other.kind]
        raise InputError(f"{path.name}: this is {what} ({other.name}), {not_that}. `precursor {verb}` takes it.")


def _refuse_as_minutes(name: str, words: str) -> NoReturn:
    lines = [line for line in words.splitlines() if line.strip()]
    names = text.column_names(lines[0])
    if len(lines) > 1 and len(names) > 3 and len(text.column_names(lines[1])) == len(names):
        raise InputError(
            f"{name}: a table with the columns {', '.join(names[:8])}; a CSV file needs a mapping (--mapping) "
            "that says which of them are the time and the components."
        )
    raise InputError(
        f"{name}: no minute data were recognised; the file begins with {lines[0].strip()[:40]!r}. "
        f"Expected {MINUTE_FORMATS}."
    )


def _head_or_nothing(path: Path) -> bytes:
    # A reader says why a file cannot be read.
    try:
        return head_of(path)
    except OSError:
        return b""
