"""The score-card: paired differences against a loop, the best confounder, intervals where truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation import bootstrap, scores
from core.evaluation.rivals import confounders, scorecard
from core.evaluation.rivals.confounders import CONFOUNDER, Confounder


def fixed(name):
    """A model that gives out a column."""
    return Confounder(name, CONFOUNDER, name, lambda rows, label: lambda others: others[name].to_numpy())


KNOWN = [
    Confounder("majority", "baseline", "m", lambda rows, label: lambda o: np.full(len(o), 0.5)),
    fixed("a"),
    fixed("b"),
]


def world(seed, n_groups=40, network=0.0, a=0.0, b=0.0):
    """Groups of five windows that share a label and most of each score."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), 5)
    label = np.repeat(random.permutation(np.arange(n_groups) % 2), 5)
    rows = pd.DataFrame({"start_minutes": group * 100})
    common = np.repeat(random.normal(size=n_groups), 5)
    for name, strength in (("network", network), ("a", a), ("b", b)):
        own = np.repeat(random.normal(size=n_groups), 5) + 0.1 * random.normal(size=5 * n_groups)
        z = strength * label + 0.7 * common + own
        rows[name] = 1 / (1 + np.exp(-z))
    rows["majority"] = 0.5
    return rows, label, group


def card(seed, n_bootstrap=300, **strength):
    rows, label, group = world(seed, **strength)
    taken = bootstrap.draws(int(group.max()) + 1, n_bootstrap, seed)
    return scorecard.table(KNOWN, label, rows, group, ("b", "chosen"), taken).set_index("model")


def test_the_rows_and_their_order():
    table = card(0)
    assert table.index.tolist() == ["network", "majority", "a", "b", "best_confounder"]
    assert table.loc["best_confounder", "auc"] == table.loc["b", "auc"]
    assert table.loc["best_confounder", ["kind", "words"]].tolist() == ["confounder", "chosen"]
    assert np.isnan(table.loc["network", "difference"])


def test_the_difference_is_paired_each_draw_scores_both_on_the_same_rows():
    rows, label, group = world(3, network=1.0)
    taken = bootstrap.draws(40, 200, 3)
    line = scorecard.table(KNOWN, label, rows, group, ("b", ""), taken).set_index("model").loc["a"]
    drawn = []
    for counts in taken:
        copied = np.concatenate([np.repeat(np.flatnonzero(group == g), int(c)) for g, c in enumerate(counts)])
        drawn.append(scores.auc(label[copied], rows["network"][copied]) - scores.auc(label[copied], rows["a"][copied]))
    expected = bootstrap.interval(np.array(drawn), 20)  # each class lies in 20 of the 40 groups
    assert (line["difference_low"], line["difference_high"]) == pytest.approx(expected)
    assert line["difference"] == pytest.approx(scores.auc(label, rows["network"]) - scores.auc(label, rows["a"]))


def test_against_a_constant_the_interval_is_that_of_the_networks_auc():
    table = card(1, network=1.0)
    assert table.loc["majority", "auc"] == 0.5
    assert table.loc["majority", "difference_low"] == pytest.approx(table.loc["network", "auc_low"] - 0.5)
    assert table.loc["majority", "difference_high"] == pytest.approx(table.loc["network", "auc_high"] - 0.5)


def test_the_difference_covers_zero_at_its_rate_without_a_signal_and_excludes_it_with_one():
    none = [card(seed).loc["a"] for seed in range(120)]
    covered = np.mean([line["difference_low"] <= 0 <= line["difference_high"] for line in none])
    assert 0.88 <= covered <= 0.99
    strong = [card(seed, network=3.0).loc["a"] for seed in range(20)]
    assert all(line["difference_low"] > 0 for line in strong)


def split_rows(seed):
    """Model a is good in validation, model b in test."""
    rows, label, _ = world(seed, n_groups=120)
    split = np.repeat(["train", "validation", "test"], 200)
    rows.loc[split == "validation", "a"] = 0.3 + 0.4 * label[split == "validation"]
    rows.loc[split == "test", "b"] = 0.3 + 0.4 * label[split == "test"]
    return rows, label, split


def chosen(rows, label, split, judged, known=KNOWN):
    learned = confounders.probabilities(KNOWN, rows, label, split == "train")
    return scorecard.choose_best(known, rows, label, split, judged, learned)


def test_the_best_confounder_is_chosen_on_validation_rows_never_on_the_test():
    rows, label, split = split_rows(0)
    model, words = chosen(rows, label, split, "test")
    assert model == "a" and words == "Chosen on the validation windows: a, AUC 1.00 there."
    flipped = np.where(split == "test", 1 - label, label)
    assert chosen(rows, flipped, split, "test") == (model, words)


def test_where_validation_rows_choose_no_model_is_fitted_a_second_time():
    def refuses(rows, label):
        raise AssertionError("fitted again")

    rows, label, split = split_rows(0)
    known = [Confounder(one.model, one.kind, one.words, refuses) for one in KNOWN]
    assert chosen(rows, label, split, "test", known)[0] == "a"


def test_where_validation_is_judged_the_end_of_training_chooses():
    rows, label, split = split_rows(1)
    late = (split == "train") & (rows["start_minutes"] >= np.quantile(rows["start_minutes"][split == "train"], 0.7))
    rows.loc[late, "b"] = label[late]
    model, words = chosen(rows, label, split, "validation")
    assert model == "b" and "end" not in words and "the last part of the training period" in words


def test_the_majority_stands_in_where_no_confounder_exceeds_chance():
    rows, label, split = split_rows(2)
    for name in ("a", "b"):
        rows[name] = 1.0 - label
    assert chosen(rows, label, split, "test")[0] == "majority"
    one_class = np.where(split == "validation", 1, label)
    model, words = chosen(rows, one_class, split, "test")
    assert model == "majority" and "one class only" in words


def test_a_class_in_one_group_only_has_no_interval():
    rows, label, group = world(0, n_groups=6)
    label = (group == 2).astype(int)
    table = scorecard.table(KNOWN, label, rows, group, ("a", ""), bootstrap.draws(6, 100, 0)).set_index("model")
    assert table[["auc_low", "difference_low", "difference_high"]].isna().all(axis=None)
    assert table.loc["network", "auc"] == scores.auc(label, rows["network"])
