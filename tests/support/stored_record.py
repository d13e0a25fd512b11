"""
What a data folder holds, in numbers: read by the code of today, to be compared with what the code that made it read.

`rows` is a function that gives what `precursor ARGUMENTS --json` prints. Sentences are left out: they may be worded
anew.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.loading.archive.archive import Archive
from core.runs.runs import RunStore

Rows = Callable[..., list[dict[str, Any]]]
LISTED = (
    "stations", "synthetic", "split_method", "window_minutes", "n_windows", "scored_split", "auc", "accuracy",
    "majority_share", "dead", "leak", "study",
)  # fmt: skip
SCORED = ("split", "station", "n", "n_positive", "auc", "accuracy", "brier", "n_parameters")
FORECAST = ("station", "valid_from", "valid_until", "probability", "run_id", "synthetic", "retrospective", "digest")


def runs(rows: Rows) -> dict[str, dict[str, Any]]:
    """By run id, what the list of runs says of it."""
    return {row["run_id"]: {name: row[name] for name in LISTED} for row in rows("runs", "--all")}


def scores(rows: Rows, run_id: str) -> list[dict[str, Any]]:
    """The scores of a run, split by split and station by station."""
    return [{name: row[name] for name in SCORED} for row in rows("show", run_id)]


def verdict(rows: Rows, run_id: str) -> dict[str, Any]:
    """The kind of a verdict, its registration, and how many runs scored the same stretch."""
    (row,) = rows("verdict", run_id)
    return {
        "kind": row["kind"],
        "synthetic": row["synthetic"],
        "registration": row["registration"]["state"],
        "frozen_id": row["registration"]["frozen_id"],
        "n_runs": None if row["family"] is None else row["family"]["n_runs"],
    }


def predictions(data_dir: Path, run_id: str) -> dict[str, Any]:
    """How many windows a run has given a probability, and the probabilities of the first and the last of them."""
    probability = RunStore(data_dir).open(run_id).predictions["probability"].to_numpy(dtype=float)
    return {"n": len(probability), "first": probability[:5].tolist(), "last": probability[-5:].tolist()}


def ledger(rows: Rows) -> list[dict[str, Any]]:
    """The forecasts that were written down; the digest of the last is the head of the chain."""
    return [{name: row[name] for name in FORECAST} for row in rows("ledger")]


def catalogues(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """By name of a stored catalogue, its snapshots, oldest first."""
    names = [row["name"] for row in rows("catalogue")]
    return {
        name: [{key: row[key] for key in ("digest", "n_events")} for row in rows("catalogue", "history", name)]
        for name in names
    }


def indices(rows: Rows) -> list[dict[str, Any]]:
    """How many values of Kp and Dst are stored."""
    return [{key: row[key] for key in ("index", "n_values", "largest")} for row in rows("activity")]


def revisions(rows: Rows, station: str) -> list[dict[str, Any]]:
    """Which minutes of a station were replaced later."""
    names = ("data_type", "by_type", "start", "end", "n_minutes", "largest_change_nt")
    return [{name: row[name] for name in names} for row in rows("archive", "revisions", station)]


def minutes(data_dir: Path) -> dict[str, dict[str, Any]]:
    """By station, the first minute and, by component, the number of values and the SHA-256 of the whole grid."""
    archive, held = Archive(data_dir / "archive"), {}
    for station in archive.stations():
        field = archive.minute(station).field
        columns = {name: _column(field[name].to_numpy(dtype="<f8")) for name in field.columns}
        held[station] = {"first": field.index[0].isoformat(), "n": len(field), "columns": columns}
    return held


def parquet(data_dir: Path) -> dict[str, str]:
    """SHA-256 of each Parquet file of the archive, by its path in it."""
    archive = data_dir / "archive"
    return {
        path.relative_to(archive).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(archive.rglob("*.parquet"))
    }


def checkpoint(data_dir: Path, run_id: str) -> dict[str, Any]:
    """The epochs that an unfinished training had complete, and its history; {} if it has no checkpoint."""
    path = data_dir / "runs" / f"{run_id}.partial" / "checkpoint.npz"
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as content:
        state = json.loads(str(content["state"]))
    return {"epoch": state["epoch"], "history": state["history"]}


def history(data_dir: Path, run_id: str) -> list[dict[str, Any]]:
    """The history of a finished run, one row per epoch."""
    with open(data_dir / "runs" / run_id / "history.csv", encoding="utf-8", newline="") as file:
        return [{name: float(value or "nan") for name, value in row.items()} for row in csv.DictReader(file)]


def _column(values: np.ndarray) -> dict[str, Any]:
    values = np.where(np.isnan(values), np.nan, values)  # one pattern of bits for every missing value
    return {"n": int(np.isfinite(values).sum()), "sha256": hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()}
