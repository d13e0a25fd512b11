"""The writer of an archive: one at a time, and what a killed one left half done is finished by the next."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import pandas as pd

from core import clock, files, typed_documents
from core.documents import DocumentError
from core.errors import InputError
from core.loading.archive import year_history

LOCK_SECONDS = 60.0  # how long a writer waits for another one
PARTS = ("minute", "events", "activity")
UNFINISHED = ".unfinished"
VERSION_FILE = "version.json"
VERSION = 1  # of the form of an archive; one without the file is of before, and has the same form


class Writer:
    """
    The right to write an archive, in the files `.lock`, `.writer` (who has it) and `.unfinished` of its folder.

    `.unfinished` holds the time of the steps that are being taken. It outlives a writer that was killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._holder: int | None = None  # the thread that has the right now

    def begin(self, now: pd.Timestamp) -> None:
        """Say that steps of this time are being taken, before the journal says so."""
        (self.folder / UNFINISHED).write_text(now.isoformat())

    @contextlib.contextmanager
    def hold(self, finish: Callable[[str], object]) -> Iterator[None]:
        """
        Keep other writers out while a block runs; first, `finish` gets the time of steps that were left unfinished.

        A block in a block of the same thread is part of it.

        Raises
        ------
        InputError
            If another writer does not finish, a link leads out of the data folder, or the folder cannot be written.
        """
        if self._holder == threading.get_ident():
            yield
            return
        # The lock belongs to the process that holds the open file: it cannot outlive a process that was killed.
        owner, mark = self.folder / ".writer", self.folder / UNFINISHED
        for path in (self.folder / ".lock", owner, mark):
            files.refuse_way_out(path, self.folder.parent)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.folder / ".lock", timeout=LOCK_SECONDS)
            with lock:
                check_version(self.folder)
                self._clear_leftovers()
                owner.write_text(f"process {os.getpid()}, since {clock.now():%Y-%m-%d %H:%M:%S} UTC")
                self._holder = threading.get_ident()
                try:
                    if mark.exists():
                        finish(mark.read_text(encoding="utf-8", errors="replace"))
                        mark.unlink()
                    yield
                    self._say_version()
                    mark.unlink(missing_ok=True)
                except Exception:  # then it was said that this is not stored; a kill and Ctrl-C say nothing
                    mark.unlink(missing_ok=True)
                    raise
                finally:
                    self._holder = None
                    owner.unlink(missing_ok=True)
        except filelock.Timeout:
            who = owner.read_text(errors="replace") if owner.is_file() else "unknown"
            raise InputError(
                f"The archive {self.folder} is busy: another writer holds it ({who}). Try again when it is done."
            ) from None
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise InputError(f"The archive {self.folder} cannot be written: {error.strerror}{where}.") from error

    def _say_version(self) -> None:
        path = self.folder / VERSION_FILE
        if not path.exists() and any((self.folder / part).is_dir() for part in PARTS):
            with contextlib.suppress(
                OSError, InputError
            ):  # a full disk: what is stored is stored, the next writer says it
                files.replace_json(path, {"version": VERSION, "program": typed_documents.program()})

    def _clear_leftovers(self) -> None:
        """
        Settle the history that a killed writer left, and remove its temporary files; only the lock's holder may.

        Before that, a look that none of the folders leads out.
        """
        walked = [each for part in PARTS for each in os.walk(self.folder / part)]
        for folder, folders, _ in walked:
            for path in (Path(folder), *(Path(folder, name) for name in folders)):
                files.refuse_way_out(path, self.folder.parent)
        year_history.settle_all(self.folder / "minute")
        for folder, _, names in walked:
            if any(name.startswith(".") for name in names):
                files.clear_leftovers(Path(folder))


def check_version(folder: Path) -> None:
    """
    Refuse an archive of a newer form than this program knows.

    Raises
    ------
    InputError
        If it is newer, or the file that says so is damaged.
    """
    path = folder / VERSION_FILE
    if not path.exists():
        return
    try:
        typed_documents.read_table(path, VERSION, f"The archive {folder}")
    except InputError:  # it names the file itself
        raise
    except ValueError as error:
        raise DocumentError(path, str(error)) from None
