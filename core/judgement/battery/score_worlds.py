"""
Worlds of scores: what a network might say, step by step, and a catalogue; no field and no network.

In each the scores know nothing of the earthquakes that follow, unless `Recipe.lift` puts that into them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.config import MINUTES_PER_DAY
from core.evaluation.chance.skill import Scores

FIRST_MINUTE = 24_000_000  # in 2015; each world begins up to 90 days later, so that blocks are cut anywhere
START_DAYS = 91
STATIONS = ("AAA", "BBB", "CCC")
STATION_SHARES = (0.6, 0.3, 0.1)  # of the events, where there are three stations
ALSO = 0.25  # the chance that a station which is not the nearest has an event as a target, too
YEAR_DAYS = 365.25
AFTERSHOCK_DAYS = 30.0
FAST_DAYS = 1.0  # memory of every score: windows overlap


@dataclass(frozen=True)
class Recipe:
    """
    How a world is made.

    days, steps_per_day: of the axis. n_sequences: expected number of earthquake sequences, or exactly
    so many; up to 8 always are. n_stations: 1 to 3.
    memory_days: of score and of rate, each with half of its variance from it (slow_share); rate_sd: of the log rate.
    score_drift, rate_drift: linear, in standard deviations over the axis, with signs drawn. score_season, rate_season:
    amplitudes over the year; score_hour, rate_hour: over the day; score_week, rate_week: how much lower on Sundays.
    aftershocks: mean number; undeclustered: the chance that one counts as a sequence of its own. step: of the
    instrument, within ten days of the largest sequence. gaps: share of time that is missing. power_cuts: chance that
    half a day to three days are missing after an event.
    lift: added to the score over the last `lasts_days` up to the first event of a sequence, in standard deviations, for
    a share `lifted` of the sequences. adds_up: twice as much where the days before two sequences overlap.
    """

    days: int = 365
    steps_per_day: int = 4
    n_sequences: int = 40
    exactly: bool = False
    n_stations: int = 1
    memory_days: float = 0.0
    slow_share: float = 0.5
    rate_sd: float = 0.7
    score_drift: float = 0.0
    rate_drift: float = 0.0
    score_season: float = 0.0
    rate_season: float = 0.0
    score_hour: float = 0.0
    rate_hour: float = 0.0
    score_week: float = 0.0
    rate_week: float = 0.0
    aftershocks: float = 0.0
    undeclustered: float = 0.0
    step: float = 0.0
    gaps: float = 0.0
    power_cuts: float = 0.0
    lift: float = 0.0
    lasts_days: float = 1.0
    lifted: float = 1.0
    adds_up: bool = True

    @property
    def step_minutes(self) -> int:
        """From one score to the next."""
        return MINUTES_PER_DAY // self.steps_per_day


@dataclass(frozen=True)
class World:
    """Scores, and the target events: station, origin_time, cluster."""

    scores: Scores
    targets: pd.DataFrame


def made(recipe: Recipe, random: np.random.Generator) -> World:
    """A world by a recipe; the same generator state gives the same world."""
    first_minute = FIRST_MINUTE + int(random.integers(START_DAYS)) * MINUTES_PER_DAY
    step, cluster = _events(recipe, random)
    score = _score(recipe, random)
    if recipe.step:
        _break_instrument(score, step, cluster, recipe, random)
    row, step, cluster = _felt(step, cluster, recipe, random)
    if recipe.lift:
        _lift(score, row, step, cluster, recipe, random)
    _lose(score, step, recipe, random)
    scores = Scores(STATIONS[: recipe.n_stations], first_minute, recipe.step_minutes, score)
    return World(scores, targets(scores, row, step, cluster))


def targets(scores: Scores, row: np.ndarray, step: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """Target events at steps of an axis, as the tests against chance take them."""
    return pd.DataFrame(
        {
            "station": np.array(scores.stations, dtype=object)[row],
            "origin_time": clock.of_minutes(scores.first_minute + step * scores.step_minutes),
            "cluster": cluster,
        }
    )


def memory(random: np.random.Generator, n: int, steps: float, size: int = 1) -> np.ndarray:
    """Stationary noise of variance 1 that forgets within `steps` (first-order autoregressive), shape (size, n)."""
    from scipy.signal import lfilter

    if steps <= 0:
        return random.normal(size=(size, n))
    keeps = math.exp(-1 / steps)
    first = random.normal(size=(size, 1))
    fresh = random.normal(size=(size, n)) * math.sqrt(1 - keeps**2)
    out: np.ndarray = lfilter([1.0], [1.0, -keeps], fresh, axis=1, zi=keeps * first)[0]
    return out


def _score(recipe: Recipe, random: np.random.Generator) -> np.ndarray:
    """Half of what is fast and of what is slow is common to all stations."""
    n, size = recipe.days * recipe.steps_per_day, recipe.n_stations
    score = _half_common(random, n, FAST_DAYS * recipe.steps_per_day, size)
    if recipe.memory_days:
        slow = _half_common(random, n, recipe.memory_days * recipe.steps_per_day, size)
        score = math.sqrt(1 - recipe.slow_share) * score + math.sqrt(recipe.slow_share) * slow
    drift = random.choice([-1.0, 1.0]) * recipe.score_drift
    rhythm = _rhythm(recipe, drift, recipe.score_season, recipe.score_hour, recipe.score_week)
    both: np.ndarray = score + rhythm
    return both


def _half_common(random: np.random.Generator, n: int, steps: float, size: int) -> np.ndarray:
    both: np.ndarray = math.sqrt(0.5) * (memory(random, n, steps, size) + memory(random, n, steps))
    return both


def _rhythm(recipe: Recipe, drift: float, season: float, hour: float, week: float) -> np.ndarray:
    """A line, a wave over the year, one over the day, and what Sundays lack, shape (n_steps,)."""
    n = recipe.days * recipe.steps_per_day
    day = np.arange(n) / recipe.steps_per_day
    line = (np.arange(n) / n - 0.5) * math.sqrt(12)
    year = np.sin(2 * np.pi * day / YEAR_DAYS)
    out: np.ndarray = drift * line + season * year + hour * np.sin(2 * np.pi * day) - week * (np.floor(day) % 7 == 6)
    return out


def _events(recipe: Recipe, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Steps of all events and their sequences; aftershocks thin out as 1 / t over 30 days."""
    n = recipe.days * recipe.steps_per_day
    drift = random.choice([-1.0, 1.0]) * recipe.rate_drift
    log_rate = _rhythm(recipe, drift, recipe.rate_season, recipe.rate_hour, recipe.rate_week)
    if recipe.memory_days:
        log_rate = log_rate + recipe.rate_sd * memory(random, n, recipe.memory_days * recipe.steps_per_day)[0]
    share = np.exp(log_rate) / np.exp(log_rate).sum()
    told = recipe.exactly or recipe.n_sequences <= 8
    n_sequences = recipe.n_sequences if told else max(2, int(random.poisson(recipe.n_sequences)))
    step = np.sort(random.choice(n, n_sequences, p=share))
    cluster = np.arange(n_sequences)
    if not recipe.aftershocks:
        return step, cluster
    parent = np.repeat(cluster, random.poisson(random.exponential(recipe.aftershocks, n_sequences)))
    later = 0.05 * np.exp(random.uniform(0, math.log(AFTERSHOCK_DAYS / 0.05), len(parent)))
    alone = random.random(len(parent)) < recipe.undeclustered
    step = np.append(step, step[parent] + np.ceil(later * recipe.steps_per_day).astype(np.int64))
    cluster = np.append(cluster, np.where(alone, n_sequences + np.arange(len(parent)), parent))
    return step[step < n], cluster[step < n]


def _felt(
    step: np.ndarray, cluster: np.ndarray, recipe: Recipe, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Station, step and sequence of each target: most events are targets of one station only."""
    if recipe.n_stations == 1:
        return np.zeros(len(step), dtype=np.int64), step, cluster
    share = np.array(STATION_SHARES[: recipe.n_stations])
    nearest = random.choice(recipe.n_stations, len(step), p=share / share.sum())
    felt = random.random((len(step), recipe.n_stations)) < ALSO
    felt[np.arange(len(step)), nearest] = True
    event, row = np.nonzero(felt)
    return row, step[event], cluster[event]


def _break_instrument(
    score: np.ndarray, step: np.ndarray, cluster: np.ndarray, recipe: Recipe, random: np.random.Generator
) -> None:
    largest = step[cluster == np.bincount(cluster).argmax()].min()
    begins = int(largest + random.uniform(-10, 10) * recipe.steps_per_day)
    score[:, min(max(0, begins), score.shape[1] - 1) :] += random.choice([-1.0, 1.0]) * recipe.step


def _lift(
    score: np.ndarray,
    row: np.ndarray,
    step: np.ndarray,
    cluster: np.ndarray,
    recipe: Recipe,
    random: np.random.Generator,
) -> None:
    length = max(1, round(recipe.lasts_days * recipe.steps_per_day))
    raised = np.zeros(score.shape)
    for each in np.unique(cluster):
        if random.random() >= recipe.lifted:
            continue
        members = cluster == each
        last = step[members].min()
        for station in np.unique(row[members]):
            raised[station, max(0, last - length + 1) : last + 1] += 1
    score += recipe.lift * (raised if recipe.adds_up else np.minimum(raised, 1))


def _lose(score: np.ndarray, step: np.ndarray, recipe: Recipe, random: np.random.Generator) -> None:
    """Gaps in pieces of days, and power cuts that follow events."""
    size, n = score.shape
    if recipe.gaps:
        slow = memory(random, n, 2 * recipe.steps_per_day, size)
        score[slow > np.quantile(slow, 1 - recipe.gaps)] = np.nan
    if recipe.power_cuts:
        for each in np.unique(step[random.random(len(step)) < recipe.power_cuts]):
            score[:, each + 1 : each + 1 + int(random.uniform(0.5, 3) * recipe.steps_per_day)] = np.nan
