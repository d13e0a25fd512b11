"""
AUC over pairs of one station.

A positive of one station and a negative of another one differ by station, instrument and base rate before any question
of skill. So pairs are formed within stations only, and all stations' pairs are pooled.
"""

from __future__ import annotations

import numpy as np

from core.evaluation import bootstrap


def auc(label: np.ndarray, score: np.ndarray, station: np.ndarray) -> float:
    """
    The share of pairs of one station in which the positive has the higher score, ties counting one half.

    Parameters
    ----------
    label, score, station : ndarray, shape (n,)
        label 1 is positive, anything else negative.

    Returns
    -------
    float
        NaN where no station has both classes.

    Examples
    --------
    The second station scores higher throughout, and has more positives; that says nothing:

    >>> auc(np.array([1, 0, 0, 1, 1, 0]), np.array([1.0, 2.0, 3.0, 7.0, 8.0, 9.0]), np.array(list("aaabbb")))
    0.0
    """
    wins, pairs = 0.0, 0
    for code in np.unique(station):
        inside = station == code
        high, low = score[inside & (label == 1)], np.sort(score[inside & (label != 1)])
        wins += float((np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")).sum()) / 2
        pairs += len(high) * len(low)
    return wins / pairs if pairs else float("nan")


def auc_draws(
    label: np.ndarray, score: np.ndarray, station: np.ndarray, group: np.ndarray, taken: np.ndarray
) -> np.ndarray:
    """
    `auc` of every draw of the cluster bootstrap.

    Parameters
    ----------
    label, score, station : ndarray, shape (n,)
    group : ndarray of int, shape (n,)
        See `bootstrap.groups`.
    taken : ndarray, shape (n_bootstrap, n_groups)
        From `bootstrap.draws`.

    Returns
    -------
    ndarray of float, shape (n_bootstrap,)
        NaN for a draw without a pair.
    """
    k, positive = taken.shape[1], label == 1
    wins, pairs = np.zeros((k, k)), np.zeros(len(taken))
    for code in np.unique(station):
        high, low = positive & (station == code), ~positive & (station == code)
        wins += bootstrap.wins(score[high], group[high], score[low], group[low], k)
        pairs += (taken @ np.bincount(group[high], minlength=k)) * (taken @ np.bincount(group[low], minlength=k))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn: np.ndarray = bootstrap.drawn_wins(wins, taken) / pairs
    return drawn
