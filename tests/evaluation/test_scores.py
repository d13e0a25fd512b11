"""Scores against hand-worked values, brute force and scikit-learn."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest

from core.evaluation import scores
from core.evaluation.cells import Cells
from core.training import measures
from core.vocabulary import CELLS


def tied(seed, n=60, levels=8):
    """Random labels with probabilities that lean the right way and tie often."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, n)
    label[:2] = 0, 1
    return label, np.clip(np.round((random.random(n) + 0.3 * label) * levels) / (1.3 * levels), 0, 1)


def delong_by_pairs(label, probability):
    """The variance of DeLong et al. (1988), equation by equation, over all pairs."""
    x, y = probability[label == 1], probability[label == 0]
    psi = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in y] for a in x])
    v10, v01, area = psi.mean(axis=1), psi.mean(axis=0), psi.mean()
    s10 = ((v10 - area) ** 2).sum() / (len(x) - 1)
    s01 = ((v01 - area) ** 2).sum() / (len(y) - 1)
    return area, s10 / len(x) + s01 / len(y)


@pytest.mark.parametrize("seed", range(5))
def test_auc_counts_the_pairs_in_order_with_ties_as_one_half(seed):
    label, probability = tied(seed)
    assert scores.auc(label, probability) == pytest.approx(delong_by_pairs(label, probability)[0], abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_auc_mcc_brier_and_loss_agree_with_scikit_learn(seed):
    from sklearn import metrics

    label, probability = tied(seed)
    assert scores.auc(label, probability) == pytest.approx(metrics.roc_auc_score(label, probability))
    correlation = metrics.matthews_corrcoef(label, probability >= 0.5)
    assert Cells.count(label, probability, 0.5).mcc == pytest.approx(correlation)
    assert scores.brier(label, probability) == pytest.approx(metrics.brier_score_loss(label, probability))
    clipped = np.clip(probability, 1e-7, 1 - 1e-7)
    assert measures.log_loss(label, probability) == pytest.approx(metrics.log_loss(label, clipped), rel=1e-5)
    assert measures.accuracy(label, probability, 0.5) == metrics.accuracy_score(label, probability >= 0.5)
    fpr, tpr, thresholds = metrics.roc_curve(label, probability, drop_intermediate=False)
    curve = scores.roc(label, probability)
    np.testing.assert_allclose(curve.to_numpy(), np.column_stack([fpr, tpr, thresholds]))


@pytest.mark.parametrize("seed", range(5))
def test_the_auc_interval_is_that_of_delong_over_all_pairs_with_students_quantile(seed):
    from scipy import stats

    label, probability = tied(seed)
    area, variance = delong_by_pairs(label, probability)
    low, high = scores.auc_interval(label, probability)
    half = stats.t.ppf(0.975, min(label.sum(), 60 - label.sum()) - 1) * math.sqrt(variance)
    assert low == pytest.approx(max(0, area - half), abs=1e-6)
    assert high == pytest.approx(min(1, area + half), abs=1e-6)


def test_the_auc_interval_of_noise_covers_one_half_about_95_times_in_100():
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        low, high = scores.auc_interval(np.arange(80) % 2, random.random(80))
        covered += low <= 0.5 <= high
    assert 0.915 <= covered / 400 <= 0.98  # within 3 standard errors of 0.95


@pytest.mark.parametrize(
    ("label", "probability"),
    [
        ([1, 1, 1], [0.1, 0.2, 0.3]),  # one class only
        ([1, 0, 0], [0.5, 0.2, 0.7]),  # one positive: no variance among positives
        ([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5]),  # a constant classifier
        ([], []),
    ],
)
def test_there_is_no_auc_interval_where_the_variance_cannot_be_estimated(label, probability):
    assert np.isnan(scores.auc_interval(np.array(label), np.array(probability))).all()


def test_a_handful_of_groups_still_covers_one_half():
    random, covered, group = np.random.default_rng(11), 0, np.repeat(np.arange(8), 10)
    label = np.repeat(np.arange(8) % 2, 10)
    for _ in range(400):
        probability = (random.random(8)[group] + random.random(80)) / 2
        low, high = scores.auc_interval(label, probability, group)
        covered += low <= 0.5 <= high
    assert 0.915 <= covered / 400 <= 1  # with the quantile of the normal distribution it is 0.87


def test_groups_of_one_row_give_delongs_interval():
    label, probability = tied(3)
    assert scores.auc_interval(label, probability, np.arange(len(label)) + 7) == scores.auc_interval(label, probability)


def test_copies_of_the_same_windows_add_no_certainty():
    random = np.random.default_rng(3)
    label, probability = np.arange(60) % 2, (random.random(60) + 0.1 * (np.arange(60) % 2)) / 1.1
    once = scores.auc_interval(label, probability)
    five_times = [np.repeat(values, 5) for values in (label, probability, np.arange(60))]
    assert scores.auc_interval(*five_times) == pytest.approx(once, abs=1e-9)
    blind = scores.auc_interval(*five_times[:2])
    assert blind[1] - blind[0] < 0.5 * (once[1] - once[0])


def test_the_interval_of_dependent_noise_covers_one_half_about_95_times_in_100():
    random, covered, blind = np.random.default_rng(5), 0, 0
    group = np.repeat(np.arange(40), 5)
    for _ in range(300):  # five windows of a stretch share its label and most of its noise
        probability = (random.random(40)[group] + 0.1 * random.random(200)) / 1.1
        label = (random.random(40) < 0.5)[group].astype(int)
        low, high = scores.auc_interval(label, probability, group)
        covered += low <= 0.5 <= high
        low, high = scores.auc_interval(label, probability)
        blind += low <= 0.5 <= high
    assert 0.90 <= covered / 300 <= 0.99
    assert blind / 300 < 0.8


def test_the_table_counts_stretches_of_time_across_stations():
    start = pd.date_range("2020-01-01", periods=20, freq="D", tz="UTC")
    rows = pd.DataFrame({"start": start, "label": np.arange(20) % 2, "probability": np.linspace(0, 1, 20) % 0.37})
    both = pd.concat([rows.assign(station="DUR"), rows.assign(station="IZN")]).assign(split="test")
    counted = scores.table(both, 0.5, block_minutes=1440).set_index("station")
    # The second station is a copy of the first: together they know no more than one.
    assert counted.loc["all", "auc_high"] == pytest.approx(counted.loc["DUR", "auc_high"])
    assert scores.table(both, 0.5).set_index("station").loc["all", "auc_high"] < counted.loc["all", "auc_high"]


def test_perfect_order_is_bounded_by_the_disjoint_pairs_of_the_smaller_class():
    # Two positives, three negatives, all in order: A * A >= 0.025, so A >= 0.158.
    low, high = scores.auc_interval([1, 1, 0, 0, 0], [0.9, 0.8, 0.2, 0.1, 0.3])
    assert (low, high) == (pytest.approx(0.15811, abs=1e-5), 1.0)
    assert scores.auc_interval([0, 0, 0, 1, 1], [0.9, 0.8, 0.7, 0.1, 0.3]) == (0.0, pytest.approx(0.84189, abs=1e-5))


def test_auc_of_a_constant_classifier_is_one_half_and_of_one_class_unknown():
    assert scores.auc([0, 1, 1], [0.3, 0.3, 0.3]) == 0.5
    assert math.isnan(scores.auc([1, 1], [0.3, 0.6]))
    assert scores.roc([1, 1], [0.3, 0.6]).empty


def test_labels_and_probabilities_outside_their_range_are_not_scored():
    with pytest.raises(ValueError, match="Labels other than 0 and 1"):
        scores.auc([0, -1], [0.5, 0.5])
    with pytest.raises(ValueError, match="not a number"):
        scores.auc([0, 1], [0.5, math.nan])


def test_a_probability_at_the_threshold_is_an_alarm():
    assert Cells.count([1, 0], [0.5, 0.5], 0.5) == Cells(hits=1, misses=0, false_alarms=1, correct_negatives=0)
    assert measures.accuracy([1, 0, 0], [0.5, 0.5, 0.4], 0.5) == pytest.approx(2 / 3)


def test_mcc_of_every_small_table_agrees_with_the_correlation_of_the_two_rows():
    for hits, misses, false_alarms, correct in itertools.product(range(3), repeat=4):
        value = Cells(hits, misses, false_alarms, correct).mcc
        label = np.repeat([1, 1, 0, 0], [hits, misses, false_alarms, correct])
        alarm = np.repeat([1, 0, 1, 0], [hits, misses, false_alarms, correct])
        if hits + misses == 0 or false_alarms + correct == 0:
            assert math.isnan(value)
        elif alarm.min() == alarm.max():
            assert value == 0
        else:
            assert value == pytest.approx(np.corrcoef(label, alarm)[0, 1])


def test_the_table_of_a_small_set_worked_by_hand():
    predictions = pd.DataFrame(
        {
            "station": ["DUR"] * 4 + ["IZN"] * 2,
            "label": [1, 1, 0, 0, 1, 0],
            "probability": [0.8, 0.4, 0.6, 0.1, 0.9, 0.2],
            "split": ["test"] * 6,
        }
    )
    table = scores.table(predictions, threshold=0.5)
    assert table.columns.tolist() == scores.COLUMNS
    assert table["station"].tolist() == ["all", "DUR", "IZN"]
    dur = table[table["station"] == "DUR"].iloc[0]
    assert (dur["hits"], dur["misses"], dur["false_alarms"], dur["correct_negatives"]) == (1, 1, 1, 1)
    assert dur["accuracy"] == dur["precision"] == dur["recall"] == dur["false_alarm_rate"] == 0.5
    assert dur["mcc"] == 0
    assert dur["auc"] == 0.75  # of (0.8, 0.4) against (0.6, 0.1), three pairs in order
    assert dur["brier"] == pytest.approx((0.04 + 0.36 + 0.36 + 0.01) / 4)
    assert dur["brier_reference"] == 0.25
    pooled = table[table["station"] == "all"].iloc[0]
    assert (pooled["n"], pooled["n_positive"], pooled["majority_share"]) == (6, 3, 0.5)
    assert pooled["accuracy"] == pytest.approx(4 / 6)
    assert pooled["auc"] == pytest.approx(8 / 9)  # only (0.4, 0.6) is out of order


def test_unlabelled_and_embargoed_rows_are_not_scored():
    predictions = pd.DataFrame(
        {
            "station": ["DUR"] * 5,
            "label": [1, 0, -1, 1, 0],
            "probability": [0.9, 0.1, 0.5, 0.9, 0.1],
            "split": ["train", "train", "train", "embargo", ""],
        }
    )
    table = scores.table(predictions, 0.5)
    assert table[["split", "station", "n"]].values.tolist() == [["train", "all", 2], ["train", "DUR", 2]]


def test_no_predictions_give_an_empty_table_with_the_same_columns():
    empty = pd.DataFrame({"station": [], "label": [], "probability": [], "split": []})
    assert scores.table(empty, 0.5).columns.tolist() == scores.COLUMNS
    assert scores.records(scores.table(empty, 0.5)) == []


def test_a_constant_classifier_scores_its_class_share_and_no_skill():
    n, n_positive = 128, 43  # the paper's validation set: 85 of 128 is its accuracy of 0.6641
    predictions = pd.DataFrame(
        {
            "station": "MLR",
            "label": [1] * n_positive + [0] * (n - n_positive),
            "probability": 0.3,
            "split": "validation",
        }
    )
    row = scores.table(predictions, 0.5).iloc[0]
    assert round(row["accuracy"], 4) == round(row["majority_share"], 4) == 0.6641
    assert (row["mcc"], row["auc"], row["recall"], row["false_alarm_rate"]) == (0, 0.5, 0, 0)
    assert math.isnan(row["precision"]) and math.isnan(row["auc_low"])


def test_records_are_json_with_null_for_scores_that_do_not_exist():
    predictions = pd.DataFrame({"station": "DUR", "label": [1, 1], "probability": [0.2, 0.4], "split": "test"})
    text = json.dumps(scores.records(scores.table(predictions, 0.5)), allow_nan=False)
    row = json.loads(text)[0]
    assert row["auc"] is None and row["precision"] is None and row["mcc"] is None
    assert (row["n"], row["misses"], row["majority_share"]) == (2, 2, 1.0)


def test_base_entropy_of_the_papers_class_share():
    assert scores.base_entropy(0.5874) == pytest.approx(0.678, abs=5e-4)  # the inventory's value for this share
    assert scores.base_entropy(0.0) == scores.base_entropy(1.0) == 0.0
    assert math.isnan(scores.base_entropy(math.nan))


def test_midranks_agree_with_scipy():
    from scipy.stats import rankdata

    values = np.random.default_rng(0).integers(0, 5, 40)
    np.testing.assert_array_equal(measures.midranks(values), rankdata(values))


@pytest.mark.parametrize("seed", range(3))
def test_precision_and_recall_are_those_of_scikit_learn(seed):
    from sklearn import metrics

    label, probability = tied(seed)
    curve = scores.precision_recall(label, probability)
    precision, recall, threshold = metrics.precision_recall_curve(label, probability)
    np.testing.assert_allclose(curve["precision"], precision[::-1])
    np.testing.assert_allclose(curve["recall"], recall[::-1])
    np.testing.assert_allclose(curve["threshold"][1:], threshold[::-1])
    expected = metrics.average_precision_score(label, probability)
    assert scores.average_precision(label, probability) == pytest.approx(expected)


def test_a_constant_has_the_precision_of_the_base_rate_and_no_positive_gives_no_curve():
    assert scores.average_precision([1, 0, 0, 0], [0.3] * 4) == 0.25
    assert scores.precision_recall([0, 0], [0.1, 0.2]).empty and math.isnan(scores.average_precision([0], [0.1]))


def test_windows_of_one_event_cluster_count_as_one_group_however_far_apart_they_are():
    start = pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta(10 * np.arange(40), unit="D")
    label = np.tile([1, 0], 20)
    rows = pd.DataFrame(
        {
            "station": "DUR",
            "split": "test",
            "start": start,
            "label": label,
            "probability": (np.random.default_rng(3).random(40) + 0.2 * label) / 1.2,
            "cluster": np.where(label == 1, np.arange(40) // 4, -1),
        }
    )
    apart = scores.table(rows.drop(columns="cluster"), 0.5, 1440).iloc[0]
    together = scores.table(rows, 0.5, 1440).iloc[0]
    group = np.where(label == 1, rows["cluster"], 100 + np.arange(40))
    expected = scores.auc_interval(rows["label"], rows["probability"], group)
    assert (together["auc_low"], together["auc_high"]) == pytest.approx(expected)
    assert together["auc_low"] != apart["auc_low"]


def test_the_cells_are_named_as_the_tables_name_them_and_without_windows_there_is_no_rate():
    assert tuple(field.name for field in dataclasses.fields(Cells)) == CELLS
    empty = Cells(0, 0, 0, 0)
    assert all(math.isnan(rate) for rate in (empty.precision, empty.recall, empty.false_alarm_rate, empty.mcc))
