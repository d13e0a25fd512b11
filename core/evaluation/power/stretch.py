"""
Stretches: a judged stretch of time as a simulation needs it, with scores, targets and all other events.

A stretch comes from a run, or is made up for the stored table: then its scores are normal and remember a day, its
catalogue is that of a quiet region, and a third of its sequences has aftershocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.config import MINUTES_PER_DAY
from core.evaluation.chance.event_guard import Guard
from core.evaluation.chance.skill import Scores

STATION = "AAA"
FIRST_MINUTE = 12_600 * MINUTES_PER_DAY  # 2004-07-01, as good as any other
RADIUS_KM = 200.0
COMPLETENESS, TARGET_MAGNITUDE = 3.0, 4.0  # with a b value of 1 so much smaller events are ten times as many
MEMORY_DAYS = 1.0
REACH_MINUTES = 8 * MINUTES_PER_DAY  # a window of a day and the week that it speaks of, as in the recommended preset
AFTERSHOCKS = 0.5  # mean number of a sequence
SHORTEST_DAYS, LONGEST_DAYS = 0.05, 30.0  # from a main shock to its aftershocks, as many in each factor of time


@dataclass(frozen=True)
class Stretch:
    """
    scores of all stations on one axis. targets: station, origin_time, cluster. events: all of the catalogue near the
    stations: station, origin_time, magnitude, distance_km. guard, radius_km, completeness, target_minimum: as
    `event_guard` takes them. footprint_minutes: of a window, of which each such stretch counts once.
    """

    scores: Scores
    targets: pd.DataFrame
    events: pd.DataFrame
    guard: Guard
    radius_km: Mapping[str, float]
    completeness: float
    target_minimum: float
    footprint_minutes: int


def step_minutes(days: float) -> int:
    """The step of a made-up stretch: six hours in the shorter ones, twelve in the longer."""
    return 360 if days <= 400 else 720


def made_up(random: np.random.Generator, n_clusters: int, days: float, small_events: float = 0.0) -> Stretch:
    """
    A stretch of one station that knows nothing.

    Parameters
    ----------
    random : Generator
    n_clusters : int
        Sequences of target events, their first events anywhere.
    days : float
    small_events : float
        Events per sequence that are no targets, anywhere as well.
    """
    step = step_minutes(days)
    n_steps = round(days * MINUTES_PER_DAY / step)
    minutes = n_steps * step
    first = np.sort(random.integers(0, minutes, n_clusters))
    who = np.repeat(np.arange(n_clusters), random.poisson(AFTERSHOCKS, n_clusters))
    later = SHORTEST_DAYS * np.exp(random.uniform(0, np.log(LONGEST_DAYS / SHORTEST_DAYS), len(who)))
    origin = np.append(first, first[who] + (later * MINUTES_PER_DAY).astype(np.int64))
    cluster = np.append(np.arange(n_clusters), who)
    inside = origin < minutes
    targets = table(origin[inside], cluster[inside], TARGET_MAGNITUDE)
    n_small = random.poisson(small_events * n_clusters)
    small = table(random.integers(0, minutes, n_small), np.full(n_small, -1), COMPLETENESS)
    return Stretch(
        scores=Scores(
            (STATION,), FIRST_MINUTE, step, remembering(random, n_steps, MEMORY_DAYS * MINUTES_PER_DAY / step)
        ),
        targets=targets,
        events=pd.concat([targets, small], ignore_index=True),
        guard=Guard(REACH_MINUTES),
        radius_km={STATION: RADIUS_KM},
        completeness=COMPLETENESS,
        target_minimum=TARGET_MAGNITUDE,
        footprint_minutes=REACH_MINUTES,
    )


def table(minute: np.ndarray, cluster: np.ndarray, magnitude: float) -> pd.DataFrame:
    """Events near the station of a made-up stretch, `minute` counted from its beginning."""
    return pd.DataFrame(
        {
            "station": STATION,
            "origin_time": clock.of_minutes(FIRST_MINUTE + minute),
            "cluster": cluster,
            "magnitude": magnitude,
            "distance_km": RADIUS_KM / 2,
        }
    )


def remembering(random: np.random.Generator, n_steps: int, memory_steps: float) -> np.ndarray:
    """Normal scores of unit variance whose correlation falls to 1/e after `memory_steps`, shape (1, n_steps)."""
    from scipy.signal import lfilter

    keeps = np.exp(-1 / memory_steps)
    before = int(6 * memory_steps) + 1
    drawn = random.normal(size=n_steps + before)
    scores: np.ndarray = lfilter([np.sqrt(1 - keeps**2)], [1, -keeps], drawn)[None, before:]
    return scores
