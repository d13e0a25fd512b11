"""
Scorings: which runs have already looked at a stretch, and when.

A stretch that was scored once is closed no longer. The journal of tries knows it of the judged windows of each run,
also of a run that was deleted since; the store knows it of every window of the runs that are still there, training and
validation included, and of the scans that are kept; and a final block that an earlier version opened stands in its own
journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from core import files
from core.errors import InputError
from core.judgement import final_block, tries
from core.judgement.final_block import Opening
from core.judgement.plans import scan_notes, stretch
from core.judgement.plans.stretch import Stretch
from core.labelling import splits
from core.runs import kept, sources
from core.runs.runs import Run, RunStore
from core.vocabulary import SPLITS

SHOWN = 3  # runs that a sentence names
ARCHIVE = "archive"  # `sources.data_key` of real data


@dataclass(frozen=True)
class Scoring:
    """A run, what it scored, and when it had looked at it (ISO time, UTC)."""

    run_id: str
    stretch: Stretch
    time: str


def of(asked: Stretch, data_dir: Path) -> list[Scoring]:
    """
    Every scoring of a stretch by a run that this data folder knows of, oldest first; see `Stretch.shares`.

    Raises
    ------
    InputError
        If a journal was changed. A damaged run counts by what the journal says of it.
    """
    every = [
        *_of_tries(data_dir),
        *_of_runs(data_dir),
        *_of_scans(data_dir),
        *_of_notes(data_dir),
        *_of_openings(data_dir),
    ]
    return sorted((each for each in every if each.stretch.shares(asked)), key=lambda each: _moment(each.time))


def before(scorings: Iterable[Scoring], moment: datetime) -> list[Scoring]:
    """Those of them that are older than a moment."""
    return [each for each in scorings if _moment(each.time) < moment]


def named(scorings: Iterable[Scoring]) -> str:
    """The runs of some scorings for a sentence: "a, b and c", or three of them and how many more."""
    runs = list(dict.fromkeys(each.run_id for each in scorings))
    shown = runs if len(runs) <= SHOWN else [*runs[:SHOWN], f"{len(runs) - SHOWN} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def n_unknown(asked: Stretch, data_dir: Path) -> int:
    """Runs on the same data that were deleted before scorings were noted: what they scored is not known."""
    record, there = tries.read(data_dir), set(RunStore(data_dir).ids())
    noted = {each.run_id for each in record.tries} | there
    return sum(
        synthetic == asked.synthetic and data in ("", asked.data)
        for run_id, (synthetic, data) in record.trained.items()
        if run_id not in noted
    )


def _of_tries(data_dir: Path) -> Iterator[Scoring]:
    for each in tries.read(data_dir).tries:
        yield Scoring(each.run_id, tries.stretch_of(each, data_dir), each.time)


def _of_runs(data_dir: Path) -> Iterator[Scoring]:
    """What the runs in the store have scored but for their final blocks."""
    store = RunStore(data_dir)
    for run_id in store.ids():
        folder = store.folder / run_id
        try:
            scoring = _read(folder, (folder / "status.json").stat().st_mtime_ns)
        except (InputError, OSError):  # a damaged run, or one that is being deleted, stays known by its tries
            continue
        if scoring is not None:
            yield scoring


@lru_cache(maxsize=4096)
def _read(folder: Path, mtime_ns: int) -> Scoring | None:
    run = Run(folder.name, folder)
    scored = stretch.of_run(run, *SPLITS)
    return None if scored is None else Scoring(run.run_id, scored, run.status.began or run.status.created)


def _of_scans(data_dir: Path) -> Iterator[Scoring]:
    """Scans that `forecasting.scan` keeps; of the runs that are there, since nothing else says of which data one is."""
    store = RunStore(data_dir)
    for run_id in store.ids():
        for path in sorted((data_dir / "scans" / run_id).glob("*.parquet")):
            try:
                scoring = _scanned(path, store.folder / run_id, path.stat().st_mtime_ns)
            except (InputError, *kept.UNUSABLE):  # a damaged scan shows nothing to anybody
                continue
            if scoring is not None:
                yield scoring


@lru_cache(maxsize=4096)
def _scanned(path: Path, folder: Path, mtime_ns: int) -> Scoring | None:
    """A scan holds no labels, so that it is a look at its own station alone."""
    series = files.read_table(path, columns=["start", "end", "probability"])
    series = series[series["probability"].notna()]
    if not len(series):
        return None
    run = Run(folder.name, folder)
    start, end = series["start"].min().isoformat(), series["end"].max().isoformat()
    scored = Stretch(run.synthetic, sources.data_key(run.config), "", (path.stem,), start, end, ())
    return Scoring(run.run_id, scored, datetime.fromtimestamp(mtime_ns / 1e9, UTC).isoformat())


def _of_notes(data_dir: Path) -> Iterator[Scoring]:
    """Scans that were kept once, whatever became of them and of their runs."""
    for each in scan_notes.read(data_dir):
        yield Scoring(each.run_id, each.stretch, each.time)


def _of_openings(data_dir: Path) -> Iterator[Scoring]:
    """Final blocks that an earlier version opened: it noted no try."""
    record = tries.read(data_dir)
    for opening in final_block.openings(data_dir):
        if record.of(opening.run_id, splits.FINAL) is None:
            yield Scoring(opening.run_id, _opened(opening, data_dir), opening.time)


def _opened(opening: Opening, data_dir: Path) -> Stretch:
    """The block of an opening; its events are those of the run, and not known where that is gone."""
    try:
        there = stretch.of_run(RunStore(data_dir).open(opening.run_id), splits.FINAL)
    except InputError:
        there = None
    block = opening.block
    data = "" if block.synthetic else ARCHIVE
    return there or Stretch(block.synthetic, data, splits.FINAL, block.stations, block.start, block.end, None)


def _moment(time: str) -> datetime:
    return datetime.fromisoformat(time)
