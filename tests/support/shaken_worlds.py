"""Small worlds with earthquakes that shake the sensor: scores or raw minutes, and a catalogue with its clusters."""

import numpy as np
import pandas as pd

from core.evaluation.chance.skill import Scores

HOUR = 60
DAY = 24 * HOUR
FIRST = 91 * 150 * DAY  # a border of calendar blocks, minutes since 1970
SCORE_LOOKS_BACK = 27 * HOUR  # of `scores`: largest 4-hour mean of the last 24 hours


def catalogue(minutes, clusters=None, magnitudes=5.0, station="AAA", first=FIRST):
    """Events at minutes of the axis; all within 50 km of the station."""
    minutes = np.asarray(minutes, dtype=np.int64)
    return pd.DataFrame(
        {
            "station": station,
            "origin_time": pd.to_datetime((first + minutes) * 60, unit="s", utc=True),
            "cluster": np.arange(len(minutes)) if clusters is None else clusters,
            "magnitude": np.broadcast_to(np.asarray(magnitudes, dtype=float), len(minutes)),
            "distance_km": 50.0,
        }
    )


def sequences(random, days, n, foreshocks):
    """
    Minutes, cluster and magnitude of n sequences: a mainshock of magnitude 5, and in a share of them a foreshock of
    magnitude 3 some 2 to 30 hours before.
    """
    main = np.sort(random.choice(np.arange(4 * 24, (days - 3) * 24, 12), n, replace=False)) * HOUR + 30
    which = np.flatnonzero(random.random(n) < foreshocks)
    fore = main[which] - random.integers(2, 31, len(which)) * HOUR
    minute, cluster = np.concatenate([main, fore]), np.concatenate([np.arange(n), which])
    magnitude = np.where(np.arange(len(minute)) < n, 5.0, 3.0)
    order = np.argsort(minute, kind="stable")
    return minute[order], cluster[order], magnitude[order]


def scores(random, days, shocks=(), noisy_hours=10, bursts=()):
    """
    Hourly scores: the largest 4-hour mean, over the last 24 hours, of a noise that is 2 larger for some hours after
    each shock (minutes) and 3 larger in the five hours from each burst on.
    """
    level = random.normal(size=days * 24)
    for shock in shocks:
        level[shock // HOUR : shock // HOUR + noisy_hours] += 2
    for burst in bursts:
        level[burst // HOUR : burst // HOUR + 5] += 3
    mean = np.convolve(level, np.ones(4) / 4)[: len(level)]
    over = np.concatenate([np.full(24, -9.0), mean])  # hours that are over when an hour begins
    largest = np.lib.stride_tricks.sliding_window_view(over, 24).max(axis=1)[: len(level)]
    return Scores(("AAA",), FIRST, HOUR, largest[None])


def minutes(random, days, shocks=(), noisy_hours=10):
    """
    Raw minutes of X and Z in nT, shape (days * 1440, 2), whose noise is five times as large for some hours after each
    shock (minutes of the axis).
    """
    noise = 0.2 * random.normal(size=(days * DAY, 2))
    for shock in shocks:
        noise[max(0, shock) : max(0, shock + noisy_hours * HOUR)] *= 5
    return 20000 + noise
