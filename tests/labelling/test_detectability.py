"""Detectability: known distances, the paper's limits, and a reason for every event that is not a target."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.config import DetectabilityConfig
from core.labelling import detectability
from core.loading.formats import recognise
from core.stations import Station, distance_km, focal_distance_km
from support.fake_source import events_table

DUR = Station("DUR", "Duronia", 41.650, 14.466)
MLR = Station("MLR", "Muntele Rosu", 45.491, 25.945)
KODIAK = Station("KOD", "Kodiak", 57.79348, -152.3932)
OLD_HARBOR = Station("OLH", "Old Harbor", 57.20403, -153.3052)
PAPER = DetectabilityConfig(law="paper")


def events(**columns):
    n = max(len(values) for values in columns.values())
    out = events_table(list(pd.date_range("2016-01-01", periods=n, freq="D", tz="UTC")))
    out["latitude_deg"], out["longitude_deg"] = DUR.latitude_deg, DUR.longitude_deg
    return out.assign(**columns)


def north_of(station, km):
    """A point due north: on a sphere the great circle is the meridian."""
    return station.latitude_deg + np.degrees(np.asarray(km) / 6371.0)


def test_norcia_2016_and_l_aquila_2009_lie_187_and_129_km_from_where_the_papers_table_puts_dur():
    printed = Station("DUR", "Duronia as printed in Table 1", 41.390, 14.280)
    latitude, longitude = [42.830, 42.342], [13.109, 13.380]  # as in the ISIDe catalogue
    np.testing.assert_allclose(distance_km(latitude, longitude, printed), [187, 129], atol=0.6)
    # From the official coordinates both are nearer, and both still within 200 km.
    np.testing.assert_allclose(distance_km(latitude, longitude, DUR), [172, 118], atol=0.6)


def test_the_papers_limits_are_200_km_30_km_and_above_4_and_100_km_both_ways_for_vrancea():
    assert detectability.limits(DUR, PAPER) == detectability.Limits(200, 30, 4, inclusive=False)
    assert detectability.limits(MLR, PAPER) == detectability.Limits(100, 100, 4, inclusive=False)


def test_the_papers_law_overrules_the_custom_values():
    config = DetectabilityConfig(law="paper", max_distance_km=1, max_depth_km=1, min_magnitude=9)
    assert detectability.select(events(magnitude=[4.1]), DUR, config)["target"].tolist() == [True]


def test_exactly_at_a_limit_distance_and_depth_count_and_magnitude_does_not():
    table = events(
        latitude_deg=north_of(DUR, [199.99, 200.01, 0, 0, 0, 0]),
        depth_km=[10, 10, 30, 30.1, 10, 10],
        magnitude=[5, 5, 5, 5, 4.0, 4.01],
    )
    assert detectability.select(table, DUR, PAPER)["target"].tolist() == [True, False, True, False, False, True]


def test_at_least_includes_the_limit_itself():
    config = DetectabilityConfig(min_magnitude=4, magnitude_rule="at_least")
    assert detectability.select(events(magnitude=[3.9, 4.0]), DUR, config)["target"].tolist() == [False, True]


def test_every_event_that_is_not_a_target_says_why_and_a_target_says_nothing():
    table = events(
        magnitude=[5, 4, 5, 5, np.nan, 5, 3],
        latitude_deg=north_of(DUR, [0, 0, 300, 0, 0, 0, 500]),
        depth_km=[10, 10, 10, 31, 10, np.nan, 600],
    )
    out = detectability.select(table, DUR, PAPER)
    assert out["reason"].tolist() == [
        "",
        "magnitude not above 4",
        "farther than 200 km",
        "deeper than 30 km",
        "magnitude unknown",
        "depth unknown",
        "magnitude not above 4",
    ]
    assert out["target"].tolist() == [reason == "" for reason in out["reason"]]
    assert (out["station"] == "DUR").all()
    np.testing.assert_allclose(out["distance_km"], [0, 0, 300, 0, 0, 0, 500], atol=1e-6)


def test_selecting_leaves_the_events_table_as_it_was():
    table = events(magnitude=[5, 3])
    before = table.copy()
    detectability.select(table, DUR, PAPER)
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_catalogue_gives_an_empty_table():
    out = detectability.select(events_table([]), DUR, PAPER)
    assert len(out) == 0 and out["target"].dtype == bool


@pytest.mark.shared
@pytest.mark.parametrize(
    ("station", "start", "paper", "vrancea"),
    [(KODIAK, "2015-03-01", 1, 1), (OLD_HARBOR, "2015-06-02", 1, 2)],
)
def test_the_alaska_catalogue_has_as_many_targets_as_were_counted_by_hand(shared_data, station, start, paper, vrancea):
    table = alaska(shared_data, start, "2015-09-01")
    fixed = DetectabilityConfig(max_distance_km=100, max_depth_km=100, min_magnitude=4)
    assert detectability.select(table, station, PAPER)["target"].sum() == paper
    assert detectability.select(table, station, fixed)["target"].sum() == vrancea


@pytest.mark.shared
@pytest.mark.parametrize(
    ("station", "folder", "start", "n_all", "n_recorded"),
    [
        (KODIAK, "InteleCell-Kodiak", "2015-03-01", 65, 53),
        (OLD_HARBOR, "InteleCell-Old-Harbor", "2015-06-02", 32, 31),
    ],
)
def test_with_relaxed_limits_53_and_31_alaskan_targets_fall_on_days_that_are_nine_tenths_recorded(
    shared_data, station, folder, start, n_all, n_recorded
):
    relaxed = DetectabilityConfig(max_distance_km=200, max_depth_km=100, min_magnitude=2.5)
    felt = detectability.select(alaska(shared_data, start, "2015-09-01"), station, relaxed)
    day = felt.loc[felt["target"], "origin_time"].dt.floor("D")
    assert len(day) == n_all
    assert (
        day.map(recorded_fraction(shared_data / "magnetics" / "csv_intelecell" / folder)) >= 0.9
    ).sum() == n_recorded


def recorded_fraction(folder):
    """Share of the minutes of each UTC day that a folder of InteleCell files (local time) holds."""
    dates = pd.concat([pd.read_csv(path, usecols=["Date"])["Date"] for path in sorted(folder.iterdir())])
    local = pd.to_datetime(dates, format="%m-%d-%Y %H:%M:%S").dt.tz_localize("America/Anchorage", nonexistent="NaT")
    minutes = local.dt.tz_convert("UTC").dt.floor("min").drop_duplicates()
    return minutes.dt.floor("D").value_counts() / 1440


@pytest.mark.shared
def test_near_memambetsu_nothing_meets_the_papers_rule_but_233_events_lie_within_700_km(shared_data):
    table = comcat(shared_data / "catalogues" / "tohoku_usgs_comcat_1964-20110314_m45.csv.gz")
    table = table[table["origin_time"].between("2011-03-01", "2011-03-15", inclusive="left")]
    memambetsu = Station("MMB", "Memambetsu", 43.91, 144.189)
    assert detectability.select(table, memambetsu, PAPER)["target"].sum() == 0
    wide = DetectabilityConfig(max_distance_km=700, max_depth_km=30, min_magnitude=4)
    assert detectability.select(table, memambetsu, wide)["target"].sum() == 233


def comcat(path):
    table = pd.read_csv(path)
    return pd.DataFrame(
        {
            "event_id": table["id"],
            "origin_time": pd.to_datetime(table["time"], format="ISO8601"),
            "latitude_deg": table["latitude"],
            "longitude_deg": table["longitude"],
            "depth_km": table["depth"],
            "magnitude": table["mag"],
            "magnitude_type": table["magType"],
            "source": "usgs",
        }
    ).sort_values("origin_time")


def alaska(shared_data, start, end):
    table = comcat(shared_data / "catalogues" / "alaska_usgs_comcat_20141020-20160608_m25.csv.gz")
    return table[table["origin_time"].between(start, end, inclusive="left")]


@pytest.mark.parametrize(("smallest", "said"), [(3.5, False), (4.1, False), (4.5, True)])
def test_a_catalogue_that_begins_above_the_target_magnitude_is_said_to_be_thin(smallest, said):
    sentence = detectability.warning(events(magnitude=[6.0, smallest]), DUR, PAPER)
    assert bool(sentence) == said
    if said:
        assert (
            "smallest event in the catalogue of DUR has magnitude 4.5" in sentence and "above magnitude 4" in sentence
        )
    assert detectability.warning(events(magnitude=[5.0]).iloc[:0], DUR, PAPER) == ""


@pytest.mark.parametrize(
    ("law", "reach"),  # worked by hand from the formulas; "none" at M 4 on Hattori's line
    [
        ("dobrovolsky", {4: 52, 5: 141, 6: 380, 6.4: 565}),
        ("morgunov_malzev", {4: 54, 5: 170, 6: 537, 6.4: 851}),
        ("hattori", {4: 0, 4.5: 0, 5: 20, 6: 60}),
        ("custom", {4: 100, 6: 1000}),
    ],
)
def test_each_law_reaches_as_far_as_its_paper_says(law, reach):
    config = DetectabilityConfig(law=law, custom_slope=0.5, custom_intercept=0, min_magnitude=3)
    found = detectability.limits(DUR, config).reach_km(np.array(list(reach), dtype=float))
    np.testing.assert_allclose(found, list(reach.values()), atol=0.5)
    for magnitude, km in reach.items():
        table = events(magnitude=[magnitude] * 2, latitude_deg=north_of(DUR, [max(km - 1, 0.1), km + 1]))
        expected = [km > 0, False]
        out = detectability.select(table, DUR, config)
        assert out["target"].tolist() == expected
        assert out["reason"].iloc[1].startswith("beyond the reach of its magnitude (")


def test_a_law_leaves_depth_and_smallest_magnitude_as_limits():
    config = DetectabilityConfig(law="dobrovolsky", max_depth_km=30, min_magnitude=4)
    out = detectability.select(events(magnitude=[6, 3.9, 6], depth_km=[31, 10, 10]), DUR, config)
    assert out["reason"].tolist() == ["deeper than 30 km", "magnitude not above 4", ""]


def test_a_distance_to_the_focus_counts_the_depth():
    table = events(magnitude=[5, 5, 5], latitude_deg=north_of(DUR, [30, 30, 0]), depth_km=[39, 41, 51])
    near = {"max_distance_km": 50, "max_depth_km": 100}
    assert detectability.select(table, DUR, DetectabilityConfig(**near))["target"].all()
    out = detectability.select(table, DUR, DetectabilityConfig(**near, distance="hypocentral"))
    assert out["target"].tolist() == [True, False, False]  # 3-4-5: 49.2 km, and just beyond 50
    assert out["reason"].iloc[2] == "farther than 50 km to the focus"


def test_the_distance_to_the_focus_is_that_of_the_chord_through_the_earth():
    random = np.random.default_rng(0)
    arc, depth = random.uniform(0, 8000, 200), random.uniform(0, 700, 200)
    x = (6371 - depth) * np.cos(arc / 6371) - 6371
    y = (6371 - depth) * np.sin(arc / 6371)
    np.testing.assert_allclose(focal_distance_km(arc, depth), np.hypot(x, y), rtol=1e-9)


@pytest.mark.parametrize("law", ["paper", "fixed", "hattori"])
def test_exploring_counts_what_selecting_names(law):
    random = np.random.default_rng(3)
    n = 500
    table = events(
        magnitude=np.where(random.random(n) < 0.05, np.nan, random.uniform(3, 7, n)),
        latitude_deg=north_of(DUR, random.uniform(0, 400, n)),
        depth_km=np.where(random.random(n) < 0.05, np.nan, random.uniform(0, 60, n)),
    )
    config = DetectabilityConfig(law=law)
    named = detectability.select(table, DUR, config)["reason"].replace("", "target event").value_counts().to_dict()
    counted = detectability.explore(table, DUR, config)
    assert counted["n"].sum() == n and counted["reason"].iloc[0] == "target event"
    assert {row.reason: row.n for row in counted.itertuples() if row.n} == named


def test_an_event_that_breaks_one_rule_only_is_what_that_rule_costs():
    table = events(
        magnitude=[5, 3, 3, 5, 5, 5],
        latitude_deg=north_of(DUR, [0, 0, 300, 300, 300, 0]),
        depth_km=[9, 9, 9, 9, 50, 50],
    )
    found = detectability.explore(table, DUR, PAPER).set_index("reason")
    assert found["n_alone"].to_dict() == {
        "target event": 1,
        "magnitude unknown": 0,
        "magnitude not above 4": 1,
        "place unknown": 0,
        "farther than 200 km": 1,
        "depth unknown": 0,
        "deeper than 30 km": 1,
    }
    assert found["n"].tolist() == [1, 0, 2, 0, 2, 0, 1]


def test_the_share_of_targets_inside_each_law_is_that_counted_by_hand():
    # At 100 km: M 4.1 is beyond all laws, M 5 within 141 and 170 km but not 20, M 7.5 within all (Hattori: 120 km).
    table = events(magnitude=[4.1, 5, 5, 7.5], latitude_deg=north_of(DUR, [100] * 4))
    felt = detectability.select(table, DUR, PAPER)
    positives = pd.Series(["e1", "e1", "e3", "e0", "e0"], index=["DUR"] * 5)
    found = detectability.inside_laws(felt, positives).set_index("law")
    assert found["n_inside"].to_dict() == {"dobrovolsky": 3, "morgunov_malzev": 3, "hattori": 1}
    assert found.loc["hattori", ["n_targets", "fraction"]].tolist() == [4, 0.25]
    assert found.loc["dobrovolsky", ["n_positives", "n_positives_inside", "positive_fraction"]].tolist() == [5, 3, 0.6]


@pytest.mark.shared
def test_most_of_the_papers_targets_near_duronia_are_beyond_hattoris_line(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "italy_iside_20050417-20210630_m20_csep.csv.gz")
    found = detectability.inside_laws(detectability.select(table, DUR, PAPER)).set_index("law")["fraction"]
    assert found["hattori"] < 0.05 and found["dobrovolsky"] < 0.5
