"""
The ledger's file, an SQLite database: opened to be written, or only read.

Reading needs no right to write and leaves no file behind, so that the ledger can be read on a disk that takes no
writing, on a full one, and by another user. That is why the file keeps a rollback journal and no write-ahead log (WAL),
which every reader has to write to; a file that an earlier version left in WAL mode is read too, and is changed over by
the next writer.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from core import documents, files
from core.errors import InputError
from core.typed_documents import OtherVersion

Row = tuple[Any, ...]  # as stored: what was put in behind the triggers' back may be of any type
COLUMNS = (
    "id",
    "issued_at",
    "station",
    "valid_from",
    "valid_until",
    "probability",
    "threshold",
    "run_id",
    "data_until",
    "synthetic",
    "retrospective",
    "previous_digest",
    "digest",
)

VERSION = 1  # of the form of the file
WAIT_SECONDS = 30.0  # how long a reader or writer waits for another writer
_READINGS = 100  # how often a file is read that changes while it is read without a lock

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS forecast (
        id INTEGER PRIMARY KEY,
        issued_at TEXT NOT NULL, station TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL,
        probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1), threshold REAL NOT NULL,
        run_id TEXT NOT NULL, data_until TEXT NOT NULL, synthetic INTEGER NOT NULL, retrospective INTEGER NOT NULL,
        previous_digest TEXT NOT NULL, digest TEXT NOT NULL UNIQUE
    )""",
    """CREATE TRIGGER IF NOT EXISTS forecast_is_never_edited BEFORE UPDATE ON forecast
    BEGIN SELECT RAISE(ABORT, 'a forecast is never edited'); END""",
    """CREATE TRIGGER IF NOT EXISTS forecast_is_never_deleted BEFORE DELETE ON forecast
    BEGIN SELECT RAISE(ABORT, 'a forecast is never deleted'); END""",
    """CREATE TRIGGER IF NOT EXISTS forecast_is_never_replaced BEFORE INSERT ON forecast
    WHEN EXISTS (SELECT 1 FROM forecast WHERE id = NEW.id OR digest = NEW.digest)
    BEGIN SELECT RAISE(ABORT, 'a forecast is never replaced'); END""",
)
_WAL_MARK = slice(18, 20)  # bytes of SQLite's header that are 2 in WAL mode


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """
    A transaction that has the file for itself; it is committed when the block ends, and undone if it raises.

    Raises
    ------
    InputError
        If the file cannot be written, is no ledger, a link leads out of the data folder, or another writer does not
        finish.
    """
    files.refuse_way_out(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as database:
            with suppress(sqlite3.OperationalError):  # a program of an earlier version has it open: then the next time
                database.execute("PRAGMA journal_mode = DELETE")
            database.execute("PRAGMA synchronous = EXTRA")  # what was committed outlives a loss of power
            database.execute("BEGIN IMMEDIATE")
            _check_version(path, database)
            database.execute(f"PRAGMA user_version = {VERSION}")
            for statement in _SCHEMA:
                database.execute(statement)
            database.execute("COMMIT")
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
    except (OSError, sqlite3.DatabaseError) as error:
        raise _unusable(path, error) from error


def rows(path: Path) -> list[Row]:
    """
    Every row, oldest first, with the values of `COLUMNS` as they are stored; none if there is no file.

    Raises
    ------
    InputError
        If the file is empty, cannot be read, or is no ledger.
    """
    try:
        for _ in range(_READINGS):
            before = _state(path)
            if not before:
                return []
            if not os.path.getsize(path):
                raise InputError(
                    f"The ledger {path} cannot be used: the file is empty. If no forecast was ever written into it, "
                    "delete it; otherwise restore it from a copy."
                )
            found, locked = _read(path)
            if locked or _state(path) == before:
                return found
    except (OSError, sqlite3.DatabaseError) as error:
        raise _unusable(path, error) from error
    raise InputError(f"The ledger {path} was written again and again while it was read. Try again.")


def _read(path: Path) -> tuple[list[Row], bool]:
    """The rows, and whether a lock kept writers out meanwhile; without it the file may have changed under way."""
    with documents.open_stored(path) as file:
        has_wal = 2 in file.read(_WAL_MARK.stop)[_WAL_MARK]
    if not has_wal:
        try:
            return _select(f"{path.absolute().as_uri()}?mode=ro"), True
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            return _read_copy(path), False  # a writer was killed; what it had begun must be undone, but not here
    log = _beside(path, "-wal")
    if log.exists() and log.stat().st_size:
        return _read_copy(path), False
    return _select(f"{path.absolute().as_uri()}?mode=ro&immutable=1"), False


def _read_copy(path: Path) -> list[Row]:
    """The rows of a copy, in which SQLite may put in order what a writer left."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "ledger.sqlite")
        for ending in ("", "-wal", "-journal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(_beside(path, ending), _beside(copy, ending))
        return _select(copy.as_uri())


def _check_version(path: Path | str, database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()  # 0: of before there was one, and of the same form
    if version > VERSION:
        raise OtherVersion(
            f"The ledger {path} has version {version} of its form, and this program reads versions up to {VERSION}. "
            "Install a newer version of the program."
        )


def _select(address: str) -> list[Row]:
    with closing(sqlite3.connect(address, timeout=WAIT_SECONDS, uri=True)) as database:
        _check_version(address.partition("?")[0].removeprefix("file://"), database)
        return database.execute(f"SELECT {', '.join(COLUMNS)} FROM forecast ORDER BY id").fetchall()


def _state(path: Path) -> list[tuple[str, int, int, int]]:
    """What changes when the file is written; empty if there is none."""
    found = []
    for ending in ("", "-wal", "-journal"):
        try:
            status = _beside(path, ending).stat()
        except FileNotFoundError:
            if not ending:
                return []
            continue
        found.append((ending, status.st_ino, status.st_size, status.st_mtime_ns))
    return found


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _unusable(path: Path, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"The ledger {path} cannot be used: {reason}.")
