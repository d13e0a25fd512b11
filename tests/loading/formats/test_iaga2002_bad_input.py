"""IAGA-2002 files that cannot be used: one sentence with file and line; and several hundred damaged files."""

import gzip
import re

import numpy as np
import pytest

from core.errors import InputError
from core.loading.formats.minutes import iaga2002
from core.loading.record import minute
from support.iaga2002_text import file_text, line

DAY = [line("2003-01-01", f"00:{i:02d}", [17342 + i, -1473.2, 46197.8, 49367.5]) for i in range(40)]
GOOD = file_text(DAY)
FIRST = 14  # line number of the first data line


@pytest.fixture
def refuse(tmp_path):
    """Expect that a file of this content is refused with this message."""

    def check(content: str | bytes, match: str, name: str = "tst20030101dmin.min") -> None:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(InputError, match=match) as caught:
            iaga2002.read(path)
        message = str(caught.value)
        assert message.startswith(name) and message.endswith(".") and "\n" not in message

    return check


def with_line(number: int, text: str) -> str:
    """The good file with one of its data lines (counted from 0) replaced."""
    return file_text([*DAY[:number], text, *DAY[number + 1 :]])


@pytest.mark.parametrize(
    "clocks, kind",
    [
        ([f"00:00:{s:02d}.000" for s in range(30)], "second data"),
        ([f"00:{s // 6:02d}:{s % 6}0.000" for s in range(30)], "a step of 10 s"),
        ([f"{h:02d}:30" for h in range(24)], "hourly data"),
        ([f"{h:02d}:{m:02d}" for h in range(4) for m in range(0, 60, 5)], "a step of 5 minutes"),
        ([f"00:{m:02d}:30.000" for m in range(30)], "30 s past the minute"),
    ],
)
def test_another_cadence_is_refused_and_named(refuse, clocks, kind):
    rows = [line("2003-01-01", clock, [1, 2, 3, 4]) for clock in clocks]
    refuse(file_text(rows), rf"line {FIRST}: .*{kind}")
    refuse(file_text(rows).replace("\n", "\r\n"), kind)


@pytest.mark.parametrize(
    "days, kind",
    [
        ([f"2003-01-{d:02d}" for d in range(1, 20)], "daily data"),
        ([f"2003-{m:02d}-15" for m in range(1, 13)], "monthly data"),
        ([f"{y}-07-01" for y in range(1990, 2003)], "yearly data"),
    ],
)
def test_means_of_days_months_and_years_are_refused(refuse, days, kind):
    refuse(file_text([line(day, "12:00", [1, 2, 3, 4]) for day in days]), kind)


def test_a_single_line_is_judged_by_the_header(refuse):
    refuse(file_text(DAY[:1], interval="HOUR"), "the header says 'hour' data")


@pytest.mark.parametrize(
    "content, match",
    [
        (b"", "empty"),
        (b" \n\r\n ", "empty"),
        (b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title>", r'web page \("502 Bad Gateway"\)'),
        (b"<?xml version='1.0'?><Exception/>", "XML"),
        (bytes(range(256)) * 40, "binary"),
        (b"\xcd\xf3\x00\x01\x00\x00\xff\xff" + bytes(500), "CDF"),
        (b"PK\x03\x04" + bytes(100), "zip archive"),
        (b"Date,X,Y,Z\n2003-01-01 00:00,1,2,3\n", "found 'Date,X,Y,Z', expected a header of IAGA-2002"),
        (gzip.compress(GOOD.encode())[:-30], "cut off or damaged"),
        (gzip.compress(b""), "empty"),
        (GOOD[:300].encode(), "no line that names the columns"),
        (GOOD[: GOOD.index("2003-01-01")].encode(), "no data line after the header"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_such_file_is_called_by_its_name(refuse, content, match):
    refuse(content, match)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="nothing.min: cannot be read"):
        iaga2002.read(tmp_path / "nothing.min")
    with pytest.raises(InputError, match="cannot be read"):
        iaga2002.read(tmp_path)


@pytest.mark.parametrize("keep", [5, 12, 24, 30, 37, 45, 55, 60, 63, 66, 68, 69])
def test_a_file_cut_off_inside_its_last_line_is_refused(refuse, keep):
    refuse(file_text(DAY[:-1]) + DAY[-1][:keep], rf"line {FIRST + 39}: .*cut off")


@pytest.mark.parametrize(
    "old, new, match",
    [
        ("49367.50", "4936o.50", "found '4936o.50' where a number should be"),
        ("49367.50", "49367,50", "found '49367,50' where a number should be"),
        ("49367.50", "     nan", "found 'nan' where a number should be"),
        (" 46197.80", " 4 197.80", "found 5 values after the day of the year, expected 4"),
        (" 46197.80", " 4-197.80", "found '4-197.80' where a number should be"),
        (" -1473.20", " --473.20", "found '--473.20'"),
        (" -1473.20", "         ", "found 3 values after the day of the year, expected 4"),
        ("2003-01-01", "2003-02-30", "found '2003-02-30"),
        ("2003-01-01", "2003-13-01", "found '2003-13-01"),
        (" 00:20:", " 00:61:", "found '2003-01-01 00:61"),
        (" 00:20:", " 25:20:", "found '2003-01-01 25:20"),
        ("00.000 001", "00.000 0x1", "expected a date, a time"),
        ("2003-01-01 ", "Error 413: ", "found 'Error 413"),
        (" 00:20:", " 00:10:", "time runs backwards, from 2003-01-01 00:19 to 2003-01-01 00:10"),
    ],
)
def test_a_damaged_line_is_named(refuse, old, new, match):
    assert len(old) == len(new) and old in DAY[20]
    refuse(with_line(20, DAY[20].replace(old, new)), rf"^tst20030101dmin.min, line {FIRST + 20}: .*{re.escape(match)}")


def test_a_date_that_leaps_by_years_is_refused_and_not_made_a_grid_of_gigabytes(refuse):
    refuse(file_text([*DAY, line("2903-01-01", "00:00", [1, 2, 3, 4])]), rf"line {FIRST + 40}: the time leaps")


def test_two_stations_in_one_file_are_refused(refuse):
    second = file_text([line("2003-01-02", "00:00", [1, 2, 3, 4])], code="ABC")
    refuse(GOOD + second, f"line {FIRST + 40 + 14 - 1}: station ABC follows TST")
    refuse(GOOD.replace("TSTX", "ABCX"), "different stations")


@pytest.mark.parametrize(
    "elements, match",
    [
        ("UVWF", "U, V, W are along the axes of a sensor"),
        ("QYZF", "'Q' is not known"),
        ("ZIF", "does not give X and Y"),
    ],
)
def test_elements_that_cannot_become_x_and_y_are_refused(refuse, elements, match):
    rows = [row if len(elements) == 4 else row[:60] + "\n" for row in DAY]
    refuse(file_text(rows, elements=elements), match)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_refused_or_read_as_it_stands(tmp_path, seed):
    """
    A thousand damaged files in all: what is read must be what an independent reader of lines finds, and nothing else.

    Only InputError may be raised.
    """
    rng = np.random.default_rng(seed)
    path = tmp_path / "tst20030101dmin.min"
    n_read = 0
    for _ in range(125):
        text = damage(GOOD, rng, GOOD.index("2003-01-01"))
        path.write_bytes(text)
        try:
            record = iaga2002.read(path)
        except InputError as error:
            assert "tst20030101dmin.min" in str(error)
            continue
        n_read += 1
        assert_read_as_it_stands(record.field, text)
    assert 8 < n_read < 117  # neither everything nor nothing is refused


def test_a_damaged_header_never_raises_anything_but_input_error(tmp_path):
    rng = np.random.default_rng(99)
    path = tmp_path / "tst20030101dmin.min"
    header, data = GOOD[: GOOD.index("2003-01-01")], GOOD[GOOD.index("2003-01-01") :]
    for _ in range(150):
        path.write_bytes(damage(header, rng, 0) + data.encode())
        try:
            record = iaga2002.read(path)
        except InputError as error:
            assert "tst20030101dmin.min" in str(error)
        else:
            assert len(record.field) == 40


def damage(text: str, rng: np.random.Generator, begin: int) -> bytes:
    """Damage a text once or twice somewhere after `begin`."""
    content = bytearray(text.encode())
    for _ in range(rng.integers(1, 3)):
        if len(content) - 80 <= begin:
            break
        at = int(rng.integers(begin, len(content) - 80))
        start = content.rfind(b"\n", 0, at) + 1
        end = content.find(b"\n", at) + 1
        row = content[start:end]
        characters = b"0123456789 -.:\n\rxX9|#\x00\xff"
        match int(rng.integers(9)):
            case 0:
                content[at] = rng.choice(list(characters))
            case 1:
                del content[at]
            case 2:
                content.insert(at, int(rng.choice(list(characters))))
            case 3:
                del content[at:]
            case 4:
                del content[start:end]
            case 5:
                content[start:start] = row
            case 6:
                content[at : at + 9] = rng.choice(list(characters), 9).tolist()
            case 7:
                content[start:end] = row.replace(b"\n", b"\r\n")
            case 8:
                del content[at : at + int(rng.integers(1, 60))]
    return bytes(content)


def assert_read_as_it_stands(field, content: bytes) -> None:
    """Compare with a plain reader: the last line of each minute, values split at blanks, nothing in between."""
    expected = {}
    for row in re.split(rb"\r\n|\n|\r", content):
        cells = row.split()
        if re.match(rb"\s*\d{4}-", row):
            stamp = np.datetime64(f"{cells[0].decode()}T{cells[1][:8].decode()}".replace("T24:00", "T23:60"), "m")
            expected[int(stamp.astype(int))] = [float(cell) for cell in cells[3:7]]
    minutes = minute.epoch_minutes(field.index)
    for number, row in zip(minutes.tolist(), field.to_numpy(), strict=True):
        wanted = np.array(expected.pop(number, [np.nan] * 4))
        wanted[wanted >= 88888] = np.nan
        # F is not compared where it is so small that it is taken as a difference.
        np.testing.assert_array_equal(row[:3], wanted[:3])
    assert not expected
