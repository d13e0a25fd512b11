"""
Writing files so that a reader sees the old content or the new, never half of one.

A data folder may come from a stranger: a name that is joined to a path is a plain file name (`child`), and nothing is
written through a symbolic link that leads out of the folder (`refuse_way_out`).
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from core import data_folder
from core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 255  # bytes, of the usual file systems

_UMASK = os.umask(0)
os.umask(_UMASK)

_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # to Windows no file, whatever follows


def child(folder: Path, name: object, where: object) -> Path:
    """
    The path of a name in a folder, for a name that a stored document, an argument or an address gives.

    Parameters
    ----------
    folder : Path
    name : object
        What was found; text, if it is a name at all.
    where : object
        The document, or what the name is of: the sentence begins with it.

    Raises
    ------
    InputError
        If the name is no plain file name, here or on Windows: it is empty, "." or "..", holds a separator, a drive or a
        control character, ends with a dot or a space, is that of a device or is too long.

    Examples
    --------
    >>> child(Path("runs"), "honest-1f0c9a2b", "A run").as_posix()
    'runs/honest-1f0c9a2b'
    """
    if fault := _fault(name):
        shown = repr(name)
        shown = shown if len(shown) <= 80 else f"{shown[:80]}..."
        raise InputError(f"{where}: {shown} {fault}, expected a plain file name. Correct the name.")
    return folder / str(name)


def _fault(name: object) -> str:
    """Why a name is no plain file name; "" if it is one."""
    if not isinstance(name, str):
        return "is no text"
    if not name.strip("."):
        return "is empty" if not name else "stands for a folder"
    if "/" in name or "\\" in name:
        return "leads to another folder"
    if PureWindowsPath(name).drive:
        return "names a drive"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        return "holds a control character"
    if name[-1] in ". ":
        return "ends with a dot or a space"
    if _DEVICE.fullmatch(name):
        return "is the name of a device on Windows"
    try:
        return "is too long" if len(os.fsencode(name)) > LONGEST_NAME else ""
    except UnicodeEncodeError:
        return "cannot be written as a name"


def refuse_way_out(path: Path, root: Path | None = None) -> None:
    """
    Before something is written in a data folder: no symbolic link on the way may lead out of the folder.

    Parameters
    ----------
    path : Path
        What is to be opened, made or emptied. A path that does not lie in `root` is the user's own choice and passes.
    root : Path, optional
        By default the data folder of this process.

    Raises
    ------
    InputError
        If a link leads out.
    """
    place, top = os.path.abspath(path), os.path.abspath(root or data_folder.data_dir())
    target = os.path.realpath(place)
    if Path(place).is_relative_to(top) and not Path(target).is_relative_to(os.path.realpath(top)):
        raise InputError(
            f"{path}: a symbolic link leads out of the data folder, to {target}. Nothing was written there. Put what "
            "it leads to in its place, or keep the whole data folder elsewhere and name that (--data)."
        )


def make_folder(folder: Path) -> None:
    """Make a folder of the data folder, and those above it, if it is not there. Raises as `refuse_way_out`."""
    refuse_way_out(folder)
    folder.mkdir(parents=True, exist_ok=True)


def replace(path: Path, write: Callable[[Path], None]) -> None:
    """
    Give `write` a temporary path beside `path`; sync what it wrote and rename it to `path`.

    If `write` raises, the old file is untouched and the temporary one is gone; an OSError names `path`. Raises
    InputError as `refuse_way_out`.
    """
    make_folder(path.parent)  # a link in the place of the file itself is replaced and not followed
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
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Write bytes as `replace` does."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    replace(path, write)


def replace_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, as `replace` does; NaN is refused."""
    replace_text(path, json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n")


def read_table(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """
    The table of a Parquet file, or these columns of it.

    pandas takes a folder for the parts of a table, and an empty one for a table without columns; here it is an error.

    Raises
    ------
    OSError
        If it is missing, a folder, or cannot be read.
    ValueError, pyarrow.ArrowException
        If it is no such table.
    """
    import pandas as pd

    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    return pd.read_parquet(path, columns=columns)


def replace_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet, without its index, as `replace` does."""
    replace(path, lambda temporary: table.to_parquet(temporary, index=False))


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
    refuse_way_out(folder)
    for leftover in folder.glob(".*.*"):
        leftover.unlink()


@contextmanager
def claimed(lock: Path, busy: str, timeout_s: float = 0.0) -> Iterator[None]:
    """
    Keep other processes out while the block runs; a lock does not outlive a process that was killed.

    Raises
    ------
    InputError
        With the sentence `busy`, if another process holds the lock for longer than `timeout_s`; or as `refuse_way_out`.
    """
    from filelock import FileLock, Timeout  # only who writes waits for this library

    refuse_way_out(lock)
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
