"""search.json: what a search was asked, and the configuration that came out best."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core import files
from core.typed_documents import Versioned


@dataclass(frozen=True)
class SearchDocument(Versioned):
    """plan: as `vary.Plan.as_dict` gives it. best: the configuration of the best trial, as a table."""

    plan: dict[str, object]
    best: dict[str, object]

    VERSION = 1
    CALLED = "Search {}"


def write(path: Path, document: SearchDocument) -> None:
    """Keep what came out of a search."""
    files.replace_json(path, document.to_dict())


def refuse_newer(path: Path) -> None:
    """
    Before a search goes on: its document, which will be written anew, must not be of a newer version of the program.

    Raises
    ------
    OtherVersion
    """
    SearchDocument.refuse_newer(path, path.parent.name)
