"""The primary test: local shares at target events against turned blocks."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance import skill
from core.evaluation.chance.skill import Scores

DAY = 1440
FIRST = 91 * 150 * DAY


def events(steps, stations=None, clusters=None, step_minutes=DAY):
    n = len(steps)
    minutes = FIRST + np.asarray(steps) * step_minutes
    return pd.DataFrame(
        {
            "station": stations or ["AAA"] * n,
            "origin_time": pd.to_datetime(minutes * 60, unit="s", utc=True),
            "cluster": np.arange(n) if clusters is None else clusters,
        }
    )


def world(seed, days=364, n=24, lift=0.0):
    """White daily scores and n events at random; the day of each event is lifted."""
    random = np.random.default_rng(seed)
    score, at = random.normal(size=(1, days)), random.choice(days, n, replace=False)
    score[0, at] += lift
    return Scores(("AAA",), FIRST, DAY, score), events(at)


def test_p_is_uniform_where_scores_know_nothing():
    p = np.array([skill.tested(*world(seed)).p for seed in range(400)])
    assert 0.03 <= np.mean(p <= 0.05) <= 0.075  # 400 worlds: 0.05 with a standard error of 0.011
    assert np.mean(p <= 0.5) == pytest.approx(0.5, abs=0.08)


def test_scores_and_rates_that_drift_together_are_no_skill():
    p = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        t = np.linspace(-1.7, 1.7, 364)
        rate = np.exp(0.7 * t)
        at = np.sort(random.choice(364, 60, p=rate / rate.sum(), replace=False))
        scores = Scores(("AAA",), FIRST, DAY, random.normal(size=(1, 364)) + t)
        p.append(skill.tested(scores, events(at)).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.10


def test_a_planted_precursor_is_found_and_its_interval_holds_its_skill():
    found = [skill.tested(*world(seed, lift=1.5)) for seed in range(40)]
    assert np.mean([one.p <= 0.05 for one in found]) > 0.95
    truth = 0.856  # of a normal score lifted by 1.5: Phi(1.5 / sqrt 2)
    assert np.mean([one.interval[0] <= truth <= one.interval[1] for one in found]) >= 0.9
    assert all(one.band[0] < 0.5 < one.band[1] < one.skill for one in found)


def test_a_sequence_counts_once_whatever_its_number_of_events_and_stations():
    scores, _ = world(1)
    scores = Scores(("AAA", "BBB"), FIRST, DAY, np.vstack([scores.score, world(2)[0].score]))
    targets = events([10, 11, 11, 200], ["AAA", "AAA", "BBB", "AAA"], [3, 3, 3, 4])
    tested = skill.tested(scores, targets)
    from core.evaluation.chance import local_ranks

    share = local_ranks.shares(scores.score, DAY)
    expected = (np.mean([share[0, 10], share[0, 11], share[1, 11]]) + share[0, 200]) / 2
    assert tested.n_targets == 4 and tested.n_clusters == 2
    assert tested.skill == pytest.approx(expected, abs=0.003)


def test_events_in_gaps_are_left_out_before_anything_is_counted():
    scores, _ = world(1)
    scores.score[0, 10] = np.nan
    tested = skill.tested(scores, events([10, 11, 12], clusters=[5, 5, 6]))
    assert (tested.n_targets, tested.n_outside, tested.n_clusters) == (2, 1, 2)


def test_weeks_are_turned_where_they_leave_room_and_days_in_short_tests():
    assert skill.tested(*world(0)).whole_days == 7
    short = skill.tested(*world(0, days=182, n=8))
    assert short.whole_days == 1 and short.p_smallest < 0.001


def test_a_habit_of_the_day_of_the_week_is_no_skill():
    p = []
    for seed in range(150):
        random = np.random.default_rng(seed)
        sunday = np.arange(364) % 7 == 6
        rate = np.where(sunday, 1 / np.e, 1.0)
        at = random.choice(364, 40, p=rate / rate.sum(), replace=False)
        p.append(skill.tested(Scores(("AAA",), FIRST, DAY, random.normal(size=(1, 364)) - sunday), events(at)).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.10


def test_one_block_alone_leaves_little_room_and_no_target_none():
    one = skill.tested(*world(0, days=91, n=3))
    assert one.n_blocks == 1 and one.p_smallest >= 1 / 91
    none = skill.tested(world(0)[0], events([]))
    assert none.p == none.p_smallest == 1 and np.isnan(none.skill) and none.n_targets == 0


def test_a_step_of_two_days_turns_by_whole_steps():
    scores = Scores(("AAA",), FIRST, 2 * DAY, np.random.default_rng(0).normal(size=(1, 182)))
    tested = skill.tested(scores, events([3, 50, 99, 160], step_minutes=2 * DAY))
    assert tested.whole_days in (2, 14)


def test_series_of_stations_that_begin_apart_share_one_axis():
    a = AlarmSeries("AAA", FIRST, 60, np.arange(5.0))
    b = AlarmSeries("BBB", FIRST + 120, 60, np.arange(5.0))
    scores = skill.on_one_axis([a, b])
    assert scores.score.shape == (2, 7) and scores.score[1, 2] == 0 and np.isnan(scores.score[1, :2]).all()
    with pytest.raises(ValueError, match="one grid"):
        skill.on_one_axis([a, AlarmSeries("BBB", FIRST + 30, 60, np.arange(5.0))])
    with pytest.raises(ValueError, match="one step"):
        skill.on_one_axis([])
