"""Normalisation against numbers worked by hand and known distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.config import ProcessingConfig
from core.errors import InputError
from core.loading.record import minute
from core.processing import normalisation, series


def test_the_robust_scale_of_a_normal_distribution_is_its_standard_deviation():
    batch = np.random.default_rng(0).normal([[5.0], [-3.0], [0.0]], [[1.0], [2.0], [30.0]], (20, 3, 5000))
    median, scale = normalisation.learn(batch)
    np.testing.assert_allclose(median, [5, -3, 0], atol=0.5)
    np.testing.assert_allclose(scale, [1, 2, 30], rtol=0.03)


def test_one_spike_does_not_move_the_robust_scale():
    batch = np.tile(np.array([-1.0, 0.0, 1.0, 0.0, 1.0, -1.0]), (1, 3, 50))
    spiked = batch.copy()
    spiked[0, :, 7] = 99_999
    np.testing.assert_allclose(normalisation.learn(spiked)[1], normalisation.learn(batch)[1])


def test_a_dead_component_gets_the_floor_and_not_a_division_by_zero():
    median, scale = normalisation.learn(np.full((2, 3, 10), 7.0))
    assert median.tolist() == [7, 7, 7]
    assert scale.tolist() == [normalisation.FLOOR_NT] * 3
    assert normalisation.window_robust(np.full((2, 3, 10), 7.0)).tolist() == np.zeros((2, 3, 10)).tolist()


def test_a_window_by_its_own_median_and_spread():
    window = np.array([[[10.0, 11.0, 12.0, 13.0, 30.0]] * 3])
    # Median 12; deviations 2, 1, 0, 1, 18 have the median 1.
    expected = np.array([-2, -1, 0, 1, 18]) / 1.4826
    np.testing.assert_allclose(normalisation.window_robust(window)[0, 0], expected)


def test_the_papers_division_takes_the_largest_bz_of_each_window_whatever_its_sign():
    window = np.array([[[20.0, 10.0], [1.0, 2.0], [-40.0, 30.0]], [[20.0, 10.0], [1.0, 2.0], [5.0, 10.0]]])
    assert normalisation.paper(window).tolist() == [
        [[0.5, 0.25], [0.025, 0.05], [-1.0, 0.75]],
        [[2.0, 1.0], [0.1, 0.2], [0.5, 1.0]],
    ]


def test_under_the_papers_division_fifty_nanotesla_are_about_a_thousandth():
    quiet = np.array([[[24000.0] * 10, [1500.0] * 10, [40000.0] * 10]])
    burst = quiet.copy()
    burst[0, 0, 5] += 50
    assert np.abs(normalisation.paper(burst) - normalisation.paper(quiet)).max() == pytest.approx(50 / 40000)


def test_the_papers_division_is_refused_on_a_filtered_record():
    with pytest.raises(InputError, match='Set record_filter = "none"'):
        ProcessingConfig(normalisation="paper", record_filter="highpass")
    ProcessingConfig(normalisation="paper", record_filter="none", window_filter="highpass")


def record(values):
    rows = np.column_stack([values, np.full(len(values), np.nan)])
    return minute.MinuteRecord("AAA", minute.on_grid(0, rows), "synthetic")


def test_a_stored_field_keeps_a_thousandth_of_a_nanotesla_on_a_level_of_46_000():
    steps = np.arange(3000) * 0.001
    values = np.column_stack([46_000 + steps, -steps, 60_000 - steps])
    stored = series.process(record(values), ProcessingConfig(record_filter="none"), 3)
    assert stored.values.dtype == np.float32
    restored = stored.values.astype(np.float64) + stored.offset_nt[:, None]
    assert np.abs(restored.T - values).max() < 0.0005
    assert np.abs(values.astype(np.float32) - values).max() > 0.001  # what plain float32 would have cost


def test_the_offset_depends_on_the_beginning_of_the_record_only():
    values = np.full((100, 3), 24_000.4)
    values[:5] = np.nan
    other = values.copy()
    other[50:] += 300
    config = ProcessingConfig(record_filter="none")
    one, two = (series.process(record(v), config, 3) for v in (values, other))
    assert one.offset_nt.tolist() == two.offset_nt.tolist() == [24_000] * 3
    assert np.array_equal(one.values[:, :50], two.values[:, :50], equal_nan=True)


def test_a_minute_is_missing_if_any_component_is():
    values = np.zeros((4, 3))
    values[1, 0] = values[2, 2] = np.nan
    assert series.missing(record(values)).tolist() == [False, True, True, False]
    assert series.first_minute(record(values)) == 0
    assert record(values).start == pd.Timestamp("1970-01-01", tz="UTC")
