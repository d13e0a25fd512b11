"""
The journal: a file to which lines are added and from which none is taken.

Each line is JSON and carries the digest of the line before it, so that a line that was changed or removed later
shows. What was cut off at the end leaves a whole chain: that shows only against a copy.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from core import clock, documents, files
from core.errors import InputError

LOCK_SECONDS = 30.0


class Journal:
    """The lines of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: dict[str, Any]) -> dict[str, Any]:
        """
        Add a line; it gets the time and the digest of the line before it.

        Raises
        ------
        InputError
            If an earlier line was changed, a link leads out of the data folder, or another process keeps the file for
            longer than half a minute.
        """
        files.refuse_way_out(self.path)
        lock = self.path.with_name(f".{self.path.name}.lock")
        with files.claimed(lock, f"Another process is writing {self.path}. Try again.", LOCK_SECONDS):
            earlier = self.entries()
            line = {
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

        Raises
        ------
        InputError
            If a line is damaged, or was changed, removed or put in after the fact.
        """
        try:
            content = documents.read_stored(self.path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"{self.path} cannot be read ({error.strerror}). Restore it from a copy.") from None
        found: list[dict[str, Any]] = []
        for number, text in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), 1):
            try:
                line = documents.parse_json(text)
                whole = line["digest"] == _digest(line) and line["previous"] == (found[-1]["digest"] if found else "")
            except (ValueError, KeyError, TypeError):
                whole = False
            if not whole:
                raise InputError(
                    f"{self.path}, line {number}: this line or the one before it was changed after it was written. "
                    "Restore the file from a copy."
                )
            found.append(line)
        return found

    @staticmethod
    def _cut_unfinished_line(file: Any) -> None:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def _digest(line: dict[str, Any]) -> str:
    content = {key: value for key, value in line.items() if key != "digest"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
