"""
Sweeps: many runs that differ in a few options, made by worker processes here or on a cluster.

`data/sweeps/<sweep_id>/` holds sweep.json (the plan) and runs.csv (every run, its state, its error). The runs
themselves are ordinary runs: what is finished is never trained again, what was killed goes on from its checkpoint, and
each counts in the journal of all that was ever tried.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import clock, documents, files
from core import config as configs
from core.config import DataConfig, ExperimentConfig, WorldConfig
from core.errors import InputError
from core.evaluation import multiple_testing
from core.judgement import assessment
from core.loading.archive.archive import Archive
from core.progress import Cancelled, Progress
from core.runs import kept, pipeline, sources
from core.runs.pipeline import settled
from core.runs.run_documents import scored_split
from core.runs.runs import Run, RunStore, run_id
from core.studies import shelf, sweep_document, vary
from core.studies.shelf import Shelf
from core.studies.sweep_document import SweepDocument
from core.studies.vary import SEED, Plan, Settings, Value
from core.studies.workers import Engine, Epoch, Local, Outcome, Report, Result, Task
from core.typed_documents import OtherVersion
from core.vocabulary import POOLED

SCORES = ["scored_split", "auc", "auc_low", "auc_high", "validation_auc", "accuracy", "majority_share"]
FACTS = ["state", "error", "seconds", *SCORES]
STUDY = "sweep"
STAGE = "Training the runs of the sweep"


@dataclass(frozen=True)
class Sweep:
    """
    A sweep, complete or not.

    `runs` has one row per run in the order of the plan: run_id, a column "section.option" for each option that is
    varied, state (waiting, running, finished or failed), error, seconds, and of finished runs the scores of all
    stations together: scored_split (test where there is one), auc with its interval, validation_auc, accuracy and
    majority_share.
    """

    sweep_id: str
    folder: Path
    document: SweepDocument
    runs: pd.DataFrame

    @property
    def varied(self) -> list[str]:
        """The options that are varied, by "section.option"."""
        return list(self.document.varied)

    @property
    def synthetic(self) -> bool:
        """True if any of its runs is made from synthetic data."""
        return self.document.synthetic

    @property
    def data(self) -> str:
        """The data that all its runs are made from, see `sources.data_key`; "" if they differ or are not known."""
        return self.document.data

    def settings(self) -> pd.DataFrame:
        """
        One row per combination, its seeds together: the options, n_runs, auc (the mean), auc_lowest, auc_highest.

        Seeds share their data, so their spread says how much training wavers, and nothing about chance.
        """
        by = [key for key in self.varied if key != SEED]
        done = self.runs[self.runs["state"] == "finished"]
        rows = []
        for values, part in done.groupby(by, sort=False) if by else [((), done)]:
            auc = part["auc"]
            scores = {"n_runs": len(part), "auc": auc.mean(), "auc_lowest": auc.min(), "auc_highest": auc.max()}
            rows.append({**dict(zip(by, values, strict=True)), **scores})
        return pd.DataFrame(rows, columns=[*by, "n_runs", "auc", "auc_lowest", "auc_highest"])

    def sentences(self, data_dir: Path) -> list[str]:
        """What must stand beside the table: chance, what the best of so many means, what failed."""
        done = self.runs[self.runs["state"] == "finished"]
        said = ["Chance is an AUC of 0.5, and an accuracy equal to the majority share."]
        if len(done) > 1:
            said.append(
                f"The best of {len(done)} runs means little: without any skill one of them is best too. Choose by "
                "validation, and judge what was chosen on data that no run has seen."
            )
        said.append(multiple_testing.ledger(data_dir, synthetic=self.synthetic, data=self.data).sentence)
        failed = int((self.runs["state"] == "failed").sum())
        if failed:
            said.append(
                f"{failed} of {len(self.runs)} runs failed; the table says why. The same command tries them again."
            )
        return said


def run(plan: Plan, data_dir: Path, progress: Progress | None = None, engine: Engine | None = None) -> Sweep:
    """
    Train every run of a plan that is not finished yet.

    Parameters
    ----------
    plan : Plan
    data_dir : Path
        On a cluster: a folder that every worker sees under this path.
    progress : Progress, optional
    engine : Engine, optional
        Default: worker processes on this machine, one for each core.

    Raises
    ------
    InputError
        If the plan cannot be expanded, or its data are not there.
    Cancelled
        If `progress.should_stop()` became true; the same call goes on where it stopped.
    """
    progress, data_dir = progress or Progress(), data_dir.resolve()
    progress.stage("Looking at what is there")
    made = _configs(plan, data_dir, progress)
    sweep = _prepare(plan, made, data_dir)
    table, folder = sweep.runs.set_index("run_id"), sweep.folder
    store, started = RunStore(data_dir), time.monotonic()
    tasks = {
        name: Task("core.studies.sweep:train", [config.as_dict(), str(data_dir), STUDY])
        for name, (_, config) in made.items()
        if table.loc[name, "state"] != "finished"
    }
    before, trained = len(table) - len(tasks), 0

    def look() -> None:
        progress.stage(STAGE, before + trained, len(table), _eta(table, trained, time.monotonic() - started))
        if progress.should_stop():
            raise Cancelled(
                f"Stopped after {before + trained} of {len(table)} runs. The same command goes on from there."
            )

    busy = f"Sweep {sweep.sweep_id} is being made by another process. Wait for it to end."
    with files.claimed(folder.parent / f".{sweep.sweep_id}.lock", busy):
        progress.result(sweep_id=sweep.sweep_id)
        _write(folder, table)
        try:
            for outcome in (engine or Local()).run(tasks, look) if tasks else ():
                trained += outcome.state != "started"
                _note(table, outcome, store)
                _write(folder, table)
        finally:
            table.loc[table["state"] == "running", "state"] = "waiting"
            _write(folder, table)
    return open(data_dir, sweep.sweep_id)


def train(table: dict[str, object], data_dir: str, study: str, report: Report) -> Result:
    """One run of a study, within a worker: a config as a dictionary becomes a run of the data folder."""
    import socket

    folder = Path(data_dir)
    if not folder.is_dir():
        raise InputError(
            f"The worker on {socket.gethostname()} does not see {folder}. Every worker needs the data folder under "
            "the same path, on a file system that they share."
        )
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of every model after the fourth
    config = configs.from_dict(table)
    source = sources.open_source(config, folder)
    made = pipeline.run(config, source, RunStore(folder), _Told(report), study=study)
    assessment.note_try(made, source, folder)
    return {"run_id": made.run_id}


def stored(data_dir: Path) -> list[Sweep]:
    """Every sweep that can be read, newest first; see `on_shelf`."""
    return list(on_shelf(data_dir).there)


def on_shelf(data_dir: Path) -> Shelf[Sweep]:
    """Every sweep, and why one that is damaged or of a newer program is left out."""
    return shelf.look(data_dir / "sweeps", "sweep.json", lambda sweep_id: open(data_dir, sweep_id))


def open(data_dir: Path, sweep_id: str) -> Sweep:
    """
    A stored sweep.

    Raises
    ------
    InputError
        If it is not there or damaged.
    """
    folder = files.child(data_dir / "sweeps", sweep_id, "The id of a sweep")
    try:
        document = sweep_document.read(folder / "sweep.json")
        table = pd.read_csv(folder / "runs.csv", keep_default_na=False, na_values={name: [""] for name in SCORES})
        return Sweep(sweep_id, folder, document, table[["run_id", *document.varied, *FACTS]])
    except OtherVersion:  # it says itself what to do
        raise
    except kept.UNUSABLE as error:
        raise InputError(
            f"Sweep {sweep_id} cannot be used ({documents.reason(error)}). Give its command again; finished runs "
            "are kept."
        ) from None


class _Told(Progress):
    """A listener within a worker: each epoch goes to whoever asked for the run."""

    def __init__(self, report: Report) -> None:
        self._report, self._stop = report, False

    def epoch(self, row: Epoch, epochs: int) -> None:
        self._stop = not self._report(row)

    def should_stop(self) -> bool:
        return self._stop


def _configs(plan: Plan, data_dir: Path, progress: Progress) -> dict[str, tuple[Settings, ExperimentConfig]]:
    """By run id, what is varied and the config; synthetic worlds are made here, once, and not by each worker."""
    found: dict[str, tuple[Settings, ExperimentConfig]] = {}
    opened: dict[tuple[DataConfig, WorldConfig], tuple[Archive, dict[str, str]]] = {}  # digests read the whole archive
    for settings, config in vary.expand(plan):
        if (config.data, config.world) not in opened:
            source = sources.open_source(config, data_dir, progress)
            opened[config.data, config.world] = source, sources.digests(settled(config, source), source)
        source, digests = opened[config.data, config.world]
        config = settled(config, source)
        found.setdefault(run_id(config, digests), (settings, config))
    return found


def _prepare(plan: Plan, made: dict[str, tuple[Settings, ExperimentConfig]], data_dir: Path) -> Sweep:
    """The sweep's folder, and its table as far as the runs that are finished already go."""
    varied = list(next(iter(made.values()))[0])
    store, done = RunStore(data_dir), set(RunStore(data_dir).ids())
    rows = [
        {"run_id": name, **{key: _cell(settings[key]) for key in varied}, "state": "waiting", "error": ""}
        for name, (settings, _) in made.items()
    ]
    table = pd.DataFrame(rows, columns=["run_id", *varied, *FACTS])
    table = table.astype({"error": object, "scored_split": object, "seconds": float})
    found = table.set_index("run_id")
    for name in found.index.intersection(sorted(done)):
        _note(found, Outcome(name, "finished"), store)
    sweep_id = f"{plan.base.name}-{hashlib.sha256(json.dumps(sorted(made)).encode()).hexdigest()[:8]}"
    keys = {sources.data_key(config) for _, config in made.values()}
    document = SweepDocument(
        created=clock.stamp(),
        varied=tuple(varied),
        synthetic=any(config.data.source == "synthetic" for _, config in made.values()),
        plan=plan.as_dict(),
        data=keys.pop() if len(keys) == 1 else "",
    )
    folder = data_dir / "sweeps" / sweep_id
    return Sweep(sweep_id, folder, _kept(folder / "sweep.json", document), found.reset_index())


def _kept(path: Path, document: SweepDocument) -> SweepDocument:
    """The document that is there; the new one, written, where there is none or a damaged one."""
    try:
        return sweep_document.read(path)
    except OtherVersion:
        raise
    except kept.UNUSABLE:
        sweep_document.write(path, document)
        return document


def _note(table: pd.DataFrame, outcome: Outcome, store: RunStore) -> None:
    """Write what became of a run into its row."""
    name = outcome.key
    table.loc[name, "state"] = "running" if outcome.state == "started" else outcome.state
    table.loc[name, "error"] = outcome.error
    if outcome.state == "finished":
        try:
            made = store.open(name)
            for key, value in {"seconds": made.status.seconds, **scores(made)}.items():
                table.loc[name, key] = value
        except InputError as error:
            table.loc[name, ["state", "error"]] = ["failed", str(error)]


def scores(made: Run) -> dict[str, str | float]:
    """The scores of a run in a sweep's table: of the judged split, and the AUC of the validation windows."""
    pooled = {row["split"]: row for row in made.scores[made.scores["station"] == POOLED].to_dict("records")}
    judged = scored_split(made.scores)
    numbers = {name: float(pooled[judged][name]) for name in SCORES if name in pooled[judged]}
    return {"scored_split": judged, **numbers, "validation_auc": pooled.get("validation", {}).get("auc", math.nan)}


def _write(folder: Path, table: pd.DataFrame) -> None:
    files.replace_text(folder / "runs.csv", table.reset_index().to_csv(index=False, lineterminator="\n"))


def _eta(table: pd.DataFrame, trained: int, seconds: float) -> str:
    """How it goes, in a few words: what runs, what failed, how long it will take."""
    counts = table["state"].value_counts()
    said = [f"{counts[state]} {state}" for state in ("running", "failed") if state in counts]
    left = int((~table["state"].isin(["finished", "failed"])).sum())
    if trained and left:
        minutes = seconds / trained * left / 60
        said.append("less than a minute left" if minutes < 1 else f"about {minutes:.0f} min left")
    return ", ".join(said)


def _cell(value: Value) -> bool | int | float | str:
    return " ".join(value) if isinstance(value, list) else value
