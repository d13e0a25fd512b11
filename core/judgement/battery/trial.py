"""
What becomes of a world: its scores go through the test against chance and the gates to a kind of verdict.

Only the gates that a trick is about are asked with the world's own numbers. All others are taken as passed, and the run
as declared before, so that a world is easier taken for a finding here than a run is.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.chance import skill
from core.evaluation.chance.skill import SkillTest
from core.evaluation.clocks.onset import OnsetKind
from core.judgement import gates, measurements, tries, verdict
from core.judgement.battery.score_worlds import World
from core.judgement.findings import (
    Confounders,
    Findings,
    Foreshocks,
    RecordClock,
    Specificity,
    StationClock,
)
from core.judgement.journals.family import Family
from core.judgement.tries import Record, Try
from core.judgement.verdict import VerdictKind
from core.labelling.audit import Audit
from core.runs.status import Status
from core.vocabulary import Checked

NOWHERE = Path("no journal")  # of a run that is the only one
CLAIMS = (VerdictKind.CANDIDATE, VerdictKind.DETECTS)
PASSED_FORESHOCKS = Foreshocks(Checked.PASSED, 0.01, 4.0, 30, 1.0, 1.0, 24.0, False)
CLEAN_AUDIT = Audit(ok=True, sentence="No leak.", n_copied_hours=0)
LIVING = Status("2020-01-01T00:00:00+00:00", 1.0, False, "archive", "", False, "")


@dataclass(frozen=True)
class Trial:
    """
    The kind that a world was given; skill, the band of chance and the interval beside it, None without a target event.
    """

    kind: VerdictKind
    skill: float | None
    band: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None

    @property
    def claimed(self) -> bool:
        """True if it would be told as a candidate or as more."""
        return self.kind in CLAIMS


def of_scores(world: World) -> Trial:
    """A world of scores alone: the gates are resolution and chance."""
    outcome = skill.tested(world.scores, world.targets)
    return of_findings(granted(outcome), alone(outcome))


def granted(outcome: SkillTest) -> Findings:
    """Findings in which everything is passed but what the test against chance says."""
    return Findings(
        primary=measurements.primary("test", outcome),
        foreshocks=PASSED_FORESHOCKS,
        strict=PASSED_FORESHOCKS,
        onset=RecordClock(OnsetKind.CONFIRMED, 0.0, 0.001, 30),
        station_clock=StationClock(Checked.PASSED, 12, 12),
        catalogue_clock=None,
        confounders=Confounders(Checked.PASSED, 0.01, 30, ()),
        specificity=Specificity(20, 0.01),
        classical=None,
        data_changed=False,
        timed=PASSED_FORESHOCKS,
    )


def alone(outcome: SkillTest) -> Family | None:
    """The family of a run that is the only one; None without a target event."""
    return tries.family(attempt("alone", outcome), Record((), {}), 0, NOWHERE) if outcome.n_targets else None


def attempt(run_id: str, outcome: SkillTest, draws: str = "", targets: str = "") -> Try:
    """A run as the journal of tries knows it; all runs of a world scored the same stretch of the same station."""
    return Try(
        run_id=run_id,
        name=run_id,
        synthetic=False,
        data="archive",
        split="test",
        stations=("AAA",),
        start="2015-01-01T00:00:00+00:00",
        end="2030-01-01T00:00:00+00:00",
        p=outcome.p,
        p_smallest=outcome.p_smallest,
        draws=draws,
        targets=targets,
    )


def of_findings(
    findings: Findings, family: Family | None, audit: Audit = CLEAN_AUDIT, confirmatory: bool = True
) -> Trial:
    """The kind of verdict that findings lead to, of a run that was declared before, or was not."""
    kind = verdict.kind_of(gates.every(findings, family, audit, LIVING), findings, confirmatory)
    primary = findings.primary
    return Trial(
        kind,
        primary.skill,
        _pair(primary.band_low, primary.band_high),
        _pair(primary.interval_low, primary.interval_high),
    )


def with_confounders(findings: Findings, confounders: Confounders) -> Findings:
    """The findings with confounders that were measured."""
    return dataclasses.replace(findings, confounders=confounders)


def _pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)
