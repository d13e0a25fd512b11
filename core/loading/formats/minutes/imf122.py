"""IMFV1.22 and 1.23, the format in which observatories send minutes to INTERMAGNET: blocks of an hour."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.record import elements
from core.loading.record.elements import Part
from core.loading.record.minute import MinuteRecord

WIDTH = 62  # characters of a line without its end
LINES = 30  # data lines after a header, of two minutes each
FIRST_YEAR = 70  # the format has two digits: 70 to 99 are of the 20th century

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TYPES = {"R": "variation", "A": "provisional", "Q": "quasi-definitive", "D": "definitive"}
_HEADER = re.compile(
    rb"\s*([A-Z0-9]{3})\s+([A-Z]{3})(\d{2})(\d{2})\s+(\d{1,3})\s+(\d{1,2})\s+([A-Z]{3,4})\s+([RADQ])\s+([A-Z0-9]{3})\s+"
    rb"(\d{4})(\d{4})\s+([-+]?\d{1,6})(?:\s+\S+)?\s*",
    re.IGNORECASE,
)
_DATA = re.compile(rb"\s*[-+]?\d{1,7}(?:\s+[-+]?\d{1,7}){7}\s*")
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass
class _Block:
    """An hour: what its header says, and its values, shape (60, 4)."""

    line: int
    station: str
    data_type: str
    components: str
    gin: str
    place: tuple[float, float]
    base_tenths: int
    first_minute: int
    right_day: bool
    values: list[list[int]] = field(default_factory=list)


def looks_like(head: bytes) -> bool:
    """Whether the (unpacked) first bytes of a file are the header of an hour."""
    lines = head.lstrip().splitlines()
    return bool(lines and _HEADER.fullmatch(lines[0]))


def read(path: Path) -> MinuteRecord:
    """
    Read a file of hourly blocks, gzipped or not; 999999 becomes NaN.

    Values are tenths of nT, angles hundredths of a minute of arc to which DECBAS is added; what comes out is
    geographic, in nT (`frame.geographic`). Source of the format: INTERMAGNET Technical Reference Manual, IMFV1.

    Raises
    ------
    InputError
        With file and line: not such a file, cut off, damaged, two stations, time that runs backwards.
    """
    path = Path(path)
    blocks, n_odd = _blocks(bytes(unpacking.read(path)), path.name)
    notes: list[str] = []
    blocks = _in_order(blocks, path.name, notes)
    data_type = elements.lowest({block.data_type for block in blocks}, notes)
    if n_odd:
        notes.append(f"{n_odd} lines are not {WIDTH} characters long; they were split at the blanks.")
    n_wrong = sum(not block.right_day for block in blocks)
    if n_wrong:
        notes.append(f"{n_wrong} hours have a day of the year that contradicts the date; the date was used.")
    first = blocks[0]
    header = {
        "Format": "IMFV1.2",
        "IAGA Code": first.station,
        "Geodetic Latitude": f"{first.place[0]:.1f}",
        "Geodetic Longitude": f"{first.place[1]:.1f}",
        "Reported": first.components,
        "Data Type": first.data_type,
        "GIN": first.gin,
    }
    return elements.to_record(path.name, first.station, _parts(blocks), data_type, header, notes)


def _blocks(data: bytes, name: str) -> tuple[list[_Block], int]:
    blocks: list[_Block] = []
    n_odd = 0
    lines = data.rstrip(b" \t\x1a").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        if number == len(lines) and len(line) < WIDTH:
            raise InputError(
                f"{where}: the line ends after {len(line)} characters. The file is cut off; fetch it again."
            )
        n_odd += len(line) != WIDTH
        inside = bool(blocks) and len(blocks[-1].values) < 2 * LINES
        if inside and _DATA.fullmatch(line):
            cells = [int(cell) for cell in line.split()]
            blocks[-1].values += [cells[:4], cells[4:]]
            continue
        header = _HEADER.fullmatch(line)
        if inside or header is None:
            missing = f"data line {len(blocks[-1].values) // 2 + 1} of {LINES} of the hour" if inside else "a header"
            raise InputError(
                f"{where}: found {_show(line)}, expected {missing}. The file is damaged; fetch it again. "
                "Nothing of it was stored."
            )
        blocks.append(_block(header, number, where))
    if not blocks:
        raise InputError(f"{name}: the file has no hour of data.")
    if len(blocks[-1].values) < 2 * LINES:
        raise InputError(
            f"{name}, line {len(lines)}: the last hour has {len(blocks[-1].values) // 2} of {LINES} lines. "
            "The file is cut off; fetch it again. Nothing of it was stored."
        )
    return blocks, n_odd


def _block(found: re.Match[bytes], line: int, where: str) -> _Block:
    code, month, day, year, number, hour, components, kind, gin, colatitude, longitude, base = (
        group.decode("ascii").upper() for group in found.groups()
    )
    try:
        full_year = int(year) + (1900 if int(year) >= FIRST_YEAR else 2000)
        when = date(full_year, _MONTHS.index(month) + 1, int(day))
    except ValueError:
        raise InputError(f"{where}: {month}{day}{year} is no date; expected one like FEB1591.") from None
    if int(hour) > 23:
        raise InputError(f"{where}: the hour is {hour}, expected 00 to 23.")
    if len(set(components)) < 4:
        raise InputError(f"{where}: the components are {components}, expected four letters like XYZF or HDZF.")
    if int(colatitude) > 1800 or int(longitude) > 3600:
        raise InputError(f"{where}: {colatitude}{longitude} is no colatitude and longitude in tenths of a degree.")
    place = (90.0 - int(colatitude) / 10, int(longitude) / 10)
    first_minute = (when.toordinal() - _EPOCH) * 1440 + int(hour) * 60
    right_day = int(number) == when.timetuple().tm_yday
    return _Block(line, code, _TYPES[kind], components, gin, place, int(base), first_minute, right_day)


def _in_order(blocks: list[_Block], name: str, notes: list[str]) -> list[_Block]:
    # One station, ascending hours; of an hour that is repeated, the last counts.
    result: list[_Block] = []
    for block in blocks:
        where = f"{name}, line {block.line}"
        if block.station != blocks[0].station:
            raise InputError(
                f"{where}: station {block.station} follows {blocks[0].station} in one file. Split the file."
            )
        if result and block.first_minute < result[-1].first_minute:
            raise InputError(
                f"{where}: time runs backwards, from {elements.show(result[-1].first_minute)} to "
                f"{elements.show(block.first_minute)}. Nothing of it was stored."
            )
        if result and block.first_minute == result[-1].first_minute:
            result.pop()
        result.append(block)
    if len(result) < len(blocks):
        notes.append(f"{len(blocks) - len(result)} hours repeat the hour before; the last of them was kept.")
    return result


def _parts(blocks: list[_Block]) -> list[Part]:
    # Hours that share elements and base are judged together: one hour is too short to tell in which frame it is.
    parts: list[Part] = []
    start = 0
    keys = [(block.components, block.base_tenths, block.place) for block in blocks]
    for stop in range(1, len(blocks) + 1):
        if stop < len(blocks) and keys[stop] == keys[start]:
            continue
        first = blocks[start]
        minutes = np.concatenate([block.first_minute + np.arange(60) for block in blocks[start:stop]])
        raw = np.concatenate([np.array(block.values, np.float64) for block in blocks[start:stop]]).T
        values = {letter: _scaled(letter, row) for letter, row in zip(first.components, raw, strict=True)}
        parts.append(Part(minutes, values, first.place, first.base_tenths / 10 or None))
        start = stop
    return parts


def _scaled(letter: str, raw: np.ndarray) -> np.ndarray:
    # An angle of 888888 (148 degrees) is possible near a pole; a field of 88888.8 nT is not.
    if letter in "DI":
        return np.where(np.abs(raw) >= 999_999, np.nan, raw / 100)
    return np.where(np.abs(raw) >= elements.NOT_RECORDED_NT * 10, np.nan, raw / 10)


def _show(line: bytes) -> str:
    plain = line.decode("latin-1").strip()
    return repr(plain if len(plain) <= 40 else plain[:37] + "...")
