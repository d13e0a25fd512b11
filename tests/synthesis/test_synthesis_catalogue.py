"""The made-up catalogue: Gutenberg and Richter, Omori and Utsu, and where the faults are."""

import math

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.config import WorldConfig
from core.synthesis import seismicity
from core.synthesis.world import World

CODES = ("DUR", "IZN", "MLR")


def utc(text):
    return pd.Timestamp(text, tz="UTC")


@pytest.fixture(scope="module")
def catalogue():
    """Ten years with many earthquakes."""
    first = int(utc("2010-01-01").timestamp()) // 60
    end = int(utc("2020-01-01").timestamp()) // 60
    return seismicity.generate(stations.resolve(CODES), first, end, 100.0, seed=2)


def test_magnitudes_follow_gutenberg_and_richter_with_b_near_1(catalogue):
    magnitude = catalogue["magnitude"].to_numpy()
    assert len(magnitude) > 3000
    b = math.log10(math.e) / (magnitude.mean() - (3.5 - 0.05))  # Aki (1965), with Utsu's half bin
    assert b == pytest.approx(1.0, abs=0.06)
    assert magnitude.min() == 3.5 and 5.5 < magnitude.max() <= 6.5


def test_the_background_rate_is_the_configured_one(monkeypatch):
    monkeypatch.setattr(seismicity, "_K", 0.0)  # no aftershocks
    first, end = (int(utc(day).timestamp()) // 60 for day in ("2010-01-01", "2020-01-01"))
    found = seismicity.generate(stations.resolve(CODES), first, end, 100.0, seed=2)
    assert len(found) == pytest.approx(3 * 1000, abs=3 * 3000**0.5)
    near = [
        stations.distance_km(found["latitude_deg"], found["longitude_deg"], stations.get(c)) <= 300.1 for c in CODES
    ]
    assert np.any(near, axis=0).all()
    daily = np.bincount((found["origin_time"] - utc("2010-01-01")).dt.days, minlength=3652)
    assert daily.var() / daily.mean() == pytest.approx(1.0, abs=0.1)  # Poisson


def test_aftershocks_cluster_in_time_and_space_and_decay(catalogue):
    daily = np.bincount((catalogue["origin_time"] - utc("2010-01-01")).dt.days, minlength=3652)
    assert daily.var() / daily.mean() > 1.3  # 1 without aftershocks, within 0.05
    crust = catalogue[catalogue["depth_km"] < 40]
    after = {"first day": 0, "next nine": 0, "day before": 0}
    for main in crust[crust["magnitude"] >= 5.5].itertuples():
        days = (crust["origin_time"] - main.origin_time).dt.total_seconds() / 86400
        north = (crust["latitude_deg"] - main.latitude_deg) * 111.2
        east = (crust["longitude_deg"] - main.longitude_deg) * 111.2 * math.cos(math.radians(main.latitude_deg))
        close = np.hypot(north, east) < 40
        after["first day"] += int((close & (days > 0) & (days <= 1)).sum())
        after["next nine"] += int((close & (days > 1) & (days <= 10)).sum())
        after["day before"] += int((close & (days < 0) & (days >= -1)).sum())
    # Omori with p = 1.1 and c = 0.02 days: more in the first day than in the next nine together.
    assert after["first day"] > after["next nine"] > 0
    assert after["first day"] > 5 * after["day before"]


@pytest.mark.parametrize(("magnitude", "length_km"), [(5.0, 3.2), (6.0, 12.6), (6.5, 24.8)])
def test_aftershocks_lie_about_a_rupture_length_of_wells_and_coppersmith_around_the_mainshock(magnitude, length_km):
    main = seismicity.Quake(0.0, 42.0, 13.0, 10.0, magnitude)
    families = [seismicity._aftershocks(main, 10**9, seed, "DUR", "1") for seed in range(40)]
    found = [quake for family in families for quake in family]
    north = [(quake.latitude_deg - 42.0) * 111.2 for quake in found]
    east = [(quake.longitude_deg - 13.0) * 111.2 * math.cos(math.radians(42.0)) for quake in found]
    assert len(found) > 50
    assert 0.4 * length_km < np.median(np.hypot(north, east)) < 1.1 * length_km + 2


def test_omori_delays_have_the_quantiles_of_the_law():
    # Share of aftershocks within t of all within T: (c^(1-p) - (t+c)^(1-p)) / (c^(1-p) - (T+c)^(1-p)).
    c, p, longest = 0.02, 1.1, 3650.0
    share = (c ** (1 - p) - (1 + c) ** (1 - p)) / (c ** (1 - p) - (longest + c) ** (1 - p))
    assert seismicity._omori_days(share) == pytest.approx(1.0, rel=1e-6)
    assert seismicity._omori_days(0.0) == pytest.approx(0.0, abs=1e-9)


def test_vrancea_is_deep_and_the_apennines_are_shallow(catalogue):
    def around(code):
        return stations.distance_km(catalogue["latitude_deg"], catalogue["longitude_deg"], stations.get(code)) < 320

    vrancea = catalogue[around("MLR")]["depth_km"]
    assert 0.4 < vrancea.between(60, 160).mean() < 0.9
    assert catalogue[around("DUR") | around("IZN")]["depth_km"].between(1, 30).all()


def test_event_ids_count_up_in_time(catalogue):
    assert catalogue["event_id"].iloc[:2].tolist() == ["syn000001", "syn000002"]
    assert catalogue["origin_time"].is_monotonic_increasing


def test_a_station_without_listed_faults_has_earthquakes_too():
    place = stations.Station("NEW", "Nowhere yet", 55.3, -3.2)
    first, end = (int(utc(day).timestamp()) // 60 for day in ("2016-01-01", "2017-01-01"))
    found = seismicity.generate([place], first, end, 100.0, seed=1)
    assert len(found) > 50
    assert (stations.distance_km(found["latitude_deg"], found["longitude_deg"], place) < 330).all()


def test_no_event_is_made_if_none_is_asked_for():
    world = World(WorldConfig(start="2016-02-01", end="2016-03-12", events_per_year=0), ("DUR",))
    assert world.events().empty and world.events_period() == (utc("2016-02-01"), utc("2016-03-12"))
