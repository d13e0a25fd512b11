"""The headers of an IAGA-2002 file: what it says about itself, and where its data lines begin and end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.errors import InputError
from core.loading.record.components import ELEMENTS, SENSOR_AXES, WHY_NO_SENSOR_AXES
from core.loading.record.minute import DATA_TYPES

LABELS = (
    "Format",
    "Source of Data",
    "Station Name",
    "IAGA Code",
    "Geodetic Latitude",
    "Geodetic Longitude",
    "Elevation",
    "Reported",
    "Sensor Orientation",
    "Digital Sampling",
    "Data Interval Type",
    "Data Type",
    "Publication Date",
)
COMMENTS = "Comments"  # the key of the header's free text, its lines joined by \n

_LABELS = {label.lower(): label for label in LABELS}
_LABEL = re.compile(rf"({'|'.join(LABELS)})\b[ \t]*(.*)", re.IGNORECASE)
_COLUMN_NAMES = re.compile(rb"^[ \t]*DATE[ \t]+TIME[ \t]+DOY[^\r\n]*\r?\n?", re.MULTILINE | re.IGNORECASE)
_FORMAT = re.compile(rb"^[ \t]*Format[ \t]+IAGA-?2002", re.MULTILINE | re.IGNORECASE)
_DATA_LINE = re.compile(rb"[ \t]*\d{4}-\d{2}-\d{2}")
_FILE_NAME = re.compile(r"([a-z][a-z0-9]{2})[_-]?(?:\d{8}|\d{6}|\d{4})(?:([vpqd])(?=min|sec|hor|day|mon|\.|$))?", re.I)
_DECBAS = re.compile(r"\bDECBAS\s+(-?\d+)")

_SPELLINGS = {
    "synthetic": ("synthetic",),
    "variation": ("variation", "variational", "reported", "raw", "preliminary", "v"),
    "provisional": ("provisional", "adjusted", "p"),
    "quasi-definitive": ("quasi-definitive", "quasidefinitive", "quasi-def", "qd", "q"),
    "definitive": ("definitive", "def", "final", "d"),
}


@dataclass(frozen=True)
class Block:
    """
    One header and the data lines after it.

    `elements` has the element letters of the columns ("NUL" for a column without data); `start` and
    `stop` are the positions of the data lines in the file, `first_line` the number of the first.
    """

    header: dict[str, str]
    station: str
    elements: tuple[str, ...]
    start: int
    stop: int
    first_line: int

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, if the header has both."""
        latitude, longitude = (_number(self.header.get(f"Geodetic {what}", "")) for what in ("Latitude", "Longitude"))
        if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 360):
            return None
        return latitude, longitude

    @property
    def declination_base_minutes(self) -> float | None:
        """DECBAS, which files give in tenths of a minute of arc, in minutes; None if absent (or 0, as some write)."""
        found = _DECBAS.search(self.header.get(COMMENTS, ""))
        return int(found[1]) / 10 if found and int(found[1]) else None


def looks_like(head: bytes) -> bool:
    """Whether the (unpacked) first bytes of a file are those of IAGA-2002."""
    return bool(_FORMAT.search(head) or _COLUMN_NAMES.search(head))


def first_block(data: memoryview, name: str) -> Block:
    """
    The first header of a file, with the data lines taken to reach to its end.

    Raises
    ------
    InputError
        If there is no header, or it makes no sense.
    """
    found = _COLUMN_NAMES.search(data)
    if found is None:
        raise InputError(_why_no_columns(bytes(data[:65536]), name))
    return _block(data, found, len(data), name)


def blocks(data: memoryview, name: str) -> list[Block]:
    """All headers of a file with their data lines (files joined end to end have several); raises as `first_block`."""
    headers = list(_COLUMN_NAMES.finditer(data))
    stops = [*(_header_start(data, found.start()) for found in headers[1:]), len(data)]
    return [_block(data, found, stop, name) for found, stop in zip(headers, stops, strict=True)]


def data_type_of(spelling: str) -> str:
    """
    The key of `DATA_TYPES` for a data type as files spell it; "" if it is none.

    >>> data_type_of("Quasi definitive"), data_type_of("reported"), data_type_of("ADJUSTED data")
    ('quasi-definitive', 'variation', 'provisional')
    """
    plain = re.sub(r"[\s_-]+", "-", re.sub(r"\bdata\b|\.", "", spelling.lower()).strip())
    return next((key for key, spellings in _SPELLINGS.items() if plain in spellings), "")


def data_type(found: list[Block], name: str, notes: list[str]) -> str:
    """
    The data type of a file: what the header says; else the letter in its name; else the lowest, "variation".

    Where blocks differ, the lowest of theirs. Adds to `notes` what a user should know.
    """
    match = _FILE_NAME.match(name)
    by_name = data_type_of(match[2]) if match and match[2] else ""
    types = []
    for block in found:
        spelling = block.header.get("Data Type", "")
        by_header = data_type_of(spelling)
        types.append(by_header or by_name or "variation")
        if not by_header:
            found_text = f"the data type {spelling!r}, which is unknown" if spelling else "no data type"
            notes.append(f"The header has {found_text}; the data are taken as {types[-1]}.")
        elif by_name and by_name != by_header:
            notes.append(f"The file name says {by_name}, the header {by_header}; the header was believed.")
    lowest = min(types, key=lambda key: DATA_TYPES[key])
    if len(set(types)) > 1:
        notes.append(
            f"The file holds data of several types ({', '.join(dict.fromkeys(types))}); all count as {lowest}."
        )
    return lowest


def station(found: list[Block], name: str, notes: list[str]) -> str:
    """The one station of a file; raises InputError if there are two, and notes that the file name names another."""
    codes = list(dict.fromkeys(block.station for block in found))
    if len(codes) > 1:
        line = next(block.first_line for block in found if block.station != codes[0])
        raise InputError(f"{name}, line {line}: station {codes[1]} follows {codes[0]} in one file. Split the file.")
    match = _FILE_NAME.match(name)
    if match and match[1].upper() != codes[0]:
        notes.append(f"The file name says station {match[1].upper()}, the header {codes[0]}; the header was believed.")
    return codes[0]


def _block(data: memoryview, names: re.Match[bytes], stop: int, name: str) -> Block:
    header_start = _header_start(data, names.start())
    line = int(np.count_nonzero(np.frombuffer(data[: names.start()], np.uint8) == 10)) + 1
    where = f"{name}, line {line}"
    header = dict(_header(bytes(data[header_start : names.start()])))
    columns = names[0].decode("ascii", "replace").replace("|", " ").upper().split()[3:]
    elements = tuple(column[3:] if len(column) > 3 and column != "NUL" else column for column in columns)
    unknown = [element for element in elements if element not in ELEMENTS and element != "NUL"]
    used = [element for element in elements if element != "NUL"]
    if not used or len(set(used)) < len(used):
        raise InputError(f"{where}: the columns are {' '.join(columns) or 'not named'}; expected names like DURX DURY.")
    if set(unknown) & SENSOR_AXES and not {"X", "H"} & set(used):
        raise InputError(f"{where}: {', '.join(unknown)} {WHY_NO_SENSOR_AXES}")
    if unknown and not {"X", "Y"} <= set(used):
        raise InputError(
            f"{where}: the element {unknown[0]!r} is not known; expected some of {', '.join('XYZHDEIFSG')}."
        )
    codes = {column[:3] for column in columns if len(column) > 3}
    code = header.get("IAGA Code", "").upper()
    if code:
        codes.add(code)
    if len(codes) != 1:
        raise InputError(f"{where}: {_which(codes)}. Nothing was stored; correct the header.")
    code = codes.pop()
    if len(code) != 3 or not code.isascii() or not code.isalnum():
        raise InputError(f"{where}: the station code {code!r} is not three letters or digits.")
    return Block(header, code, elements, names.end(), stop, line + 1)


def _which(codes: set[str]) -> str:
    if not codes:
        return "no station code, neither in the header nor in the names of the columns"
    return f"the header and the names of the columns give different stations ({', '.join(sorted(codes))})"


def _header_start(data: memoryview, end: int) -> int:
    # Backwards from the line of column names, over every line that is not a data line.
    start = end
    for line in reversed(bytes(data[max(0, end - 65536) : end]).splitlines(keepends=True)):
        if _DATA_LINE.match(line):
            break
        start -= len(line)
    return start


@lru_cache(maxsize=16)  # the daily files of a station have one and the same
def _header(content: bytes) -> dict[str, str]:
    try:
        lines = content.decode("utf-8")
    except UnicodeDecodeError:
        lines = content.decode("latin-1")  # names of places with accents
    header: dict[str, str] = {}
    comments = []
    for line in lines.splitlines():
        text = line.rstrip().removesuffix("|").strip()
        if text.startswith("#"):
            comments.append(text[1:].strip())
        elif found := _LABEL.match(text):
            header.setdefault(_LABELS[found[1].lower()], found[2].strip())
        elif text:
            header.setdefault(text[:23].strip(), text[23:].strip())
    if comments:
        header[COMMENTS] = "\n".join(comments)
    return header


def _why_no_columns(head: bytes, name: str) -> str:
    if _FORMAT.search(head):
        return (
            f"{name}: the header has no line that names the columns (DATE TIME DOY ...). "
            "The file is cut off; delete it and fetch it again."
        )
    first = head.lstrip()[:50].split(b"\n")[0].decode("utf-8", "replace").strip()
    return f"{name}, line 1: found {first!r}, expected a header of IAGA-2002 (Format IAGA-2002). It is another format."


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
