"""Parquet files as the archive writes them: with checksums, atomically, the same bytes for the same content."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core import documents, files
from core.errors import InputError

UNUSABLE = (*documents.UNUSABLE, pa.ArrowException)  # what a damaged file of the archive may raise

ROWS_PER_GROUP = 44_640  # 31 days of minutes: a reader of a few hours unpacks a month, not a year


def encode(table: pa.Table) -> bytes:
    """The bytes of a Parquet file as the archive writes it: zstd, with checksums, the same for the same content."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=ROWS_PER_GROUP, write_page_checksum=True)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file of the archive, atomically. Raises InputError if it cannot be written."""
    try:
        files.replace(path, lambda temporary: _write(temporary, content))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{path}: cannot be written ({reason}). What was stored before is unharmed.") from error


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def damaged(path: Path, error: Exception) -> InputError:
    """The error for a file of the archive that cannot be read."""
    reason = documents.reason(error)[:120]
    return InputError(
        f"{path}: the file is damaged or unreadable ({reason}). Move it away and ingest its source files again."
    )
