"""
Local ranks: how a score stands among the scores of its own station within about thirty days.

A season, an instrument that drifts or a network that warms up lifts the scores of months. Ranked among their
neighbours in time, such scores say nothing: a linear trend of the score leaves a mean share of one half.
"""

from __future__ import annotations

import numpy as np

from core.config import MINUTES_PER_DAY

REACH_DAYS = 60  # of a window of neighbours; windows overlap by half


def shares(score: np.ndarray, step_minutes: int, reach_days: float = REACH_DAYS) -> np.ndarray:
    """
    The share of lower scores among the neighbours in time, ties one half.

    Windows of `reach_days` begin every half of it, the last one flush with the end. In each of the two windows whose
    middles embrace a step the share is taken, and both are weighted linearly by the distance of the middles; before
    the first middle and after the last one there is one window only.

    Parameters
    ----------
    score : ndarray of float, shape (n_steps,) or (n_stations, n_steps)
        NaN where there is none.
    step_minutes : int
    reach_days : float

    Returns
    -------
    ndarray of float64, shape as `score`
        Between 0 and 1; NaN where there is no score.

    Examples
    --------
    >>> shares(np.array([3.0, 1.0, np.nan, 2.0]), 1440).round(3).tolist()
    [0.833, 0.167, nan, 0.5]
    """
    rows = np.atleast_2d(np.asarray(score, dtype=np.float64))
    half = max(1, round(reach_days * MINUTES_PER_DAY / step_minutes / 2))
    out = np.stack([_of_station(row, half) for row in rows]) if len(rows) else rows.copy()
    return out.reshape(np.shape(score))


def _of_station(score: np.ndarray, half: int) -> np.ndarray:
    n = len(score)
    start = np.arange(0, max(1, n - 2 * half + 1), half)
    if start[-1] + 2 * half < n:
        start = np.append(start, n - 2 * half)
    middle = start + half
    scored = np.isfinite(score)
    total = np.zeros(n)
    for number, first in enumerate(start):
        low = middle[number - 1] if number else 0
        high = middle[number + 1] if number + 1 < len(start) else n
        neighbours = score[first : first + 2 * half]
        neighbours = np.sort(neighbours[np.isfinite(neighbours)])
        here = score[low:high]
        lower, upper = (np.searchsorted(neighbours, here, side) for side in ("left", "right"))
        share = (lower + upper) / (2 * max(1, len(neighbours)))
        total[low:high] += share * _ramp(low, middle[number], high, number > 0, number + 1 < len(start))
    return np.where(scored, total, np.nan)


def _ramp(low: int, middle: int, high: int, rises: bool, falls: bool) -> np.ndarray:
    """The weight of a window at the steps low to high: 1 at its middle, 0 at the middles of its neighbours."""
    step = np.arange(low, high)
    up = (step - low) / (middle - low) if rises else 1.0
    down = 1 - (step - middle) / (high - middle) if falls else 1.0
    weight: np.ndarray = np.where(step < middle, up, down)
    return weight
