"""
The assessment of a run: every table of the verdict, made once from a finished run and kept beside it.

`data/assessments/<run_id>/` is complete or absent: assessment.json is taken away first and written last. A run is never
changed by it, and an assessment can be made again at any time from the same data.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock, documents, files
from core.errors import InputError
from core.judgement import evidence, verdicts
from core.judgement import tables as assessment_tables
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import kept
from core.runs.runs import Run

VERSION = 1
DOCUMENT: kept.Kinds = {"created": str, "judged_split": str, "caveats": list, "summary": dict, "verdict": dict}


@dataclass(frozen=True)
class Options:
    """How many draws the intervals and the tests take, and their seed."""

    n_bootstrap: int = 1000
    n_shifts: int = 999
    seed: int = 0


@dataclass(frozen=True)
class Assessment:
    """A stored assessment; every property reads one file of its folder, once. A damaged file is an InputError."""

    run_id: str
    folder: Path

    @cached_property
    def document(self) -> dict[str, Any]:
        """assessment.json: version, run_id, created, options, judged_split, caveats, summary, verdict."""
        return self._read("assessment.json", _read_document)

    @property
    def summary(self) -> dict[str, Any]:
        """Every single number by name, with its interval (_low, _high) beside it; None = it does not exist."""
        return self.document["summary"]

    def table(self, name: str) -> pd.DataFrame:
        """
        A stored table by name, one of `names`.

        Raises
        ------
        InputError
            If it is missing or damaged, or the run was assessed again since `document` was read.
        """
        table = self._read(f"{name}.parquet", pd.read_parquet)
        if "document" in self.__dict__:
            kept.same(self.folder / "assessment.json", self.document, f"The assessment of run {self.run_id}")
        return table

    @property
    def names(self) -> list[str]:
        """The stored tables."""
        return sorted(path.stem for path in self.folder.glob("*.parquet"))

    def _read(self, name: str, reader: Any) -> Any:
        remedy = kept.made_by(f"assess {self.run_id}")
        return kept.read(self.folder / name, reader, f"The assessment of run {self.run_id}", remedy)


def assess(
    run: Run,
    source: Source,
    data_dir: Path,
    progress: Progress | None = None,
    options: Options | None = None,
    score: evidence.Score | None = None,
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
    folder = place(data_dir, run.run_id)
    busy = f"Run {run.run_id} is being assessed by another process. Wait for it to end."
    with files.claimed(folder.parent / f".{run.run_id}.lock", busy):
        looked = evidence.look(run, source, progress, score)
        progress.stage("Assessing")
        tables, document = assessment_tables.make(
            run, source, looked, options.n_bootstrap, options.n_shifts, options.seed
        )
        other_data = evidence.changed(run, source)
        document["summary"]["data_changed"] = bool(other_data)
        files.make_folder(folder)
        (folder / "assessment.json").unlink(missing_ok=True)
        files.clear_leftovers(folder)
        for name, table in tables.items():
            files.replace_table(folder / f"{name}.parquet", table)
        made = {
            "version": VERSION,
            "run_id": run.run_id,
            "created": clock.stamp(),
            "options": asdict(options),
            "judged_split": looked.split,
            "caveats": [*run.caveats, *other_data],
        }
        said = verdicts.judge(run, tables.__getitem__, document["summary"], options.seed, options.n_shifts, data_dir)
        files.replace_json(folder / "assessment.json", {**made, **document, **said})
    return Assessment(run.run_id, folder)


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


def place(data_dir: Path, run_id: str) -> Path:
    """The folder in which the assessment of a run is kept. Raises InputError if the id is no plain file name."""
    return files.child(data_dir / "assessments", run_id, "The id of a run")


def open(data_dir: Path, run_id: str) -> Assessment | None:
    """
    The stored assessment of a run, or None: it was not made, or by an older version of this program.

    Raises
    ------
    InputError
        If its assessment.json is damaged.
    """
    folder = place(data_dir, run_id)
    if not (folder / "assessment.json").exists():
        return None
    found = Assessment(run_id, folder)
    try:
        return found if found.document.get("version") == VERSION else None
    except InputError:
        if (folder / "assessment.json").exists():
            raise
        return None  # it is just being made anew


def _read_document(path: Path) -> dict[str, Any]:
    """assessment.json; of another version it may hold anything."""
    made = documents.read_json(path)
    return kept.document(DOCUMENT)(path) if made.get("version") == VERSION else made
