"""One Parquet file of the archive: the minutes of one station in one year, with the data type of every value."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core import documents
from core.errors import InputError
from core.loading.archive.parquet import ROWS_PER_GROUP, UNUSABLE, damaged
from core.loading.record.minute import COLUMNS, DATA_TYPES

TYPE_NAMES = {code: name for name, code in DATA_TYPES.items()}

ABSENT = -1  # the code of a value that is not there; otherwise a number of DATA_TYPES
CODES = tuple(f"{name}_type" for name in COLUMNS)
KEY = b"precursor"  # of the facts in the footer


@dataclass(frozen=True)
class Summary:
    """
    What a year file holds, read from its footer alone.

    Guarantees: the rows are every minute from `first_minute` on (since 1970, UTC), and the
    first and the last row hold a value.
    """

    station: str
    year: int
    first_minute: int
    n_minutes: int
    n_present: int  # minutes with X, Y and Z
    data_types: dict[str, int]  # number of minutes by data type, best first


_KINDS: dict[str, type | tuple[type, ...]] = {
    "station": str,
    "year": int,
    "first_minute": int,
    "n_minutes": int,
    "n_present": int,
    "data_types": dict,
}


class YearFile:
    """
    An open year file: its summary and its values are of one file, also while a writer puts another in its place.

    `written` is when the file was written, in microseconds since 1970.
    """

    def __init__(self, path: Path, summary: Summary, content: BufferedReader, table: pq.ParquetFile) -> None:
        self.path, self.summary = path, summary
        self.written = os.fstat(content.fileno()).st_mtime_ns // 1000
        self._content, self._table = content, table

    def digest(self) -> str:
        """SHA-256 of the bytes of the file."""
        self._content.seek(0)
        return hashlib.file_digest(self._content, "sha256").hexdigest()

    def read_into(self, columns: tuple[str, ...], first_minute: int, out: np.ndarray) -> None:
        """
        Fill `out`, shape (n_columns, n_minutes), with the minutes from `first_minute` on that the file has.

        Only the row groups that hold them are read; minutes outside the file are left as they are. Raises InputError if
        the file is damaged.
        """
        start = max(first_minute, self.summary.first_minute)
        stop = min(first_minute + out.shape[1], self.summary.first_minute + self.summary.n_minutes)
        if start >= stop:
            return
        skip, last = start - self.summary.first_minute, stop - 1 - self.summary.first_minute
        groups = list(range(skip // ROWS_PER_GROUP, last // ROWS_PER_GROUP + 1))
        skip -= groups[0] * ROWS_PER_GROUP
        try:
            table = self._table.read_row_groups(groups, columns=list(columns))
            for i, name in enumerate(columns):
                at = start - first_minute
                for values in table.column(name).slice(skip, stop - start).chunks:  # each without a copy in between
                    out[i, at : at + len(values)] = values.to_numpy(zero_copy_only=False)
                    at += len(values)
        except (OSError, pa.ArrowException, ValueError, KeyError) as error:
            raise damaged(self.path, error) from error

    def types(self, first_minute: int, stop_minute: int) -> dict[str, int]:
        """Number of minutes by data type, best first, in the part from one epoch minute to another."""
        start = max(first_minute, self.summary.first_minute)
        stop = min(stop_minute, self.summary.first_minute + self.summary.n_minutes)
        if stop - start == self.summary.n_minutes:
            return self.summary.data_types
        codes = np.full((len(CODES), max(stop - start, 0)), ABSENT, dtype=np.int8)
        self.read_into(CODES, start, codes)
        return count_types(codes)


@contextmanager
def opened(path: Path, station: str, year: int) -> Iterator[YearFile]:
    """
    The file of a station and year, open for as long as the block runs.

    Raises
    ------
    InputError
        If the file is damaged or is not the file of this station and year.
    """
    with ExitStack() as stack:
        try:
            content = stack.enter_context(documents.open_stored(path))
            table = stack.enter_context(pq.ParquetFile(content, page_checksum_verification=True))
            facts = documents.parse_json(table.metadata.metadata[KEY])
            documents.check_kinds(facts, _KINDS)
            summary = Summary(**facts)
            sound = (summary.station, summary.year, summary.n_minutes) == (station, year, table.metadata.num_rows)
        except UNUSABLE as error:
            raise damaged(path, error) from error
        if not sound:
            raise InputError(
                f"{path}: holds {summary.station} {summary.year}, expected {station} {year}. Move it away."
            )
        yield YearFile(path, summary, content, table)


def year_minutes(year: int) -> tuple[int, int]:
    """Epoch minutes of the first minute of a year and of the next year (UTC)."""
    first, end = np.array([f"{year:04d}", f"{year + 1:04d}"], dtype="datetime64[Y]").astype("datetime64[m]").astype(int)
    return int(first), int(end)


def year_of(epoch_minute: int) -> int:
    """The calendar year (UTC) of an epoch minute."""
    return int(np.datetime64(epoch_minute, "m").astype("datetime64[Y]").astype(int)) + 1970


def count_types(codes: np.ndarray) -> dict[str, int]:
    """
    Number of minutes by data type, best first, of codes of shape (4, n_minutes).

    The type of a minute is the worst among its X, Y and Z; that of F if it has nothing else.

    >>> count_types(np.array([[4, 4, -1, -1], [4, 2, -1, -1], [4, 2, -1, -1], [-1, 4, 1, -1]]))
    {'definitive': 1, 'provisional': 1, 'variation': 1}
    """
    nothing = np.iinfo(codes.dtype).max
    known = np.where(codes == ABSENT, nothing, codes)
    worst = known[:3].min(axis=0)
    worst = np.where(worst == nothing, known[3], worst)
    found, numbers = np.unique(worst[worst != nothing], return_counts=True)
    by_code = dict(zip(found.tolist(), numbers.tolist(), strict=True))
    return {TYPE_NAMES[code]: by_code[code] for code in sorted(by_code, reverse=True)}
