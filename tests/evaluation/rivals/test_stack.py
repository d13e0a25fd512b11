"""Out-of-fold stacks: folds of time, slopes that cannot be negative, and no gain without information."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.evaluation.rivals import pairs, stack


def test_folds_are_stretches_of_time_with_a_fifth_of_each_class():
    group = np.repeat(np.arange(100), 3)
    label = (np.arange(300) % 3 == 0).astype(int)
    fold = stack.folds(label, group)
    assert (np.diff(fold) >= 0).all()
    for each in range(5):
        assert (fold == each).sum() == 60
        assert label[fold == each].sum() == 20


def test_no_group_lies_in_two_folds():
    group = np.random.default_rng(1).integers(0, 30, 200)
    fold = stack.folds(np.arange(200) % 2, group)
    assert all(len(set(fold[group == each])) == 1 for each in np.unique(group))


def test_slopes_are_those_of_an_unpenalised_logistic_model_with_station_levels():
    random = np.random.default_rng(2)
    x, station = random.normal(size=(4000, 2)), random.integers(0, 2, 4000)
    label = (random.random(4000) < 1 / (1 + np.exp(-(x @ [0.8, 0.3] + 2 * station - 1)))).astype(int)
    peer = LogisticRegression(C=1e8, fit_intercept=False, max_iter=1000)
    peer.fit(np.column_stack([x, np.eye(2)[station]]), label)
    np.testing.assert_allclose(stack.slopes(x, label, station), peer.coef_[0, :2], atol=2e-3)


def test_a_score_that_points_the_wrong_way_gets_no_weight():
    random = np.random.default_rng(3)
    label = np.arange(2000) % 2
    x = np.column_stack([label + random.normal(size=2000), -label + random.normal(size=2000)])
    slopes = stack.slopes(x, label, np.zeros(2000, dtype=int))
    assert slopes[0] > 0.5
    assert slopes[1] == pytest.approx(0, abs=1e-9)


def test_labels_of_a_fold_do_not_shape_its_own_scores():
    random = np.random.default_rng(4)
    label, station = random.integers(0, 2, 400), np.zeros(400, dtype=int)
    scores, fold = random.normal(size=(400, 2)) + label[:, None], np.arange(400) // 80
    before = stack.out_of_fold(scores, label, station, fold)
    other = np.where(fold == 2, 1 - label, label)
    after = stack.out_of_fold(scores, other, station, fold)
    np.testing.assert_array_equal(before[fold == 2], after[fold == 2])
    assert not np.array_equal(before[fold == 1], after[fold == 1])


def test_a_score_without_information_scores_no_better_than_chance():
    areas = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        label, station = random.integers(0, 2, 100), np.zeros(100, dtype=int)
        joint = stack.out_of_fold(random.normal(size=(100, 2)), label, station, np.arange(100) // 20)
        areas.append(pairs.auc(label, joint, station))
    assert np.mean(areas) < 0.52


def test_where_the_other_folds_lack_a_class_every_row_scores_alike():
    label, fold = np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1])
    assert (stack.out_of_fold(np.arange(4.0)[:, None], label, np.zeros(4, dtype=int), fold) == 0).all()
