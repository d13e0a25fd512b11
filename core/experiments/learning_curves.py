"""Learning curves on disk: one folder per config and data under `data/learning_curves/`."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core import config as configs
from core import files
from core.config import ExperimentConfig
from core.experiments.pipeline import with_stations
from core.experiments.progress import Cancelled, Progress
from core.labelling import dataset
from core.loading.source import Source
from core.training import learning_curve


@dataclass(frozen=True)
class LearningCurve:
    """A finished learning curve: its config, its points, and whether the data were synthetic."""

    curve_id: str
    config: ExperimentConfig
    points: pd.DataFrame
    status: dict[str, Any]


def make(
    config: ExperimentConfig,
    source: Source,
    data_dir: Path,
    fractions: list[float],
    repeats: int,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """
    Train on growing subsets of the training windows; a killed attempt goes on where it stopped.

    Returns
    -------
    DataFrame
        One row per fraction and repeat, as `training.learning_curve.run` describes it.
    """
    progress = progress or Progress()
    config = with_stations(config, source)
    digests = source.digests(list(config.data.stations), list(config.data.catalogues))
    content = json.dumps([config.id, sorted(digests.items()), fractions, repeats])
    folder = data_dir / "learning_curves" / f"{config.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    progress.stage("Cutting and labelling windows")
    windows = dataset.build(config, source)
    files.replace_json(folder / "config.json", config.as_dict())
    total = len(fractions) * repeats
    done = itertools.count(len(learning_curve.read(folder / "points.csv")) + 1)
    points = learning_curve.run(
        config,
        windows,
        fractions,
        repeats,
        folder,
        on_point=lambda point: progress.stage("Training on growing subsets", next(done), total),
        should_stop=progress.should_stop,
    )
    if len(points) < total:
        raise Cancelled(f"Stopped after {len(points)} of {total} trainings. The same command goes on from there.")
    files.replace_json(
        folder / "status.json",
        {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "synthetic": source.synthetic,
            "leak": not windows.audit["ok"],
            "digests": digests,
        },
    )
    return points


def stored(data_dir: Path) -> list[LearningCurve]:
    """Every finished learning curve, newest first."""
    home = data_dir / "learning_curves"
    complete = [p for p in home.iterdir() if (p / "status.json").exists()] if home.is_dir() else []
    complete.sort(key=lambda p: (p / "status.json").stat().st_mtime_ns, reverse=True)
    return [
        LearningCurve(
            p.name,
            configs.load(p / "config.json"),
            pd.read_csv(p / "points.csv"),
            json.loads((p / "status.json").read_text(encoding="utf-8")),
        )
        for p in complete
    ]
