"""The earthquakes of all catalogues: each once, and a sentence where no catalogue looks."""

import pandas as pd
import pytest

from core import stations
from core.config import DataConfig, DetectabilityConfig, ExperimentConfig
from core.labelling import targets
from core.loading.archive.archive import Archive
from core.reporting import seismicity


def listed(prefix, times, latitude_deg=42.0, longitude_deg=14.0):
    return pd.DataFrame(
        {
            "event_id": [f"{prefix}{i}" for i in range(len(times))],
            "origin_time": pd.to_datetime(times, utc=True, format="ISO8601"),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "depth_km": 10.0,
            "magnitude": 5.0,
            "magnitude_type": "mw",
            "source": prefix,
        }
    )


def at(text):
    return pd.Timestamp(text, tz="UTC")


@pytest.fixture
def archive(tmp_path):
    """Two lists of Italy: two earthquakes are in both (3 s and 8 km apart), one is only in each."""
    both = Archive(tmp_path / "archive")
    both.store_events("ingv", listed("i", ["2016-08-24T01:36:32", "2016-10-30T06:40:17", "2017-01-01"]), "a.csv")
    again = ["2016-08-24T01:36:35", "2016-10-30T06:40:20", "2017-02-01"]
    both.store_events("usgs", listed("u", again, latitude_deg=42.07), "b.csv")
    return both


def test_an_earthquake_that_stands_in_two_catalogues_is_one(archive):
    found = archive.events()
    assert found["event_id"].tolist() == ["i0", "i1", "i2", "u2"]
    assert "2 are in several" in " ".join(found.attrs["notes"])


def test_a_run_that_names_no_catalogue_counts_an_earthquake_of_two_of_them_once(archive):
    config = ExperimentConfig(
        data=DataConfig(stations=("DUR",)), detectability=DetectabilityConfig(law="fixed", max_distance_km=200.0)
    )
    table = targets.station_events(config, archive, ["DUR"])
    assert table.loc[table["target"], "event_id"].tolist() == ["i0", "i1", "i2", "u2"]


def test_the_rule_that_merges_is_an_input_of_a_run_only_where_there_is_something_to_merge(archive):
    before = archive.digests([], [""])
    assert list(before) == ["events/ingv", "events/usgs", "events merged"]
    assert list(archive.digests([], ["ingv"])) == ["events/ingv"]
    archive.store_events("isc", listed("s", ["2016-12-01"]), "c.csv")
    assert archive.digests([], [""])["events merged"] != before["events merged"]


def test_one_catalogue_is_shown_as_it_is(tmp_path):
    one = Archive(tmp_path / "archive")
    one.store_events("italy", listed("i", ["2016-08-24T01:36:32", "2016-08-24T01:36:35"]), "a.csv")
    assert len(one.events()) == 2  # entries of one list are never one earthquake


def test_a_place_that_no_catalogue_covers_is_said_with_what_to_do(archive):
    said = seismicity.not_covered(archive, stations.get("ESK"), at("2016-09-01"), at("2016-10-01"))
    assert said.startswith("No stored catalogue (ingv, usgs) has an earthquake within 500 km of ESK")
    assert "precursor fetch catalogue" in said and "[55.3°, -3.2°]" in said


def test_a_time_outside_the_catalogues_is_said_and_one_inside_is_not(archive):
    station = stations.get("DUR")
    assert seismicity.not_covered(archive, station, at("2016-09-01"), at("2017-01-20")) == ""
    said = seismicity.not_covered(archive, station, at("2016-09-01"), at("2018-01-01"))
    assert "usgs from 2016-08-24 01:36 to 2017-02-01 00:00" in said and "are not known here" in said
    assert seismicity.not_covered(archive, station, at("2010-01-01"), at("2010-02-01")) != ""


def test_without_any_catalogue_the_sentence_says_so(tmp_path):
    said = seismicity.not_covered(Archive(tmp_path / "none"), stations.get("DUR"), at("2016-01-01"), at("2016-02-01"))
    assert said.startswith("No earthquake catalogue is stored")
