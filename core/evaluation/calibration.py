"""
Does a probability mean what it says? Calibration, the correction for drawn classes, and the reliability table.

A calibration is learned from rows that are not judged: a map of one score to one probability that rises, so it
changes no ranking, only what the numbers mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.evaluation.scores import Z_95

SMALLEST = 1e-6  # probabilities nearer to 0 or 1 are cut before the logit
RELIABILITY_COLUMNS = [
    "calibrated",
    "bin_low",
    "bin_high",
    "n",
    "mean_probability",
    "observed",
    "observed_low",
    "observed_high",
]
N_BINS = 10
STEPS = 100


@dataclass(frozen=True)
class Platt:
    """logit of the calibrated probability = slope * logit(probability) + intercept; slope is not negative."""

    slope: float
    intercept: float

    def __call__(self, probability: ArrayLike) -> np.ndarray:
        return expit(self.slope * logit(probability) + self.intercept)


def logit(probability: ArrayLike) -> np.ndarray:
    """ln(p / (1 - p)), p cut at 1e-6 from 0 and 1."""
    p = np.clip(np.asarray(probability, dtype=np.float64), SMALLEST, 1 - SMALLEST)
    return np.log(p) - np.log1p(-p)


def expit(z: ArrayLike) -> np.ndarray:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=np.float64)))


def platt(label: ArrayLike, probability: ArrayLike) -> Platt:
    """
    Fit Platt's calibration (Platt 1999) by Newton's method.

    Targets are smoothed as he proposes, (n+ + 1) / (n+ + 2) and 1 / (n- + 2), so that few rows cannot make a
    probability certain. If the probabilities fall with the label the slope is 0 and all get the base rate:
    calibration does not turn a score around.

    Parameters
    ----------
    label, probability : array-like, shape (n,)
        Of rows that are not judged; n > 0.
    """
    truth = np.asarray(label) == 1
    n_positive, n_negative = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))
    x = logit(probability)
    flat = Platt(0.0, float(logit(target.mean())))
    if not n_positive or not n_negative or np.ptp(x) == 0:
        return flat
    middle, scale = float(x.mean()), float(x.std())
    design = np.column_stack([(x - middle) / scale, np.ones(len(x))])
    beta = np.array([0.0, flat.intercept])
    for _ in range(STEPS):
        p = expit(design @ beta)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (target - p))
        step *= min(1.0, 5 / float(np.abs(step).max() + 1e-300))
        beta = beta + step
        if float(np.abs(step).max()) < 1e-10:
            break
    slope = float(beta[0]) / scale
    return Platt(slope, float(beta[1]) - slope * middle) if slope > 0 else flat


def cross_fitted(label: ArrayLike, probability: ArrayLike, order: ArrayLike, n_folds: int = 5) -> np.ndarray:
    """
    Calibrated probabilities where no other rows are left: each fold of time takes the map learned from the others.

    Parameters
    ----------
    label, probability : array-like, shape (n,)
    order : array-like, shape (n,)
        Something that grows with time; equal values fall into one fold.
    """
    label, probability = np.asarray(label), np.asarray(probability, dtype=np.float64)
    _, rank = np.unique(np.asarray(order), return_inverse=True)
    fold = rank * n_folds // (int(rank.max(initial=0)) + 1)
    out = np.empty(len(label))
    for held_fold in np.unique(fold):
        held = fold == held_fold
        if held.all():
            return np.full(len(label), 0.5)  # nothing to learn from
        out[held] = platt(label[~held], probability[~held])(probability[held])
    return out


def prior_corrected(probability: ArrayLike, share_drawn: float, share_natural: float) -> np.ndarray:
    """
    Probabilities learned with a drawn share of positives, for the natural share (Saerens et al. 2002).

    logit p = logit p_drawn + ln(pi / (1 - pi)) - ln(pi_drawn / (1 - pi_drawn)).

    >>> prior_corrected([0.5], 0.5, 0.1).round(6).tolist()
    [0.1]
    """
    shift = logit([share_natural]) - logit([share_drawn])
    return expit(logit(probability) + shift)


def wilson(successes: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of a share (Wilson 1927); `n` need not be whole; (0, 1) where n is 0."""
    successes, n = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    some = np.maximum(n, 1e-12)
    share = np.where(n > 0, successes / some, 0.5)
    z2 = Z_95**2
    middle = (share + z2 / (2 * some)) / (1 + z2 / some)
    half = Z_95 / (1 + z2 / some) * np.sqrt(share * (1 - share) / some + z2 / (4 * some**2))
    low = np.where(n > 0, np.maximum(0, middle - half), 0.0)
    return low, np.where(n > 0, np.minimum(1, middle + half), 1.0)


def reliability(label: ArrayLike, probability: ArrayLike, group: ArrayLike, calibrated: bool) -> pd.DataFrame:
    """
    The share of positives beside the mean probability, in ten bins of equal width; empty bins are left out.

    The interval is Wilson's with the number of independent groups in the bin (see `bootstrap.groups`) in place of the
    number of windows: wide, but not too narrow.

    Returns
    -------
    DataFrame
        Columns `RELIABILITY_COLUMNS`.
    """
    truth, p = np.asarray(label) == 1, np.asarray(probability, dtype=np.float64)
    group = np.asarray(group)
    number = np.minimum((p * N_BINS).astype(np.int64), N_BINS - 1)
    rows = []
    for place in np.unique(number):
        here = number == place
        n_groups, observed = len(np.unique(group[here])), float(truth[here].mean())
        low, high = wilson([observed * n_groups], [n_groups])
        rows.append(
            (calibrated, place / N_BINS, (place + 1) / N_BINS, int(here.sum()), float(p[here].mean()), observed)
            + (float(low[0]), float(high[0]))
        )
    return pd.DataFrame(rows, columns=RELIABILITY_COLUMNS)


def expected_error(table: pd.DataFrame) -> float:
    """The mean distance of observed share and mean probability, weighted by rows (ECE, Naeini et al. 2015)."""
    total = float(table["n"].sum())
    distance = (table["observed"] - table["mean_probability"]).abs()
    return float((distance * table["n"]).sum() / total) if total else math.nan
