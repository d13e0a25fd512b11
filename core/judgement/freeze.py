"""
Pre-registration: a configuration, the digests of its inputs and of the code, written down before the run.

`data/frozen/<id>.json` is never overwritten, and `data/frozen/journal.jsonl`, which only grows, holds its digest, so
that a file put there later with an earlier date shows. A run is pre-registered if it is exactly what was
frozen before it began; any other run is exploratory, and what departs from the frozen plan is named.
"""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core import clock, documents, files, typed_documents
from core import config as configs
from core.chained_log import ChainedLog
from core.config import ExperimentConfig
from core.documents import Kinds
from core.errors import InputError
from core.evaluation import tested_runs
from core.evaluation.tested_runs import Trained
from core.judgement.tries import Record, Try
from core.loading.record.source import Source
from core.runs import environment, kept, sources
from core.runs.pipeline import settled
from core.runs.runs import Run

VERSION = 1  # of a plan's file; the oldest have none
LINE_VERSION = 1  # of a line of the journal of plans; the oldest have none
DOCUMENT: Kinds = {"id": str, "created": str, "config": dict, "digests": dict, "code": str, "commit": str}
MOST_NAMED = 6  # departures that a sentence names


class RegistrationState(enum.StrEnum):
    """Whether a run is what was frozen before it began."""

    PRE_REGISTERED = "pre-registered"
    EXPLORATORY = "exploratory"


@dataclass(frozen=True)
class Registration:
    """
    What a run is beside the plans that were frozen: frozen_id ("" without a plan), words (a sentence for the reader),
    differs (what departs from the plan).
    """

    state: RegistrationState
    words: str
    frozen_id: str = ""
    differs: tuple[str, ...] = ()


NOT_FROZEN = Registration(
    RegistrationState.EXPLORATORY, "Exploratory: this configuration was not frozen before the run."
)


@dataclass(frozen=True)
class Frozen:
    """A plan as it was written down: when, the configuration, SHA-256 of every input and of the code."""

    frozen_id: str
    created: datetime
    config: ExperimentConfig
    digests: dict[str, str]
    code: str
    commit: str


def freeze(config: ExperimentConfig, source: Source, data_dir: Path) -> Frozen:
    """
    Write a plan down; the same plan is written once, and the first time counts.

    Raises
    ------
    InputError
        If an earlier file or the journal was changed.
    """
    config = settled(config, source)
    digests, code = sources.digests(config, source), environment.code_digest()
    content = json.dumps([config.id, sorted(digests.items()), code])
    name = f"{config.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    known = {plan.frozen_id: plan for plan in frozen(data_dir)}
    if name in known:
        return known[name]
    document = {
        "version": VERSION,
        "program": typed_documents.program(),
        "id": name,
        "created": clock.stamp(),
        "config": config.as_dict(),
        "config_id": config.id,
        "digests": digests,
        "code": code,
        "commit": environment.commit(),
        "synthetic": source.synthetic,
    }
    path = data_dir / "frozen" / f"{name}.json"
    files.replace_json(path, document)
    _journal(data_dir).append({"id": name, "sha256": _sha256(path)})
    return _read(path)


def frozen(data_dir: Path) -> list[Frozen]:
    """
    Every frozen plan, oldest first.

    Raises
    ------
    InputError
        If a file was changed after it was frozen, or the journal was, or names no plain file.
    """
    found = []
    for line in _journal(data_dir).entries():
        path = files.child(data_dir / "frozen", f"{line['id']}.json", data_dir / "frozen" / "journal.jsonl")
        if not path.exists():
            continue  # a plan that is gone makes runs exploratory, which is what they are without it
        if _sha256(path) != line["sha256"]:
            raise InputError(f"{path} was changed after it was frozen. Restore it from a copy.")
        found.append(_read(path))
    return found


def registration(run: Run, data_dir: Path) -> Registration:
    """
    Whether a run is what was frozen before it.

    Raises
    ------
    InputError
        If a plan or the journal was changed.
    """
    began = _began(run, data_dir)
    plans = frozen(data_dir)
    same = [plan for plan in plans if not departures(plan, run)]
    before = [plan for plan in same if plan.created <= began]
    if before:
        plan = before[0]
        words = (
            f"Pre-registered: frozen as {plan.frozen_id} on {plan.created:%Y-%m-%d %H:%M} UTC, before the run; "
            "configuration, inputs and code are the same."
        )
        return Registration(RegistrationState.PRE_REGISTERED, words, plan.frozen_id)
    if same:
        plan = same[0]
        words = f"Exploratory: its configuration was frozen ({plan.frozen_id}) only after the run had begun."
        return Registration(RegistrationState.EXPLORATORY, words, plan.frozen_id)
    named = [plan for plan in plans if plan.config.name == run.config.name]
    if not named:
        return NOT_FROZEN
    plan = min(named, key=lambda plan: len(departures(plan, run)))
    differs = departures(plan, run)
    more = f" and {len(differs) - MOST_NAMED} more" if len(differs) > MOST_NAMED else ""
    named_first = ", ".join(differs[:MOST_NAMED])
    words = f"Exploratory: the run departs from its frozen plan {plan.frozen_id} in {named_first}{more}."
    return Registration(RegistrationState.EXPLORATORY, words, plan.frozen_id, tuple(differs))


def plans_for(frozen_id: str, tried: Try, record: Record, data_dir: Path) -> dict[str, float | None]:
    """The exact p of each plan frozen for the stretch of a try, `frozen_id` first."""
    return {frozen_id: tried.p}


def _began(run: Run, data_dir: Path) -> datetime:
    """
    When the outcome could first be looked at: the first attempt at this run began, or an equal run was trained.

    The same config on the same data under another name, or in a folder that was deleted since, is an equal run.
    """
    if run.status.began:
        moments = [datetime.fromisoformat(run.status.began)]
    else:  # runs of earlier versions do not say it; times are whole seconds, so this may be a second early
        ended = datetime.fromisoformat(run.status.created)
        moments = [ended - timedelta(seconds=run.status.seconds)]
    identity = run.run_id.rsplit("-", 1)[-1]
    for line in tested_runs.lines(data_dir):
        if isinstance(line, Trained) and line.run_id.rsplit("-", 1)[-1] == identity:
            moments.append(datetime.fromisoformat(line.time))
    return min(moments)


def departures(plan: Frozen, run: Run) -> list[str]:
    """What of a run is not as its plan says, in words: options, inputs, code; empty if nothing."""
    found = []
    if plan.config.id != run.config.id:
        ours, theirs = run.config.as_dict(), plan.config.as_dict()
        for part in sorted(set(ours) | set(theirs)):
            if isinstance(ours.get(part), dict):
                for key in sorted(ours[part]):
                    if ours[part][key] != theirs[part][key]:
                        found.append(f"[{part}] {key} = {ours[part][key]!r} (frozen: {theirs[part][key]!r})")
    found += [f"the data of {name}" for name in sources.changed(plan.digests, run.digests)]
    if run.environment.code != plan.code:
        found.append("the code")
    if run.status.parent:
        found.append(f"its beginning from the weights of {run.status.parent}")
    return found


def _journal(data_dir: Path) -> ChainedLog:
    path = data_dir / "frozen" / "journal.jsonl"
    return ChainedLog(path, lambda line: documents.check_kinds(line, {"id": str, "sha256": str}), LINE_VERSION)


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(documents.read_stored(path)).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Restore it from a copy.") from None


def _read(path: Path) -> Frozen:
    return kept.read(path, _frozen, "A frozen plan", "Restore it from a copy.")


def _frozen(path: Path) -> Frozen:
    document = kept.document(DOCUMENT)(path)
    typed_documents.version_of(document, VERSION, f"The frozen plan {path.stem}")
    return Frozen(
        frozen_id=document["id"],
        created=datetime.fromisoformat(document["created"]),
        config=configs.from_dict(document["config"]),
        digests=document["digests"],
        code=document["code"],
        commit=document["commit"],
    )
