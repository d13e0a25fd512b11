"""ROMPLUS: fixed width with edges from the header, year 984, fixed depths, 0.0 for no magnitude."""

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import romplus
from support.damage import refused_or_sound, refused_when_cut

# Where a value ends (columns counted from 1), as the readers of the real file have it, and what the header calls it.
ENDS = {
    "date": (10, "Date   "),
    "time": (23, "Time   "),
    "time error": (30, "Err"),
    "rms": (36, "RMS"),
    "lat": (45, "Latitude"),
    "lon": (56, "Longitude"),
    "major": (64, "Smaj"),
    "minor": (70, "Smin"),
    "azimuth": (74, "Az"),
    "depth": (80, "Depth"),
    "depth error": (87, "Err"),
    "ml": (92, "ML"),
    "ml error": (97, "Err"),
    "md": (102, "MD"),
    "md error": (106, "Err"),
    "mw": (110, "Mw"),
    "mw error": (117, "Err"),
    "quality": (139, "Q"),
}


def put(values):
    cells = [" "] * 140
    for name, value in values.items():
        end = ENDS[name][0] + value.endswith("f")
        cells[end - len(value) : end] = value
    return "".join(cells).rstrip()


def line(date, time, lat, lon, depth, ml="0.0", md="0.0", mw="0.0", azimuth="45"):
    errors = {name: "0.5" for name in ENDS if name.endswith("error")}
    rest = {"rms": "0.40", "major": "2.1", "minor": "1.9", "azimuth": azimuth, "quality": "A"}
    values = {"date": date, "time": time, "lat": lat, "lon": lon, "depth": depth, "ml": ml, "md": md, "mw": mw}
    return put(errors | rest | values)


HEADER = put({name: word for name, (_, word) in ENDS.items()})
VRANCEA = line("1977/03/04", "19:21:54.10", "45.7700", "26.7600", "94.0", ml="0.0", mw="7.4")
LIST = (
    "\n".join(
        [
            HEADER,
            line("984/01/01", "00:00:00.00", "45.7000", "26.6000", "150.0f", mw="7.1"),
            VRANCEA,
            line("2014/11/22", "19:14:17.11", "45.8683", "27.1517", "40.9", ml="5.7", md="5.5", mw="5.4"),
            line("2020/01/31", "01:26:47.80", "45.7000", "26.7000", "10.0f", ml="3.1", md="3.3"),
            line("2020/02/01", "02:00:00.00", "45.7000", "26.7000", "12.0", md="2.6"),
            line("2020/02/02", "03:00:00.00", "45.7000", "26.7000", "12.0"),
        ]
    )
    + "\n"
)


@pytest.fixture
def file(tmp_path):
    def write(content, name="romplus.txt"):
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


def test_mw_is_preferred_zero_is_none_and_fixed_depths_are_depths(file):
    table = recognise.read_events(file(LIST))
    assert table["magnitude"].tolist() == [7.1, 7.4, 5.4, 3.1, 2.6]
    assert table["magnitude_type"].tolist() == ["Mw", "Mw", "Mw", "ML", "MD"]
    assert table["depth_km"].tolist() == [150.0, 94.0, 40.9, 10.0, 12.0]
    assert table.attrs["notes"] == ("1 row dropped: no magnitude.",)
    row = table.iloc[2]
    assert (row["latitude_deg"], row["longitude_deg"]) == (45.8683, 27.1517)
    assert row["origin_time"] == pd.Timestamp("2014-11-22T19:14:17.11Z")


def test_the_year_984_is_a_year_however_its_three_digits_stand(file):
    for written in (" 984/01/01", "984/01/01 ", "0984/01/01"):
        table = recognise.read_events(file(LIST.replace(" 984/01/01", written)))
        assert table["origin_time"].iloc[0] == pd.Timestamp("0984-01-01T00:00:00Z")
        assert table["event_id"].iloc[0] == "romplus09840101000000000"


def test_other_widths_are_found_from_the_header_and_the_blanks(file):
    table = recognise.read_events(file(LIST))
    wide = "\n".join(each[:24] + "     " + each[24:58] + "  " + each[58:] for each in LIST.splitlines()) + "\n"
    wider = "\n".join("   " + each for each in wide.splitlines()) + "\n"
    for content in (wide, wider):
        pd.testing.assert_frame_equal(recognise.read_events(file(content, "wide.txt")), table)


def test_where_columns_touch_the_known_layout_is_taken(file):
    touching = LIST.replace("45 150.0f", "455150.0f")
    assert touching != LIST
    pd.testing.assert_frame_equal(recognise.read_events(file(touching)), recognise.read_events(file(LIST, "plain.txt")))


def test_a_missing_depth_is_unknown_and_rows_without_a_time_are_counted(file):
    content = LIST.replace("94.0", "    ").replace("00:00:00.00", " " * 11)
    table = recognise.read_events(file(content))
    assert np.isnan(table["depth_km"].iloc[0])
    assert table.attrs["notes"] == ("1 row dropped: no magnitude.", "1 row dropped: no time of day.")


def test_some_events_outside_romania_are_counted_many_mean_wrong_columns(file):
    rows = [
        line("2020/01/01", f"{n // 60:02d}:{n % 60:02d}:00.00", "45.0", "26.0", "10.0", mw="3.0") for n in range(40)
    ]
    abroad = line("2021/01/01", "00:00:00.00", "42.5", "26.0", "10.0", mw="3.0")
    table = recognise.read_events(file("\n".join([HEADER, *rows, abroad]) + "\n"))
    assert len(table) == 41
    assert table.attrs["notes"] == ("1 event outside Romania (43 to 49 N, 19 to 31 E, 0 to 250 km); kept.",)
    with pytest.raises(InputError, match="6 of 46 events lie outside Romania"):
        more = [abroad.replace("00:00:00", f"00:0{n}:00") for n in range(1, 6)]
        recognise.read_events(file("\n".join([HEADER, *rows, abroad, *more]) + "\n"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("45.7700", "95.7700", "line 3: latitude is 95.7700, outside"),
        ("45.7700", "    NaN", "line 3: latitude is missing"),
        ("19:21:54.10", "19:21:60.00", "line 3: .* is not a possible time"),
        ("19:21:54.10", "24:00:00.00", "line 3: .* is not a possible time"),
        ("19:21:54.10", "19h21m54.10", "line 3: found the time '19h21m54.10'"),
        ("1977/03/04", "1977/02/30", "line 3: .* is not a possible time"),
        ("1977/03/04", "04/03/1977", "line 3: found the date '04/03/1977'"),
        ("7.4", "9e9", "line 3: mw is 9e9, outside"),
        (" 94.0", "94.0g", "line 3: depth is '94.0g', expected a number"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(file, old, new, message):
    assert VRANCEA.count(old) == 1
    with pytest.raises(InputError, match=message):
        recognise.read_events(file(LIST.replace(VRANCEA, VRANCEA.replace(old, new))))


def test_a_file_that_is_cut_off_is_refused_or_ends_at_a_full_line(tmp_path):
    content = LIST.encode()
    first = content.index(b"\n", len(HEADER) + 1)
    ends = [end for end in range(first, len(content)) if content[:end].rstrip(b" ").endswith(b"\n")]
    refused_when_cut(romplus.read, content, tmp_path / "cut.txt", tuple(ends))


def test_random_damage_is_refused_or_gives_a_sound_table(tmp_path):
    assert refused_or_sound(romplus.read, LIST.encode(), tmp_path / "damaged.txt", 1000, "romplus") > 100
