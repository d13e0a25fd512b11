"""
Not the foreshocks, nor the shock: is there skill where no catalogued event could have disturbed the record?

A sensor shaken by a foreshock is noisy for hours, and a window that ends with the shock itself holds its shaking. Both
look like a precursor. So scores are taken from a guard earlier, and every step is left out, before targets and at all
other times alike, that has an event in what its score looks back on or within a day before that. A guard alone does
not do it: it lets the noise of foreshocks pass.

Every event listed near a station counts, also below the completeness of its catalogue: a sensor feels what is listed.
Where earthquakes are too frequent for that, larger ones alone cost their steps, or none does, and steps are compared
with steps that have the like other events before them (`event_strata`). To raise the magnitude without this comparison
would pass what small foreshocks do to a sensor. The comparison itself is not made where the events by themselves tell
targets from other times: strata are too coarse to take that away.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.chance import event_strata, families, skill
from core.evaluation.chance.skill import Scores
from core.loading.record.minute import epoch_minutes
from core.vocabulary import Checked

HOUR = 60  # minutes
FEWEST_CLUSTERS = 10
BELOW_TARGETS = 1.0  # magnitudes: where small events leave too little time, those of this much less than targets count


@dataclass(frozen=True)
class Guard:
    """
    What is kept away from events: the minutes before a score counts, and those after an event until its end.

    reach_minutes: what a score in force looks back on, that is window, latency and validity (horizon); without the
    guard. The usual form and the stricter one, which stops times that are up to a day late, differ in numbers only.
    """

    reach_minutes: int
    guard_minutes: int = HOUR
    clean_minutes: int = 24 * HOUR

    @property
    def back_minutes(self) -> int:
        """How far before a step an event spoils it."""
        return self.reach_minutes + self.guard_minutes + self.clean_minutes

    def stricter(self) -> Guard:
        """The form for a clock that nothing confirms: a guard of a day, as times may be known to the day only."""
        return dataclasses.replace(self, guard_minutes=24 * HOUR)


@dataclass(frozen=True)
class ForeshockTest:
    """
    The outcome: p (NaN if not checked) on the n_clusters target sequences and the share_left of admissible time left.

    m_clean: the magnitude from which on an event costs the steps after it; NaN where none does. by_strata: steps were
    compared with those that have the like events before them, among events that cost none. p_events: with strata, of
    these events alone (else NaN). guard_hours: as it was, in whole steps of the scores.
    """

    kind: Checked
    p: float
    m_clean: float
    n_clusters: int
    share_left: float
    guard_hours: float
    clean_hours: float
    by_strata: bool
    p_events: float


def guarded(scores: Scores, guard_minutes: int) -> Scores:
    """
    The scores in force a guard earlier, rounded up to whole steps: nothing of the last `guard_minutes` is used.

    The first steps have no score.
    """
    steps = _whole_steps(scores, guard_minutes)
    if steps == 0:
        return scores
    n = scores.score.shape[1]
    score = np.full(scores.score.shape, np.nan)
    score[:, steps:] = scores.score[:, : max(0, n - steps)]
    return dataclasses.replace(scores, score=score)


def disturbing(events: pd.DataFrame, radius_km: Mapping[str, float], m_clean: float) -> pd.DataFrame:
    """
    The events that count: of at least `m_clean`, within the target radius of their station.

    An event without magnitude or place does not count.

    Parameters
    ----------
    events : DataFrame
        station, origin_time, magnitude, distance_km: an event stands once per station.
    radius_km : mapping
        Of each station; an event of another station does not count.
    m_clean : float
    """
    near = events["distance_km"] <= events["station"].map(radius_km).astype(float)
    return events[near & (events["magnitude"] >= m_clean)]


def clean_of_events(scores: Scores, events: pd.DataFrame, reach_minutes: int, after_minutes: int) -> Scores:
    """
    Scores without the steps, of whatever class, that have an event before them.

    Parameters
    ----------
    scores : Scores
    events : DataFrame
        station, origin_time: those that count (`disturbing`), also those before the axis begins.
    reach_minutes : int
        What the score of a step looks back on, guard included.
    after_minutes : int
        How long an event disturbs.

    Returns
    -------
    Scores
        NaN at each step t with an event of its station in [t - reach - after, t).
    """
    score = scores.score.copy()
    moment = scores.first_minute + np.arange(score.shape[1]) * scores.step_minutes
    for row, code in zip(score, scores.stations, strict=True):
        origin = np.sort(epoch_minutes(pd.DatetimeIndex(events.loc[events["station"] == code, "origin_time"])))
        before, long_before = (np.searchsorted(origin, t) for t in (moment, moment - reach_minutes - after_minutes))
        row[before > long_before] = np.nan
    return dataclasses.replace(scores, score=score)


def clean_magnitude(
    scores: Scores,
    targets: pd.DataFrame,
    events: pd.DataFrame,
    guard: Guard,
    radius_km: Mapping[str, float],
    completeness: float,
    target_minimum: float,
) -> float:
    """
    From which magnitude on an event costs the steps after it.

    That of the smallest event listed, also below completeness: a sensor feels what is listed, wherever lists begin to
    be whole. Where that leaves fewer than 10 target sequences it is completeness, at most the smallest target magnitude
    (a target always counts); then one less than the smallest target magnitude; and NaN, no event, where that leaves too
    few as well.

    Parameters
    ----------
    scores : Scores
        Guarded already.
    targets : DataFrame
        station, origin_time, cluster.
    events, radius_km
        See `disturbing`.
    guard : Guard
    completeness, target_minimum : float
    """
    complete = min(completeness, target_minimum)
    listed = float(np.fmin(disturbing(events, radius_km, -math.inf)["magnitude"].min(), complete))
    for m_clean in (listed, complete, max(complete, target_minimum - BELOW_TARGETS)):
        left = clean_of_events(scores, disturbing(events, radius_km, m_clean), *_reach_and_after(guard))
        if n_clusters(left, targets) >= FEWEST_CLUSTERS:
            return m_clean
    return math.nan


def n_clusters(scores: Scores, targets: pd.DataFrame) -> int:
    """How many target sequences have an event in admissible time; an event of none (-1) is one of its own."""
    counts, _, _ = scores.cells(targets)
    return round(float(skill.weights(targets["cluster"].to_numpy(dtype=np.int64)[counts]).sum()))


def not_the_foreshocks(
    scores: Scores,
    targets: pd.DataFrame,
    events: pd.DataFrame,
    guard: Guard,
    radius_km: Mapping[str, float],
    completeness: float,
    target_minimum: float,
    asked: pd.DataFrame | None = None,
) -> ForeshockTest:
    """
    Test for skill away from all events.

    Parameters
    ----------
    scores : Scores
        As the primary test has them.
    targets : DataFrame
        station, origin_time, cluster.
    events : DataFrame
        The whole catalogue of each station: station, origin_time, magnitude, distance_km. It must begin
        `guard.back_minutes` before the axis of the scores.
    guard : Guard
    radius_km : mapping
        Of targets, for each station; under a law that grows with magnitude that of the largest target.
    completeness, target_minimum : float
        Magnitudes.
    asked : DataFrame, optional
        Those of the targets that are asked, where a part has to hold the claim; what events cost is decided for all.

    Returns
    -------
    ForeshockTest
        Passed at p <= 0.05, uncorrected: the family was paid for in the primary test. Not checked where fewer than
        10 target sequences are left (of a part: none need be), where no scores could pass, or where steps had to be
        compared within strata and the events alone have skill (p <= 0.05).
    """
    fewest = FEWEST_CLUSTERS if asked is None else 0
    asked = targets if asked is None else asked
    before = guarded(scores, guard.guard_minutes)
    guard = dataclasses.replace(guard, guard_minutes=_whole_steps(scores, guard.guard_minutes) * scores.step_minutes)
    m_clean = clean_magnitude(before, targets, events, guard, radius_km, completeness, target_minimum)
    counted = disturbing(events, radius_km, -math.inf)
    costly = counted["magnitude"] >= m_clean  # none where it is NaN
    left = clean_of_events(before, counted[costly], *_reach_and_after(guard))
    by_strata, p_events = not costly.all(), math.nan
    if by_strata:
        alone = event_strata.of_events_alone(left, counted[~costly], targets, guard.back_minutes)
        p_events = skill.of_shares(left, alone, asked).p
        left, share = event_strata.shares(left, counted[~costly], targets, guard.back_minutes)
        outcome = skill.of_shares(left, share, asked)
    else:
        outcome = skill.tested(left, asked)
    kind = Checked.PASSED if families.passes(outcome.p) else Checked.FAILED
    if outcome.n_clusters < fewest or not families.passes(outcome.p_smallest) or families.passes(p_events):
        kind = Checked.NOT_CHECKED
    n_scored = np.isfinite(before.score).sum()
    return ForeshockTest(
        kind=kind,
        p=math.nan if kind is Checked.NOT_CHECKED else outcome.p,
        m_clean=m_clean,
        n_clusters=outcome.n_clusters,
        share_left=float(np.isfinite(left.score).sum() / n_scored) if n_scored else 0.0,
        guard_hours=guard.guard_minutes / HOUR,
        clean_hours=guard.clean_minutes / HOUR,
        by_strata=by_strata,
        p_events=p_events,
    )


def _whole_steps(scores: Scores, minutes: int) -> int:
    return -(-minutes // scores.step_minutes)


def _reach_and_after(guard: Guard) -> tuple[int, int]:
    return guard.reach_minutes + guard.guard_minutes, guard.clean_minutes
