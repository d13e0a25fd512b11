"""search.json: what a search was asked, and the configuration that came out best."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core import files, typed_documents

VERSION = 1  # of search.json


@dataclass(frozen=True)
class SearchDocument:
    """plan: as `vary.Plan.as_dict` gives it. best: the configuration of the best trial, as a table."""

    plan: dict[str, object]
    best: dict[str, object]


def write(path: Path, document: SearchDocument) -> None:
    """Keep what came out of a search."""
    files.replace_json(path, typed_documents.write(document, VERSION))


def refuse_newer(path: Path) -> None:
    """
    Before a search goes on: its document, which will be written anew, must not be of a newer version of the program.

    Raises
    ------
    OtherVersion
    """
    typed_documents.refuse_newer(path, VERSION, f"Search {path.parent.name}")
