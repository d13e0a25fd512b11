"""
Cluster bootstrap: intervals that count independent pieces of the record, not windows.

Windows of one stretch of time share minutes and storms; windows before one event cluster share an earthquake. They
are drawn together or not at all (Field & Welsh 2007, the cluster bootstrap). All draws are made at once: a draw is a
vector of how often each group was taken, and a score of all draws is one product of matrices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

MOST_GROUPS = 1500  # beyond it neighbours are drawn together: wider intervals, and a bounded memory


def groups(start_minutes: ArrayLike, block_minutes: int, cluster: ArrayLike | None = None) -> np.ndarray:
    """
    Number the pieces that may be drawn independently.

    Two windows belong together if they start in the same stretch of `block_minutes`, at whatever station, or if their
    events belong to one cluster; and so on, from link to link.

    Parameters
    ----------
    start_minutes : array-like of int, shape (n,)
        Minutes since 1970.
    block_minutes : int
        The footprint of a window is a good length; see `splits.footprint_minutes`.
    cluster : array-like of int, shape (n,), optional
        -1 for windows without an event.

    Returns
    -------
    ndarray of int, shape (n,)
        Counted from 0 in the order of time.
    """
    block = np.asarray(start_minutes, dtype=np.int64) // block_minutes
    _, number = np.unique(block, return_inverse=True)
    if cluster is not None and len(number):
        number = _joined(number, np.asarray(cluster, dtype=np.int64))
    n_groups = int(number.max()) + 1 if len(number) else 0
    return number * MOST_GROUPS // n_groups if n_groups > MOST_GROUPS else number


def draws(n_groups: int, n_bootstrap: int, seed: int) -> np.ndarray:
    """How often each group is taken in each draw with replacement, shape (n_bootstrap, n_groups), float64."""
    random = np.random.default_rng(seed)
    return random.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_bootstrap).astype(np.float64)


def auc_draws(label: ArrayLike, score: ArrayLike, group: ArrayLike, taken: np.ndarray) -> np.ndarray:
    """
    The AUC of every draw, ties counting one half.

    With M[g, h] the number of pairs in order of a positive row of group g and a negative row of group h, the AUC of a
    draw w is w M w / ((w P) (w N)), where P and N count the positive and negative rows of each group.

    Parameters
    ----------
    label, score : array-like, shape (n,)
    group : array-like of int, shape (n,)
    taken : ndarray, shape (n_bootstrap, n_groups)
        From `draws`.

    Returns
    -------
    ndarray of float, shape (n_bootstrap,)
        NaN for a draw without one of the classes.
    """
    label, score, group = np.asarray(label), np.asarray(score, dtype=np.float64), np.asarray(group)
    k, positive = taken.shape[1], label == 1
    won = wins(score[positive], group[positive], score[~positive], group[~positive], k)
    n_positive = taken @ np.bincount(group[positive], minlength=k)
    n_negative = taken @ np.bincount(group[~positive], minlength=k)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc: np.ndarray = drawn_wins(won, taken) / (n_positive * n_negative)
    return auc


def mean_draws(values: ArrayLike, group: ArrayLike, taken: np.ndarray) -> np.ndarray:
    """The mean of `values` (shape (n,)) over the rows of every draw, shape (n_bootstrap,); NaN without rows."""
    group, k = np.asarray(group), taken.shape[1]
    total = taken @ np.bincount(group, weights=np.asarray(values, dtype=np.float64), minlength=k)
    count = taken @ np.bincount(group, minlength=k)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / count


def interval(drawn: np.ndarray, n_groups: int | None = None, level: float = 0.95) -> tuple[float, float]:
    """
    The expanded percentile interval (Hesterberg 2015) of bootstrap draws from `n_groups` groups.

    A plain percentile interval is too narrow with few groups; here its tail is Phi(-sqrt(n / (n - 1)) t), t the
    quantile of Student's distribution with n - 1 degrees of freedom. Where the classes share no group, n is
    the smaller number of groups. None stands for very many.

    Returns
    -------
    low, high : float
        (NaN, NaN) with fewer than two groups, or if fewer than half of the draws exist.
    """
    from scipy.special import ndtr, stdtrit

    finite = drawn[np.isfinite(drawn)]
    if (n_groups is not None and n_groups < 2) or not len(drawn) or len(finite) < len(drawn) / 2:
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    if n_groups is not None:
        tail = float(ndtr(np.sqrt(n_groups / (n_groups - 1)) * stdtrit(n_groups - 1, tail)))
    low, high = np.quantile(finite, [tail, 1 - tail])
    return float(low), float(high)


def fewest_groups(label: np.ndarray, group: np.ndarray) -> int:
    """In how many groups the rarer class lies."""
    return min(len(np.unique(group[label == truth])) for truth in (0, 1))


def _joined(number: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Groups of time that share an event cluster become one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_blocks, with_event = int(number.max()) + 1, cluster >= 0
    n_nodes = n_blocks + int(cluster.max(initial=-1)) + 1
    links = (number[with_event], n_blocks + cluster[with_event])
    graph = coo_array((np.ones(with_event.sum()), links), shape=(n_nodes, n_nodes))
    _, component = connected_components(graph, directed=False)
    _, first, inverse = np.unique(component[number], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(number[first]))[inverse]


def wins(
    positive: np.ndarray, group_positive: np.ndarray, negative: np.ndarray, group_negative: np.ndarray, k: int
) -> np.ndarray:
    """M[g, h], shape (k, k): pairs in order (a tie is half one) of a positive of group g and a negative of group h."""
    won = np.zeros((k, k))
    if not len(positive) or not len(negative):
        return won
    by_group = np.argsort(group_negative, kind="stable")
    edges = np.searchsorted(group_negative[by_group], np.arange(k + 1))
    for h in np.flatnonzero(np.diff(edges)):
        rivals = np.sort(negative[by_group[edges[h] : edges[h + 1]]])
        beaten = np.searchsorted(rivals, positive, "left") + np.searchsorted(rivals, positive, "right")
        won[:, h] = np.bincount(group_positive, weights=beaten / 2, minlength=k)
    return won


def drawn_wins(won: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """
    Pairs in order in each draw, shape (n_bootstrap,).

    Parameters
    ----------
    won : ndarray, shape (n_groups, n_groups)
        From `wins`. Most stretches of time hold no positive, so that most of its rows are 0 and cost nothing here.
    taken : ndarray, shape (n_bootstrap, n_groups)
        From `draws`.

    Examples
    --------
    >>> drawn_wins(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])).tolist()
    [3.0, 4.0, 0.0]
    """
    rows = np.flatnonzero(won.any(axis=1))
    total: np.ndarray = np.einsum("bg,bg->b", taken[:, rows] @ won[rows], taken)
    return total
