"""
The data lines of an IAGA-2002 file: a fast parser for lines as the format prescribes, and a patient one.

The fast parser looks at the bytes of many lines at once (each line is 70
characters and the line end) and checks every byte it relies on. If any check
fails it gives up, and the patient parser splits line after line at the blanks.
Neither guesses a number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.errors import InputError
from core.loading.record import averaging

WIDTH = 70
N_ELEMENTS = 4
MISSING_FROM = 88888.0  # 99999.00 missing, 88888.00 (or 88888.88) not recorded

_CHUNK = 10_080  # lines at a time (a week): what is worked on then stays in the cache of one core
_EPOCH = date(1970, 1, 1).toordinal()
_BLANK, _MINUS, _POINT = ((ord(character) - 48) % 256 for character in " -.")
_DATE = re.compile(rb"(\d{4})-(\d{2})-(\d{2})$")
_LINE = re.compile(
    rb"\s*(\d{4}-\d{2}-\d{2})[ T]\s*(\d{2}):([0-5]\d):([0-5]\d)(?:\.(\d{1,3})\d*)?\s+(\d{1,3})(?:\s+(\S.*?))?\s*$"
)
_OFF_THE_MINUTE = re.compile(rb"^[ \t]*\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:(?!00)\d{2}", re.MULTILINE)
# What stands between the digits of a time: position, kind of the word there, its characters.
_PLACES = ((10, "u1", b" "), (13, "u1", b":"), (27, "<u4", b"    "))
_MINUTE_PLACES = (*_PLACES, (16, "<u8", b":00.000 "))
_SECOND_PLACES = (*_PLACES, (16, "u1", b":"), (19, "u1", b"."), (20, "<u4", b"000 "))
_NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)$")


@dataclass
class Samples:
    """As `Rows`, for data of any step: `milliseconds` are epoch milliseconds, shape (n,)."""

    milliseconds: np.ndarray
    values: np.ndarray
    lines: np.ndarray
    n_wrong_day: int = 0
    n_odd: int = 0


@dataclass
class Rows:
    """
    Data lines in the order of the file.

    `minutes` are epoch minutes, shape (n,); `values` has shape (n_elements, n), NaN where missing;
    `lines` the line number of each row. `n_wrong_day` counts days of the year that contradict the
    date, `n_odd` lines that are not laid out as the format prescribes.
    """

    minutes: np.ndarray
    values: np.ndarray
    lines: np.ndarray
    n_wrong_day: int = 0
    n_odd: int = 0


def parse(data: memoryview, start: int, stop: int, n_elements: int, first_line: int, name: str) -> Rows:
    """
    Read the data lines in `data[start:stop]`; `first_line` is the line number of the first.

    Raises
    ------
    InputError
        With file name and line, if a line is not a data line, or the times are not whole minutes.
    """
    rows = parse_fixed_width(data, start, stop, n_elements, first_line)
    return rows if rows is not None else parse_line_by_line(bytes(data[start:stop]), n_elements, first_line, name)


def parse_samples(data: memoryview, start: int, stop: int, n_elements: int, first_line: int, name: str) -> Samples:
    """Read data lines of any step, such as a second; otherwise as `parse`."""
    fast = _fixed_width(data, start, stop, n_elements, seconds=True)
    if fast is None:
        return _line_by_line(bytes(data[start:stop]), n_elements, first_line, name)
    seconds, values, n_wrong_day = fast
    return Samples(seconds * 1000, values, np.arange(first_line, first_line + len(seconds)), n_wrong_day)


def hold_seconds(data: memoryview, start: int) -> bool:
    """Whether one of the first data lines after `start` has a time that is no whole minute."""
    return _OFF_THE_MINUTE.search(bytes(data[start : start + 10_000])) is not None


def parse_fixed_width(data: memoryview, start: int, stop: int, n_elements: int, first_line: int) -> Rows | None:
    """Read lines of exactly 70 characters, LF or CRLF, four values; None if any byte is not where it should be."""
    fast = _fixed_width(data, start, stop, n_elements)
    if fast is None:
        return None
    minutes, values, n_wrong_day = fast
    return Rows(minutes, values, np.arange(first_line, first_line + len(minutes)), n_wrong_day)


def _fixed_width(
    data: memoryview, start: int, stop: int, n_elements: int, seconds: bool = False
) -> tuple[np.ndarray, np.ndarray, int] | None:
    # Times (epoch minutes, or epoch seconds), values, and the number of wrong days of the year.
    if n_elements != N_ELEMENTS:
        return None
    tail = bytes(data[max(start, stop - 2000) : stop])
    stop -= len(tail) - len(tail.rstrip(b" \t\r\n\x1a"))  # blank lines at the end, and the end-of-file mark of DOS
    line_end = b"\r\n" if bytes(data[start + WIDTH : start + WIDTH + 1]) == b"\r" else b"\n"
    step = WIDTH + len(line_end)
    n, rest = divmod(stop - start + len(line_end), step)
    if rest or n <= 0:
        return None
    if len(data) < start + n * step:  # the last line has no line end
        data, start = memoryview(bytes(data[start:stop]) + line_end), 0
    table = np.frombuffer(data, np.uint8, n * step, start).reshape(n, step)
    found, values, n_wrong_day = np.empty(n, np.int64), np.empty((N_ELEMENTS, n)), 0
    for first in range(0, n, _CHUNK):
        lines = table[first : first + _CHUNK]
        times = _times(lines, seconds)
        numbers = _hundredths(np.ascontiguousarray(lines[:, 30:70].T).reshape(N_ELEMENTS, 10, len(lines)))
        if times is None or numbers is None or any((lines[:, WIDTH + i] != c).any() for i, c in enumerate(line_end)):
            return None
        found[first : first + _CHUNK], n_wrong = times
        np.divide(numbers, 100.0, out=values[:, first : first + _CHUNK])  # times 0.01 would be off by 7e-12
        n_wrong_day += n_wrong
    values[values >= MISSING_FROM] = np.nan
    return found, values, n_wrong_day


def parse_line_by_line(block: bytes, n_elements: int, first_line: int, name: str) -> Rows:
    """Read lines by splitting at the blanks, whatever their width and line ends; raises InputError as `parse`."""
    found = _line_by_line(block, n_elements, first_line, name)
    refuse_seconds(found.milliseconds, f"{name}, line {found.lines[0]}")
    return Rows(found.milliseconds // 60_000, found.values, found.lines, found.n_wrong_day, found.n_odd)


def _line_by_line(block: bytes, n_elements: int, first_line: int, name: str) -> Samples:
    milliseconds: list[int] = []
    values: list[list[float]] = []
    lines: list[int] = []
    n_wrong_day = n_odd = 0
    texts = block.rstrip(b" \t\x1a").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, text in enumerate(texts, first_line):
        if not text.strip():
            continue
        where = f"{name}, line {number}"
        found = _LINE.match(text)
        ordinal = _ordinal(found[1]) if found else None
        if found is None or ordinal is None or int(found[2]) > 24:
            raise InputError(
                f"{where}: found {_show(text)}, expected a date, a time, the day of the year and {n_elements} values. "
                "The file is damaged or cut off; fetch it again. Nothing of it was stored."
            )
        cells = (found[7] or b"").split()
        cut_off = number == first_line + len(texts) - 1 and len(text) < WIDTH  # no line end, and shorter than a line
        if len(cells) != n_elements or cut_off:
            raise InputError(
                f"{where}: found {len(cells)} values after the day of the year{' and then the end' * cut_off}, "
                f"expected {n_elements}. The file may be cut off; fetch it again. Nothing of it was stored."
            )
        for cell in cells:
            if not _NUMBER.match(cell):
                raise InputError(f"{where}: found {_show(cell)} where a number should be. Nothing was stored.")
        seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4])
        milliseconds.append((ordinal - _EPOCH) * 86_400_000 + seconds * 1000 + int((found[5] or b"").ljust(3, b"0")))
        values.append([float(cell) for cell in cells])
        lines.append(number)
        n_wrong_day += int(found[6]) != _day_of_year(ordinal)
        n_odd += len(text) != WIDTH
    if not lines:
        raise InputError(f"{name}: there is no data line after the header. The file is cut off; fetch it again.")
    table = np.array(values).T
    table[table >= MISSING_FROM] = np.nan
    return Samples(np.array(milliseconds), table, np.array(lines), n_wrong_day, n_odd)


def refuse_seconds(milliseconds: np.ndarray, where: str) -> None:
    """Raise InputError if times (epoch milliseconds) are not whole minutes, and say what they are."""
    odd = milliseconds % 60_000
    if not odd.any():
        return
    step = math.gcd(*np.diff(milliseconds).tolist()) / 1000 if len(milliseconds) > 1 else 0.0
    if step and step % 60 == 0:
        raise InputError(f"{where}: the times are {odd[0] / 1000:g} s past the minute, expected whole minutes.")
    how = averaging.HOW_TO_AVERAGE if step in averaging.STEPS_S else "Average it to minutes first."
    raise InputError(f"{where}: this is {averaging.kind_of(step)}, expected one value per minute. {how}")


def refuse_cadence(minutes: np.ndarray, where: str) -> None:
    """Raise InputError if times (epoch minutes, ascending) belong to hourly, daily or other means, and say which."""
    steps = np.unique(np.diff(minutes))
    steps = steps[steps > 0]
    if not len(steps) or steps[0] == 1:
        return
    step, smallest = math.gcd(*steps.tolist()), int(steps[0])
    if step == 1:
        return
    names = {60: "hourly data", 1440: "daily data"}
    kind = names.get(step, f"data with a step of {step} minutes")
    if step % 1440 == 0 and smallest > 1440:
        kind = "yearly data" if smallest >= 365 * 1440 else "monthly data" if smallest >= 28 * 1440 else kind
    shown = " (`precursor hourly FILE` shows this one)" if step == 60 else ""
    raise InputError(
        f"{where}: this is {kind}, expected one value per minute. Fetch the minute file of the station{shown}."
    )


def _words(lines: np.ndarray, offset: int, kind: str) -> np.ndarray:
    # Neighbouring characters of every line as one integer, shape (n_lines,), without a copy.
    return np.ndarray((len(lines),), kind, lines, offset, (lines.strides[0],))


def _times(lines: np.ndarray, seconds: bool) -> tuple[np.ndarray, int] | None:
    # The epoch minutes (or seconds) of some lines, and the number of wrong days of the year; None if a character is
    # out of place.
    for at, kind, expected in _SECOND_PLACES if seconds else _MINUTE_PLACES:
        if (_words(lines, at, kind) != int.from_bytes(expected, "little")).any():
            return None
    tens_h, ones_h, tens_m, ones_m = (lines[:, at] - np.uint8(48) for at in (11, 12, 14, 15))
    if tens_h.max() > 2 or ones_h.max() > 9 or tens_m.max() > 5 or ones_m.max() > 9:
        return None
    hours = tens_h * np.uint8(10) + ones_h
    minutes = hours * np.int64(60) + (tens_m * np.uint8(10) + ones_m)
    if minutes.max() > 1440:  # 24:00 is allowed: the end of the day
        return None
    year_month, day, day_of_year = _words(lines, 0, "<u8"), _words(lines, 8, "<u2"), _words(lines, 24, "<u4")
    changes = (year_month[1:] != year_month[:-1]) | (day[1:] != day[:-1]) | (day_of_year[1:] != day_of_year[:-1])
    starts = [0, *(np.flatnonzero(changes) + 1).tolist()]
    n_wrong = 0
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        line = lines[start].tobytes()
        ordinal, number = _ordinal(line[:10]), line[24:27]
        if ordinal is None or not number.isdigit():
            return None
        minutes[start:end] += (ordinal - _EPOCH) * 1440
        n_wrong += (end - start) * (int(number) != _day_of_year(ordinal))
    if not seconds:
        return minutes, n_wrong
    tens, ones = (lines[:, at] - np.uint8(48) for at in (17, 18))
    if tens.max() > 5 or ones.max() > 9:
        return None
    return minutes * 60 + (tens * np.uint8(10) + ones), n_wrong


def _hundredths(cells: np.ndarray) -> np.ndarray | None:
    """
    The numbers in fields of the form 1X,F9.2, in hundredths; None if a field is not exactly that.

    `cells` are the characters, uint8, shape (n_elements, 10, n), and are overwritten. Result int32, (n_elements, n).
    """
    cells -= 48
    low, high = cells.min(axis=2), cells.max(axis=2)
    for place, expected in ((0, _BLANK), (7, _POINT)):
        if (low[:, place] != expected).any() or (high[:, place] != expected).any():
            return None
    if (high[:, [6, 8, 9]] > 9).any():
        return None
    negative = np.zeros(cells[:, 0].shape, bool)
    for element, field in enumerate(cells):
        begun: np.ndarray | bool = False  # where the sign or the first digit has been seen
        for place in range(1, 6):
            if high[element, place] < 10:
                begun = True
                continue
            digit, minus = field[place] < 10, field[place] == _MINUS
            if not (digit | minus | (field[place] == _BLANK)).all() or (begun & ~digit).any():
                return None
            negative[element] |= minus
            begun = digit | minus
            field[place][~digit] = 0
    # Two digits fit into one byte, four into two: the narrower the faster.
    pairs = [cells[:, i] * np.uint8(10) + cells[:, j] for i, j in ((1, 2), (3, 4), (5, 6), (8, 9))]
    upper, lower = (a * np.uint16(100) + b for a, b in (pairs[:2], pairs[2:]))
    numbers: np.ndarray = upper * np.int32(10_000) + lower
    np.negative(numbers, out=numbers, where=negative)
    return numbers


def _ordinal(text: bytes) -> int | None:
    found = _DATE.match(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).toordinal() if found else None
    except ValueError:
        return None


def _day_of_year(ordinal: int) -> int:
    return date.fromordinal(ordinal).timetuple().tm_yday


def _show(text: bytes) -> str:
    plain = text.decode("latin-1").strip()
    return repr(plain if len(plain) <= 40 else plain[:37] + "...")
