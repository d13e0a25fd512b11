"""What maps say together: alikeness, the pointing game and marginals against values worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from core.evaluation import attention

RANDOM = np.random.default_rng(4)


def test_agreement_is_the_mean_of_spearmans_correlation_of_the_sizes():
    real = RANDOM.normal(size=(5, 3, 40))
    other = np.abs(real) + RANDOM.normal(scale=0.5, size=real.shape)
    found = attention.agreement(real, other, np.arange(5))
    wanted = [spearmanr(np.abs(a).ravel(), np.abs(b).ravel()).statistic for a, b in zip(real, other, strict=True)]
    assert found.correlation == pytest.approx(np.mean(wanted))
    assert found.correlation_low < found.correlation < found.correlation_high
    assert found.chance_low < 0.05 and abs(found.chance) < 0.05 < found.correlation


def test_unrelated_maps_agree_no_more_than_chance_even_if_they_are_smooth():
    noise = RANDOM.normal(size=(2, 30, 3, 200))
    smooth = sum(np.roll(noise, shift, axis=3) for shift in range(30))  # neighbours are alike, no minute is special
    found = attention.agreement(smooth[0], smooth[1], np.arange(30))
    assert found.correlation_low < found.chance_high


def test_flat_maps_are_left_out_and_counted():
    maps = RANDOM.normal(size=(4, 3, 20))
    flat = maps.copy()
    flat[1:] = 0
    assert attention.agreement(maps, flat, np.arange(4)).n == 1
    assert np.isnan(attention.agreement(maps, np.zeros_like(maps), np.arange(4)).correlation)


def maps_and_bursts():
    """Four windows of ten minutes with a burst in minutes 2 to 4: a hit, a miss, a tie half inside, a flat one."""
    maps, planted = np.zeros((4, 3, 10)), np.zeros((4, 10), dtype=bool)
    planted[:, 2:5] = True
    maps[0, 0, 3], maps[0, 1, 8], maps[0, 2, 9] = 2.0, 1.0, -5.0
    maps[1, 0, 3], maps[1, 1, 8], maps[1, 2, 8] = 2.0, 1.5, 1.5  # the components together: minute 8
    maps[2, 0, [4, 5]] = 1.0
    return maps, planted


def test_the_pointing_game_is_played_window_by_window():
    found = attention.point(*maps_and_bursts())
    assert found["hit"].tolist() == [1.0, 0.0, 0.5, pytest.approx(0.3)]
    assert found["covered"].tolist() == [pytest.approx(0.3)] * 4
    np.testing.assert_allclose(found["mass"], [2 / 3, 2 / 5, 1 / 2, np.nan])


def test_windows_without_a_burst_or_full_of_it_do_not_play():
    table = pd.DataFrame({"hit": [1.0, 0.0, 1.0], "covered": [0.25, 0.0, 1.0], "mass": [0.5, 0.0, 1.0]})
    found = attention.pointing(table, np.arange(3))
    assert (found.n, found.hits, found.difference, found.mass) == (1, 1.0, 0.75, 0.5)
    nobody = attention.pointing(table[1:], np.arange(2))
    assert nobody.n == 0 and np.isnan(nobody.hits)


def test_all_hits_in_few_groups_are_not_certain():
    table = pd.DataFrame({"hit": np.ones(20), "covered": np.full(20, 0.5), "mass": np.ones(20)})
    found = attention.pointing(table, np.repeat(np.arange(4), 5))
    # Clopper & Pearson (1934), 4 of 4: 0.398 to 1
    assert found.hits_low == pytest.approx(0.398, abs=1e-3) and found.hits_high == 1
    assert found.difference_low == pytest.approx(-0.102, abs=1e-3)


def test_a_gain_over_a_control_is_paired():
    real = pd.DataFrame({"covered": [0.5] * 4, "mass": [0.9, 0.8, np.nan, 0.7]})
    control = pd.DataFrame({"covered": [0.5] * 4, "mass": [0.7, 0.6, 0.2, 0.5]})
    found = attention.gain(real, control, np.arange(4))
    assert [found.gain, found.gain_low, found.gain_high] == [pytest.approx(0.2)] * 3


def test_marginals_find_the_hour_the_place_and_the_gap():
    maps = np.zeros((2, 3, 120))
    maps[0, 0, 70] = maps[1, 1, 70] = -1.0  # 23:30 and an hour and ten minutes: 00:40
    maps[1, 2, 10] = 1.0  # 23:40
    start = np.array([1440 - 30, 10 * 1440 - 30])
    missing = np.zeros((2, 120), dtype=bool)
    missing[1, 5:17] = True
    found = attention.marginals(maps, start, missing, np.arange(2)).set_index(["by", "name"])
    assert found.loc[("hour", 0), "share"] == pytest.approx(0.75) and found.loc[("hour", 23), "share"] == 0.25
    assert found.loc[("hour", 0), "expected"] == 0.5 and found.loc[("hour", 1), "share"] == 0
    assert found.loc[("place", 7), "share"] == pytest.approx(0.75) and found.loc[("place", 1), "share"] == 0.25
    assert found.loc[("gap", 1), "share"] == 0.25 and found.loc[("gap", 1), "expected"] == pytest.approx(0.05)
    assert found.loc["hour"]["expected"].sum() == pytest.approx(1)
