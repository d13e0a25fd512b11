"""Declustering inside the labelling: groups join clusters, removed events are no targets and leave no false quiet."""

from __future__ import annotations

import pandas as pd
import pytest

from core import stations
from core.config import from_dict
from core.labelling import dataset, targets, windows
from support.fake_source import FIRST, STATIONS, FakeSource, events_table, field

DAY = 1440
# A mainshock of magnitude 6 on day 20, aftershocks of magnitude 5 on days 26 and 40, and one far in time on day 3.
DAYS, MAGNITUDES = [3.5, 20.5, 26.5, 40.5], [4.5, 6.0, 5.0, 5.0]


@pytest.fixture(autouse=True)
def known_stations(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)


def source_of():
    events = events_table([FIRST + pd.Timedelta(days=d) for d in DAYS]).assign(magnitude=MAGNITUDES)
    events.loc[0, "latitude_deg"] = 1.0  # 111 km away: outside the windows of the mainshock and of itself
    return FakeSource({"AAA": field(60 * DAY)}, events)


def config_of(sampling="grid", **declustering):
    return from_dict(
        {
            "data": {"stations": ["AAA"]},
            "windows": {"length_minutes": DAY, "sampling": sampling},
            "labels": {"horizon_days": 2, "quiet_margin_days": 2, "class_ratio": "natural"},
            "declustering": declustering,
        }
    )


def test_a_sequence_is_one_cluster_though_its_events_are_weeks_apart():
    felt = targets.station_events(config_of(), source_of(), ["AAA"])
    assert felt["cluster"].tolist() == [0, 1, 2, 3] and felt["target"].all()
    grouped = targets.station_events(config_of(method="gardner_knopoff"), source_of(), ["AAA"])
    assert grouped["cluster"].tolist() == [0, 1, 1, 1] and grouped["target"].all()
    assert grouped["mainshock_id"].tolist() == ["e0", "e1", "e1", "e1"]


def test_removed_aftershocks_are_no_targets_and_name_their_mainshock():
    felt = targets.station_events(config_of(method="gardner_knopoff", remove=True), source_of(), ["AAA"])
    assert felt["target"].tolist() == [True, True, False, False]
    assert felt["dependant"].tolist() == [False, False, True, True]
    assert felt["reason"].tolist() == ["", "", *["aftershock or foreshock of e1"] * 2]
    assert felt["cluster"].tolist() == [0, 1, -1, -1]


@pytest.mark.parametrize(
    ("sampling", "days"), [("grid", [24, 25, 38, 39]), ("event_aligned", [23, 24, 25, 26, 27, 28])]
)
def test_windows_near_a_removed_aftershock_do_not_count_as_quiet(sampling, days):
    config = config_of(sampling, method="gardner_knopoff", remove=True)
    found = dataset.build(config_of(sampling), source_of()).table
    removed = dataset.build(config, source_of()).table
    near = removed[removed["rejected"] == windows.NEAR_DEPENDANT]
    assert len(near) and (near["label"] == 0).all()
    start = (near["start"] - FIRST) / pd.Timedelta(days=1)
    # Grid: the two windows whose two days of validity hold an aftershock, for each of the two.
    if sampling == "grid":
        assert start.tolist() == days
        assert (found.loc[near.index, "label"] == 1).all()
    else:
        assert set(start[start < 30].round().astype(int)) <= set(days)
    assert (removed[removed["event_id"] != ""]["event_id"].isin(["e0", "e1"])).all()


def test_two_catalogues_that_list_one_earthquake_under_two_ids_give_one_cluster():
    class Two(FakeSource):
        def events(self, catalogue=""):
            events = super().events()
            return events.assign(event_id=[f"{catalogue}-{e}" for e in events["event_id"]])

    one = source_of()
    source = Two({"AAA": one.values["AAA"], "BBB": one.values["AAA"]}, one.events())
    config = from_dict(
        {
            "data": {"stations": ["AAA", "BBB"], "catalogues": ["north", "south"]},
            "windows": {"length_minutes": 60},
            "labels": {"horizon_days": 0.01},
            "declustering": {"method": "zaliapin_ben_zion"},
        }
    )
    felt = targets.station_events(config, source, ["AAA", "BBB"])
    assert felt["group"].tolist()[:4] == felt["group"].tolist()[4:]
    assert felt["cluster"].tolist()[:4] == felt["cluster"].tolist()[4:]
