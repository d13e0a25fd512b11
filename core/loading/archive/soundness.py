"""Is every file of the archive, and every raw byte it was made from, what was once stored?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.archive import table_file, writer, year_file, year_history
from core.loading.archive.event_store import EventStore
from core.loading.archive.journal import ArchiveJournal
from core.loading.archive.minute_store import MinuteStore
from core.loading.archive.year_file import ABSENT, CODES
from core.loading.record.minute import COLUMNS

_UNFINISHED = (
    "a writer was stopped, or is at work now, and not all that it noted in the journal is stored. `precursor archive "
    "rebuild`, or the next verb that stores something, finishes it."
)


def table(folder: Path, journal: ArchiveJournal) -> pd.DataFrame:
    """
    What is damaged, missing or not what was stored: the columns file and problem; no rows if all is sound.

    Every byte of the archive and of the raw store is read, and nothing is written: what a writer left half done is
    named and not finished.
    """
    mark = folder / writer.UNFINISHED
    found = [(mark, _UNFINISHED)] if mark.exists() else []
    found += [*_minutes(MinuteStore(folder / "minute")), *EventStore(folder / "events").problems()]
    for path in sorted((folder / "activity").glob("*.parquet")):
        if said := table_file.problem(path):
            found.append((path, said))
    found += [(journal.raw.index, said) for said in journal.raw.problems()]
    found += [(journal.path, said) for said in journal.problems()]
    return pd.DataFrame([(str(path), said) for path, said in found], columns=["file", "problem"])


def lost_origins(folder: Path) -> dict[str, list[str]]:
    """
    By part of an archive, "events" and "activity", a sentence for each table of which it is not known whence it came.

    Only the small files beside the tables are read, so that every list of what is stored can say it.
    """
    tables = {
        "events": [*folder.glob("events/*.parquet"), *folder.glob("events/history/*/*.parquet")],
        "activity": [*folder.glob("activity/*.parquet")],
    }
    return {part: list(filter(None, map(table_file.lost_origin, sorted(paths)))) for part, paths in tables.items()}


def _minutes(store: MinuteStore) -> Iterator[tuple[Path, str]]:
    for station in store.stations():
        for year in store.years(station):
            if said := _year(store, station, year):
                yield store.path(station, year), said


def _year(store: MinuteStore, station: str, year: int) -> str:
    path = store.path(station, year)
    try:
        with store.opened(station, year) as file:
            summary = file.summary
            values = np.full((len(COLUMNS), summary.n_minutes), np.nan)
            codes = np.full(values.shape, ABSENT, dtype=np.int8)
            file.read_into(COLUMNS, summary.first_minute, values)
            file.read_into(CODES, summary.first_minute, codes)
            history = year_history.problem(file)
    except InputError as error:
        return str(error)
    if not np.array_equal(np.isnan(values), codes == ABSENT) or year_file.count_types(codes) != summary.data_types:
        return f"{path}: its values and their data types do not fit together. Move it away and rebuild the archive."
    return history
