"""sweep.json: what a sweep was asked to vary."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core import documents, files
from core.typed_documents import Moment, Versioned


@dataclass(frozen=True)
class SweepDocument(Versioned):
    """
    created: ISO time, UTC. varied: the options, "section.option". plan: as `vary.Plan.as_dict` gives it. data: see
    `sources.data_key`, "" if the runs differ or an older sweep does not say it.
    """

    created: Moment
    varied: tuple[str, ...]
    synthetic: bool
    plan: dict[str, object] = field(default_factory=dict)
    data: str = ""

    VERSION = 1
    CALLED = "Sweep {}"


def write(path: Path, document: SweepDocument) -> None:
    """Keep what a sweep was asked."""
    files.replace_json(path, document.to_dict())


def read(path: Path) -> SweepDocument:
    """
    What a sweep was asked.

    Raises
    ------
    OtherVersion
        If a newer version of the program wrote it.
    DocumentError, ValueError
        If it is missing or damaged.
    """
    return SweepDocument.from_dict(documents.read_json(path), path.parent.name)
