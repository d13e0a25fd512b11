"""Any CSV of earthquakes by a mapping: columns, units, time zones; a wrong mapping is refused with a reason."""

import pandas as pd
import pytest

from core.data_folder import ROOT
from core.errors import InputError
from core.loading.formats.events import by_mapping
from core.loading.formats.events.by_mapping import EventMapping
from support import damage

EXAMPLE = """\
Tarih;Saat;Enlem(N);Boylam(E);Derinlik(km);MD;ML;Mw;Yer
2026.09.21;23:49:00;38,9932;27,0640;10,5;-.-;2,0;-.-;TEKKEDERE-BERGAMA (IZMIR)
2026.09.21;02:10:30;40,1000;29,5000;7,0;-.-;3,1;-.-;BURSA
2026.09.20;12:00:00;39,0000;28,0000;5,0;2,2;-.-;-.-;MANISA
"""
PARTS = """\
year,month,day,hour,minute,second,lat,lon,h_m,M,what
2001,5,17,1,2,3.25,45.0,26.0,-12500,4.1,eq
2001,5,18,1,2,3,45.0,26.0,-8000,2.0,blast
"""
BY_PARTS = {
    "source": "My List",
    "time": ["year", "month", "day", "hour", "minute", "second"],
    "time_format": "%Y %m %d %H %M %S.%f",
    "latitude": "lat",
    "longitude": "lon",
    "magnitude": "M",
    "depth": "h_m",
    "depth_factor": -0.001,
    "magnitude_type": "Mw",
    "event_type": "what",
    "earthquake_types": ["eq"],
}


@pytest.fixture
def file(tmp_path):
    def write(content, name="list.csv"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_the_example_mapping_reads_turkish_local_times_and_decimal_commas(file):
    mapping = by_mapping.load_mapping(ROOT / "data" / "mappings" / "events_koeri_live.toml")
    table = by_mapping.read(file(EXAMPLE), mapping)
    assert table["origin_time"].tolist() == [
        pd.Timestamp("2026-09-20T23:10:30Z"),  # three hours behind Turkish time
        pd.Timestamp("2026-09-21T20:49:00Z"),
    ]
    last = table.iloc[1]
    assert (last["latitude_deg"], last["longitude_deg"], last["depth_km"]) == (38.9932, 27.064, 10.5)
    assert (last["magnitude"], last["magnitude_type"], last["source"]) == (2.0, "ML", "KOERI")
    assert last["event_id"] == "koeri20260921204900000"
    assert table.attrs["notes"] == ("1 row dropped: no magnitude.",)


def test_times_in_six_columns_heights_in_metres_and_types_of_events(file):
    content = PARTS.replace(",3,45", ",3.0,45")
    table = by_mapping.read(file(content), EventMapping(**BY_PARTS))
    row = table.iloc[0]
    assert row["origin_time"] == pd.Timestamp("2001-05-17T01:02:03.25Z")
    assert (row["depth_km"], row["magnitude_type"], row["event_id"]) == (12.5, "Mw", "mylist20010517010203250")
    assert table.attrs["notes"] == ("1 row dropped: not earthquakes (1 blast (not in earthquake_types)).",)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso", "2001-05-17T01:02:03.25"),
        ("iso", "2001-05-17 01:02:03.25Z"),
        ("epoch_seconds", "990061323.25"),
        ("epoch_milliseconds", "990061323250"),
        ("%d.%m.%y %H:%M:%S.%f %z", "17.05.01 03:02:03.25 +0200"),
    ],
)
def test_one_instant_in_every_form(file, form, text):
    mapping = EventMapping("x", 1, form, 2, 3, 4, header=False, event_id=5)
    table = by_mapping.read(file(f"{text},45,26,4.1,name\n"), mapping)
    assert table["origin_time"].tolist() == [pd.Timestamp("2001-05-17T01:02:03.25Z")]
    assert table["event_id"].tolist() == ["name"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("45.0,26.0,-12500", "95.0,26.0,-12500", "line 2: latitude is 95.0, outside"),
        ("-12500", "12500000", "line 2: depth is -12500.0, outside -10 to 800"),
        (",4.1,eq", ",4.1", "line 2: found 10 values, expected 11 as in line 1"),
        ("3.25", "60.0", "line 2: found the time '2001 5 17 1 2 60.0', expected the form"),
        ("lat,lon", "lat,lat", "line 1: the column 'lat' is twice there"),
        ("h_m", "depth", "line 1: the column 'h_m' is not there"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(file, old, new, message):
    with pytest.raises(InputError, match=message):
        by_mapping.read(file(PARTS.replace(",3,45", ",3.0,45").replace(old, new, 1)), EventMapping(**BY_PARTS))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": " "}, "source is empty"),
        ({"separator": "::"}, "separator '::' is not one character"),
        ({"decimal": ","}, "decimal ',' is impossible"),
        ({"time_format": "yyyy"}, "time_format 'yyyy' is no format"),
        ({"time_zone": "Mars"}, "time_zone 'Mars' is not known"),
        ({"magnitude_type_column": "M"}, "magnitude_type is given twice"),
        ({"skip_lines": -1}, "skip_lines is -1"),
        ({"depth_factor": 0}, "depth_factor 0 is impossible"),
    ],
)
def test_an_impossible_mapping_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        EventMapping(**(BY_PARTS | change))


def test_unknown_and_missing_keys_of_a_mapping_file_are_named(file):
    with pytest.raises(InputError, match="unknown key 'station'"):
        by_mapping.load_mapping(file('station = "DUR"\n', "m.toml"))
    with pytest.raises(InputError, match="the key 'source' is missing"):
        by_mapping.load_mapping(file('time = "t"\n', "m.toml"))


def test_a_thousand_damaged_lists_are_refused_in_a_sentence_or_sound(tmp_path):
    path = tmp_path / "list.csv"
    mapping = by_mapping.load_mapping(ROOT / "data" / "mappings" / "events_koeri_live.toml")

    def read(path):
        return by_mapping.read(path, mapping)

    assert 200 < damage.refused_or_sound(read, EXAMPLE.encode(), path, 1000, "mapping") < 1000
    lines = [at + 1 for at, letter in enumerate(EXAMPLE) if letter == "\n"]
    damage.refused_when_cut(read, EXAMPLE.encode(), path, ends=tuple(lines[1:]))  # whole lines make a shorter list
