"""
Elsewhere: what the scores of a station know of its earthquakes beyond those of another place at the same moments.

A storm, a season or a habit of the catalogue lifts the scores of places that no earthquake can reach as much as those
near it. So at every moment the local share at the far place is taken from that at the station, and the mean difference
at the target events is compared with those of turned catalogues: what both places share is gone from either.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance import local_ranks, skill
from core.evaluation.chance.skill import LEVEL, Scores


@dataclass(frozen=True)
class Beyond:
    """
    The skill at the stations less that at the other place: difference with its 95 % interval, -1 to 1, 0 = none.

    n_clusters: independent events at which both have a score. Numbers are NaN without any, and where the turns are too
    few for an interval.
    """

    difference: float
    low: float
    high: float
    n_clusters: int


def beyond(scores: Scores, targets: pd.DataFrame, other: AlarmSeries) -> Beyond:
    """
    Compare the scores of stations with those of one other place.

    Parameters
    ----------
    scores : Scores
    targets : DataFrame
        station, origin_time, cluster, as for `skill.tested`.
    other : AlarmSeries
        Of the same network, on the grid of `scores`.

    Returns
    -------
    Beyond
        The interval is the inverted null of the differences: the difference less what chance adds to it and takes from
        it.
    """
    here = local_ranks.shares(scores.score, scores.step_minutes)
    there = local_ranks.shares(_on_the_axis(other, scores), scores.step_minutes)
    both = np.isfinite(here) & np.isfinite(there)
    share = np.where(both, 0.5 + (here - there) / 2, np.nan)  # between 0 and 1, one half where they agree
    outcome = skill.of_shares(dataclasses.replace(scores, score=np.where(both, scores.score, np.nan)), share, targets)
    if not outcome.n_targets or outcome.p_smallest > (1 - LEVEL) / 2:
        return Beyond(math.nan, math.nan, math.nan, outcome.n_clusters)
    difference, low, high = (2 * value - 1 for value in (outcome.skill, *outcome.interval))
    return Beyond(difference, low, high, outcome.n_clusters)


def _on_the_axis(other: AlarmSeries, scores: Scores) -> np.ndarray:
    """The other series on the axis of the scores, shape (n_steps,); NaN where it does not reach."""
    at = (other.first_minute - scores.first_minute) // scores.step_minutes
    out = np.full(scores.score.shape[1], np.nan)
    first, last = max(0, at), min(len(out), at + len(other.score))
    if first < last:
        out[first:last] = other.score[first - at : last - at]
    return out
