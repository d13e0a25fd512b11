"""
The primary test: do the scores stand higher before target events than at other times of the same months?

Skill is the mean local share at the target events, each sequence of events counting once: 0.5 is chance. Its null are
the turned blocks. What the test could tell at best (`resolution`) is known before what it tells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance import local_ranks, turned_blocks
from core.evaluation.chance.turned_blocks import Blocks, Null
from core.loading.record.minute import epoch_minutes

WEEK_DAYS = 7
FINE_ENOUGH = 1e-3  # whole weeks are turned where the smallest p that they allow is no larger
FEWEST_BLOCKS = 2  # within one a drift stands beside the rate as it does in no turned catalogue
LEVEL = 0.95  # of the band and of the interval


@dataclass(frozen=True)
class Scores:
    """
    The scores of all stations on one time axis: score (n_stations, n_steps), NaN where nothing counts.

    first_minute: of the axis, minutes since 1970.
    """

    stations: tuple[str, ...]
    first_minute: int
    step_minutes: int
    score: np.ndarray

    @property
    def days(self) -> float:
        """Length of the time axis."""
        return float(self.score.shape[1]) * self.step_minutes / MINUTES_PER_DAY

    def cells(self, targets: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """
        Which targets lie in admissible time, and their station and step.

        Parameters
        ----------
        targets : DataFrame
            station, origin_time.

        Returns
        -------
        counts : ndarray of bool, shape (n_targets,)
        row, step : ndarray of int, shape (number that counts,)
        """
        row = pd.Index(self.stations).get_indexer(pd.Index(targets["station"]))
        minute = epoch_minutes(pd.DatetimeIndex(targets["origin_time"]))
        step = (minute - self.first_minute) // self.step_minutes
        counts = (row >= 0) & (step >= 0) & (step < self.score.shape[1])
        counts[counts] = np.isfinite(self.score[row[counts], step[counts]])
        return counts, row[counts], step[counts]


def on_one_axis(series: Sequence[AlarmSeries]) -> Scores:
    """
    Put score series on one time axis.

    Raises
    ------
    ValueError
        If there is no series, their steps differ, or they do not lie on one grid.
    """
    if not series or len({station_series.step_minutes for station_series in series}) != 1:
        raise ValueError("score series must have one step in common")
    step = series[0].step_minutes
    first = min(station_series.first_minute for station_series in series)
    if any((station_series.first_minute - first) % step for station_series in series):
        raise ValueError("score series must lie on one grid")
    last = max(station_series.first_minute + step * len(station_series.score) for station_series in series)
    score = np.full((len(series), (last - first) // step), np.nan)
    for row, station_series in zip(score, series, strict=True):
        at = (station_series.first_minute - first) // step
        row[at : at + len(station_series.score)] = station_series.score
    return Scores(tuple(station_series.station for station_series in series), first, step, score)


@dataclass(frozen=True)
class SkillTest:
    """
    The outcome of the test against turned blocks.

    n_targets events of n_clusters sequences lie in admissible time, n_outside do not. days: length of the axis.
    whole_days: the unit of the turns, 7 or 1 (more for a step of days). null: the distribution, in sums of weight x
    (share - 1/2). Every number is NaN or 1 where there is no target.
    """

    n_targets: int
    n_outside: int
    n_clusters: int
    days: float
    whole_days: int
    blocks: Blocks
    null: Null
    total_weight: float

    @property
    def skill(self) -> float:
        """The weighted mean of the local shares, on the grid of the null: 0.5 is chance."""
        return self._share(self.null.observed * self.null.grid)

    @property
    def p(self) -> float:
        """The share of all movements that reach the observed skill."""
        return self.null.p_observed

    @property
    def p_smallest(self) -> float:
        """The p of the best scores that these blocks allow."""
        return self.null.p_smallest

    @property
    def n_blocks(self) -> int:
        """Blocks that hold a target."""
        return len(self.null.tables)

    @cached_property
    def band(self) -> tuple[float, float]:
        """Between which skills the middle 95 % of all movements lie."""
        low, high = (self.null.quantile(q) for q in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        return self._share(low), self._share(high)

    @property
    def interval(self) -> tuple[float, float]:
        """The inverted null: the skill less what chance adds to it and takes from it, 95 %; within 0 and 1."""
        low, high = self.band
        middle = self._share(self.null.mean)
        ends = np.clip([self.skill - (high - middle), self.skill - (low - middle)], 0.0, 1.0)  # NaN stays
        return float(ends[0]), float(ends[1])

    def density(self) -> tuple[np.ndarray, np.ndarray]:
        """The skills that movements reach and their shares of all movements: the grey hill of a chart."""
        sums, share = self.null.density()
        return 0.5 + sums / self.total_weight, share

    def _share(self, total: float) -> float:
        return 0.5 + total / self.total_weight if self.total_weight else math.nan


def weights(cluster: np.ndarray) -> np.ndarray:
    """
    1 / size of the cluster of each target: the targets of a sequence at all stations together weigh 1.

    Parameters
    ----------
    cluster : ndarray of int, shape (n,)
        -1 = of no cluster: one of its own.

    >>> weights(np.array([7, 7, -1, -1])).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    cluster = np.where(cluster < 0, -1 - np.arange(len(cluster)), cluster)
    _, where, size = np.unique(cluster, return_inverse=True, return_counts=True)
    out: np.ndarray = 1 / size[where]
    return out


def tested(scores: Scores, targets: pd.DataFrame) -> SkillTest:
    """
    Test scores against turned blocks.

    Whole weeks are turned where that leaves a p of 0.001 within reach: then a habit of the day of the week, of the
    sensor's neighbours or of the catalogue's keepers, cannot pass for skill. Else whole days are.

    Parameters
    ----------
    scores : Scores
    targets : DataFrame
        station, origin_time, cluster (-1 = of none). Those in inadmissible time are left out before anything is
        counted.

    Returns
    -------
    SkillTest
    """
    return of_shares(scores, local_ranks.shares(scores.score, scores.step_minutes), targets)


def of_shares(scores: Scores, share: np.ndarray, targets: pd.DataFrame) -> SkillTest:
    """
    As `tested`, with shares that are at hand: many targets against one score, or ranks among other neighbours.

    Parameters
    ----------
    scores : Scores
        Whose score is NaN where `share` is.
    share : ndarray of float, shape (n_stations, n_steps)
    targets : DataFrame
    """
    counts, row, step = scores.cells(targets)
    cluster = targets["cluster"].to_numpy(dtype=np.int64)[counts]
    weight = weights(cluster)
    cut = turned_blocks.blocks(scores.first_minute, scores.score.shape[1], scores.step_minutes)
    for whole_days in (WEEK_DAYS, 1):
        unit = turned_blocks.unit_steps(scores.step_minutes, whole_days)
        null = Null(turned_blocks.turn(share, row, step, weight, cut, unit))
        if null.p_smallest <= FINE_ENOUGH:
            break
    return SkillTest(
        n_targets=int(counts.sum()),
        n_outside=int((~counts).sum()),
        n_clusters=round(float(weight.sum())),
        days=scores.days,
        whole_days=unit * scores.step_minutes // MINUTES_PER_DAY,
        blocks=cut,
        null=null,
        total_weight=float(weight.sum()),
    )


def normal_scores(outcome: SkillTest) -> np.ndarray:
    """What a run keeps for its family: the normal score of its p under each numbered movement, float16 (9999,)."""
    return outcome.null.normal_scores(turned_blocks.numbered_turns(outcome.blocks.number))
