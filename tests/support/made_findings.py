"""Findings of a run for which every gate is passed, and what they are with one thing changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.evaluation.clocks.onset import OnsetKind
from core.judgement import verdict
from core.judgement.final_block import BlockState, FinalBlock
from core.judgement.findings import (
    Confounders,
    Findings,
    Foreshocks,
    Primary,
    RecordClock,
    Rival,
    Specificity,
    StationClock,
)
from core.judgement.freeze import NOT_FROZEN, Registration, RegistrationState
from core.judgement.journals.family import Family
from core.judgement.verdict import Verdict
from core.labelling.audit import Audit
from core.runs.status import Status
from core.vocabulary import Checked

PRIMARY = Primary("test", 365.0, 30, 2, 24, 4, 7, 0.81, 0.39, 0.61, 0.70, 0.92, 1e-6, 1e-9)
FORESHOCKS = Foreshocks(Checked.PASSED, 0.001, 2.5, 20, 0.6, 1.0, 24.0, False)
FINDINGS = Findings(
    primary=PRIMARY,
    foreshocks=FORESHOCKS,
    strict=replace(FORESHOCKS, guard_hours=24.0),
    onset=RecordClock(OnsetKind.CONFIRMED, 0.0, 0.001, 40),
    station_clock=StationClock(Checked.PASSED, 12, 12),
    catalogue_clock=None,
    confounders=Confounders(Checked.PASSED, 0.12, 40, (Rival("trees", 0.55, 0.2, 0.12, 0.3),)),
    specificity=Specificity(40, 0.01),
    classical=None,
    data_changed=False,
    timed=FORESHOCKS,
)
FAMILY = Family("run-1", 1, 0, 1e-6, 1e-9, 1e-6, 1e-9)
FROZEN = Registration(RegistrationState.PRE_REGISTERED, "Frozen before the stretch was scored.", "plan-1")


def findings(**parts: Any) -> Findings:
    """`FINDINGS` with fields of its parts changed: `primary={"p": 0.4}`, or a whole part."""
    changed = {
        name: replace(getattr(FINDINGS, name), **value) if isinstance(value, dict) else value
        for name, value in parts.items()
    }
    return replace(FINDINGS, **changed)


def written(
    found: Findings = FINDINGS,
    family: Family | None = FAMILY,
    audit: Audit | None = None,
    dead: bool = False,
    synthetic: bool = False,
    frozen: bool = True,
) -> Verdict:
    """The verdict on findings; everything passes unless an argument says otherwise."""
    status = Status("2026-01-01", 1.0, synthetic, "archive", "", dead, "The network is dead.")
    audit = audit or Audit(True, "No leak: windows share nothing.", n_copied_hours=0)
    registration = FROZEN if frozen else NOT_FROZEN
    return verdict.write(found, family, audit, status, registration, FinalBlock(BlockState.NONE, "No final block."))
