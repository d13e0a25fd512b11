"""Planting: the catalogue of a stretch is turned, so that it knows nothing, and a change is put before its events."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np
import pandas as pd

from core import clock
from core.config import MINUTES_PER_DAY
from core.evaluation.chance import local_ranks, turned_blocks
from core.evaluation.chance.turned_blocks import Blocks
from core.evaluation.power.stretch import Stretch
from core.loading.record.minute import epoch_minutes

FARTHEST = 1e-4  # of a local share from 0 and 1, so that its normal score is finite


class Lasting(enum.StrEnum):
    """How long before the first event of a sequence the scores are raised, until its very moment."""

    DAY = "day"
    WEEK = "week"

    @property
    def minutes(self) -> int:
        """So long."""
        return MINUTES_PER_DAY if self is Lasting.DAY else 7 * MINUTES_PER_DAY


def effect(auc: float) -> float:
    """
    By how many standard deviations normal scores are raised that stand above so large a share of all others.

    >>> round(effect(0.8), 3)
    1.19
    """
    from scipy.special import ndtri

    return float(np.sqrt(2) * ndtri(auc))


def normal(stretch: Stretch) -> Stretch:
    """The stretch with the normal scores of its local shares: what the scores of a run are without season or drift."""
    from scipy.special import ndtri

    share = local_ranks.shares(stretch.scores.score, stretch.scores.step_minutes)
    score = ndtri(np.clip(share, FARTHEST, 1 - FARTHEST))
    return dataclasses.replace(stretch, scores=dataclasses.replace(stretch.scores, score=score))


def turned(stretch: Stretch, random: np.random.Generator) -> Stretch:
    """
    The stretch with its whole catalogue turned, each block of 91 days by a number of whole days of its own.

    Events outside the axis of the scores stay where they are.
    """
    scores = stretch.scores
    cut = turned_blocks.blocks(scores.first_minute, scores.score.shape[1], scores.step_minutes)
    days = np.diff(cut.border) * scores.step_minutes // MINUTES_PER_DAY
    by_days = random.integers(0, np.maximum(days, 1))
    moved = [
        _turned(table, scores.first_minute, scores.step_minutes, cut, by_days)
        for table in (stretch.targets, stretch.events)
    ]
    return dataclasses.replace(stretch, targets=moved[0], events=moved[1])


def planted(stretch: Stretch, auc: float, lasting: Lasting) -> Stretch:
    """The stretch with scores raised before the first event of every sequence, at the stations of its targets."""
    scores = stretch.scores
    score = scores.score.copy()
    n_steps, up = lasting.minutes // scores.step_minutes, effect(auc)
    first = stretch.targets.groupby("cluster")["origin_time"].transform("min")
    lone = stretch.targets["cluster"] < 0
    first = first.mask(lone, stretch.targets["origin_time"])
    row = pd.Index(scores.stations).get_indexer(pd.Index(stretch.targets["station"]))
    step = (epoch_minutes(pd.DatetimeIndex(first)) - scores.first_minute) // scores.step_minutes
    raised = np.zeros(score.shape, dtype=bool)
    for r, last in {(int(r), int(s)) for r, s in zip(row, step, strict=True) if r >= 0}:
        raised[r, max(0, last - n_steps + 1) : max(0, last + 1)] = True
    score[raised] += up
    return dataclasses.replace(stretch, scores=dataclasses.replace(scores, score=score))


def _turned(
    events: pd.DataFrame, first_minute: int, step_minutes: int, cut: Blocks, by_days: np.ndarray
) -> pd.DataFrame:
    minute = epoch_minutes(pd.DatetimeIndex(events["origin_time"])).astype(np.int64) - first_minute
    border = cut.border * step_minutes
    block = np.searchsorted(border, minute, "right") - 1
    inside = (block >= 0) & (block < len(border) - 1)
    k = np.clip(block, 0, len(border) - 2)
    whole = (border[k + 1] - border[k]) // MINUTES_PER_DAY * MINUTES_PER_DAY
    since = minute - border[k]
    moves = inside & (since < whole)
    after = border[k] + (since + by_days[k] * MINUTES_PER_DAY) % np.maximum(whole, 1)
    return events.assign(origin_time=clock.of_minutes(first_minute + np.where(moves, after, minute)))
