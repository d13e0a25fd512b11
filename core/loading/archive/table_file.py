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

from core import clock, documents, files
from core.documents import Kinds
from core.errors import InputError
from core.loading.archive.parquet import UNUSABLE, damaged, encode, write_bytes

_KEY = b"precursor"
_STORY: Kinds = {"origin": str, "retrieved": str}  # what a provenance must say; older ones say no more


def read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """
    The table, and the facts stored inside the file (such as the period that a catalogue covers).

    Raises
    ------
    InputError
        If the file is damaged.
    """
    return parse(path, content_of(path))


def content_of(path: Path) -> bytes:
    """The bytes of a file; what is asked of them is of one moment. Raises InputError if it cannot be read."""
    try:
        return documents.read_stored(path)
    except OSError as error:
        raise damaged(path, error) from error


def parse(path: Path, content: bytes) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table and the facts in the bytes of the file `path`; see `read`."""
    try:
        with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
            table = file.read()
        return table.to_pandas(), documents.parse_json(table.schema.metadata[_KEY])
    except UNUSABLE as error:
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
        if not lost_origin(path) and old_facts == facts and old.equals(frame.reset_index(drop=True)):
            return False
        sha256, told = identity(path)
        replaced = {key: value for key, value in told.items() if key != "replaces"} | {"sha256": sha256}
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


def identity(path: Path) -> tuple[str, dict[str, Any]]:
    """
    The SHA-256 of a stored table, and where it came from: origin, retrieved, notes, sha256; empty if that is not known.

    The two belong together, also while a writer puts another table in its place. Raises InputError if it is not there.
    """
    sha256 = ""
    while True:
        before, sha256 = sha256, digest(path)
        story = _story(path)
        replaced = story.get("replaces")
        if story.get("sha256") in (None, sha256) or sha256 == before:  # the same again: no writer is under way
            break
        if isinstance(replaced, dict) and replaced.get("sha256") == sha256:
            story = replaced
            break
    return sha256, {"origin": "", "retrieved": "", "notes": []} | story


def _story(path: Path) -> dict[str, Any]:
    try:
        story: dict[str, Any] = documents.read_json(path.with_suffix(".json"))
        documents.check_kinds(story, _STORY)
        clock.utc(story["retrieved"])
    except (ValueError, OverflowError):  # also a DocumentError
        return {}
    return story


def lost_origin(path: Path) -> str:
    """A sentence if the file that says where the table came from is missing or damaged; "" if it is sound."""
    if _story(path):
        return ""
    return (
        f"{path.with_suffix('.json')}: missing or damaged; where {path.name} came from is not known. Store its source "
        "again, or restore this file from a copy."
    )


def problem(path: Path) -> str:
    """A sentence if the table cannot be read or is not what was stored; "" if it is sound."""
    try:
        read(path)
        sha256, story = identity(path)
    except InputError as error:
        return str(error)
    if lost := lost_origin(path):
        return lost
    if story.get("sha256") not in (None, sha256):
        return f"{path}: the bytes are not those that were stored. Move it away and store its source again."
    return ""


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(content_of(path)).hexdigest()
