"""The network beside the best classical statistic: which one is chosen, and what the paired interval says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.rivals import classical, pairs

N = 1200
STATION = np.array(["KAK", "EYR"])[np.arange(N) % 2]
GROUP = np.arange(N) // 4
TRAIN = np.arange(N) < N // 2


def world(seed=0, **strength):
    """One statistic per name, its mean raised by its strength before earthquakes; each station has its own level."""
    random = np.random.default_rng(seed)
    label = (random.random(N) < 0.3).astype(int)
    level = np.where(STATION == "KAK", 40.0, -40.0)
    statistics = {name: by * label + random.normal(size=N) + level for name, by in strength.items()}
    return label, pd.DataFrame(statistics), random


def beside(label, statistics, network):
    return classical.measure(statistics, STATION, label, network, GROUP, TRAIN, ~TRAIN, n_draws=300)


def test_the_statistic_that_is_best_in_training_is_chosen_in_its_direction():
    label, statistics, random = world(power=0.1, polarisation=-1.5, bpol=0.0)
    judged = beside(label, statistics, random.normal(size=N))
    assert (judged.detector, judged.rises) == ("polarisation", False)
    expected = pairs.auc(label[~TRAIN], -statistics["polarisation"].to_numpy()[~TRAIN], STATION[~TRAIN])
    assert judged.auc_detector == pytest.approx(expected)


def test_the_judged_windows_choose_nothing():
    label, statistics, random = world(power=1.5, bpol=0.0)
    statistics.loc[~TRAIN, "bpol"] = label[~TRAIN].astype(float)
    statistics.loc[~TRAIN, "power"] = random.normal(size=(~TRAIN).sum())
    judged = beside(label, statistics, random.normal(size=N))
    assert judged.detector == "power"
    assert judged.auc_detector == pytest.approx(0.5, abs=0.08)


def test_statistics_that_complete_each_other_are_taken_together():
    label, statistics, random = world(power=1.0, polarisation=1.0, bpol=1.0)
    judged = beside(label, statistics, random.normal(size=N))
    assert judged.detector == classical.ALL_TOGETHER
    assert judged.auc_detector > 0.85  # of three independent statistics of effect 1: Phi(sqrt(3/2)) = 0.890


def test_a_network_that_only_repeats_the_statistic_adds_nothing():
    label, statistics, random = world(power=1.5)
    judged = beside(label, statistics, statistics["power"].to_numpy() + 0.1 * random.normal(size=N))
    assert judged.adds is False
    assert judged.low < 0 < judged.high


def test_a_network_that_sees_more_adds():
    label, statistics, random = world(power=0.5)
    judged = beside(label, statistics, 2.0 * label + random.normal(size=N))
    assert judged.adds is True
    assert judged.difference == pytest.approx(judged.auc_network - judged.auc_detector)
    assert 0 < judged.low < judged.difference < judged.high


def test_the_interval_is_paired_a_copy_of_the_detector_differs_by_exactly_nothing():
    label, statistics, _ = world(power=1.0)
    judged = beside(label, statistics, statistics["power"].to_numpy())
    assert (judged.difference, judged.low, judged.high) == (0, 0, 0)


def test_windows_without_a_statistic_are_left_out_for_both():
    label, statistics, random = world(power=1.0)
    statistics.loc[::3, "power"] = np.nan
    judged = beside(label, statistics, random.normal(size=N))
    assert judged.n_rows == np.isfinite(statistics["power"][~TRAIN]).sum()


@pytest.mark.parametrize("case", ["no statistic", "all unknown", "one class"])
def test_what_cannot_be_compared_is_no_error_and_no_claim(case):
    label, statistics, random = world(power=1.0)
    if case == "no statistic":
        statistics = statistics[[]]
    elif case == "all unknown":
        statistics["power"] = np.nan
    else:
        label = np.zeros(N, dtype=int)
    judged = beside(label, statistics, random.normal(size=N))
    assert judged.adds is None
    assert judged.detector == ""
    assert np.isnan(judged.difference)
