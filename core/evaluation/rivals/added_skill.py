"""
What the network adds to what knows nothing of the field: the gate of the confounders.

Each rival is fitted on the training windows, as the network was; one more is fitted on the judged windows, out of fold,
since a catalogue may become blind to storms later. On the judged windows the rival alone is compared with rival and
network together. What only repeats a season, a weekday or Kp adds nothing, however well it scores.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.evaluation import bootstrap
from core.evaluation.rivals import logistic, pairs, stack, trees
from core.evaluation.rivals.confounders import Score
from core.vocabulary import Checked

Fit = Callable[[pd.DataFrame, np.ndarray, np.ndarray], Score]

EACH = "trees of each station"
LATER = "logistic of the judged period"
RIVALS: dict[str, Fit] = {"logistic": logistic.fit, "trees": trees.fit, EACH: trees.fit_each}
COLUMNS = ["rival", "auc", "auc_with_network", "difference", "low", "high"]
N_DRAWS = 1000
LEVEL = 0.95
FEWEST_GROUPS = 5  # stretches of time that hold a class, in training and in the judged period


class Lacking(enum.StrEnum):
    """Which windows hold a class in too few stretches of time for a check."""

    NOTHING = ""
    TRAINING = "training"
    JUDGED = "judged"


@dataclass(frozen=True, eq=False)
class AddedSkill:
    """
    The outcome, and its numbers.

    low: the smallest lower end over the rivals (NaN if not checked); above 0 the check is passed. by_rival: columns
    `COLUMNS`, one row per rival: AUC over pairs of one station of the rival, of rival and network, their difference
    with its simultaneous 95 % interval. n_rows, n_positive, n_groups: of the judged windows.
    """

    outcome: Checked
    lacking: Lacking = Lacking.NOTHING
    low: float = float("nan")
    by_rival: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    n_rows: int = 0
    n_positive: int = 0
    n_groups: int = 0


def measure(
    rows: pd.DataFrame,
    label: np.ndarray,
    network: np.ndarray,
    group: np.ndarray,
    train: np.ndarray,
    judged: np.ndarray,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> AddedSkill:
    """
    Fit every rival, and test whether the network adds to each.

    Parameters
    ----------
    rows : DataFrame
        Columns `circumstances.COLUMNS`, of all windows.
    label : ndarray, shape (n,)
        1, 0, anything else = no label.
    network : ndarray of float, shape (n,)
        The network's score; judged windows without one are left out.
    group : ndarray of int, shape (n,)
        Stretches of time, see `bootstrap.groups`.
    train, judged : ndarray of bool, shape (n,)
    n_draws, seed : int
        Of the bootstrap.

    Returns
    -------
    AddedSkill
        Not checked where a class lies in fewer than `FEWEST_GROUPS` stretches of time; never an exception for it.
    """
    labelled = np.isin(label, (0, 1))
    train, judged = train & labelled, judged & labelled & np.isfinite(network)
    part, number = rows[judged], np.unique(group[judged], return_inverse=True)[1]
    counted = AddedSkill(
        Checked.NOT_CHECKED,
        n_rows=len(part),
        n_positive=int((label[judged] == 1).sum()),
        n_groups=int(number.max(initial=-1)) + 1,
    )
    if bootstrap.fewest_groups(label[train], group[train]) < FEWEST_GROUPS:
        return replace(counted, lacking=Lacking.TRAINING)
    if bootstrap.fewest_groups(label[judged], number) < FEWEST_GROUPS:
        return replace(counted, lacking=Lacking.JUDGED)
    _, station = np.unique(part["station"].to_numpy(), return_inverse=True)  # numbers: every step below sorts them
    scores = learned(rows[train], label[train], group[train], part)
    scores[LATER] = learned_later(part, label[judged], number)
    table = compare(scores, label[judged], network[judged], station, number, n_draws, seed)
    low = float(table["low"].min(skipna=False))
    if not np.isfinite(low):  # the draws hardly ever hold a pair of one station
        return replace(counted, lacking=Lacking.JUDGED, by_rival=table)
    return replace(counted, outcome=Checked.PASSED if low > 0 else Checked.FAILED, low=low, by_rival=table)


def learned(rows: pd.DataFrame, label: np.ndarray, group: np.ndarray, others: pd.DataFrame) -> dict[str, np.ndarray]:
    """The log odds that each rival, fitted on `rows`, gives to the windows `others`; of one station there are two."""
    several = rows["station"].nunique() > 1
    weight = weights(label, group)
    return {name: fit(rows, label, weight)(others) for name, fit in RIVALS.items() if several or name != EACH}


def learned_later(rows: pd.DataFrame, label: np.ndarray, group: np.ndarray) -> np.ndarray:
    """
    The log odds that the logistic rival of the other folds gives to each judged window.

    Without it, a score that goes with Kp passes wherever the catalogue goes with Kp only after training. The groups
    are numbered from 0.
    """
    return logistic.cross_fitted(rows, label, weights(label, group), stack.folds(label, group))


def weights(label: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The weight of each row: rows of one stretch of time and one class weigh 1 together."""
    _, cell, size = np.unique(2 * group + (label == 1), return_inverse=True, return_counts=True)
    weight: np.ndarray = 1.0 / size[cell]
    return weight


def compare(
    rivals: dict[str, np.ndarray],
    label: np.ndarray,
    network: np.ndarray,
    station: np.ndarray,
    group: np.ndarray,
    n_draws: int,
    seed: int,
) -> pd.DataFrame:
    """
    Each rival alone, and with the network; columns `COLUMNS`. The groups are numbered from 0.

    Both are fitted out of fold, so that neither gains by having one slope more. The intervals hold for all rivals at
    once: the largest studentised deviation over the rivals sets their width (max-T, Westfall & Young 1993), widened as
    Student's distribution is where few stretches of time hold a class.
    """
    fold = stack.folds(label, group)
    taken = bootstrap.draws(int(group.max()) + 1, n_draws, seed)
    own = normal_scores(network, station)
    out, drawn = [], []
    for name, score in rivals.items():
        alone = stack.out_of_fold(score[:, None], label, station, fold)
        both = stack.out_of_fold(np.column_stack([score, own]), label, station, fold)
        areas = [pairs.auc(label, each, station) for each in (alone, both)]
        draws = [pairs.auc_draws(label, each, station, group, taken) for each in (alone, both)]
        out.append({"rival": name, "auc": areas[0], "auc_with_network": areas[1], "difference": areas[1] - areas[0]})
        drawn.append(draws[1] - draws[0])
    table = pd.DataFrame(out)
    reach = half_widths(np.array(drawn), bootstrap.fewest_groups(label, group))
    return table.assign(low=table["difference"] - reach, high=table["difference"] + reach)[COLUMNS]


def normal_scores(score: np.ndarray, station: np.ndarray) -> np.ndarray:
    """The normal quantile of each score's rank within its station, ties alike: what saturates counts by its order."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    out = np.empty(len(score))
    for code in np.unique(station):
        inside = station == code
        out[inside] = ndtri((rankdata(score[inside]) - 0.5) / inside.sum())
    return out


def half_widths(drawn: np.ndarray, n_groups: int) -> np.ndarray:
    """
    Half the width of simultaneous intervals from bootstrap draws.

    Parameters
    ----------
    drawn : ndarray, shape (n_rivals, n_draws)
    n_groups : int
        In how many stretches of time the rarer class lies.

    Returns
    -------
    ndarray, shape (n_rivals,)
        NaN if fewer than half of the draws exist.
    """
    from scipy.special import ndtri, stdtrit

    exists = np.isfinite(drawn).all(axis=0)
    if exists.sum() < drawn.shape[1] / 2:
        return np.full(len(drawn), np.nan)
    drawn = drawn[:, exists]
    sd = drawn.std(axis=1)
    deviation = np.abs(drawn - drawn.mean(axis=1, keepdims=True)) / np.maximum(sd, 1e-12)[:, None]
    most = float(np.quantile(deviation.max(axis=0), LEVEL))
    tail = (1 + LEVEL) / 2
    wider = stdtrit(n_groups - 1, tail) / ndtri(tail) * np.sqrt(n_groups / (n_groups - 1))
    width: np.ndarray = most * wider * sd
    return width
