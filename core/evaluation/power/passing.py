"""
Passing: the gates that every finding must pass and that a simulated change may fail, one after the other.

They are chance (as one of so many tries), neither foreshocks nor the shock, and confounders: those without which a run
is neither a candidate nor more. The other gates ask whether data, clocks and catalogue are sound, or whether far
earthquakes are met as well; a change that is really there does not decide about them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from core.evaluation import bootstrap
from core.evaluation.chance import event_guard, families, skill, turned_blocks
from core.evaluation.power.stretch import Stretch
from core.evaluation.rivals import added_skill
from core.vocabulary import Checked

N_RIVALS = len(added_skill.RIVALS) + 1  # as many as a run has: those of training and that of the judged period
NEGATIVES_PER_EVENT = 3
N_DRAWS = 200  # of the bootstrap of the confounder gate; a run takes more, which is slower and decides alike

Corrected = Callable[[float], float]  # from a p to that p as one of the family


def of_independent_runs(p: float, n_runs: int) -> float:
    """
    The p of the best of so many runs that know nothing of each other, as `families.best_of_family` gives it.

    Each movement is reached by one of them with 1 - (1 - p)^n (Sidak); the movements are counted, so 1e-4 is the least.

    >>> round(of_independent_runs(0.01, 1), 4), round(of_independent_runs(0.001, 20), 4)
    (0.01, 0.0199)
    """
    if n_runs <= 1:
        return p
    n = turned_blocks.N_DRAWS
    return (1 - n * math.expm1(n_runs * math.log1p(-p))) / (1 + n) if p < 1 else 1.0


def largest_p(corrected: Corrected) -> float:
    """The largest p of a run alone that passes as one of its family; 0 if none does."""
    low, high = -300.0, 0.0
    if not families.passes(corrected(10**low)):
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if families.passes(corrected(10**middle)) else (low, middle)
    return float(10**low)


def p_alone_and_away(stretch: Stretch, most: float = families.ALPHA) -> float:
    """
    The exact p of a stretch alone, if it passes away from other events as well; else 1.

    Parameters
    ----------
    stretch : Stretch
    most : float
        A larger p passes no family: then the slower gate is not looked at, and 1 is given.
    """
    outcome = skill.tested(stretch.scores, stretch.targets)
    if outcome.n_blocks < skill.FEWEST_BLOCKS or outcome.n_clusters < event_guard.FEWEST_CLUSTERS:
        return 1.0
    if outcome.p > most + families.ROUNDING:
        return 1.0
    away = event_guard.not_the_foreshocks(
        stretch.scores,
        stretch.targets,
        stretch.events,
        stretch.guard,
        stretch.radius_km,
        stretch.completeness,
        stretch.target_minimum,
    )
    return outcome.p if away.kind == Checked.PASSED else 1.0


def adds_to_rivals(stretch: Stretch, random: np.random.Generator) -> bool:
    """
    True if the scores add to each of several rivals that know nothing, as the confounder gate asks of a network.

    The moments of the targets stand for positive windows, three times as many other moments for negative ones.
    """
    counts, row, step = stretch.scores.cells(stretch.targets)
    other_row, other_step = _other_moments(stretch, row, step, random)
    rows, steps = np.append(row, other_row), np.append(step, other_step)
    label = np.repeat([1, 0], [len(row), len(other_row)])
    cluster = np.append(stretch.targets["cluster"].to_numpy()[counts], np.full(len(other_row), -1))
    minute = stretch.scores.first_minute + steps * stretch.scores.step_minutes
    group = bootstrap.groups(minute, stretch.footprint_minutes, cluster)
    if bootstrap.fewest_groups(label, group) < added_skill.FEWEST_GROUPS:
        return False
    rivals = {f"rival {k}": random.normal(size=len(label)) for k in range(N_RIVALS)}
    network = stretch.scores.score[rows, steps]
    table = added_skill.compare(rivals, label, network, rows, group, N_DRAWS, 0)
    return bool(table["low"].min(skipna=False) > 0)


def _other_moments(
    stretch: Stretch, row: np.ndarray, step: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Moments with a score and without a target in the footprint after them, three for each target of their station."""
    scores, ahead = stretch.scores, stretch.footprint_minutes // stretch.scores.step_minutes
    rows, steps = [], []
    for r in np.unique(row):
        quiet = np.isfinite(scores.score[r])
        for s in step[row == r]:
            quiet[max(0, s - ahead) : s + 1] = False
        there = np.flatnonzero(quiet)
        n = min(len(there), NEGATIVES_PER_EVENT * int((row == r).sum()))
        steps.append(random.choice(there, n, replace=False))
        rows.append(np.full(n, r))
    return np.concatenate(rows), np.concatenate(steps)
