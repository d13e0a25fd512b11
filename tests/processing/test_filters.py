"""Filters against the theory of Butterworth and against scipy; the past never depends on the future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from core.config import ProcessingConfig, from_dict
from core.errors import InputError
from core.processing import filters

NAN = np.nan


def sine(period_minutes, n=20_000):
    return np.sin(2 * np.pi * np.arange(n) / period_minutes)


def amplitude(values):
    """Of the steady part: root mean square times sqrt(2)."""
    return np.sqrt(2 * np.mean(values[len(values) // 2 :] ** 2))


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize(
    ("kind", "corner_option", "corner"),
    [("highpass", "highpass_period_minutes", 100.0), ("lowpass", "lowpass_period_minutes", 50.0)],
)
def test_a_causal_filter_passes_its_corner_period_with_the_amplitude_of_one_over_root_two(
    kind, corner_option, corner, order
):
    config = ProcessingConfig(record_filter=kind, filter_order=order, **{corner_option: corner})
    out = filters.causal(sine(corner)[:, None], config)[:, 0]
    assert amplitude(out) == pytest.approx(1 / np.sqrt(2), rel=0.01)


def test_a_high_pass_keeps_a_fast_sine_and_removes_level_and_day():
    config = ProcessingConfig(record_filter="highpass", highpass_period_minutes=100)
    level_and_day = 40000 + 30 * sine(1440)
    assert amplitude(filters.causal_component(level_and_day, config)) < 30 * (100 / 1440) ** 2 * 1.01
    assert amplitude(filters.causal_component(sine(10), config)) == pytest.approx(1, abs=0.01)


def test_a_band_pass_keeps_the_middle_and_removes_both_sides():
    config = ProcessingConfig(record_filter="bandpass", highpass_period_minutes=100, lowpass_period_minutes=10)
    passed = [amplitude(filters.causal_component(sine(p), config)) for p in (3, 31.6, 1440)]
    assert passed[0] < 0.1 and passed[1] > 0.95 and passed[2] < 0.01


def test_the_window_filter_passes_twice_so_the_corner_has_half_the_amplitude_and_no_delay():
    config = ProcessingConfig(window_filter="highpass", highpass_period_minutes=100)
    wave = sine(100, 10_000)
    out = filters.zero_phase(wave[None, None], config)[0, 0]
    middle = slice(2000, 8000)
    np.testing.assert_allclose(out[middle], wave[middle] / 2, atol=0.005)


def test_the_window_filter_is_scipys_sosfiltfilt_with_padding_of_three_corner_periods():
    config = ProcessingConfig(window_filter="bandpass", highpass_period_minutes=60, lowpass_period_minutes=8)
    batch = np.random.default_rng(0).normal(40000, 5, (2, 3, 500))
    sections = signal.butter(2, [1 / 60, 1 / 8], "bandpass", fs=1, output="sos")
    expected = signal.sosfiltfilt(sections, batch, axis=-1, padlen=180)
    np.testing.assert_allclose(filters.zero_phase(batch, config), expected, atol=1e-9)


def test_a_window_shorter_than_the_corner_period_is_still_filtered():
    config = ProcessingConfig(window_filter="highpass", highpass_period_minutes=833)
    batch = np.random.default_rng(0).normal(40000, 5, (1, 3, 60))
    assert np.isfinite(filters.zero_phase(batch, config)).all()


@pytest.mark.parametrize("seconds", [50, 120])
def test_the_papers_corner_of_0_02_hz_cannot_exist_on_minute_data(seconds):
    with pytest.raises(InputError, match="not longer than twice the sampling interval.*100, 50 or 833 min"):
        from_dict({"processing": {"record_filter": "highpass", "highpass_period_minutes": seconds / 60}})


@pytest.mark.parametrize("where", ["record_filter", "window_filter"])
def test_an_empty_band_is_refused(where):
    with pytest.raises(InputError, match="the band is empty"):
        ProcessingConfig(**{where: "bandpass"}, highpass_period_minutes=10, lowpass_period_minutes=20)


def test_the_filter_starts_at_rest_on_the_first_value():
    constant = np.full((500, 3), 46_000.0)
    assert np.abs(filters.causal(constant, ProcessingConfig(record_filter="highpass"))).max() < 1e-6
    lowpass = filters.causal(constant, ProcessingConfig(record_filter="lowpass"))
    np.testing.assert_allclose(lowpass, constant, rtol=1e-12)


def test_missing_minutes_stay_missing_and_a_short_gap_does_not_restart_the_filter():
    config = ProcessingConfig(record_filter="highpass")
    values = 40000 + 20 * sine(300, 3000)
    gapped = values.copy()
    gapped[1500:1503] = NAN
    out = filters.causal_component(gapped, config, max_gap_minutes=3)
    assert np.array_equal(np.isnan(out), np.isnan(gapped))
    assert abs(out[1503] - filters.causal_component(values, config)[1503]) < 2.0


def test_after_a_long_gap_the_filter_starts_anew():
    config = ProcessingConfig(record_filter="highpass")
    values = 40000 + 20 * sine(300, 3000)
    values[1500:1504] = NAN
    out = filters.causal_component(values, config, max_gap_minutes=3)
    assert np.array_equal(out[1504:], filters.causal_component(values[1504:], config))


def test_no_filter_returns_the_values_as_they_are():
    values = np.array([[1.0, 2.0, NAN]])
    assert np.array_equal(filters.causal(values, ProcessingConfig(record_filter="none")), values, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["highpass", "bandpass", "lowpass", "none"]),
    now=st.integers(1, 399),
    gap=st.tuples(st.integers(0, 399), st.integers(0, 12)),
    max_gap=st.integers(0, 6),
)
def test_changing_the_future_never_changes_the_past_not_even_in_the_last_bit(seed, kind, now, gap, max_gap):
    random = np.random.default_rng(seed)
    values = random.normal(40000, 20, (400, 3))
    values[random.random(values.shape) < 0.02] = NAN
    values[gap[0] : gap[0] + gap[1]] = NAN
    other = values.copy()
    other[now:] = random.normal(0, 1000, (400 - now, 3))
    other[now:][random.random((400 - now, 3)) < 0.2] = NAN
    config = ProcessingConfig(record_filter=kind)
    one, two = (filters.causal(x, config, max_gap)[:now] for x in (values, other))
    assert np.array_equal(one, two, equal_nan=True)
