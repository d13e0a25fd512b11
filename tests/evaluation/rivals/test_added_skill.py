"""What the network adds to its circumstances: worlds in which it adds nothing, and the same worlds in which it does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.rivals import added_skill, circumstances, pairs, stack
from core.evaluation.rivals.added_skill import Lacking
from core.vocabulary import Checked
from support.confounded_days import TRAINING_DAYS, world


def judge(table, network=None, label=None):
    test = table["day"].to_numpy() >= TRAINING_DAYS
    network = table["score"].to_numpy() if network is None else network
    label = table["label"].to_numpy() if label is None else label
    return added_skill.measure(
        table[circumstances.COLUMNS], label, network, table["day"].to_numpy() // 4, ~test, test, n_draws=300
    )


def alone(table):
    """The AUC of the score itself over judged pairs of one station."""
    judged = table[table["day"] >= TRAINING_DAYS]
    return pairs.auc(judged["label"].to_numpy(), judged["score"].to_numpy(), judged["station"].to_numpy())


def assert_explained(kind):
    """The score beats chance in each world, adds to its circumstances in none."""
    worlds = [world(kind, seed=seed) for seed in range(3)]
    assert min(alone(each) for each in worlds) > 0.55
    assert [judge(each).outcome for each in worlds] == [Checked.FAILED] * 3


def test_opposite_summers_do_not_pass():
    assert_explained("opposite summers")


@pytest.mark.parametrize("kind", ["quiet days", "quiet days before", "working days", "quiet days in summer"])
def test_what_goes_with_its_circumstances_alone_does_not_pass(kind):
    assert_explained(kind)


@pytest.mark.parametrize("kind", ["nothing", "opposite summers", "quiet days", "working days"])
def test_real_skill_passes_whatever_else_the_score_goes_with(kind):
    judged = judge(world(kind, skill=1.5, seed=4))
    assert judged.outcome is Checked.PASSED
    assert judged.low > 0


def test_a_score_that_is_high_everywhere_but_before_events_does_not_pass():
    assert judge(world("nothing", skill=-1.5)).outcome is Checked.FAILED


def test_a_constant_network_adds_exactly_nothing():
    table = world("quiet days")
    judged = judge(table, network=np.full(len(table), 0.3))
    assert judged.outcome is Checked.FAILED
    np.testing.assert_allclose(judged.by_rival["difference"], 0, atol=1e-12)


def test_a_rival_that_points_the_wrong_way_later_earns_a_useless_network_nothing():
    table = world("quiet days", seed=1)
    later = table["day"] >= TRAINING_DAYS
    kp = [name for name in table if name.startswith("kp")]
    table.loc[later, kp] = 5 - table.loc[later, kp]
    noise = np.random.default_rng(7).normal(size=len(table))
    judged = judge(table, network=noise)
    assert judged.outcome is Checked.FAILED
    assert judged.by_rival["difference"].abs().max() < 0.1


def test_a_cause_that_only_the_judged_period_knows_seldom_passes():
    """
    Events come on any day, but after training on quiet ones, as where a catalogue becomes blind to storms.

    One such world in ten, or in three, still passes, for the judged days teach a rival less than the training days do;
    with rivals of the training days alone it is three in four.
    """
    passed = 0
    for seed in range(6):
        table, earlier = world("quiet days", seed=seed), world("nothing", seed=seed)
        first = table["day"] < TRAINING_DAYS
        table.loc[first, ["label", "events_7_days"]] = earlier.loc[first, ["label", "events_7_days"]]
        assert alone(table) > 0.55
        passed += judge(table).outcome is Checked.PASSED
    assert passed <= 3  # 5 of these 6 without the rival of the judged period


def test_only_the_order_of_the_networks_scores_counts():
    table = world("nothing", skill=0.7)
    saturated = 1 / (1 + np.exp(-6 * table["score"].to_numpy()))
    pd.testing.assert_frame_equal(judge(table).by_rival, judge(table, network=saturated).by_rival)


def test_labels_of_the_judged_period_teach_the_rivals_nothing():
    table = world("quiet days")
    later = (table["day"] >= TRAINING_DAYS).to_numpy()
    label, group = table["label"].to_numpy(), table["day"].to_numpy() // 4
    other = np.where(later, 1 - label, label)
    rivals = [added_skill.learned(table[~later], each[~later], group[~later], table[later]) for each in (label, other)]
    for name, score in rivals[0].items():
        np.testing.assert_array_equal(score, rivals[1][name])


def test_labels_of_a_fold_do_not_shape_what_the_later_rival_says_of_it():
    table = world("quiet days")
    table = table[table["day"] >= TRAINING_DAYS].sort_values("day", kind="stable", ignore_index=True)
    label, group = table["label"].to_numpy(), (table["day"].to_numpy() - TRAINING_DAYS) // 4
    first = stack.folds(label, group) == 0
    turned = label.copy()
    turned[first] = turned[first][::-1]  # as many positives, on other days
    turned_too = stack.folds(turned, group) == 0
    np.testing.assert_array_equal(first, turned_too)
    before, after = (added_skill.learned_later(table, each, group) for each in (label, turned))
    np.testing.assert_allclose(before[first], after[first])
    assert not np.allclose(before[~first], after[~first])


def test_a_single_station_has_no_trees_of_each():
    table = world("quiet days")
    judged = judge(table[table["station"] == "KAK"].reset_index(drop=True))
    assert judged.by_rival["rival"].tolist() == ["logistic", "trees", added_skill.LATER]
    assert judged.outcome is Checked.FAILED


def test_circumstances_that_nobody_knows_are_no_error():
    table = world("nothing", skill=1.5)
    kp = [name for name in table if name.startswith("kp")]
    table[kp] = np.nan
    assert judge(table).outcome is Checked.PASSED


def test_a_station_of_the_judged_period_that_training_lacks_is_scored():
    table = world("nothing", skill=1.5)
    table = table[(table["station"] == "KAK") | (table["day"] >= TRAINING_DAYS)].reset_index(drop=True)
    assert judge(table).outcome is Checked.PASSED


def test_too_few_stretches_of_time_are_not_checked_and_say_where():
    table = world("nothing", skill=3.0)
    label, later = table["label"].to_numpy(), (table["day"] >= TRAINING_DAYS).to_numpy()
    scarce = {
        Lacking.TRAINING: np.where(later, label, 0),
        Lacking.JUDGED: np.where(later & (table["day"].to_numpy() // 4 >= TRAINING_DAYS // 4 + 4), 0, label),
    }
    for lacking, few in scarce.items():
        judged = judge(table, label=few)
        assert (judged.outcome, judged.lacking) == (Checked.NOT_CHECKED, lacking)
        assert np.isnan(judged.low)


@pytest.mark.parametrize("part", ["no label", "no network", "no rows"])
def test_nothing_to_judge_is_not_checked_and_no_error(part):
    table = world("nothing")
    table = table.iloc[:0] if part == "no rows" else table
    network = np.full(len(table), np.nan) if part == "no network" else None
    label = np.full(len(table), -1) if part == "no label" else None
    assert judge(table, network=network, label=label).outcome is Checked.NOT_CHECKED


def test_classes_that_never_share_a_station_are_not_checked():
    table = world("nothing")
    label = (table["station"] == "KAK").to_numpy().astype(int)
    assert judge(table, label=label).outcome is Checked.NOT_CHECKED


def test_rows_of_one_stretch_and_class_weigh_one_together():
    label, group = np.array([1, 1, 0, 0, 0, 1]), np.array([0, 0, 0, 0, 3, 3])
    assert added_skill.weights(label, group).tolist() == [0.5, 0.5, 0.5, 0.5, 1, 1]


@pytest.mark.parametrize(("n_rivals", "expected"), [(1, 1.960), (2, 2.236), (3, 2.388)])
def test_simultaneous_intervals_of_independent_rivals_are_those_of_sidak(n_rivals, expected):
    """The two-sided normal quantile of 0.95^(1/m): 1.960, 2.236, 2.388."""
    drawn = np.random.default_rng(0).normal(size=(n_rivals, 40_000)) * 0.3
    np.testing.assert_allclose(added_skill.half_widths(drawn, 10**6), 0.3 * expected, rtol=0.02)


def test_few_stretches_of_time_widen_the_intervals_as_students_distribution_does():
    """With 5 groups: t(4) 2.776 over 1.960, times the root of 5/4."""
    drawn = np.random.default_rng(1).normal(size=(1, 2000))
    ratio = added_skill.half_widths(drawn, 5) / added_skill.half_widths(drawn, 10**6)
    assert ratio[0] == pytest.approx(2.776 / 1.960 * np.sqrt(5 / 4), rel=1e-3)
