"""Spikes: single readings, or a few, that stand far out of the minutes around them and are gone again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.loading.record import minute

LONGEST_MINUTES = 5
RATIO = 4.0  # times what 19 of 20 of the minutes around reach
EDGE = 0.7  # share of its height that a spike rises and falls within one minute; pulsations and bays are rounder

_LEVEL_WINDOW = 2 * LONGEST_MINUTES + 1  # the median of it is not moved by the longest spike
_SCALE_WINDOW = 121
_SCALE_PERCENTILE = 95


class Spikes(NamedTuple):
    """Spikes as half-open rows `start`, `stop`, and their signed height in nT."""

    start: np.ndarray
    stop: np.ndarray
    size_nt: np.ndarray


def find(values: np.ndarray, floor_nt: float) -> Spikes:
    """
    Spikes of one component.

    A minute is taken for a spike if it departs from the running median by more than `floor_nt` and more than `RATIO`
    times the 95th percentile of such departures in the two hours around it (a Hampel filter, Hampel 1974, with
    a scale that storms and pulsations raise with them); if it lasts at most five minutes; and if both its sides are
    as steep as a fault is and the field seldom: most of the height within one minute.

    Parameters
    ----------
    values : ndarray, shape (n,)
        nT, only minutes that are there, in order.
    floor_nt : float
        Smaller departures are none.

    Returns
    -------
    Spikes
    """
    from scipy import ndimage

    none = Spikes(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    if len(values) < _LEVEL_WINDOW:
        return none
    departure = values - ndimage.median_filter(values, _LEVEL_WINDOW)
    size = np.abs(departure)
    usual = ndimage.percentile_filter(size, _SCALE_PERCENTILE, min(_SCALE_WINDOW, len(values)))
    start, stop = minute.stretches(size > np.maximum(RATIO * usual, floor_nt))
    inside = (start > 0) & (stop < len(values)) & (stop - start <= LONGEST_MINUTES)
    start, stop = start[inside], stop[inside]
    if not len(start):
        return none
    rows = start[:, None] + np.arange(LONGEST_MINUTES)
    heights = np.where(rows < stop[:, None], size[np.minimum(rows, len(values) - 1)], 0.0)
    peak = start + heights.argmax(axis=1)
    sign = np.sign(departure[peak])
    rise, fall = sign * (values[start] - values[start - 1]), sign * (values[stop - 1] - values[stop])
    steep = np.minimum(rise, fall) >= EDGE * size[peak]
    return Spikes(start[steep], stop[steep], departure[peak][steep])
