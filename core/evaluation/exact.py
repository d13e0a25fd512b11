"""The exact interval of a share (Clopper & Pearson 1934): it holds at least the level for every true share."""

from __future__ import annotations

LEVEL = 0.95


def interval(n_hits: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """
    Between which true shares n_hits of n are no surprise.

    Parameters
    ----------
    n_hits, n : int
        0 <= n_hits <= n.
    level : float

    Returns
    -------
    low, high : float
        0 to 1; (0, 1) where n is 0.

    Examples
    --------
    >>> [round(end, 4) for end in interval(0, 10)]
    [0.0, 0.3085]
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(n_hits, n - n_hits + 1, tail)) if n_hits else 0.0
    high = float(betaincinv(n_hits + 1, n - n_hits, 1 - tail)) if n_hits < n else 1.0
    return low, high
