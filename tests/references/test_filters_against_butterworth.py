"""
Gains of the filters against the closed form of Butterworth, measured on the response to one odd minute.

Butterworth (1930): |H|^2 = 1 / (1 + x^(2 n)); the bilinear transform puts tan(pi f) in the place of a frequency f in
cycles a minute. So a corner has 1 / sqrt(2) = 0.707 after one pass and 0.5 after two.
"""

import numpy as np
import pytest

from core.config import ProcessingConfig
from core.processing import filters

SLOW, FAST = 100.0, 8.0  # corners, minutes
N_MINUTES, ODD_MINUTE = 12_000, 6_000
PERIODS = np.array([2.5, 5.0, 8.0, 20.0, 50.0, 100.0, 300.0, 1000.0])
ORDERS = [1, 2, 4]
KINDS = ["highpass", "lowpass", "bandpass"]


def closed_form(kind, order, period):
    """The gain after one pass at a period in minutes."""
    w, slow, fast = (np.tan(np.pi / minutes) for minutes in (period, SLOW, FAST))
    x = {
        "lowpass": w / fast,
        "highpass": slow / w,
        "bandpass": (w**2 - slow * fast) / (w * (fast - slow)),
    }[kind]
    return 1 / np.sqrt(1 + x ** (2 * order))


def config(which, kind, order):
    return ProcessingConfig(
        **{which: kind}, filter_order=order, highpass_period_minutes=SLOW, lowpass_period_minutes=FAST
    )


def odd_minute():
    values = np.zeros(N_MINUTES)
    values[ODD_MINUTE] = 1.0
    return values


def spectrum(response):
    """The Fourier sum of a response at `PERIODS`, counted from the odd minute."""
    minute = np.arange(N_MINUTES) - ODD_MINUTE
    return np.exp(-2j * np.pi * minute[None, :] / PERIODS[:, None]) @ response


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_causal_filter_has_the_gain_of_the_closed_form_and_answers_not_before_it_is_asked(kind, order):
    response = filters.causal_component(odd_minute(), config("record_filter", kind, order))
    assert not response[:ODD_MINUTE].any() and response[ODD_MINUTE] != 0
    np.testing.assert_allclose(np.abs(spectrum(response)), closed_form(kind, order, PERIODS), atol=1e-6)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_filter_within_a_window_has_the_square_of_that_gain_and_no_phase(kind, order):
    response = filters.zero_phase(odd_minute()[None, None], config("window_filter", kind, order))[0, 0]
    ours = spectrum(response)
    np.testing.assert_allclose(ours.real, closed_form(kind, order, PERIODS) ** 2, atol=1e-6)
    np.testing.assert_allclose(ours.imag, 0, atol=1e-6)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("kind", "corners"), [("highpass", [SLOW]), ("lowpass", [FAST]), ("bandpass", [SLOW, FAST])])
def test_a_corner_has_0_707_after_one_pass_and_0_5_after_two(kind, corners, order):
    here = np.isin(PERIODS, corners)
    once = filters.causal_component(odd_minute(), config("record_filter", kind, order))
    twice = filters.zero_phase(odd_minute()[None, None], config("window_filter", kind, order))[0, 0]
    np.testing.assert_allclose(np.abs(spectrum(once))[here], 0.70711, atol=1e-5)
    np.testing.assert_allclose(np.abs(spectrum(twice))[here], 0.5, atol=1e-5)
