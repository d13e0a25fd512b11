"""What is stored of one kind of study, each in a folder of its own: one that cannot be read costs no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from core.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """`there`: what can be read, newest first. `refused`: of what cannot, the sentence that says why, by id."""

    there: tuple[T, ...]
    refused: dict[str, str]


def look(home: Path, document: str, opener: Callable[[str], T]) -> Shelf[T]:
    """
    Open every study in a folder.

    Parameters
    ----------
    home : Path
        Its folders are named by the ids of the studies.
    document : str
        The file that a finished study has; the newest of these is the first.
    opener : callable
        From an id to the study; what it refuses with an InputError is left out, and the log says so too.
    """
    folders = [path for path in home.iterdir() if (path / document).exists()] if home.is_dir() else []
    there, refused = [], {}
    for folder in sorted(folders, key=lambda path: (path / document).stat().st_mtime_ns, reverse=True):
        try:
            there.append(opener(folder.name))
        except InputError as error:
            refused[folder.name] = str(error)
            logging.getLogger(__name__).warning("%s", error)
    return Shelf(tuple(there), refused)
