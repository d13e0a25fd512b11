"""Each confounder finds what it is named after and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation import scores
from core.evaluation.rivals import confounders

START = pd.Timestamp("2010-01-01", tz="UTC")
ALL = confounders.models(["power_pc5", "bpol"], catalogue=True)
BY_NAME = {one.model: one for one in ALL}


def table(n=800, seed=0, days=8 * 365):
    """Windows at random times with random Kp, gaps and stations; nothing depends on anything."""
    random = np.random.default_rng(seed)
    start = START + pd.to_timedelta(np.sort(random.integers(0, days * 24, n)), unit="h")
    rows = pd.DataFrame({"station": random.choice(["AAA", "BBB"], n), "start": start})
    rows["end"] = rows["start"] + pd.Timedelta(days=1)
    rows["kp_max"] = np.round(random.uniform(0, 9, n) * 3) / 3
    rows["missing_minutes"] = random.poisson(2, n)
    rows["longest_gap_minutes"] = np.minimum(rows["missing_minutes"], random.poisson(1, n))
    out = confounders.features(rows)
    out["power_pc5"], out["bpol"] = random.normal(size=n), random.normal(size=n)
    out["aftershock_days"], out["recent_events"] = random.exponential(1, n), random.poisson(3, n)
    return out


def auc_of(model, rows, label, seed=1):
    """Fit on a random half, score the other."""
    train = np.random.default_rng(seed).random(len(rows)) < 0.5
    score = confounders.probabilities([BY_NAME[model]], rows, label, train)[model].to_numpy()
    assert ((score >= 0) & (score <= 1)).all()
    return scores.auc(label[~train], score[~train])


def drawn(probability, seed=3):
    return (np.random.default_rng(seed).random(len(probability)) < probability).astype(int)


SIGNALS = {
    "climatology": lambda rows: rows["month"].isin([2, 3, 8]),
    "season": lambda rows: np.abs(np.sin(2 * np.pi * rows["year_phase"])) > 0.7,  # twice a year
    "hour": lambda rows: (rows["day_phase"] > 0.3) & (rows["day_phase"] < 0.7),
    "kp": lambda rows: (rows["kp_max"] > 3) & (rows["kp_max"] < 6),  # neither quiet nor stormy
    "station": lambda rows: rows["station"] == "BBB",
    "gaps": lambda rows: rows["missing_minutes"] > 2,
    "trend": lambda rows: rows["day"] > rows["day"].median(),
    "date": lambda rows: np.sin(2 * np.pi * (rows["day"] - rows["day"].min()) / 1000) > 0,  # up and down three times
    "ulf": lambda rows: rows["power_pc5"] > 0,
    "recent_events": lambda rows: rows["recent_events"] > 3,
    "catalogue_rate": lambda rows: rows["aftershock_days"] > 1,
}


@pytest.mark.parametrize("model", SIGNALS)
def test_a_confounder_finds_the_signal_that_it_is_named_after(model):
    rows = table()
    label = drawn(np.where(SIGNALS[model](rows), 0.85, 0.15))
    assert auc_of(model, rows, label) > 0.75
    if model in ("trend", "station", "season", "hour", "kp", "gaps"):
        assert auc_of("metadata", rows, label) > 0.75


def test_a_trend_alone_misses_what_goes_up_and_down_but_the_date_does_not():
    rows = table()
    label = drawn(np.where(SIGNALS["date"](rows), 0.85, 0.15))
    assert auc_of("trend", rows, label) < 0.7 < 0.75 < auc_of("date", rows, label)


@pytest.mark.parametrize("model", [one.model for one in ALL])
def test_without_a_signal_every_model_is_near_chance(model):
    areas = [auc_of(model, table(seed=seed), drawn(np.full(800, 0.4), 100 + seed), 200 + seed) for seed in range(12)]
    assert abs(np.mean(areas) - 0.5) < 0.035


def test_models_are_fitted_on_training_rows_only():
    rows, label = table(), drawn(np.full(800, 0.5))
    train = np.arange(800) < 400
    changed = np.where(train, label, 1 - label)
    first = confounders.probabilities(ALL, rows, label, train)
    pd.testing.assert_frame_equal(first, confounders.probabilities(ALL, rows, changed, train))
    other = rows.copy()
    numbers = [name for name in other.columns if name != "station"]
    other.loc[~train, numbers] = other.loc[~train, numbers].to_numpy()[::-1]
    moved = confounders.probabilities(ALL, other, label, train)
    pd.testing.assert_frame_equal(first[train], moved[train])


def test_the_date_is_no_help_in_a_later_block_of_time():
    rows, label = table(), drawn(np.full(800, 0.5))
    score = confounders.probabilities([BY_NAME["date"]], rows, label, np.arange(800) < 400)["date"].to_numpy()
    assert np.ptp(score[500:]) == 0


def test_nearest_in_time_by_brute_force():
    rows, label = table(200), drawn(np.full(200, 0.5))
    train = np.random.default_rng(0).random(200) < 0.5
    found = confounders.probabilities([BY_NAME["date"]], rows, label, train)["date"]
    day, k = rows["day"].to_numpy(), round(np.sqrt(train.sum()))
    for i in range(200):
        distance = np.abs(day[train] - day[i])
        near = distance <= np.sort(distance)[k - 1]
        assert found[i] == pytest.approx(label[train][near].mean())


def test_few_rows_of_a_station_are_drawn_towards_the_base_rate():
    rows = table(20)
    rows["station"] = ["AAA"] * 18 + ["BBB"] * 2
    label = np.array([1, 0] * 9 + [1, 1])
    score = confounders.probabilities([BY_NAME["station"]], rows, label, np.ones(20, dtype=bool))["station"]
    assert score.iloc[-1] == pytest.approx((2 + 4 * 0.55) / 6)
    assert score.iloc[0] == pytest.approx((9 + 4 * 0.55) / 22)


def test_the_fit_of_the_catalogues_rate_recovers_background_and_aftershocks():
    rows = table(20_000)
    triggered = rows["aftershock_days"].to_numpy()
    odds = 0.3 * (0.5 + triggered)
    label = drawn(odds / (1 + odds))
    score = BY_NAME["catalogue_rate"].fit(rows, label)(rows)
    fitted = score / (1 - score)
    # The background is chosen on a grid of steps of 3.2; odds are a line in the aftershocks.
    slope, level = np.polyfit(triggered, fitted, 1)
    assert slope == pytest.approx(0.3, rel=0.2) and level / slope == pytest.approx(0.5, rel=0.6)


def test_statistics_of_the_field_do_not_tell_the_station():
    rows = table()
    rows["bpol"] += 50 * (rows["station"] == "BBB")
    label = drawn(np.where(rows["station"] == "BBB", 0.9, 0.1))
    assert abs(auc_of("ulf", rows, label) - 0.5) < 0.1


def test_one_class_in_training_gives_the_base_rate():
    rows = table(50)
    found = confounders.probabilities(ALL, rows, np.arange(50) % 2, np.arange(50) % 2 == 1)
    assert (found == 1).all(axis=None)


def test_only_the_majority_and_the_fields_own_statistics_are_baselines():
    assert [one.model for one in ALL if one.kind == confounders.BASELINE] == ["majority", "ulf"]
    assert [one.model for one in confounders.models([], False)][-1] == "metadata"
