"""The exchange formats of the World Data Centres: minutes to a `MinuteRecord`, hourly means to a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.record import elements
from core.loading.record.elements import Part
from core.loading.record.minute import MinuteRecord

MINUTE_WIDTH = 400  # characters of a record: one element for one hour
HOURLY_WIDTH = 120  # one element for one day
BLANK_CENTURY_FROM = 57  # where the century is blank, digital data are of 1957 or later

_MINUTE = re.compile(
    rb"([ \d]{5}\d)([ \d]{5}\d)(\d\d)([ \d]\d)([ \d]\d)([DIHXYZEFSG])([ \d]\d)([A-Z0-9]{3})(.)([ 089])([ PD])[ ]{7}",
    re.DOTALL,
)
_HOURLY = re.compile(rb"([A-Z0-9]{3})(\d\d)([ \d]\d)([DIHXYZEFS])([ \d]\d)(.{4})(18|19|20|[ \dQD][ 8])", re.DOTALL)
_INTEGER = re.compile(rb" *[-+]? ?\d+")
_EPOCH = date(1970, 1, 1).toordinal()


def looks_like(head: bytes) -> bool:
    """Whether the (unpacked) first bytes of a file are a WDC record, of minutes or of hourly means."""
    return looks_hourly(head) or (bool(_MINUTE.match(head)) and len(_first_line(head)) >= 300)


def looks_hourly(head: bytes) -> bool:
    """Whether the (unpacked) first bytes of a file are a WDC record of hourly means."""
    return bool(_HOURLY.match(head)) and HOURLY_WIDTH <= len(_first_line(head)) < HOURLY_WIDTH + 5


def read(path: Path) -> MinuteRecord:
    """
    Read a file of minutes, gzipped or not; records of one element and one hour, in any order.

    nT, and tenths of a minute of arc for D and I; 999999 (or 99999) becomes NaN. What comes out is geographic, in nT
    (`frame.geographic`). Source of the format: WDC Edinburgh and WDC-B, "1-minute values, WDC format".

    Raises
    ------
    InputError
        With file and line: hourly means, another format, cut off, damaged, two stations, an unknown century.
    """
    path = Path(path)
    data = bytes(unpacking.read(path))
    if looks_hourly(data[:4096]):
        raise InputError(
            f"{path.name}: this is a WDC file of hourly means, expected one value per minute. "
            "Nothing of it was stored; fetch the minute file of the station (`precursor hourly FILE` shows this one)."
        )
    hours: dict[str, dict[int, np.ndarray]] = {}
    stations, kinds, places = [], set(), []
    n_repeated = 0
    notes: list[str] = []
    for line, where in _lines(data, path.name, MINUTE_WIDTH, least=MINUTE_WIDTH - 6):
        found = _MINUTE.match(line)
        if found is None:
            raise InputError(
                f"{where}: found {line[:34].decode('latin-1')!r}, expected the start of a WDC minute record."
            )
        colatitude, longitude, year, month, day, element, hour, code, _, century, kind = (
            group.decode("latin-1") for group in found.groups()
        )
        first = (_ordinal(_minute_year(year, century, where), month, day, where) - _EPOCH) * 24 + int(hour)
        if int(hour) > 23:
            raise InputError(f"{where}: the hour is {hour}, expected 00 to 23.")
        of_element = hours.setdefault(element, {})
        n_repeated += first in of_element
        of_element[first] = _minute_values(line, element, where)
        stations.append(code)
        if code != stations[0]:
            raise InputError(f"{where}: station {code} follows {stations[0]} in one file. Split the file.")
        kinds.add({"P": "provisional", "D": "definitive"}.get(kind, "variation"))
        places.append((90.0 - int(colatitude) / 1000, int(longitude) / 1000))
    if not hours:
        raise InputError(f"{path.name}: the file has no record.")
    if n_repeated:
        notes.append(f"{n_repeated} records repeat an hour; the last of them was kept.")
    if "variation" in kinds:
        notes.append("Records do not say whether they are provisional or definitive; they are taken as variation.")
    place = places[0]
    header = {
        "Format": "WDC minute",
        "IAGA Code": stations[0],
        "Geodetic Latitude": f"{place[0]:.3f}",
        "Geodetic Longitude": f"{place[1]:.3f}",
        "Reported": "".join(hours),
    }
    if not (abs(place[0]) <= 90 and place[1] <= 360):
        raise InputError(f"{path.name}: colatitude {90 - place[0]:g} and longitude {place[1]:g} are no place on Earth.")
    part = _joined(hours, place, notes)
    return elements.to_record(path.name, stations[0], [part], elements.lowest(kinds, notes), header, notes)


def read_hourly(path: Path) -> pd.DataFrame:
    """
    Read hourly means, for display; they are no minute data and are not stored as such.

    Returns
    -------
    DataFrame
        Index `time` (UTC, the start of the hour that was averaged), without a step for hours that no record has;
        a float64 column per element in the order of the file: nT, and degrees for D and I; NaN where missing. `attrs`
        has the `station`.

    Raises
    ------
    InputError
        With file and line: another format, cut off, damaged, two stations.
    """
    path = Path(path)
    days: dict[str, dict[int, np.ndarray]] = {}
    station = ""
    for line, where in _lines(bytes(unpacking.read(path)), path.name, HOURLY_WIDTH, least=HOURLY_WIDTH):
        found = _HOURLY.match(line)
        if found is None:
            raise InputError(
                f"{where}: found {line[:20].decode('latin-1')!r}, expected the start of a WDC hourly record."
            )
        code, year, month, element, day, _, century = (group.decode("latin-1") for group in found.groups())
        hundreds = int(century) if century in ("18", "19", "20") else 18 if century[1] == "8" else 19
        ordinal = _ordinal(hundreds * 100 + int(year), month, day, where)
        station = station or code
        if code != station:
            raise InputError(f"{where}: station {code} follows {station} in one file. Split the file.")
        numbers = _integers(line[16:120], 4, where)
        if ordinal in days.setdefault(element, {}):
            raise InputError(
                f"{where}: a second record of {element} for {date.fromordinal(ordinal)}. Correct the file."
            )
        values = np.where(numbers[1:25] == 9999, np.nan, numbers[1:25])
        days[element][ordinal] = numbers[0] + values / 600 if element in "DI" else numbers[0] * 100 + values
    if not days:
        raise InputError(f"{path.name}: the file has no record.")
    columns = {}
    for element, table in days.items():
        ordinals = np.array(sorted(table))
        hours = ((ordinals - _EPOCH)[:, None] * 24 + np.arange(24)).ravel()
        index = pd.DatetimeIndex(hours.astype("datetime64[h]").astype("datetime64[us]"), tz="UTC", name="time")
        columns[element] = pd.Series(np.concatenate([table[ordinal] for ordinal in ordinals]), index)
    frame = pd.DataFrame(columns)[list(columns)]
    frame.index.name = "time"
    frame.attrs["station"] = station
    return frame


def _lines(data: bytes, name: str, width: int, least: int) -> Iterator[tuple[bytes, str]]:
    lines = data.rstrip(b"\x1a").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        plain = line.rstrip()
        if len(plain) > width or len(plain) < least or (number == len(lines) and len(line) < width):
            raise InputError(
                f"{where}: the record has {len(line)} characters, expected {width}. The file is cut off or damaged; "
                "fetch it again. Nothing of it was stored."
            )
        yield plain.ljust(width), where


def _minute_values(line: bytes, element: str, where: str) -> np.ndarray:
    # Only digits, blanks, signs and points: float() would also take "nan" and "1e5".
    block = line[34:394]
    try:
        if block.translate(None, b"0123456789 -+."):
            raise ValueError
        values = np.frombuffer(block, "S6").astype(np.float64)
    except ValueError:
        raise InputError(f"{where}: the 60 values are not all numbers of 6 characters. Nothing was stored.") from None
    if element in "DI":
        return np.where(np.isin(values, (99_999, 999_999)), np.nan, values / 10)
    return np.where(np.abs(values) >= elements.NOT_RECORDED_NT, np.nan, values)


def _integers(cells: bytes, width: int, where: str) -> np.ndarray:
    texts = [cells[at : at + width] for at in range(0, len(cells), width)]
    for text in texts:
        if not _INTEGER.fullmatch(text):
            raise InputError(f"{where}: found {text.decode('latin-1')!r} where a number should be. Nothing was stored.")
    return np.array([int(text.replace(b" ", b"")) for text in texts], np.float64)


def _minute_year(year: str, century: str, where: str) -> int:
    if century == " " and int(year) < BLANK_CENTURY_FROM:
        raise InputError(
            f"{where}: the century (column 26) is blank, so the year {year} may be 19{year} or 20{year}. "
            "Write 9 or 0 there."
        )
    return {"0": 2000, "8": 1800}.get(century, 1900) + int(year)


def _ordinal(year: int, month: str, day: str, where: str) -> int:
    try:
        return date(year, int(month), int(day)).toordinal()
    except ValueError:
        raise InputError(f"{where}: {year}-{month}-{day} is no date. Nothing of it was stored.") from None


def _joined(hours: dict[str, dict[int, np.ndarray]], place: tuple[float, float], notes: list[str]) -> Part:
    # All elements on the hours that any of them has.
    every = np.array(sorted(set().union(*hours.values())))
    values = {}
    for element, table in hours.items():
        absent = len(every) - len(table)
        if absent:
            notes.append(f"{element} has no record for {absent} of {len(every)} hours; it is missing there.")
        nothing = np.full(60, np.nan)
        values[element] = np.concatenate([table.get(hour, nothing) for hour in every.tolist()])
    return Part((every[:, None] * 60 + np.arange(60)).ravel(), values, place)


def _first_line(head: bytes) -> bytes:
    return head.split(b"\n", 1)[0].rstrip()
