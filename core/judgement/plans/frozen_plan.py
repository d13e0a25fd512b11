"""
A frozen plan as it is kept: `data/frozen/<id>.json`, and its digest in `data/frozen/journal.jsonl`.

The file is never overwritten, and the journal only grows, so that a file put there later with an earlier date shows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core import config as configs
from core import documents, files, typed_documents
from core.chained_log import ChainedLog, Head, Heads
from core.config import ExperimentConfig
from core.documents import Kinds
from core.errors import InputError
from core.judgement.plans.bound_windows import BoundWindows
from core.judgement.plans.stretch import Stretch
from core.runs import kept

VERSION = 2  # of a plan's file; the oldest have none; up to 1 they bind inputs and code instead of windows
DOCUMENT: Kinds = {"id": str, "created": str, "config": dict, "digests": dict, "code": str, "commit": str}
BINDING = 2  # from this version on a plan binds stretch and windows
BINDS: Kinds = {"stretch": dict, "windows": dict, "n_unknown": int}


@dataclass(frozen=True)
class Frozen:
    """
    A plan as it was written down: when, the configuration, SHA-256 of every input and of the code.

    stretch: what it will be judged by. windows: those that it binds. n_unknown: runs on the same data that had been
    deleted, and of which nobody knows what they scored. heads: of the journals by then, see `journal_heads`; () where
    an older version froze it. A plan of version 1 has neither stretch nor windows.
    """

    frozen_id: str
    created: datetime
    config: ExperimentConfig
    digests: dict[str, str]
    code: str
    commit: str
    stretch: Stretch | None = None
    windows: BoundWindows | None = None
    n_unknown: int = 0
    heads: tuple[Head, ...] = ()


def frozen(data_dir: Path) -> list[Frozen]:
    """
    Every frozen plan, oldest first.

    Raises
    ------
    InputError
        If a file was changed after it was frozen, or the journal was, or names no plain file.
    """
    plans = []
    for line in journal(data_dir).entries():
        path = files.child(data_dir / "frozen", f"{line['id']}.json", data_dir / "frozen" / "journal.jsonl")
        if not path.exists():
            continue  # its own run is exploratory without it; what it costs others is seen to by `deleted`
        if _sha256(path) != line["sha256"]:
            raise InputError(f"{path} was changed after it was frozen. Restore it from a copy.")
        plans.append(_read(path))
    return plans


def deleted(data_dir: Path) -> list[str]:
    """The ids of the plans that the journal knows and whose files are gone; raises InputError if it was changed."""
    ids = [str(line["id"]) for line in journal(data_dir).entries()]
    return [name for name in ids if not (data_dir / "frozen" / f"{name}.json").exists()]


def keep(name: str, document: dict[str, Any], data_dir: Path) -> Frozen:
    """
    Write a new plan down.

    Raises
    ------
    InputError
        If there was a plan of this name and its file is gone.
    """
    if any(line["id"] == name for line in journal(data_dir).entries()):
        raise InputError(f"The plan {name} was frozen before, and its file is gone. Restore it from a copy.")
    path = data_dir / "frozen" / f"{name}.json"
    heading = {"version": VERSION, "program": typed_documents.program(), "id": name}
    files.replace_json(path, {**heading, **document})
    journal(data_dir).append({"id": name, "sha256": _sha256(path)})
    return _read(path)


def journal(data_dir: Path) -> ChainedLog:
    """The journal of the plans of a data folder."""
    return ChainedLog(data_dir / "frozen" / "journal.jsonl", _check)


def _check(line: dict[str, Any]) -> None:
    documents.check_kinds(line, {"id": str, "sha256": str})


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(documents.read_stored(path)).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Restore it from a copy.") from None


def _read(path: Path) -> Frozen:
    return kept.read(path, _frozen, "A frozen plan", "Restore it from a copy.")


def _frozen(path: Path) -> Frozen:
    document = kept.document(DOCUMENT)(path)
    binds = typed_documents.version_of(document, VERSION, f"The frozen plan {path.stem}") >= BINDING
    if binds:
        documents.check_kinds(document, BINDS)
    return Frozen(
        frozen_id=document["id"],
        created=datetime.fromisoformat(document["created"]),
        config=configs.from_dict(document["config"]),
        digests=document["digests"],
        code=document["code"],
        commit=document["commit"],
        stretch=typed_documents.read(Stretch, document["stretch"]) if binds else None,
        windows=typed_documents.read(BoundWindows, document["windows"]) if binds else None,
        n_unknown=document["n_unknown"] if binds else 0,
        heads=typed_documents.read(Heads, document).heads,
    )
