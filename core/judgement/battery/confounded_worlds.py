"""
Worlds in which something that knows nothing of the field lifts score and earthquakes alike: seasons, storms.

Two stations of opposite hemispheres with a window a day for four years. The catalogue lists fewer earthquakes in stormy
days (alarms and noise hide small ones), or more in summer; the score feels the same storms and summers. Chance is
tested on the last part, and the confounders are learned on the first, as in a run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.config import MINUTES_PER_DAY
from core.evaluation import bootstrap
from core.evaluation.chance import skill
from core.evaluation.chance.skill import Scores
from core.evaluation.rivals import added_skill, circumstances
from core.judgement import measurements
from core.judgement.battery import trial
from core.judgement.battery.score_worlds import FIRST_MINUTE, START_DAYS, YEAR_DAYS, memory, targets
from core.judgement.battery.trial import Trial

STATIONS = ("AAA", "BBB")
KP_A_DAY = 8
N_DRAWS = 500  # of the bootstrap; half of a run's, for speed


@dataclass(frozen=True)
class Recipe:
    """
    How such a world is made.

    days: of the axis, the first `learned` share of which trains the rivals. n_events: of both stations together.
    score_season, rate_season: amplitudes over the year, of opposite sign at the second station. score_kp, rate_kp: per
    standard deviation of Kp. lift: what precedes earthquakes truly, in standard deviations of the score.
    """

    days: int = 1460
    learned: float = 0.6
    n_events: int = 120
    score_season: float = 0.0
    rate_season: float = 0.0
    score_kp: float = 0.0
    rate_kp: float = 0.0
    lift: float = 0.0


def judged(recipe: Recipe, random: np.random.Generator) -> Trial:
    """A world by a recipe, judged by chance and by what the score adds to the confounders."""
    first = FIRST_MINUTE + int(random.integers(START_DAYS)) * MINUTES_PER_DAY
    kp = memory(random, recipe.days, 2.0)[0]
    score, step, row = _made(recipe, first, kp, random)
    begins = int(recipe.days * recipe.learned)
    later = step >= begins
    scores = Scores(STATIONS, first + begins * MINUTES_PER_DAY, MINUTES_PER_DAY, score[:, begins:])
    outcome = skill.tested(scores, targets(scores, row[later], step[later] - begins, np.arange(later.sum())))
    by_chance = trial.of_findings(trial.granted(outcome), trial.alone(outcome))
    if not by_chance.claimed:
        return by_chance  # whatever the confounders say
    events = targets(Scores(STATIONS, first, MINUTES_PER_DAY, score), row, step, np.arange(len(step)))
    rows = circumstances.measure(_windows(recipe.days, first, kp), _activity(recipe.days, first, kp), events)
    label = np.zeros((len(STATIONS), recipe.days), dtype=np.int64)
    label[row, step] = 1
    day = np.tile(np.arange(recipe.days), len(STATIONS))
    group = bootstrap.groups(day * MINUTES_PER_DAY, 2 * MINUTES_PER_DAY)
    added = added_skill.measure(rows, label.ravel(), score.ravel(), group, day < begins, day >= begins, N_DRAWS)
    looked = trial.with_confounders(trial.granted(outcome), measurements.confounders(added))
    return trial.of_findings(looked, trial.alone(outcome))


def _made(
    recipe: Recipe, first: int, kp: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (n_stations, n_days), and the day and the station of each earthquake."""
    day = first / MINUTES_PER_DAY + np.arange(recipe.days)
    score, steps, rows = np.empty((len(STATIONS), recipe.days)), [], []
    for number in range(len(STATIONS)):
        wave = np.sin(2 * np.pi * day / YEAR_DAYS + number * np.pi)
        log_rate = recipe.rate_season * wave - recipe.rate_kp * kp
        share = np.exp(log_rate) / np.exp(log_rate).sum()
        step = np.sort(random.choice(recipe.days, recipe.n_events // len(STATIONS), replace=False, p=share))
        score[number] = recipe.score_season * wave - recipe.score_kp * kp + memory(random, recipe.days, 1.0)[0]
        score[number, step] += recipe.lift
        steps.append(step)
        rows.append(np.full(len(step), number))
    return score, np.concatenate(steps), np.concatenate(rows)


def _windows(days: int, first: int, kp: np.ndarray) -> pd.DataFrame:
    """The window of each day and station; it ends where its day of earthquakes begins."""
    ends = first + np.arange(days) * MINUTES_PER_DAY
    kp_max = np.clip(2 + 1.2 * np.append(kp[0], kp[:-1]), 0, 9)
    parts = [
        pd.DataFrame(
            {
                "station": code,
                "start": clock.of_minutes(ends - MINUTES_PER_DAY),
                "end": clock.of_minutes(ends),
                "kp_max": kp_max,
                "missing_minutes": 0,
                "longest_gap_minutes": 0,
            }
        )
        for code in STATIONS
    ]
    return pd.concat(parts, ignore_index=True)


def _activity(days: int, first: int, kp: np.ndarray) -> pd.DataFrame:
    """Kp of each three hours: that of a day is known to the window which ends as the day begins."""
    begins = first - MINUTES_PER_DAY + np.arange(days * KP_A_DAY) * (MINUTES_PER_DAY // KP_A_DAY)
    return pd.DataFrame({"time": clock.of_minutes(begins), "kp": np.repeat(np.clip(2 + 1.2 * kp, 0, 9), KP_A_DAY)})
