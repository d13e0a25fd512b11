"""One row of the battery: the worlds that play a trick, what is counted of them, and the bar for that."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from core.judgement.battery import (
    confounded_worlds,
    copied_worlds,
    families_of_runs,
    promised_worlds,
    score_worlds,
    shaken_worlds,
    trial,
)
from core.judgement.battery.confounded_worlds import Recipe as Confounded
from core.judgement.battery.copied_worlds import Recipe as Copied
from core.judgement.battery.families_of_runs import Family
from core.judgement.battery.promised_worlds import Promise
from core.judgement.battery.score_worlds import Recipe as Scored
from core.judgement.battery.shaken_worlds import Recipe as Shaken
from core.judgement.battery.trial import Trial

World = Scored | Shaken | Confounded | Copied | Family | Promise

MOST_FOOLED = 0.08  # upper end of the exact interval, of an attack
MOST_FOOLED_BY_ANY = 0.10  # of many runs, whichever is shown
FEWEST_COVERED, FEWEST_COVERED_SLOW = 0.92, 0.88  # scores slower than a month cover less
MANY, ENOUGH = 1000, 400  # worlds of a row whose gates are one test at 5 %, and of the others
QUICK = 45


class Measure(enum.StrEnum):
    """What is counted in a row."""

    FOOLED = "taken for a candidate or more"  # where nothing precedes the earthquakes
    BAND = "skill within the band of chance"  # where nothing does
    INTERVAL = "true skill within the interval"  # of a real precursor
    SEEN = "a real precursor is seen"
    LIMIT = "taken for a candidate, as no gate can see it"


@dataclass(frozen=True)
class Row:
    """
    One row.

    title: the trick in a few words; words: what is done, in a sentence. world: how its worlds are made; None where the
    row cannot be played yet, and `why_not` says why. bar: of the upper end of the exact interval (FOOLED), of the rate
    (BAND, INTERVAL), nothing (LIMIT), or the rate that is promised from `n_promised` worlds (SEEN; see `promised`). n:
    worlds in the full form.
    """

    name: str
    title: str
    words: str
    measure: Measure
    bar: float
    world: World | None = None
    n: int = ENOUGH
    n_promised: int = 0
    quick: bool = False
    why_not: str = ""


def judged(world: World, random: np.random.Generator) -> Trial:
    """One world by a recipe, and what it was taken for."""
    if isinstance(world, Shaken):
        return shaken_worlds.judged(world, random)
    if isinstance(world, Confounded):
        return confounded_worlds.judged(world, random)
    if isinstance(world, Copied):
        return copied_worlds.judged(world, random)
    if isinstance(world, Promise):
        return promised_worlds.judged(world, random)
    if isinstance(world, Family):
        return families_of_runs.judged(world, random)
    return trial.of_scores(score_worlds.made(world, random))


def promised(row: Row) -> tuple[float, int]:
    """How often a real precursor is to be seen, and from how many worlds that comes."""
    if isinstance(row.world, Promise):
        return promised_worlds.promised(row.world)
    return row.bar, row.n_promised
