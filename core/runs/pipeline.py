"""From a configuration to a run: the whole story in one function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from core import clock, config_file, files
from core import config as configs
from core.config import ExperimentConfig
from core.errors import InputError
from core.evaluation import scores, tested_runs
from core.labelling import dataset, splits
from core.labelling.dataset import WindowSet
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.runs import environment, kept, run_documents, sources
from core.runs.environment import RunEnvironment
from core.runs.run_documents import Began
from core.runs.runs import PREDICTION_COLUMNS, Run, RunStore, run_id, with_clusters
from core.runs.status import Status
from core.training import fit, memory, network
from core.vocabulary import SPLITS

BEGAN = "began.json"


def run(
    config: ExperimentConfig,
    source: Source,
    store: RunStore,
    progress: Progress | None = None,
    parent: Run | None = None,
    study: str = "",
) -> Run:
    """
    Take one configuration through labelling, training and evaluation.

    The same config on the same data is the same run: if it is there already it
    is returned as it is, and what a killed or cancelled attempt left is
    continued from its last checkpoint.

    Parameters
    ----------
    config : ExperimentConfig
    source : Source
    store : RunStore
    progress : Progress, optional
    parent : Run, optional
        Start from the weights of this run instead of fresh ones (self-update).
    study : str
        Which study asks for this run as one of many, such as "sweep": lists leave it out. "": the user himself does.

    Raises
    ------
    InputError
        If the config yields nothing to train on, the split leaks, or another process is making this run.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    config = settled(config, source)
    digests = sources.digests(config, source)
    identity = run_id(config, digests, parent.run_id if parent else "")
    progress.result(run_id=identity)
    with store.writing(identity) as folder:
        store.note_asker(identity, study, first=folder is not None and not (folder / BEGAN).exists())
        if folder is None:
            return _counted(store.open(identity), store)
        began = _began(folder)
        progress.stage("Cutting and labelling windows")
        windows = dataset.build(config, source, learned=learned_from(parent))
        if sources.digests(config, source) != digests:
            raise InputError("The stored data changed while windows were cut from them. Give the same command again.")
        config_file.write(folder / "config.json", config)
        files.replace_json(folder / "audit.json", windows.audit.to_dict())
        files.replace_json(folder / "scaling.json", run_documents.write_scaling(windows.scaling))
        files.replace(folder / "windows.parquet", lambda path: windows.table.to_parquet(path, index=False))

        progress.stage("Training", 0, config.training.epochs)
        for row in fit.earlier_epochs(folder).to_dict("records"):
            _epoch(progress, {str(name): value for name, value in row.items()}, config.training.epochs)
        trained = fit.train(
            config,
            windows,
            folder,
            on_epoch=lambda row: _epoch(progress, row, config.training.epochs),
            should_stop=progress.should_stop,
            on_batch=progress.batch,
            initial_weights=parent.weights if parent else None,
        )
        if trained.cancelled:
            raise Cancelled(
                f"Stopped after epoch {len(trained.history)} of {config.training.epochs}. "
                "The same command goes on from there."
            )
        fit.save_weights(trained.model, folder / "weights.npz")

        progress.stage("Scoring")
        predictions = predict(trained.model, windows)
        files.replace(folder / "predictions.parquet", lambda path: predictions.to_parquet(path, index=False))
        clustered = with_clusters(predictions, windows.table)
        table = scores.table(clustered, config.training.threshold, splits.footprint_minutes(config))
        files.replace_json(folder / "scores.json", run_documents.write_scores(table))
        diagnosis = fit.diagnose(trained.history, network.n_hidden(trained.model))
        surroundings = RunEnvironment.of(environment.describe(), digests)
        files.replace_json(folder / "environment.json", surroundings.to_dict())
        files.replace_json(
            folder / "status.json",
            Status(
                began=began,
                created=clock.stamp(),
                seconds=round(trained.seconds, 1),
                synthetic=source.synthetic,
                source=config.data.source,
                parent=parent.run_id if parent else "",
                dead=diagnosis.dead,
                dead_sentence=diagnosis.sentence,
            ).to_dict(),
        )
    return _counted(store.open(identity), store)


def predict(model: object, windows: WindowSet) -> pd.DataFrame:
    """The predictions table: one row per window of each split, with the probability of label 1."""
    parts = []
    for split in SPLITS:
        rows = windows.rows(split)
        if len(rows):
            part = windows.table.iloc[rows].copy()
            part["probability"] = fit.predict(model, windows, rows)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)[list(PREDICTION_COLUMNS)]


def settled(config: ExperimentConfig, source: Source) -> ExperimentConfig:
    """The config with what it leaves open filled in: all stations of the source, the batch size that fits here."""
    config, _ = memory.resolve(config)
    if config.data.stations:
        return config
    return configs.replace(config, data={"stations": source.stations()})


def learned_from(run: Run | None) -> pd.DataFrame | None:
    """The windows that shaped the weights of a run and of its ancestors: training, and validation if it chose them."""
    parts = []
    while run is not None:
        splits = ["train", "validation"] if run.config.training.early_stopping_patience else ["train"]
        parts.append(run.windows[run.windows["split"].isin(splits) & (run.windows["rejected"] == "")])
        run = run.parent
    return pd.concat(parts, ignore_index=True) if parts else None


def _began(folder: Path) -> str:
    """When the first attempt at this run began: a plan that was frozen in a pause of it was not made before it."""
    path = folder / BEGAN
    if not path.exists():
        files.replace_json(path, Began(clock.stamp()).to_dict())
    return kept.read(path, run_documents.began, f"The unfinished run {folder.name}", "Delete it.").began


def _counted(run: Run, store: RunStore) -> Run:
    """The run, written into the journal of all that was ever tried; its folder may be deleted, the line stays."""
    auc, low, high = run.pooled[["auc", "auc_low", "auc_high"]]
    data = sources.data_key(run.config)
    line = tested_runs.of_training(run.run_id, run.config.name, run.synthetic, auc, low, high, data)
    tested_runs.note_trained(store.folder.parent, line)
    return run


def _epoch(progress: Progress, row: dict[str, Any], epochs: int) -> None:
    progress.epoch(row, epochs)
    progress.stage("Training", int(row["epoch"]), epochs)
