"""A small table of the archive (events, Kp, Dst): a Parquet file, and a JSON file that says where it came from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core import files
from core.errors import InputError
from core.loading.year_file import damaged, write_parquet

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


def write(path: Path, frame: pd.DataFrame, facts: dict[str, Any], provenance: dict[str, Any]) -> bool:
    """
    Store a table; False if exactly this content was there (then nothing is written).

    The Parquet file holds only content, so that its digest is that of the content; `provenance` (origin, time of
    retrieval, notes) goes to a JSON file beside it, which is for people.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(
        {_KEY: json.dumps(facts, sort_keys=True)}
    )
    beside = path.with_suffix(".json")
    if path.exists() and beside.exists():
        old, old_facts = read(path)
        if old_facts == facts and old.equals(frame.reset_index(drop=True)):
            return False
    write_parquet(path, table)
    now = pd.Timestamp.now("UTC").floor("s").isoformat()
    try:
        files.replace_json(beside, provenance | {"retrieved": now, "n_rows": len(frame), "sha256": digest(path)})
    except OSError as error:
        raise InputError(f"{beside}: cannot be written ({error.strerror}).") from error
    return True


def provenance(path: Path) -> dict[str, Any]:
    """Where a stored table came from: origin, retrieved, notes; empty values if that is not known."""
    try:
        stored = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = {}
    return {"origin": "", "retrieved": "", "notes": []} | stored


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise damaged(path, error) from error
