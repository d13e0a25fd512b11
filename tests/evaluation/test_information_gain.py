"""Information gain per event against hand computation and textbook tests."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.evaluation import information_gain
from core.evaluation.alarm_series import AlarmSeries

FIRST_MINUTE = 24_000_000


def series(rate, station="AAA", step=1440):
    return AlarmSeries(station, FIRST_MINUTE, step, np.asarray(rate, dtype=float))


def targets(days, cluster=None, station="AAA"):
    origin = pd.to_datetime((FIRST_MINUTE + 1440 * np.asarray(days) + 5) * 60, unit="s", utc=True)
    return pd.DataFrame(
        {
            "station": station,
            "origin_time": pd.DatetimeIndex(origin),
            "cluster": np.arange(len(days)) if cluster is None else cluster,
        }
    )


def test_four_days_and_two_events_worked_by_hand():
    # Rates 0.2, 0.2, 0.8, 0.4 a day against 0.4; events on days 2 and 3. A = B = 1.6.
    found = information_gain.against_climatology([series([0.2, 0.2, 0.8, 0.4])], {"AAA": 0.4}, targets([2, 3]))
    assert found.expected == pytest.approx(1.6) and found.expected_climatology == pytest.approx(1.6)
    assert found.information_gain == pytest.approx(math.log(2) / 2)
    # Their T test: mean of (ln 2, 0) over s / sqrt(2), one degree of freedom, t = 1.
    assert found.t_p == pytest.approx(0.5)
    half = 12.706204736 * math.log(2) / 2
    assert found.information_gain_high - found.information_gain == pytest.approx(half, rel=1e-6)


def test_a_forecast_that_expects_too_much_pays_for_it():
    # Twice the rate everywhere: ln 2 per event, less (A - B) / N = (8 - 4) / 2.
    found = information_gain.against_climatology([series(np.full(10, 0.8))], {"AAA": 0.4}, targets([2, 3]))
    assert found.information_gain == pytest.approx(math.log(2) - 2)


def test_single_targets_give_the_t_and_w_tests_of_the_textbook():
    random = np.random.default_rng(0)
    rate = 0.3 * np.exp(random.normal(0, 0.5, 400))
    days = random.choice(400, 30, replace=False)
    found = information_gain.against_climatology([series(rate)], {"AAA": 0.3}, targets(days))
    each = np.log(rate[days] / 0.3) - (rate.sum() - 0.3 * 400) / 30
    student = stats.ttest_1samp(each, 0)
    assert found.t_p == pytest.approx(student.pvalue)
    low, high = student.confidence_interval(0.95)
    assert (found.information_gain_low, found.information_gain_high) == (pytest.approx(low), pytest.approx(high))
    assert found.w_p == pytest.approx(stats.wilcoxon(each).pvalue)


def test_targets_of_one_cluster_do_not_count_as_independent():
    rate = np.exp(np.random.default_rng(1).normal(0, 0.5, 400))
    days = np.repeat(np.arange(10) * 40, 5) + np.tile(np.arange(5), 10)
    rate = np.repeat(rate[::5], 5)  # all targets of a cluster see one rate
    alone = information_gain.against_climatology([series(rate)], {"AAA": 1.0}, targets(days))
    together = information_gain.against_climatology(
        [series(rate)], {"AAA": 1.0}, targets(days, np.repeat(np.arange(10), 5))
    )
    assert together.information_gain == alone.information_gain
    assert (alone.n_clusters_forecast, together.n_clusters_forecast) == (50, 10)
    width = [t.information_gain_high - t.information_gain_low for t in (together, alone)]
    assert width[0] > 2 * width[1]


def test_moments_without_a_forecast_and_absent_stations_do_not_count():
    rate = [0.2, np.nan, 0.8]
    found = information_gain.against_climatology([series(rate)], {"AAA": 0.5}, targets([1, 2, 9]))
    assert found.n_events_forecast == 1
    assert found.expected == pytest.approx(1.0) and found.expected_climatology == pytest.approx(1.0)
    assert found.information_gain == pytest.approx(math.log(1.6)) and math.isnan(found.information_gain_low)
    none = information_gain.against_climatology([series(rate)], {"AAA": 0.5}, targets([1]))
    assert none.n_events_forecast == 0 and math.isnan(none.information_gain)


def test_the_rate_of_a_probability_gives_it_back():
    (one,) = information_gain.rates([series([0.0, 0.5, 1.0, np.nan])], 3 * 1440)
    assert 1 - math.exp(-3 * one.score[1]) == pytest.approx(0.5)
    assert 0 < one.score[0] < 1e-8 and np.isfinite(one.score[2]) and np.isnan(one.score[3])


def test_the_true_rate_gains_and_a_shuffled_one_loses():
    random = np.random.default_rng(5)
    rate = 0.05 * np.exp(random.normal(0, 1, 3000))
    days = np.repeat(np.arange(3000), random.poisson(rate))
    climatology = {"AAA": float(rate.mean())}
    true = information_gain.against_climatology([series(rate)], climatology, targets(days))
    false = information_gain.against_climatology([series(random.permutation(rate))], climatology, targets(days))
    assert true.information_gain_low > 0 > false.information_gain_high
    expected = float((rate * np.log(rate / rate.mean())).sum() / rate.sum())
    assert true.information_gain_low < expected < true.information_gain_high
