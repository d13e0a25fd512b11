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
PART_EVENTS, PART_ALPHA = 8, 0.002  # of a stretch at least; of all stretches and lags together
FINE_HEIGHT = 4.0  # standard deviations that are enough at the finer look, where turns are few
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

    n_events: first events with a record around them, of all stations together. Where these are many, n_parts stretches
    of them, station by station, were asked by themselves, and n_late of them say late; one is enough, and then the lag
    is that of the clearest.
    """

    kind: OnsetKind
    lag_hours: float
    p: float
    n_events: int
    n_parts: int = 0
    n_late: int = 0


@dataclass(frozen=True)
class Rise:
    """
    The steepest rise of a stack: lag in minutes after the origin times, known to step_minutes; n_events in it.

    p against turned catalogues; height: by how many of their standard deviations it exceeds their mean.
    """

    lag_minutes: float
    step_minutes: int
    p: float
    height: float
    n_events: int

    @property
    def stands_out(self) -> bool:
        """True if few turned catalogues have as steep a rise."""
        return self.p <= ALPHA

    @property
    def is_late(self) -> bool:
        """True if it comes two hours or more before the origin times, or, looked at finely, half an hour or more."""
        return self.lag_minutes < -HOUR or (self.step_minutes < HOUR and self.lag_minutes <= LATE_MINUTES)


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

    Returns
    -------
    Onset
        At p <= 0.01. Late: the rise is two hours or more before the origin times, or an hour, and half an hour or more
        when looked at in steps of ten minutes. Early: two hours or more after. Confirmed: between. None: no rise
        stands out, as at a sensor that earthquakes do not shake. Not checked: fewer than 8 events.
    """
    first, steep = first_events(events), steepness(disturbance.hourly(tens))
    whole = rise(steep, first, REACH_MINUTES)
    if whole.n_events < FEWEST_EVENTS:
        return Onset(OnsetKind.NOT_CHECKED, math.nan, math.nan, whole.n_events)
    if not whole.stands_out:
        return Onset(OnsetKind.NONE, math.nan, whole.p, whole.n_events)
    place = _placed(tens, first, whole)
    if place.is_late:
        return Onset(OnsetKind.LATE, place.lag_minutes / HOUR, whole.p, whole.n_events)
    kind = OnsetKind.EARLY if whole.lag_minutes > HOUR else OnsetKind.CONFIRMED
    stretches = parts(first[steep.cells(first)[0]])
    late = _late_parts(tens, steep, stretches)
    if late:
        kind, place = OnsetKind.LATE, max(late, key=lambda each: each.height)
    return Onset(kind, place.lag_minutes / HOUR, whole.p, whole.n_events, len(stretches), len(late))


def _late_parts(tens: Scores, steep: Scores, stretches: list[pd.DataFrame]) -> list[Rise]:
    """
    The rises of those stretches that say late.

    A stretch lies in one or two blocks, whose few turns allow no small p. So the height is asked, as that of a normal
    number with one try for every stretch and lag.
    """
    from scipy.stats import norm

    high = norm.isf(PART_ALPHA / max(1, len(stretches)) / (REACH_MINUTES // HOUR))
    coarse = [(stretch, rise(steep, stretch, REACH_MINUTES)) for stretch in stretches]
    places = [_placed(tens, stretch, each) for stretch, each in coarse if each.height >= high]
    return [each for each in places if each.is_late]


def _placed(tens: Scores, first: pd.DataFrame, coarse: Rise) -> Rise:
    """A rise an hour before the origin times, looked at again in steps of ten minutes; another as it is."""
    if coarse.lag_minutes != -HOUR:
        return coarse
    fine = rise(steepness(tens), first, FINE_REACH_MINUTES)
    # Where it does not stand out there, it lies within the hour, as far as can be told.
    return fine if fine.stands_out or fine.height >= FINE_HEIGHT else coarse


def parts(first: pd.DataFrame) -> list[pd.DataFrame]:
    """
    First events in stretches of eight to fifteen, by station and in order of time: a clock may be wrong for a while.

    None where all of them are one stretch.
    """
    of_stations = [table for _, table in first.groupby("station") if len(table) >= FEWEST_EVENTS]
    stretches = [
        table.iloc[rows]
        for table in of_stations
        for rows in np.array_split(np.arange(len(table)), max(1, len(table) // PART_EVENTS))
    ]
    return stretches if len(stretches) > 1 else []


def first_events(events: pd.DataFrame) -> pd.DataFrame:
    """The events before which no other event of their station came in 48 hours, in order of time."""
    ordered = events.sort_values("origin_time", kind="stable")
    since = ordered.groupby("station")["origin_time"].diff()
    return ordered[~(since <= pd.Timedelta(minutes=REACH_MINUTES))]


def rise(steep: Scores, events: pd.DataFrame, reach_minutes: int) -> Rise:
    """
    Where a stack rises most steeply, and how often turned catalogues have as steep a rise anywhere.

    Parameters
    ----------
    steep : Scores
        From `steepness`.
    events : DataFrame
        station, origin_time.
    reach_minutes : int
        Largest lag, before and after.
    """
    reach = reach_minutes // steep.step_minutes
    _, row, step = steep.cells(events)
    if not len(row):
        return Rise(math.nan, steep.step_minutes, 1.0, 0.0, 0)
    observed, turned = _stacks(steep, row, step, reach)
    spread = np.maximum(turned.std(axis=0), TINY)
    height = (observed - turned.mean(axis=0)) / spread
    highest = ((turned - turned.mean(axis=0)) / spread).max(axis=1)
    at = int(np.argmax(height))
    p = float((1 + np.count_nonzero(highest >= height[at])) / (1 + N_TURNS))
    return Rise(float(at - reach) * steep.step_minutes, steep.step_minutes, p, float(height[at]), len(row))


def steepness(scores: Scores) -> Scores:
    """
    At each step the mean local share of the four hours from it on less that of the four before, the nearest most.

    Weights fall as the square of what is left of the side: with equal ones, a shaking shorter than the side would be as
    steep hours before it (simulated: a right clock called late in .39 of worlds with an hour of shaking, then in .01).

    Parameters
    ----------
    scores : Scores
        A disturbance.

    Returns
    -------
    Scores
        The steepness in the place of the score, -1 to 1; NaN where steps with half of the weight are missing.
    """
    side, n = SIDE_MINUTES // scores.step_minutes, scores.score.shape[1]
    weight = np.arange(side, 0, -1.0) ** 2
    weight /= weight.sum()
    out = np.full(scores.score.shape, np.nan)
    if n < 2 * side:
        return dataclasses.replace(scores, score=out)
    for row, share in zip(out, local_ranks.shares(scores.score, scores.step_minutes), strict=True):
        present = np.isfinite(share)
        each = (np.where(present, share, 0.0), present.astype(np.float64))
        after, n_after = (np.correlate(values[side:], weight) for values in each)
        before, n_before = (np.correlate(values[: n - side], weight[::-1]) for values in each)
        enough = (n_after >= HALF) & (n_before >= HALF)
        risen = after / np.maximum(n_after, HALF) - before / np.maximum(n_before, HALF)
        row[side : n - side + 1] = np.where(enough, risen, np.nan)
    return dataclasses.replace(scores, score=out)


def _stacks(steep: Scores, row: np.ndarray, step: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """
    The stacked steepness at each lag, shape (n_lags,), and that of each turned catalogue, shape (N_TURNS, n_lags).

    It is the sum over events, divided by the root of their number: where the record is lost after earthquakes, the mean
    of the few that are left would scatter more than those of turned catalogues.


    A catalogue is turned block by block, all stations together; how far depends on the calendar and the number of the
    turn alone.
    """
    cut = turned_blocks.blocks(steep.first_minute, steep.score.shape[1], steep.step_minutes)
    padded = np.pad(steep.score, ((0, 0), (reach, reach)), constant_values=np.nan)
    present = np.isfinite(padded)
    value, lags = np.where(present, padded, 0.0), np.arange(2 * reach + 1)
    block = cut.of(step)
    unit = _unit(cut, np.unique(block), steep.step_minutes)
    numbered = turned_blocks.numbered_turns(cut.number, N_TURNS)
    total, count = np.zeros((N_TURNS + 1, len(lags))), np.zeros((N_TURNS + 1, len(lags)))
    for k in np.unique(block):
        here, turns = block == k, _turns_of(cut, k, unit)
        inside = step[here] - cut.border[k]
        moved = (inside + np.arange(turns)[:, None] * unit) % (turns * unit)
        at = cut.border[k] + np.where(inside < turns * unit, moved, inside)
        chosen = np.append(0, numbered[:, k] * turns).astype(np.int64)
        for stack, values in ((total, value), (count, present)):
            stack += np.stack([values[row[here], at + lag].sum(axis=1) for lag in lags], axis=1)[chosen]
    stacked = total / np.sqrt(np.maximum(count, 1))
    return stacked[0], stacked[1:]


def _unit(cut: Blocks, blocks: np.ndarray, step_minutes: int) -> int:
    """Steps of the smallest turn: weeks, or days where weeks leave too few movements."""
    weeks = turned_blocks.unit_steps(step_minutes, WEEK_DAYS)
    enough = math.prod(_turns_of(cut, k, weeks) for k in blocks) >= ENOUGH_MOVEMENTS
    return weeks if enough else turned_blocks.unit_steps(step_minutes, 1)


def _turns_of(cut: Blocks, block: int, unit: int) -> int:
    return max(1, int(cut.border[block + 1] - cut.border[block]) // unit)
