"""The Molchan diagram and both of its bands, counted cell by cell, shift by shift and binomial by binomial."""

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest

from core.evaluation import molchan
from core.evaluation.alarm_series import AlarmSeries

DAY, FIRST_MINUTE = 1440, 24_000_480
MIN_SHIFT_DAYS = 30
N_DAYS = 120


def made_up(seed):
    """Scores of two stations with ties and gaps, and the (station, day) of targets."""
    random = np.random.default_rng(seed)
    score = {code: np.round(random.random(N_DAYS) * 9) / 9 for code in ("AAA", "BBB")}
    for values in score.values():
        values[random.random(N_DAYS) < 0.15] = np.nan
    n_targets = {"AAA": 11, "BBB": 5}
    events = [(code, int(day)) for code, n in n_targets.items() for day in random.integers(0, N_DAYS, n)]
    return score, events


def curve_of(score, events):
    series = [AlarmSeries(code, FIRST_MINUTE, DAY, values) for code, values in score.items()]
    minutes = np.array([FIRST_MINUTE + DAY * day + 77 for _, day in events])
    targets = pd.DataFrame(
        {
            "station": [code for code, _ in events],
            "origin_time": pd.to_datetime(minutes * 60, unit="s", utc=True),
            "cluster": np.arange(len(events)),
        }
    )
    return molchan.curve(series, targets, n_shifts=999, min_shift_days=MIN_SHIFT_DAYS)


def shares_of(values):
    """Of each day the share of the days with a score that have a lower one, ties one half; None without a score."""
    scored = [v for v in values if not np.isnan(v)]
    return [
        None if np.isnan(v) else Fraction(2 * sum(k < v for k in scored) + sum(k == v for k in scored), 2 * len(scored))
        for v in values
    ]


def missed(share, events, threshold, shift):
    """Of the targets, moved by so many days: how many meet no alarm, and how many meet a score at all."""
    met = [share[code][(day + shift) % N_DAYS] for code, day in events]
    met = [s for s in met if s is not None]
    return sum(float(s) < threshold - 1e-6 for s in met), len(met)


def quantile(values, share):
    """By linear interpolation between the sorted values, the usual definition (type 7 of Hyndman & Fan 1996)."""
    values = sorted(values)
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def fewest_hits_with_probability(n, tau, share):
    """The smallest number of hits that guessing does not exceed with at least this probability."""
    total = Fraction(0)
    for hits in range(n + 1):
        total += comb(n, hits) * tau**hits * (1 - tau) ** (n - hits)
        if total >= share:
            return hits
    return n


@pytest.mark.parametrize("seed", range(3))
def test_the_diagram_and_both_bands_are_those_counted_one_by_one(seed):
    score, events = made_up(seed)
    table = curve_of(score, events)
    share = {code: shares_of(values) for code, values in score.items()}
    cells = [s for row in share.values() for s in row if s is not None]
    # All that are longer than 30 days either way; there are fewer than were asked for, so each is taken once.
    shifts = range(MIN_SHIFT_DAYS + 1, N_DAYS - MIN_SHIFT_DAYS)
    assert len(table) > 60
    for line in table.itertuples():
        tau = Fraction(sum(float(s) >= line.threshold - 1e-6 for s in cells), len(cells))
        n_missed, n = missed(share, events, line.threshold, 0)
        assert (line.tau, line.nu, line.hits) == (pytest.approx(float(tau)), pytest.approx(n_missed / n), n - n_missed)
        most = fewest_hits_with_probability(n, tau, Fraction(39, 40))
        fewest = fewest_hits_with_probability(n, tau, Fraction(1, 40))
        assert (line.exact_low, line.exact_high) == (pytest.approx(1 - most / n), pytest.approx(1 - fewest / n))
        moved = [missed(share, events, line.threshold, shift) for shift in shifts]
        nu = [m / met for m, met in moved if met]
        assert line.shift_low == pytest.approx(quantile(nu, 0.025), abs=1e-6)
        assert line.shift_high == pytest.approx(quantile(nu, 0.975), abs=1e-6)


def test_the_binomial_band_of_ten_targets_at_a_tenth_of_the_time_is_the_one_of_a_printed_table():
    # Cumulative binomial probabilities, n = 10, p = 0.1 (any statistical table): P(X <= 0) = 0.3487,
    # P(X <= 2) = 0.9298, P(X <= 3) = 0.9872. So no hit at all lies inside the band of 95 % and three hits end it:
    # nu from 0.7 to 1.
    score = {"AAA": np.arange(N_DAYS, dtype=float)}
    events = [("AAA", day) for day in range(3, 103, 10)]
    table = curve_of(score, events)
    line = table.iloc[(table["tau"] - 0.1).abs().argmin()]
    assert line["tau"] == pytest.approx(0.1)
    assert (line["exact_low"], line["exact_high"]) == (pytest.approx(0.7), 1.0)
