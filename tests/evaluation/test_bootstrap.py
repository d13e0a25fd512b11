"""The cluster bootstrap against a loop that copies rows, and its coverage where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation import bootstrap
from core.training import measures


def toy(seed, n=60, n_groups=9):
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, n)
    score = np.round(random.random(n) + 0.3 * label, 1)
    return label, score, random.integers(0, n_groups, n)


def copied(values, group, counts):
    """The rows of one draw, each group repeated as often as it was taken."""
    return np.concatenate([np.repeat(values[group == g], int(c)) for g, c in enumerate(counts)])


@pytest.mark.parametrize("seed", range(3))
def test_the_auc_of_every_draw_is_that_of_the_copied_rows(seed):
    label, score, group = toy(seed)
    taken = bootstrap.draws(9, 50, seed)
    expected = [measures.auc(copied(label, group, w), copied(score / 2, group, w)) for w in taken]
    np.testing.assert_allclose(bootstrap.auc_draws(label, score, group, taken), expected, rtol=1e-12)


def test_the_mean_of_every_draw_is_that_of_the_copied_rows():
    _, score, group = toy(4)
    taken = bootstrap.draws(9, 50, 1)
    expected = [copied(score, group, w).mean() for w in taken]
    np.testing.assert_allclose(bootstrap.mean_draws(score, group, taken), expected, rtol=1e-12)


def test_every_draw_takes_as_many_groups_as_there_are():
    taken = bootstrap.draws(7, 2000, 0)
    assert (taken.sum(axis=1) == 7).all()
    np.testing.assert_allclose(taken.mean(axis=0), 1, atol=0.1)
    assert taken[:, 0].var() == pytest.approx(1 - 1 / 7, abs=0.1)  # binomial(7, 1/7)


def test_a_draw_without_one_of_the_classes_has_no_auc():
    drawn = bootstrap.auc_draws([1, 0], [0.2, 0.1], [0, 1], np.array([[1.0, 1.0], [2.0, 0.0]]))
    np.testing.assert_array_equal(drawn, [1.0, np.nan])


def test_windows_of_one_stretch_or_of_one_event_cluster_are_drawn_together():
    start = [0, 5, 12, 25, 37, 48, 49]
    np.testing.assert_array_equal(bootstrap.groups(start, 10), [0, 0, 1, 2, 3, 4, 4])
    cluster = [-1, 7, -1, 7, -1, 2, -1]
    np.testing.assert_array_equal(bootstrap.groups(start, 10, cluster), [0, 0, 1, 0, 2, 3, 3])


def test_links_are_followed_from_one_to_the_next():
    np.testing.assert_array_equal(bootstrap.groups([0, 10, 11, 20, 30], 10, [0, 0, 1, 1, -1]), [0, 0, 0, 0, 1])


def test_very_many_groups_are_merged_with_their_neighbours():
    group = bootstrap.groups(np.arange(10_000) * 10, 10)
    assert group.max() + 1 == bootstrap.MOST_GROUPS
    assert (np.diff(group) >= 0).all() and np.bincount(group).max() == 7


def test_an_interval_needs_at_least_half_of_the_draws():
    assert np.isnan(bootstrap.interval(np.array([0.5, np.nan, np.nan]))).all()
    low, high = bootstrap.interval(np.arange(1001) / 1000)
    assert (low, high) == (pytest.approx(0.025), pytest.approx(0.975))


def test_few_groups_widen_the_interval_as_hesterberg_says():
    # n = 5: t = 2.776, sqrt(5 / 4) t = 3.104, Phi(-3.104) = 0.00095; n = 10: 2.262, 2.384, 0.00855; n = 50: 2.010,
    # 2.030, 0.0212 (tables of Student's and of the normal distribution).
    drawn = np.arange(100_001) / 100_000
    for n, tail in ((5, 0.00095), (10, 0.00855), (50, 0.0212)):
        assert bootstrap.interval(drawn, n) == (pytest.approx(tail, abs=6e-5), pytest.approx(1 - tail, abs=6e-5))
    assert np.isnan(bootstrap.interval(drawn, 1)).all()


def test_the_rarer_class_says_how_many_groups_there_are():
    assert bootstrap.fewest_groups(np.array([1, 1, 0, 0, 0]), np.array([3, 3, 0, 1, 1])) == 1


def covered(truth, shift, seeds):
    """In how many worlds the 95 % interval of the AUC holds the truth; groups of 4 rows share label and score."""
    hits = 0
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        label = np.repeat(random.permutation(np.repeat([0, 1], 30)), 4)
        score = np.repeat(random.normal(size=60), 4) + shift * label
        group = np.repeat(np.arange(60), 4)
        drawn = bootstrap.auc_draws(label, score, group, bootstrap.draws(60, 300, seed))
        low, high = bootstrap.interval(drawn, 30)
        hits += low <= truth <= high
    return hits / seeds


def test_the_interval_covers_chance_at_its_rate_where_there_is_no_signal():
    assert 0.89 <= covered(0.5, 0.0, 120) <= 0.99


def test_the_interval_excludes_chance_and_covers_the_truth_where_there_is_a_signal():
    assert covered(0.5, 2.0, 25) == 0
    assert 0.85 <= covered(0.9213503964748574, 2.0, 120) <= 1.0  # Phi(2 / sqrt 2)
