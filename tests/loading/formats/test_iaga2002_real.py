"""IAGA-2002 on real files: ESK 2003, 24 observatories on 2022-01-15, Boulder and Memambetsu."""

import gzip
import io
import math

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.errors import InputError
from core.loading.formats.minutes import iaga2002
from core.loading.record import frame_check, minute

pytestmark = pytest.mark.shared


@pytest.fixture
def folder(shared_data):
    return shared_data / "magnetics" / "iaga2002"


def columns_of(path) -> np.ndarray:
    """The four numbers of every data line, by pandas."""
    data = gzip.decompress(path.read_bytes()).decode()
    table = pd.read_csv(io.StringIO(data[data.index("|\n2") + 2 :]), sep=r"\s+", header=None)
    return table.iloc[:, 3:].to_numpy()


def test_nine_months_of_eskdalemuir_are_complete_and_join_without_a_gap(folder):
    paths = sorted((folder / "esk_2003_daily").iterdir())
    records = [iaga2002.read(path) for path in paths]
    assert len(records) == 273
    assert {(r.station, r.data_type, len(r.field), r.notes) for r in records} == {("ESK", "definitive", 1440, ())}
    whole = pd.concat([record.field for record in records])
    assert len(whole) == 273 * 1440 and not whole.isna().any().any()
    assert (np.diff(minute.epoch_minutes(whole.index)) == 1).all()
    # The first line of the first file: 17342.00  -1473.20  46197.80  49367.50
    assert whole.iloc[0].tolist() == [17342.00, -1473.20, 46197.80, 49367.50]
    np.testing.assert_array_equal(records[100].field.to_numpy(), columns_of(paths[100]))
    # The components belong together: the scalar agrees with the vector to the 0.1 nT of the file.
    assert np.abs(np.sqrt((whole[["X", "Y", "Z"]] ** 2).sum(axis=1)) - whole.F).max() < 0.5


def test_twenty_four_observatories_of_one_day(folder):
    records = {r.station: r for r in map(iaga2002.read, sorted((folder / "intermagnet_20220115").glob("*.gz")))}
    assert len(records) == 24
    assert all(len(r.field) == 1440 and r.start == pd.Timestamp("2022-01-15T00:00Z") for r in records.values())
    missing = {code: int(r.field.F.isna().sum()) for code, r in records.items()}
    assert {code: n for code, n in missing.items() if n} == {"BLC": 11, "PPT": 30}
    assert int(records["EBR"].field.X.isna().sum()) == 1
    types = {code: r.data_type for code, r in records.items()}
    assert types["NGK"] == types["PET"] == "quasi-definitive" and types["API"] == "provisional"
    assert types["ESK"] == "variation"  # by its header; the name says quasi-definitive, which is noted
    assert any("file name says quasi-definitive" in note for note in records["ESK"].notes)
    for code, r in records.items():
        known = stations.get(code)
        assert abs(known.latitude_deg - float(r.header["Geodetic Latitude"])) <= 0.03, code


def test_the_frames_of_that_day_agree_with_igrf_or_say_that_they_cannot(folder):
    import datetime

    import ppigrf

    for path in sorted((folder / "intermagnet_20220115").glob("*.gz")):
        record = iaga2002.read(path)
        x, y, z, _ = record.field.median()
        if math.hypot(x, y, z) < 10_000:
            assert any("without a baseline" in note for note in record.notes) and record.station in ("AIA", "GCK")
            continue
        place = stations.get(record.station)
        east, north, _ = ppigrf.igrf(place.longitude_deg, place.latitude_deg, 0, datetime.datetime(2022, 1, 15))
        expected = math.degrees(math.atan2(east.item(), north.item()))
        turned = frame_check.checked(record, rotate=True)
        x, y = turned.field["X"].median(), turned.field["Y"].median()
        assert math.degrees(math.atan2(y, x)) == pytest.approx(expected, abs=1.6), (
            record.station
        )  # PPT is on volcanic rock
        assert (frame_check.FRAME in turned.header) == (record.station in ("DUR", "HUA"))


def test_boulder_2014_with_crlf_and_a_declination_base(folder):
    paths = sorted((folder / "bou_201411_daily_crlf").iterdir())
    assert b"\r\n" in gzip.decompress(paths[0].read_bytes())[:100]
    records = [iaga2002.read(path) for path in paths]
    assert [len(r.field) for r in records] == [1440] * 5
    # First line: H 20873.75, D -9.99' + 552.7' = 542.71' = 9.045167 deg; cos 0.98756472, sin 0.15721302.
    x, y, z, f = records[0].field.iloc[0]
    assert (x, y) == pytest.approx((20873.75 * 0.98756472, 20873.75 * 0.15721302), abs=0.001)
    assert (z, f) == (47477.30, 52397.33)
    assert math.hypot(x, y, z) == pytest.approx(f, abs=600)  # H of a variation file has no absolute level
    assert any("DECBAS" in note for note in records[0].notes)


def test_boulder_2016_with_h_and_e(folder):
    path = next((folder / "bou_201601").iterdir())
    record = iaga2002.read(path)
    assert (len(record.field), record.data_type) == (28 * 1440 + 21 * 60 + 12, "variation")
    assert record.end == pd.Timestamp("2016-01-29T21:12Z")
    h, e, z, f = columns_of(path).T
    base = math.radians(552.7 / 60)
    np.testing.assert_allclose(record.field.X, h * math.cos(base) - e * math.sin(base))
    np.testing.assert_allclose(record.field.Y, h * math.sin(base) + e * math.cos(base))
    np.testing.assert_array_equal(record.field[["Z", "F"]], np.column_stack([z, f]))


def test_memambetsu_march_2011_has_declination_first(folder):
    record = iaga2002.read(folder / "mmb_201103" / "mmb_2011_march.txt.gz")
    assert (record.station, record.data_type, len(record.field)) == ("MMB", "definitive", 31 * 1440)
    assert not record.field.isna().any().any() and record.notes == ()
    # First line: D -522.41' = -8.706833 deg, H 26179.70: cos 0.98847584, sin -0.15137871.
    x, y, z, f = record.field.iloc[0]
    assert (x, y) == pytest.approx((26179.70 * 0.98847584, -26179.70 * 0.15137871), abs=0.001)
    assert (z, f) == (42208.80, 49668.70)
    assert math.hypot(x, y, z) == pytest.approx(f, abs=1.0)


@pytest.mark.parametrize(
    "name, kind",
    [
        ("bou_1s/BOU20200101vsec.sec.gz", "second data"),
        ("esk_hourly/esk2012dhor.hor.gz", "hourly data"),
        ("esk_hourly/esk2015dhor.hor.gz", "hourly data"),
    ],
)
def test_second_and_hourly_files_are_refused_by_name(folder, name, kind):
    with pytest.raises(InputError, match=kind):
        iaga2002.read(folder / name)
    with gzip.open(folder / name) as file:
        assert iaga2002.looks_like(file.read(4096))


@pytest.mark.parametrize("name", ["catalogues", "indices", "geo", "magnetics/csv_intelecell", "magnetics/wdc"])
def test_no_other_real_file_is_taken_for_iaga2002(shared_data, name):
    paths = [path for path in sorted((shared_data / name).rglob("*")) if path.is_file() and path.suffix != ".tsv"]
    assert len(paths) >= 1
    for path in paths:
        assert not iaga2002.looks_like(path.read_bytes()[:65536]), path.name
        with pytest.raises(InputError):
            iaga2002.read(path)


def test_a_written_day_of_eskdalemuir_is_read_back(folder, tmp_path):
    record = iaga2002.read(folder / "esk_2003_daily" / "esk20030529dmin.min.gz")
    iaga2002.write(record, tmp_path / "esk20030529dmin.min", stations.get("ESK"))
    back = iaga2002.read(tmp_path / "esk20030529dmin.min")
    pd.testing.assert_frame_equal(back.field, record.field)
    assert back.header["Comments"] == record.header["Comments"] and back.notes == ()
