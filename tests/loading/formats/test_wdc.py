"""WDC minutes and hourly means: records put together by hand from the descriptions of WDC Edinburgh and WDC-B."""

import gzip

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats.minutes import wdc
from core.loading.record import minute
from support import damaged
from support.wdc_text import daily, hour, record


@pytest.fixture
def file(tmp_path):
    def file(content, name="tst.wdc"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return file


def test_values_stand_at_the_minutes_of_their_hour(file):
    result = wdc.read(file(hour()))
    assert (result.station, result.data_type) == ("TST", "definitive")
    assert result.start == pd.Timestamp("2015-03-07T11:00Z") and len(result.field) == 60
    assert result.field.iloc[0].tolist() == [24567, 1321, 39347, 46405]
    assert result.field.iloc[59].tolist() == [24626, 1380, 39406, 46464]
    assert result.header["Geodetic Latitude"] == "41.650" and result.header["Geodetic Longitude"] == "14.466"


def test_the_order_of_records_does_not_matter(file):
    text = hour() + hour(when=(15, 3, 7, 12))
    lines = text.splitlines(keepends=True)
    np.random.default_rng(3).shuffle(lines)
    assert wdc.read(file("".join(lines))).field.equals(wdc.read(file(text)).field)


def test_declination_is_in_tenths_of_a_minute(file):
    # 18000 tenths of a minute are 30 degrees: X = 20000 cos 30, Y = 20000 sin 30.
    text = record([20000] * 60, "H") + record([18000] * 60, "D") + record([40000] * 60, "Z")
    np.testing.assert_allclose(wdc.read(file(text)).field.iloc[0, :3], [17320.508, 10000.0, 40000.0], atol=1e-3)


def test_missing_values_decimals_and_signs(file):
    values = [999999, 99999, "9999.5", "-000.5", " -1.25", "   +3 "] + [7] * 54
    x = wdc.read(file(record(values) + record([1] * 60, "Y"))).field["X"]
    np.testing.assert_array_equal(x.iloc[:7], [np.nan, np.nan, 9999.5, -0.5, -1.25, 3.0, 7.0])


def test_hours_without_a_record_are_missing_and_said(file):
    text = hour() + hour(when=(15, 3, 7, 14)).splitlines(keepends=True)[0]
    result = wdc.read(file(text))
    assert len(result.field) == 240 and result.field["X"].isna().sum() == 120 and result.field["Y"].isna().sum() == 180
    assert "120 minutes are not in the file; they are missing." in result.notes
    assert "Y has no record for 1 of 2 hours; it is missing there." in result.notes


def test_of_records_for_the_same_hour_the_last_counts(file):
    result = wdc.read(file(hour() + record([5] * 60)))
    assert (result.field["X"] == 5).all() and any("1 records repeat an hour" in note for note in result.notes)


@pytest.mark.parametrize(
    "year, century, full", [(15, "0", 2015), (78, "9", 1978), (78, " ", 1978), (87, "8", 1887), (99, "9", 1999)]
)
def test_the_century_is_read_from_its_digit(file, year, century, full):
    assert wdc.read(file(hour(when=(year, 3, 7, 11), century=century))).start.year == full


@pytest.mark.parametrize("kind, data_type", [("P", "provisional"), ("D", "definitive"), (" ", "variation")])
def test_the_letter_of_the_record_is_the_data_type(file, kind, data_type):
    assert wdc.read(file(hour(kind=kind))).data_type == data_type


GOOD = hour() + hour(when=(15, 3, 7, 12)) + hour(when=(15, 3, 7, 13))


@pytest.mark.parametrize(
    "content, match",
    [
        ("", "empty"),
        (GOOD[:-60], "line 12: the record has 341 characters, expected 400"),
        (GOOD[:-3], "line 12: the record has 398 characters"),
        (GOOD[:401] + "x" + GOOD[401:], "line 2: the record has 401 characters"),
        (GOOD[:100] + "l" + GOOD[101:], "line 1: the 60 values are not all numbers"),
        (GOOD[:106] + "1 2 3 " + GOOD[112:], "line 1: the 60 values are not all numbers"),
        (GOOD.replace("TST", "ABC", 1), "line 2: station TST follows ABC"),
        (GOOD.replace("150307", "150231", 1), "line 1: 2015-02-31 is no date"),
        (GOOD.replace("150307X11", "150307X24", 1), "line 1: the hour is 24"),
        (GOOD.replace("TST 0D", "TST  D", 1), "line 1: the century .* may be 1915 or 2015"),
        (GOOD.replace("048350", "948350"), "no place on Earth"),
        (GOOD.replace("048350", "04x350", 1), "line 1: found .*expected the start of a WDC minute record"),
        (GOOD.replace("150307X", "150307Z").replace("150307Y", "150307Z"), "does not give X and Y"),
        (daily(245, [0] * 24), "hourly means, expected one value per minute"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_a_sentence(file, content, match):
    with pytest.raises(InputError, match=match) as caught:
        wdc.read(file(content))
    assert str(caught.value).startswith("tst.wdc") and str(caught.value).endswith(".")


def test_hourly_means_are_base_and_value_and_declination_in_degrees(file):
    # Base 188 hundreds of nT and 55 nT; base -2 degrees and 90 tenths of a minute = -2 + 9/60 degrees.
    values = [55, -3, *[9999] * 22]
    path = file(daily(188, values) + daily(-2, [90, 0, *[9999] * 22], "D") + daily(188, values, when=(15, 1, 3)))
    frame = wdc.read_hourly(path)
    assert list(frame.columns) == ["X", "D"] and frame.attrs["station"] == "TST" and frame.index.name == "time"
    assert frame.index[0] == pd.Timestamp("2015-01-01T00:00Z") and len(frame) == 48
    np.testing.assert_array_equal(frame["X"].iloc[:3], [18855.0, 18797.0, np.nan])
    np.testing.assert_allclose(frame["D"].iloc[:2], [-1.85, -2.0])
    assert frame.index[24] == pd.Timestamp("2015-01-03T00:00Z")
    assert wdc.looks_like(path.read_bytes()) and wdc.looks_hourly(path.read_bytes())
    assert wdc.looks_like(GOOD.encode()) and not wdc.looks_hourly(GOOD.encode())


@pytest.mark.parametrize("century, year, full", [("20", 15, 2015), ("  ", 64, 1964), (" 8", 87, 1887), ("19", 5, 1905)])
def test_the_century_of_hourly_means(file, century, year, full):
    assert wdc.read_hourly(file(daily(1, [0] * 24, when=(year, 2, 3), century=century))).index[0].year == full


@pytest.mark.parametrize(
    "content, match",
    [
        (daily(1, [0] * 24) * 2, "line 2: a second record of X for 2015-01-01"),
        (daily(1, [0] * 24) + daily(1, [0] * 24, "Y", code="ABC"), "line 2: station ABC follows TST"),
        (daily(1, [0] * 24)[:-20], "line 1: the record has 101 characters, expected 120"),
        (daily(1, [0] * 24).replace("   0   0", "   0 1 0", 1), "line 1: found ' 1 0'"),
        (daily(1, [0] * 24, when=(15, 2, 30)), "2015-02-30 is no date"),
        (GOOD, "line 1: the record has 400 characters"),
    ],
    ids=range(6),
)
def test_hourly_files_that_cannot_be_used_are_refused(file, content, match):
    with pytest.raises(InputError, match=match):
        wdc.read_hourly(file(content))


def test_a_thousand_damaged_files_are_refused_or_read_as_they_stand(file):
    """Only InputError may be raised; what is read is what a reader by columns finds, and all of it."""
    rng = np.random.default_rng(21)
    n_read = 0
    for _ in range(1000):
        content = damaged.text(GOOD.encode(), rng)
        try:
            result = wdc.read(file(content))
        except InputError as error:
            assert "tst.wdc" in str(error)
            continue
        n_read += 1
        assert_as_it_stands(result, content)
    assert 20 < n_read < 700


def test_a_thousand_damaged_hourly_files_raise_nothing_but_input_error(file):
    rng = np.random.default_rng(22)
    good = "".join(
        daily(188, list(range(24)), element, (15, 1, day)) for element in "XYZ" for day in (1, 2, 3)
    ).encode()
    n_read = 0
    for _ in range(1000):
        content = damaged.text(good, rng)
        try:
            frame = wdc.read_hourly(file(content))
        except InputError as error:
            assert "tst.wdc" in str(error)
        else:
            n_read += 1
            n_values = sum(1 for line in content.replace(b"\r", b"\n").split(b"\n") if line.strip()) * 24
            assert frame.shape[0] * frame.shape[1] >= n_values
    assert 20 < n_read < 700


def assert_as_it_stands(result, content: bytes) -> None:
    minutes = minute.epoch_minutes(result.field.index)
    for letter in "XYZ":
        expected = np.full(len(minutes), np.nan)
        for line in content.decode("latin-1").replace("\r", "\n").split("\n"):
            if line[18:19] != letter:
                continue
            year = {"0": "20", "9": "19", "8": "18", " ": "19"}[line[25]] + line[12:14]
            day = f"{year}-{line[14:16]}-{line[16:18]}".replace("- ", "-0").replace("- ", "-0")
            first = int(np.datetime64(f"{day}T{line[19:21].replace(' ', '0')}:00", "m").astype(int))
            values = np.array([float(line[at : at + 6]) for at in range(34, 394, 6)])
            values[np.abs(values) >= 88888] = np.nan
            at = first - minutes[0]
            assert 0 <= at <= len(minutes) - 60
            expected[at : at + 60] = values
        if result.data_type == "definitive" and {"X", "Y", "Z"} <= set(result.header["Reported"]):
            np.testing.assert_array_equal(result.field[letter], expected)


def test_gzip_and_line_ends_make_no_difference(file):
    plain = wdc.read(file(GOOD)).field
    assert wdc.read(file(gzip.compress(GOOD.replace("\n", "\r\n").encode()))).field.equals(plain)


@pytest.mark.shared
def test_the_real_year_of_niemegk_is_refused_as_minutes_and_read_for_display(shared_data):
    path = shared_data / "magnetics" / "wdc" / "ngk2015.wdc.gz"
    with pytest.raises(InputError, match="hourly means"):
        wdc.read(path)
    frame = wdc.read_hourly(path)
    assert frame.shape == (8760, 4) and not frame.isna().any(axis=None) and frame.attrs["station"] == "NGK"
    # Read by eye in the first line, columns 17 to 24: base 144, first value 4455.
    assert frame["X"].iloc[0] == 144 * 100 + 4455
    # F and the length of the vector are two instruments; hourly means of both agree to 2 nT.
    difference = frame["F"] - np.sqrt(frame["X"] ** 2 + frame["Y"] ** 2 + frame["Z"] ** 2)
    assert difference.abs().median() < 2
