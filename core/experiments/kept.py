"""One way to read a file that was kept, and to say what to do when it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from core import files
from core.errors import InputError


def read(path: Path, reader: Callable[[Path], Any], what: str, verb: str) -> Any:
    """
    What `reader` makes of a file.

    Parameters
    ----------
    path : Path
    reader : callable
    what : str
        To what the file belongs, in words.
    verb : str
        The verb that makes it again, with its arguments.

    Raises
    ------
    InputError
        If it is missing or damaged; the sentence names the file and the verb.
    """
    try:
        return reader(path)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        reason = "it is missing" if isinstance(error, FileNotFoundError) else " ".join(str(error).split())
        raise InputError(
            f"{what}: {path.name} cannot be used ({reason}). Make it again with `precursor {verb}`."
        ) from None


def same(path: Path, document: Any, what: str) -> None:
    """
    Make sure that what was read beside a document is of the same making: whoever makes it anew removes it first.

    Raises
    ------
    InputError
        If the JSON file `path` does not hold this document any more.
    """
    try:
        holds = files.read_json(path) == document
    except (OSError, ValueError):
        holds = False
    if not holds:
        raise InputError(f"{what} was made anew while it was read. Open it again, once it is there.")
