"""The nearest in time: which of many sorted times lie nearest to a moment, for all moments at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def reach(times: np.ndarray, moments: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """
    From where to where the k nearest times of each moment lie; times that are as far as the k-th count too.

    Parameters
    ----------
    times : ndarray of float, shape (n,)
        Sorted.
    moments : ndarray of float, shape (m,)
    k : int
        1 to n.

    Returns
    -------
    first, last : ndarray of int, shape (m,)
        times[first:last] are the nearest.

    Examples
    --------
    >>> [edge.tolist() for edge in reach(np.array([1.0, 2.0, 4.0, 7.0]), np.array([3.0, 9.0]), 1)]
    [[1, 3], [3, 4]]
    """
    n = len(times)
    # The k nearest stand side by side: from the first place whose k-th successor is no nearer than itself.
    begin = _first_place(lambda at: times[at + k] - moments >= moments - times[at], np.zeros_like(moments, int), n - k)
    furthest = np.maximum(np.abs(times[begin] - moments), np.abs(times[begin + k - 1] - moments))
    first = _first_place(lambda at: moments - times[at] <= furthest, np.zeros_like(begin), n)
    last = _first_place(lambda at: times[at] - moments > furthest, begin + k, n)
    return first, last


def _first_place(holds: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: int) -> np.ndarray:
    """The first place from `low` at which a condition holds that goes on to hold, or `high`; by bisection."""
    low, upper = low.copy(), np.full(len(low), high)
    while (undecided := low < upper).any():
        middle = (low + upper) // 2
        there = holds(np.where(undecided, middle, 0)) & undecided
        upper = np.where(there, middle, upper)
        low = np.where(undecided & ~there, middle + 1, low)
    return low
