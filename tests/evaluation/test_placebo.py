"""Controls on frozen scores: far places; worlds whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.config import DetectabilityConfig
from core.evaluation import placebo
from support.alarm_samples import START, series_of

HOURS = 24 * 400
RULE = DetectabilityConfig(max_distance_km=200, max_depth_km=50, min_magnitude=4)
NEAR = (41.7, 14.5)  # DUR in Italy
FAR = [(latitude, longitude) for latitude in (30, 36, 42, 48) for longitude in range(25, 81, 8)]  # 600 km apart


def catalogue(places, random, n=60):
    """n events around each place, within 40 km or so, at random times."""
    parts = []
    for k, (latitude, longitude) in enumerate(places):
        minutes = np.sort(random.choice(HOURS * 60, size=n, replace=False))
        parts.append(
            pd.DataFrame(
                {
                    "event_id": [f"p{k}-{i}" for i in range(n)],
                    "origin_time": START + pd.to_timedelta(minutes, unit="min"),
                    "latitude_deg": latitude + random.uniform(-0.3, 0.3, n),
                    "longitude_deg": longitude + random.uniform(-0.3, 0.3, n),
                    "depth_km": 10.0,
                    "magnitude": 4.5,
                }
            )
        )
    return pd.concat(parts).sort_values("origin_time", ignore_index=True)


def near_targets(events):
    near = events[events["event_id"].str.startswith("p0")]
    return near.assign(station="DUR", cluster=np.arange(len(near)))


def hours_of(events):
    return ((events["origin_time"] - START).dt.total_seconds() // 3600).to_numpy().astype(int)


def test_scores_that_know_the_near_events_do_worse_far_away():
    random = np.random.default_rng(1)
    events = catalogue([NEAR, *FAR], random)
    targets = near_targets(events)
    score = random.normal(size=HOURS)
    score[hours_of(targets)] += 2
    rows, draws = placebo.far_location([series_of(score)], targets, {"DUR": events}, RULE, n_places=50)
    assert rows["observed"].iloc[0] > 0.85
    assert len(draws) == len(FAR)  # each region is one place, however many circles are drawn around its events
    assert rows["p"].iloc[0] == pytest.approx(1 / (1 + len(FAR)))
    assert abs(draws["value"].mean() - 0.5) < 0.05


def test_scores_that_know_all_events_of_the_region_are_unmasked():
    random = np.random.default_rng(2)
    events = catalogue([NEAR, *FAR], random)
    score = random.normal(size=HOURS)
    score[hours_of(events)] += 2  # as a score would that knows when the catalogue is complete
    rows, _ = placebo.far_location([series_of(score)], near_targets(events), {"DUR": events}, RULE, n_places=50)
    assert rows["observed"].iloc[0] > 0.85
    assert rows["p"].iloc[0] > 0.05


def test_a_catalogue_that_does_not_reach_far_is_said_and_not_tested():
    random = np.random.default_rng(3)
    events = catalogue([NEAR], random)
    rows, draws = placebo.far_location(
        [series_of(random.normal(size=HOURS))], near_targets(events), {"DUR": events}, RULE
    )
    assert np.isnan(rows["p"].iloc[0]) and draws.empty
    assert "knows 0 comparable places 500 km or more" in rows["sentence"].iloc[0]


def test_the_far_places_that_a_catalogue_offers_are_counted_where_they_are_too_few():
    random = np.random.default_rng(4)
    events = catalogue([NEAR, *FAR[:19]], random)
    rows, draws = placebo.far_location(
        [series_of(random.normal(size=HOURS))], near_targets(events), {"DUR": events}, RULE
    )
    assert np.isnan(rows["p"].iloc[0]) and draws.empty
    assert rows["n_null"].iloc[0] == 19
    assert "knows 19 comparable places" in rows["sentence"].iloc[0] and "20 are needed" in rows["sentence"].iloc[0]
