"""Loss, accuracy and AUC of probabilities, exact, in numpy: what training watches and evaluation reports."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

SMALLEST_PROBABILITY = 1e-7  # float32 knows no 1 - 1e-8; keras clips at the same place


def log_loss(label: ArrayLike, probability: ArrayLike) -> float:
    """
    Mean cross-entropy in nats; NaN without rows.

    >>> round(log_loss([0, 1], [0.5, 0.5]), 4)  # the logarithm of 2
    0.6931
    """
    label, probability = _checked(label, probability)
    if not label.size:
        return float("nan")
    given = np.where(label == 1, probability, 1.0 - probability)
    return float(-np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0)).mean())


def accuracy(label: ArrayLike, probability: ArrayLike, threshold: float) -> float:
    """Share of rows on the right side of the threshold (at the threshold counts as an alarm); NaN without rows."""
    label, probability = _checked(label, probability)
    return float(((probability >= threshold) == (label == 1)).mean()) if label.size else float("nan")


def auc(label: ArrayLike, probability: ArrayLike) -> float:
    """
    Area under the ROC: the chance that a positive row gets more than a negative one, a tie counting one half.

    Computed from midranks (Mann and Whitney 1947). NaN where one of the classes is absent.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])  # three of the four pairs are in order
    0.75
    """
    label, probability = _checked(label, probability)
    positive = label == 1
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return float("nan")
    rank_sum = midranks(probability)[positive].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def midranks(values: ArrayLike) -> np.ndarray:
    """Ranks from 1; equal values share the mean of their ranks. Shape (n,), float64."""
    _, which, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[which]


def _checked(label: ArrayLike, probability: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    label = np.asarray(label)
    probability = np.asarray(probability, dtype=np.float64)
    if label.shape != probability.shape or label.ndim != 1:
        raise ValueError(f"{label.shape} labels and {probability.shape} probabilities do not belong together.")
    if not np.isin(label, (0, 1)).all():
        raise ValueError("Labels other than 0 and 1 cannot be scored.")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("A probability is outside 0 to 1, or not a number.")
    return label, probability
