"""
Other years: do the scores stand higher before target events than on the same dates of all other years?

The whole catalogue is moved by whole years, round the end. So nothing that comes back every year can pass, however it
is shaped. Each year is one movement: with fewer than twenty no catalogue could stand out from nineteen in twenty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation.chance import local_ranks, skill
from core.evaluation.chance.skill import Scores

YEAR_DAYS = 365.2425
FEWEST_YEARS = 20


@dataclass(frozen=True)
class OtherYears:
    """n_years whole years of the stretch, and p: the share of years in which the dates do as well; NaN with too few."""

    n_years: int
    p: float


def tested(scores: Scores, targets: pd.DataFrame) -> OtherYears:
    """
    Compare the target events with the same dates of other years.

    Parameters
    ----------
    scores : Scores
    targets : DataFrame
        station, origin_time, cluster.

    Returns
    -------
    OtherYears
        A year in which less than half of the weight of the targets falls into admissible time is left out.
    """
    n_years = int(scores.days // YEAR_DAYS)
    if n_years < FEWEST_YEARS:
        return OtherYears(n_years, math.nan)
    share = local_ranks.shares(scores.score, scores.step_minutes)
    counts, row, step = scores.cells(targets)
    weight = skill.weights(targets["cluster"].to_numpy(dtype=np.int64)[counts])
    per_day = MINUTES_PER_DAY / scores.step_minutes
    round_trip = round(n_years * YEAR_DAYS * per_day)
    inside = step < round_trip
    row, step, weight = row[inside], step[inside], weight[inside]
    sums = [
        _sum(share[row, (step + round(round(year * YEAR_DAYS) * per_day)) % round_trip], weight)
        for year in range(n_years)
    ]
    valid = [each for each in sums if math.isfinite(each)]
    if len(valid) < FEWEST_YEARS:
        return OtherYears(n_years, math.nan)
    return OtherYears(n_years, float(np.mean(np.array(valid) >= valid[0] - 1e-12)))


def _sum(share: np.ndarray, weight: np.ndarray) -> float:
    """The weighted sum of shares over its own deviation, so that years with gaps compare; NaN with too little left."""
    there = np.isfinite(share)
    if not there.any() or 2 * (weight[there] ** 2).sum() < (weight**2).sum():
        return math.nan
    left = weight[there]
    return float((left * (share[there] - 0.5)).sum() / math.sqrt((left**2).sum()))
