"""
What maps of attributions say together: how alike they are, whether they point at what was planted, where they lie.

Each number stands beside what chance gives: maps moved round in time, the share of the window that a burst covers,
the share of its minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation import bootstrap

N_SHIFTS = 40
N_BOOTSTRAP = 1000
PLACES = 12


@dataclass(frozen=True)
class Agreement:
    """
    How alike two maps of n windows are, where neither is constant: the mean of Spearman's correlation over windows.

    chance: the same mean with the control's maps moved round in time by random parts of the window, which keeps how
    rough they are. low, high: 95 %. NaN: no window.
    """

    n: int = 0
    correlation: float = math.nan
    correlation_low: float = math.nan
    correlation_high: float = math.nan
    chance: float = math.nan
    chance_low: float = math.nan
    chance_high: float = math.nan


@dataclass(frozen=True)
class Pointing:
    """
    The pointing game over n windows that a burst covers in part, in n_groups independent groups.

    hits: the share of hits; covered: what chance gives; difference: hits less covered, window by window; mass: the mean
    share of what speaks for label 1 that lies in bursts. low, high: 95 %. NaN: no window.
    """

    n: int = 0
    n_groups: int = 0
    hits: float = math.nan
    hits_low: float = math.nan
    hits_high: float = math.nan
    covered: float = math.nan
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan
    mass: float = math.nan


@dataclass(frozen=True)
class Gain:
    """By how much `mass` of the run's maps exceeds that of a control's, 95 %; NaN: no window, or it is not asked."""

    gain: float = math.nan
    gain_low: float = math.nan
    gain_high: float = math.nan


def agreement(real: np.ndarray, control: np.ndarray, group: np.ndarray, seed: int = 0) -> Agreement:
    """
    Spearman's correlation between the sizes of two maps of the same windows.

    Parameters
    ----------
    real, control : ndarray, shape (n, 3, n_minutes)
    group : ndarray of int, shape (n,)
        Windows that are drawn together for the interval; see `bootstrap.groups`.
    seed : int
    """
    first, second = _ranks(real), _ranks(control)
    alive = (first.std(axis=(1, 2)) > 0) & (second.std(axis=(1, 2)) > 0)
    first, second, n = _standard(first[alive]), _standard(second[alive]), int(alive.sum())
    if n == 0:
        return Agreement()
    each = (first * second).mean(axis=(1, 2))
    random, n_minutes = np.random.default_rng([seed, 7]), real.shape[2]
    null = []
    for _ in range(N_SHIFTS):
        shifts = random.integers(1, max(2, n_minutes), size=n)
        minute = (np.arange(n_minutes)[None, :] + shifts[:, None]) % n_minutes
        moved = np.take_along_axis(second, minute[:, None, :], axis=2)
        null.append(float((first * moved).mean()))
    low, high = _interval(each, group[alive], seed)
    chance_low, chance_high = np.quantile(null, [0.025, 0.975])
    return Agreement(
        n=n,
        correlation=float(each.mean()),
        correlation_low=low,
        correlation_high=high,
        chance=float(np.mean(null)),
        chance_low=float(chance_low),
        chance_high=float(chance_high),
    )


def point(maps: np.ndarray, planted: np.ndarray) -> pd.DataFrame:
    """
    The pointing game (Zhang et al. 2018), window by window.

    Parameters
    ----------
    maps : ndarray, shape (n, 3, n_minutes)
    planted : ndarray of bool, shape (n, n_minutes)
        Minutes of the planted bursts.

    Returns
    -------
    DataFrame
        hit: 1 if the minute with the largest attribution (components summed) lies in a burst; where several share the
        largest, the share of them that do, so that a flat map scores what chance does. covered: the share of the window
        in bursts, which a minute picked at random would hit. mass: the share of what speaks for label 1 that lies in
        bursts, NaN if nothing does.
    """
    total = np.asarray(maps, dtype=np.float64).sum(axis=1)
    largest = total == total.max(axis=1, keepdims=True)
    above = np.maximum(total, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mass = (above * planted).sum(axis=1) / above.sum(axis=1)
    return pd.DataFrame(
        {"hit": (largest & planted).sum(axis=1) / largest.sum(axis=1), "covered": planted.mean(axis=1), "mass": mass}
    )


def pointing(found: pd.DataFrame, group: np.ndarray, seed: int = 0) -> Pointing:
    """
    The pointing game over windows that a burst covers in part; the others can say nothing.

    Where every window is a hit, or none, no draw differs, and the limits are those of an exact binomial of as many
    trials as groups (Clopper & Pearson 1934).
    """
    part = playable(found)
    rows, group = found[part], group[part]
    hit, covered = rows["hit"].to_numpy(dtype=float), rows["covered"].to_numpy(dtype=float)
    n_groups = len(np.unique(group))
    if not len(rows):
        return Pointing()
    hits, difference = _interval(hit, group, seed), _interval(hit - covered, group, seed)
    if hit.min() == hit.max():
        sure = float(0.025 ** (1 / n_groups))
        hits = {1.0: (sure, 1.0), 0.0: (0.0, 1 - sure)}.get(float(hit[0]), hits)
        difference = hits[0] - float(covered.mean()), hits[1] - float(covered.mean())
    return Pointing(
        n=len(rows),
        n_groups=n_groups,
        hits=float(hit.mean()),
        hits_low=float(hits[0]),
        hits_high=float(hits[1]),
        covered=float(covered.mean()),
        difference=float((hit - covered).mean()),
        difference_low=float(difference[0]),
        difference_high=float(difference[1]),
        mass=float(rows["mass"].mean()),
    )


def gain(real: pd.DataFrame, control: pd.DataFrame, group: np.ndarray, seed: int = 0) -> Gain:
    """How much more of what speaks for label 1 the run's maps put into bursts than a control's, window by window."""
    part = playable(real) & real["mass"].notna().to_numpy() & control["mass"].notna().to_numpy()
    each = (real["mass"] - control["mass"]).to_numpy(dtype=float)[part]
    low, high = _interval(each, group[part], seed)
    return Gain(float(each.mean()) if len(each) else math.nan, low, high)


def playable(found: pd.DataFrame) -> np.ndarray:
    """Windows that a burst covers in part, of a table of `point`."""
    return ((found["covered"] > 0) & (found["covered"] < 1)).to_numpy()


def marginals(
    maps: np.ndarray, start_minutes: np.ndarray, missing: np.ndarray, group: np.ndarray, seed: int = 0
) -> pd.DataFrame:
    """
    Where the size of the attributions lies: in the day, in the window, in gaps.

    Parameters
    ----------
    maps : ndarray, shape (n, 3, n_minutes)
    start_minutes : ndarray of int, shape (n,)
        Minutes since 1970.
    missing : ndarray of bool, shape (n, n_minutes)
        Minutes that were filled in.
    group : ndarray of int, shape (n,)
    seed : int

    Returns
    -------
    DataFrame
        by ("hour": of the day, UT; "place": twelfths of the window; "gap"), name (0 to 23; 0 to 11; 1 = filled in),
        share (of the size of the attributions, mean over windows), share_low, share_high, expected (share of the
        minutes: what a network that looks everywhere alike gives).
    """
    size = np.abs(np.asarray(maps, dtype=np.float64)).sum(axis=1)
    total = size.sum(axis=1, keepdims=True)
    alive = total[:, 0] > 0
    size, group = size[alive] / total[alive], group[alive]
    n_minutes = maps.shape[2]
    minute = start_minutes[alive][:, None] + np.arange(n_minutes)
    place = np.broadcast_to(np.arange(n_minutes) * PLACES // n_minutes, size.shape)
    rows = []
    for by, value, names in (
        ("hour", minute // 60 % 24, range(24)),
        ("place", place, range(PLACES)),
        ("gap", missing[alive].astype(int), (1,)),
    ):
        for name in names:
            inside = value == name
            share, expected = (size * inside).sum(axis=1), inside.mean(axis=1)
            if not inside.any():
                continue
            low, high = _interval(share, group, seed)
            row = {"share": float(share.mean()), "share_low": low, "share_high": high}
            rows.append({"by": by, "name": name, **row, "expected": float(expected.mean())})
    return pd.DataFrame(rows, columns=["by", "name", "share", "share_low", "share_high", "expected"])


def _ranks(maps: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    flat = np.abs(maps).reshape(len(maps), -1)
    ranks: np.ndarray = rankdata(flat, axis=1) if len(maps) else flat
    return ranks.reshape(maps.shape)


def _standard(ranks: np.ndarray) -> np.ndarray:
    standard: np.ndarray = (ranks - ranks.mean(axis=(1, 2), keepdims=True)) / ranks.std(axis=(1, 2), keepdims=True)
    return standard


def _interval(values: np.ndarray, group: np.ndarray, seed: int) -> tuple[float, float]:
    _, number = np.unique(group, return_inverse=True)
    n_groups = int(number.max()) + 1 if len(number) else 0
    if n_groups < 2:
        return float("nan"), float("nan")
    drawn = bootstrap.mean_draws(values, number, bootstrap.draws(n_groups, N_BOOTSTRAP, seed))
    low, high = bootstrap.interval(drawn, n_groups)
    return float(low), float(high)
