"""Writing files so that a reader sees the old content or the new, never half of one; reading what was so written."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_UMASK = os.umask(0)
os.umask(_UMASK)


def replace(path: Path, write: Callable[[Path], None]) -> None:
    """
    Give `write` a temporary path beside `path`; sync what it wrote and rename it to `path`.

    If `write` raises, the old file is untouched and the temporary one is gone; an OSError names `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_UMASK)  # mkstemp's files are private; what is kept should be readable as usual
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None  # a full disk does not say which file was too much
        raise
    sync_folder(path.parent)


def replace_text(path: Path, text: str) -> None:
    """Write text (UTF-8) as `replace` does."""
    replace(path, lambda temporary: _write_text(temporary, text))


def replace_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, as `replace` does; NaN is refused."""
    replace_text(path, json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n")


def replace_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet, without its index, as `replace` does."""
    replace(path, lambda temporary: table.to_parquet(temporary, index=False))


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises OSError or ValueError if it cannot be read."""
    return json.loads(path.read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """
    The same with plain numbers in place of numpy's, and None where a number does not exist: ready for JSON.

    >>> plain({"auc": [0.5, float("nan")], "n": (1, float("inf"))})
    {'auc': [0.5, None], 'n': [1, None]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "dtype") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def clear_leftovers(folder: Path) -> None:
    """Remove the temporary files that `replace` leaves when it is killed; for a folder that nobody else writes to."""
    for leftover in folder.glob(".*.*"):
        leftover.unlink()


@contextmanager
def claimed(lock: Path, busy: str, timeout_s: float = 0.0) -> Iterator[None]:
    """
    Keep other processes out while the block runs; a lock does not outlive a process that was killed.

    Raises
    ------
    InputError
        With the sentence `busy`, if another process holds the lock for longer than `timeout_s`.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock, timeout=timeout_s)
    try:
        held.acquire()
    except Timeout:
        raise InputError(busy) from None
    try:
        yield
    finally:
        held.release()


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk (a rename is durable only after this)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
