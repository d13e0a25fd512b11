"""A small table of the archive (events, Kp, Dst): a Parquet file, and a JSON file that says where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core import files
from core.errors import InputError
from core.loading.parquet import damaged, encode, write_bytes

_KEY = b"precursor"


def read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """
    The table, and the facts stored inside the file (such as the period that a catalogue covers).

    Raises
    ------
    InputError
        If the file is damaged.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
        return table.to_pandas(), json.loads(table.schema.metadata[_KEY])
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from error


def write(
    path: Path,
    frame: pd.DataFrame,
    facts: dict[str, Any],
    provenance: dict[str, Any],
    retrieved: pd.Timestamp,
    before_writing: Callable[[], dict[str, Any]] = dict,
) -> bool:
    """
    Store a table; False if exactly this content was there (then nothing is written).

    The Parquet file holds only content, so that its digest is that of the content; `provenance` (origin, notes), the
    time of retrieval and what `before_writing` returns go to a JSON file beside it. That is written first and
    still knows what it replaces, so that a kill between the two leaves nothing without its provenance.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(
        {_KEY: json.dumps(facts, sort_keys=True)}
    )
    beside = path.with_suffix(".json")
    replaced: dict[str, Any] | None = None
    if path.exists():
        old, old_facts = read(path)
        if beside.exists() and old_facts == facts and old.equals(frame.reset_index(drop=True)):
            return False
        replaced = {key: value for key, value in known(path).items() if key != "replaces"} | {"sha256": digest(path)}
    more = before_writing()
    content = encode(table)
    story = (
        provenance
        | more
        | {
            "retrieved": retrieved.isoformat(),
            "n_rows": len(frame),
            "sha256": hashlib.sha256(content).hexdigest(),
            "replaces": replaced,
        }
    )
    try:
        files.replace_json(beside, story)
    except OSError as error:
        raise InputError(f"{beside}: cannot be written ({error.strerror}).") from error
    write_bytes(path, content)
    return True


def known(path: Path) -> dict[str, Any]:
    """Where a stored table came from: origin, retrieved, notes, sha256; empty values if that is not known."""
    try:
        stored = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = {}
    if not isinstance(stored, dict):
        stored = {}
    replaced = stored.get("replaces")
    if isinstance(replaced, dict) and stored.get("sha256") != replaced.get("sha256") == digest(path):
        stored = replaced
    return {"origin": "", "retrieved": "", "notes": []} | stored


def problem(path: Path) -> str:
    """A sentence if the table cannot be read or is not what was stored; "" if it is sound."""
    try:
        read(path)
    except InputError as error:
        return str(error)
    story = known(path)
    if not story["retrieved"]:
        return f"{path.with_suffix('.json')}: missing or damaged; where {path.name} came from is not known."
    if story.get("sha256") not in (None, digest(path)):
        return f"{path}: the bytes are not those that were stored. Move it away and store its source again."
    return ""


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise damaged(path, error) from error
