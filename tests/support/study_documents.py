"""Documents of studies in the smallest form that is read, for tests of who reads them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core import files
from core.config import ExperimentConfig
from core.studies import sweep

SWEEP = {"created": "2026-01-01T00:00:00+00:00", "varied": ["training.seed"], "synthetic": True}
PAPER = {
    "created": "2026-01-01T00:00:00+00:00",
    "synthetic": True,
    "stations": ["DUR"],
    "length_minutes": 60,
    "n_planned": 1,
    "n_done": 0,
    "n_refused": 0,
    "left_out": [],
    "law": {},
    "curves_refused": {},
}


def put_sweep(data: Path, sweep_id: str, **more: object) -> None:
    """A sweep of which nothing is trained."""
    folder = data / "sweeps" / sweep_id
    folder.mkdir(parents=True)
    files.replace_json(folder / "sweep.json", {**SWEEP, **more})
    row = {name: "" for name in sweep.FACTS} | {"run_id": "a-1", "training.seed": 0, "state": "waiting"}
    pd.DataFrame([row]).to_csv(folder / "runs.csv", index=False)


def put_paper(data: Path, study_id: str, **more: object) -> None:
    """A study of the paper without its tables."""
    files.replace_json(data / "paper" / study_id / "paper.json", {**PAPER, **more})


def put_curve(data: Path, curve_id: str, **more: object) -> None:
    """A learning curve of two trainings."""
    folder = data / "learning_curves" / curve_id
    files.replace_json(folder / "status.json", {"created": "2026-01-01T00:00:00+00:00", "synthetic": True, **more})
    files.replace_json(folder / "config.json", ExperimentConfig().as_dict())
    points = pd.DataFrame({"fraction": [0.5, 1.0], "n_windows": [4, 8], "repeat": [0, 0], "seed": [0, 0]})
    scores = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "validation_auc")
    points = points.assign(**dict.fromkeys((*scores, "majority_share"), 0.5))
    files.replace_text(folder / "points.csv", points.to_csv(index=False))
