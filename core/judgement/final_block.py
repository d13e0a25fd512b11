"""
The final block: the last stretch of time, kept out of everything and opened once.

`[split] final_fraction` or `final_start` sets it aside. Its opening is written into `data/final/journal.jsonl`, which
only grows, with the block's stations and period. Whoever opens a block again with another run, even in part, is told,
and so is every reader of that run.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import clock, files, typed_documents
from core.chained_log import ChainedLog
from core.errors import InputError
from core.evaluation import scores
from core.judgement.plans import stretch_end
from core.labelling import dataset, splits
from core.labelling.window_set import WindowSet
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import environment, pipeline, reproduction, sources
from core.runs.run_documents import scored_split
from core.runs.runs import Run
from core.training import fit

CLOSED = "in the final block, not opened yet"  # why a window of a scan has no probability
NUMBERS = ("n", "n_positive", "auc", "auc_low", "auc_high", "mcc", "brier", "brier_reference")


VERSION = 1  # of a line of the journal; the oldest have none


class BlockState(enum.StrEnum):
    """What became of the final block of a run."""

    NONE = "none"  # none was set aside
    CLOSED = "closed"
    OPENED = "opened"
    OPENED_BEFORE = "opened before"  # by another run


WAS_OPENED = (BlockState.OPENED, BlockState.OPENED_BEFORE)


@dataclass(frozen=True)
class FinalBlock:
    """What a reader of a run must know of its final block: how it stands, and that in a sentence."""

    state: BlockState
    words: str


@dataclass(frozen=True)
class Block:
    """A final block: its stations, its period (ISO times, UTC), and SHA-256 of the minutes of each station."""

    stations: tuple[str, ...]
    start: str
    end: str
    synthetic: bool
    minutes: dict[str, str]


@dataclass(frozen=True)
class Earlier:
    """An earlier opening of a block by another run, and when (ISO time, UTC)."""

    run_id: str
    time: str


@dataclass(frozen=True)
class Opening:
    """
    A line of the journal: who opened which block and when (ISO time, UTC), who had done so before, and the pooled
    scores (`NUMBERS`; None where one does not exist). digest, previous: the chain of the journal. largest_difference:
    of the stored probabilities of the judged windows to those of the code that opened the block, where it is another
    than the run's. plan: the frozen plan that was opened with it, "" without one.
    """

    run_id: str
    block: Block
    opened_before: tuple[Earlier, ...]
    n: int
    n_positive: int
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    mcc: float | None
    brier: float | None
    brier_reference: float | None
    time: str
    digest: str
    previous: str
    largest_difference: float | None = None
    plan: str = ""

    @classmethod
    def from_dict(cls, line: object) -> Opening:
        """
        From a line of the journal.

        Raises
        ------
        ValueError
            If it is no opening.
        """
        return typed_documents.read(cls, line)


def open_once(run: Run, source: Source, data_dir: Path, progress: Progress | None = None, plan: str = "") -> Opening:
    """
    Score the final block of a run, and write down that it was opened; a second time gives what the first one gave.

    Parameters
    ----------
    run : Run
    source : Source
        That the run was made from, with unchanged data.
    data_dir : Path
    progress : Progress, optional
    plan : str
        The id of the frozen plan that the run keeps to, "" without one: a plan is opened once.

    Returns
    -------
    Opening

    Raises
    ------
    InputError
        If the run has no final block, its data have changed, or the end that its config binds is still to come.
    """
    progress = progress or Progress()
    earlier = [opening for opening in openings(data_dir) if opening.run_id == run.run_id]
    if earlier:
        return earlier[0]
    if not run.config.split.has_final:
        raise InputError(
            f"Run {run.run_id} has no final block. Set [split] final_fraction, for example 0.15, before training."
        )
    stretch_end.refuse_before(run.run_id, run.config, source)
    table, largest_difference = score(run, source, progress)
    # Scored as a test split, so that the numbers mean what they mean there.
    predictions = table.assign(split="test")
    pooled = scores.table(predictions, run.config.training.threshold, splits.footprint_minutes(run.config)).iloc[0]
    block = Block(
        stations=tuple(sorted(set(table["station"].astype(str)))),
        start=table["start"].min().isoformat(),
        end=table["footprint_end"].max().isoformat(),
        synthetic=run.synthetic,
        minutes={name: digest for name, digest in run.digests.items() if name.startswith("minute/")},
    )
    with files.claimed(data_dir / "final" / ".opening.lock", "Another final block is being opened. Try again.", 30.0):
        before = [opening for opening in openings(data_dir) if same_block(opening.block, block)]
        line = {
            "run_id": run.run_id,
            "block": typed_documents.write(block),
            "largest_difference": largest_difference,
            "plan": plan,
            "opened_before": [typed_documents.write(Earlier(opening.run_id, opening.time)) for opening in before],
            **files.plain({name: pooled[name] for name in NUMBERS}),
        }
        return Opening.from_dict(journal(data_dir).append(line))


def score(run: Run, source: Source, progress: Progress) -> tuple[pd.DataFrame, float | None]:
    """
    The windows of the final block of a run with the probability of label 1.

    Where the code is not that of the run, its judged windows are scored again first: what judges the block must be what
    was trained.

    Returns
    -------
    table : DataFrame
        The columns of the windows table, and probability.
    largest_difference : float or None
        Of a probability, where the judged windows were scored again.

    Raises
    ------
    InputError
        If the data have changed, if other windows or probabilities come out than are stored, or if no window is there.
    """
    if sources.digests(run.config, source) != run.digests:
        raise InputError(f"The data of run {run.run_id} have changed since it was made; its final block stays closed.")
    progress.stage("Cutting the final block")
    windows = dataset.build(run.config, source, learned=pipeline.learned_from(run.parent))
    windows.scaling = run.scaling
    model = fit.load_model(run.config, windows.n_minutes, run.weights)
    largest_difference = None
    if run.environment.code != environment.code_digest():
        progress.stage("Scoring the judged windows again")
        largest_difference = _largest_difference(run, windows, model)
        if not largest_difference <= reproduction.TOLERANCE:
            raise InputError(
                f"The code has changed since run {run.run_id} was made, and its stored probabilities do not come out "
                f"again (allowed: {reproduction.TOLERANCE:g}); its final block stays closed. Delete the run and train "
                "it again: a plan that was frozen for it stays."
            )
    # The run's own table decides: it knows what was withheld because an ancestor of the run had learned from it.
    rows = windows.rows(splits.FINAL)
    rows = rows[windows.table["window_id"].iloc[rows].isin(_own_windows(run)["window_id"]).to_numpy()]
    if not len(rows):
        raise InputError(f"The final block of run {run.run_id} holds no usable window.")
    progress.stage("Scoring the final block")
    return windows.table.iloc[rows].assign(probability=fit.predict(model, windows, rows)), largest_difference


def _largest_difference(run: Run, windows: WindowSet, model: object) -> float:
    """Of the stored probabilities of the judged windows to new ones; NaN where the windows are others."""
    stored = run.predictions[run.predictions["split"] == scored_split(run.scores)]
    rows = windows.rows(scored_split(run.scores))
    names = ["station", "start", "label"]
    there = windows.table.iloc[rows][names].reset_index(drop=True)
    if len(there) != len(stored) or not (there == stored[names].reset_index(drop=True)).all(axis=None):
        return float("nan")
    return float(np.abs(fit.predict(model, windows, rows) - stored["probability"].to_numpy()).max())


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
    if said(run, data_dir).state != BlockState.CLOSED:
        return np.zeros(len(table), dtype=bool)
    start, end = _period(run)
    return np.asarray((table["end"] > start) & ((table["start"] < end) if end is not None else True))


def _period(run: Run) -> tuple[pd.Timestamp, pd.Timestamp | None]:
    """
    Where the final block of a run begins and ends; None if that is not bound.

    One that begins on a day holds what has come since the run was trained, up to the end that the config binds.
    """
    of_run, config = _own_windows(run), run.config
    start, end = of_run["footprint_start"].min(), of_run["footprint_end"].max()
    if not config.split.final_start:
        return start, end
    edge = clock.utc(config.split.final_start)
    last = clock.utc(config.data.end) if config.data.end else None
    return (min(start, edge), None if last is None else max(end, last)) if len(of_run) else (edge, last)


def openings(data_dir: Path) -> list[Opening]:
    """
    Every opening of a final block, oldest first.

    Raises
    ------
    InputError
        If a line of the journal was changed, or is no opening.
    """
    log = journal(data_dir)
    try:
        return [Opening.from_dict(line) for line in log.entries()]
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{log.path} holds a line that is no opening ({error}). Restore it from a copy.") from None


def said(run: Run, data_dir: Path) -> FinalBlock:
    """What a reader of a run must know of its final block; raises what `openings` does."""
    if not run.config.split.has_final:
        return FinalBlock(BlockState.NONE, "No final block was set aside for this run.")
    all_openings = openings(data_dir)
    opened = next((opening for opening in all_openings if opening.run_id == run.run_id), None)
    if opened is None:
        return FinalBlock(BlockState.CLOSED, "The final block of this run has not been opened.")
    no_interval = opened.auc_low is None or opened.auc_high is None
    interval = "" if no_interval else f" [{opened.auc_low:.2f}, {opened.auc_high:.2f}]"
    auc = "no AUC (a class is absent)" if opened.auc is None else f"AUC {opened.auc:.2f}{interval}"
    words = f"The final block was opened on {opened.time[:10]}: {auc} on {opened.n} windows."
    if opened.opened_before:
        first = opened.opened_before[0]
        n = len(opened.opened_before)
        words += (
            f" It had been opened {'once' if n == 1 else f'{n} times'} before, first for {first.run_id} on "
            f"{first.time[:10]}: this score is not that of an untouched block."
        )
        return FinalBlock(BlockState.OPENED_BEFORE, words)
    later = [each for each in all_openings if same_block(each.block, opened.block) and each.run_id != run.run_id]
    if later:
        words += f" {len(later)} other run{'' if len(later) == 1 else 's'} opened the same block later."
    return FinalBlock(BlockState.OPENED, words)


def same_block(block: Block, other: Block) -> bool:
    """
    True if two blocks share a station and a stretch of time, however their windows were cut.

    Of made-up data only where the station's numbers are the same: other worlds have other data at the same time.
    """
    if block.synthetic != other.synthetic or block.start >= other.end or other.start >= block.end:
        return False
    names = [f"minute/{code}" for code in set(block.stations) & set(other.stations)]
    return any(not block.synthetic or block.minutes.get(name) == other.minutes.get(name) for name in names)


def _own_windows(run: Run) -> pd.DataFrame:
    return run.windows[run.windows["split"] == splits.FINAL]


def journal(data_dir: Path) -> ChainedLog:
    """The journal of the openings of a data folder."""
    return ChainedLog(data_dir / "final" / "journal.jsonl", version=VERSION)
