"""
Strata: steps that have the like events before them, compared with each other.

Where earthquakes are so frequent that hardly a step is free of them, a score is ranked among the scores of its station
that follow about as many events, the largest of about the same magnitude, the last about as long ago. What such events
do to a sensor then lifts those before targets and all others alike. That holds well enough while events are not much
more frequent before targets than at other times; `of_events_alone` is what they explain by themselves.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from core.evaluation.chance import local_ranks
from core.evaluation.chance.skill import Scores
from core.loading.record.minute import epoch_minutes

FEWEST_CONTROLS = 5  # separate times at which a stratum came without a target in it
MAGNITUDE_STEP = 0.5
NO_EVENT = 0  # the stratum of steps without an event before them: they are most of the time, however few stretches
N_AGES = 4  # classes of the time since the last event: the last half of what is looked at, the quarter before, ...


def shares(scores: Scores, events: pd.DataFrame, targets: pd.DataFrame, back_minutes: int) -> tuple[Scores, np.ndarray]:
    """
    The share of lower scores within the stratum, ties one half.

    What is ranked are local shares (`local_ranks`), so a season or a drift of the score leaves one half here too.

    Parameters
    ----------
    scores : Scores
    events : DataFrame
        station, origin_time, magnitude: those that count.
    targets : DataFrame
        station, origin_time.
    back_minutes : int
        How far before a step an event is looked for.

    Returns
    -------
    scores : Scores
        NaN at the steps of a stratum that came fewer than 5 times without a target in it.
    share : ndarray of float64, shape (n_stations, n_steps)
        NaN where those scores are.
    """
    share = local_ranks.shares(scores.score, scores.step_minutes)
    _, target_row, target_step = scores.cells(targets)
    for row, code in enumerate(scores.stations):
        stratum = strata(scores, events[events["station"] == code], back_minutes)
        share[row] = _within(share[row], stratum, target_step[target_row == row])
    return dataclasses.replace(scores, score=np.where(np.isfinite(share), scores.score, np.nan)), share


def of_events_alone(scores: Scores, events: pd.DataFrame, targets: pd.DataFrame, back_minutes: int) -> np.ndarray:
    """
    The mean local share of the stratum of each step at other times: what a score would say that knew the events only.

    What comes before targets does not enter the means. Else a change that is strong before targets, where few other
    events are, would lift the mean of their strata and be taken for these events.

    Parameters
    ----------
    scores : Scores
    events : DataFrame
    targets : DataFrame
    back_minutes : int
        As for `shares`; so long before a target is before it.

    Returns
    -------
    ndarray of float64, shape (n_stations, n_steps)
        NaN where there is no score; one half in a stratum that other times have not.
    """
    share = local_ranks.shares(scores.score, scores.step_minutes)
    _, target_row, target_step = scores.cells(targets)
    back = back_minutes // scores.step_minutes
    for row, code in enumerate(scores.stations):
        stratum = strata(scores, events[events["station"] == code], back_minutes)
        other = share[row].copy()
        for step in target_step[target_row == row]:
            other[max(0, step - back) : step + 1] = np.nan
        mean = pd.Series(other).groupby(stratum).transform("mean").fillna(0.5)
        share[row] = mean.where(np.isfinite(share[row]))
    return share


def strata(scores: Scores, events: pd.DataFrame, back_minutes: int) -> np.ndarray:
    """
    The stratum of each step, by the events before it.

    Their number (0, 1, 2 to 3, 4 to 7 ...), the largest magnitude in halves, and the age of the last one: in the
    earlier half of what is looked at, the third quarter, the seventh eighth, or since.

    Parameters
    ----------
    scores : Scores
    events : DataFrame
        Of one station: origin_time, magnitude.
    back_minutes : int
        Events in [t - back, t) count for the step t.

    Returns
    -------
    ndarray of int, shape (n_steps,)
        `NO_EVENT` where there is none.
    """
    moment = scores.first_minute + np.arange(scores.score.shape[1]) * scores.step_minutes
    events = events.sort_values("origin_time")
    origin = epoch_minutes(pd.DatetimeIndex(events["origin_time"]))
    size = np.floor(events["magnitude"].to_numpy(dtype=np.float64) / MAGNITUDE_STEP).astype(np.int64)
    size -= size.min(initial=0)
    first, last = np.searchsorted(origin, moment - back_minutes), np.searchsorted(origin, moment)
    number = np.ceil(np.log2(last - first + 1)).astype(np.int64)
    largest = np.array([size[a:b].max(initial=0) for a, b in zip(first, last, strict=True)], dtype=np.int64)
    age = np.where(number > 0, moment - np.append(-1, origin)[last], back_minutes)
    halvings = np.minimum(np.log2(back_minutes / np.maximum(age, 1)).astype(np.int64), N_AGES - 1)
    stratum: np.ndarray = (number * (largest.max(initial=0) + 1) + largest) * N_AGES + halvings
    return stratum


def _within(share: np.ndarray, stratum: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Local shares of a station as shares of their stratum; NaN where too little is there to compare with."""
    out = np.full(len(share), np.nan)
    stretch = np.cumsum(np.append(0, np.diff(stratum) != 0))[: len(stratum)]
    scored = np.isfinite(share)
    before_targets = np.unique(stretch[targets])
    for each in np.unique(stratum[scored]):
        here = scored & (stratum == each)
        if each == NO_EVENT or len(np.setdiff1d(stretch[here], before_targets)) >= FEWEST_CONTROLS:
            ranked = np.sort(share[here])
            lower, upper = (np.searchsorted(ranked, share[here], side) for side in ("left", "right"))
            out[here] = (lower + upper) / (2 * len(ranked))
    return out
