"""
The final block: the last stretch of time, kept out of everything and opened once.

`[split] final_fraction` sets it aside. Its opening is written into `data/final/journal.jsonl`, which only grows, with
the block's stations and period. Whoever opens a block again with another run, even in part, is told, and so is
every reader of that run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import files
from core.chained_log import Journal
from core.errors import InputError
from core.evaluation import scores
from core.labelling import dataset, splits
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import sources
from core.runs.runs import Run
from core.training import fit

CLOSED = "in the final block, not opened yet"  # why a window of a scan has no probability
NUMBERS = ("n", "n_positive", "auc", "auc_low", "auc_high", "mcc", "brier", "brier_reference")


def open_once(run: Run, source: Source, data_dir: Path, progress: Progress | None = None) -> dict[str, Any]:
    """
    Score the final block of a run, and write down that it was opened; a second time gives what the first one gave.

    Parameters
    ----------
    run : Run
    source : Source
        That the run was made from, with unchanged data.
    data_dir : Path
    progress : Progress, optional

    Returns
    -------
    dict
        JSON-ready: run_id, time, block (stations, start, end), opened_before (run ids and times of earlier openings of
        this block by other runs), and the pooled scores (`NUMBERS`).

    Raises
    ------
    InputError
        If the run has no final block, or its data have changed.
    """
    progress = progress or Progress()
    earlier = [entry for entry in openings(data_dir) if entry["run_id"] == run.run_id]
    if earlier:
        return earlier[0]
    if not run.config.split.final_fraction:
        raise InputError(
            f"Run {run.run_id} has no final block. Set [split] final_fraction, for example 0.15, before training."
        )
    if sources.digests(run.config, source) != run.digests:
        raise InputError(f"The data of run {run.run_id} have changed since it was made; its final block stays closed.")
    progress.stage("Cutting the final block")
    windows = dataset.build(run.config, source)
    windows.scaling = run.scaling
    # The run's own table decides: it knows what was withheld because an ancestor of the run had learned from it.
    rows = windows.rows(splits.FINAL)
    rows = rows[windows.table["window_id"].iloc[rows].isin(_own_windows(run)["window_id"]).to_numpy()]
    if not len(rows):
        raise InputError(f"The final block of run {run.run_id} holds no usable window.")
    progress.stage("Scoring the final block")
    model = fit.load_model(run.config, windows.n_minutes, run.weights)
    table = windows.table.iloc[rows]
    # Scored as a test split, so that the numbers mean what they mean there.
    predictions = table.assign(probability=fit.predict(model, windows, rows), split="test")
    pooled = scores.table(predictions, run.config.training.threshold, splits.footprint_minutes(run.config)).iloc[0]
    block = {
        "stations": sorted(set(table["station"].astype(str))),
        "start": table["start"].min().isoformat(),
        "end": table["footprint_end"].max().isoformat(),
        "synthetic": run.synthetic,
        "minutes": {name: digest for name, digest in run.digests.items() if name.startswith("minute/")},
    }
    with files.claimed(data_dir / "final" / ".opening.lock", "Another final block is being opened. Try again.", 30.0):
        before = [entry for entry in openings(data_dir) if same_block(entry["block"], block)]
        return _journal(data_dir).append(
            {
                "run_id": run.run_id,
                "block": block,
                "opened_before": [{"run_id": entry["run_id"], "time": entry["time"]} for entry in before],
                **files.plain({name: pooled[name] for name in NUMBERS}),
            }
        )


def hidden(run: Run, table: pd.DataFrame, data_dir: Path) -> np.ndarray:
    """
    Which windows share a minute with the final block of a run that has not been opened, shape (n_windows,), bool.

    Parameters
    ----------
    run : Run
    table : DataFrame
        start and end of windows.
    data_dir : Path
    """
    if said(run, data_dir)["state"] != "closed":
        return np.zeros(len(table), dtype=bool)
    own = _own_windows(run)
    inside = (table["end"] > own["footprint_start"].min()) & (table["start"] < own["footprint_end"].max())
    return inside.to_numpy()


def openings(data_dir: Path) -> list[dict[str, Any]]:
    """Every opening of a final block, oldest first."""
    return _journal(data_dir).entries()


def said(run: Run, data_dir: Path) -> dict[str, Any]:
    """
    What a reader of a run must know of its final block.

    Returns
    -------
    dict
        state ("none", "closed", "opened", "opened before") and words.
    """
    if not run.config.split.final_fraction:
        return {"state": "none", "words": "No final block was set aside for this run."}
    all_openings = openings(data_dir)
    own = next((entry for entry in all_openings if entry["run_id"] == run.run_id), None)
    if own is None:
        return {"state": "closed", "words": "The final block of this run has not been opened."}
    interval = "" if own["auc_low"] is None else f" [{own['auc_low']:.2f}, {own['auc_high']:.2f}]"
    auc = "no AUC (a class is absent)" if own["auc"] is None else f"AUC {own['auc']:.2f}{interval}"
    words = f"The final block was opened on {own['time'][:10]}: {auc} on {own['n']} windows."
    if own["opened_before"]:
        first = own["opened_before"][0]
        n = len(own["opened_before"])
        words += (
            f" It had been opened {'once' if n == 1 else f'{n} times'} before, first for {first['run_id']} on "
            f"{first['time'][:10]}: this score is not that of an untouched block."
        )
        return {"state": "opened before", "words": words}
    later = [e for e in all_openings if same_block(e["block"], own["block"]) and e["run_id"] != run.run_id]
    if later:
        words += f" {len(later)} other run{'' if len(later) == 1 else 's'} opened the same block later."
    return {"state": "opened", "words": words}


def same_block(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """
    True if two blocks share a station and a stretch of time, however their windows were cut.

    Of made-up data only where the station's numbers are the same: other worlds have other data at the same time.
    """
    shared = set(one["stations"]) & set(other["stations"])
    if one["synthetic"] != other["synthetic"] or one["start"] >= other["end"] or other["start"] >= one["end"]:
        return False
    names = [f"minute/{code}" for code in shared]
    return any(not one["synthetic"] or one["minutes"].get(n) == other["minutes"].get(n) for n in names)


def _own_windows(run: Run) -> pd.DataFrame:
    return run.windows[run.windows["split"] == splits.FINAL]


def _journal(data_dir: Path) -> Journal:
    return Journal(data_dir / "final" / "journal.jsonl")
