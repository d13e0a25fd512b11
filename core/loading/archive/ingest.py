"""Files into the archive: many of minutes, or one catalogue or index; each is known by its content."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from core import documents
from core.errors import InputError
from core.loading.archive.journal import Maker, Recipe, check_name
from core.loading.archive.minute_store import StoreReport
from core.loading.archive.store import Store
from core.loading.formats import recognise, zip_file
from core.loading.formats.events import by_mapping
from core.loading.formats.events.by_mapping import EventMapping
from core.loading.formats.minutes.columns import Mapping
from core.loading.formats.recognise import Kind
from core.loading.record import averaging, frame_check
from core.loading.record.minute import COMPONENTS, MinuteRecord

# Records wait in memory until this many minutes have come together (36 bytes each), so that a year that comes
# as 365 files is written a few times, not 365 times.
MINUTES_PER_BATCH = 1_000_000


@dataclass
class Outcome:
    """What became of one file: a row of the report."""

    file: str
    outcome: str = "refused"  # stored, unchanged, refused
    kind: str = ""
    station: str = ""
    n_rows: int = 0
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    n_missing: int = 0  # minutes without X, Y or Z
    message: str = ""


def ingest(
    paths: Sequence[Path],
    archive: Store,
    mapping: Mapping | None = None,
    station: str = "",
    on_progress: Callable[[int, int], None] | None = None,
    average: str = "",
    rotate: bool = False,
    keep: bool = True,
    learned: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """
    Store minute files in the archive; a file that cannot be used does not stop the others.

    Parameters
    ----------
    paths : sequence of Path
        Files, zip archives of files, or folders that are searched to the bottom; files that begin with a dot are
        passed over in both.
    archive : Store
    mapping : Mapping, optional
        How to read CSV files; without one they are refused.
    station : str, optional
        Refuse files of any other station.
    on_progress : callable, optional
        Called with the number of files done and of all.
    average : str, optional
        The rule by which samples of a second become minutes, a key of `averaging.RULES`; without one they are refused.
    rotate : bool, optional
        Turn data that are in the frame of the magnetic meridian to geographic (`frame_check`); without it they are
        stored as they are, and the message says so.
    keep : bool, optional
        Keep a copy of each file that changed anything in the raw store, so that the archive can be rebuilt.
    learned : Timestamp, optional
        When the values became known; now by default.

    Returns
    -------
    DataFrame
        One row per file, also of a zip archive, in the order they were read: file, outcome ("stored", "unchanged" if
        the archive had it all or better, "refused"), kind, station, n_rows, first, last, n_missing, message.
    """
    averaging.check_rule(average, "--average")
    files = [(path, _n_files(path)) for path in _walk(paths)]
    n_files = sum(n for _, n in files)
    outcomes: list[Outcome] = []
    waiting: list[tuple[Outcome, MinuteRecord, Path]] = []
    n_minutes = 0  # that wait
    how = {"station": station, "average": average, "rotate": rotate}
    how |= {"mapping": asdict(mapping) if mapping is not None else None}
    store = partial(_store, waiting, archive, how if keep else None, learned)
    for done, (file, source, found) in enumerate(_unpacked([path for path, _ in files])):
        if on_progress:
            on_progress(done, n_files)
        outcome = Outcome(file)
        outcomes.append(outcome)
        try:
            if isinstance(found, InputError):
                raise found
            if keep:
                check_name(source)
            outcome.kind, record = recognise.read_minutes(found, mapping, average)
            _describe(outcome, record, station)
            record = frame_check.checked(record, rotate)
        except InputError as error:
            outcome.message = str(error)
            continue
        waiting.append((outcome, record, source))
        n_minutes += len(record.field)
        if n_minutes >= MINUTES_PER_BATCH:
            store()
            n_minutes = 0
    store()
    if on_progress:
        on_progress(n_files, n_files)
    return _table(outcomes)


def store_catalogue(
    archive: Store,
    path: Path,
    name: str = "",
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    mapping: EventMapping | None = None,
) -> tuple[str, str, pd.DataFrame]:
    """
    Store a catalogue file, recognised by content or read by a mapping.

    Parameters
    ----------
    archive : Store
    path : Path
    name : str, optional
        What to call it; by default as the file.
    start, end : Timestamp, optional
        What it covers, half-open; by default from its first event to its last.
    mapping : EventMapping, optional

    Returns
    -------
    tuple
        Its name, a sentence that says what changed, and the events.

    Raises
    ------
    InputError
        If the file is no catalogue, or a line of it cannot be used.
    """
    events = by_mapping.read(path, mapping) if mapping else recognise.read_events(path)
    name = name or name_of(path)
    how: dict[str, Any] = {"name": name, "start": _text(start), "end": _text(end)}
    how |= {"mapping": asdict(mapping)} if mapping else {}
    recipe = Recipe(Maker.EVENTS_FILE, how, files=(path,))
    return name, archive.store_events(name, events, path.name, start, end, recipe), events


def store_index(archive: Store, path: Path) -> tuple[str, pd.DataFrame]:
    """
    Store a file of Kp or Dst, whichever it is: a sentence that says what changed, and the values.

    Raises
    ------
    InputError
        If the file is none of them, is cut off, or holds an impossible value.
    """
    kind, values = recognise.read_index(path)
    if kind is Kind.DST:
        return archive.store_dst(values, path.name, Recipe(Maker.DST_FILE, files=(path,))), values
    return archive.store_activity(values, path.name, Recipe(Maker.KP_FILE, files=(path,))), values


def name_of(path: Path) -> str:
    """
    What a catalogue is called after its file.

    >>> name_of(Path("Italy 2016.csv.gz"))
    'italy-2016'
    """
    stem = path.name.lower().split(".")[0]
    return "".join(letter if letter.isalnum() else "-" for letter in stem)[:40].strip("-")


def _walk(paths: Sequence[Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _n_files(path: Path) -> int:
    # How many rows a path will have: one, or one for each file of a zip archive.
    try:
        with documents.open_stored(path) as file:
            packed = zip_file.looks_like(file.read(4))
        if not packed:
            return 1
        with zip_file.ZipFile(path) as archive:
            return max(1, len(archive.names))
    except (OSError, InputError):
        return 1


def _unpacked(paths: Sequence[Path]) -> Iterator[tuple[str, Path, Path | InputError]]:
    # The name for the report, where it is from, and a file to read at once (those of a zip archive are gone after
    # that) or why not.
    for path in paths:
        try:
            with documents.open_stored(path) as file:
                packed = zip_file.looks_like(file.read(4))
        except OSError:
            packed = False  # the reader says why it cannot be read
        if not packed:
            yield str(path), path, path
            continue
        try:
            archive = zip_file.ZipFile(path)
        except InputError as error:
            yield str(path), path, error
            continue
        with archive:
            if not archive.names:
                yield str(path), path, InputError(f"{path.name}: the zip archive holds no file.")
            for at, name in enumerate(archive.names):
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        found: Path | InputError = archive.unpack(at, Path(folder))
                    except InputError as error:
                        found = error
                    yield f"{path}/{name}", path, found


def _describe(outcome: Outcome, record: MinuteRecord, station: str) -> None:
    """Fill in what is known of a record; refuse one that is not wanted or has nothing."""
    name = Path(outcome.file).name
    field = record.field
    outcome.station, outcome.n_rows = record.station, len(field)
    if station and record.station != station:
        raise InputError(f"{name}: holds station {record.station}, and only {station} is wanted.")
    if not len(field):
        raise InputError(f"{name}: holds no minute of data.")
    outcome.first, outcome.last = field.index[0], field.index[-1]
    outcome.n_missing = int(field[list(COMPONENTS)].isna().any(axis=1).sum())
    if field.isna().all(axis=None):
        raise InputError(f"{name}: every value of its {len(field)} minutes is missing.")


def _store(
    waiting: list[tuple[Outcome, MinuteRecord, Path]],
    archive: Store,
    how: dict[str, Any] | None,
    learned: pd.Timestamp | None,
) -> None:
    """Store what is waiting, write the outcomes, and empty the list; where nothing waits, no archive is begun."""
    if not waiting:
        return
    records = [record for _, record, _ in waiting]
    recipes = [Recipe(Maker.MINUTE_FILE, how, files=(source,)) for _, _, source in waiting] if how is not None else ()
    try:
        results: Sequence[object] = archive.store_many(records, recipes, learned)
    except InputError as error:  # the archive as a whole cannot be written
        results = [error] * len(records)
    for (outcome, record, _), result in zip(waiting, results, strict=True):
        if isinstance(result, StoreReport):
            outcome.outcome = "stored" if result.changed else "unchanged"
            outcome.message = " ".join((f"{result.sentence}.", *record.notes))
        else:
            outcome.message = str(result)
    waiting.clear()


def _table(outcomes: list[Outcome]) -> pd.DataFrame:
    names = list(Outcome.__dataclass_fields__)
    table = pd.DataFrame([asdict(outcome) for outcome in outcomes], columns=names)
    for name in ("first", "last"):
        table[name] = pd.to_datetime(table[name], utc=True).dt.as_unit("us")
    return table


def _text(time: pd.Timestamp | None) -> str:
    return "" if time is None else time.isoformat()
