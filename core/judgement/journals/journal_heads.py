"""
Heads of the journals: what a document that was written beside them says of their ends, and whether they still hold it.

A journal that was deleted, or whose end was cut off, is whole in itself. So every assessment and every frozen plan
names how many lines each journal had by then and the digest of the last one. A journal that no longer holds such a line
has lost lines, and with them tries, plans, answers or openings that a verdict pays for. The heads of all documents
count together, and a new document goes on naming those that are lost, so that taking one document away, or judging a
run anew, hides nothing. Whoever deletes journals and documents alike begins anew: that shows only against a head that
was noted outside the data folder, such as `precursor freeze` prints.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core import documents, typed_documents
from core.chained_log import ChainedLog, Head, Heads
from core.evaluation import tested_runs
from core.judgement import final_block
from core.judgement.plans import frozen_plan, plan_answers

TRIES = "tested.jsonl"
JOURNALS = {
    TRIES: tested_runs.journal,
    "frozen/journal.jsonl": frozen_plan.journal,
    "frozen/answers.jsonl": plan_answers.journal,
    "final/journal.jsonl": final_block.journal,
}
WITHOUT = {  # what is not known without the lines that are gone
    TRIES: "how many runs scored this stretch",
    "frozen/journal.jsonl": "which plans were frozen for this stretch",
    "frozen/answers.jsonl": "which plans were answered before",
    "final/journal.jsonl": "which final blocks were opened before",
}
NAMED_BY_NONE = (
    "Journals: whether lines of them are gone cannot be told, since no assessment or plan names their ends yet; those "
    "that are made from now on do."
)
MOST_HELD = 4096  # documents whose heads this process remembers


@dataclass(frozen=True)
class Lost:
    """A head that a document names and whose line its journal does not hold; document: what kind of document."""

    document: str
    head: Head

    @property
    def sentence(self) -> str:
        """What is gone, what is not known without it, and what to do."""
        path = f"data/{self.head.log}"
        return (
            f"Lines of {path} are gone: {self.document} names its line {self.head.n_lines:,}, which is not there any "
            f"more. So it is not known {WITHOUT[self.head.log]}. Restore {path} from a copy."
        )


def now(data_dir: Path) -> tuple[Head, ...]:
    """
    What a new document names: the head of each journal, and those that are lost.

    Raises
    ------
    InputError
        If a journal was changed.
    """
    logs = {name: _digests(data_dir, name) for name in JOURNALS}
    heads = [Head(name, len(lines), lines[-1]) for name, lines in logs.items() if lines]
    return tuple(dict.fromkeys([*heads, *(each.head for each in lost(data_dir))]))


def of_tries(heads: Iterable[Head]) -> Head:
    """The head of the journal of tries among those that a document names."""
    return next((head for head in heads if head.log == TRIES), Head(TRIES, 0, ""))


def lost(data_dir: Path, apart_from: tuple[Head, ...] = ()) -> tuple[Lost, ...]:
    """
    The heads that a readable document of a data folder names and whose line is gone, those of the journal of tries
    first.

    Parameters
    ----------
    data_dir : Path
    apart_from : tuple of Head
        Heads whose loss is no harm.

    Raises
    ------
    InputError
        If a journal was changed.
    """
    gone = [
        Lost(document, head)
        for head, document in _named(data_dir).items()
        if head not in apart_from and head.log in JOURNALS and not _holds(_digests(data_dir, head.log), head)
    ]
    return tuple(sorted(gone, key=lambda each: (list(JOURNALS).index(each.head.log), -each.head.n_lines)))


def unknown(data_dir: Path) -> str:
    """A sentence where no document names the head of the journals yet, as in a data folder of an older version."""
    return NAMED_BY_NONE if not _named(data_dir) else ""


def _holds(lines: tuple[str, ...], head: Head) -> bool:
    return not head.n_lines or (head.n_lines <= len(lines) and lines[head.n_lines - 1] == head.digest)


def _named(data_dir: Path) -> dict[Head, str]:
    """Every head that a document names, with the kind of a document that does."""
    heads: dict[Head, str] = {}
    for kind, path in _documents(data_dir):
        try:
            stamp = os.stat(path)
        except OSError:  # the run was not judged yet, or is just being judged anew
            continue
        for head in _heads_in(path, stamp.st_mtime_ns, stamp.st_size):
            heads.setdefault(head, kind)
    return heads


def _documents(data_dir: Path) -> Iterator[tuple[str, str]]:
    """Where documents that name heads are kept, or would be: their kind, and the path."""
    for name in _names(data_dir / "frozen"):
        if name.endswith(".json"):
            yield "a frozen plan", f"{data_dir}/frozen/{name}"
    for name in _names(data_dir / "assessments"):
        if not name.startswith("."):
            yield "an assessment", f"{data_dir}/assessments/{name}/assessment.json"
            yield "an assessment", f"{data_dir}/assessments/{name}/final/assessment.json"


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


@lru_cache(maxsize=MOST_HELD)
def _heads_in(path: str, mtime_ns: int, size: int) -> tuple[Head, ...]:
    """The heads that a document names; a damaged one, which its own reader refuses, names none."""
    try:
        return typed_documents.read(Heads, documents.read_json(Path(path))).heads
    except (ValueError, OSError):
        return ()


def _digests(data_dir: Path, name: str) -> tuple[str, ...]:
    """The digests of the lines of a journal; it is read anew only when it has changed."""
    try:
        stamp = os.stat(data_dir / name)
    except OSError:
        return ()
    return _read(data_dir, name, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=32)
def _read(data_dir: Path, name: str, mtime_ns: int, size: int) -> tuple[str, ...]:
    log: ChainedLog = JOURNALS[name](data_dir)
    return tuple(log.digests())
