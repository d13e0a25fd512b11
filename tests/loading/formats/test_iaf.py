"""IAF, the binary archive: days of 5888 words put together from the description of the format."""

import gzip

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats.minutes import iaf
from support import damaged
from support.iaf_file import day


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "dur18may.bin"
        path.write_bytes(content)
        return iaf.read(path)

    return read


def test_minutes_of_a_day_are_tenths_of_nanotesla(read):
    record = read(day())
    assert (record.station, record.data_type) == ("DUR", "definitive")
    assert record.start == pd.Timestamp("2018-05-05T00:00Z") and len(record.field) == 1440  # day 125 of 2018
    assert record.field.iloc[0, :3].tolist() == [24567.1, 1321.2, 39347.3]
    assert record.field.iloc[1439, :3].tolist() == [24711.0, 1465.1, 39491.2]
    # F = |B| - G, G = 1.5 nT; by hand: 24567.1^2 + 1321.2^2 + 39347.3^2 = 2153497989.14, root 46405.797
    assert record.field["F"].iloc[0] == pytest.approx(46405.797 - 1.5, abs=1e-3)
    assert record.header["Elevation"] == "910" and record.header["Source of Data"] == "INGV"
    assert iaf.looks_like(day()[:64]) and not iaf.looks_like(b" Format                 IAGA-2002  " * 4)


def test_declination_is_in_tenths_of_a_minute_and_old_files_have_f(read):
    content = day(elements=b"HDZF", values=(200000, 18000, 400000, 447214), version=b"\x00\x00\x00\x00")
    np.testing.assert_allclose(read(content).field.iloc[0], [17320.508, 10000, 40000, 44721.4], atol=1e-3)


def test_nines_and_a_scalar_that_is_not_recorded_are_missing(read):
    field = read(day(elements=b" XYZ", values=(245671, 999999, 393473, 888888))).field
    assert field.isna().sum().tolist() == [0, 1440, 0, 1440]
    assert read(day(values=(245671, 13212, 393473, 888888))).field["F"].isna().all()


@pytest.mark.parametrize("version", [b"\x04\x01\x00\x00", b"\x00\x00\x01\x04"])
def test_quasi_definitive_is_said_in_the_second_byte_of_word_15(read, version):
    assert read(day(version=version)).data_type == "quasi-definitive"


def test_a_month_is_joined_and_a_day_that_is_absent_is_missing(read):
    record = read(gzip.compress(day(2018125) + day(2018127)))
    assert len(record.field) == 3 * 1440 and record.field["X"].isna().sum() == 1440
    assert "1440 minutes are not in the file; they are missing." in record.notes


@pytest.mark.parametrize(
    "content, match",
    [
        (b"", "no INTERMAGNET archive file"),
        (b"text " * 5000, "no INTERMAGNET archive file"),
        (day()[:-4], "after 0 days of 23552 bytes there are 23548 bytes more. The file is cut off"),
        (day() + day(2018126)[:100], "after 1 days"),
        (day() + bytes(23_552), "day 2: found no header"),
        (day() + day(2018126, code=b" IZN"), "day 2: stations DUR and IZN"),
        (day(2018126) + day(2018125), "time runs backwards"),
        (day(2018366), "2018366 is no year and day"),
        (day(elements=b"XXZG"), "day 1: the elements are 'XXZG'"),
        (day(elements=b"UVWG"), "axes of a sensor"),
        (day(version=b"\x04\x07\x00\x00"), "the data type is 7"),
    ],
    ids=range(11),
)
def test_what_cannot_be_used_is_refused_in_a_sentence(read, content, match):
    with pytest.raises(InputError, match=match) as caught:
        read(content)
    assert str(caught.value).startswith("dur18may.bin")


def test_a_thousand_damaged_files_raise_nothing_but_input_error(read):
    """Half of the damage goes to the headers, where it can do harm; a length that is not whole days is never read."""
    good = day(2018125) + day(2018126)
    rng = np.random.default_rng(24)
    n_read = 0
    for _ in range(1000):
        content = damaged.binary(good, rng) if rng.random() < 0.5 else damaged.binary(good[:64], rng) + good[64:]
        try:
            record = read(content)
        except InputError as error:
            assert "dur18may.bin" in str(error)
        else:
            n_read += 1
            assert len(content) % 23_552 == 0 and len(record.field) >= len(content) // 23_552 * 1440
    assert 100 < n_read < 900
