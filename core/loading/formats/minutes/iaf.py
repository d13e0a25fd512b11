"""IAF, the binary archive of definitive data that INTERMAGNET publishes by year: a month of minutes in a file."""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.record import elements
from core.loading.record.elements import Part
from core.loading.record.minute import MinuteRecord

WORDS = 5888  # of 32 bits, little endian, for a day
DAY_BYTES = WORDS * 4

_HEADER = struct.Struct("<4s4l4s4sl4s4sll4s4sll")  # words 1 to 16
_SCALE = 10.0  # tenths of nT; tenths of a minute of arc
_MISSING = (999_999, 888_888)  # missing; scalar not recorded
_TYPES = {0: "definitive", 1: "quasi-definitive"}
_EPOCH = date(1970, 1, 1).toordinal()


def looks_like(head: bytes) -> bool:
    """Whether the (unpacked) first bytes of a file are the header of a day."""
    if len(head) < _HEADER.size:
        return False
    code, day, colatitude, longitude, _, letters, *_ = _HEADER.unpack_from(head)
    is_header: bool = (
        code.strip().isalnum()
        and letters.strip().isalpha()
        and 1970_001 <= day <= 2100_366
        and 0 <= colatitude <= 180_000
        and 0 <= longitude <= 360_000
    )
    return is_header


def read(path: Path) -> MinuteRecord:
    """
    Read the days of a file, gzipped or not; 999999 and 888888 become NaN.

    Tenths of nT, and tenths of a minute of arc for D and I; what comes out is geographic, in nT
    (`frame.geographic`). Source of the format: INTERMAGNET Technical Reference Manual, IAF versions 1.00 to 2.11.

    Raises
    ------
    InputError
        With file and day: not such a file, cut off, damaged, two stations, time that runs backwards.
    """
    path = Path(path)
    name = path.name
    data = unpacking.unpacked(path)
    if not looks_like(bytes(data[: _HEADER.size])):
        raise InputError(
            f"{name}: this is no INTERMAGNET archive file (IAF): it does not begin with the header of a day."
        )
    n_days, rest = divmod(len(data), DAY_BYTES)
    if rest:
        raise InputError(
            f"{name}: after {n_days} days of {DAY_BYTES} bytes there are {rest} bytes more. The file is cut off; "
            "fetch it again. Nothing of it was stored."
        )
    notes: list[str] = []
    parts, types, codes = [], set(), set()
    header: dict[str, str] = {}
    for number in range(n_days):
        where = f"{name}, day {number + 1}"
        words = np.frombuffer(data, "<i4", WORDS, number * DAY_BYTES)
        if not looks_like(words[:16].tobytes()):
            raise InputError(f"{where}: found no header of a day. The file is damaged; fetch it again.")
        code, day, colatitude, longitude, elevation, letters, source, *_ = _HEADER.unpack(words[:16].tobytes())
        order, station = letters.decode("latin-1").strip().upper(), code.decode("latin-1").strip().upper()
        if not 3 <= len(set(order)) == len(order):
            raise InputError(
                f"{where}: the elements are {order!r}, expected some like XYZG or HDZ. Nothing was stored."
            )
        codes.add(station)
        if len(codes) > 1:
            raise InputError(f"{where}: stations {' and '.join(sorted(codes))} are in one file. Split the file.")
        types.add(_data_type(words[14].tobytes(), where))
        place = (90.0 - colatitude / 1000, longitude / 1000)
        header = header or {
            "Format": "IAF",
            "IAGA Code": station,
            "Source of Data": source.decode("latin-1").strip(),
            "Geodetic Latitude": f"{place[0]:.3f}",
            "Geodetic Longitude": f"{place[1]:.3f}",
            "Elevation": str(elevation),
            "Reported": order,
        }
        first = _first_minute(day, where)
        table = words[16:5776].reshape(4, 1440)
        values = {
            letter: np.where(np.isin(row, _MISSING), np.nan, row / _SCALE)
            for letter, row in zip(order, table, strict=False)  # of XYZ and HDZ the fourth is unused
        }
        parts.append((order, place, first, values))
    return elements.to_record(name, codes.pop(), _joined(parts), elements.lowest(types, notes), header, notes)


def _joined(days: list[tuple[str, tuple[float, float], int, dict[str, np.ndarray]]]) -> list[Part]:
    # Days that share their elements become one part.
    parts: list[Part] = []
    start = 0
    for stop in range(1, len(days) + 1):
        order, place = days[start][:2]
        if stop < len(days) and days[stop][:2] == (order, place):
            continue
        minutes = np.concatenate([first + np.arange(1440) for _, _, first, _ in days[start:stop]])
        values = {letter: np.concatenate([day[3][letter] for day in days[start:stop]]) for letter in order}
        parts.append(Part(minutes, values, place))
        start = stop
    return parts


def _data_type(version: bytes, where: str) -> str:
    # Word 15: the version, then the type, which only version 2.11 (4) has; writers differ on the order of the bytes.
    if version[0] == 4 or version[3] == 4:
        kind = version[1] if version[0] == 4 else version[2]
        if kind not in _TYPES:
            raise InputError(f"{where}: the data type is {kind}, expected 0 (definitive) or 1 (quasi-definitive).")
        return _TYPES[kind]
    return "definitive"


def _first_minute(day: int, where: str) -> int:
    year, number = divmod(day, 1000)
    first = date(year, 1, 1).toordinal()
    if not 1 <= number <= date(year + 1, 1, 1).toordinal() - first:
        raise InputError(f"{where}: {day} is no year and day of the year. Nothing of it was stored.")
    return (first + number - 1 - _EPOCH) * 1440
