"""One Parquet file of the archive: the minutes of one station in one year, with the data type of every value."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core import clock, documents
from core.errors import InputError
from core.loading.archive.parquet import ROWS_PER_GROUP, UNUSABLE, damaged, encode, write_bytes
from core.loading.archive.year_history import ABSENT, CODES, Replaced, YearHistory
from core.loading.record.minute import COLUMNS, DATA_TYPES

TYPE_NAMES = {code: name for name, code in DATA_TYPES.items()}

_KEY = b"precursor"


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


@dataclass
class Counts:
    """What became of the minutes of a record; every minute with a value is in one of the five numbers."""

    added: int = 0  # there was no value
    replaced: int = 0  # a value of a better data type replaced one
    revised: int = 0  # another value of the same data type replaced one
    unchanged: int = 0  # the same value of the same data type is there
    kept: int = 0  # a value of a better data type is there and stays
    replaced_types: set[str] = field(default_factory=set)
    kept_types: set[str] = field(default_factory=set)

    @property
    def changed(self) -> bool:
        """Whether anything is different now."""
        return self.added + self.replaced + self.revised > 0


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
            content = stack.enter_context(open(path, "rb"))
            table = stack.enter_context(pq.ParquetFile(content, page_checksum_verification=True))
            facts = documents.parse_json(table.metadata.metadata[_KEY])
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


class YearBlock:
    """
    The minutes of one station and year in memory, to merge records into.

    `values` and `codes`, shape (4, minutes of the year), are X, Y, Z, F in nT and the data type of each value;
    a value is NaN exactly where its code is `ABSENT`. `changed` tells whether a merge changed anything.
    """

    def __init__(self, path: Path, station: str, year: int) -> None:
        self.path, self.station, self.year = path, station, year
        self.first_minute, end = year_minutes(year)
        self.values = np.full((4, end - self.first_minute), np.nan)
        self.codes = np.full(self.values.shape, ABSENT, dtype=np.int8)
        self.changed = False
        self._history: YearHistory | None = None  # read when something changes

    @classmethod
    def open(cls, path: Path, station: str, year: int) -> YearBlock:
        """The content of a year file; empty if there is no file. Raises InputError if the file is damaged."""
        block = cls(path, station, year)
        if path.exists():
            with opened(path, station, year) as file:
                first = file.summary.first_minute
                at = slice(first - block.first_minute, first - block.first_minute + file.summary.n_minutes)
                file.read_into(COLUMNS, first, block.values[:, at])
                file.read_into(CODES, first, block.codes[:, at])
        return block

    def merge(self, first_minute: int, values: np.ndarray, data_type: str, learned: int) -> Counts:
        """
        Take values of one data type, shape (4, n_minutes), from an epoch minute on; all within the year.

        `learned` is when they became known, in microseconds since 1970; what they replace goes to the history.

        Value by value: one of a better data type replaces, one of a worse type never does; of the same type, the new
        one wins. NaN never replaces a value.
        """
        at = slice(first_minute - self.first_minute, first_minute - self.first_minute + values.shape[1])
        old, old_codes = self.values[:, at], self.codes[:, at]
        code = DATA_TYPES[data_type]
        given = ~np.isnan(values)
        absent = old_codes == ABSENT
        worse = given & ~absent & (old_codes < code)
        better = given & (old_codes > code)
        differs = given & (old_codes == code) & (old != values)
        takes = given & (absent | (old_codes <= code))

        # A minute counts once, as the first of these that any of its components is.
        rest = given.any(axis=0)
        empty = absent.all(axis=0)
        counts = Counts()
        for name, mask in (
            ("added", empty),
            ("replaced", worse.any(axis=0)),
            ("revised", differs.any(axis=0)),
            ("added", (given & absent).any(axis=0)),
            ("kept", better.any(axis=0)),
            ("unchanged", rest),
        ):
            setattr(counts, name, getattr(counts, name) + int((rest & mask).sum()))
            rest = rest & ~mask
        counts.replaced_types = {TYPE_NAMES[c] for c in np.unique(old_codes[worse]).tolist()}
        counts.kept_types = {TYPE_NAMES[c] for c in np.unique(old_codes[better]).tolist()}

        if (absent & given).any() or worse.any() or differs.any():
            self.changed = True
            if self._history is None:
                self._history = YearHistory.open(self.path, self.first_minute, self.codes)
            replaced = Replaced(worse | differs, old, old_codes, values, code)
            self._history.take(at, (absent & given) | worse | differs, replaced, learned)
            old[takes] = values[takes]
            old_codes[takes] = code
        return counts

    def write(self) -> None:
        """
        Write the file and its history; equal content gives equal bytes.

        The year file is what counts: whenever the program is killed, the history is that of the bytes in it.
        A block without a value writes nothing.
        """
        present = np.flatnonzero((self.codes != ABSENT).any(axis=0))
        if not len(present):
            return
        rows = slice(int(present[0]), int(present[-1]) + 1)
        first, n_minutes = self.first_minute + rows.start, rows.stop - rows.start
        codes = self.codes[:, rows]
        times = (np.arange(first, first + n_minutes) * clock.MINUTE_US).view("datetime64[us]")
        columns = {"time": pa.array(times, pa.timestamp("us", "UTC"))}
        for i, name in enumerate(COLUMNS):
            columns[name] = pa.array(self.values[i, rows])
        for i, name in enumerate(CODES):
            columns[name] = pa.array(codes[i])
        facts = {
            "station": self.station,
            "year": self.year,
            "first_minute": first,
            "n_minutes": n_minutes,
            "n_present": int((codes[:3] != ABSENT).all(axis=0).sum()),
            "data_types": count_types(codes),
        }
        content = encode(pa.table(columns).replace_schema_metadata({_KEY: json.dumps(facts)}))
        with self._history.staged(rows, content) if self._history else nullcontext():
            write_bytes(self.path, content)


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
