"""Strata of events: which steps are alike, and what a score is compared with."""

import numpy as np
import pytest

from core.evaluation.chance import event_strata, local_ranks
from core.evaluation.chance.skill import Scores
from support.shaken_worlds import DAY, FIRST, HOUR, catalogue


def hourly(values):
    return Scores(("AAA",), FIRST, HOUR, np.atleast_2d(values))


def test_a_stratum_is_number_largest_magnitude_and_age_of_the_events_before_a_step():
    events = catalogue([30, 30 + 4 * HOUR], magnitudes=[3.2, 4.6])
    stratum = event_strata.strata(hourly(np.zeros(16)), events, 8 * HOUR)
    # Age of the last event, as a share of eight hours: to an eighth, a quarter, a half, one.
    alike = [
        [0, 13, 14, 15],  # none; an event at step 12.5 is out of reach
        [1],  # half an hour old, alone, small
        [2],
        [3, 4],
        [5],  # two, the larger one half an hour old
        [6],
        [7, 8],
        [9, 10, 11, 12],  # the larger one is alone from here on
    ]
    groups = {}
    for step, name in enumerate(stratum.tolist()):
        groups.setdefault(name, []).append(step)
    assert sorted(groups.values()) == sorted(alike)


def test_a_score_is_ranked_within_its_stratum_of_its_own_station():
    random = np.random.default_rng(0)
    scores = hourly(random.normal(size=(1, 60 * 24)))
    events = catalogue(np.arange(6) * 10 * DAY + DAY)
    left, share = event_strata.shares(scores, events, catalogue([]), 8 * HOUR)
    stratum, local = event_strata.strata(scores, events, 8 * HOUR), local_ranks.shares(scores.score, HOUR)[0]
    assert np.isfinite(share).all() and left.score.tolist() == scores.score.tolist()
    for step in (3, 26, 500):
        like = local[stratum == stratum[step]]
        assert share[0, step] == pytest.approx(np.mean(like < local[step]) + np.mean(like == local[step]) / 2)
    other = event_strata.shares(scores, events.assign(station="BBB"), catalogue([]), 8 * HOUR)[1]
    assert other[0] == pytest.approx(local, abs=1e-3)  # no event: all steps are alike


def test_a_stratum_that_came_fewer_than_five_times_without_a_target_is_left_out():
    scores = hourly(np.random.default_rng(0).normal(size=(1, 60 * 24)))
    minutes = np.arange(6) * 10 * DAY + DAY
    events = catalogue(minutes)
    two_targets = catalogue(minutes[:2] + 5 * HOUR)
    left, share = event_strata.shares(scores, events, two_targets, 8 * HOUR)
    gone = np.flatnonzero(np.isnan(share[0])).tolist()
    # The targets lie in steps in which the last event is half of eight hours old or older: four times are left.
    assert gone == [int(minute // HOUR) + age for minute in minutes for age in (5, 6, 7, 8)]
    assert np.isnan(left.score[0, gone]).all() and np.isfinite(np.delete(left.score[0], gone)).all()


def test_a_score_that_events_alone_would_give_is_the_mean_of_its_stratum_at_other_times():
    scores = hourly(np.random.default_rng(0).normal(size=(1, 60 * 24)))
    scores.score[0, 7] = np.nan
    events = catalogue([DAY, 11 * DAY, 21 * DAY])
    target = catalogue([21 * DAY + 4 * HOUR])
    alone = event_strata.of_events_alone(scores, events, target, 8 * HOUR)[0]
    local = local_ranks.shares(scores.score, HOUR)[0]
    youngest = [25, 265]
    assert alone[[*youngest, 505]] == pytest.approx(local[youngest].mean())  # not of step 505: it precedes the target
    assert np.isnan(alone[7]) and np.isnan(alone).sum() == 1
    everywhere = event_strata.of_events_alone(scores, events[2:], target, 8 * HOUR)[0]
    assert everywhere[505] == 0.5  # other times have no such stratum
