"""IAGA-2002: what is read, what is refused, and that what is written comes back."""

import gzip
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.loading.formats.minutes import iaga2002
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.stations import Station
from support.iaga2002_text import file_text, line

SAMPLE = """\
 Format                 IAGA-2002                                    |
 Source of Data         Istituto Nazionale di Geofisica e Vulcanolog |
 Station Name           Duronia                                      |
 IAGA CODE              DUR                                          |
 Geodetic Latitude      41.650                                       |
 Geodetic Longitude     14.466                                       |
 Elevation              910                                          |
 Reported               XYZF                                         |
 Sensor Orientation     HDZF                                         |
 Digital Sampling       1 second                                     |
 Data Interval Type     Filtered 1-minute (00:15-01:45)              |
 Data Type              Definitive                                   |
 # CONDITIONS OF USE: data for scientific/academic use under         |
 # CC BY-NC                                                          |
DATE       TIME         DOY     DURX      DURY      DURZ      DURF   |
2018-05-05 00:00:00.000 125     24567.10   1321.22  39347.33  46405.90
2018-05-05 00:01:00.000 125     24567.15   1321.20  39347.31  99999.00
"""


@pytest.fixture
def read(tmp_path):
    """Write text or bytes to a file of this name and read it."""

    def write_and_read(content: str | bytes, name: str = "tst20030101dmin.min") -> MinuteRecord:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return iaga2002.read(path)

    return write_and_read


def only_note(record: MinuteRecord, word: str) -> str:
    found = [note for note in record.notes if word in note]
    assert len(found) == 1, record.notes
    return found[0]


def test_the_sample_of_the_format_is_read_value_by_value(read):
    record = read(SAMPLE, "dur20180505dmin.min")
    assert (record.station, record.data_type) == ("DUR", "definitive")
    assert record.start == pd.Timestamp("2018-05-05T00:00Z")
    first, second = record.field.to_numpy().tolist()
    assert first == [24567.10, 1321.22, 39347.33, 46405.90]
    assert second[:3] == [24567.15, 1321.20, 39347.31] and math.isnan(second[3])
    assert record.header["IAGA Code"] == "DUR"
    assert record.header["Data Interval Type"] == "Filtered 1-minute (00:15-01:45)"
    assert record.header["Comments"].endswith("\nCC BY-NC")


@pytest.mark.parametrize(
    "change",
    {
        "CRLF": lambda text: text.replace("\n", "\r\n"),
        "mixed line ends": lambda text: text.replace("\n", "\r\n", 20),
        "no last line end": lambda text: text.rstrip("\n"),
        "CRLF, no last line end": lambda text: text.replace("\n", "\r\n").rstrip("\r\n"),
        "blank lines and DOS end mark": lambda text: text + "\n  \n\x1a",
        "byte-order mark": lambda text: "\ufeff" + text,
        "blanks after the values": lambda text: text.replace(".90\n", ".90  \n"),
        "labels in capitals": lambda text: text.replace(" Data Type ", " DATA TYPE "),
        "header lines cut short": lambda text: "\n".join(row.rstrip("| ") for row in text.split("\n")),
        "one more blank in a line": lambda text: text.replace(" 00:01", "  00:01"),
    }.items(),
    ids=lambda change: change[0],
)
def test_harmless_differences_of_layout_change_nothing(read, change):
    record = read(change[1](SAMPLE), "dur20180505dmin.min")
    pd.testing.assert_frame_equal(record.field, read(SAMPLE, "dur20180505dmin.min").field)
    assert record.data_type == "definitive"


def test_a_gzipped_file_is_known_by_its_content_not_its_name(read):
    packed = read(gzip.compress(SAMPLE.encode()), "dur20180505dmin.min")
    pd.testing.assert_frame_equal(packed.field, read(SAMPLE, "plain.gz").field)


@pytest.mark.parametrize("order", ["XYZF", "ZYXF", "FXYZ", "YXFZ"])
def test_columns_come_in_any_order(read, order):
    values = {"X": 20000.25, "Y": -1500.5, "Z": 40000.75, "F": 44746.0}
    record = read(file_text([line("2003-01-01", "00:00", [values[e] for e in order])], elements=order))
    assert record.field.iloc[0].to_dict() == values


def test_declination_is_in_minutes_of_arc(read):
    # 1800' are 30 degrees: X = 20000 cos 30, Y = 20000 sin 30 = 10000.
    record = read(file_text([line("2003-01-01", "00:00", [1800.0, 20000.0, 40000.0, 44721.36])], elements="DHZF"))
    assert record.field.iloc[0, :3].tolist() == pytest.approx([17320.508, 10000.0, 40000.0], abs=1e-3)


def test_the_declination_base_of_a_variation_file_is_added_to_d(read):
    # Boulder 2014: -9.99' + 5527/10' = 542.71' = 9.0452 deg; IGRF gives 8.7.
    text = file_text(
        [line("2014-11-01", "00:00", [20873.75, -9.99, 47477.30, 52397.33])],
        elements="HDZF", place=(40.137, 254.764), data_type="variation", comments=["DECBAS            5527  (base)"],
    )  # fmt: skip
    record = read(text)
    angle = math.radians(542.71 / 60)
    assert record.field.X.iloc[0] == pytest.approx(20873.75 * math.cos(angle), abs=1e-6)
    assert record.field.Y.iloc[0] == pytest.approx(20873.75 * math.sin(angle), abs=1e-6)
    assert "9.2117" in only_note(record, "DECBAS")


def test_a_base_is_not_added_to_a_declination_that_is_absolute_already(read):
    text = file_text(
        [line("2014-11-01", "00:00", [20873.75, 542.71, 47477.30, 52397.33])],
        elements="HDZF", place=(40.137, 254.764), data_type="variation", comments=["DECBAS 5527"],
    )  # fmt: skip
    record = read(text)
    assert record.field.Y.iloc[0] == pytest.approx(20873.75 * math.sin(math.radians(542.71 / 60)))
    only_note(record, "was not added")


def test_h_and_e_are_rotated_by_the_declination_base(read):
    # Boulder 2016-01-01 00:00, worked by hand with cos 9.21167 deg = 0.987104, sin = 0.160082.
    text = file_text(
        [line("2016-01-01", "00:00", [20735.93, -99.77, 47370.21, 52248.63])],
        elements="HEZF", place=(40.137, 254.764), data_type="variation", comments=["DECBAS 5527"],
    )  # fmt: skip
    x, y = read(text).field.iloc[0, :2]
    assert x == pytest.approx(20735.93 * 0.987104 + 99.77 * 0.160082, abs=0.05)
    assert y == pytest.approx(20735.93 * 0.160082 - 99.77 * 0.987104, abs=0.05)


def test_h_and_e_without_a_base_take_the_declination_of_igrf_and_say_so(read):
    rows = [line("2022-01-15", "00:00", [24600.0, 0.0, 39700.0, 46700.0])]
    record = read(file_text(rows, elements="HEZF", place=(41.65, 14.466), data_type="variation"))
    x, y = record.field.iloc[0, :2]
    assert math.degrees(math.atan2(y, x)) == pytest.approx(3.92, abs=0.02)  # IGRF-14 at Duronia, January 2022
    assert "IGRF" in only_note(record, "H and E")


def test_h_and_e_without_a_base_and_a_place_are_refused(read):
    rows = [line("2022-01-15", "00:00", [24600.0, 0.0, 39700.0, 46700.0])]
    with pytest.raises(InputError, match=r"min, line \d+: H and E need the declination"):
        read(file_text(rows, elements="HEZF", place=("", ""), data_type="variation"))


@pytest.mark.parametrize("elements, values", [("XYZF", (24600.0, 60.0)), ("HDZF", (24600.0, 8.4))])
@pytest.mark.parametrize("data_type", ["variation", "definitive"])
def test_what_a_file_calls_x_and_y_or_d_is_believed(read, elements, values, data_type):
    rows = [line("2022-01-15", "00:00", [*values, 39700.0, 46700.0])]
    record = read(file_text(rows, elements=elements, place=(41.65, 14.466), data_type=data_type))
    assert record.field.Y.iloc[0] == pytest.approx(60, abs=0.2)  # `frame_check` asks whether it can be true
    assert not any("IGRF" in note for note in record.notes)


@pytest.mark.parametrize(
    "fourth, value, expected",
    [
        ("F", 45000.5, 45000.5),
        ("S", 45000.5, 45000.5),
        ("G", 1.5, 44998.5),
        ("G", 45000.5, 45000.5),
        ("F", 1.5, 44998.5),
    ],
)
def test_the_fourth_column_is_total_field_or_difference_by_its_size(read, fourth, value, expected):
    # sqrt(20000^2 + 0 + 40311.289^2) = 45000.000
    record = read(file_text([line("2003-01-01", "00:00", [20000, 0, 40311.29, value])], elements="XYZ" + fourth))
    assert record.field.F.iloc[0] == pytest.approx(expected, abs=0.005)


def test_inclination_can_stand_in_for_z(read):
    rows = [line("2003-01-01", "00:00", [0.0, 20000.0, 3600.0, 40000.0])]  # 60 degrees
    assert read(file_text(rows, elements="DHIF")).field.Z.iloc[0] == pytest.approx(20000 * math.sqrt(3))


def test_a_column_without_data_is_left_out(read):
    rows = [line("2003-01-01", "00:00", [20000, 1, 40000, 99999])]
    text = file_text(rows).replace("TSTF  ", "TSTNUL")
    record = read(text)
    assert record.field.iloc[0, :3].tolist() == [20000, 1, 40000] and math.isnan(record.field.F.iloc[0])


@pytest.mark.parametrize("mark", [99999.00, 88888.00])
def test_a_total_field_that_is_missing_throughout_leaves_the_vector(read, mark):
    rows = [line("2003-01-01", f"00:0{i}", [20000 + i, 1, 40000, mark]) for i in range(3)]
    record = read(file_text(rows))
    assert record.field.iloc[:, :3].to_numpy().tolist() == [[20000 + i, 1, 40000] for i in range(3)]
    assert record.field["F"].isna().all()


def test_elements_of_three_letters_are_left_out_and_named(read):
    # The stations of the USGS have channels such as UK1 (temperature) beside the field.
    rows = [line("2003-01-01", "00:00", [20000, 1, 40000, 21.5])]
    record = read(file_text(rows).replace("TSTF  ", "TSTUK1"))
    assert record.field.iloc[0, :3].tolist() == [20000, 1, 40000] and math.isnan(record.field.F.iloc[0])
    assert "UK1" in only_note(record, "were not used")


def test_a_negative_h_is_a_number_as_any_other(read):
    # By hand: H = -20000, D = 60 minutes: X = -20000 cos 1 deg = -19996.954, Y = -20000 sin 1 deg = -349.048.
    rows = [line("2003-01-01", "00:00", [-20000, 60, 40000, 44721.36])]
    field = read(file_text(rows, elements="HDZF")).field
    assert field.iloc[0].tolist() == pytest.approx([-19996.954, -349.048, 40000, 44721.36], abs=1e-3)


@pytest.mark.parametrize("mark", [99999.00, 88888.00, 88888.88])
def test_a_missing_declination_makes_x_and_y_missing_and_leaves_z(read, mark):
    rows = [line("2003-01-01", f"00:0{i}", [20000, mark if i else 60.0, 40000, 44721]) for i in range(2)]
    field = read(file_text(rows, elements="HDZF")).field
    assert field.iloc[1].isna().tolist() == [True, True, False, False]
    assert not field.iloc[0].isna().any()


def test_minutes_without_a_line_are_missing_and_counted(read):
    rows = [line("2003-01-01", clock, [1, 2, 3, 4]) for clock in ("00:00", "00:01", "00:05")]
    record = read(file_text(rows))
    assert record.field.X.isna().tolist() == [False, False, True, True, True, False]
    assert only_note(record, "no line").startswith("3 minutes")


def test_of_two_lines_for_one_minute_the_last_counts(read):
    rows = [line("2003-01-01", "00:00", [x, 2, 3, 4]) for x in (1, 7)] + [line("2003-01-01", "00:01", [8, 2, 3, 4])]
    record = read(file_text(rows))
    assert record.field.X.tolist() == [7, 8]
    assert only_note(record, "repeat").startswith("1 lines")


def test_hour_24_is_the_end_of_the_day(read):
    rows = [line("2003-01-01", "23:59", [1, 2, 3, 4]), line("2003-01-01", "24:00", [5, 6, 7, 8])]
    assert read(file_text(rows)).field.index[-1] == pd.Timestamp("2003-01-02T00:00Z")


def test_a_wrong_day_of_the_year_is_noted_and_the_date_used(read):
    rows = [line("2003-01-01", f"00:0{i}", [1, 2, 3, 4], day_of_year=7) for i in range(3)]
    record = read(file_text(rows))
    assert record.start == pd.Timestamp("2003-01-01", tz="UTC")
    assert only_note(record, "day of the year").startswith("3 lines")


def test_files_joined_end_to_end_are_one_record(read):
    one = file_text([line("2003-01-01", "00:00", [1, 2, 3, 4])], elements="XYZF")
    two = file_text([line("2003-01-01", "00:01", [3, 2, 1, 4])], elements="ZYXF", data_type="provisional")
    record = read(one + two)
    assert record.field.X.tolist() == [1, 1]
    assert record.data_type == "provisional"  # the lower of the two
    only_note(record, "2 headers")


@pytest.mark.parametrize(
    "spelling, expected",
    [
        ("Definitive", "definitive"), ("quasi definitive", "quasi-definitive"), ("variation", "variation"),
        ("Quasi-definitive", "quasi-definitive"), ("QUASI_DEFINITIVE", "quasi-definitive"), ("Reported", "variation"),
        ("adjusted", "provisional"), ("provisional data", "provisional"), ("synthetic", "synthetic"),
    ],
)  # fmt: skip
def test_data_types_are_known_however_they_are_spelled(read, spelling, expected):
    text = file_text([line("2003-01-01", "00:00", [20000, 1, 40000, 44721])], data_type=spelling, place=("", ""))
    assert read(text).data_type == expected


def test_an_absent_data_type_is_taken_from_the_file_name_and_an_unknown_one_is_the_lowest(read):
    rows = [line("2003-01-01", "00:00", [20000, 1, 40000, 44721])]
    assert read(file_text(rows, data_type=""), "tst20030101qmin.min").data_type == "quasi-definitive"
    record = read(file_text(rows, data_type="gold", place=("", "")), "tst2003.txt")
    assert record.data_type == "variation"
    only_note(record, "'gold'")


def test_a_file_name_that_contradicts_the_header_is_noted(read):
    record = read(SAMPLE, "izn20180505vmin.min")
    assert record.station == "DUR"
    only_note(record, "IZN")
    only_note(record, "variation")


def test_the_head_of_a_file_tells_the_format():
    assert iaga2002.looks_like(SAMPLE.encode())
    assert iaga2002.looks_like(gzip.compress(SAMPLE.encode())[:300])
    assert (
        not iaga2002.looks_like(b"Date,X,Y,Z\n")
        and not iaga2002.looks_like(b"")
        and not iaga2002.looks_like(b"\x1f\x8b")
    )


def test_the_fast_parser_agrees_with_pandas_on_random_numbers(tmp_path):
    rng = np.random.default_rng(3)
    n = 25_000  # more than two of its steps
    values = np.round(rng.choice([1, 10, 100, 1e4, 9e4], (n, 4)) * rng.uniform(-1, 1, (n, 4)), 2)
    stamps = pd.date_range("2003-12-20", periods=n, freq="min").strftime("%Y-%m-%d %H:%M:00.000 %j   ")
    rows = [f"{s} " + " ".join(f"{v:9.2f}" for v in row) + "\n" for s, row in zip(stamps, values, strict=True)]
    path = tmp_path / "tst2003.min"
    path.write_text(file_text(rows))
    expected = pd.read_csv(path, sep=r"\s+", skiprows=13, header=None).iloc[:, 3:].to_numpy()
    expected[expected >= 88888] = np.nan
    np.testing.assert_array_equal(iaga2002.read(path).field.to_numpy()[:, :3], expected[:, :3])


numbers = st.one_of(st.just(math.nan), st.floats(-99999.99, 88887.98))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.tuples(numbers, numbers, numbers), min_size=3, max_size=30),
    start=st.integers(-30_000_000, 60_000_000),
    data_type=st.sampled_from(["quasi-definitive", "definitive", "synthetic"]),
)
def test_what_is_written_is_read_back(tmp_path, values, start, data_type):
    table = np.column_stack([np.array(values), np.full(len(values), 45000.0)])
    record = MinuteRecord("TST", minute.on_grid(start, table), data_type)
    path = tmp_path / "tst.min"
    iaga2002.write(record, path, Station("TST", "Testing", 41.0, -14.0, 100.0))
    back = iaga2002.read(path)
    assert (back.station, back.data_type, back.start) == ("TST", data_type, record.start)
    np.testing.assert_allclose(back.field.to_numpy(), table, atol=0.005001)
    assert {len(row) for row in path.read_text().split("\n")[:-1]} == {70}


@pytest.mark.parametrize("value", [88888.0, -100000.0, math.inf])
def test_a_value_that_the_format_cannot_hold_is_not_written(tmp_path, value):
    record = MinuteRecord("TST", minute.on_grid(0, np.array([[1, 2, 3, 4], [1, value, 3, 4.0]])), "definitive")
    with pytest.raises(InputError, match="Y at 1970-01-01 00:01"):
        iaga2002.write(record, tmp_path / "a.min", Station("TST", "Testing", 0, 0))
    assert list(tmp_path.iterdir()) == []


def test_a_synthetic_file_says_so_in_plain_words(tmp_path):
    record = MinuteRecord("DUR", minute.on_grid(0, np.ones((2, 4))), "synthetic")
    iaga2002.write(record, tmp_path / "a.min", Station("DUR", "Duronia", 41.65, 14.466))
    text = (tmp_path / "a.min").read_text()
    assert "SYNTHETIC DATA" in text and iaga2002.read(tmp_path / "a.min").data_type == "synthetic"
