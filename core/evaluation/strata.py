"""Scores part by part: station, block of time, Kp; a pooled score can hide that one part carries all of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation import bootstrap, estimate, scores
from core.evaluation.cells import Cells
from core.evaluation.estimate import Estimate
from core.loading.record.minute import epoch_minutes
from core.training.measures import SMALLEST_PROBABILITY

COLUMNS = ["by", "name", "n", "n_positive", "auc", "auc_low", "auc_high", "mcc", "brier"]
N_BLOCKS = 5
KP_EDGES = (2.0, 3.0, 4.0)


@dataclass(frozen=True)
class Skills:
    """
    Brier score and log score (mean cross-entropy in nats) of windows, with their skill against the windows' base rate.

    The best constant, known only afterwards, is the reference: a skill above 0 is more than any base rate can give.
    The intervals are those of the cluster bootstrap.
    """

    brier: Estimate
    brier_skill: Estimate
    log_score: Estimate
    log_skill: Estimate


def table(
    rows: pd.DataFrame, label: np.ndarray, probability: np.ndarray, group: np.ndarray, threshold: float
) -> pd.DataFrame:
    """
    Score the judged windows of each station, of each fifth of the judged period, and of each range of Kp.

    Parameters
    ----------
    rows : DataFrame
        station, start, kp_max of the judged windows.
    label, probability : ndarray, shape (n,)
    group : ndarray of int, shape (n,)
        See `bootstrap.groups`.
    threshold : float

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; auc and mcc are NaN where a part holds one class only.
    """
    parts = [("station", str(code), (rows["station"] == code).to_numpy()) for code in sorted(rows["station"].unique())]
    parts += [("block", name, inside) for name, inside in _blocks(rows)]
    parts += [("kp", name, inside) for name, inside in _kp_ranges(rows["kp_max"].to_numpy(dtype=np.float64))]
    out = []
    for by, name, inside in parts:
        if inside.any():
            out.append(
                {"by": by, "name": name, **_scores(label[inside], probability[inside], group[inside], threshold)}
            )
    return pd.DataFrame(out, columns=COLUMNS)


def skills(label: np.ndarray, probability: np.ndarray, group: np.ndarray, taken: np.ndarray) -> Skills:
    """
    How good the probabilities of windows are.

    Parameters
    ----------
    label, probability : ndarray, shape (n,)
    group : ndarray of int, shape (n,)
        See `bootstrap.groups`.
    taken : ndarray
        The draws of groups, as `bootstrap.draws` gives them.
    """
    truth = (label == 1).astype(np.float64)
    square = (probability - truth) ** 2
    surprise = -np.log(np.clip(np.where(label == 1, probability, 1 - probability), SMALLEST_PROBABILITY, 1))
    share, drawn_share = truth.mean(), bootstrap.mean_draws(truth, group, taken)
    n_groups = len(np.unique(group))
    estimates: list[Estimate] = []
    for loss, base in ((square, _variance), (surprise, _entropy)):
        value, drawn = loss.mean(), bootstrap.mean_draws(loss, group, taken)
        with np.errstate(divide="ignore", invalid="ignore"):
            better, drawn_better = 1 - value / base(np.array([share]))[0], 1 - drawn / base(drawn_share)
        estimates.append(estimate.of(value, bootstrap.interval(drawn, n_groups)))
        estimates.append(estimate.of(better, bootstrap.interval(drawn_better, n_groups)))
    return Skills(*estimates)


def _variance(share: np.ndarray) -> np.ndarray:
    variance: np.ndarray = share * (1 - share)
    return variance


def _entropy(share: np.ndarray) -> np.ndarray:
    inside = np.clip(share, 1e-300, 1 - 1e-16)
    return np.where((share > 0) & (share < 1), -share * np.log(inside) - (1 - share) * np.log1p(-inside), 0.0)


def _blocks(rows: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    start = epoch_minutes(pd.DatetimeIndex(rows["start"]))
    number = np.minimum((start - start.min()) * N_BLOCKS // max(1, int(np.ptp(start))), N_BLOCKS - 1)
    day = "%Y-%m-%d" if np.ptp(start) >= N_BLOCKS * 2 * MINUTES_PER_DAY else "%Y-%m-%d %H:%M"
    blocks = []
    for block in np.unique(number):
        inside = number == block
        first, last = rows["start"][inside].min(), rows["start"][inside].max()
        blocks.append((f"{first.strftime(day)} to {last.strftime(day)}", inside))
    return blocks


def _kp_ranges(kp: np.ndarray) -> list[tuple[str, np.ndarray]]:
    edges = (-np.inf, *KP_EDGES, np.inf)
    names = [f"Kp below {KP_EDGES[0]:g}"]
    names += [f"Kp {a:g} to {b:g}" for a, b in pairwise(KP_EDGES)]
    names += [f"Kp {KP_EDGES[-1]:g} or more"]
    ranges = [(name, (kp >= a) & (kp < b)) for name, (a, b) in zip(names, pairwise(edges), strict=True)]
    return [*ranges, ("Kp unknown", np.isnan(kp))]


def _scores(label: np.ndarray, probability: np.ndarray, group: np.ndarray, threshold: float) -> dict[str, float]:
    low, high = scores.auc_interval(label, probability, group)
    return {
        "n": len(label),
        "n_positive": int(label.sum()),
        "auc": scores.auc(label, probability),
        "auc_low": low,
        "auc_high": high,
        "mcc": Cells.count(label, probability, threshold).mcc,
        "brier": scores.brier(label, probability),
    }
