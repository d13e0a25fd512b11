"""Does the network add to what is known? It beside the best classical statistic of the same field. Never a gate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation import bootstrap
from core.evaluation.rivals import pairs, stack

ALL_TOGETHER = "all"
N_DRAWS = 1000
FEWEST_GROUPS = 5


@dataclass(frozen=True)
class BesideClassical:
    """
    The network less the best classical detector, on the judged windows that have both.

    detector: the statistic with the largest AUC in training, or `ALL_TOGETHER`; "" = nothing could be compared, then
    every number is NaN. rises: whether earthquakes follow large values of it. auc_network, auc_detector: over pairs of
    one station. difference, low, high: paired, 95 %.
    """

    detector: str = ""
    rises: bool = True
    auc_network: float = float("nan")
    auc_detector: float = float("nan")
    difference: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    n_rows: int = 0
    n_groups: int = 0

    @property
    def adds(self) -> bool | None:
        """Whether the network is better beyond chance; None where that was not compared."""
        return None if np.isnan(self.low) else self.low > 0


def measure(
    statistics: pd.DataFrame,
    station: np.ndarray,
    label: np.ndarray,
    network: np.ndarray,
    group: np.ndarray,
    train: np.ndarray,
    judged: np.ndarray,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> BesideClassical:
    """
    Choose the best classical detector on the training windows, and compare it with the network on the judged ones.

    Each statistic alone is a detector, in the direction in which it is better than chance in training; so is a logistic
    model of all of them, scored out of fold for the choice. The judged windows choose nothing.

    Parameters
    ----------
    statistics : DataFrame
        A column per statistic, see `ulf.statistics`; NaN = not measured.
    station, label, network, group, train, judged, n_draws, seed
        See `added_skill.measure`.
    """
    whole = np.isin(label, (0, 1)) & np.isfinite(statistics.to_numpy(dtype=np.float64)).all(axis=1)
    train, judged = train & whole, judged & whole & np.isfinite(network)
    enough = min(bootstrap.fewest_groups(label[part], group[part]) for part in (train, judged)) >= FEWEST_GROUPS
    if not enough or not len(statistics.columns):
        return BesideClassical()
    values = _less_station(statistics.to_numpy(dtype=np.float64), station, train)
    names = [str(name) for name in statistics]
    name, rises, score = best(names, values, station, label, group, train)
    return _compared(
        name, rises, score[judged], network[judged], label[judged], station[judged], group[judged], n_draws, seed
    )


def best(
    names: list[str], values: np.ndarray, station: np.ndarray, label: np.ndarray, group: np.ndarray, train: np.ndarray
) -> tuple[str, bool, np.ndarray]:
    """
    The detector with the largest AUC on the rows `train`: its name, whether it rises, and its score of all rows.

    Parameters
    ----------
    names : list of str
    values : ndarray, shape (n, n_statistics)
    station, label, group, train : ndarray, shape (n,)
    """
    truth, where = label[train], station[train]
    areas = np.nan_to_num([pairs.auc(truth, column, where) for column in values[train].T], nan=0.5)
    first = int(np.argmax(np.abs(areas - 0.5)))
    rises = bool(areas[first] >= 0.5)
    alone = names[first], rises, values[:, first] if rises else -values[:, first]
    number = np.unique(group[train], return_inverse=True)[1]
    signed = np.where(areas >= 0.5, values, -values)
    together = stack.out_of_fold(signed[train], truth, where, stack.folds(truth, number))
    if pairs.auc(truth, together, where) <= max(areas[first], 1 - areas[first]):
        return alone
    slopes = stack.slopes(signed[train], truth, np.unique(where, return_inverse=True)[1])
    return ALL_TOGETHER, True, signed @ slopes


def _less_station(values: np.ndarray, station: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Each statistic less its station's median, over its standard deviation, both in training."""
    out = values.copy()
    middle = np.median(values[train], axis=0)
    for code in np.unique(station):
        inside = station == code
        learned = values[inside & train]
        out[inside] -= np.median(learned, axis=0) if len(learned) else middle
    sd = out[train].std(axis=0)
    scaled: np.ndarray = out / np.where(sd > 0, sd, np.inf)
    return scaled


def _compared(
    name: str,
    rises: bool,
    detector: np.ndarray,
    network: np.ndarray,
    label: np.ndarray,
    station: np.ndarray,
    group: np.ndarray,
    n_draws: int,
    seed: int,
) -> BesideClassical:
    number = np.unique(group, return_inverse=True)[1]
    taken = bootstrap.draws(int(number.max()) + 1, n_draws, seed)
    drawn = [pairs.auc_draws(label, score, station, number, taken) for score in (network, detector)]
    low, high = bootstrap.interval(drawn[0] - drawn[1], bootstrap.fewest_groups(label, number))
    ours, theirs = (pairs.auc(label, score, station) for score in (network, detector))
    return BesideClassical(name, rises, ours, theirs, ours - theirs, low, high, len(label), int(number.max()) + 1)
