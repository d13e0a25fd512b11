"""
The paper done again: make the runs that are missing, gather the tables, and keep both.

`data/paper/<id>/` holds the tables; paper.json is written last. The runs are runs like any other in `data/runs/`, so
what is finished is never trained twice, and a study that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import clock, config_file, files, shipped
from core import config as configs
from core.config import ExperimentConfig
from core.errors import InputError
from core.loading.archive.archive import Archive
from core.progress import Cancelled, Progress
from core.runs import kept, sources
from core.runs.runs import RunStore
from core.studies import shelf
from core.studies.paper import gathered, plan, study_document
from core.studies.paper.plan import FIGURES, FULL, Size
from core.studies.paper.study_document import Refusals, StudyDocument
from core.studies.shelf import Shelf
from core.studies.workers import Engine, Local, Task

PAPER_STATIONS = ("DUR", "IZN", "MLR")
TABLES = ("runs", "histories", "curves", "stations", "network")
STUDY = "paper"
STAGE = "Making the paper's runs"
AGAIN = "Give `precursor paper` again."
GATHER_EVERY_S = 300.0  # a study takes hours, and its page fills meanwhile


@dataclass(frozen=True)
class Work:
    """What a worker is asked for: a run or a learning curve, in words, and roughly what it costs beside the others."""

    words: str
    task: Task
    cost: float


@dataclass(frozen=True)
class Study:
    """A stored study: `document` is paper.json; see `gathered` for the tables."""

    study_id: str
    folder: Path
    document: StudyDocument

    def table(self, name: str) -> pd.DataFrame:
        """One of `TABLES`; an InputError if it is missing or damaged."""
        return kept.read(self.folder / f"{name}.parquet", files.read_table, f"Study {self.study_id}", AGAIN)

    @property
    def synthetic(self) -> bool:
        """Whether the figures are of made-up data."""
        return self.document.synthetic


def ground(data_dir: Path, synthetic: bool = False) -> ExperimentConfig:
    """
    What the experiments stand on: the stored stations (the paper's, if any of them is there), or the demo world.

    Parameters
    ----------
    data_dir : Path
    synthetic : bool
        Take the demo world whatever is stored.
    """
    demo = config_file.load(shipped.folder() / "experiments" / "demo-honest.toml")
    archive = Archive(data_dir / "archive")
    present = archive.stations()
    if synthetic or not present or archive.catalogues().empty:
        return demo
    codes = [code for code in PAPER_STATIONS if code in present] or present
    return configs.from_dict({"name": "ground", "data": {"source": "archive", "stations": codes}})


def make(
    data_dir: Path,
    size: Size = FULL,
    only: Sequence[str] = (),
    synthetic: bool = False,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Study:
    """
    Make every run of the study that is not there yet, and its tables.

    Parameters
    ----------
    data_dir : Path
        On a cluster: a folder that every worker sees under this path.
    size : Size
        `plan.FULL` or `plan.QUICK`.
    only : sequence of str
        Names of `plan.FIGURES`; empty: all.
    synthetic : bool
        See `ground`.
    progress : Progress, optional
    engine : Engine, optional
        Default: worker processes on this machine, one for each core.

    Raises
    ------
    InputError
        If a figure is unknown, or there is no data.
    Cancelled
        If `progress.should_stop()` became true; the tables then hold what is finished.
    """
    progress, data_dir = progress or Progress(), data_dir.resolve()
    wanted = _wanted(only)
    standing = ground(data_dir, synthetic)
    source = sources.open_source(standing, data_dir, progress)
    place = _folder(data_dir, standing, source, size)
    busy = "Another process is doing the paper on these data. Wait for it to end."
    with files.claimed(place.parent / f".{place.name}.lock", busy):
        study_document.refuse_newer(place)
        refused = dict(study_document.read_refusals(place / "refused.json").reasons)

        def gather() -> None:
            _write(place, standing, source, size, data_dir, refused)

        try:
            todo = _missing(standing, size, wanted, data_dir, progress)
            _work_off(todo, refused, progress, engine or Local(), gather)
        finally:
            progress.stage("Gathering the tables")
            gather()
    return _open(place)


def stored(data_dir: Path) -> list[Study]:
    """Every study that can be read, the newest first; see `on_shelf`."""
    return list(on_shelf(data_dir).there)


def on_shelf(data_dir: Path) -> Shelf[Study]:
    """Every study of a data folder, and why one that is damaged or of a newer program is left out."""
    home = data_dir / "paper"
    return shelf.look(home, "paper.json", lambda study_id: _open(home / study_id))


def _open(place: Path) -> Study:
    document = kept.read(place / "paper.json", study_document.read, f"Study {place.name}", AGAIN)
    return Study(place.name, place, document)


def _wanted(only: Sequence[str]) -> set[str]:
    unknown = [name for name in only if name not in FIGURES]
    if unknown:
        raise InputError(f"There is no figure {unknown[0]!r}. Choose among: {', '.join(FIGURES)}.")
    return {name for figure in (only or FIGURES) for name in FIGURES[figure]}


def _folder(data_dir: Path, standing: ExperimentConfig, source: Archive, size: Size) -> Path:
    content = json.dumps([standing.id, sorted(sources.digests(standing, source).items())])
    home = data_dir / "paper"
    files.make_folder(home)
    return home / f"{size.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _missing(
    standing: ExperimentConfig, size: Size, wanted: set[str], data_dir: Path, progress: Progress
) -> dict[str, Work]:
    """What is not there yet, by the id of its configuration; made-up worlds are made here, once for all workers."""
    store, found = RunStore(data_dir), gathered.Ids(data_dir)
    todo = _missing_curves(standing, size, data_dir) if plan.CURVES in wanted else {}  # the longest: they begin first
    for one in plan.runs(standing, size):
        if one.experiment not in wanted or one.config.id in todo:
            continue
        sources.open_source(one.config, data_dir, progress)
        if not store.has(found.of(one.config)):
            words = f"{one.experiment}, {one.choice} choices, {one.variant}, seed {one.seed}"
            task = Task("core.studies.sweep:train", [one.config.as_dict(), str(data_dir), STUDY])
            todo[one.config.id] = Work(words, task, _cost(one.config))
    return todo


def _missing_curves(standing: ExperimentConfig, size: Size, data_dir: Path) -> dict[str, Work]:
    todo, there = {}, gathered.found_curves(standing, size, data_dir)
    for choice in (each for each in plan.CHOICES if each not in there):
        config = plan.curve(standing, size, choice)
        asked = [config.as_dict(), str(data_dir), list(size.fractions), size.repeats]
        task = Task("core.studies.learning_curves:in_worker", asked)
        cost = _cost(config) * sum(size.fractions) * size.repeats
        todo[_curve_key(config)] = Work(f"learning curve, {choice} choices", task, cost)
    return todo


def _work_off(
    todo: dict[str, Work], refused: dict[str, str], progress: Progress, engine: Engine, gather: Callable[[], None]
) -> None:
    """Have everything made, and `gather` now and then; what cannot be made goes into `refused` with its reason."""
    started, spent, done = time.monotonic(), 0.0, 0
    gathered_at = started
    total = sum(work.cost for work in todo.values())
    now: list[str] = []

    def look() -> None:
        words = [*(todo[key].words for key in now), _left(started, spent, total)]
        progress.stage(STAGE, done, len(todo), "; ".join(filter(None, words)))
        if progress.should_stop():
            raise Cancelled(f"Stopped after {done} of {len(todo)} trainings. The same command goes on from there.")

    for outcome in engine.run({key: work.task for key, work in todo.items()}, look) if todo else ():
        if outcome.state == "started":
            now.append(outcome.key)
            continue
        now = [key for key in now if key != outcome.key]
        done, spent = done + 1, spent + todo[outcome.key].cost
        if outcome.state == "failed":
            refused[outcome.key] = outcome.error
        else:
            refused.pop(outcome.key, None)
            progress.result(run_id=str(outcome.result.get("run_id", "")))
        if time.monotonic() - gathered_at > GATHER_EVERY_S:
            gather()
            gathered_at = time.monotonic()


def _curve_key(config: ExperimentConfig) -> str:
    """Another one than that of the run with the same configuration."""
    return f"curve {config.id}"


def _cost(config: ExperimentConfig) -> float:
    """Roughly how long a run takes beside the others: what an epoch costs grows with the window's length."""
    return 100.0 + config.training.epochs * config.windows.length_minutes / 60.0


def _left(started: float, spent: float, total: float) -> str:
    if not spent:
        return ""
    minutes = (time.monotonic() - started) / 60 * (total - spent) / spent
    return f"about {max(1, round(minutes))} min left"


def _write(
    place: Path, standing: ExperimentConfig, source: Archive, size: Size, data_dir: Path, refused: dict[str, str]
) -> None:
    """The tables of what is finished, and paper.json after them; pages may read while this is written."""
    planned = plan.runs(standing, size)
    runs, histories = gathered.runs(planned, data_dir, refused)
    tables = {
        "runs": runs,
        "histories": histories,
        "curves": gathered.curves(standing, size, data_dir),
        "stations": gathered.stations(standing, source),
        "network": gathered.network(),
    }
    files.make_folder(place)
    files.clear_leftovers(place)
    study_document.write_refusals(place / "refused.json", Refusals(refused))
    for name, table in tables.items():
        _parquet(place / f"{name}.parquet", table)
    keys = {choice: _curve_key(plan.curve(standing, size, choice)) for choice in plan.CHOICES}
    laws = gathered.found_curves(standing, size, data_dir)
    document = StudyDocument(
        created=clock.stamp(),
        synthetic=source.synthetic,
        stations=tuple(standing.data.stations),
        length_minutes=size.length,
        n_planned=len(runs),
        n_done=int((runs["run_id"] != "").sum()),
        n_refused=int((runs["refused"] != "").sum()),
        left_out=size.left_out,
        law={choice: curve.power_law.sentence for choice, curve in laws.items()},
        curves_refused={choice: refused[key] for choice, key in keys.items() if key in refused},
        study_id=place.name,
        size=size.name,
        training_seconds=float(runs.drop_duplicates("run_id")["seconds"].sum()),
    )
    study_document.write(place / "paper.json", document)
    logging.getLogger(__name__).info("%s: %d of %d", place, document.n_done, document.n_planned)


def _parquet(path: Path, table: pd.DataFrame) -> None:
    files.replace(path, lambda temporary: table.to_parquet(temporary, index=False))
