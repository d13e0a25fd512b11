"""
Worlds in which somebody tries often: many runs score one stretch, and the best of them is shown.

What the journal keeps of a run lies in a folder as that of real ones does, and `tries.family` corrects the best p.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from core import clock, typed_documents
from core.evaluation import tested_runs
from core.evaluation.chance import skill
from core.evaluation.chance.skill import SkillTest
from core.judgement import tries
from core.judgement.battery import score_worlds, trial
from core.judgement.battery.score_worlds import Recipe, World, memory
from core.judgement.battery.trial import Trial
from core.judgement.plans import scorings
from core.judgement.tries import Record, Try

ALIKE = 0.5  # the share of variance that the scores of two runs have in common


@dataclass(frozen=True)
class Family:
    """
    n_runs: that score the stretch. world: of which scores. deleted: the files of all others are deleted then. peeked:
    the best is then frozen as a plan for the stretch that all have scored, and trained again as one that was declared.
    """

    n_runs: int
    world: Recipe = field(default_factory=Recipe)
    deleted: bool = False
    peeked: bool = False


def judged(family: Family, random: np.random.Generator) -> Trial:
    """The best of the runs on a world, judged as one of them all; if it is not claimed, none is."""
    world = score_worlds.made(family.world, random)
    outcomes = [skill.tested(each.scores, each.targets) for each in _runs(family, world, random)]
    best = int(np.argmin([outcome.p for outcome in outcomes]))
    with tempfile.TemporaryDirectory(prefix="battery-") as name:
        folder = Path(name)
        (folder / "tried").mkdir()
        attempts = []
        for number, outcome in enumerate(outcomes):
            draws, content = tries.packed(skill.normal_scores(outcome))
            (folder / "tried" / f"{draws}.npy").write_bytes(content)  # `tries.note` syncs each, which takes its time
            attempts.append(trial.attempt(f"run-{number}", outcome, draws, targets="one catalogue"))
        if family.deleted:
            for number, each in enumerate(attempts):
                if number != best:
                    (folder / "tried" / f"{each.draws}.npy").unlink(missing_ok=True)
        if family.peeked:
            return _as_a_plan(attempts, attempts[best], outcomes[best], folder)
        corrected = tries.family(attempts[best], Record(tuple(attempts), {}), 0, folder)
    return trial.of_findings(trial.granted(outcomes[best]), corrected)


def _as_a_plan(attempts: list[Try], best: Try, outcome: SkillTest, folder: Path) -> Trial:
    """
    The best run as one that answers a plan: by the rule of `freeze`, nothing may have scored its stretch before.

    Where something had, it is one of all runs that did; else it would pay for no other.
    """
    for each in attempts:
        entry = typed_documents.write(each, tries.VERSION)
        del entry["time"]
        tested_runs.journal(folder).append({"kind": tries.SCORED, **entry})
    frozen = clock.now() + timedelta(minutes=1)
    looked = scorings.before(scorings.of(tries.stretch_of(best, folder), folder), frozen)
    if looked:
        corrected = tries.family(best, tries.read(folder), 0, folder)
    else:
        corrected = tries.confirmed(best, {"plan": best.p})
    return trial.of_findings(trial.granted(outcome), corrected, confirmatory=not looked)


def _runs(family: Family, world: World, random: np.random.Generator) -> list[World]:
    """
    The scores of each run: half of their variance is that of the world, half their own.

    What is lifted before events is so in the world's score only: the first run has just that, the others see it less.
    """
    scores = world.scores
    out = [world]
    for _ in range(family.n_runs - 1):
        noise = memory(random, scores.score.shape[1], family.world.steps_per_day, scores.score.shape[0])
        mixed = math.sqrt(ALIKE) * scores.score + math.sqrt(1 - ALIKE) * noise
        out.append(replace(world, scores=replace(scores, score=mixed)))
    return out
