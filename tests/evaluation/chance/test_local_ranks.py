"""Local ranks: the share of lower scores among the neighbours in time."""

import numpy as np
import pytest

from core.evaluation.chance import local_ranks

DAY = 1440


def test_a_linear_trend_of_the_score_leaves_one_half():
    share = local_ranks.shares(np.arange(365.0), DAY)
    assert share[60:-60] == pytest.approx(0.5, abs=0.02)


def test_a_season_moves_local_shares_less_than_ranks_of_the_whole_year():
    t = np.arange(730)
    season = np.sin(2 * np.pi * t / 365.25)
    score = season + np.random.default_rng(1).normal(size=730)
    whole = (np.argsort(np.argsort(score)) + 0.5) / len(score)
    local = local_ranks.shares(score, DAY)
    assert abs(np.corrcoef(local, season)[0, 1]) < 0.1 < abs(np.corrcoef(whole, season)[0, 1])


def test_a_share_is_that_of_both_windows_around_a_step():
    """By hand: windows of 4 days begin every 2; the step 3 lies between the middles 2 and 4."""
    score = np.array([5.0, 1.0, 4.0, 3.0, 2.0, 6.0, 0.0, 7.0])
    first, second = [5, 1, 4, 3], [4, 3, 2, 6]
    of_first, of_second = (np.sum(np.array(w) < 3) + 0.5 for w in (first, second))
    share = local_ranks.shares(score, DAY, reach_days=4)
    assert share[3] == pytest.approx((0.5 * of_first + 0.5 * of_second) / 4)
    assert share[0] == pytest.approx((np.sum(np.array(first) < 5) + 0.5) / 4)  # before the first middle: one window


def test_ties_count_one_half_and_gaps_do_not_count():
    score = np.array([1.0, np.nan, 1.0, 1.0, np.nan])
    assert local_ranks.shares(score, DAY)[[0, 2, 3]] == pytest.approx(0.5)
    assert np.isnan(local_ranks.shares(score, DAY)[[1, 4]]).all()


def test_each_station_is_ranked_by_itself():
    scores = np.random.default_rng(0).normal(size=(2, 200))
    both = local_ranks.shares(scores, DAY)
    assert both[1] == pytest.approx(local_ranks.shares(1000 + 3 * scores[1], DAY))
