"""The JSON list of AFAD: strings everywhere, UTC without a Z."""

import json

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import afad
from support.damage import refused_or_sound, refused_when_cut

MAINSHOCK = {
    "rms": "0.8",
    "eventID": "543428",
    "location": "Pazarcık (Kahramanmaraş)",
    "latitude": "37.27728",
    "longitude": "37.03996",
    "depth": "8.6",
    "type": "MW",
    "magnitude": "7.7",
    "country": "Türkiye",
    "province": "Kahramanmaraş",
    "district": "Pazarcık",
    "neighborhood": None,
    "date": "2023-02-06T01:17:32",
    "isEventUpdate": False,
    "lastUpdateDate": None,
}
SECOND = MAINSHOCK | {"eventID": "543593", "date": "2023-02-06T10:24:47", "magnitude": "7.6", "depth": "7.0"}


@pytest.fixture
def file(tmp_path):
    def write(events, name="list.json"):
        path = tmp_path / name
        path.write_text(events if isinstance(events, str) else json.dumps(events), encoding="utf-8")
        return path

    return write


def test_the_mainshock_of_2023_is_read_from_strings(file):
    table = recognise.read_events(file([SECOND, MAINSHOCK]))
    assert table["event_id"].tolist() == ["543428", "543593"]
    row = table.iloc[0]
    assert row["origin_time"] == pd.Timestamp("2023-02-06T01:17:32Z")
    assert (row["latitude_deg"], row["longitude_deg"], row["depth_km"]) == (37.27728, 37.03996, 8.6)
    assert (row["magnitude"], row["magnitude_type"], row["source"]) == (7.7, "MW", "AFAD")


def test_numbers_instead_of_strings_and_letters_as_they_are_make_no_difference(file):
    numbers = MAINSHOCK | {"latitude": 37.27728, "longitude": 37.03996, "depth": 8.6, "magnitude": 7.7}
    content = json.dumps([numbers], ensure_ascii=False, indent=2)
    pd.testing.assert_frame_equal(
        recognise.read_events(file(content)), recognise.read_events(file([MAINSHOCK], "b.json"))
    )


def test_the_latest_version_of_an_event_is_kept(file):
    revised = MAINSHOCK | {"magnitude": "7.8", "lastUpdateDate": "2023-02-07T00:00:00"}
    for events in ([MAINSHOCK, revised], [revised, MAINSHOCK]):
        assert recognise.read_events(file(events))["magnitude"].tolist() == [7.8]


def test_a_missing_depth_is_unknown(file):
    assert np.isnan(recognise.read_events(file([MAINSHOCK | {"depth": None}]))["depth_km"].iloc[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"latitude": "97.0"}, "event 2: latitude is 97.0, outside -90 to 90"),
        ({"latitude": ""}, "event 2: latitude is missing"),
        ({"magnitude": "7,7"}, "event 2: magnitude is '7,7', expected a number"),
        ({"magnitude": "1e999"}, "event 2: magnitude is 1e999, outside"),
        ({"date": "2023-02-06T01:17:60"}, "event 2: .* is not a possible time"),
        ({"date": "2023-02-06T24:00:00"}, "event 2: .* is not a possible time"),
        ({"date": "06.02.2023 01:17"}, "event 2: found the time"),
        ({"date": None}, "event 2: found the time ''"),
    ],
)
def test_an_impossible_value_is_refused_with_its_event(file, change, message):
    with pytest.raises(InputError, match=message):
        recognise.read_events(file([SECOND, MAINSHOCK | change]))


def test_other_json_is_refused(file):
    without = {name: value for name, value in SECOND.items() if name != "date"}
    for content, message in (
        ("[]", "the list is empty"),
        ("{}", "the JSON is no list"),
        ("[1, 2]", "event 1: there is no 'eventID'"),
        (json.dumps([MAINSHOCK, without]), "event 2: there is no 'date'"),
        ("[" * 100_000, "nested too deeply|cut off"),
    ):
        with pytest.raises(InputError, match=message):
            afad.read(file(content))


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    refused_when_cut(afad.read, json.dumps([MAINSHOCK]).encode(), tmp_path / "cut.json")


def test_random_damage_is_refused_or_gives_a_sound_table(tmp_path):
    content = json.dumps([MAINSHOCK, SECOND]).encode()
    assert refused_or_sound(afad.read, content, tmp_path / "damaged.json", 1000, "afad") > 400
