"""
From the findings of an assessment to the verdict of a run.

The verdict depends on more than the run: on how many runs scored the same stretch, on what was frozen before, on
whether the final block was opened. So it is written anew whenever somebody asks; nothing but small documents is read.
"""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

from core.errors import InputError
from core.evaluation import tested_runs
from core.evaluation.tested_runs import Trained
from core.judgement import final_block, freeze, tries, verdict
from core.judgement.findings import Findings
from core.judgement.freeze import Registration
from core.judgement.journals import journal_heads
from core.judgement.journals.family import Family
from core.judgement.power import kept
from core.judgement.tries import Try
from core.judgement.verdict import Verdict
from core.runs import sources
from core.runs.runs import Run, RunStore

NOT_HELD = (
    "data/tested.jsonl does not hold the scoring that this assessment is made of: lines of it are gone, or the "
    "assessment was changed or copied here. So it is not known how many runs scored this stretch; judge the run anew."
)


def write(run: Run, findings: Findings, tried: Try, data_dir: Path, names_heads: bool = False) -> Verdict:
    """
    The verdict of a run as the store stands now. It writes nothing: runs that the journal lacks count all the same.

    Parameters
    ----------
    run : Run
    findings : Findings
        Of its assessment.
    tried : Try
        The scoring that the findings are made of.
    data_dir : Path
    names_heads : bool
        The document that will hold the verdict names the ends of the journals, though none does yet.

    Raises
    ------
    InputError
        If a journal or a plan was changed.
    """
    registration = freeze.registration(run, data_dir)
    family = family_of(run, tried, findings, registration, data_dir)
    final, seen = final_block.said(run, data_dir), kept.could_have_seen(findings, family, tried.draws, data_dir)
    unknown = "" if names_heads else journal_heads.unknown(data_dir)
    return verdict.write(findings, family, run.audit, run.status, registration, final, seen, unknown)


def family_of(run: Run, tried: Try, findings: Findings, registration: Registration, data_dir: Path) -> Family | None:
    """What the number of tries, or of plans, does to the p of a run; None without a target event."""
    if not findings.primary.n_targets:
        return None
    family = _paid(run, tried, registration, data_dir)
    lost = journal_heads.lost(data_dir, freeze.harmless(registration, tried.split, data_dir))
    if lost:
        return dataclasses.replace(family, lost=lost[0].sentence)
    there = tries.read(data_dir).of_draws(tried)
    return family if there else dataclasses.replace(family, lost=NOT_HELD)


def _paid(run: Run, tried: Try, registration: Registration, data_dir: Path) -> Family:
    """The family as far as the journals know it."""
    record = tries.read(data_dir)
    if registration.covers(tried.split):
        plans = freeze.plans_for(registration.frozen_id, tried, record, data_dir)
        return tries.confirmed(tried, plans, freeze.n_unknown(registration, tried.split, data_dir))
    n_unnoted = sum(
        line.synthetic == run.synthetic and line.data == tried.data and line.run_id != run.run_id
        for line in unnoted(data_dir)
    )
    return tries.family(tried, record, n_unnoted, data_dir)


def count(data_dir: Path) -> None:
    """Write into the journal the runs of `unnoted`; only for what writes anyway."""
    for line in unnoted(data_dir):
        tested_runs.note(data_dir, line)


def unnoted(data_dir: Path) -> list[Trained]:
    """
    The lines that the journal lacks of the runs in the store, oldest run first; nothing is written.

    Such a run was copied here, or trained before there was a journal or before it named the data. A damaged run is
    left out and logged.
    """
    store, lines = RunStore(data_dir), []
    noted = {run_id for run_id, (_, data) in tries.read(data_dir).trained.items() if data}
    for run_id in reversed(store.ids(without=noted)):
        try:
            run = store.open(run_id)
            auc, low, high = run.pooled[["auc", "auc_low", "auc_high"]]
            data = sources.data_key(run.config)
            lines.append(tested_runs.of_training(run_id, run.config.name, run.synthetic, auc, low, high, data))
        except InputError as error:
            logging.getLogger(__name__).warning("%s", error)
    return lines
