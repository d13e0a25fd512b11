"""Scores part by part, and skill scores, by hand and where truth is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.evaluation import bootstrap, scores, strata


def rows(n=100):
    start = pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="D")
    kp = np.tile([1.0, 2.0, 3.333, 4.0, np.nan], n // 5)
    return pd.DataFrame({"station": np.where(np.arange(n) % 2, "BBB", "AAA"), "start": start, "kp_max": kp})


def test_every_window_is_in_one_part_of_each_kind():
    random = np.random.default_rng(0)
    label, p = random.integers(0, 2, 100), random.random(100)
    table = strata.table(rows(), label, p, np.arange(100), 0.5)
    assert table.groupby("by", sort=False)["n"].agg(list).to_dict() == {
        "station": [50, 50],
        "block": [20] * 5,
        "kp": [20] * 5,
    }
    assert table.groupby("by")["n_positive"].sum().tolist() == [label.sum()] * 3
    assert table["name"].tolist()[2] == "2016-01-01 to 2016-01-20"
    assert table["name"].tolist()[7:] == ["Kp below 2", "Kp 2 to 3", "Kp 3 to 4", "Kp 4 or more", "Kp unknown"]
    line = table[table["name"] == "BBB"].iloc[0]
    assert line["auc"] == pytest.approx(scores.auc(label[1::2], p[1::2]))
    assert line["brier"] == pytest.approx(np.mean((label[1::2] - p[1::2]) ** 2))


def test_skill_that_lives_in_one_part_only_is_seen_there():
    random = np.random.default_rng(1)
    label = random.integers(0, 2, 100)
    p = np.where(np.arange(100) < 20, 0.2 + 0.6 * label, 0.5)
    table = strata.table(rows(), label, p, np.arange(100), 0.5)
    assert table.loc[table["by"] == "block", "auc"].tolist() == [1.0, 0.5, 0.5, 0.5, 0.5]


def test_a_part_with_one_class_has_no_auc():
    table = strata.table(rows(), np.repeat([0, 1], 50), np.linspace(0, 1, 100), np.arange(100), 0.5)
    assert table.loc[table["by"] == "block", "auc"].isna().tolist() == [True, True, False, True, True]


def test_skill_scores_worked_by_hand():
    label, p = np.array([1, 1, 0, 0]), np.array([0.8, 0.6, 0.4, 0.4])
    found = strata.skills(label, p, np.arange(4), bootstrap.draws(4, 50, 0))
    assert found.brier.value == pytest.approx((0.04 + 0.16 + 0.16 + 0.16) / 4)
    assert found.brier_skill.value == pytest.approx(1 - 0.13 / 0.25)
    log = -(math.log(0.8) + 3 * math.log(0.6)) / 4
    assert found.log_score.value == pytest.approx(log)
    assert found.log_skill.value == pytest.approx(1 - log / math.log(2))


def test_the_skill_of_the_true_probabilities_is_covered_and_a_base_rate_has_none():
    truth, covered = 0.27, 0  # 1 - E[p (1 - p)] / 0.25 for p uniform on [0.05, 0.95] is 4 Var(p) = 0.9^2 / 3
    for seed in range(60):
        random = np.random.default_rng(seed)
        p = random.uniform(0.05, 0.95, 500)
        label = (random.random(500) < p).astype(int)
        taken = bootstrap.draws(500, 300, seed)
        true = strata.skills(label, p, np.arange(500), taken)
        covered += true.brier_skill.low <= truth <= true.brier_skill.high
        base = strata.skills(label, np.full(500, label.mean()), np.arange(500), taken)
        assert true.brier_skill.low > 0 and true.log_skill.low > 0
        assert base.brier_skill.value == pytest.approx(0) and base.log_skill.value == pytest.approx(0)
        assert base.brier_skill.high < 1e-9
    assert 0.85 <= covered / 60 <= 1
