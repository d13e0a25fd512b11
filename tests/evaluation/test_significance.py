"""Significance: statistics against brute force, what may not be tested, and an honest test on fake catalogues."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation import significance
from support.alarm_samples import START, series_of, targets_at


def smooth(random, n, memory=48):
    """Noise that remembers itself for about `memory` steps, as a field in storms does."""
    return np.convolve(random.normal(size=n + memory), np.ones(memory) / memory, "valid")[:n]


def row(table, test=significance.CIRCULAR, statistic=significance.AREA_SKILL):
    return table[(table["test"] == test) & (table["statistic"] == statistic)].iloc[0]


def test_the_area_skill_score_is_the_mean_share_of_time_with_a_lower_score():
    # Four hours with scores 1 2 2 4: the target in the last hour beats three hours and ties with itself (3.5 / 4);
    # one in the second hour beats one hour and ties with two (1 + 2 / 2) / 4.
    ranks = significance.ranked([series_of([1, 2, 2, 4])])
    found = significance.area_skill(ranks, np.array([0, 0]), np.array([[3, 3], [1, 1], [3, 1], [-1, -1]]))
    assert found[:3].tolist() == [0.875, 0.5, 0.6875]
    assert np.isnan(found[3])


def test_the_auc_is_that_of_scikit_learn_and_counts_a_step_once():
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(3)
    score = np.round(random.normal(size=300), 1)  # with ties
    score[40:60] = np.nan
    ranks = significance.ranked([series_of(score)])
    for _ in range(5):
        step = random.integers(0, 300, size=12)
        step[1] = step[0]
        label = np.zeros(300, dtype=int)
        label[step] = 1
        known = np.isfinite(score)
        expected = roc_auc_score(label[known], score[known])
        assert significance.auc(ranks, np.zeros(12, dtype=int), step[None, :])[0] == pytest.approx(expected, abs=1e-6)


def test_a_station_with_higher_scores_and_more_events_is_no_skill():
    high, low = series_of(np.full(3000, 0.9) + np.arange(3000) % 2, "IZN"), series_of(np.arange(3000) % 2, "DUR")
    targets = targets_at(60 * np.arange(0, 3000, 7), "IZN")  # as many even as odd hours, all at the high station
    table, _ = significance.table([low, high], targets, n_shifts=99)
    for statistic in (significance.AREA_SKILL, significance.AUC):
        assert float(row(table, statistic=statistic)["observed"]) == pytest.approx(0.5, abs=0.01)


def test_circular_shifts_are_those_of_a_brute_force_loop():
    random = np.random.default_rng(1)
    score = random.normal(size=24 * 120)
    targets = targets_at(random.integers(0, 120 * 1440, size=20))
    table, draws = significance.table([series_of(score)], targets, seed=4, n_shifts=50)
    ranks = significance.ranked([series_of(score)])
    moves = significance.shifts(ranks, 4, 50)
    assert len(set(moves)) == 50
    assert moves.min() * 60 > 27 * 1440 and (len(score) - moves.max()) * 60 > 27 * 1440
    hours = (targets["origin_time"] - START).dt.total_seconds().to_numpy() // 3600
    expected = []
    for move in moves:
        shares = []
        for hour in hours:
            value = score[int(hour + move) % len(score)]
            shares.append(((score < value).sum() + 0.5 * (score == value).sum()) / len(score))
        expected.append(np.mean(shares))
    of_shifts = draws[(draws["test"] == significance.CIRCULAR) & (draws["statistic"] == significance.AREA_SKILL)]
    np.testing.assert_allclose(of_shifts["value"], expected, atol=1e-6)
    found = row(table)
    at_or_above = sum(value >= found["observed"] for value in expected)
    assert found["p"] == pytest.approx((1 + at_or_above) / 51)
    assert found["n_null"] == 50


def test_all_stations_are_shifted_together():
    # Both stations record the same storm-like score; their targets are one hour apart and stay so.
    score = np.arange(24 * 100, dtype=float)
    pair = [series_of(score, "DUR"), series_of(score, "IZN")]
    targets = pd.concat([targets_at([6000], "DUR"), targets_at([6060], "IZN")])
    _, draws = significance.table(pair, targets, n_shifts=5000)
    values = draws.loc[(draws["test"] == significance.CIRCULAR) & (draws["statistic"] == "area skill score"), "value"]
    # Ranks one apart give k + 1/2 over the number of hours; only a pair torn by the end of the axis would not.
    assert set(np.round((values * len(score)) % 1, 2)) <= {0.0, 1.0}


def test_scores_that_know_the_targets_are_significant_and_scores_that_do_not_are_not():
    random = np.random.default_rng(5)
    minutes = np.sort(random.choice(3 * 365 * 1440, size=60, replace=False))
    score = random.normal(size=3 * 365 * 24)
    knowing = score.copy()
    knowing[minutes // 60] += 2
    known, _ = significance.table([series_of(knowing)], targets_at(minutes), n_shifts=999)
    blind, _ = significance.table([series_of(score)], targets_at(minutes), n_shifts=999)
    for test in (significance.CIRCULAR, significance.SEASON):
        assert row(known, test)["p"] <= 0.0011  # none of 999 draws is as good
        assert row(blind, test)["p"] > 0.05
        assert row(blind, test)["null_low"] < 0.5 < row(blind, test)["null_high"]


def test_a_month_is_too_short_and_says_so_instead_of_a_p_value():
    random = np.random.default_rng(2)
    table, draws = significance.table([series_of(random.normal(size=24 * 30))], targets_at([2000, 9000]))
    assert table["p"].isna().all() and len(draws) == 0
    assert "30 days long" in row(table)["sentence"] and "at least 81 days" in row(table)["sentence"]
    assert "two years" in row(table, significance.SEASON)["sentence"]
    assert row(table)["observed"] == row(table)["observed"]  # the score itself is there


def test_no_targets_no_p_value():
    table, _ = significance.table([series_of(np.random.default_rng(2).normal(size=24 * 200))], targets_at([]))
    assert table["p"].isna().all()
    assert "No target event" in row(table)["sentence"]


def test_same_season_dates_keep_the_season_and_a_cluster_together():
    # The score is the day of the year: a target of 1 July stays within 15 days of it in every draw.
    hours = np.arange(4 * 8766)
    score = np.minimum(hours % 8766, 8766 - hours % 8766).astype(float)  # highest in the middle of the year
    july = 8766 * 60 // 2
    targets = targets_at([july, july + 1440], cluster=[0, 0])
    _, draws = significance.table([series_of(score)], targets, n_shifts=500)
    season = draws[(draws["test"] == significance.SEASON) & (draws["statistic"] == significance.AREA_SKILL)]
    assert len(season) == 500
    assert season["value"].min() > 1 - 17 / 182.6  # at most 16 days from the top of half a year
    circular = draws[(draws["test"] == significance.CIRCULAR) & (draws["statistic"] == significance.AREA_SKILL)]
    assert circular["value"].min() < 0.1


def p_values(n_catalogues, n_shifts, days=400):
    """p of scores with memory against catalogues with clusters that have nothing to do with them."""
    random = np.random.default_rng(11)
    found = []
    for _ in range(n_catalogues):
        series = series_of(smooth(random, days * 4), step_minutes=360)
        mains = random.uniform(0, days * 1440, size=12)
        after = [m + random.exponential(3 * 1440, size=random.poisson(3)) for m in mains]
        minutes = np.concatenate([mains, *after]) % (days * 1440)
        table, _ = significance.table([series], targets_at(minutes.astype(int)), int(random.integers(1e6)), n_shifts)
        found.append([float(row(table, statistic=s)["p"]) for s in (significance.AREA_SKILL, significance.AUC)])
    return np.array(found).T


def test_on_fake_catalogues_p_is_uniform():
    from scipy.stats import kstest

    for p in p_values(150, 99):
        assert kstest(p, "uniform").pvalue > 0.005
        assert np.mean(p <= 0.1) < 0.2


@pytest.mark.slow
def test_on_many_fake_catalogues_p_is_uniform_and_small_p_are_as_rare_as_they_say():
    from scipy.stats import kstest

    for p in p_values(2000, 399):
        assert kstest(p, "uniform").pvalue > 0.005
        for level in (0.01, 0.02, 0.05, 0.1):  # a count that is expected to be 2000 * level, three sigma of it
            assert np.mean(p <= level) < level + 3 * np.sqrt(level / 2000)


def test_many_shifts_of_scores_that_remember_are_few_draws():
    random = np.random.default_rng(8)
    score = smooth(random, 24 * 200, memory=24 * 20)  # 200 days that remember 20
    top = np.argsort(score)[-3:] * 60
    table, _ = significance.table([series_of(score)], targets_at(np.sort(top)), n_shifts=2000)
    assert row(table)["p"] > 0.01  # the three highest hours lie together: no better than one lucky draw among some 29
    assert "unlike ones" in row(table)["sentence"]
