"""A whole run of four scored windows in a store, without any training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core import files
from core.config import from_dict
from core.evaluation import scores
from core.runs.runs import PREDICTION_COLUMNS, RunStore

CONFIG = from_dict({"name": "trial", "data": {"stations": ["DUR"]}})
STATUS = {
    "created": "2026-01-02T03:04:05+00:00",
    "seconds": 1.5,
    "synthetic": False,
    "source": "archive",
    "parent": "",
    "dead": False,
    "dead_sentence": "",
}


def write_run(store: RunStore, name: str, **status) -> Path:
    """A whole run of four scored windows, without any training."""
    day = pd.date_range("2020-01-01", periods=4, freq="D", tz="UTC")
    predictions = pd.DataFrame(
        {
            "window_id": range(4),
            "station": "DUR",
            "start": day,
            "end": day + pd.Timedelta(days=1),
            "label": [1, 0, 1, 0],
            "event_id": ["a", "", "b", ""],
            "lead_days": [0.5, np.nan, 0.5, np.nan],
            "split": ["train", "train", "test", "test"],
            "probability": [0.9, 0.2, 0.7, 0.4],
        }
    )[list(PREDICTION_COLUMNS)]
    with store.writing(name) as folder:
        files.replace_json(folder / "config.json", CONFIG.as_dict())
        files.replace_json(folder / "audit.json", {"ok": True, "sentence": "No leak."})
        files.replace_json(folder / "scaling.json", {})
        files.replace_json(folder / "environment.json", {"digests": {}})
        files.replace_json(folder / "scores.json", scores.records(scores.table(predictions, 0.5)))
        predictions.to_parquet(folder / "windows.parquet", index=False)
        predictions.to_parquet(folder / "predictions.parquet", index=False)
        (folder / "history.csv").write_text("epoch,loss\n1,0.7\n")
        (folder / "weights.npz").write_bytes(b"weights")
        (folder / "checkpoint.npz").write_bytes(b"only of use while training")
        files.replace_json(folder / "status.json", {**STATUS, **status})
    return store.folder / name
