"""
Worlds in which days of the record stand twice: what the network learned by heart comes again before other earthquakes.
The copied days may be altered (`alterations`).

The audit of copied hours looks at the raw minutes of such a record as it does for a run. Where it refuses the windows
there is no run, which counts as broken; else the scores go on to the test against chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.config import MINUTES_PER_DAY
from core.errors import InputError
from core.evaluation.chance import skill
from core.evaluation.chance.skill import Scores
from core.judgement.battery import alterations, trial
from core.judgement.battery.score_worlds import FIRST_MINUTE, START_DAYS, memory, targets
from core.judgement.battery.trial import CLEAN_AUDIT, Trial
from core.judgement.verdict import VerdictKind
from core.labelling import audit_copies, windows
from core.labelling.audit import Audit
from core.loading.record import copied_hours
from core.loading.record.minute import MinuteRecord

STATION = "AAA"
KNOWN_BY_HEART = 4.0  # standard deviations of the score, at a copied day


@dataclass(frozen=True)
class Recipe:
    """
    days: of the record, half of which trains. n_events: in each half. n_copied: days before events that recur. altered:
    in one way that is drawn.
    """

    days: int = 364
    n_events: int = 20
    n_copied: int = 12
    altered: bool = False


def judged(recipe: Recipe, random: np.random.Generator) -> Trial:
    """A world by a recipe, judged by the audit of copied hours and by chance."""
    first = FIRST_MINUTE + int(random.integers(START_DAYS)) * MINUTES_PER_DAY
    half = recipe.days // 2
    learned = np.sort(random.choice(np.arange(1, half), recipe.n_events, replace=False))
    later = np.sort(random.choice(np.arange(half + 1, recipe.days), recipe.n_events, replace=False))
    again, source = (random.choice(part, recipe.n_copied, replace=False) for part in (later, learned))
    field = np.cumsum(random.normal(size=(recipe.days, MINUTES_PER_DAY, 3)), axis=1)
    copied = field[source - 1]
    field[again - 1] = alterations.drawn(copied, field[again - 1], random) if recipe.altered else copied
    record = _record(first, field.reshape(-1, 3))
    try:
        audit = audit_copies.look(
            _unseen(), _windows(first, recipe.days, half, [*learned, *later]), [copied_hours.of_record(record)]
        )
    except InputError:
        return Trial(VerdictKind.BROKEN, None)
    score = memory(random, recipe.days, 1.0)[0]
    score[again] += KNOWN_BY_HEART
    scores = Scores((STATION,), first + half * MINUTES_PER_DAY, MINUTES_PER_DAY, score[None, half:])
    events = targets(scores, np.zeros(len(later), dtype=np.int64), later - half, np.arange(len(later)))
    outcome = skill.tested(scores, events)
    return trial.of_findings(trial.granted(outcome), trial.alone(outcome), audit)


def _unseen() -> Audit:
    """An audit of times and events without a fault, of a split that may not leak."""
    return Audit(ok=True, sentence=CLEAN_AUDIT.sentence, method="blocked")


def _record(first: int, field: np.ndarray) -> MinuteRecord:
    index = pd.DatetimeIndex(clock.of_minutes(first + np.arange(len(field))), name="time")
    x, y, z = field.T
    return MinuteRecord(STATION, pd.DataFrame({"X": x, "Y": y, "Z": z, "F": np.nan}, index=index), "synthetic")


def _windows(first: int, days: int, half: int, event_days: list[int]) -> pd.DataFrame:
    """The window of each day; positive is the one before the day of an event."""
    day = np.arange(days)
    return pd.DataFrame(
        {
            "station": STATION,
            "start": clock.of_minutes(first + day * MINUTES_PER_DAY),
            "end": clock.of_minutes(first + (day + 1) * MINUTES_PER_DAY),
            "label": np.where(np.isin(day + 1, event_days), windows.POSITIVE, windows.NEGATIVE),
            "split": np.where(day < half, "train", "test"),
            "rejected": "",
        }
    )
