"""
What was stored in the archive, when and from what: `raw/journal.jsonl`, a line per change, only ever appended to.

With the raw bytes beside it the whole archive can be made again (`rebuild.py`). The time of a line is the learning
time of the values that came with it, so the line also says from which bytes a value was made.

Each line says the version of its form, and the program that wrote it; the lines of before say neither and are of the
same form.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd

from core import documents, files, typed_documents
from core.errors import InputError
from core.loading.services.raw_store import RawStore, append_lines, lines_of
from core.typed_documents import OtherVersion

VERSION = 1  # of a line; the oldest have none


class Maker(StrEnum):
    """
    What can make something that goes into the archive; `rebuild.READERS` has a function for each.

    The words stand in journals that exist: they never change.
    """

    MINUTE_FILE = "minute file"
    EVENTS_FILE = "events file"
    ADDED_EVENTS = "events added from a file"
    KP_FILE = "Kp file"
    DST_FILE = "Dst file"
    MERGE = "merge"
    MW_PROXIES = "Mw proxies"
    SERVICE_MINUTES = "minutes of a service"
    SERVICE_EVENTS = "events of a service"
    SERVICE_KP = "Kp of a service"


@dataclass(frozen=True)
class Recipe:
    """
    From what something was made that goes into the archive, and how it can be made again.

    The bytes of `files` are kept in the raw store; those of `answers`, pairs
    of an address and a digest, are there.
    """

    reader: Maker
    parameters: dict[str, Any] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """A line of the journal: at `time` (ISO, UTC) this was stored; `inputs` are pairs of a name and a SHA-256."""

    time: str
    reader: str
    parameters: dict[str, Any]
    inputs: tuple[tuple[str, str], ...]


class ArchiveJournal:
    """The journal in the folder of the raw store."""

    def __init__(self, folder: Path) -> None:
        self.raw = RawStore(folder)

    @property
    def path(self) -> Path:
        """One JSON object a line, oldest first."""
        return self.raw.folder / "journal.jsonl"

    def note(self, recipes: Sequence[Recipe], time: pd.Timestamp) -> list[Step]:
        """
        Keep the bytes of the files, then append a line for each recipe, all in one write.

        Raises
        ------
        InputError
            If a file cannot be read any more or could not be rebuilt under its name, or the folder cannot be written.
        """
        steps = self.made_of(recipes, time)
        lines = [json.dumps(typed_documents.write(step, VERSION), sort_keys=True).encode() for step in steps]
        if lines:
            try:
                append_lines(self.path, list(dict.fromkeys(lines)))  # a zip archive with many files is one step
            except OSError as error:
                raise InputError(f"{self.path}: cannot be written ({error.strerror}).") from error
        return steps

    def made_of(self, recipes: Sequence[Recipe], time: pd.Timestamp) -> list[Step]:
        """The steps of recipes, after their files were kept."""
        paths = dict.fromkeys(path for each in recipes for path in each.files)
        for path in paths:
            check_name(path)
        kept = {path: self.raw.keep_file(path) for path in paths}
        return [
            Step(
                time.isoformat(),
                recipe.reader,
                recipe.parameters,
                (*((path.name, kept[path]) for path in recipe.files), *recipe.answers),
            )
            for recipe in recipes
        ]

    def steps(self) -> list[Step]:
        """
        All steps, oldest first; damaged lines are passed over (`problems` names them).

        Raises
        ------
        OtherVersion
            If a line is of a newer form than this program reads.
        """
        lines = enumerate(lines_of(self.path), 1)
        return [step for number, line in lines if (step := self._step(line, number)) is not None]

    def refuse_newer(self) -> None:
        """
        For who is going to add a line: raise OtherVersion if the last one is of a newer form than this program's.

        The last one says it of all, for nothing was added behind a newer one.
        """
        lines = lines_of(self.path)
        if lines:
            self._step(lines[-1], len(lines))

    def problems(self) -> list[str]:
        """Sentences that name every line that cannot be read, and every file of bytes that is missing or damaged."""
        return [*self.damaged_lines(), *self.lost_bytes()]

    def damaged_lines(self) -> list[str]:
        """Sentences that name every line that cannot be read, and every input whose name is refused."""
        damaged = []
        for number, step in self._readable():
            if isinstance(step, OtherVersion):
                damaged.append(str(step))
                continue
            if step is None:
                damaged.append(f"{self.path}, line {number}: cut off or damaged; what it stored cannot be rebuilt.")
                continue
            for name, sha256 in step.inputs:
                try:
                    self._path(name, sha256)
                except InputError as error:
                    damaged.append(f"{self.path}, line {number}: {error}")
        return damaged

    def lost_bytes(self) -> list[str]:
        """Sentences that name every file of bytes that is missing or damaged, each once."""
        lost: list[str] = []
        names: dict[Path, tuple[str, str]] = {}  # the first of each
        for _, step in self._readable():
            for name, sha256 in step.inputs if isinstance(step, Step) else ():
                with contextlib.suppress(InputError):  # `damaged_lines` says it
                    names.setdefault(self._path(name, sha256), (name, sha256))
        for path, (name, sha256) in names.items():
            if not path.exists():
                lost.append(f"{path}: missing; it held {name}.")
            elif hashlib.sha256(documents.read_stored(path)).hexdigest() != sha256:
                lost.append(f"{path}: damaged; it held {name}. Ingest or fetch it again.")
        return lost

    def _readable(self) -> Iterator[tuple[int, Step | OtherVersion | None]]:
        """Every line with its number: its step, why it is refused, or None where it is damaged."""
        for number, line in enumerate(lines_of(self.path), 1):
            try:
                yield number, self._step(line, number)
            except OtherVersion as error:
                yield number, error

    def _step(self, line: bytes, number: int) -> Step | None:
        try:
            content = documents.parse_json(line, may_be_infinite=True)
            typed_documents.version_of(content, VERSION, f"Line {number} of {self.path}")
            documents.check_kinds(content, {"time": str, "reader": str, "parameters": dict, "inputs": list})
            if pd.isna(pd.Timestamp(content["time"])):
                return None
            inputs = tuple((str(name), str(sha256)) for name, sha256 in content["inputs"])
            return Step(content["time"], content["reader"], content["parameters"], inputs)
        except OtherVersion:  # it says itself what to do
            raise
        except documents.UNUSABLE:
            return None

    def _path(self, name: str, sha256: str) -> Path:
        """The file with the bytes of an input, whose name is an address or a plain file name, else an InputError."""
        if "://" not in name:
            files.child(self.raw.folder, name, "the name of an input")
        return self.raw.path(sha256)


class NoJournal(ArchiveJournal):
    """For an archive that is being rebuilt: it knows from what things are made and writes nothing down."""

    def note(self, recipes: Sequence[Recipe], time: pd.Timestamp) -> list[Step]:
        """The steps of recipes."""
        return [Step(time.isoformat(), recipe.reader, recipe.parameters, recipe.answers) for recipe in recipes]


def check_name(path: Path) -> None:
    """Raise InputError if a file has a name under which the archive could not be made again on every machine."""
    files.child(path.parent, path.name, path.parent)
