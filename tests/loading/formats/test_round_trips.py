"""Whatever minutes are laid out in a format by hand come back: IMF, WDC, IAF, ImagCDF and CSV, by hypothesis."""

import datetime
import math
import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.loading.formats.minutes import columns, iaf, imf122, wdc
from core.loading.formats.minutes.columns import Mapping
from support import imf122_text, wdc_text

SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Fields are vectors of 20,000 to 60,000 nT, as observatories have them; None is a missing value.
level = st.one_of(st.none(), st.integers(200_000, 600_000))
small = st.one_of(st.none(), st.integers(-99_999, 99_999))
days = st.dates(datetime.date(1992, 1, 1), datetime.date(2029, 12, 30))


def table(draw_lists, divisor):
    """Columns of whole numbers as nT, NaN where None."""
    return np.array([[math.nan if v is None else v / divisor for v in row] for row in draw_lists])


def hours(elements):
    return st.lists(st.tuples(*elements), min_size=60, max_size=60)


def start_of(record):
    return record.start.tz_localize(None)


@SETTINGS
@given(rows=hours((level, small, level, level)), day=days, hour=st.integers(0, 23), kind=st.sampled_from("AD"))
def test_imf(tmp_path, rows, day, hour, kind):
    cells = [[(999_999 if v is None else v) for v in row] for row in rows]
    path = tmp_path / "a.tst"
    path.write_text(imf122_text.hour(cells, f"{day}T{hour:02d}", kind="D"), newline="")
    record = imf122.read(path)
    assert start_of(record) == pd.Timestamp(f"{day}T{hour:02d}:00") and len(record.field) == 60
    np.testing.assert_array_equal(record.field.to_numpy(), table(rows, 10))


@SETTINGS
@given(
    rows=st.lists(st.tuples(*[st.one_of(st.none(), st.integers(20_000, 60_000))] * 4), min_size=60, max_size=60),
    day=days,
    hour=st.integers(0, 23),
    order=st.permutations(range(4)),
)
def test_wdc_minutes(tmp_path, rows, day, hour, order):
    when = (day.year % 100, day.month, day.day, hour)
    century = "0" if day.year >= 2000 else "9"
    records = [
        wdc_text.record([999_999 if row[n] is None else row[n] for row in rows], "XYZF"[n], when, century=century)
        for n in range(4)
    ]
    path = tmp_path / "a.wdc"
    path.write_text("".join(records[n] for n in order))
    record = wdc.read(path)
    assert start_of(record) == pd.Timestamp(f"{day}T{hour:02d}:00")
    np.testing.assert_array_equal(record.field.to_numpy(), table(rows, 1))


@SETTINGS
@given(
    base=st.integers(150, 450),
    values=st.lists(st.one_of(st.none(), st.integers(-999, 9998)), min_size=24, max_size=24),
    day=days,
)
def test_wdc_hourly_means(tmp_path, base, values, day):
    when = (day.year % 100, day.month, day.day)
    path = tmp_path / "a.wdc"
    line = wdc_text.daily(base, [9999 if v is None else v for v in values], when=when, century=str(day.year // 100))
    path.write_text(line)
    means = wdc.read_hourly(path)
    assert means.index[0].tz_localize(None) == pd.Timestamp(day) and len(means) == 24
    expected = [math.nan if v is None else base * 100 + v for v in values]
    np.testing.assert_array_equal(means["X"].to_numpy(), expected)


@SETTINGS
@given(seed=st.integers(0, 2**32 - 1), day=days, n_missing=st.integers(0, 1440))
def test_iaf(tmp_path, seed, day, n_missing):
    """A day of 5888 words: 16 of header, 4 x 1440 minutes in tenths of nT, 112 of means and K."""
    rng = np.random.default_rng(seed)
    words = rng.integers(200_000, 600_000, (4, 1440)).astype("<i4")
    words[rng.integers(0, 4, n_missing), rng.integers(0, 1440, n_missing)] = 999_999
    number = day.year * 1000 + day.timetuple().tm_yday
    head = struct.pack("<4siiii", b" TST", number, 48_350, 14_466, 910) + b"XYZF" + b"NONE"
    head += struct.pack("<i", 10_000) + b"IMAG" + b"  RC" + struct.pack("<ii", 350, 1000) + b"HDZF" + b"2003" + bytes(8)
    path = tmp_path / "a.bin"
    path.write_bytes(head + words.tobytes() + np.zeros(112, "<i4").tobytes())
    record = iaf.read(path)
    assert start_of(record) == pd.Timestamp(day) and len(record.field) == 1440
    np.testing.assert_array_equal(record.field.to_numpy(), np.where(words == 999_999, np.nan, words / 10).T)


@SETTINGS
@given(seed=st.integers(0, 2**32 - 1), day=days, n=st.integers(3, 200), n_missing=st.integers(0, 100))
def test_imagcdf(tmp_path, seed, day, n, n_missing):
    cdf_file = pytest.importorskip("cdf_file", reason="the extra `cdf` (cdflib) is not installed")
    from core.loading.formats.minutes import imagcdf

    rng = np.random.default_rng(seed)
    values = rng.uniform(20_000, 60_000, (4, n))
    values[rng.integers(0, 4, n_missing), rng.integers(0, n, n_missing)] = np.nan
    elements = {letter: np.where(np.isnan(v), 99_999.0, v) for letter, v in zip("XYZS", values, strict=True)}
    record = imagcdf.read(cdf_file.write(tmp_path / "a.cdf", elements, start=f"{day}T00:00:00"))
    assert start_of(record) == pd.Timestamp(day)
    np.testing.assert_array_equal(record.field.to_numpy(), values.T)


numbers = st.one_of(st.none(), st.floats(-88_887, 88_887, allow_nan=False))


@SETTINGS
@given(
    rows=st.lists(st.tuples(numbers, numbers, numbers), min_size=3, max_size=60),
    day=days,
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "Etc/GMT+9"]),
    separator=st.sampled_from([",", ";", "\t"]),
    decimal=st.sampled_from([".", ","]),
)
def test_csv_by_mapping(tmp_path, rows, day, zone, separator, decimal):
    decimal = "." if separator == "," else decimal
    mapping = Mapping(
        "TST", "Time", "%d.%m.%Y %H:%M", "X", "Y", "Z", time_zone=zone, separator=separator, decimal=decimal
    )
    local = pd.date_range(f"{day}T05:00", periods=len(rows), freq="min", tz="UTC").tz_convert(zone)
    lines = [separator.join(["Time", "X", "Y", "Z"])]
    for time, row in zip(local, rows, strict=True):
        cells = ["" if v is None else repr(float(v)).replace(".", decimal) for v in row]
        lines.append(separator.join([f"{time:%d.%m.%Y %H:%M}", *cells]))
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n")
    expected = pd.DataFrame(table(rows, 1), index=local.tz_convert("UTC"))
    expected = expected.loc[expected.first_valid_index() :] if expected.notna().any(axis=None) else expected.iloc[:0]
    if not len(expected.dropna(how="all")):
        return  # nothing but missing values is refused, which another test asserts
    steps = np.diff(np.flatnonzero(expected.notna().any(axis=1).to_numpy()))
    assume(len(steps) < 3 or np.median(steps) < 2)  # values at every second minute look like another cadence
    field = columns.read(path, mapping).field
    expected = expected[: expected.dropna(how="all").index[-1]]
    assert (field.index == expected.index).all()
    np.testing.assert_allclose(field[["X", "Y", "Z"]].to_numpy(), expected.to_numpy(), rtol=1e-15)
