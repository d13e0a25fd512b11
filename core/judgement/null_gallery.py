"""
The null gallery: a run's own scores against catalogues that have nothing to do with them, drawn like the real one.

Each picture is made from the real catalogue, shifted in time as a whole, so that its bursts are as they were. The real
one hangs somewhere among them. A reader who cannot find it has seen how convincing noise looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import clock, documents, files
from core.config import MINUTES_PER_DAY
from core.errors import InputError
from core.evaluation import alarm_series, molchan, significance
from core.evaluation.alarm_series import AlarmSeries
from core.judgement.assessment import Assessment
from core.labelling import splits, windows
from core.runs import kept
from core.runs.runs import Run
from core.typed_documents import Count, Moment, Versioned

ITEM_COLUMNS = ["item", "real", "shift_days", "ass", "ass_low", "ass_high", "n_events", "p", "words"]
TABLES = ("items", "curves", "targets")
N_SHIFTS, N_BOOTSTRAP = 199, 300
N_FAKES = 11  # with the real one twelve pictures


@dataclass(frozen=True)
class Document(Versioned):
    """gallery.json: of which run, n fake catalogues, the seed, and when it was made (ISO time, UTC)."""

    run_id: str
    synthetic: bool
    n: Count
    seed: int
    created: Moment

    VERSION = 1  # the oldest have none
    CALLED = "The gallery of run {}"


@dataclass(frozen=True)
class Gallery:
    """
    items: `ITEM_COLUMNS`, one row per picture in the order in which they hang. curves: item and `molchan.COLUMNS`.
    targets: item and the columns of `molchan.per_target`, times as this picture has them.
    """

    items: pd.DataFrame
    curves: pd.DataFrame
    targets: pd.DataFrame
    document: Document


def make(run: Run, assessed: Assessment, data_dir: Path, n: int = N_FAKES, seed: int = 0) -> Gallery:
    """
    Make the gallery of a run from its assessment, and keep it in `data/null_gallery/<run_id>/`.

    Parameters
    ----------
    run : Run
    assessed : Assessment
        Its scan and its targets are used; nothing is trained or scanned.
    data_dir : Path
    n : int
        Fake catalogues beside the real one.
    seed : int

    Raises
    ------
    InputError
        If the judged period is too short for so many shifts, or holds no target event.
    """
    items, curves, targets = arrange(*_inputs(run, assessed), n, seed, _min_shift_days(run))
    document = Document(run.run_id, run.synthetic, n, seed, clock.stamp())
    folder = files.child(data_dir / "null_gallery", run.run_id, "The id of a run")
    files.make_folder(folder)
    (folder / "gallery.json").unlink(missing_ok=True)
    for name, table in zip(TABLES, (items, curves, targets), strict=True):
        files.replace_table(folder / f"{name}.parquet", table)
    files.replace_json(folder / "gallery.json", document.to_dict())
    return Gallery(items, curves, targets, document)


def refusal(run: Run, assessed: Assessment, n: int = N_FAKES, seed: int = 0) -> str:
    """Why the gallery of a run cannot be made, as `make` would say it; "" if it can."""
    series, targets = _inputs(run, assessed)
    try:
        _shifts(significance.ranked(series), targets, n, seed, _min_shift_days(run))
    except InputError as error:
        return str(error)
    return ""


def stored(data_dir: Path, run_id: str) -> Gallery | None:
    """
    The gallery of a run, or None if it was not made.

    Raises
    ------
    InputError
        If a file of it is missing or damaged, or of a newer program.
    """
    folder = files.child(data_dir / "null_gallery", run_id, "The id of a run")
    if not (folder / "gallery.json").exists():
        return None
    how = Document.CALLED.format(run_id), kept.made_by(f"null-gallery {run_id}")
    written = kept.read(folder / "gallery.json", documents.read_json, *how)
    document = kept.read(folder / "gallery.json", lambda path: Document.from_dict(written, run_id), *how)
    items, curves, targets = (kept.read(folder / f"{name}.parquet", files.read_table, *how) for name in TABLES)
    kept.same(folder / "gallery.json", written, how[0])
    return Gallery(items, curves, targets, document)


def arrange(
    series: Sequence[AlarmSeries], targets: pd.DataFrame, n: int, seed: int, min_shift_days: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """
    The tables of a gallery: the real catalogue and n shifted ones in random order; see `Gallery`.

    Raises
    ------
    InputError
        As in `make`.
    """
    ranks = significance.ranked(series)
    moves = _shifts(ranks, targets, n, seed, min_shift_days)
    inside = targets[targets["station"].isin(ranks.stations)].reset_index(drop=True)
    begin, period = ranks.first_minute * clock.MINUTE_US, ranks.n_steps * ranks.step_minutes * clock.MINUTE_US
    origin = windows.microseconds(inside["origin_time"])
    order = np.random.default_rng([seed, 13]).permutation(n + 1)
    items, curves, hung = [], [], []
    for item, which in enumerate(order.tolist()):
        shift = 0 if which == 0 else int(moves[which - 1]) * ranks.step_minutes
        moved = begin + (origin - begin + shift * clock.MINUTE_US) % period
        times = clock.of_microseconds(moved)
        here = inside.assign(origin_time=times).sort_values("origin_time")
        scored = molchan.per_target(series, here.reset_index(drop=True))
        area = molchan.area(scored, N_BOOTSTRAP, seed)
        tests, _ = significance.table(series, here, seed, N_SHIFTS, min_shift_days)
        primary = tests.iloc[0]
        items.append(
            {
                "item": item,
                "real": which == 0,
                "shift_days": shift / MINUTES_PER_DAY,
                **{name: getattr(area, name) for name in ("ass", "ass_low", "ass_high", "n_events")},
                "p": primary["p"],
                "words": str(primary["sentence"]),
            }
        )
        curves.append(molchan.curve(series, here, seed, N_SHIFTS, min_shift_days).assign(item=item))
        hung.append(scored.assign(item=item))
    return (
        pd.DataFrame(items, columns=ITEM_COLUMNS),
        pd.concat(curves, ignore_index=True),
        pd.concat(hung, ignore_index=True),
    )


def _inputs(run: Run, assessed: Assessment) -> tuple[list[AlarmSeries], pd.DataFrame]:
    series = alarm_series.build(assessed.table("scan"), run.config)
    return series, assessed.table("targets")[alarm_series.TARGET_COLUMNS]


def _min_shift_days(run: Run) -> float:
    return max(significance.SOLAR_ROTATION_DAYS, splits.footprint_minutes(run.config) / MINUTES_PER_DAY)


def _shifts(ranks: significance.Ranked, targets: pd.DataFrame, n: int, seed: int, min_shift_days: float) -> np.ndarray:
    row = significance.place(ranks, targets)[0]
    why_not = significance.too_short(ranks, min_shift_days)
    moves = significance.shifts(ranks, seed, n, min_shift_days)
    if why_not:
        raise InputError(f"{why_not} Nor is there a gallery.")
    if len(moves) < n:
        raise InputError(f"The judged period holds {len(moves)} different shifts, fewer than {n}. Give a smaller --n.")
    if not len(row):
        raise InputError("No target event lies in the judged period: there is nothing to draw.")
    return moves
