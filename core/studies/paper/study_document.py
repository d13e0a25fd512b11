"""What a study of the paper writes down beside its tables: paper.json, and refused.json, what could not be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core import documents, files, typed_documents
from core.typed_documents import Count, Moment, NotNegative, Versioned

VERSION = 1  # of refused.json


@dataclass(frozen=True)
class StudyDocument(Versioned):
    """
    paper.json: counts are of planned trainings; length_minutes of the windows where it is not what varies.

    created: ISO time, UTC. left_out: what is smaller than in full, in words. law: what the learning curve of a choice
    says; curves_refused: why that of a choice could not be made.
    """

    created: Moment
    synthetic: bool
    stations: tuple[str, ...]
    length_minutes: Count
    n_planned: Count
    n_done: Count
    n_refused: Count
    left_out: tuple[str, ...]
    law: dict[str, str]
    curves_refused: dict[str, str]
    study_id: str = ""
    size: str = ""
    training_seconds: NotNegative = 0.0

    VERSION = 1
    CALLED = "Study {}"


@dataclass(frozen=True)
class Refusals:
    """refused.json: why a training could not be made, by the id of its configuration ("curve ..." for a curve)."""

    reasons: dict[str, str] = field(default_factory=dict)


def write(path: Path, document: StudyDocument) -> None:
    """Keep what a study came to."""
    files.replace_json(path, document.to_dict())


def read(path: Path) -> StudyDocument:
    """
    What a study came to.

    Raises
    ------
    OtherVersion
        If a newer version of the program wrote it.
    DocumentError, ValueError
        If it is missing or damaged.
    """
    return StudyDocument.from_dict(documents.read_json(path), path.parent.name)


def write_refusals(path: Path, refusals: Refusals) -> None:
    """Keep what could not be made: the reasons stand beside the version, as they did before there was one."""
    files.replace_json(path, {**refusals.reasons, "version": VERSION, "program": typed_documents.program()})


def read_refusals(path: Path) -> Refusals:
    """
    What could not be made; nothing if that is not known.

    Raises
    ------
    OtherVersion
        If a newer version of the program wrote it.
    """
    try:
        table = typed_documents.read_table(path, VERSION, StudyDocument.CALLED.format(path.parent.name))
    except typed_documents.OtherVersion:
        raise
    except ValueError:  # not there yet, or damaged
        return Refusals()
    return Refusals({key: why for key, why in table.items() if isinstance(why, str) and key != "program"})


def refuse_newer(folder: Path) -> None:
    """
    Before a study goes on: its documents, which will be written anew, must not be of a newer version of the program.

    Raises
    ------
    OtherVersion
    """
    StudyDocument.refuse_newer(folder / "paper.json", folder.name)
    typed_documents.refuse_newer(folder / "refused.json", VERSION, StudyDocument.CALLED.format(folder.name))
