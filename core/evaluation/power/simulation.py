"""
Simulation: how often a change of known size is found, in many worlds of one kind.

In each world every size of change is planted in the same scores before the same earthquakes. So sizes differ by what
they are and not by luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.evaluation.chance import families
from core.evaluation.power import passing, planting
from core.evaluation.power.planting import Lasting
from core.evaluation.power.stretch import Stretch
from core.progress import Cancelled, Progress

AUCS = (0.55, 0.65, 0.75, 0.85, 0.95)
SMALL_EVENTS = 10.0  # of a made-up catalogue for each sequence: complete to one magnitude below the targets, b = 1
SEED = 20_260_101

World = Callable[[np.random.Generator], Stretch]


def worlds(
    make: World,
    numbers: Sequence[int],
    seed: Sequence[int],
    aucs: Sequence[float] = AUCS,
    most: float = families.ALPHA,
    progress: Progress | None = None,
) -> np.ndarray:
    """
    The p with which each planted change passes the gates.

    Parameters
    ----------
    make : callable
        From a generator to a stretch that knows nothing, another one each time.
    numbers : sequence of int
        Which worlds: each has a seed of its own, so that any of them can be made again.
    seed : sequence of int
        In common.
    aucs : sequence of float
        Sizes of the change, the smallest first: above so large a share of other times the scores are lifted.
    most : float
        A larger p passes no family, see `passing.p_alone_and_away`.
    progress : Progress, optional

    Returns
    -------
    ndarray of float64, shape (n_worlds, 2, n_aucs)
        For a change that lasts a day and a week; 1 where a gate beside chance stopped it.

    Raises
    ------
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    out = np.ones((len(numbers), len(Lasting), len(aucs)))
    for at, number in enumerate(numbers):
        progress.stage("Planting changes of known size", at, len(numbers))
        if progress.should_stop():
            raise Cancelled("The simulation was stopped; nothing of it was stored.")
        random = np.random.default_rng([*seed, number])
        stretch = make(random)
        rivals = int(random.integers(2**31))
        for kind, lasting in enumerate(Lasting):
            adds = False
            for size, auc in enumerate(aucs):
                changed = planting.planted(stretch, auc, lasting)
                p = passing.p_alone_and_away(changed, most)
                # What adds to rivals with a small change adds with a larger one.
                adds = adds or (p < 1 and passing.adds_to_rivals(changed, np.random.default_rng(rivals)))
                out[at, kind, size] = p if adds else 1.0
    return out


def share_found(p: np.ndarray, corrected: passing.Corrected) -> np.ndarray:
    """The share of worlds whose p passes as one of its family, shape (2, n_aucs)."""
    share: np.ndarray = (p <= passing.largest_p(corrected)).mean(axis=0)
    return share
