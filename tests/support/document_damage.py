"""What happens to documents on disk: by name, the bytes that are there in place of a document, or a folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

FOLDER = None  # a folder has the document's name

DAMAGES: dict[str, bytes | None] = {
    "empty": b"",
    "cut": b'{"created": "2026-',
    "not UTF-8": b'{"name": "F\xfcrst"}',
    "null bytes": b"\0" * 64,
    "lists in lists": b"[" * 100_000,
    "tables in tables": b'{"a":' * 100_000,
    "5000 digits": b'{"pid": ' + b"9" * 5000 + b"}",
    "1e400": b'{"pid": 1e400, "seconds": 1e400}',
    "NaN": b'{"pid": NaN, "seconds": NaN}',
    "a list": b"[1, 2, 3]",
    "a text": b'"text"',
    "null": b"null",
    "an empty table": b"{}",
    "half a character": b'{"name": "\\ud800", "title": "\\ud800", "message": "\\ud800"}',
    "a folder": FOLDER,
}


def put(path: Path, damage: bytes | None) -> None:
    """The damage in place of a file; the file's hard links elsewhere keep what they have."""
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    if damage is None:
        path.mkdir()
    else:
        path.write_bytes(damage)


def linked_copy(folder: Path, to: Path) -> Path:
    """A copy of a folder that takes no time; only `put` may change its files."""
    return Path(shutil.copytree(folder, to, copy_function=os.link))


def values_of_other_kinds(document: dict) -> dict[str, dict]:
    """By what was done, the document with one value after the other in place of which another kind stands."""
    changed = {}
    for key in document:
        for other in (None, [], {}, "text", 5, -(2**62), [[1]], {"a": 1}):
            if type(other) is not type(document[key]):
                changed[f"{key} = {other!r}"] = {**document, key: other}
        changed[f"without {key}"] = {name: value for name, value in document.items() if name != key}
    return changed
