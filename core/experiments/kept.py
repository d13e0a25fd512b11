"""One way to read a file that was kept beside a run, and to say what to do when it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import InputError


def read(path: Path, reader: Callable[[Path], Any], what: str, verb: str, run_id: str) -> Any:
    """
    What `reader` makes of a file of the assessment or explanation of a run.

    Raises
    ------
    InputError
        If it is missing or damaged; the sentence names the file and the verb that makes it again.
    """
    try:
        return reader(path)
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        reason = "it is missing" if isinstance(error, FileNotFoundError) else " ".join(str(error).split())
        raise InputError(
            f"The {what} of run {run_id}: {path.name} cannot be used ({reason}). "
            f"Make it again with `precursor {verb} {run_id}`."
        ) from None
