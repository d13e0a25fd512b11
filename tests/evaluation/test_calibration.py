"""Calibration against scikit-learn, a published interval, and worlds whose probabilities are known."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation import calibration


def overconfident(seed, n=4000):
    """Probabilities that say logit 3 z where logit z + 0.5 is true."""
    random = np.random.default_rng(seed)
    z = random.normal(0, 0.8, n)
    label = (random.random(n) < calibration.expit(z + 0.5)).astype(int)
    return label, calibration.expit(3 * z)


def test_platt_is_the_logistic_regression_of_smoothed_targets():
    from sklearn.linear_model import LogisticRegression

    label, p = overconfident(0, 60)
    n_positive, n_negative = label.sum(), (1 - label).sum()
    target = np.where(label == 1, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))
    x = np.log(p / (1 - p))[:, None]
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.vstack([x, x]), np.repeat([1, 0], 60), sample_weight=np.concatenate([target, 1 - target])
    )
    found = calibration.platt(label, p)
    assert found.slope == pytest.approx(model.coef_[0, 0], abs=1e-4)
    assert found.intercept == pytest.approx(model.intercept_[0], abs=1e-4)


def test_calibration_recovers_the_probabilities_of_a_known_world():
    found = calibration.platt(*overconfident(1, 40_000))
    assert found.slope == pytest.approx(1 / 3, abs=0.02)
    assert found.intercept == pytest.approx(0.5, abs=0.04)
    label, p = overconfident(2, 40_000)
    before = calibration.expected_error(calibration.reliability(label, p, np.arange(40_000), False))
    after = calibration.expected_error(calibration.reliability(label, found(p), np.arange(40_000), True))
    assert before > 0.1 and after < 0.015


def test_calibration_does_not_turn_a_score_around():
    found = calibration.platt([1, 1, 0, 0, 0], [0.1, 0.2, 0.8, 0.9, 0.7])
    assert found.slope == 0
    smoothed = (2 * 3 / 4 + 3 * 1 / 5) / 5
    np.testing.assert_allclose(found([0.01, 0.99]), smoothed)


def test_perfectly_separated_rows_do_not_make_a_probability_certain():
    found = calibration.platt([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9])
    p = found(np.array([0.001, 0.1, 0.9, 0.999]))
    assert (np.diff(p) > 0).all() and 0.001 < p[1] < 0.25 and 0.7 < p[2] < 0.999


def test_each_fold_of_time_takes_the_map_learned_from_the_others():
    label, p = overconfident(3, 100)
    day = np.repeat(np.arange(50), 2)
    out = calibration.cross_fitted(label, p, day)
    for fold in range(5):
        held = day // 10 == fold
        np.testing.assert_allclose(out[held], calibration.platt(label[~held], p[~held])(p[held]))


def test_the_prior_correction_is_the_rule_of_bayes():
    # Drawn half and half; in nature one in twenty. p = 0.8 means a likelihood ratio of 4: odds 4 / 19.
    assert calibration.prior_corrected([0.8], 0.5, 0.05)[0] == pytest.approx(4 / 23)
    # Drawn at one in three: p = 0.5 is a likelihood ratio of 2, odds 2 / 19.
    assert calibration.prior_corrected([0.5], 1 / 3, 0.05)[0] == pytest.approx(2 / 21)


def test_wilsons_interval_has_its_published_values():
    # Newcombe (1998), Statistics in Medicine 17, 857, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    low, high = calibration.wilson([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_the_reliability_table_worked_by_hand():
    label = np.array([0, 1, 0, 1, 1, 1])
    p = np.array([0.05, 0.09, 0.31, 0.95, 1.0, 0.99])
    table = calibration.reliability(label, p, np.array([0, 0, 1, 2, 3, 4]), False)
    assert table[["bin_low", "bin_high", "n"]].to_numpy().tolist() == [[0, 0.1, 2], [0.3, 0.4, 1], [0.9, 1.0, 3]]
    np.testing.assert_allclose(table["mean_probability"], [0.07, 0.31, 0.98])
    assert table["observed"].tolist() == [0.5, 0, 1]
    low, high = calibration.wilson([0.5, 0, 3], [1, 1, 3])  # the two rows of the first bin are one group
    np.testing.assert_allclose(table[["observed_low", "observed_high"]], np.column_stack([low, high]))
    assert calibration.expected_error(table) == pytest.approx((2 * 0.43 + 0.31 + 3 * 0.02) / 6)


def test_the_reliability_interval_covers_the_truth_at_its_rate_and_shows_overconfidence():
    inside, outside = 0, 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        p = random.random(300)
        table = calibration.reliability((random.random(300) < p).astype(int), p, np.arange(300), False)
        inside += (
            (table["observed_low"] <= table["mean_probability"]) & (table["mean_probability"] <= table["observed_high"])
        ).sum()
        table = calibration.reliability((random.random(300) < 0.5).astype(int), p, np.arange(300), False)
        outside += int(table["observed_low"].iloc[0] > 0.1) + int(table["observed_high"].iloc[-1] < 0.9)
    assert 0.92 <= inside / 400 <= 0.99
    assert outside == 80
