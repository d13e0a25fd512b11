"""The learning curve: which windows each point trains on, what it writes, and how it goes on after a stop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.training import fit, training_sizes
from support.array_windows import bursts, config, noise

FRACTIONS = [0.25, 0.5, 1.0]


class Recorded:
    """What each training of a curve was given."""

    def __init__(self, monkeypatch) -> None:
        self.train_rows, self.seeds, self.validation_rows = [], [], []
        self._train = fit.train
        monkeypatch.setattr(fit, "train", self)

    def __call__(self, options, windows, *rest, **named):
        self.train_rows.append(windows.rows("train"))
        self.validation_rows.append(windows.rows("validation"))
        self.seeds.append(options.training.seed)
        return self._train(options, windows, *rest, **named)


def test_every_fraction_and_repeat_gives_one_point_as_it_comes(tmp_path, monkeypatch):
    recorded = Recorded(monkeypatch)
    windows, seen = noise(), []

    def on_point(point):
        seen.append(point)
        assert len(pd.read_csv(tmp_path / "points.csv")) == len(seen)

    points = training_sizes.run(config(epochs=1), windows, FRACTIONS, 2, tmp_path, on_point)
    assert points.columns.tolist() == training_sizes.COLUMNS
    assert points[["fraction", "repeat"]].values.tolist() == [[f, r] for f in FRACTIONS for r in (0, 1)]
    assert points["seed"].tolist() == [5, 6] * 3
    assert points["n_windows"].tolist() == [
        len(r) for _, r in sorted(zip([0.25, 0.5, 1] * 2, recorded.train_rows, strict=True), key=lambda p: p[0])
    ]
    assert points["n_windows"].iloc[-1] == 40
    assert recorded.seeds == [5] * 3 + [6] * 3
    share = windows.label[40:].mean()
    assert (points["majority_share"] == max(share, 1 - share)).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["points.csv"]  # no checkpoints left behind
    on_disk = pd.read_csv(tmp_path / "points.csv").sort_values(["fraction", "repeat"], ignore_index=True)
    pd.testing.assert_frame_equal(on_disk, points, check_exact=True)

    small, half, all_rows = (set(rows) for rows in recorded.train_rows[:3])
    assert small < half < all_rows == set(range(40))  # nested within a repeat
    assert small != set(recorded.train_rows[3])  # another draw in the next
    for rows in recorded.validation_rows:
        np.testing.assert_array_equal(rows, np.arange(40, 50))
    for rows in recorded.train_rows:
        for label in (0, 1):
            whole = (windows.label[:40] == label).sum()
            assert (windows.label[rows] == label).sum() == round(len(rows) / 40 * whole)


def test_scores_of_a_point_are_those_of_the_finished_network(tmp_path, monkeypatch):
    from sklearn import metrics

    windows, kept = noise(), []
    original = fit.train

    def keep(options, subset, *rest, **named):
        trained = original(options, subset, *rest, **named)
        parts = {split: subset.rows(split) for split in ("train", "validation")}
        kept.append({split: (windows.label[r], fit.predict(trained.model, windows, r)) for split, r in parts.items()})
        return trained

    monkeypatch.setattr(fit, "train", keep)
    points = training_sizes.run(config(epochs=2), windows, [0.5, 1.0], 1, tmp_path)
    for (_, point), scored in zip(points.iterrows(), kept, strict=True):
        for split, (label, probability) in scored.items():
            assert point[f"{split}_loss"] == pytest.approx(metrics.log_loss(label, probability), rel=1e-5)
            assert point[f"{split}_accuracy"] == metrics.accuracy_score(label, probability >= 0.5)
        assert point["validation_auc"] == pytest.approx(metrics.roc_auc_score(*scored["validation"]))


def test_a_curve_that_was_stopped_goes_on_with_the_missing_points_and_ends_the_same(tmp_path, monkeypatch):
    options, windows = config(epochs=2), noise()
    whole = training_sizes.run(options, windows, FRACTIONS, 1, tmp_path / "whole")

    done = []
    stop_in_the_second_training = iter([False] * 7 + [True] * 100)  # 1 + 1 questions an epoch for 10 windows
    first = training_sizes.run(
        options, windows, FRACTIONS, 1, tmp_path / "parts", done.append, lambda: next(stop_in_the_second_training)
    )
    assert len(first) == len(done) == 1
    recorded = Recorded(monkeypatch)
    second = training_sizes.run(options, windows, FRACTIONS, 1, tmp_path / "parts")
    assert len(recorded.train_rows) == 2  # the first point was not trained again
    pd.testing.assert_frame_equal(second, whole, check_exact=True)


def test_more_windows_of_a_planted_signal_help(tmp_path):
    points = training_sizes.run(config(epochs=8, learning_rate=0.003), bursts(), [0.1, 1.0], 1, tmp_path)
    assert points["validation_auc"].iloc[1] > 0.9
    assert points["validation_loss"].iloc[1] < points["validation_loss"].iloc[0]


def test_a_subset_holds_at_least_one_window_of_each_class():
    labels = np.array([1] + [0] * 99)
    chosen = training_sizes.first_of(training_sizes.shuffled(labels, seed=3), labels, 0.02)
    assert len(chosen) == 3 and 0 in chosen  # round(0.02 * 99) = 2 negatives, and the only positive


def test_impossible_curves_are_refused(tmp_path):
    windows = noise()
    with pytest.raises(InputError, match="above 0 and up to 1"):
        training_sizes.run(config(), windows, [0.0, 0.5], 1, tmp_path)
    with pytest.raises(InputError, match="above 0 and up to 1"):
        training_sizes.run(config(), windows, [], 1, tmp_path)
    with pytest.raises(InputError, match="at least one repeat, found 0"):
        training_sizes.run(config(), windows, [0.5], 0, tmp_path)
    windows.split["validation"] = np.array([], dtype=int)
    with pytest.raises(InputError, match="needs validation windows"):
        training_sizes.run(config(), windows, [0.5], 1, tmp_path)


def test_points_of_another_seed_or_another_file_are_refused(tmp_path):
    training_sizes.run(config(epochs=1), noise(), [0.25], 1, tmp_path)
    with pytest.raises(InputError, match="made with another seed"):
        training_sizes.run(config(epochs=1, seed=9), noise(), [0.25], 1, tmp_path)
    (tmp_path / "points.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="not a table of learning-curve points"):
        training_sizes.run(config(epochs=1), noise(), [0.25], 1, tmp_path)


def test_windows_of_one_group_come_in_together():
    labels, groups = np.tile([0, 1], 30), np.repeat(np.arange(12), 5)
    orders = [training_sizes.shuffled(labels, seed, groups) for seed in range(20)]
    for order in orders:
        assert sorted(order) == list(range(60))
        assert (np.diff(groups[order]) != 0).sum() == 11  # each group is one stretch of the order
        whole = [g for g in range(12) if set(np.flatnonzero(groups == g)) <= set(order[:30])]
        assert len(whole) == 6
    assert len({tuple(groups[order]) for order in orders}) == 20
    first = [groups[order[0]] for order in orders]
    assert len(set(first)) > 5  # any group may come first


def test_the_curve_draws_by_the_groups_it_is_given(tmp_path, monkeypatch):
    recorded, windows = Recorded(monkeypatch), noise()
    groups = np.arange(40) // 8
    training_sizes.run(config(epochs=1), windows, [0.4, 1.0], 1, tmp_path, groups=groups)
    share = np.bincount(groups[recorded.train_rows[0]], minlength=5)
    assert np.sort(share)[:2].max() <= 2  # 40 % of the windows are two whole groups, give or take the shares of classes
