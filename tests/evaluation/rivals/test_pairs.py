"""AUC over pairs of one station, against a loop."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation import bootstrap, scores
from core.evaluation.rivals import pairs


def toy(seed, n=80):
    random = np.random.default_rng(seed)
    station = random.choice(["AAA", "BBB", "CCC"], n)
    label = random.integers(0, 2, n)
    score = np.round(random.random(n) + 0.2 * label, 1) + (station == "BBB")
    return label, score, station, random.integers(0, 8, n)


def by_loop(label, score, station):
    wins = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, one, here in zip(score, label, station, strict=True)
        for b, other, there in zip(score, label, station, strict=True)
        if one == 1 and other == 0 and here == there
    ]
    return np.mean(wins)


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_formed_within_a_station_and_a_tie_is_half_a_pair(seed):
    label, score, station, _ = toy(seed)
    assert pairs.auc(label, score, station) == pytest.approx(by_loop(label, score, station))


def test_a_station_that_scores_higher_and_has_more_positives_gains_nothing():
    label = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    score = np.repeat([0.1, 0.5], 4)
    assert scores.auc(label, score) > 0.7
    assert pairs.auc(label, score, np.repeat(["AAA", "BBB"], 4)) == 0.5


def test_every_draw_is_the_auc_of_the_copied_rows():
    label, score, station, group = toy(5)
    taken = bootstrap.draws(8, 40, 5)
    for counts, auc in zip(taken, pairs.auc_draws(label, score, station, group, taken), strict=True):
        copied = np.concatenate([np.repeat(np.flatnonzero(group == g), int(c)) for g, c in enumerate(counts)])
        assert auc == pytest.approx(by_loop(label[copied], score[copied], station[copied]))


def test_without_a_station_that_has_both_classes_there_is_no_pair():
    label, station = np.array([1, 1, 0, 0]), np.repeat(["AAA", "BBB"], 2)
    assert np.isnan(pairs.auc(label, np.arange(4.0), station))
    assert np.isnan(pairs.auc_draws(label, np.arange(4.0), station, np.arange(4), np.ones((1, 4)))).all()
