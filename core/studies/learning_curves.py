"""Learning curves on disk: one folder per config and data under `data/learning_curves/`."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from core import clock, config_file, documents, files
from core import config as configs
from core.caveats import Caveat, CaveatKind
from core.config import ExperimentConfig
from core.errors import InputError
from core.evaluation import bootstrap, power_law
from core.evaluation.power_law import PowerLaw
from core.labelling import dataset, splits
from core.loading.record import minute
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.runs import kept, sources
from core.runs.pipeline import settled
from core.studies import shelf
from core.studies.shelf import Shelf
from core.studies.workers import Report, Result
from core.training import training_sizes
from core.typed_documents import Moment, OtherVersion, Versioned

DRAWN_BY = "cluster"  # part of a curve's name: curves whose windows were drawn one by one are other curves


@dataclass(frozen=True)
class Status(Versioned):
    """
    status.json of a curve: when it was made (ISO, UTC), whether the data were synthetic and whether its split leaks
    (which a curve of an earlier version does not say), SHA-256 of every input.
    """

    created: Moment
    synthetic: bool
    leak: bool = False
    digests: dict[str, str] = field(default_factory=dict)

    VERSION = 1
    CALLED = "The learning curve {}"


@dataclass(frozen=True)
class LearningCurve:
    """
    A finished learning curve.

    `points` has one row per fraction and repeat, as `training.training_sizes.run` describes it; `status` says when it
    was made, whether the data were synthetic, and whether its split leaks. `power_law` is what
    `evaluation.power_law.fit` made of the points: would more data help?
    """

    curve_id: str
    config: ExperimentConfig
    points: pd.DataFrame
    status: Status
    power_law: PowerLaw

    @property
    def caveats(self) -> list[Caveat]:
        """What whoever shows this curve must show."""
        told = []
        if self.status.synthetic:
            sentence = "Synthetic data: this says something about the method, nothing about the Earth."
            told.append(Caveat(CaveatKind.SYNTHETIC, sentence))
        if self.status.leak:
            sentence = "Its windows leak from training into validation (random split): the scores are too good."
            told.append(Caveat(CaveatKind.LEAK, sentence))
        return told


def make(
    config: ExperimentConfig,
    source: Source,
    data_dir: Path,
    fractions: list[float],
    repeats: int,
    progress: Progress | None = None,
) -> LearningCurve:
    """
    Train on growing subsets of the training windows; a killed attempt goes on where it stopped.

    The same request on the same data is the same curve: if it is there already, it is returned as it is.

    Raises
    ------
    InputError
        If there is nothing to train on or to validate with, or another process is making this curve.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    config, fractions = settled(config, source), sorted(set(fractions))
    digests = sources.digests(config, source)
    content = json.dumps([config.id, sorted(digests.items()), fractions, repeats, DRAWN_BY])
    home, name = data_dir / "learning_curves", f"{config.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    folder = home / name
    busy = f"Learning curve {name} is being made by another process. Wait for it to end."
    with files.claimed(home / f".{name}.lock", busy):
        if (folder / "status.json").exists():
            return _open(folder)
        progress.stage("Cutting and labelling windows")
        windows = dataset.build(config, source)
        files.make_folder(folder)
        files.clear_leftovers(folder)
        config_file.write(folder / "config.json", config)
        total, before = len(fractions) * repeats, len(training_sizes.read(folder / "points.csv"))
        done = itertools.count(before + 1)
        train = windows.table.iloc[windows.rows("train")]
        groups = bootstrap.groups(
            minute.epoch_minutes(pd.DatetimeIndex(train["start"])),
            splits.footprint_minutes(config),
            train["cluster"].to_numpy(),
        )
        progress.stage("Training on growing subsets", before, total)
        points = training_sizes.run(
            config,
            windows,
            fractions,
            repeats,
            folder,
            on_point=lambda point: progress.stage("Training on growing subsets", next(done), total),
            should_stop=progress.should_stop,
            groups=groups,
        )
        if len(points) < total:
            raise Cancelled(f"Stopped after {len(points)} of {total} trainings. The same command goes on from there.")
        files.replace_json(folder / "power_law.json", power_law.fit(points).to_dict())
        files.replace_json(
            folder / "status.json",
            Status(
                created=clock.stamp(),
                synthetic=source.synthetic,
                leak=not windows.audit.ok,
                digests=digests,
            ).to_dict(),
        )
    return _open(folder)


def in_worker(table: dict[str, object], data_dir: str, fractions: list[float], repeats: int, report: Report) -> Result:
    """`make` within a worker process: a config as a dictionary becomes a learning curve of the data folder."""
    folder, config = Path(data_dir), configs.from_dict(table)
    made = make(config, sources.open_source(config, folder), folder, fractions, repeats)
    return {"curve_id": made.curve_id}


def stored(data_dir: Path) -> list[LearningCurve]:
    """Every finished learning curve that can be read, newest first; see `on_shelf`."""
    return list(on_shelf(data_dir).there)


def on_shelf(data_dir: Path) -> Shelf[LearningCurve]:
    """Every finished learning curve, and why one that is damaged or of a newer program is left out."""
    home = data_dir / "learning_curves"
    return shelf.look(home, "status.json", lambda curve_id: _open(home / curve_id))


def _open(folder: Path) -> LearningCurve:
    try:
        status = Status.from_dict(documents.read_json(folder / "status.json"), folder.name)
        points = training_sizes.read(folder / "points.csv").sort_values(["fraction", "repeat"], ignore_index=True)
        if points.empty:
            raise ValueError("it is incomplete")
        stored = folder / "power_law.json"  # a curve of an earlier version has none
        law = PowerLaw.from_dict(documents.read_json(stored)) if stored.exists() else power_law.fit(points)
        config = config_file.load(folder / "config.json")
        return LearningCurve(folder.name, config, points, status, law)
    except OtherVersion:  # it says itself what to do
        raise
    except kept.UNUSABLE as error:
        raise InputError(
            f"Learning curve {folder.name} cannot be used ({documents.reason(error)}). Restore the folder {folder} "
            "from a copy, or delete it and make the curve again."
        ) from None
