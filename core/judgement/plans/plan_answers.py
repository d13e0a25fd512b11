"""
Answers to plans: which run was the first to be judged as a frozen plan, and what was compared before it counted as one.

`data/frozen/answers.jsonl` only grows. A plan is answered once: whoever waits for more data and judges again has had a
look, and what comes out then is exploratory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core import typed_documents
from core.chained_log import ChainedLog
from core.errors import InputError
from core.judgement.plans.bound_windows import BoundWindows

VERSION = 1  # of a line of the journal


@dataclass(frozen=True)
class Answer:
    """
    A run that was judged on the split that its plan speaks of (ISO time, UTC).

    code_frozen, code_run: digests of the code. inputs: those that are no longer what they were when the plan was
    frozen. windows: those that the plan binds, as they are in the run; None for a plan of an earlier version, which
    binds all inputs and the code instead. largest_difference: see `Opening`.
    """

    plan: str
    run_id: str
    split: str
    code_frozen: str
    code_run: str
    inputs: tuple[str, ...]
    windows: BoundWindows | None
    largest_difference: float | None
    time: str = ""


def note(answer: Answer, data_dir: Path) -> None:
    """Write an answer down; the same run's answer to the same plan is there once."""
    if all((earlier.plan, earlier.run_id) != (answer.plan, answer.run_id) for earlier in read(data_dir)):
        line = {key: value for key, value in typed_documents.write(answer, VERSION).items() if key != "time"}
        journal(data_dir).append(line)


def read(data_dir: Path) -> list[Answer]:
    """
    Every answer, oldest first.

    Raises
    ------
    InputError
        If a line was changed, is no answer, or is one of a newer version.
    """
    log = journal(data_dir)
    try:
        return [_answer(line) for line in log.entries()]
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{log.path} holds a line that is no answer ({error}). Restore it from a copy.") from None


def first(plan_id: str, data_dir: Path) -> Answer | None:
    """The answer that counts for a plan; None where there is none yet."""
    return next((answer for answer in read(data_dir) if answer.plan == plan_id), None)


def _answer(line: dict[str, object]) -> Answer:
    typed_documents.version_of(line, VERSION, "The answer to a plan")
    return typed_documents.read(Answer, line)


def journal(data_dir: Path) -> ChainedLog:
    """The journal of the answers in a data folder."""
    return ChainedLog(data_dir / "frozen" / "answers.jsonl")
