"""Classical statistics on fields whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.rivals import ulf
from core.loading.record import minute

LEVEL = np.array([20_000.0, 1_500.0, 40_000.0])


def waves(period, x, y, z, n=1440, noise=0.0, seed=0):
    random = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * np.arange(n) / period)
    return (
        LEVEL[:, None] + np.outer([x, y, z], wave) + random.normal(0, noise, (3, n))
        if noise
        else LEVEL[:, None] + np.outer([x, y, z], wave)
    )[None]


@pytest.mark.parametrize(("period", "band"), [(5.0, "pc5"), (20.0, "slow"), (60.0, "slower")])
def test_the_polarisation_ratio_of_a_wave_is_that_of_its_amplitudes(period, band):
    table = ulf.statistics(waves(period, 3.0, 4.0, 2.0))
    assert 10 ** table[f"polarisation_{band}"].iloc[0] == pytest.approx(2 / 5, rel=1e-3)
    others = [name for name in ulf.BANDS_MINUTES if name != band]
    assert all(table[f"power_{band}"].iloc[0] > table[f"power_{name}"].iloc[0] + 3 for name in others)


def test_ten_times_the_amplitude_is_a_hundred_times_the_power():
    weak, strong = (ulf.statistics(waves(5.0, a, a, a))["power_pc5"].iloc[0] for a in (1.0, 10.0))
    assert strong - weak == pytest.approx(2, abs=1e-6)


def test_power_is_that_of_the_discrete_fourier_transform():
    values = waves(7.0, 1.0, 2.0, 3.0, n=200, noise=1.0)
    t = np.arange(200)
    expected = 0.0
    for row in values[0, :2]:
        line = np.polyval(np.polyfit(t, row, 1), t)
        tapered = (row - line) * (0.5 - 0.5 * np.cos(2 * np.pi * t / 199))
        k = [k for k in range(101) if 1 / 10 <= k / 200 < 1 / 2.5]
        power = [abs(sum(tapered * np.exp(-2j * np.pi * one * t / 200))) ** 2 for one in k]
        expected += np.mean(power)
    assert ulf.statistics(values)["power_pc5"].iloc[0] == pytest.approx(np.log10(expected), abs=1e-8)


def test_bpol_is_vertical_over_horizontal():
    table = ulf.statistics(np.broadcast_to(np.array([300.0, 400.0, -2000.0])[:, None], (1, 3, 64)))
    assert 10 ** table["bpol"].iloc[0] == pytest.approx(4)


def test_a_short_window_has_fewer_bands():
    assert list(ulf.bands(60)) == ["pc5", "slow"] and list(ulf.bands(1440)) == ["pc5", "slow", "slower"]
    assert ulf.columns(16) == ["bpol", "bpol_sd"]


def test_windows_are_cut_from_the_record_gaps_filled_and_what_sticks_out_is_unknown():
    values = np.full((500, 4), np.nan)
    values[:, :3] = waves(5.0, 1.0, 1.0, 1.0, n=500, noise=0.5)[0].T
    whole = values[:, :3].copy()
    values[130, 0] = np.nan
    values[300:420, 1] = np.nan
    first = int(minute.epoch_minutes(pd.DatetimeIndex(["2016-01-01"], tz="UTC"))[0])
    record = minute.MinuteRecord("AAA", minute.on_grid(first, values), "synthetic")
    starts = pd.Series(pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta([10, 100, 310, 450, -5], unit="min"))
    table = ulf.measure(record, starts, 100)
    expected = ulf.statistics(whole[10:110].T[None])
    np.testing.assert_allclose(table.iloc[0], expected.iloc[0])
    assert table.iloc[1].notna().all()
    assert table.iloc[2:].isna().all(axis=None)  # no Y at all; beyond the end; before the beginning
