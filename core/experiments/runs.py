"""
The run store: one folder per run under `data/runs/`, complete or absent.

A run is written in `<run_id>.partial/`, synced, and renamed when everything is
there. It is never changed afterwards. A partial folder is what a killed or
cancelled run left: the same command goes on from its last checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from core import config as configs
from core import files
from core.config import ExperimentConfig
from core.errors import InputError
from core.evaluation.scores import COLUMNS as SCORE_COLUMNS

PREDICTION_COLUMNS = (
    "window_id",
    "station",
    "start",
    "end",
    "label",
    "event_id",
    "lead_days",
    "split",
    "probability",
)


@dataclass(frozen=True)
class Run:
    """A finished run; every property reads one file of its folder, once."""

    run_id: str
    folder: Path

    @cached_property
    def config(self) -> ExperimentConfig:
        """The configuration that was run."""
        return configs.load(self.folder / "config.json")

    @cached_property
    def status(self) -> dict[str, Any]:
        """created, seconds, synthetic, source, parent, dead, and the sentence about a dead network."""
        return _read_json(self.folder / "status.json")

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions, commit, threads, processor."""
        return _read_json(self.folder / "environment.json")

    @cached_property
    def digests(self) -> dict[str, str]:
        """SHA-256 of every input."""
        return self.environment["digests"]

    @cached_property
    def audit(self) -> dict[str, Any]:
        """What the leak audit found."""
        return _read_json(self.folder / "audit.json")

    @cached_property
    def scaling(self) -> dict[str, Any]:
        """The scaling learned from training rows."""
        return _read_json(self.folder / "scaling.json")

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Every candidate window with its fate."""
        return pd.read_parquet(self.folder / "windows.parquet")

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """The probability of label 1 for every window of train, validation and test."""
        return pd.read_parquet(self.folder / "predictions.parquet")

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row per epoch."""
        return pd.read_csv(self.folder / "history.csv")

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per split and station, chance beside each score."""
        table = pd.DataFrame(_read_json(self.folder / "scores.json"), columns=SCORE_COLUMNS)
        numbers = table.columns.difference(["split", "station"])
        return table.assign(**{name: pd.to_numeric(table[name]) for name in numbers})  # None becomes NaN

    @property
    def weights(self) -> Path:
        """The file of the trained weights."""
        return self.folder / "weights.npz"

    @property
    def synthetic(self) -> bool:
        """True if the run was made from synthetic data."""
        return bool(self.status["synthetic"])

    @cached_property
    def caveats(self) -> list[str]:
        """Sentences that every page showing this run must show."""
        sentences = []
        if self.synthetic:
            sentences.append("Synthetic data: this run says something about the method, nothing about the Earth.")
        if not self.audit.get("ok", True):
            sentences.append(str(self.audit["sentence"]))
        sentences += [str(warning) for warning in self.audit.get("warnings", [])]
        if self.status.get("dead"):
            sentences.append(str(self.status["dead_sentence"]))
        return sentences


class RunStore:
    """All runs of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "runs"

    def ids(self) -> list[str]:
        """Run ids, newest first."""
        if not self.folder.is_dir():
            return []
        done = [
            p for p in self.folder.iterdir() if p.is_dir() and (p / "status.json").exists() and p.suffix != ".partial"
        ]
        return [p.name for p in sorted(done, key=lambda p: (p.stat().st_mtime_ns, p.name), reverse=True)]

    def has(self, run_id: str) -> bool:
        """True if this run is complete."""
        return run_id in self.ids()

    def open(self, run_id: str) -> Run:
        """
        A run by its id, or by an unambiguous beginning of it.

        Raises
        ------
        InputError
            If no run, or more than one, fits.
        """
        ids = self.ids()
        fitting = [run_id] if run_id in ids else [name for name in ids if run_id and name.startswith(run_id)]
        if len(fitting) != 1:
            known = ", ".join(ids[:8]) or "none yet; `precursor train CONFIG` makes one"
            problem = "No run" if not fitting else f"{len(fitting)} runs"
            raise InputError(f"{problem} with an id beginning {run_id!r}. Runs: {known}.")
        return Run(fitting[0], self.folder / fitting[0])

    def list(self) -> pd.DataFrame:
        """One row per run, newest first: what it was and what came out, chance beside it."""
        return pd.DataFrame([_summary(self.open(run_id)) for run_id in self.ids()], columns=SUMMARY_COLUMNS)

    @contextmanager
    def writing(self, run_id: str) -> Iterator[Path]:
        """
        The folder in which to write a run; it becomes the run when the block ends without an error.

        A folder left by a killed or cancelled attempt is handed out again as it is.
        """
        partial = self.folder / f"{run_id}.partial"
        partial.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f".{run_id}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise InputError(f"Run {run_id} is being made by another process. Wait for it to end.") from None
        try:
            yield partial
            for path in partial.iterdir():
                with open(path, "rb") as file:
                    os.fsync(file.fileno())
            files.sync_folder(partial)
            os.rename(partial, self.folder / run_id)
            files.sync_folder(self.folder)
        finally:
            lock.release()


SUMMARY_COLUMNS = [
    "run_id",
    "name",
    "description",
    "created",
    "source",
    "synthetic",
    "stations",
    "split_method",
    "window_minutes",
    "n_windows",
    "scored_split",
    "auc",
    "auc_low",
    "auc_high",
    "accuracy",
    "majority_share",
    "dead",
    "leak",
    "seconds",
]


def run_id(config: ExperimentConfig, digests: dict[str, str], parent: str = "") -> str:
    """
    The identity of a run: its config's name and a hash of config, inputs and parent.

    The same config on the same data is the same run.
    """
    content = json.dumps([config.id, sorted(digests.items()), parent])
    return f"{config.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def scored_split(scores: pd.DataFrame) -> str:
    """The split a run is judged by: test where there is one, else validation."""
    return "test" if "test" in set(scores["split"]) else "validation"


def _summary(run: Run) -> dict[str, Any]:
    split = scored_split(run.scores)
    pooled = run.scores[(run.scores["split"] == split) & (run.scores["station"] == "all")].iloc[0]
    return {
        "run_id": run.run_id,
        "name": run.config.name,
        "description": run.config.description,
        "created": pd.Timestamp(run.status["created"]),
        "source": run.status["source"],
        "synthetic": run.synthetic,
        "stations": " ".join(run.config.data.stations),
        "split_method": run.config.split.method,
        "window_minutes": run.config.windows.length_minutes,
        "n_windows": len(run.predictions),
        "scored_split": split,
        **{key: pooled[key] for key in ("auc", "auc_low", "auc_high", "accuracy", "majority_share")},
        "dead": bool(run.status.get("dead")),
        "leak": not run.audit.get("ok", True),
        "seconds": run.status.get("seconds"),
    }


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
