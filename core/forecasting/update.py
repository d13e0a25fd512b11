"""
The self-update cycle: take in what is new, relabel, retrain from the old weights, forecast.

The old run stays as it is; what comes out is a new run that names the old one
as its parent. A forecast is issued for the period after the newest complete
window of each station.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.forecasting.ledger import Forecast, Ledger
from core.forecasting.watch import take_in
from core.judgement import assessment, final_block
from core.labelling import dataset, labels
from core.loading.archive.archive import Archive
from core.loading.formats.minutes.columns import Mapping
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import pipeline, sources
from core.runs.runs import Run, RunStore
from core.training import fit


@dataclass(frozen=True)
class Update:
    """What one cycle did."""

    taken_in: pd.DataFrame  # one row per file: file, outcome, message
    run: Run  # the one that forecasts: the new run, or the old one when nothing is new
    retrained: bool  # True if that run was trained in this cycle
    n_forecasts: int
    sentences: list[str]


def update(
    run: Run,
    data_dir: Path,
    watch: Path | None = None,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
) -> Update:
    """
    One cycle of the self-update for a run.

    Parameters
    ----------
    run : Run
    data_dir : Path
    watch : Path, optional
        A folder with new minute files, catalogues and indices. Files stay where they are; one that is stored
        already changes nothing.
    mapping : Mapping, optional
        How to read CSV files of minutes.
    progress : Progress, optional
    """
    progress = progress or Progress()
    sentences: list[str] = []
    taken_in = pd.DataFrame()
    if watch is not None:
        if run.synthetic:
            raise InputError("A run on the synthetic world cannot take in real files; run `update` without --watch.")
        progress.stage("Taking in new files")
        archive = Archive(data_dir / "archive")
        catalogues = list(run.config.data.catalogues) or archive.catalogues()["name"].tolist()
        taken_in = take_in(watch, archive, catalogues, mapping)
        if len(taken_in):
            counts = taken_in["outcome"].value_counts()
            sentences.append("Files: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items()) + ".")
    source = sources.open_source(run.config, data_dir, progress)
    current, retrained, told = _retrain(run, source, RunStore(data_dir), progress)
    sentences += told
    progress.stage("Forecasting")
    forecasts, silent = newest_forecasts(current, source)
    book = Ledger(data_dir / "ledger.sqlite")
    written = book.append(forecasts)
    if retrained:
        sentences += assessment.ensure(current, source, data_dir, progress)
    sentences += silent
    sentences.append(f"{written} of {len(forecasts)} forecasts are new in the ledger.")
    late = book.read().n_retrospective(forecasts)
    if late:
        sentences.append(
            f"{late} of them came after their period had begun and are marked retrospective. {_to_be_in_time(current)}"
        )
    return Update(taken_in, current, retrained, written, sentences)


def _retrain(run: Run, source: Source, store: RunStore, progress: Progress) -> tuple[Run, bool, list[str]]:
    """The run to forecast with, whether it was trained now, and what there is to say about it."""
    changed = sources.changed(run.digests, sources.digests(run.config, source))
    if not changed:
        return run, False, ["Nothing is new since this run was made: it was not retrained."]
    sentences = [f"New since {run.run_id}: {', '.join(changed)}."]
    if run.config.data.end:
        sentences.append(f"The config ends on {run.config.data.end}; data after that are not used for training.")
    known = store.ids()
    child = pipeline.run(run.config, source, store, progress, parent=run)
    if child.run_id in known:
        return child, False, [*sentences, f"An earlier update has retrained it into {child.run_id}; that run stands."]
    return child, True, [*sentences, f"Retrained from {run.run_id} into {child.run_id}."]


def _to_be_in_time(run: Run) -> str:
    """What would have to be otherwise for forecasts of a run to come before their period."""
    if run.config.windows.sampling == "grid":
        return "To forecast ahead, train with a latency_minutes longer than the data take to arrive."
    # It learned windows that end just before an event, so its period begins with the end of its window.
    return (
        'Windows that end with their event leave no time ahead: to forecast, train with sampling = "grid" and a '
        "latency_minutes longer than the data take to arrive."
    )


def newest_forecasts(run: Run, source: Source) -> tuple[list[Forecast], list[str]]:
    """
    One forecast per station, from its newest complete window.

    Returns
    -------
    forecasts : list of Forecast
    silent : list of str
        A sentence for each station whose newest window cannot be used.
    """
    config = run.config
    length = pd.Timedelta(minutes=config.windows.length_minutes)
    model = fit.load_model(config, config.windows.length_minutes, run.weights)
    forecasts, silent = [], []
    for station in config.data.stations:
        period = source.period(station)
        if period is None or period[1] - period[0] < length:
            silent.append(f"{station}: no complete window yet, so no forecast.")
            continue
        end = period[1]
        windows = dataset.scan_set(config, source, run.scaling, station, end - length, end, config.windows.step)
        closed = bool(final_block.hidden(run, windows.table.iloc[-1:], run.folder.parents[1])[0])
        reason = windows.table["rejected"].iloc[-1] or (final_block.CLOSED if closed else "")
        if reason:
            silent.append(f"{station}: the newest window is not usable ({reason}), so no forecast.")
            continue
        valid_from, valid_until = labels.period_of_validity(end, config)
        forecasts.append(
            Forecast(
                station=station,
                valid_from=valid_from,
                valid_until=valid_until,
                probability=float(fit.predict(model, windows, np.array([len(windows.table) - 1]))[0]),
                threshold=config.training.threshold,
                run_id=run.run_id,
                data_until=end,
                synthetic=run.synthetic,
            )
        )
    return forecasts, silent
