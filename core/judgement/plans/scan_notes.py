"""Which stretches were scanned: a line in the journal of tries for each kept scan, which outlives scan and run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from core import typed_documents
from core.errors import InputError
from core.evaluation import tested_runs
from core.judgement.plans.stretch import Stretch
from core.runs import sources
from core.runs.runs import Run
from core.typed_documents import Moment

SCANNED = "scanned"  # the kind of a line
VERSION = 1  # of such a line


@dataclass(frozen=True)
class ScanNote:
    """A run was slid over the record of a station from start to end (ISO times, UTC); data as in `tries.Try`."""

    run_id: str
    synthetic: bool
    data: str
    station: str
    start: Moment
    end: Moment
    time: str = ""

    @property
    def stretch(self) -> Stretch:
        """What was looked at: a scan holds no labels, so that it is a look at its own station alone."""
        return Stretch(self.synthetic, self.data, "", (self.station,), self.start, self.end, ())


def note(run: Run, station: str, series: pd.DataFrame, data_dir: Path) -> None:
    """
    Write down that a scan was kept; the same stretch again, and one in which nothing has a probability, add nothing.

    Parameters
    ----------
    run : Run
    station : str
    series : DataFrame
        start, end, probability of its windows.
    data_dir : Path
    """
    scored = series[series["probability"].notna()]
    if not len(scored):
        return
    period = scored["start"].min().isoformat(), scored["end"].max().isoformat()
    own = ScanNote(run.run_id, run.synthetic, sources.data_key(run.config), station, *period)
    line = {name: value for name, value in typed_documents.write(own, VERSION).items() if name != "time"}
    if all(typed_documents.write(each) | {"time": ""} != typed_documents.write(own) for each in read(data_dir)):
        tested_runs.journal(data_dir).append({"kind": SCANNED, **line})


def read(data_dir: Path) -> tuple[ScanNote, ...]:
    """
    Every scan that was kept, oldest first.

    Raises
    ------
    InputError
        If the journal was changed, or holds a line of a newer version.
    """
    try:
        now = (data_dir / "tested.jsonl").stat()
    except OSError:
        return ()
    return _read(data_dir, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=4)
def _read(data_dir: Path, mtime_ns: int, size: int) -> tuple[ScanNote, ...]:
    journal = tested_runs.journal(data_dir)
    lines = [line for line in journal.entries() if line["kind"] == SCANNED]
    for line in lines:
        typed_documents.version_of(line, VERSION, f"A line of {journal.path}")
    try:
        return tuple(typed_documents.read(ScanNote, line) for line in lines)
    except ValueError as error:
        raise InputError(f"{journal.path} holds a line that is no scan ({error}). Restore it from a copy.") from None
