"""What a job writes down: job.json, what was asked; status.json, how far it is; and what both say together."""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core import documents, files, typed_documents
from core.documents import DocumentError

VERSION = 1  # of job.json and of status.json
LARGEST_NUMBER = 2**31 - 1  # of a process, on any system


class JobState(enum.StrEnum):
    """
    How a job is doing.

    "crashed": it says that it runs, and its process is gone. "unreadable": another version of the program wrote its
    documents, and this one cannot read them.
    """

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"


ENDED = (JobState.FINISHED, JobState.FAILED, JobState.CANCELLED, JobState.CRASHED, JobState.UNREADABLE)


@dataclass(frozen=True)
class Request:
    """job.json: the arguments of `precursor`, a title, when it was asked for (ISO, UTC); pid: once there is one."""

    arguments: tuple[str, ...] = ()
    title: str = "A job"
    created: str = ""
    pid: int | None = None

    def __post_init__(self) -> None:
        _check_counts(self)


@dataclass(frozen=True)
class Standing:
    """
    status.json: `done` of `total` (0: unknown) of the stage, `epoch` of `epochs`, what the work made; None: not said.

    heartbeat: when it was written (ISO, UTC).
    """

    state: JobState = JobState.STARTING
    pid: int | None = None
    heartbeat: str | None = None
    stage: str | None = None
    message: str | None = None
    done: int | None = None
    total: int | None = None
    epoch: int | None = None
    epochs: int | None = None
    run_id: str | None = None
    sweep_id: str | None = None

    def __post_init__(self) -> None:
        _check_counts(self)


@dataclass(frozen=True)
class Job:
    """A job as a watcher sees it: the fields of `Request` and `Standing`, "" or 0 where nothing is said."""

    job_id: str
    arguments: tuple[str, ...]
    title: str
    created: str
    state: JobState
    pid: int | None
    stage: str = ""
    message: str = ""
    done: int = 0
    total: int = 0
    epochs: int = 0
    run_id: str = ""
    sweep_id: str = ""

    @property
    def ended(self) -> bool:
        """True if nothing more will come of it."""
        return self.state in ENDED


def job(job_id: str, request: Request, standing: Standing) -> Job:
    """What both documents say together."""
    return Job(
        job_id,
        request.arguments,
        request.title,
        request.created,
        standing.state,
        standing.pid if standing.pid is not None else request.pid,
        standing.stage or "",
        standing.message or "",
        standing.done or 0,
        standing.total or 0,
        standing.epochs or 0,
        standing.run_id or "",
        standing.sweep_id or "",
    )


Document = TypeVar("Document", Request, Standing)


def write(path: Path, document: Request | Standing) -> None:
    """Keep a document of a job; what it does not say yet is left out."""
    table = typed_documents.write(document, VERSION)
    files.replace_json(path, {name: value for name, value in table.items() if value is not None})


def read(path: Path, kind: type[Document], job_id: str) -> Document:
    """
    A document of a job, as far as it can be used: what is damaged is not known and takes its default.

    Raises
    ------
    OtherVersion
        If it is of a newer version of the program.
    """
    table = _table(path)
    try:
        typed_documents.version_of(table, VERSION, f"Job {job_id}")
    except typed_documents.OtherVersion:
        raise
    except ValueError:
        return kind()
    return _sound(kind, table)


def process_in(path: Path) -> int | None:
    """The process that a job's document names, of whatever version it is."""
    return _sound(Standing, {"pid": _table(path).get("pid")}).pid


def _table(path: Path) -> dict[str, object]:
    try:
        return typed_documents.table_of(documents.read_json(path))
    except DocumentError:
        return {}


def _sound(kind: type[Document], table: dict[str, object]) -> Document:
    """The document with those fields that hold what they should."""
    names = {field.name for field in dataclasses.fields(kind)} & set(table)
    return typed_documents.read(kind, {name: table[name] for name in names if _is_sound(kind, name, table[name])})


def _is_sound(kind: type[Document], name: str, value: object) -> bool:
    try:
        typed_documents.read(kind, {name: value})
    except ValueError:
        return False
    return True


def _check_counts(document: Request | Standing) -> None:
    """Refuse a number that no process and no count has."""
    for field in dataclasses.fields(document):
        value = getattr(document, field.name)
        if isinstance(value, int) and not 0 <= value <= LARGEST_NUMBER:
            raise ValueError(f"{field.name!r} cannot be {value!r}")
