"""ImagCDF: files written with cdflib from numbers worked by hand, the real storm of May 2024, and damage."""

import gzip

import numpy as np
import pandas as pd
import pytest

from support import damaged

cdf_file = pytest.importorskip("cdf_file", reason="the extra `cdf` (cdflib) is not installed")

from core.errors import InputError  # noqa: E402
from core.loading.formats.minutes import cdf_check, imagcdf  # noqa: E402
from core.loading.record import averaging  # noqa: E402

N = 1440


def xyz(n=N):
    i = np.arange(n)
    return {"X": 24567.1 + i / 10, "Y": 1321.2 + i / 100, "Z": 39347.3 - i / 10}


@pytest.fixture
def write(tmp_path):
    return lambda *args, **options: cdf_file.write(tmp_path / "tst.cdf", *args, **options)


def test_minutes_come_out_as_they_are(write):
    record = imagcdf.read(write({**xyz(), "S": np.full(N, 46405.9)}))
    assert (record.station, record.data_type) == ("TST", "definitive")
    assert record.start == pd.Timestamp("2018-05-05T00:00Z") and len(record.field) == N
    for letter, values in xyz().items():
        np.testing.assert_array_equal(record.field[letter], values)
    assert (record.field["F"] == 46405.9).all() and record.notes == ()
    assert record.header["Geodetic Latitude"] == "41.650" and record.header["Comments"] == "none"


def test_declination_and_inclination_are_in_degrees(write):
    # By hand: H 20000, D 30 degrees: X 17320.508, Y 10000; I 45 degrees: Z = H.
    elements = {"D": np.full(N, 30.0), "H": np.full(N, 20000.0), "I": np.full(N, 45.0)}
    np.testing.assert_allclose(imagcdf.read(write(elements)).field.iloc[7, :3], [17320.508, 1e4, 2e4], atol=1e-3)


def test_nan_fill_and_what_is_out_of_bounds_are_missing(write):
    elements = xyz()
    elements["X"][:4] = [np.nan, 99999.0, 88888.0, 80000.0]
    record = imagcdf.read(write(elements))
    assert np.isnan(record.field["X"]).sum() == 4 and np.isnan(record.field["Y"]).sum() == 0
    assert any(note.startswith("1 values of X are outside VALIDMIN to VALIDMAX") for note in record.notes)
    own = {"FILLVAL": -1.0, "VALIDMIN": -1e9, "VALIDMAX": 1e9}
    elements["X"][:4] = [-1.0, 0.0, 1.0, 2.0]
    np.testing.assert_array_equal(imagcdf.read(write(elements, variable=own)).field["X"].iloc[:3], [np.nan, 0, 1])


@pytest.mark.parametrize("axis", ["DataTimes", "GeomagneticTimes", "whatever it is called"])
def test_times_are_those_that_depend_0_names(write, axis):
    assert len(imagcdf.read(write(xyz(), axis=axis)).field) == N


def test_a_leap_second_is_no_shift(write):
    # 2016 ended with a leap second; minutes before and after it are whole minutes of UTC.
    record = imagcdf.read(write(xyz(), start="2016-12-31T12:00:00"))
    assert record.start == pd.Timestamp("2016-12-31T12:00Z") and record.end == pd.Timestamp("2017-01-01T12:00Z")
    # Known from the definition of TT: 2017-01-01T00:00:00 UTC is 37 + 32.184 s ahead of TT, 17 years after J2000.
    days = (np.datetime64("2017-01-01") - np.datetime64("2000-01-01")).astype(int)
    expected = int((days * 86400 - 43200 + 37 + 32.184) * 1e9)
    assert cdf_file.tt2000("2017-01-01T00:00:00", 1, 60)[0] == expected


@pytest.mark.parametrize("rule", averaging.RULES)
def test_seconds_are_averaged_by_the_rule_that_is_named(write, rule):
    i = np.arange(1200)
    elements = {"X": 24000 + i / 10, "Y": 1300 + 0 * i, "Z": 39000 - i / 10}
    record = imagcdf.read(write({**elements, "S": 46000 + i / 10}, step_s=1), rule)
    assert len(record.field) == 20 and record.field.iloc[0].isna().all()
    late = 0.05 if rule == "box" else 0.0  # the box reaches from -30 s to +29 s: half a second early
    expected = [24000 + 60 * 7 / 10 - late, 1300, 39000 - 60 * 7 / 10 + late, 46000 + 60 * 7 / 10 - late]
    np.testing.assert_allclose(record.field.iloc[7], expected, atol=1e-9)
    assert record.header["Data Interval Type"] == f"1-minute, {rule} average"
    assert any(averaging.RULES[rule] in note and "1 of 20 minutes" in note for note in record.notes)


def test_the_scalar_may_have_times_of_its_own(write):
    scalar = ("S", np.full(200, 46405.9), "2018-05-05T00:01:00", 5)
    field = imagcdf.read(write(xyz(1200), step_s=1, scalar=scalar), "gaussian").field
    assert field["F"].iloc[3:16].eq(46405.9).all() and field["F"].iloc[[0, 1, 18, 19]].isna().all()
    scalar = ("S", np.full(20, 46405.9), "2018-05-05T00:01:00", 7)
    odd = imagcdf.read(write(xyz(1200), step_s=1, scalar=scalar), "gaussian")
    assert odd.field["F"].isna().all() and any("step of 7 s" in note for note in odd.notes)


def test_declination_across_north_is_averaged_on_the_circle(write):
    declination = np.where(np.arange(600) % 2, 179.9, -179.9)
    elements = {"H": np.full(600, 1000.0), "D": declination, "Z": np.full(600, 55000.0)}
    x = imagcdf.read(write(elements, step_s=1), "gaussian").field["X"].iloc[1:9]
    assert (x < -999.9).all()  # a plain mean of 179.9 and -179.9 would point north


@pytest.mark.parametrize("level, data_type", [("1", "variation"), ("2", "provisional"), ("3", "quasi-definitive")])
def test_the_publication_level_is_the_data_type(write, level, data_type):
    assert imagcdf.read(write(xyz(), attributes={"PublicationLevel": level})).data_type == data_type


def test_an_unknown_level_is_taken_as_the_lowest_and_said(write):
    record = imagcdf.read(write(xyz(), attributes={"PublicationLevel": "9"}))
    assert record.data_type == "variation" and any("publication level is 9" in note for note in record.notes)


def test_names_with_accents_are_read_as_utf_8(write):
    path = write(xyz(), attributes={"ObservatoryName": "Chateaubrixant"})
    path.write_bytes(path.read_bytes().replace(b"Chateaubrixant", "Châteaubriant".encode()))  # 14 bytes both
    assert imagcdf.read(path).header["Station Name"] == "Châteaubriant"


def test_packed_variables_are_unpacked_and_packed_too_well_is_refused(write):
    good = write(xyz(), compress=6)
    assert imagcdf.read(good).field["X"].tolist() == xyz()["X"].tolist()
    content = bytearray(good.read_bytes())
    bomb = gzip.compress(bytes(1_000_000), 9)  # 1 MB of zeros in 1 kB, put where 1440 numbers are packed
    at = content.index(b"\x1f\x8b", content.index(b"GeomagneticFieldX"))
    room = int.from_bytes(content[at - 24 : at - 16], "big") - 24
    assert int.from_bytes(content[at - 16 : at - 12], "big") == 13 and len(bomb) < room  # a record of packed values
    content[at - 8 : at + len(bomb)] = len(bomb).to_bytes(8, "big") + bomb
    good.write_bytes(content)
    with pytest.raises(InputError, match="unpack to more or less than they should"):
        imagcdf.read(good)


def test_gzip_changes_nothing(write, tmp_path):
    path = write(xyz())
    packed = tmp_path / "other name"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert imagcdf.read(packed).field.equals(imagcdf.read(path).field)


def test_the_cdf_of_magpy_is_read_by_the_names_of_its_variables(tmp_path):
    """The layout that MagPy 2.0.2 writes (its example2.cdf): Epoch, x, y, z, f with the element in `name`."""
    path = tmp_path / "magpy.cdf"
    file = cdf_file.CDF(path, cdf_spec={"Compressed": 0}, delete=True)
    about = {"DataFormat": "MagPyCDF2.0", "StationIAGAcode": "WIC", "StationLatitude": "47.930",
             "StationLongitude": "15.865", "DataPublicationLevel": "4"}  # fmt: skip
    file.write_globalattrs({name: {0: value} for name, value in about.items()})
    spec = {"Num_Elements": 1, "Rec_Vary": True, "Dim_Sizes": [], "Compress": 6}
    times = cdf_file.tt2000("2023-07-02T00:00:00", 120, 60)
    file.write_var({"Variable": "Epoch", "Data_Type": 33, **spec}, var_data=times)
    for name, element, unit, value in (("x", "H", "nT", 20000), ("y", "D", "deg", 30), ("z", "Z", "nT", 44000),
                                       ("f", "Fn", "nT", 48905)):  # fmt: skip
        file.write_var({"Variable": name, "Data_Type": 45, **spec}, {"name": element, "units": unit, "UNITS": unit},
                       np.full(120, float(value)))  # fmt: skip
    file.close()
    record = imagcdf.read(path)
    assert (record.station, record.data_type, record.header["Format"]) == ("WIC", "definitive", "MagPy CDF")
    np.testing.assert_allclose(record.field.iloc[0], [17320.508, 10000, 44000, 48905], atol=1e-3)


def test_samples_that_reach_over_years_are_refused_before_memory_is_taken(tmp_path):
    # Two pieces of a minute each, three years apart, under one time variable.
    times = np.concatenate(
        [cdf_file.tt2000("2018-05-05T00:00:00", 60, 1), cdf_file.tt2000("2021-05-05T00:00:00", 60, 1)]
    )
    path = cdf_file.write(tmp_path / "tst.cdf", xyz(120), step_s=1, times=times)
    with pytest.raises(InputError, match="from 2018-05-05 00:00 to 2021-05-05 00:00, longer than is read at once"):
        imagcdf.read(path, "gaussian")


@pytest.mark.parametrize(
    "elements, options, match",
    [
        (xyz(48), {"step_s": 3600}, "this is hourly data"),
        (xyz(48), {"step_s": 10}, "data with a step of 10 s"),
        (xyz(480), {"step_s": 1}, "second data .one value per second., expected one value per minute. Name the rule"),
        (xyz(48), {"start": "2018-05-05T00:00:30"}, "30 s past the minute"),
        ({"X": np.zeros(48), "S": np.ones(48)}, {}, "has X, S, expected a vector field"),
        ({"U": np.zeros(48), "V": np.ones(48), "W": np.ones(48)}, {}, "U, V, W are along the axes of a sensor"),
        (xyz(48), {"attributes": {"IagaCode": "Testing"}}, "station code 'TESTING' is not three"),
        (xyz(48), {"variable": {"DEPEND_0": "nothing"}}, "names 'nothing' as its times"),
        (xyz(48), {"variable": {"UNITS": "T"}}, "the unit of GeomagneticFieldX is 't', expected nT"),
    ],
    ids=range(9),
)
def test_what_cannot_be_used_is_refused_in_a_sentence(write, elements, options, match):
    path = write(elements, **options)
    with pytest.raises(InputError, match=match) as caught:
        imagcdf.read(path)
    assert str(caught.value).startswith("tst.cdf") and str(caught.value).endswith(".")


def test_other_files_and_rules_are_refused(write, tmp_path):
    path = write(xyz(48))
    with pytest.raises(InputError, match="rule 'mean' is not known; expected one of gaussian, box"):
        imagcdf.read(path, "mean")
    good = path.read_bytes()
    for content, match in (
        (b"plain text", "no CDF file of version 3"),
        (b"", "no CDF file"),
        (b"\xcd\xf2\x60\x02" + good[4:], "no CDF file of version 3"),
        (good[:500], "cut off"),
        (good[:4] + b"\xcc\xcc\x00\x01" + good[8:], "is compressed in a way|cut off"),
    ):
        other = tmp_path / "other.cdf"
        other.write_bytes(content)
        with pytest.raises(InputError, match=match):
            imagcdf.read(other)


def test_without_the_extra_the_message_says_what_to_install(write, monkeypatch):
    path = write(xyz(48))
    monkeypatch.setitem(__import__("sys").modules, "cdflib", None)
    with pytest.raises(InputError, match=r"\.venv/bin/pip install -e '\.\[cdf\]'"):
        imagcdf.read(path)


@pytest.mark.parametrize("packing, n_files", [("none", 1000), ("variables", 300), ("file", 300)])
def test_damaged_files_end_in_a_record_or_one_error(tmp_path, packing, n_files):
    """Whatever the library raises becomes InputError; cut-off files are never read; no count sends it into the wild."""
    good = cdf_file.write(tmp_path / "good.cdf", xyz(120), compress=6 * (packing == "variables")).read_bytes()
    if packing == "file":
        good = packed(good)
    path = tmp_path / "bad.cdf"
    path.write_bytes(good)
    assert len(imagcdf.read(path).field) == 120
    rng = np.random.default_rng(23)
    n_read = 0
    for _ in range(n_files):
        path.write_bytes(damaged.binary(good, rng))
        try:
            field = imagcdf.read(path).field
        except InputError as error:
            assert str(error).startswith("bad.cdf")
        else:
            n_read += 1
            assert len(field) >= 1
    assert n_read < 0.6 * n_files


def packed(plain: bytes) -> bytes:
    """A CDF compressed as a whole, built by hand: compressed CDF record and its parameters (gzip, level 6)."""
    body = gzip.compress(plain[8:], 6)
    size = 32 + len(body)
    record = size.to_bytes(8, "big") + (10).to_bytes(4, "big") + (8 + size).to_bytes(8, "big")
    record += (len(plain) - 8).to_bytes(8, "big") + bytes(4) + body
    parameters = b"".join(n.to_bytes(w, "big") for n, w in ((28, 8), (11, 4), (5, 4), (0, 4), (1, 4), (6, 4)))
    return cdf_check.MAGIC_3 + cdf_check.COMPRESSED + record + parameters


@pytest.fixture
def storm(shared_data):
    return shared_data / "magnetics" / "imagcdf" / "wic_example4_2024_PT1S.cdf"


@pytest.mark.shared
def test_the_real_storm_of_may_2024(storm):
    record = imagcdf.read(storm, "gaussian")
    assert (record.station, record.data_type, len(record.field)) == ("WIC", "provisional", 5760)
    assert record.start == pd.Timestamp("2024-05-09T00:00Z") and record.end == pd.Timestamp("2024-05-13T00:00Z")
    assert record.field.isna().sum().tolist() == [1, 1, 1, 1]  # the first minute: half its samples are the day before
    assert any("IGRF" in note for note in record.notes)  # H and E of the sensor, without a base
    # The commencement was at about 17:05 UT on 10 May (as in lists of storms); the two minutes of largest change of
    # the horizontal field before 17:30 that day are there.
    day = record.field.loc["2024-05-10 12:00":"2024-05-10 17:30"]
    change = np.hypot(day["X"].diff(), day["Y"].diff())
    assert pd.Timestamp("2024-05-10T17:00Z") < change.idxmax() < pd.Timestamp("2024-05-10T17:15Z")
    assert record.field["X"].max() - record.field["X"].min() > 400


@pytest.mark.shared
def test_minutes_of_the_real_file_are_sums_over_its_seconds(storm):
    """Z needs no conversion: compare with a plain loop over the samples as cdflib gives them."""
    z = cdf_file.cdflib.CDF(storm).varget("GeomagneticFieldZ")
    weights = np.exp(-0.5 * (np.arange(-45, 46) / 15.9006) ** 2)
    weights /= weights.sum()
    field = imagcdf.read(storm, "gaussian").field
    box = imagcdf.read(storm, "box").field
    for minute in (1, 2, 777, 2465, 5759):
        assert field["Z"].iloc[minute] == pytest.approx(
            np.dot(weights, z[minute * 60 - 45 : minute * 60 + 46]), abs=1e-6
        )
        assert box["Z"].iloc[minute] == pytest.approx(z[minute * 60 - 30 : minute * 60 + 30].mean(), abs=1e-6)
