"""
Power of an ideal test: what so few earthquakes could show at best, and how many it would take (Hanley & McNeil 1982).

The test is single, its events and quiet windows are independent, and nothing else is asked. A verdict asks for more
(moved catalogues, the runs tried, confounders), so this is no promise of what it would pass, which is far less.
"""

from __future__ import annotations

import math

# One-sided 5 % and a power of 80 %: the 95 % and 80 % points of the standard normal distribution.
Z_SIGNIFICANCE = 1.6448536269514722
Z_POWER = 0.8416212335729143
NEGATIVES_PER_EVENT = 5.0
AUCS = (0.55, 0.60, 0.65, 0.70)
MOST_EVENTS = 100_000
IDEAL = "an ideal single test (one-sided 5 %, Hanley & McNeil 1982)"
NO_PROMISE = "A verdict asks for more, and what it would pass is not known yet."


def auc_deviation(auc: float, n_events: float, n_negatives: float) -> float:
    """
    The standard deviation of a measured AUC (Hanley & McNeil 1982, Radiology 143, 29).

    var = [A (1 - A) + (n - 1) (Q1 - A^2) + (m - 1) (Q2 - A^2)] / (n m), Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A),
    for n positives and m negatives that are independent.

    Examples
    --------
    At A = 0.5 it is that of the Mann-Whitney statistic, sqrt((n + m + 1) / (12 n m)):

    >>> round(auc_deviation(0.5, 10, 50) ** 2 * 12 * 10 * 50, 9)
    61.0
    """
    above, below = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = (n_events - 1) * (above - auc**2) + (n_negatives - 1) * (below - auc**2)
    return math.sqrt(max(auc * (1 - auc) + spread, 0.0) / (n_events * n_negatives))


def is_detectable(auc: float, n_events: float, n_negatives: float) -> bool:
    """
    True if an ideal single test, one-sided 5 %, would tell a true AUC so large from chance in 80 % of experiments.
    """
    chance = auc_deviation(0.5, n_events, n_negatives)
    return auc - 0.5 >= Z_SIGNIFICANCE * chance + Z_POWER * auc_deviation(auc, n_events, n_negatives)


def smallest_auc(n_events: float, n_negatives: float) -> float:
    """
    The smallest true AUC that an ideal test of so many independent events and negatives would show; NaN if none.

    Examples
    --------
    >>> [round(smallest_auc(n, 5 * n), 2) for n in (20, 40, 100)]
    [0.68, 0.63, 0.58]
    """
    if n_events < 1 or n_negatives < 1 or not is_detectable(1.0, n_events, n_negatives):
        return float("nan")
    low, high = 0.5, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if is_detectable(middle, n_events, n_negatives) else (middle, high)
    return high


def events_needed(auc: float, negatives_per_event: float = NEGATIVES_PER_EVENT) -> int:
    """
    How many independent events an ideal test needs to tell a true AUC from chance.

    Examples
    --------
    >>> [events_needed(auc) for auc in AUCS]
    [251, 63, 28, 16]
    """
    low, high = 1, 2  # not enough; perhaps enough
    while not is_detectable(auc, high, negatives_per_event * high):
        if high > MOST_EVENTS:
            raise ValueError(f"an AUC of {auc} is too near to chance for {MOST_EVENTS} events")
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_detectable(auc, middle, negatives_per_event * middle) else (middle, high)
    return high
