"""What a run is judged by: its judged windows, a scan of their whole period, and the target events in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.caveats import Caveat, CaveatKind
from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.errors import InputError
from core.evaluation import alarm_series
from core.evaluation.alarm_series import TARGET_COLUMNS
from core.judgement import final_block
from core.judgement.final_block import BlockState
from core.labelling import controls, dataset, splits, windows
from core.labelling.targets import station_events
from core.labelling.window_set import WindowSet
from core.loading.record.minute import epoch_minutes
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.runs import pipeline, sources
from core.runs.run_documents import scored_split
from core.runs.runs import Run
from core.training import fit, scan_loop
from core.training.scan_loop import Piece

Score = Callable[[WindowSet, np.ndarray, int], Iterator[Piece]]  # as `scan_loop.pieces` without the model
MOST_WINDOWS, FEWEST_WINDOWS = 4000, 500  # of a scan, per station
MOST_MINUTES = 6_000_000  # of all windows of a scan together: a few seconds of prediction
STEPS = (1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)


@dataclass(frozen=True)
class Judged:
    """
    rows: the predictions of all splits with the columns of their windows. split: the judged one. scan: every window at
    a regular step over the judged period, columns `alarm_series.SCAN_COLUMNS`. events: what each station makes of
    each event of its catalogue. targets: columns `alarm_series.TARGET_COLUMNS`.
    """

    config: ExperimentConfig
    rows: pd.DataFrame
    split: str
    scan: pd.DataFrame
    events: pd.DataFrame
    targets: pd.DataFrame


def look(
    run: Run, source: Source, progress: Progress | None = None, score: Score | None = None, split: str = ""
) -> Judged:
    """
    Gather what a run is judged by.

    Parameters
    ----------
    run : Run
    source : Source
        That the run was made from.
    progress : Progress, optional
    score : callable, optional
        (windows, positions, step in minutes) -> pieces of (positions, probabilities); default: the run's network.
    split : str
        "final" for the final block, once it is opened; "": test where there is one, else validation.

    Raises
    ------
    InputError
        If the source has lost a station of the run, the run cannot be read, or its final block is closed.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    own = [name for name in run.windows.columns if name not in run.predictions.columns or name == "window_id"]
    rows = run.predictions.merge(run.windows[own], on="window_id", how="left", validate="one_to_one")
    if split == splits.FINAL:
        rows = pd.concat([rows, _final_rows(run, source, progress)[list(rows.columns)]], ignore_index=True)
    split = split or scored_split(run.scores)
    scanned = scan(run, source, rows, split, progress, score or network(run))
    codes = list(rows["station"].unique())
    events = station_events(run.config, source, codes)
    return Judged(run.config, rows, split, scanned, events, targets(run.config, events, scanned))


def _final_rows(run: Run, source: Source, progress: Progress) -> pd.DataFrame:
    """The windows of the final block with their probabilities."""
    state = final_block.said(run, run.folder.parents[1])
    if state.state not in (BlockState.OPENED, BlockState.OPENED_BEFORE):
        raise InputError(f"{state.words} `precursor open-final {run.run_id}` opens it, once.")
    return final_block.score(run, source, progress)[0]


def network(run: Run) -> Score:
    """The run's network as a function of windows, positions and step; it is loaded at the first use."""
    models: list[object] = []

    def score(cut: WindowSet, rows: np.ndarray, step_minutes: int) -> Iterator[Piece]:
        if not models:
            models.append(fit.load_model(run.config, run.config.windows.length_minutes, run.weights))
        return scan_loop.pieces(models[0], cut, rows, step_minutes)

    return score


def scan(run: Run, source: Source, rows: pd.DataFrame, split: str, progress: Progress, score: Score) -> pd.DataFrame:
    """
    Every window at a regular step over the judged period, scored where it may be.

    The period is that of the judged windows with their footprints. A window is refused for the reasons of training
    (gaps; storms, where both classes lose them), and if it shares a minute with a training window of its station, be it
    of the run or of one that it began from: then the network has seen it.
    """
    config, mine, seen = run.config, rows[rows["split"] == split], _seen(run, rows, split)
    codes = list(mine["station"].unique())
    start, until = pd.Timestamp(mine["start"].min()), pd.Timestamp(mine["footprint_end"].max())
    step = step_minutes(config, int((until - start) / pd.Timedelta(minutes=1)), len(codes))
    after, lasts = alarm_series.validity_minutes(config, step)
    validity = pd.Timedelta(minutes=after + lasts)
    end = until - validity if config.windows.sampling == "grid" else until
    parts = []
    for number, code in enumerate(codes):
        progress.stage("Scanning the judged period", number, len(codes))
        known_from, known_to = source.events_period(config.data.catalogue_of(code))
        cut = dataset.scan_set(config, source, run.scaling, code, start, end, step)
        table = cut.table
        if config.labels.storm_rule == "both":
            table = controls.exclude_storms(table, config.labels)
        table = windows.reject(table, _shares_minutes(table, seen[seen["station"] == code]), alarm_series.SEEN)
        opens = table["end"] + pd.Timedelta(minutes=after)
        unknown = ((opens < known_from) | (table["end"] + validity > known_to)).to_numpy()
        table = windows.reject(table, unknown, windows.OUTSIDE_CATALOGUE)
        parts.append(scored(cut, table, code, step, progress, score))
    return pd.concat(parts, ignore_index=True)[alarm_series.SCAN_COLUMNS]


def step_minutes(config: ExperimentConfig, period_minutes: int, n_stations: int) -> int:
    """
    From one window of the scan to the next: as fine as a few seconds of prediction allow.

    No coarser than the horizon (`event_aligned`: than a window), or some moments would have no forecast in force.
    """
    length = config.windows.length_minutes
    valid = alarm_series.validity_minutes(config, length)[1]
    most = min(MOST_WINDOWS, max(FEWEST_WINDOWS, MOST_MINUTES // (length * n_stations)))
    wanted = max(1, min(length, valid) // 12, -(-period_minutes // most))
    step = next((s for s in STEPS if s >= wanted), -(-wanted // MINUTES_PER_DAY) * MINUTES_PER_DAY)
    return min(step, max(s for s in STEPS if s <= valid))


def targets(config: ExperimentConfig, events: pd.DataFrame, scanned: pd.DataFrame) -> pd.DataFrame:
    """
    The target events of the scanned stations in the time that the scan speaks of, with their clusters.

    Returns
    -------
    DataFrame
        Columns `alarm_series.TARGET_COLUMNS`, sorted by time; an event stands once per station that feels it.
    """
    target = events[events["target"]].sort_values("origin_time", kind="stable", ignore_index=True)
    series = alarm_series.build(scanned, config)
    first, step, n = series[0].first_minute, series[0].step_minutes, len(series[0].score)
    opens, closes = clock.of_minutes(np.array([first, first + step * n]))
    origin = target["origin_time"]
    inside = (origin >= opens) & (origin < closes) & target["station"].isin([one.station for one in series])
    return target.loc[inside, TARGET_COLUMNS].reset_index(drop=True)


def _seen(run: Run, rows: pd.DataFrame, split: str) -> pd.DataFrame:
    """The windows that shaped the network's weights, and those of the runs from which it began: station and start."""
    own = rows.loc[rows["split"] == "train", ["station", "start"]]
    older = pipeline.learned_from(run.parent)
    if older is None:
        return own
    # Judged by validation, a run may be judged by what stopped an ancestor; see `splits.withhold`.
    older = older[older["split"].isin(["train"] if split == "validation" else ["train", "validation"])]
    return pd.concat([own, older[["station", "start"]]], ignore_index=True)


def _shares_minutes(table: pd.DataFrame, trained: pd.DataFrame) -> np.ndarray:
    """Which windows overlap one of the training windows; all have one length."""
    start, length = epoch_minutes(pd.DatetimeIndex(table["start"])), 0
    if len(table):
        length = int(epoch_minutes(pd.DatetimeIndex(table["end"][:1]))[0]) - int(start[0])
    other = epoch_minutes(pd.DatetimeIndex(trained["start"]))
    return windows.n_overlapping(start, start + length, other, other + length) > 0


def scored(
    cut: WindowSet, table: pd.DataFrame, code: str, step_minutes: int, progress: Progress, score: Score
) -> pd.DataFrame:
    """
    The table of a window set, or those of its rows that are in it, with probabilities where nothing is rejected; its
    index is the position in the set.

    Raises
    ------
    Cancelled
        If `progress.should_stop()` became true.
    """
    probability = np.full(len(cut.table), np.nan)
    rows = table.index.to_numpy()[(table["rejected"] == "").to_numpy()]
    for part, values in score(cut, rows, step_minutes):
        probability[part] = values
        if progress.should_stop():
            raise Cancelled("The assessment was stopped; nothing of it was stored.")
        progress.stage(f"Scanning the judged period of {code}", int(np.isfinite(probability).sum()), len(rows))
    return table.assign(probability=probability[table.index.to_numpy()])


def changed(run: Run, source: Source) -> list[Caveat]:
    """A caveat if the source no longer holds what the run was made from."""
    other = sources.changed(run.digests, sources.digests(run.config, source))
    if not other:
        return []
    sentence = (
        f"The stored data have changed since this run was made ({', '.join(other)}): the scan of its judged period and "
        "the target events in it come from the new data, the probabilities of its windows from the old."
    )
    return [Caveat(CaveatKind.DATA_CHANGED, sentence)]
