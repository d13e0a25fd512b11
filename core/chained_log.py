"""
A chained log: a file to which lines are added and from which none is taken.

Each line is JSON and carries the digest of the line before it, so that a line that was changed or removed later
shows. What was cut off at the end leaves a whole chain: that shows only against a `Head` that was noted elsewhere.

Each line says the version of its form, and the program that wrote it. The lines of before say neither, are of the same
form, and keep their digests.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core import clock, documents, files, typed_documents
from core.errors import InputError

Check = Callable[[dict[str, Any]], None]
LOCK_SECONDS = 30.0
MOST_HELD = 8  # logs whose verified lines this process remembers, so that each line is parsed and hashed once
MOST_HELD_BYTES = 16 * 2**20  # of one of them


@dataclass(frozen=True)
class _Verified:
    """The bytes of a log as they were read, and their lines."""

    content: bytes
    lines: list[dict[str, Any]]


NOTHING = _Verified(b"", [])
_held: dict[tuple[Path, int, Check | None], _Verified] = {}


@dataclass(frozen=True)
class Head:
    """The end of a log as somebody saw it: its name, how many lines it had, and the digest of the last; "" of none."""

    log: str
    n_lines: typed_documents.Count
    digest: str


@dataclass(frozen=True)
class Heads:
    """What a document says of the logs that it was written beside; older ones say nothing."""

    heads: tuple[Head, ...] = ()


class ChainedLog:
    """
    The lines of one file.

    check: raises ValueError, with the end of a sentence about the line, if a line with a whole chain holds what its
    readers do not expect. version: of the form of the lines, the newest that is read.
    """

    def __init__(self, path: Path, check: Check | None = None, version: int = 1) -> None:
        self.path, self._check, self._version = path, check, version

    def append(self, entry: dict[str, Any]) -> dict[str, Any]:
        """
        Add a line; it gets the version, the program, the time and the digest of the line before it.

        Raises
        ------
        InputError
            If an earlier line was changed or is of a newer form, a link leads out of the data folder, or another
            process keeps the file for longer than half a minute.
        """
        files.refuse_way_out(self.path)
        lock = self.path.with_name(f".{self.path.name}.lock")
        with files.claimed(lock, f"Another process is writing {self.path}. Try again.", LOCK_SECONDS):
            earlier = self.entries()
            line = {
                "version": self._version,
                "program": typed_documents.program(),
                **entry,
                "time": clock.stamp(),
                "previous": earlier[-1]["digest"] if earlier else "",
            }
            line["digest"] = _digest(line)
            text = json.dumps(line, sort_keys=True, allow_nan=False) + "\n"
            with open(self.path, "ab+") as file:
                self._cut_unfinished_line(file)
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            files.sync_folder(self.path.parent)
        return line

    def entries(self) -> list[dict[str, Any]]:
        """
        Every line, oldest first; a last line without its end (the machine stopped while it was written) is none.

        What this process has verified before, to the byte, is not verified again.

        Raises
        ------
        InputError
            If a line is damaged, was changed, removed or put in after the fact, is none of this journal, or is of a
            newer form than this program reads.
        """
        try:
            content = documents.read_stored(self.path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"{self.path} cannot be read ({error.strerror}). Restore it from a copy.") from None
        content = content[: content.rfind(b"\n") + 1]
        key = (self.path, self._version, self._check)
        before = _held.get(key, NOTHING)
        before = before if content.startswith(before.content) else NOTHING
        found = list(before.lines)
        for number, text in enumerate(content[len(before.content) :].splitlines(), len(found) + 1):
            try:
                line = documents.parse_json(text)
                # First: another form may be chained in another way.
                typed_documents.version_of(line, self._version, f"Line {number} of {self.path}")
                whole = line["digest"] == _digest(line) and line["previous"] == (found[-1]["digest"] if found else "")
            except typed_documents.OtherVersion:  # it says itself what to do
                raise
            except (ValueError, KeyError, TypeError):
                whole = False
            if not whole:
                raise InputError(
                    f"{self.path}, line {number}: this line or the one before it was changed after it was written. "
                    "Restore the file from a copy."
                )
            self._refuse_other_kinds(line, number)
            found.append(line)
        _hold(key, _Verified(content, found))
        return [dict(line) for line in found]

    def digests(self) -> list[str]:
        """The digest of every line, oldest first; raises as `entries`."""
        return [line["digest"] for line in self.entries()]

    def _refuse_other_kinds(self, line: dict[str, Any], number: int) -> None:
        try:
            documents.check_kinds(line, {"time": str})
            if datetime.fromisoformat(line["time"]).tzinfo is None:
                raise ValueError("its 'time' has no zone")
            if self._check is not None:
                self._check(line)
        except ValueError as error:
            raise InputError(
                f"{self.path}, line {number}: this is no line of this journal ({documents.reason(error)}). Restore the "
                "file from a copy."
            ) from None

    @staticmethod
    def _cut_unfinished_line(file: Any) -> None:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def _digest(line: dict[str, Any]) -> str:
    content = {key: value for key, value in line.items() if key != "digest"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _hold(key: tuple[Path, int, Check | None], verified: _Verified) -> None:
    """Remember what was verified last, of few logs."""
    _held.pop(key, None)
    if len(verified.content) <= MOST_HELD_BYTES:
        _held[key] = verified
    for oldest in list(_held)[:-MOST_HELD]:
        _held.pop(oldest, None)
