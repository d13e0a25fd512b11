"""Out-of-fold stacks: what scores say together, each row scored by what the other fifths of the period taught."""

from __future__ import annotations

import numpy as np

N_FOLDS = 5
RIDGE = 1e-3  # only so that a slope is finite where the classes are separated


def folds(label: np.ndarray, group: np.ndarray) -> np.ndarray:
    """
    Stretches of time, in each about one fifth of the positives and of the negatives.

    Parameters
    ----------
    label : ndarray, shape (n,)
        0 or 1, both present.
    group : ndarray of int, shape (n,)
        See `bootstrap.groups`; no group is divided.

    Returns
    -------
    ndarray of int, shape (n,)
        0 to `N_FOLDS` - 1.
    """
    share = np.where(label == 1, 0.5 / (label == 1).sum(), 0.5 / (label != 1).sum())
    of_group = np.bincount(group, weights=share)
    middle = np.cumsum(of_group) - of_group / 2
    fold: np.ndarray = np.clip((middle * N_FOLDS).astype(np.int64), 0, N_FOLDS - 1)[group]
    return fold


def out_of_fold(scores: np.ndarray, label: np.ndarray, station: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """
    The log odds, less a level of each station, of a logistic model that was fitted on the other folds.

    No slope may be negative: which way a score points was decided where it was learned. A score that points the wrong
    way here gets no weight, rather than credit for being wrong.

    Parameters
    ----------
    scores : ndarray of float, shape (n, n_scores)
        Finite.
    label, station, fold : ndarray, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where the other folds lack a class.
    """
    _, number = np.unique(station, return_inverse=True)
    x = standardised(scores, number)
    out = np.zeros(len(label))
    for each in np.unique(fold):
        inside = fold == each
        if len(np.unique(label[~inside])) == 2:
            out[inside] = x[inside] @ slopes(x[~inside], label[~inside], number[~inside])
    return out


def standardised(scores: np.ndarray, station: np.ndarray) -> np.ndarray:
    """Each score less its station's mean, over its station's standard deviation (0 where it does not vary)."""
    n = np.bincount(station)[:, None].clip(1)
    out = np.empty(scores.shape)
    for column, score in enumerate(scores.T):
        mean = np.bincount(station, weights=score) / n[:, 0]
        less = score - mean[station]
        sd = np.sqrt(np.bincount(station, weights=less**2) / n[:, 0])
        out[:, column] = np.where(sd[station] > 1e-9, less / np.maximum(sd[station], 1e-9), 0.0)
    return out


def slopes(x: np.ndarray, label: np.ndarray, station: np.ndarray) -> np.ndarray:
    """The slopes, none negative, of a logistic model with a level of its own for each station; shape (n_scores,)."""
    from scipy.optimize import minimize

    k, n_levels, positive = x.shape[1], int(station.max()) + 1, (label == 1).astype(np.float64)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ parameters[:k] + parameters[k:][station]
        rest = 1 / (1 + np.exp(-z)) - positive
        value = np.sum(np.logaddexp(0, z) - positive * z) + RIDGE * parameters @ parameters / 2
        gradient = np.concatenate([x.T @ rest, np.bincount(station, weights=rest, minlength=n_levels)])
        return float(value), gradient + RIDGE * parameters

    start = np.zeros(k + n_levels)
    share = np.clip(positive.mean(), 1e-6, 1 - 1e-6)
    start[k:] = np.log(share / (1 - share))
    bounds = [(0.0, None)] * k + [(None, None)] * n_levels
    fitted: np.ndarray = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x[:k]
    return fitted
