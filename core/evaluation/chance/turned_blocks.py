"""
Turned blocks: the exact distribution of a sum over target events when the catalogue knows nothing of the scores.

Time is cut into blocks of 91 days, fixed on the calendar. The catalogue of each block, all stations together, is
turned within its block by whole weeks (in short tests by whole days): sequences, the time of day and the day of the
week stay as they are. These movements hold the identity and form a group, so the share of movements with a sum at or
above the observed one is a p value. Blocks turn independently of each other, so the distribution over *all* movements
is a convolution: no draws, no seed, and no floor but that of the catalogue itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.config import MINUTES_PER_DAY

BLOCK_DAYS = 91  # thirteen weeks
GRID = 2e-3  # to which sums are rounded, or a thousandth of their standard deviation if that is more
KEPT = 0.5  # the share of squared weights that a turn must leave in admissible time
N_DRAWS = 9999  # numbered movements that all runs share
SMALLEST_P, LARGEST_P = 1e-300, 1 - 1e-12


@dataclass(frozen=True)
class Blocks:
    """
    Blocks of an axis: border (n_blocks + 1,), steps from the axis' beginning; number (n_blocks,), on the calendar.
    """

    border: np.ndarray
    number: np.ndarray

    def of(self, step: np.ndarray) -> np.ndarray:
        """The block of each step, shape as `step`, from 0."""
        return np.searchsorted(self.border, step, "right") - 1


@dataclass(frozen=True)
class Turned:
    """A block that holds targets: its place among the blocks, and its sum under each turn; the first is as observed."""

    block: int
    sums: np.ndarray


def blocks(first_minute: int, n_steps: int, step_minutes: int, days: int = BLOCK_DAYS) -> Blocks:
    """
    The blocks of a time axis. A piece at either end shorter than half a block goes to its neighbour.

    Parameters
    ----------
    first_minute : int
        Minutes since 1970 of the first step.
    n_steps, step_minutes : int
    days : int
        Blocks begin every so many days, counted from 1970-01-01.
    """
    per = days * MINUTES_PER_DAY
    last = first_minute + n_steps * step_minutes
    edges = np.arange(first_minute // per * per, last + per, per)
    border = np.unique(np.clip(-(-(edges - first_minute) // step_minutes), 0, n_steps))
    while len(border) > 2 and (border[1] - border[0]) * step_minutes < per / 2:
        border = np.delete(border, 1)
    while len(border) > 2 and (border[-1] - border[-2]) * step_minutes < per / 2:
        border = np.delete(border, -2)
    middle = first_minute + (border[:-1] + border[1:]) // 2 * step_minutes
    return Blocks(border, middle // per)


def unit_steps(step_minutes: int, whole_days: int) -> int:
    """
    The smallest turn, in steps: the smallest multiple of `whole_days` that is a whole number of steps.

    >>> unit_steps(60, 7), unit_steps(2880, 7)
    (168, 7)
    """
    return math.lcm(step_minutes, whole_days * MINUTES_PER_DAY) // step_minutes


def turn(
    share: np.ndarray, row: np.ndarray, step: np.ndarray, weight: np.ndarray, cut: Blocks, unit: int
) -> list[Turned]:
    """
    The sum of weight x (share - 1/2) over the targets of each block, under each turn of the block.

    What is left of a block beyond whole units stays where it is. A sum over fewer targets, because some were turned
    into gaps, is scaled to the variance of all; a turn that keeps less than half of the squared weights takes the sum
    of the next turn that keeps more.

    Parameters
    ----------
    share : ndarray of float, shape (n_stations, n_steps)
        Local shares; NaN where no target counts.
    row, step : ndarray of int, shape (n_targets,)
        Station and step of each target; all of them in admissible time.
    weight : ndarray of float, shape (n_targets,)
    cut : Blocks
    unit : int
        Steps of the smallest turn.

    Returns
    -------
    list of Turned
        The blocks that hold a target, in order.
    """
    scored = np.isfinite(share)
    value = np.where(scored, share - 0.5, 0.0)
    block = cut.of(step)
    out = []
    for k in np.unique(block):
        here = block == k
        w, first = weight[here], cut.border[k]
        n_turns = max(1, int(cut.border[k + 1] - first) // unit)
        inside = step[here] - first
        moved = (inside + np.arange(n_turns)[:, None] * unit) % (n_turns * unit)
        at = (row[here], first + np.where(inside < n_turns * unit, moved, inside))
        kept = (scored[at] * w**2).sum(axis=1) / (w**2).sum()
        sums = (value[at] * w).sum(axis=1) / np.sqrt(np.maximum(kept, 1e-12))
        good = np.flatnonzero(kept >= KEPT)
        out.append(Turned(int(k), sums[good[np.searchsorted(good, np.arange(n_turns)) % len(good)]]))
    return out


class Null:
    """
    The exact distribution of the sum over all movements of all blocks.

    Sums are rounded to whole numbers of `grid`; observed and best are such numbers: of the catalogue as it is, and of
    the turns that would suit the scores best.
    """

    def __init__(self, tables: Sequence[Turned]) -> None:
        self.tables = tuple(tables)
        self.mean = float(sum(table.sums.mean() for table in self.tables))
        self.sd = float(np.sqrt(sum(table.sums.var() for table in self.tables)))
        self.grid = max(GRID, self.sd / 1000)
        self._rounded = [np.round(table.sums / self.grid).astype(np.int64) for table in self.tables]
        self.observed = int(sum(sums[0] for sums in self._rounded))
        self.best = int(sum(sums.max() for sums in self._rounded))
        self._lowest = int(sum(sums.min() for sums in self._rounded))

    @cached_property
    def _tail(self) -> np.ndarray:
        """The share of movements at or above each number, from the lowest; direct sums keep the smallest exact."""
        density = np.ones(1)
        for sums in self._rounded:
            density = np.convolve(density, np.bincount(sums - sums.min()) / len(sums))
        tail: np.ndarray = np.cumsum(density[::-1])[::-1]
        return tail

    def p(self, number: np.ndarray | int) -> np.ndarray:
        """The share of movements with a sum at or above whole numbers of `grid`, shape as `number`."""
        at = np.asarray(number) - self._lowest
        above = np.where(at < len(self._tail), self._tail[np.clip(at, 0, len(self._tail) - 1)], 0.0)
        shares: np.ndarray = np.clip(above, SMALLEST_P, 1.0)
        return shares

    @property
    def p_observed(self) -> float:
        """The p value; 1 without a target."""
        return float(self.p(self.observed)) if self.tables else 1.0

    @property
    def p_smallest(self) -> float:
        """The p of the best turns: no catalogue of these blocks could have got a smaller one; 1 without a target."""
        return float(self.p(self.best)) if self.tables else 1.0

    def quantile(self, q: float) -> float:
        """The sum that a share q of the movements does not exceed."""
        at_most = 1 - np.append(self._tail[1:], 0.0)
        return float(np.searchsorted(at_most, q - 1e-12) + self._lowest) * self.grid

    def density(self) -> tuple[np.ndarray, np.ndarray]:
        """Sums and their shares of all movements: what a chart of chance is drawn from, shapes (n,) and (n,)."""
        share = self._tail - np.append(self._tail[1:], 0.0)
        return (self._lowest + np.arange(len(share))) * self.grid, share

    def normal_scores(self, turns: np.ndarray) -> np.ndarray:
        """
        The normal score of the exact p of each of the numbered movements.

        Parameters
        ----------
        turns : ndarray, shape (n_draws, n_blocks)
            From `numbered_turns`, one column for every block of the axis.

        Returns
        -------
        ndarray of float16, shape (n_draws,)
        """
        from scipy.stats import norm

        total = np.zeros(len(turns), dtype=np.int64)
        for table, sums in zip(self.tables, self._rounded, strict=True):
            total += sums[(turns[:, table.block] * len(sums)).astype(np.int64)]
        scores: np.ndarray = norm.isf(np.clip(self.p(total), 1e-40, LARGEST_P)).astype(np.float16)
        return scores


def numbered_turns(numbers: np.ndarray, n_draws: int = N_DRAWS) -> np.ndarray:
    """
    Numbers in [0, 1) that belong to the calendar block and the draw alone, so that all runs share their movements.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_blocks,)
        On the calendar, as in `Blocks`.

    Returns
    -------
    ndarray of float64, shape (n_draws, n_blocks)
    """
    columns = [np.random.default_rng([0, BLOCK_DAYS, abs(int(k)), int(k < 0)]).random(n_draws) for k in numbers]
    return np.stack(columns, axis=1)
