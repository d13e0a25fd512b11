"""
Arrays and a small state in one file, replaced in one step.

A kill at any moment leaves the previous checkpoint or the new one, never half
of one and never weights of one epoch beside the history of another. The
format is npz without pickle: a file can hold numbers, not code.
"""

from __future__ import annotations

import json
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from core import documents, files
from core.errors import InputError

NAME = "checkpoint.npz"  # of the file, in the folder of a run that is being trained
STATE = "state"
Arrays = Mapping[str, np.ndarray | list[np.ndarray]]


def write(path: Path, arrays: Arrays, state: dict[str, Any] | None = None) -> None:
    """
    Write named arrays and a JSON-ready state; a reader sees the old file or all of the new one.

    An array may be given as a list of the pieces that lie one after the other along its first axis.
    """
    content = {name: values if isinstance(values, list) else [values] for name, values in arrays.items()}
    if state is not None:
        content[STATE] = [np.array(json.dumps(state))]

    def save(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w") as archive:  # np.savez would copy parts of 16 MB and more
            for name, given in content.items():
                pieces = [np.asarray(piece, order="C") for piece in given]
                header = np.lib.format.header_data_from_array_1_0(pieces[0])
                if len(pieces) > 1:
                    header["shape"] = (sum(len(piece) for piece in pieces), *pieces[0].shape[1:])
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array_header_1_0(file, header)
                    for piece in pieces:
                        file.write(piece.reshape(-1).view(np.uint8).data)

    files.replace(path, save)


def read(
    path: Path,
    shapes: dict[str, tuple[int, ...]] | None = None,
    remedy: str = "Delete it, or restore it from a copy.",
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """
    Read what `write` wrote.

    Parameters
    ----------
    path : Path
    shapes : dict, optional
        The arrays that must be there, exactly. Shapes are compared before any
        array is read, so a file cannot ask for more memory than they need.
    remedy : str
        What to do about a damaged file, as a sentence.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, or holds other arrays.
    """
    try:
        with documents.open_stored(path) as file:
            if shapes is not None:
                _check_shapes(path, file, shapes)
                file.seek(0)
            with np.load(file, allow_pickle=False) as content:
                arrays = {name: content[name] for name in content.files if name != STATE}
                state = json.loads(str(content[STATE])) if STATE in content.files else {}
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except InputError:
        raise
    except (*documents.UNUSABLE, EOFError, SyntaxError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path} is damaged ({documents.reason(error)}). {remedy}") from None
    return arrays, state


class Pace:
    """
    Decides whether a checkpoint is due after an epoch.

    Every epoch, unless the file is huge: a write that takes more than a tenth
    of a second is made as often as keeps writing below a tenth of the time,
    and at least every 30 seconds. For the networks of 1-hour and 1-day
    windows with Adam (2.4 and 53 MB, 5 and 50 ms on a solid-state disk) that is
    every epoch; for 1-week windows (372 MB, 0.3 s) every epoch of 3 s or more.
    """

    FREE_SECONDS = 0.1
    SHARE = 0.1
    LONGEST_SECONDS = 30.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._written_at = clock()
        self._cost = 0.0

    def due(self) -> bool:
        """True if a checkpoint should be written now."""
        elapsed = self._clock() - self._written_at
        return self._cost <= max(self.FREE_SECONDS, self.SHARE * elapsed) or elapsed >= self.LONGEST_SECONDS

    def write(self, path: Path, arrays: Arrays, state: dict[str, Any]) -> None:
        """Write a checkpoint and note what it cost."""
        started = self._clock()
        write(path, arrays, state)
        self._written_at = self._clock()
        self._cost = self._written_at - started


def _check_shapes(path: Path, file: BufferedReader, shapes: dict[str, tuple[int, ...]]) -> None:
    found = {}
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                version = np.lib.format.read_magic(member)
                header = (
                    np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                )
                shape, _, kind = header(member)
                if kind.hasobject:
                    raise ValueError("it holds objects, not numbers")
                found[name.removesuffix(".npy")] = shape
    for name, shape in shapes.items():
        if name not in found:
            raise InputError(f"{path} holds no array {name!r}: it is not a file of this network.")
        if found[name] != shape:
            raise InputError(
                f"{path}: {name} has shape {found[name]}, expected {shape}. "
                "The file belongs to another window length or network."
            )
    unknown = sorted(set(found) - set(shapes))
    if unknown:
        raise InputError(f"{path} holds {unknown[0]!r}, which the network does not have.")
