"""Minutes from seconds: the published coefficients, a brute-force sum, and the rule for missing samples."""

import numpy as np
import pytest

from core.loading.record import averaging

# INTERMAGNET Technical Reference Manual, "Filter coefficients to produce one minute values": column of one-second
# data at 0, 1, 2, 10, 20, 30, 40 and 45 s from the minute, and of five-second data at 0, 5, 20 and 45 s.
PUBLISHED_1S = {0: 0.0251958, 1: 0.02514602, 2: 0.02499727, 10: 0.0206748, 20: 0.01142303, 30: 0.0042496,
                40: 0.0010645, 45: 0.000459}  # fmt: skip
PUBLISHED_5S = {0: 0.12578865, 5: 0.11972085, 20: 0.05702885, 45: 0.0022932}
START = 1_525_478_400  # 2018-05-05 00:00:00


def brute(seconds, values, minute, offsets, weights):
    """The weighted mean of what is present, or NaN below 90 % of the weight; sample by sample."""
    sample = dict(zip(seconds.tolist(), values.tolist(), strict=True))
    total = weight = 0.0
    for offset, w in zip(offsets, weights, strict=True):
        value = sample.get(minute * 60 + offset, np.nan)
        if not np.isnan(value):
            total, weight = total + w * value, weight + w
    return total / weight if weight >= 0.9 else np.nan


@pytest.mark.parametrize("step, published", [(1, PUBLISHED_1S), (5, PUBLISHED_5S)])
def test_the_gaussian_is_the_published_table(step, published):
    weights, middle = averaging.weights("gaussian", step)
    assert len(weights) == 90 // step + 1 and weights.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_array_equal(weights, weights[::-1])
    for offset, coefficient in published.items():
        assert weights[middle + offset // step] == pytest.approx(coefficient, abs=5e-7)


@pytest.mark.parametrize("rule, offsets", [("gaussian", range(-45, 46)), ("box", range(-30, 30))])
def test_minutes_are_the_weighted_sum_of_their_samples(rule, offsets):
    rng = np.random.default_rng(1)
    seconds = START + np.arange(1800)
    values = 24_000 + rng.normal(0, 20, 1800).cumsum()
    values[rng.random(1800) < 0.05] = np.nan
    values[600:640] = np.nan
    keep = rng.random(1800) > 0.02  # samples that are not in the file at all
    keep[[0, -1]] = True
    seconds, values = seconds[keep], values[keep]
    weights = np.full(60, 1 / 60)
    if rule == "gaussian":
        weights = np.exp(-0.5 * (np.arange(-45, 46) / 15.9006) ** 2)
        weights /= weights.sum()
    minutes, averages = averaging.to_minutes(seconds, values, 1, rule)
    assert minutes.tolist() == list(range(START // 60, START // 60 + 30))
    expected = [brute(seconds, values, m, offsets, weights) for m in minutes.tolist()]
    np.testing.assert_allclose(averages, expected, rtol=1e-12)
    assert 0 < np.isnan(averages).sum() < 15


def test_a_constant_stays_and_a_straight_line_has_its_value_at_the_minute():
    seconds = START + np.arange(600)
    _, constant = averaging.to_minutes(seconds, np.full(600, 39_347.3), 1, "gaussian")
    np.testing.assert_allclose(constant[1:], 39_347.3, rtol=1e-13)
    assert np.isnan(constant[0])  # half of what midnight needs is in the file of the day before
    _, line = averaging.to_minutes(seconds, np.arange(600.0), 1, "gaussian")
    np.testing.assert_allclose(line[1:9], np.arange(60, 540, 60), atol=1e-9)
    _, box = averaging.to_minutes(seconds, np.arange(600.0), 1, "box")
    np.testing.assert_allclose(box[1:9], np.arange(60, 540, 60) - 0.5, atol=1e-9)  # from -30 s to +29 s


def test_the_gaussian_halves_a_wave_of_85_seconds():
    # The transform of a Gaussian: exp(-2 (pi sigma / T)^2) with sigma 15.9006 s is 0.5014 for T = 85 s. Cut at 45 s
    # it loses erfc(45 / (sigma sqrt 2)) = 0.0047 of its area, which changes the result by at most twice that.
    seconds = START + np.arange(7200)
    wave = np.cos(2 * np.pi * (seconds - START) / 85)
    minutes, averages = averaging.to_minutes(seconds, wave, 1, "gaussian")
    expected = 0.5014 * np.cos(2 * np.pi * (minutes * 60 - START) / 85)
    np.testing.assert_allclose(averages[1:-1], expected[1:-1], atol=0.0094)


def test_five_second_samples_that_begin_off_the_minute():
    seconds = START + 2 + 5 * np.arange(240)
    minutes, averages = averaging.to_minutes(seconds, (seconds - START).astype(float), 5, "gaussian")
    # Samples lie 2 s after multiples of five, so the mean of a straight line comes out 2 s late.
    np.testing.assert_allclose(averages[1:-1], (minutes[1:-1] * 60 - START) + 2, atol=1e-9)


def test_ten_percent_may_be_missing_and_not_more():
    seconds = START + np.arange(300)
    for n, missing in ((6, False), (7, True)):
        values = np.ones(300)
        values[90 : 90 + n] = np.nan  # of the box from 90 s to 149 s
        _, averages = averaging.to_minutes(seconds, values, 1, "box")
        assert np.isnan(averages[2]) == missing
