"""
Families: what the number of tries does to a p value.

Exploratory runs keep the normal scores of their p under movements of the catalogue that all runs share. So the best
of many runs is compared with the best of the same runs under each movement (Westfall & Young 1993, single step):
runs that resemble each other cost little, and the floor is that of the movements, however many runs there are.
Frozen plans pay for each other by Holm (1979), and for nothing else.
"""

from __future__ import annotations

import numpy as np

ALPHA = 0.05
ROUNDING = 1e-12  # a p of exactly 0.05 passes, in whatever order it was computed


def passes(p: float) -> bool:
    """
    True if a p value, corrected for the tries, is small enough.

    >>> passes(0.05), passes(0.0501)
    (True, False)
    """
    return p <= ALPHA + ROUNDING


def best_of_family(p: float, own: np.ndarray, others: np.ndarray, n_unknown: int = 0) -> float:
    """
    The p of a run as one of its family.

    Parameters
    ----------
    p : float
        The run's own exact p.
    own : ndarray, shape (n_draws,)
        Its normal scores under the numbered movements.
    others : ndarray, shape (n_draws,) or (n_others, n_draws)
        The largest normal score of the other runs under each movement, or those of each; shape (0, ...) without.
    n_unknown : int
        Runs of the family whose normal scores are not there: each costs one more p (Bonferroni).

    Returns
    -------
    float
        (1 + movements in which any run does as well) / (1 + n_draws) + n_unknown x p, at most 1; of a family of one
        the exact p.
    """
    from scipy.stats import norm

    alone = others.shape[0] == 0
    if alone:
        corrected = p
    else:
        top = np.maximum(own, others if others.ndim == 1 else others.max(axis=0))
        reached = np.float16(norm.isf(max(p, 1e-40)))
        corrected = (1 + np.count_nonzero(top >= reached)) / (1 + len(top))
    return float(min(1.0, corrected + n_unknown * p))


def holm(p: np.ndarray) -> np.ndarray:
    """
    p values of frozen plans, each paying for the others (Holm 1979), shape as `p`.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    out = np.empty(len(p))
    out[order] = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    return out
