"""
Resolution: could any score of a run have passed its test against chance?

A null that is worth n unlike shifts gives no p below 1 / (1 + n), and the correction for the runs that were tried lifts
that floor. Where it lies above what is asked for, no score passes, however good: nothing is known of skill, nor of its
absence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from core.evaluation import significance
from core.evaluation.multiple_testing import sidak

ALPHA = 0.05
ROUNDING = 1e-12  # a p of exactly 0.05 passes, in whatever order it was computed


def passes(p: float) -> bool:
    """
    True if a p value, corrected for the runs tried, is small enough.

    >>> passes(0.05), passes(0.0501)
    (True, False)
    """
    return p <= ALPHA + ROUNDING


@dataclass(frozen=True)
class ResolutionNumbers:
    """The numbers of a `Resolution`, by the names of its properties."""

    n_draws: int
    n_unlike: float
    n_runs: int
    most_runs: int
    smallest_p: float
    smallest_p_of_best: float
    leaves_room: bool


@dataclass(frozen=True)
class Resolution:
    """What a null of `n_draws` draws can tell, `weight` of which count as one, as the best of `n_runs` runs."""

    n_draws: int
    weight: float = 1.0
    n_runs: int = 1

    @property
    def n_unlike(self) -> float:
        """How many unlike shifts the draws are worth."""
        return self.n_draws / self.weight

    @property
    def smallest_p(self) -> float:
        """The p of a score above every draw; 1 without draws."""
        return self.weight / (self.weight + self.n_draws)

    @property
    def smallest_p_of_best(self) -> float:
        """That p as the best of the runs tried."""
        return sidak(self.smallest_p, self.n_runs)

    @property
    def leaves_room(self) -> bool:
        """True if some score would pass."""
        return passes(self.smallest_p_of_best)

    @property
    def most_runs(self) -> int:
        """
        How many runs such a null has room for.

        >>> Resolution(110).most_runs, Resolution(18).most_runs
        (5, 0)
        """
        if not passes(self.smallest_p):
            return 0
        return math.floor(math.log(1 - ALPHA) / math.log1p(-self.smallest_p) + ROUNDING)

    @property
    def counts(self) -> str:
        """
        The two numbers that leave room or do not.

        >>> Resolution(110, n_runs=6).counts
        '110 unlike shifts and 6 runs'
        """
        n = round(self.n_unlike)
        shifts = f"{n:,} unlike shift{'' if n == 1 else 's'}"
        return f"{shifts} and {self.n_runs:,} run{'' if self.n_runs == 1 else 's'}"

    @property
    def remedy(self) -> str:
        """How many runs there is room for, and what makes more of it."""
        n = self.most_runs
        room = f"They have room for {n:,} run{'' if n == 1 else 's'}" if n else "They have no room for a single run"
        return f"{room}; a longer judged period has room for more."

    @property
    def numbers(self) -> ResolutionNumbers:
        """All of it as it is kept beside a verdict."""
        return ResolutionNumbers(**{each.name: getattr(self, each.name) for each in fields(ResolutionNumbers)})


def of(draws: np.ndarray, n_runs: int) -> Resolution:
    """
    The resolution of a null.

    Parameters
    ----------
    draws : ndarray, shape (n_draws,)
        Scores under the circular shifts, in the order of the shifts; empty if there were none.
    n_runs : int
        Runs tried on the same data, this one included.
    """
    return Resolution(len(draws), significance.weight(draws) if len(draws) else 1.0, max(1, n_runs))
