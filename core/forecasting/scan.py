"""Slide a trained run over a continuous record: a probability series with the numbers of the evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core import files, stations
from core.errors import InputError
from core.judgement import final_block
from core.judgement.plans import scan_notes
from core.labelling import dataset
from core.labelling.windows import reject
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.runs.runs import Run, RunStore
from core.training import fit, scan_loop

COLUMNS = ["start", "end", "probability", "rejected"]


def scan(
    run: Run,
    source: Source,
    station: str,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    step_minutes: int = 60,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """
    The probability of label 1 for windows at a regular step over a record.

    A window that training would have rejected for its data (gaps, incomplete)
    has no probability, nor has one in a final block that was not opened; its reason stands in `rejected`.
    Windows that overlap much share their work (shared_scan.py); the numbers are the same to 1e-6.

    Parameters
    ----------
    run : Run
    source : Source
    station : str
    start, end : Timestamp, UTC, optional
        Default: the station's whole record.
    step_minutes : int
        From one window's start to the next.

    Returns
    -------
    DataFrame
        start, end (UTC), probability (NaN where rejected), rejected ("" or the reason).

    Raises
    ------
    InputError
        If the station has no data there, or the run does not know its scale.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    progress.stage("Reading the record")
    windows = dataset.scan_set(run.config, source, run.scaling, station, start, end, step_minutes)
    closed = final_block.hidden(run, windows.table, run.folder.parent.parent)
    windows.table = reject(windows.table, closed, final_block.CLOSED)
    model = fit.load_model(run.config, run.config.windows.length_minutes, run.weights)
    probability = np.full(len(windows.table), np.nan)
    rows = np.flatnonzero(windows.table["rejected"].to_numpy() == "")
    for part, values in scan_loop.pieces(model, windows, rows, step_minutes):
        probability[part] = values
        if progress.should_stop():
            raise Cancelled("The scan was stopped; nothing was stored.")
        progress.stage(f"Scanning {station}", int(np.isfinite(probability).sum()), len(rows))
    series = windows.table[["start", "end", "rejected"]].copy()
    series["probability"] = probability
    return series[COLUMNS]


def folder(data_dir: Path, run_id: str) -> Path:
    """Where the scans of a run are kept. Raises InputError if the id is no plain file name."""
    return files.child(data_dir / "scans", run_id, "The id of a run")


def path(data_dir: Path, run_id: str, station: str) -> Path:
    """Where the scan of a run over a station is kept. Raises InputError if one of the two is no name of that kind."""
    stations.check_code(station)
    return folder(data_dir, run_id) / f"{station}.parquet"


def save(series: pd.DataFrame, data_dir: Path, run_id: str, station: str) -> None:
    """
    Keep a scan; a later one of the same run and station replaces it.

    It is a look at its stretch, which the journal of tries keeps though scan and run are deleted later.
    """
    store = RunStore(data_dir)
    if store.has(run_id):
        scan_notes.note(store.open(run_id), station, series, data_dir)
    files.replace_table(path(data_dir, run_id, station), series)


def load(data_dir: Path, run_id: str, station: str) -> pd.DataFrame | None:
    """
    The stored scan, or None.

    Raises
    ------
    InputError
        If its file is damaged.
    """
    stored = path(data_dir, run_id, station)
    if not stored.exists():
        return None
    try:
        return files.read_table(stored, columns=COLUMNS)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"The scan {stored} is damaged ({error}). Delete it and scan again.") from None
