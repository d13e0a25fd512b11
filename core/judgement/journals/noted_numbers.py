"""
What the journal of tries keeps of the numbers of an assessment, so that an assessment that was edited shows.

When a run is judged, a line of the journal takes the SHA-256 of what was measured: findings, scoring and the numbers of
the summary; not of sentences, on which no verdict rests. An assessment of before has no such line; its p is held
against that of its scoring.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.evaluation import tested_runs
from core.judgement import tries
from core.judgement.findings import Findings
from core.judgement.tries import Try

MEASURED = ("judged_split", "findings", "tried")  # the verdict is written anew from these


def note(table: dict[str, Any], tried: Try, data_dir: Path) -> None:
    """
    Write down what an assessment measured; the same numbers again add nothing.

    Parameters
    ----------
    table : dict
        The document as it is kept.
    tried : Try
        The scoring that it is made of.
    data_dir : Path
    """
    digest = _digest(table)
    if tries.read(data_dir).assessed.get((tried.run_id, tried.split)) != digest:
        line = {"kind": tries.ASSESSED, "run_id": tried.run_id, "synthetic": tried.synthetic, "data": tried.data}
        tested_runs.journal(data_dir).append({**line, "split": tried.split, "sha256": digest})


def refuse_edited(table: dict[str, Any], findings: Findings, tried: Try, data_dir: Path) -> None:
    """
    Hold the numbers of an assessment against the journal.

    Parameters
    ----------
    table : dict
        The document as it is kept; findings and tried as they were read from it.

    Raises
    ------
    InputError
        If they are not what the journal says was measured, or are at odds among themselves.
    """
    try:
        record = tries.read(data_dir)
    except InputError:  # whoever writes a verdict is told so; the tables of the assessment are what they are
        return
    written = next(iter(record.of_draws(tried)), tried)
    digest = record.assessed.get((tried.run_id, tried.split))
    primary = findings.primary
    same = (primary.split, primary.p, primary.p_smallest) == (tried.split, tried.p, tried.p_smallest)
    if not same or _numbers(written) != _numbers(tried) or digest not in (None, _digest(table)):
        other = "its numbers are not those that the journal of tries says were measured"
        if primary.p != written.p:
            other = f"its p is {primary.p:.2g}, and the journal of tries says {written.p:.2g}"
        raise InputError(
            f"The assessment of run {tried.run_id} was changed after it was made: {other}. Judge the run anew with "
            f"`precursor assess {tried.run_id}`."
        )


def _numbers(tried: Try) -> Try:
    """A try without what says nothing of its numbers."""
    return dataclasses.replace(tried, name="", time="")


def _digest(table: dict[str, Any]) -> str:
    measured = {name: table.get(name) for name in MEASURED}
    summary = table.get("summary")
    if isinstance(summary, dict):
        measured["summary"] = {name: value for name, value in summary.items() if isinstance(value, int | float)}
    return hashlib.sha256(json.dumps(measured, sort_keys=True).encode()).hexdigest()
