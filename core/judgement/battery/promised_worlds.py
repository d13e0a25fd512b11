"""
Worlds with a real precursor of the size for which the program promises how often it is found: is the promise kept?

The promise is what `preview` and a null say, from the stored table of power. The worlds are this room's own, with the
length, the number of sequences and the aftershocks that the table speaks of, and are asked by chance, foreshocks and
confounders alike.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.chance import event_guard, skill
from core.evaluation.power import passing, planting, simulation, table
from core.evaluation.power import stretch as stretches
from core.evaluation.power.planting import Lasting
from core.judgement.battery import score_worlds, trial
from core.judgement.battery.score_worlds import Recipe, World
from core.judgement.battery.trial import Trial
from core.judgement.findings import Confounders, Foreshocks
from core.vocabulary import Checked


@dataclass(frozen=True)
class Promise:
    """A change that lifts the scores above a share `auc` of all other times, before n_sequences sequences in `days`."""

    n_sequences: int
    days: int
    auc: float
    lasting: Lasting

    @property
    def recipe(self) -> Recipe:
        """Of worlds of the kind that it speaks of."""
        return Recipe(
            days=self.days,
            steps_per_day=24 * 60 // stretches.step_minutes(self.days),
            n_sequences=self.n_sequences,
            exactly=True,
            aftershocks=stretches.AFTERSHOCKS,
            lift=planting.effect(self.auc),
            lasts_days=self.lasting.minutes / (24 * 60),
            adds_up=False,
        )


def promised(promise: Promise) -> tuple[float, int]:
    """The share of such worlds in which it is found, as the program says it, and of how many worlds that is made."""
    power = table.read(promise.n_sequences, promise.days, 1)
    assert power is not None, "the rows of the battery lie within the table"
    return table.at_auc(power, promise.auc, promise.lasting), power.n_worlds


def judged(promise: Promise, random: np.random.Generator) -> Trial:
    """A world of the kind that a promise speaks of, judged by chance, foreshocks and confounders."""
    world = score_worlds.made(promise.recipe, random)
    outcome = skill.tested(world.scores, world.targets)
    by_chance = trial.of_findings(trial.granted(outcome), trial.alone(outcome))
    if not by_chance.claimed:
        return by_chance
    as_measured = _stretch(world, promise.n_sequences, random)
    away = event_guard.not_the_foreshocks(
        as_measured.scores,
        as_measured.targets,
        as_measured.events,
        as_measured.guard,
        as_measured.radius_km,
        as_measured.completeness,
        as_measured.target_minimum,
    )
    adds = passing.adds_to_rivals(as_measured, random)
    findings = dataclasses.replace(
        trial.granted(outcome),
        foreshocks=Foreshocks(
            kind=away.kind,
            p=None if math.isnan(away.p) else away.p,
            m_clean=None if math.isnan(away.m_clean) else away.m_clean,
            n_clusters=away.n_clusters,
            share_left=away.share_left,
            guard_hours=away.guard_hours,
            clean_hours=away.clean_hours,
            by_strata=away.by_strata,
        ),
        confounders=Confounders(Checked.PASSED if adds else Checked.FAILED, 0.01 if adds else -0.01, 30, ()),
    )
    return trial.of_findings(findings, trial.alone(outcome))


def _stretch(world: World, n_sequences: int, random: np.random.Generator) -> stretches.Stretch:
    """The world as the gates take it: its earthquakes are targets near the station, with smaller ones at any time."""
    scores = world.scores
    step = random.integers(0, scores.score.shape[1], random.poisson(simulation.SMALL_EVENTS * n_sequences))
    at_once, alone = np.zeros(len(step), dtype=np.int64), np.full(len(step), -1)
    small = score_worlds.targets(scores, at_once, step, alone).assign(magnitude=stretches.COMPLETENESS)
    large = world.targets.assign(magnitude=stretches.TARGET_MAGNITUDE)
    events = pd.concat([large, small], ignore_index=True).assign(distance_km=stretches.RADIUS_KM / 2)
    return stretches.Stretch(
        scores=world.scores,
        targets=world.targets,
        events=events,
        guard=event_guard.Guard(stretches.REACH_MINUTES),
        radius_km=dict.fromkeys(world.scores.stations, stretches.RADIUS_KM),
        completeness=stretches.COMPLETENESS,
        target_minimum=stretches.TARGET_MAGNITUDE,
        footprint_minutes=stretches.REACH_MINUTES,
    )
