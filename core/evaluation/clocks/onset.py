"""
Onset: when does the record become restless, seen from the origin times of the catalogue?

Earthquakes shake sensors. Stacked on the first events of sequences, the disturbance of a record therefore rises most
steeply at their true times. A rise hours before the catalogued times, equally for all of them, says that the catalogue
is late (or the station slow to stamp): then what looks like a precursor is the shaking.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from core.evaluation.chance import local_ranks, turned_blocks
from core.evaluation.chance.skill import WEEK_DAYS, Scores
from core.evaluation.chance.turned_blocks import Blocks
from core.evaluation.clocks import disturbance
from core.evaluation.clocks.disturbance import HOUR

SIDE_MINUTES = 4 * HOUR  # of the means before and after a moment, whose difference is the rise
REACH_MINUTES, FINE_REACH_MINUTES = 48 * HOUR, 3 * HOUR  # how far from the origin times a rise is looked for
N_TURNS = 999
ENOUGH_MOVEMENTS = 1000  # whole weeks are turned where there are as many movements, else whole days
ALPHA = 0.01
FEWEST_EVENTS = 8
LATE_MINUTES = -HOUR / 2  # at the finer look
HALF, TINY = 0.5 - 1e-9, 1e-9


class OnsetKind(StrEnum):
    """What the record says of the catalogue's clock."""

    CONFIRMED = "confirmed"
    LATE = "late"
    EARLY = "early"
    NONE = "none"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Onset:
    """
    The outcome: lag_hours of the steepest rise after the origin times (negative: before), p of its steepness.

    n_events: first events with a record around them, of all stations together.
    """

    kind: OnsetKind
    lag_hours: float
    p: float
    n_events: int


@dataclass(frozen=True)
class Rise:
    """The steepest rise of a stack: lag in minutes after the origin times, p against turned catalogues, n_events."""

    lag_minutes: float
    p: float
    n_events: int


def tested(tens: Scores, events: pd.DataFrame) -> Onset:
    """
    Find the onset.

    Parameters
    ----------
    tens : Scores
        The disturbance of all stations in steps of ten minutes (`disturbance.series`).
    events : DataFrame
        station, origin_time: all catalogued events within the target radius, smaller ones too; the first of each
        sequence is taken.
    """
    first = first_events(events)
    hours = rise(disturbance.hourly(tens), first, REACH_MINUTES)
    if hours.n_events < FEWEST_EVENTS:
        return Onset(OnsetKind.NOT_CHECKED, math.nan, math.nan, hours.n_events)
    if hours.p > ALPHA:
        return Onset(OnsetKind.NONE, math.nan, hours.p, hours.n_events)
    told, lag = hours, hours.lag_minutes
    if lag == -HOUR:  # an hour is as fine as the hours are: look again
        finer = rise(tens, first, FINE_REACH_MINUTES)
        told = finer if finer.p <= ALPHA else hours
        late = finer.p <= ALPHA and finer.lag_minutes <= LATE_MINUTES
    else:
        late = lag < -HOUR
    kind = OnsetKind.LATE if late else OnsetKind.EARLY if lag > HOUR else OnsetKind.CONFIRMED
    return Onset(kind, told.lag_minutes / HOUR, told.p, told.n_events)


def first_events(events: pd.DataFrame) -> pd.DataFrame:
    """The events before which no other event of their station came in 48 hours, in order of time."""
    ordered = events.sort_values("origin_time", kind="stable")
    since = ordered.groupby("station")["origin_time"].diff()
    return ordered[~(since <= pd.Timedelta(minutes=REACH_MINUTES))]


def rise(scores: Scores, events: pd.DataFrame, reach_minutes: int) -> Rise:
    """
    Where the stack of local shares rises most steeply, and how often turned catalogues have as steep a rise anywhere.

    Parameters
    ----------
    scores : Scores
        A disturbance.
    events : DataFrame
        station, origin_time.
    reach_minutes : int
        Largest lag, before and after.
    """
    side, reach = SIDE_MINUTES // scores.step_minutes, reach_minutes // scores.step_minutes
    steepness = _steepness(local_ranks.shares(scores.score, scores.step_minutes), side)
    _, row, step = dataclasses.replace(scores, score=steepness).cells(events)
    if not len(row):
        return Rise(math.nan, 1.0, 0)
    cut = turned_blocks.blocks(scores.first_minute, scores.score.shape[1], scores.step_minutes)
    observed, turned = _stacks(steepness, row, step, cut, reach, scores.step_minutes)
    spread = np.maximum(turned.std(axis=0), TINY)
    height = (observed - turned.mean(axis=0)) / spread
    highest = ((turned - turned.mean(axis=0)) / spread).max(axis=1)
    at = int(np.argmax(height))
    p = float((1 + np.count_nonzero(highest >= height[at])) / (1 + N_TURNS))
    return Rise(float(at - reach) * scores.step_minutes, p, len(row))


def _steepness(share: np.ndarray, side: int) -> np.ndarray:
    """
    At each step the mean of the `side` steps from it on less that of as many before, the nearest weighing most.

    Weights fall as the square of what is left of the side: with equal ones, a shaking shorter than the side would be as
    steep hours before it (simulated: a right clock called late in .39 of worlds with an hour of shaking, then in .01).
    NaN where steps with half of the weight are missing on either side.
    """
    weight = np.arange(side, 0, -1.0) ** 2
    weight /= weight.sum()
    n, there = share.shape[1], np.isfinite(share)
    value = np.where(there, share, 0.0)
    out = np.full(share.shape, np.nan)
    for row, shares, present in zip(out, value, there.astype(float), strict=True):
        if n >= 2 * side:
            after, n_after = (np.correlate(a[side:], weight) for a in (shares, present))
            before, n_before = (np.correlate(a[: n - side], weight[::-1]) for a in (shares, present))
            enough = (n_after >= HALF) & (n_before >= HALF)
            rise = after / np.maximum(n_after, HALF) - before / np.maximum(n_before, HALF)
            row[side : n - side + 1] = np.where(enough, rise, np.nan)
    return out


def _stacks(
    steepness: np.ndarray, row: np.ndarray, step: np.ndarray, cut: Blocks, reach: int, step_minutes: int
) -> tuple[np.ndarray, np.ndarray]:
    """
    The mean steepness at each lag, shape (n_lags,), and that of each turned catalogue, shape (n_turns, n_lags).

    A catalogue is turned block by block, all stations together; how far depends on the calendar and the number of the
    turn alone.
    """
    padded = np.pad(steepness, ((0, 0), (reach, reach)), constant_values=np.nan)
    value, there = np.where(np.isfinite(padded), padded, 0.0), np.isfinite(padded)
    block, lags = cut.of(step), np.arange(2 * reach + 1)
    unit = _unit(cut, np.unique(block), step_minutes)
    turns = turned_blocks.numbered_turns(cut.number, N_TURNS)
    total, count = np.zeros((N_TURNS + 1, len(lags))), np.zeros((N_TURNS + 1, len(lags)))
    for k in np.unique(block):
        here, n_turns = block == k, _n_turns(cut, k, unit)
        inside = step[here] - cut.border[k]
        moved = (inside + np.arange(n_turns)[:, None] * unit) % (n_turns * unit)
        at = cut.border[k] + np.where(inside < n_turns * unit, moved, inside)
        chosen = np.append(0, turns[:, k] * n_turns).astype(np.int64)
        for all_turns, each in ((total, value), (count, there)):
            sums = np.stack([each[row[here], at + lag].sum(axis=1) for lag in lags], axis=1)
            all_turns += sums[chosen]
    mean = total / np.maximum(count, 1)
    return mean[0], mean[1:]


def _unit(cut: Blocks, blocks: np.ndarray, step_minutes: int) -> int:
    """Steps of the smallest turn: weeks, or days where weeks leave too few movements."""
    weeks = turned_blocks.unit_steps(step_minutes, WEEK_DAYS)
    enough = math.prod(_n_turns(cut, k, weeks) for k in blocks) >= ENOUGH_MOVEMENTS
    return weeks if enough else turned_blocks.unit_steps(step_minutes, 1)


def _n_turns(cut: Blocks, block: int, unit: int) -> int:
    return max(1, int(cut.border[block + 1] - cut.border[block]) // unit)
