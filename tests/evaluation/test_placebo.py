"""Controls on frozen scores: far places, and windows moved away from the events; worlds whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_significance import START, series_of, targets_at

from core.config import DetectabilityConfig, from_dict
from core.evaluation import placebo, window_shift

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


CONFIG = from_dict(
    {"windows": {"length_minutes": 240, "sampling": "event_aligned"}, "labels": {"quiet_margin_days": 0.25}}
)


def shift_world(hours_before, n=40):
    """
    Windows of 4 hours before n events, 5 days apart, and a scan every hour.

    The probability is high in scan windows that end up to `hours_before` hours before an event.
    """
    random = np.random.default_rng(4)
    origins = 1440 * 5 * np.arange(1, n + 1) + 17
    targets = targets_at(origins)
    ends = np.arange(300, origins[-1], 60)
    lead_hours = (origins[np.searchsorted(origins, ends)] - ends) / 60
    level = 0.2 * random.uniform(size=len(ends)) + 0.6 * (lead_hours <= hours_before)
    scan = windows_at(ends, level).assign(rejected="")
    positive = windows_at(origins, 0.6 + 0.2 * random.uniform(size=n)).assign(
        label=1, event_id=targets["event_id"], cluster=np.arange(n)
    )
    quiet = windows_at(origins[:-1] + 3600, 0.2 * random.uniform(size=n - 1)).assign(label=0, event_id="", cluster=-1)
    return pd.concat([positive, quiet], ignore_index=True), scan, targets


def windows_at(ends, probability):
    end = START + pd.to_timedelta(ends, unit="min")
    return pd.DataFrame(
        {"station": "DUR", "start": end - pd.Timedelta(minutes=240), "end": end, "probability": probability}
    )


def test_skill_right_before_the_events_vanishes_one_window_earlier():
    found = window_shift.table(*shift_world(hours_before=2), CONFIG)
    assert found["shift_days"].tolist() == pytest.approx([0, 1 / 6, 2 / 6, 4 / 6, 8 / 6])
    assert found["auc"].iloc[0] == 1.0
    assert found["n"].tolist() == [40, 39, 39, 39, 39]  # the first window cannot move without leaving the period
    assert found["auc_low"].iloc[1] < 0.5 < found["auc_high"].iloc[1]


def test_skill_that_lasts_half_a_day_survives_two_windows_and_not_four():
    found = window_shift.table(*shift_world(hours_before=12), CONFIG).set_index("shift_days")
    assert found["auc_low"].iloc[:3].min() > 0.8
    assert found["auc_low"].iloc[3] < 0.5 < found["auc_high"].iloc[3]


def test_the_windows_before_one_sequence_count_once_however_far_they_are_moved():
    judged, scan, targets = shift_world(hours_before=12)
    judged["cluster"] = np.where(judged["label"] == 1, judged["cluster"] // 10, -1)  # four sequences of ten events
    found = window_shift.table(judged, scan, targets, CONFIG)
    # All in order: four disjoint pairs of independent pieces, so A >= 0.025^(1/4) (see `scores.auc_interval`).
    assert found["auc"].iloc[:2].tolist() == [1.0, 1.0]
    assert found["auc_low"].iloc[:2].tolist() == pytest.approx([0.025**0.25] * 2)


def test_moved_windows_do_not_meet_another_event_a_rejected_window_or_the_training_period():
    judged, scan, targets = shift_world(hours_before=12)
    # A foreshock 6 hours before the second event lies in its window moved by one length (8 to 4 hours before).
    extra = targets.iloc[[1]].assign(event_id="fore", origin_time=targets["origin_time"].iloc[1] - pd.Timedelta("6h"))
    with_foreshock = window_shift.table(judged, scan, pd.concat([targets, extra]), CONFIG)
    assert with_foreshock["n"].tolist()[:2] == [40, 38]

    gone = scan.assign(rejected=np.where(scan["end"] < targets["origin_time"].iloc[2], "storm", ""))
    assert window_shift.table(judged, gone, targets, CONFIG)["n"].iloc[1] == 37

    late = judged[judged["start"] >= targets["origin_time"].iloc[2] - pd.Timedelta("4h")]
    assert window_shift.table(late, scan, targets, CONFIG)["n"].tolist() == [38, 37, 37, 37, 37]
