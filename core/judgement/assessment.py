"""
The assessment of a run: every table of the verdict, made once from a finished run and kept beside it.

`data/assessments/<run_id>/` is complete or absent: assessment.json is taken away first and written last. A run is never
changed by it, and an assessment can be made again at any time from the same data. In `final/` within it lies that of
the final block, once this was opened: it is the one that counts for a run that keeps to a frozen plan.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from core import caveats, clock, documents, files
from core.caveats import Caveat
from core.chained_log import Head
from core.errors import InputError
from core.evaluation import alarm_series, one_thread
from core.evaluation.chance import skill
from core.judgement import evidence, freeze, measurements, remote_observatory, tries, verdicts
from core.judgement import tables as assessment_tables
from core.judgement.findings import Findings
from core.judgement.freeze import RegistrationState
from core.judgement.journals import journal_heads, noted_numbers
from core.judgement.summary import Summary
from core.judgement.tries import Try
from core.judgement.verdict import Verdict
from core.labelling import splits
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import kept
from core.runs.run_documents import scored_split
from core.runs.runs import Run, RunStore
from core.typed_documents import Count, Moment, Versioned

T = TypeVar("T")
NEW_RULES = 3  # from this version on findings are kept


@dataclass(frozen=True)
class Options:
    """How many draws the intervals and the tests take, and their seed."""

    n_bootstrap: Count = 1000
    n_shifts: Count = 999
    seed: Count = 0


@dataclass(frozen=True)
class Document(Versioned):
    """
    assessment.json: when the run was judged (ISO time, UTC) and how, by which split, what must be known of it, every
    single number, the findings with the scoring that they are made of, and the verdict as it was then;
    `verdicts.write` has that of now. heads: of the journals by then, see `journal_heads`; () where an older version
    wrote it. Of a run that was judged by an older version there are no findings.
    """

    run_id: str
    created: Moment
    options: Options
    judged_split: str
    caveats: tuple[Caveat, ...]
    summary: Summary
    findings: Findings | None = None
    tried: Try | None = None
    verdict: Verdict | None = None
    heads: tuple[Head, ...] = ()

    VERSION = 3  # before it runs were judged by circular shifts, and 1 had caveats as bare sentences
    CALLED = "The assessment of run {}"

    @property
    def outdated(self) -> bool:
        """True if an older version judged the run: what it found stands, what it concluded does not."""
        return self.findings is None or self.tried is None

    @classmethod
    def of_older(cls, table: dict[str, Any], version: int) -> dict[str, Any]:
        """
        An older one kept no findings, and before that caveats as bare sentences.

        Raises
        ------
        ValueError
            If it should have findings and has none.
        """
        if version < NEW_RULES:
            table = {**table, "findings": None, "tried": None, "verdict": None}
        elif lacking := [name for name in ("findings", "tried", "verdict") if table.get(name) is None]:
            raise ValueError(f"it has no {lacking[0]!r}")
        return caveats.of_older(table)


@dataclass(frozen=True)
class Assessment:
    """A stored assessment; every property reads one file of its folder, once. A damaged file is an InputError."""

    run_id: str
    folder: Path

    @cached_property
    def document(self) -> Document:
        """assessment.json."""
        return self._read("assessment.json", lambda path: Document.from_dict(self._stored, self.run_id))

    @cached_property
    def _stored(self) -> dict[str, Any]:
        return self._read("assessment.json", documents.read_json)

    def refuse_edited(self, data_dir: Path) -> None:
        """Read it; an InputError if its numbers are not those that the journal of tries says were measured."""
        document = self.document
        if document.findings is not None and document.tried is not None:
            noted_numbers.refuse_edited(self._stored, document.findings, document.tried, data_dir)

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What every reader of the run must know, as it was when the run was judged."""
        return self.document.caveats

    @property
    def summary(self) -> Summary:
        """Every single number by name."""
        return self.document.summary

    def table(self, name: str) -> pd.DataFrame:
        """
        A stored table by name, one of `names`.

        Raises
        ------
        InputError
            If it is missing or damaged, or the run was assessed again since `document` was read.
        """
        table = self._read(f"{name}.parquet", files.read_table)
        if "_stored" in self.__dict__:
            kept.same(self.folder / "assessment.json", self._stored, f"The assessment of run {self.run_id}")
        return table

    @property
    def names(self) -> list[str]:
        """The stored tables."""
        return sorted(path.stem for path in self.folder.glob("*.parquet"))

    def _read(self, name: str, reader: Callable[[Path], T]) -> T:
        remedy = kept.made_by(f"assess {self.run_id}")
        return kept.read(self.folder / name, reader, f"The assessment of run {self.run_id}", remedy)


def assess(
    run: Run,
    source: Source,
    data_dir: Path,
    progress: Progress | None = None,
    options: Options | None = None,
    score: evidence.Score | None = None,
    split: str = "",
) -> Assessment:
    """
    Judge a finished run, and keep the tables.

    An older assessment of the run is replaced.

    Parameters
    ----------
    run : Run
    source : Source
        That the run was made from; if its data have changed since, the assessment says so.
    data_dir : Path
    progress : Progress, optional
    options : Options, optional
    score : callable, optional
        See `evidence.look`; default: the run's network.
    split : str
        "final" for the final block, once it is opened; else the run's own test or validation windows.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        If the source has lost a station of the run, or another process is assessing the run.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress, options = progress or Progress(), options or Options()
    folder = place(data_dir, run.run_id, split)
    busy = f"Run {run.run_id} is being assessed by another process. Wait for it to end."
    with files.claimed(data_dir / "assessments" / f".{run.run_id}.lock", busy):
        score = score or evidence.network(run)
        looked = evidence.look(run, source, progress, score, split)
        other_data = evidence.changed(run, source)
        with one_thread.held():
            progress.stage("Assessing")
            made = assessment_tables.make(run, source, looked, options.n_bootstrap, options.n_shifts, options.seed)
        summary = dataclasses.replace(made.summary, data_changed=bool(other_data))
        progress.stage("Looking for what explains the scores")
        remote = remote_observatory.compared(looked, made.scores, made.outcome, source, score, progress)
        specificity = remote_observatory.with_remote(made.measured.specificity, remote)
        measured = dataclasses.replace(made.measured, specificity=specificity)
        with one_thread.held():
            found = measurements.findings(looked, made.scores, made.outcome, source, measured, summary.data_changed)
        files.make_folder(folder)
        lost = tuple(each.head for each in journal_heads.lost(data_dir))  # the older assessment may name some
        (folder / "assessment.json").unlink(missing_ok=True)
        files.clear_leftovers(folder)
        for name, table in made.tables.items():
            files.replace_table(folder / f"{name}.parquet", table)
        verdicts.count(data_dir)
        tried = tries.note(data_dir, run, looked.split, made.scores, looked.targets, made.outcome)
        freeze.answer(run, looked.split, data_dir)
        document = Document(
            run_id=run.run_id,
            created=clock.stamp(),
            options=options,
            judged_split=looked.split,
            caveats=(*run.caveats, *other_data),
            summary=summary,
            findings=found,
            tried=tried,
            verdict=verdicts.write(run, found, tried, data_dir, names_heads=True),
        )
        noted_numbers.note(document.to_dict(), tried, data_dir)
        heads = tuple(dict.fromkeys([*journal_heads.now(data_dir), *lost]))
        document = dataclasses.replace(document, heads=heads)
        files.replace_json(folder / "assessment.json", document.to_dict())
    return Assessment(run.run_id, folder)


def note_try(run: Run, source: Source, data_dir: Path, progress: Progress | None = None) -> None:
    """
    Score the judged stretch of a run and write it down as a try, without assessing the run.

    Every run of a study owes it: with its normal scores in the journal it costs a finding little, without them one more
    p. A run that cannot be scored is left to cost that.
    """
    split = scored_split(run.scores)
    if tries.read(data_dir).of(run.run_id, split) is not None:
        return
    try:
        looked = evidence.look(run, source, progress)
        scores = skill.on_one_axis(alarm_series.build(looked.scan, run.config))
        tries.note(data_dir, run, looked.split, scores, looked.targets, skill.tested(scores, looked.targets))
    except InputError as error:
        logging.getLogger(__name__).warning("%s", error)


def ensure(run: Run, source: Source, data_dir: Path, progress: Progress | None = None) -> list[str]:
    """
    Assess a run that has no assessment yet; a run that cannot be assessed stands all the same.

    Returns
    -------
    list of str
        A sentence if it could not be assessed, else nothing.
    """
    try:
        if open(data_dir, run.run_id) is None:
            assess(run, source, data_dir, progress)
    except InputError as error:
        return [f"The run is complete, but it could not be assessed: {error}"]
    return []


def verdict_of(run: Run, assessed: Assessment, data_dir: Path) -> Verdict:
    """
    The verdict of a run as the store stands now: runs tried since it was assessed count. It writes nothing.

    Raises
    ------
    InputError
        If an older version judged the run, or a journal or a plan was changed.
    """
    document = assessed.document
    if document.findings is None or document.tried is None:
        raise InputError(
            f"Run {run.run_id} was judged by an older version of the program, and its verdict no longer stands. Judge "
            f"it anew with `precursor assess {run.run_id}`."
        )
    return verdicts.write(run, _with_lead(document.findings, assessed), document.tried, data_dir)


def _with_lead(findings: Findings, assessed: Assessment) -> Findings:
    """Findings of an older assessment lack the lead: its table has it; one that is damaged is said where it shows."""
    if findings.lead is not None:
        return findings
    try:
        return dataclasses.replace(findings, lead=assessment_tables.lead(assessed.table("lead_profile")))
    except InputError:
        return findings


def place(data_dir: Path, run_id: str, split: str = "") -> Path:
    """
    The folder in which the assessment of a run is kept; split "final": that of its final block.

    Raises InputError if the id is no plain file name.
    """
    folder = files.child(data_dir / "assessments", run_id, "The id of a run")
    return folder / splits.FINAL if split == splits.FINAL else folder


def open(data_dir: Path, run_id: str) -> Assessment | None:
    """
    The stored assessment by which a run is judged, or None if it was not made.

    For a run that keeps to a frozen plan that of the final block, once this was opened; else that of its own windows.

    Raises
    ------
    InputError
        If its assessment.json is damaged, or was edited.
    """
    final = of_split(data_dir, run_id, splits.FINAL)
    if final is not None:
        said = freeze.registration(RunStore(data_dir).open(run_id), data_dir)
        if said.state == RegistrationState.PRE_REGISTERED:
            return final
    return of_split(data_dir, run_id)


def of_split(data_dir: Path, run_id: str, split: str = "") -> Assessment | None:
    """The stored assessment of a run on its own windows, or on its final block; raises what `open` does."""
    folder = place(data_dir, run_id, split)
    if not (folder / "assessment.json").exists():
        return None
    assessment = Assessment(run_id, folder)
    try:
        assessment.refuse_edited(data_dir)  # so that what is damaged is said here
    except InputError:
        if (folder / "assessment.json").exists():
            raise
        return None  # it is just being made anew
    return assessment
