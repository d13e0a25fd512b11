"""What each rival learns, against the cause that a world was made with."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.rivals import logistic, pairs, trees
from support.confounded_days import TRAINING_DAYS, world

SIMPLE = ["opposite summers", "quiet days", "quiet days before", "working days"]
SMOOTH = [*SIMPLE, "quiet days in summer"]


def areas(fit, kind):
    """Mean AUC of the rival and of the cause itself over judged pairs of one station, five worlds."""
    out = []
    for seed in range(5):
        table = world(kind, seed=seed)
        train, test = table[table["day"] < TRAINING_DAYS], table[table["day"] >= TRAINING_DAYS]
        score = fit(train, train["label"].to_numpy(), np.ones(len(train)))(test)
        truth = test["label"].to_numpy(), test["station"].to_numpy()
        out.append([pairs.auc(truth[0], each, truth[1]) for each in (score, test["cause"].to_numpy())])
    return np.mean(out, axis=0)


@pytest.mark.parametrize("kind", SMOOTH)
def test_the_logistic_rival_comes_near_to_the_true_cause(kind):
    rival, cause = areas(logistic.fit, kind)
    assert cause > 0.6
    assert rival > cause - 0.05


def test_the_logistic_rival_follows_kp_that_turns_with_the_season():
    rival, cause = areas(logistic.fit, "quiet summers, stormy winters")
    assert cause > 0.7
    assert rival > cause - 0.1


@pytest.mark.parametrize("kind", SMOOTH)
def test_trees_of_each_station_come_near_to_the_true_cause(kind):
    rival, cause = areas(trees.fit_each, kind)
    assert rival > cause - 0.08


@pytest.mark.parametrize("kind", SIMPLE[1:])
def test_trees_of_all_stations_come_near_to_what_stations_have_in_common(kind):
    rival, cause = areas(trees.fit, kind)
    assert rival > cause - 0.08


@pytest.mark.parametrize("fit", [logistic.fit, trees.fit, trees.fit_each])
def test_from_circumstances_that_say_nothing_a_rival_learns_nothing(fit):
    rival, _ = areas(fit, "nothing")
    assert rival == pytest.approx(0.5, abs=0.06)


def test_few_rows_still_teach_trees_something():
    """24 rows, half of them on stormy days: scikit-learn's smallest leaf of 20 rows would make one constant of them."""
    table = world("nothing").iloc[:24].copy()
    stormy = np.arange(24) % 2 == 1
    table["kp_max"] = np.where(stormy, 6.0, 1.0)
    score = trees.fit(table, stormy.astype(int), np.ones(24))(table)
    assert score[stormy].min() > score[~stormy].max()


def test_events_of_the_last_week_are_learnt_by_both():
    table = world("nothing")
    random = np.random.default_rng(3)
    label = (random.random(len(table)) < np.where(table["events_7_days"] > 0, 0.2, 0.02)).astype(int)
    for fit in (logistic.fit, trees.fit):
        score = fit(table, label, np.ones(len(table)))(table)
        assert score[table["events_7_days"] > 0].mean() > score[table["events_7_days"] == 0].mean() + 0.5


def test_a_station_with_enough_events_has_trees_of_its_own_and_any_other_those_of_all():
    table = world("opposite summers")
    kakioka = (table["station"] == "KAK").to_numpy()
    label = np.where(kakioka | (np.arange(len(table)) > len(table) - 70), table["label"], 0)
    weight = np.ones(len(table))
    each, together = (fit(table, label, weight)(table) for fit in (trees.fit_each, trees.fit))
    alone = trees.fit(table[kakioka], label[kakioka], weight[kakioka])(table[kakioka])
    assert label[~kakioka].sum() in range(1, trees.FEWEST_POSITIVES)
    np.testing.assert_array_equal(each[kakioka], alone)
    np.testing.assert_array_equal(each[~kakioka], together[~kakioka])


def test_cross_fitted_each_row_is_judged_by_what_the_other_folds_taught():
    table = world("opposite summers")
    label, weight = table["label"].to_numpy(), np.random.default_rng(4).uniform(0.5, 1.0, len(table))
    fold = np.arange(len(table)) * 3 // len(table)
    found = logistic.cross_fitted(table, label, weight, fold)
    for each in range(3):
        own = fold == each
        alone = logistic.fit(table[~own], label[~own], weight[~own])(table[own])
        np.testing.assert_allclose(found[own], alone, rtol=1e-12)


def test_where_the_other_folds_lack_a_class_nothing_is_said():
    table = world("nothing")
    fold = np.arange(len(table)) % 2
    label = np.where(fold == 1, table["label"], 0)
    found = logistic.cross_fitted(table, label, np.ones(len(table)), fold)
    assert (found[fold == 1] == 0).all() and np.ptp(found[fold == 0]) > 0
