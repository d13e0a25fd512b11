"""
The stored table: how often changes are found in made-up stretches, with numbers in between interpolated.

`make_table` says how it is made. Between the nodes the normal quantile of a share is linear in the logarithms of the
number of earthquakes, of the length and of the tries, and in the size of the change. Outside of them nothing is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core import documents
from core.evaluation.chance import event_guard
from core.evaluation.power import planting
from core.evaluation.power.planting import Lasting
from core.typed_documents import Versioned

PATH = Path(__file__).with_name("table.json")
FOUND_MOSTLY = 0.8  # a change that is found in so many cases counts as one that would have been found


@dataclass(frozen=True)
class Document(Versioned):
    """
    table.json: the command that made it, the numbers of its nodes, worlds of each cell, and in how many of them a
    change was found: n_found, flat, in the order n_clusters, days, n_runs, lasting, auc, the last changing fastest.
    """

    made_by: str
    n_worlds: int
    seed: int
    n_clusters: tuple[int, ...]
    days: tuple[int, ...]
    n_runs: tuple[int, ...]
    lasting: tuple[Lasting, ...]
    auc: tuple[float, ...]
    n_found: tuple[int, ...]

    VERSION = 1
    CALLED = "The table of power"

    def counts(self) -> np.ndarray:
        """n_found, shape (n_clusters, days, n_runs, lasting, auc)."""
        shape = [len(each) for each in (self.n_clusters, self.days, self.n_runs, self.lasting, self.auc)]
        return np.array(self.n_found).reshape(shape)


@dataclass(frozen=True)
class Power:
    """
    How often changes are found: by how much they lift the scores (auc: above that share of other times), and how long.

    share_day, share_week: of worlds in which a change of the last day, of the last week is found. n_worlds: that each
    share is made of. simulated: for the run itself; else it comes from the table.
    """

    n_clusters: int
    days: float
    n_runs: int
    auc: tuple[float, ...]
    share_day: tuple[float, ...]
    share_week: tuple[float, ...]
    n_worlds: int
    simulated: bool = False

    def shares(self, lasting: Lasting) -> np.ndarray:
        """One share for each size of change."""
        return np.array(self.share_day if lasting is Lasting.DAY else self.share_week)

    def smallest_auc(self, lasting: Lasting, wanted: float = FOUND_MOSTLY) -> float:
        """The smallest change that is found so often, interpolated; NaN if none of them is."""
        share = self.shares(lasting)
        enough = np.flatnonzero(share >= wanted)
        if not len(enough):
            return math.nan
        at = int(enough[0])
        if at == 0:
            return self.auc[0]
        return float(np.interp(wanted, share[at - 1 : at + 1], self.auc[at - 1 : at + 1]))


def read(n_clusters: int, days: float, n_runs: int) -> Power | None:
    """
    The power of a stretch by the stored table.

    Parameters
    ----------
    n_clusters : int
        Independent target events in it.
    days : float
        Its length.
    n_runs : int
        Runs that score it, this one included.

    Returns
    -------
    Power or None
        None outside the table. With fewer than 10 events, which no gate against foreshocks can look at, every share
        is 0.
    """
    document = stored()
    if n_clusters < event_guard.FEWEST_CLUSTERS:
        none = (0.0,) * len(document.auc)
        return Power(n_clusters, days, n_runs, document.auc, none, none, document.n_worlds)
    asked = (n_clusters, days, n_runs)
    nodes = (document.n_clusters, document.days, document.n_runs)
    if not all(each[0] <= value <= each[-1] for value, each in zip(asked, nodes, strict=True)):
        return None
    shares = quantiles(document)
    for value, each in zip(asked, nodes, strict=True):
        shares = between(shares, np.log(each), math.log(value))
    shares = shares_of(shares, document.n_worlds)
    day, week = (tuple(shares[document.lasting.index(lasting)].tolist()) for lasting in Lasting)
    return Power(n_clusters, days, n_runs, document.auc, day, week, document.n_worlds)


def at_auc(power: Power, auc: float, lasting: Lasting) -> float:
    """
    The share of worlds in which a change of a size in between is found.

    Raises
    ------
    ValueError
        If the size is not between the smallest and the largest.
    """
    if not power.auc[0] <= auc <= power.auc[-1]:
        raise ValueError(f"the power is known for an AUC of {power.auc[0]} to {power.auc[-1]}, found {auc}")
    from scipy.special import ndtr, ndtri

    least = 0.5 / (power.n_worlds + 1)
    sizes = [planting.effect(each) for each in power.auc]
    quantile = np.interp(planting.effect(auc), sizes, ndtri(np.clip(power.shares(lasting), least, 1 - least)))
    return float(ndtr(quantile))


@cache
def stored() -> Document:
    """The table that comes with the program, read once."""
    return Document.from_dict(documents.read_json(PATH))


def quantiles(document: Document) -> np.ndarray:
    """The normal quantile of each share, half a world away from 0 and 1, shape as `Document.counts`."""
    from scipy.special import ndtri

    out: np.ndarray = ndtri((document.counts() + 0.5) / (document.n_worlds + 1))
    return out


def shares_of(quantile: np.ndarray, n_worlds: int) -> np.ndarray:
    """The shares of normal quantiles, from 0 to 1 again."""
    from scipy.special import ndtr

    out: np.ndarray = np.clip((ndtr(quantile) * (n_worlds + 1) - 0.5) / n_worlds, 0, 1)
    return out


def between(values: np.ndarray, nodes: np.ndarray, at: float) -> np.ndarray:
    """Linear interpolation along the first axis, shape of the rest."""
    upper = int(np.clip(np.searchsorted(nodes, at), 1, len(nodes) - 1))
    share = (at - nodes[upper - 1]) / (nodes[upper] - nodes[upper - 1])
    out: np.ndarray = values[upper - 1] * (1 - share) + values[upper] * share
    return out
