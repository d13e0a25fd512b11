"""GeoJSON of USGS and EMSC: the sign of the depth, numbers as written, and what services answer when they fail."""

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import geojson
from core.loading.formats.recognise import Kind
from support.damage import refused_or_sound, refused_when_cut
from support.geojson_text import collection, emsc, ingv, usgs


@pytest.fixture
def file(tmp_path):
    def write(content, name="list.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_usgs_depths_are_positive_down_and_times_are_epoch_milliseconds(file):
    table = recognise.read_events(
        file(collection(usgs(), metadata={"count": 1, "url": "https://earthquake.usgs.gov/x"}))
    )
    row = table.iloc[0]
    assert row["origin_time"] == pd.Timestamp("2024-01-01T07:10:09.476Z")
    assert (row["event_id"], row["depth_km"], row["magnitude"], row["magnitude_type"]) == ("us6000m0xl", 10, 7.5, "mww")
    assert (row["latitude_deg"], row["longitude_deg"], row["source"]) == (37.4874, 137.271, "USGS ComCat")


def test_usgs_geojson_and_csv_of_one_event_are_the_same_event(file):
    csv = (
        "time,latitude,longitude,depth,mag,magType,id,updated,place,type\n"
        "2024-01-01T07:10:09.476Z,37.4874,137.2710,10,7.5,mww,us6000m0xl,2024-04-02T15:30:59.040Z,"
        '"Noto, Japan",earthquake\n'
    )
    pd.testing.assert_frame_equal(
        recognise.read_events(file(collection(usgs()))), recognise.read_events(file(csv, "list.csv"))
    )


def test_emsc_depths_are_taken_from_the_property_and_the_coordinate_has_the_other_sign(file):
    for feature in (emsc(), emsc(depth="none") | {}):
        if feature["properties"]["depth"] == "none":
            del feature["properties"]["depth"]
        row = recognise.read_events(file(collection(feature))).iloc[0]
        assert (row["event_id"], row["depth_km"], row["magnitude"]) == ("20240101_0000042", 11.5, 7.4)
        assert (row["latitude_deg"], row["longitude_deg"], row["source"]) == (37.5, 137.2, "EMSC EMSC")
        assert row["origin_time"] == pd.Timestamp("2024-01-01T07:10:09.4Z")


def test_ingv_geojson_and_text_of_one_event_are_the_same_event(file):
    words = (
        "#EventID|Time|Latitude|Longitude|Depth/Km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude|MagAuthor"
        "|EventLocationName|EventType\n"
        "7073641|2016-08-24T01:36:32.000000|42.6983|13.2335|8.1|BULLETIN-INGV||||Mw|6.0|--|1 km W Accumoli (RI)"
        "|earthquake\n"
    )
    table = recognise.read_events(file(collection(ingv(), ingv(version=900, mag=5.9))))
    pd.testing.assert_frame_equal(table, recognise.read_events(file(words, "list.txt")), check_like=True)
    assert table.attrs["notes"] and "identifier repeats" in table.attrs["notes"][0]


@pytest.mark.parametrize("properties", [{"LAYER": "plate boundary"}, {"kind": "coastline", "bbox": [1, 2, 3, 4]}])
def test_lines_on_a_map_are_no_catalogue(properties):
    lines = {"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, 4.0]]}
    head = collection({"type": "Feature", "properties": properties, "geometry": lines})
    assert recognise.format_of(head.encode() if isinstance(head, str) else head, Kind.EVENTS) is None


def test_a_height_above_sea_level_stays_negative(file):
    assert recognise.read_events(file(collection(usgs(depth=-1.2))))["depth_km"].tolist() == [-1.2]
    assert np.isnan(recognise.read_events(file(collection(usgs(depth=None))))["depth_km"].iloc[0])


def test_blasts_and_deleted_events_are_counted(file):
    features = usgs(), usgs("us2", type="quarry blast"), usgs("us3", status="deleted"), usgs("us4", mag=None)
    table = recognise.read_events(file(collection(*features)))
    assert table["event_id"].tolist() == ["us6000m0xl"]
    assert table.attrs["notes"] == (
        "2 rows dropped: not earthquakes (1 deleted event, 1 quarry blast).",
        "1 row dropped: no magnitude.",
    )


def test_of_two_versions_the_later_update_is_kept_even_if_its_number_is_longer(file):
    old, new = usgs(mag=7.4, updated=999999999999), usgs(mag=7.6, updated=1712069459040)
    for features in ((old, new), (new, old)):
        assert recognise.read_events(file(collection(*features)))["magnitude"].tolist() == [7.6]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"mag": 7.5', '"mag": NaN', "holds no earthquake with a magnitude"),
        ('"mag": 7.5', '"mag": 1e400', "event 1: mag is 1e400, outside"),
        ('"mag": 7.5', f'"mag": {"9" * 5000}', "event 1: mag is 9+, outside"),
        ('"mag": 7.5', '"mag": true', "event 1: mag is 'True', expected a number"),
        ('"mag": 7.5', '"mag": 7.5, "mag": 2.5', "the key 'mag' is twice"),
        ("37.4874", "Infinity", "event 1: latitude is Infinity, outside"),
        ("37.4874, 10", "37.4874, 10000", "event 1: depth is 10000, outside"),
        ("[137.271, 37.4874, 10]", "[]", "event 1: latitude is missing"),
        ("1704093009476", "17040930094760000", "event 1: time is 17040930094760000, outside"),
        ("1704093009476", "null", "event 1: time is missing"),
        ('"properties"', '"property"', "event 1: this is no GeoJSON feature"),
        ('"magType"', '"magnitudeKind"', "GeoJSON with the properties"),
        ('"features"', '"features_"', "has no list of features|no catalogue"),
        ("]}", "]", "the JSON is damaged or cut off"),
        ("]}", "]}\nError 413: Request Entity Too Large", "the JSON is damaged or cut off"),
    ],
)
def test_what_is_wrong_is_said_with_its_event(file, old, new, message):
    content = collection(usgs())
    assert old in content
    with pytest.raises(InputError, match=message) as refused:
        geojson.read(file(content.replace(old, new)))
    assert len(str(refused.value)) < 300


def test_second_60_and_24_hours_of_emsc_are_refused(file):
    for clock in ("07:10:60.0", "24:00:00.0"):
        with pytest.raises(InputError, match="event 1: .* is not a possible time"):
            recognise.read_events(file(collection(emsc(time=f"2024-01-01T{clock}Z"))))


def test_fewer_features_than_the_file_says_are_refused(file):
    with pytest.raises(InputError, match="says it has 2 events, and 1 are there"):
        recognise.read_events(file(collection(usgs(), metadata={"count": 2})))


def test_an_empty_answer_is_no_catalogue(file):
    with pytest.raises(InputError, match="the service had no events for this request"):
        recognise.read_events(file(collection(metadata={"count": 0})))


def test_nesting_without_end_is_refused(file):
    with pytest.raises(InputError, match="nested too deeply"):
        geojson.read(file('{"type":"FeatureCollection","features":' + "[" * 200_000 + "]" * 200_000 + "}"))


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    refused_when_cut(geojson.read, collection(usgs()).encode(), tmp_path / "cut.json")


@pytest.mark.parametrize(("feature", "n"), [(usgs(), 400), (emsc(), 300), (ingv(), 300)], ids=["usgs", "emsc", "ingv"])
def test_random_damage_is_refused_or_gives_a_sound_table(tmp_path, feature, n):
    content = collection(feature).encode()
    refused = refused_or_sound(geojson.read, content, tmp_path / "damaged.json", n, str(feature.get("id")))
    assert refused > n / 2
