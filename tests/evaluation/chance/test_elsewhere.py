"""What scores know beyond those of another place: worlds whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance import elsewhere
from core.evaluation.chance.skill import Scores

DAY = 1440
FIRST = 91 * 150 * DAY


def world(seed, days=728, n=40, here=0.0, everywhere=0.0):
    """Daily scores at a place and at another, half of them common; before n events both or only one are lifted."""
    random = np.random.default_rng(seed)
    common, own, other = random.normal(size=(3, days)) / np.sqrt([[2], [2], [2]])
    at = random.choice(days, n, replace=False)
    lift = np.zeros(days)
    lift[at] = 1.0
    targets = pd.DataFrame(
        {
            "station": "AAA",
            "origin_time": pd.to_datetime((FIRST + at * DAY) * 60, unit="s", utc=True),
            "cluster": np.arange(n),
        }
    )
    near = Scores(("AAA",), FIRST, DAY, (common + own + (here + everywhere) * lift)[None, :])
    return near, targets, AlarmSeries("FAR", FIRST, DAY, common + other + everywhere * lift)


def test_a_change_that_is_felt_everywhere_alike_is_no_skill_beyond_another_place():
    passed = [elsewhere.beyond(*world(seed, everywhere=1.5)).low > 0 for seed in range(200)]
    assert np.mean(passed) <= 0.06  # one side of 95 %: 0.025, with a standard error of 0.011


def test_scores_that_know_nothing_here_and_there_are_no_skill_beyond_another_place():
    passed = [elsewhere.beyond(*world(seed)).low > 0 for seed in range(200)]
    assert np.mean(passed) <= 0.06


def test_a_change_that_is_felt_here_alone_is():
    found = [elsewhere.beyond(*world(seed, here=1.5)) for seed in range(40)]
    assert np.mean([each.low > 0 for each in found]) > 0.95
    truth = 0.856 - 0.5  # Phi(1.5 / sqrt 2) here, chance there
    assert np.mean([each.low <= truth <= each.high for each in found]) >= 0.9
    assert np.mean([each.difference for each in found]) == pytest.approx(truth, abs=0.05)


def test_only_events_count_for_which_both_places_have_a_score():
    near, targets, far = world(1, here=1.5)
    score = far.score.copy()
    score[: len(score) // 2] = np.nan
    half = elsewhere.beyond(near, targets, AlarmSeries("FAR", FIRST, DAY, score))
    later = (targets["origin_time"] >= pd.Timestamp((FIRST + 364 * DAY) * 60, unit="s", tz="UTC")).sum()
    assert half.n_clusters == later
    nothing = elsewhere.beyond(near, targets, AlarmSeries("FAR", FIRST, DAY, np.full(728, np.nan)))
    assert nothing.n_clusters == 0 and np.isnan([nothing.difference, nothing.low, nothing.high]).all()


def test_a_stretch_whose_turns_cannot_tell_has_no_interval():
    near, targets, far = world(1, days=14, n=3, here=3.0)
    assert np.isnan(elsewhere.beyond(near, targets, far).low)


def test_the_series_of_the_other_place_may_begin_and_end_elsewhere():
    near, targets, far = world(2, here=1.5)
    longer = AlarmSeries(
        "FAR", FIRST - 10 * DAY, DAY, np.concatenate([np.full(10, np.nan), far.score, np.full(5, np.nan)])
    )
    assert elsewhere.beyond(near, targets, longer) == elsewhere.beyond(near, targets, far)
    shorter = AlarmSeries("FAR", FIRST + 200 * DAY, DAY, far.score[200:500])
    begins, ends = (pd.Timestamp((FIRST + day * DAY) * 60, unit="s", tz="UTC") for day in (200, 500))
    inside = ((targets["origin_time"] >= begins) & (targets["origin_time"] < ends)).sum()
    assert 0 < inside < 40 and elsewhere.beyond(near, targets, shorter).n_clusters == inside
