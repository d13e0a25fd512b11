"""
Cross-validation: every block of time is the test block once, and each fold is an ordinary run.

One test block can be lucky. Here the record is cut into blocks of time; fold k is tested on block k, validated (where
early stopping looks) on the block before it and trained on the others, with purge and embargo on both sides. With
`leave_one_station_out` there is a fold for every station and block. What is reported first is each block; a pooled AUC
can exceed chance only because blocks differ in their share of positives, so it stands beside the AUC of pairs within
blocks, which cannot.
"""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import config as configs
from core.config import ExperimentConfig
from core.errors import InputError
from core.evaluation import bootstrap, scores
from core.judgement import assessment
from core.labelling import splits
from core.loading.record.minute import epoch_minutes
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import pipeline
from core.runs.pipeline import settled
from core.runs.run_documents import scored_split
from core.runs.runs import Run, RunStore, with_clusters
from core.vocabulary import POOLED

N_BLOCKS = 5
N_BOOTSTRAP = 1000
BLOCK_COLUMNS = (
    "block",
    "test_station",
    "first",
    "last",
    "n",
    "n_positive",
    "n_clusters",
    "majority_share",
    "auc",
    "auc_low",
    "auc_high",
    "mcc",
    "run_id",
    "note",
)


@dataclass(frozen=True)
class CrossValidation:
    """
    What came out of all folds.

    `blocks` has one row per fold (`BLOCK_COLUMNS`; test_station is "all" unless stations are left out): its scores, or
    in `note` why it could not be trained. `pooled` has two rows, of: "all pairs" and "pairs within blocks", with n,
    n_positive, auc, auc_low, auc_high. `predictions` are the test rows of all folds, with block and cluster.
    `sentences` say what it means.
    """

    config: ExperimentConfig
    runs: tuple[str, ...]
    blocks: pd.DataFrame
    pooled: pd.DataFrame
    predictions: pd.DataFrame
    sentences: list[str]


def folds(config: ExperimentConfig) -> list[ExperimentConfig]:
    """
    The config of each fold; a config without `n_blocks` gets five.

    Raises
    ------
    InputError
        If the split is not one in time.
    """
    if config.split.method in splits.LEAKY:
        raise InputError(
            f'Cross-validation cuts time into blocks, but [split] method = "{config.split.method}" does not. Use '
            '"blocked" or "leave_one_station_out".'
        )
    n = config.split.n_blocks or N_BLOCKS
    left_out = config.data.stations if config.split.method == "leave_one_station_out" else ("",)
    parts = []
    for station in left_out:
        for k in range(n):
            name = f"{config.name[:44]}-{f'{station}-' if station else ''}block{k + 1}of{n}"
            split = {"n_blocks": n, "test_block": k, "test_station": station}
            parts.append(dataclasses.replace(configs.replace(config, split=split), name=name))
    return parts


def cross_validate(
    config: ExperimentConfig, source: Source, store: RunStore, progress: Progress | None = None
) -> CrossValidation:
    """
    Train every fold as a run and put their test blocks together; folds that are there already are not trained again.

    Parameters
    ----------
    config : ExperimentConfig
    source : Source
    store : RunStore
    progress : Progress, optional

    Raises
    ------
    InputError
        If the split is not one in time, or not a single fold can be trained.
    Cancelled
        If `progress.should_stop()` became true; the same call goes on where it stopped.
    """
    progress = progress or Progress()
    config = settled(config, source)
    chosen, rows, parts, made = folds(config), [], [], []
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of every model after the fourth
    for number, fold in enumerate(chosen):
        progress.stage("Cross-validation", number, len(chosen), f"fold {number + 1} of {len(chosen)}")
        row = {"block": fold.split.test_block, "test_station": fold.split.test_station or POOLED, "note": ""}
        try:
            run = pipeline.run(fold, source, store, progress)
            assessment.note_try(run, source, store.folder.parent, progress)
        except InputError as error:
            rows.append(row | {"note": str(error)})
            continue
        tested = _tested(run, fold.split.test_block)
        made.append(run.run_id)
        parts.append(tested)
        rows.append(row | _scores(run, tested))
    if not parts:
        raise InputError(f"No fold could be trained. The first said: {rows[0]['note']}")
    predictions = pd.concat(parts, ignore_index=True)
    blocks = pd.DataFrame(rows, columns=list(BLOCK_COLUMNS))
    pooled = pool(predictions, splits.footprint_minutes(config), config.training.seed)
    return CrossValidation(config, tuple(made), blocks, pooled, predictions, _sentences(blocks, pooled))


def pool(predictions: pd.DataFrame, block_minutes: int, seed: int) -> pd.DataFrame:
    """
    The AUC of all test rows together, and of pairs within one fold, with cluster-bootstrap intervals.

    Parameters
    ----------
    predictions : DataFrame
        block, station, start, label, probability, cluster and run_id (one per fold).
    block_minutes : int
        Windows that start in the same stretch of this length are drawn together.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        of ("all pairs", "pairs within blocks"), n, n_positive, auc, auc_low, auc_high. Each fold weighs with its number
        of pairs in the second.
    """
    label, score = predictions["label"].to_numpy(), predictions["probability"].to_numpy()
    start = epoch_minutes(pd.DatetimeIndex(predictions["start"]))
    # One draw for all folds: where stations are left out, several folds are tested on the same stretch of time.
    group = bootstrap.groups(start, block_minutes, predictions["cluster"].to_numpy())
    taken = bootstrap.draws(int(group.max()) + 1, N_BOOTSTRAP, seed)
    n_groups = bootstrap.fewest_groups(label, group)
    whole = scores.auc(label, score), *bootstrap.interval(bootstrap.auc_draws(label, score, group, taken), n_groups)
    wins, pairs, drawn_wins, drawn_pairs = 0.0, 0, np.zeros(N_BOOTSTRAP), np.zeros(N_BOOTSTRAP)
    for rows in predictions.groupby("run_id", sort=False).indices.values():
        positive, negative = (rows[label[rows] == truth] for truth in (1, 0))
        if len(positive) and len(negative):
            n, drawn = (
                len(positive) * len(negative),
                _taken_of(positive, group, taken) * _taken_of(negative, group, taken),
            )
            wins, pairs = wins + n * scores.auc(label[rows], score[rows]), pairs + n
            areas = bootstrap.auc_draws(label[rows], score[rows], group[rows], taken)
            drawn_wins, drawn_pairs = drawn_wins + np.nan_to_num(areas) * drawn, drawn_pairs + drawn
    within = (np.nan, np.nan, np.nan)
    if pairs:
        areas = np.divide(drawn_wins, drawn_pairs, out=np.full(N_BOOTSTRAP, np.nan), where=drawn_pairs > 0)
        within = (wins / pairs, *bootstrap.interval(areas, n_groups))
    counts = (len(label), int((label == 1).sum()))
    lines = [("all pairs", *counts, *whole), ("pairs within blocks", *counts, *within)]
    return pd.DataFrame(lines, columns=["of", "n", "n_positive", "auc", "auc_low", "auc_high"])


def _taken_of(rows: np.ndarray, group: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """How many of these rows each draw holds, shape (n_bootstrap,)."""
    return taken @ np.bincount(group[rows], minlength=taken.shape[1])


def _tested(run: Run, block: int) -> pd.DataFrame:
    """The test rows of a fold, with their clusters."""
    rows = run.predictions[run.predictions["split"] == "test"]
    return with_clusters(rows, run.windows).assign(block=block, run_id=run.run_id)


def _scores(run: Run, tested: pd.DataFrame) -> dict[str, object]:
    assert scored_split(run.scores) == "test", run.run_id
    kept = ("n", "n_positive", "majority_share", "auc", "auc_low", "auc_high", "mcc")
    return {name: run.pooled[name] for name in kept} | {
        "first": tested["start"].min(),
        "last": tested["end"].max(),
        "n_clusters": tested.loc[tested["cluster"] >= 0, "cluster"].nunique(),
        "run_id": run.run_id,
    }


def _sentences(blocks: pd.DataFrame, pooled: pd.DataFrame) -> list[str]:
    within = pooled.iloc[1]
    said = []
    if np.isfinite(within["auc"]):
        low, high = within["auc_low"], within["auc_high"]
        verdict = "includes" if low <= 0.5 <= high else "does not include"
        said.append(
            f"Pairs within {blocks['auc'].notna().sum()} test blocks: AUC {within['auc']:.2f} [{low:.2f}, {high:.2f}]. "
            f"The interval {verdict} 0.5, chance."
        )
    else:
        said.append("No test block holds both classes: there is no AUC.")
    failed = int((blocks["note"] != "").sum())
    if failed:
        said.append(f"{failed} of {len(blocks)} folds could not be trained; their notes say why.")
    return said
