"""IMFV1.22 and 1.23: blocks of an hour from the description of the format; no real file was to be had."""

import gzip
import re
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats.minutes import imf122
from core.loading.record import minute
from support import damaged
from support.imf122_text import CRLF, hour, rows


@pytest.fixture
def read(tmp_path):
    def read(content, name="MAY0518.TST"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return imf122.read(path)

    return read


def test_tenths_of_nanotesla_stand_at_their_minutes(read):
    record = read(hour(rows(), "2018-05-05T07"))
    assert (record.station, record.data_type) == ("TST", "definitive")
    assert record.start == pd.Timestamp("2018-05-05T07:00Z") and len(record.field) == 60
    assert record.field.iloc[0].tolist() == [24567.1, 1321.2, 39347.3, 46405.9]
    assert record.field.iloc[1].tolist() == [24567.2, 1321.3, 39347.4, 46406.0]
    assert record.field.iloc[59].tolist() == [24573.0, 1327.1, 39353.2, 46411.8]
    assert record.header["Geodetic Latitude"] == "41.6" and record.header["Geodetic Longitude"] == "14.5"
    assert imf122.looks_like(hour(rows()).encode()) and not imf122.looks_like(b" Format   IAGA-2002   |\n")


def test_declination_in_hundredths_of_a_minute_is_added_to_decbas(read):
    # DECBAS 18000 tenths of a minute = 30 degrees; D 600 hundredths of a minute = 6 minutes of arc, H 20000 nT.
    # By hand from cos and sin of 30 and of 0.1 degrees: cos(30.1 deg) = 0.8660254 x 0.99999848 - 0.5 x 0.00174533
    # = 0.86515142, sin(30.1 deg) = 0.5 x 0.99999848 + 0.8660254 x 0.00174533 = 0.50151074.
    field = read(hour([[200000, 600, 400000, 447214]] * 60, comp="HDZF", base=18000, kind="A")).field
    np.testing.assert_allclose(field.iloc[0], [17303.0284, 10030.2148, 40000.0, 44721.4], atol=5e-4)


def test_g_is_the_length_of_the_vector_less_the_scalar(read):
    # 2000, 1000, 2000 (times 10 nT): length 30000 nT; G = 1.5 nT, so F = 29998.5.
    record = read(hour([[200000, 100000, 200000, 15]] * 60, comp="XYZG", kind="Q"))
    assert record.data_type == "quasi-definitive"
    assert record.field.iloc[30].tolist() == [20000.0, 10000.0, 20000.0, 29998.5]
    assert any("minus G" in note for note in record.notes)


def test_headers_as_observatories_sent_them(read):
    """Two lines that the tests of USGS geomag-algorithms quote: Kakioka 2016, and Hermanus with a negative DECBAS."""
    block = hour([[300000, 0, 350000, 460000]] * 60, comp="HDZF", kind="A")
    body = block[block.index(CRLF) :]
    kakioka = read("KAK MAY0216 123 03 HDZF A KYO 05381402 000000 RRRRRRRRRRRRRRRR" + body)
    assert (kakioka.station, kakioka.start) == ("KAK", pd.Timestamp("2016-05-02T03:00Z"))
    assert kakioka.header["Geodetic Latitude"] == "36.2" and kakioka.header["Geodetic Longitude"] == "140.2"
    hermanus = read("HER JAN0116 001 00 HDZF D EDI 12440192 -14161 DRRRRRRRRRRRRRRR" + body)
    # -1416.1 minutes of arc = -23.6017 degrees: X = 30000 cos, Y = -30000 sin (tables: 0.916352, 0.400376).
    np.testing.assert_allclose(hermanus.field.iloc[0, :2], [27490.6, -12011.3], atol=0.5)


@pytest.mark.parametrize("kind, data_type", [("R", "variation"), ("A", "provisional"), ("D", "definitive")])
def test_the_letter_of_the_header_is_the_data_type(read, kind, data_type):
    assert read(hour(rows(), kind=kind)).data_type == data_type


def test_nines_are_missing_and_nothing_else_is(read):
    values = rows()
    values[3] = [999999, 999999, 999999, 999999]
    values[4][3] = 999999
    values[5][3] = 888888
    field = read(hour(values)).field
    assert field.isna().sum().tolist() == [1, 1, 1, 3]
    assert field.iloc[3].isna().all() and np.isfinite(field["X"].iloc[4])


def test_plus_signs_zeros_and_negative_values(read):
    text = hour([[-12, 13212, -393473, 464059]] * 60).replace(" 13212", "+13212").replace("    -12", "-000012")
    assert read(text).field.iloc[0].tolist()[:3] == [-1.2, 1321.2, -39347.3]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_line_ends_and_gzip_make_no_difference(read, eol):
    text = hour(rows(), eol=eol).encode()
    assert read(gzip.compress(text)).field.equals(read(hour(rows())).field)
    assert read(text.rstrip()).field.equals(read(hour(rows())).field)  # the last line is whole without its end too


def test_hours_that_are_absent_are_missing_minutes_and_are_counted(read):
    record = read(hour(rows(), "2018-05-05T22") + hour(rows(), "2018-05-06T00"))
    assert len(record.field) == 180 and record.field["X"].isna().sum() == 60
    assert "60 minutes are not in the file; they are missing." in record.notes
    assert "The last minute is 2018-05-06 00:59; the day is not complete." in record.notes


def test_an_hour_that_is_repeated_counts_once_and_is_said(read):
    record = read(hour(rows()) + hour(rows((1000, 2000, 3000, 4000))) + hour(rows(), "2018-05-05T01"))
    assert record.field["X"].iloc[0] == 100.0 and record.field["X"].iloc[60] == 24567.1
    assert "1 hours repeat the hour before; the last of them was kept." in record.notes


def test_a_wrong_day_of_the_year_and_mixed_types_are_said(read):
    record = read(hour(rows(), doy=126) + hour(rows(), "2018-05-05T01", kind="R"))
    assert any("contradicts the date" in note for note in record.notes)
    assert record.data_type == "variation"


@pytest.mark.parametrize("when, year", [("1991-02-15T00", 1991), ("2069-02-15T00", 2069), ("1970-02-15T00", 1970)])
def test_years_of_two_digits_are_from_1970_to_2069(read, when, year):
    assert read(hour(rows(), when)).start.year == year


GOOD = hour(rows()) + hour(rows(), "2018-05-05T01") + hour(rows(), "2018-05-05T02")


@pytest.mark.parametrize(
    "content, match",
    [
        ("", "empty"),
        (GOOD[:-100], "line 92: the line ends after 28 characters. The file is cut off"),
        (GOOD[: -3 * 64], "line 91: the last hour has 27 of 30 lines"),
        (GOOD[: 64 * 5] + GOOD[64 * 6 :], "line 31: found 'TST MAY0518 125 01 .*expected data line 30 of 30"),
        (GOOD[: 64 * 31] + GOOD[64 * 30 :], "line 32: found .*expected a header"),
        (GOOD.replace("TST MAY0518 125 01", "TST MAI0518 125 01"), "line 32: MAI0518 is no date"),
        (GOOD.replace("TST MAY0518 125 01", "TST MAY3218 125 01"), "line 32: MAY3218 is no date"),
        (GOOD.replace("TST MAY0518 125 01", "TST MAY0518 125 24"), "line 32: the hour is 24"),
        (GOOD.replace("TST MAY0518 125 01", "ABC MAY0518 125 01"), "line 32: station ABC follows TST"),
        (GOOD.replace("TST MAY0518 125 02", "TST MAY0418 124 02"), "line 63: time runs backwards"),
        (GOOD.replace("TST MAY0518 125 02", "TST MAY0528 125 02"), "time leaps from 2018-05-05 01:59 to 2028-05-05"),
        (GOOD.replace("04840145", "29990145"), "no colatitude"),
        (GOOD.replace("XYZF", "XXZF"), "line 1: the components are XXZF"),
        (GOOD.replace("XYZF", "UVZF"), "axes of a sensor"),
        (GOOD.replace(" 245701 ", " 24570l "), "line 17: found"),
    ],
    ids=range(15),
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_a_sentence_with_its_line(read, content, match):
    with pytest.raises(InputError, match=match) as caught:
        read(content)
    assert str(caught.value).startswith("MAY0518.TST") and str(caught.value).endswith(".")


def test_a_thousand_damaged_files_are_refused_or_read_as_they_stand(read):
    """Only InputError may be raised; what is read is what an independent reader of the lines finds, and all of it."""
    rng = np.random.default_rng(20)
    n_read = 0
    for _ in range(1000):
        content = damaged.text(GOOD.encode(), rng)
        try:
            record = read(content)
        except InputError as error:
            assert "MAY0518.TST" in str(error)
            continue
        n_read += 1
        assert_as_it_stands(record, content)
    assert 50 < n_read < 700


def assert_as_it_stands(record, content: bytes) -> None:
    expected, start, n, comp = {}, None, 0, ""
    for line in re.split(rb"\r\n|\r|\n", content):
        cells = line.decode("latin-1").split()
        if re.match(r"\s*\w{3}\s+[A-Za-z]{3}\d{4}\s", line.decode("latin-1")):
            day = datetime.strptime(cells[1].title(), "%b%d%y")
            start, n, comp = int(np.datetime64(day, "m").astype(int)) + 60 * int(cells[3]), 0, cells[4].upper()
        elif cells:
            expected[start + n] = dict(zip(comp, map(int, cells[:4]), strict=True))
            expected[start + n + 1] = dict(zip(comp, map(int, cells[4:]), strict=True))
            n += 2
    minutes = minute.epoch_minutes(record.field.index).tolist()
    assert set(expected) <= set(minutes)
    if record.data_type != "definitive" or any(set("XYZ") - set(row) for row in expected.values()):
        return
    for at, row in zip(minutes, record.field[["X", "Y", "Z"]].to_numpy(), strict=True):
        wanted = np.array([expected.get(at, {}).get(letter, 999999) for letter in "XYZ"]) / 10
        wanted[np.abs(wanted) >= 88888] = np.nan
        np.testing.assert_array_equal(row, wanted)
