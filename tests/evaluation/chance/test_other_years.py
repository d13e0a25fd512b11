"""The same dates of other years: what is left of a skill that only knows the season."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.chance import other_years
from core.evaluation.chance.skill import Scores

DAY = 1440
YEARS = 22
DAYS = 8036  # a little more than 22 years


def world(seed, season=0.0, lift=0.0, days=DAYS, n=80):
    """Daily scores, high in summer, and n events that are more frequent in summer; lifted on the day of the event."""
    random = np.random.default_rng(seed)
    summer = np.sin(2 * np.pi * np.arange(days) / 365.2425)
    rate = np.exp(season * summer)
    at = np.sort(random.choice(days, n, p=rate / rate.sum(), replace=False))
    score = random.normal(size=days) + season * summer
    score[at] += lift
    targets = pd.DataFrame(
        {
            "station": "AAA",
            "origin_time": pd.to_datetime(at * 86400, unit="s", utc=True),
            "cluster": np.arange(n),
        }
    )
    return Scores(("AAA",), 0, DAY, score[None, :]), targets


def test_fewer_than_twenty_years_are_not_compared():
    found = other_years.tested(*world(1, days=round(19.9 * 365.2425)))
    assert found.n_years == 19 and np.isnan(found.p)


def test_a_season_that_score_and_earthquakes_share_passes_no_more_often_than_luck():
    passed = [other_years.tested(*world(seed, season=1.0)).p <= 0.05 for seed in range(200)]
    assert np.mean(passed) <= 0.09  # at most 1 in 22 by luck: 0.045, with a standard error of 0.015


def test_a_change_before_the_events_stands_out_from_the_same_dates_of_other_years():
    found = [other_years.tested(*world(seed, season=1.0, lift=1.5)) for seed in range(20)]
    assert all(each.p == pytest.approx(1 / YEARS) for each in found)


def test_years_in_which_the_record_is_missing_at_those_dates_are_left_out():
    scores, targets = world(3, lift=3.0)
    of_one_year = targets[targets["origin_time"] < pd.Timestamp("1971-01-01", tz="UTC")]
    assert other_years.tested(scores, of_one_year).p == pytest.approx(1 / 22)
    scores.score[0, 10 * 366 : 11 * 366 + 400] = np.nan  # two of the other years, nearly whole
    assert other_years.tested(scores, of_one_year).p == pytest.approx(1 / 20)
    scores.score[0, 10 * 366 : 14 * 366] = np.nan
    assert np.isnan(other_years.tested(scores, of_one_year).p)


def test_no_target_event_leaves_no_p():
    scores, targets = world(4)
    assert np.isnan(other_years.tested(scores, targets.iloc[:0]).p)
