"""
What the archive knew when: the time each value of a year was learned, and the values that others replaced.

`2016.parquet` holds what is known now. In the folder `history` beside it, `2016.learned.parquet` has a row for each of
its rows, and `2016.earlier.parquet` every value that a better or a newer one replaced, which is never erased.

The history that comes with a write is first written under names that end in ".next", with the digest of the year file
to come. Once that file is in place they get their own names. So a write counts as soon as the year file is there, and a
writer that is killed before that has replaced nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core import clock, documents, files
from core.documents import DocumentError
from core.errors import InputError
from core.loading.archive.parquet import UNUSABLE, damaged, encode, write_bytes
from core.loading.archive.year_file import ABSENT, CODES, YearFile
from core.loading.record.minute import COLUMNS

NEVER = np.iinfo(np.int64).min  # the learning time of a value that is not there; NaT as a time

_KEY = b"precursor"
_TIMES = ("time", "learned", "superseded")


@dataclass(frozen=True)
class Replaced:
    """Values that are about to be replaced: where (`mask`), they and their codes, what replaces them; shape (4, n)."""

    mask: np.ndarray
    values: np.ndarray
    codes: np.ndarray
    by_values: np.ndarray
    by_code: int


def learned_path(path: Path) -> Path:
    """The file of the learning times of a year file."""
    return path.parent / "history" / f"{path.stem}.learned.parquet"


def earlier_path(path: Path) -> Path:
    """The file of the replaced values of a year file."""
    return path.parent / "history" / f"{path.stem}.earlier.parquet"


def digests_path(path: Path) -> Path:
    """The file that says which bytes a year file should have."""
    return path.parent / "history" / f"{path.stem}.json"


class YearHistory:
    """
    The history of one station and year in memory.

    `learned`, shape (4, minutes of the year), is when each value became known, in microseconds since 1970.
    """

    def __init__(self, path: Path, first_minute: int, learned: np.ndarray) -> None:
        self.path, self.first_minute, self.learned = path, first_minute, learned
        self._added: list[pd.DataFrame] = []

    @classmethod
    def open(cls, path: Path, first_minute: int, codes: np.ndarray) -> YearHistory:
        """
        The history of a year file whose values have the types `codes`, shape (4, minutes of the year), for a writer.

        Raises
        ------
        InputError
            If a file of it is damaged.
        """
        settle(path)
        learned = np.full(codes.shape, NEVER)
        if path.exists():
            learned = _learned([learned_path(path)], first_minute, codes.shape[1], path.stat().st_mtime_ns // 1000)
        learned[codes == ABSENT] = NEVER
        return cls(path, first_minute, learned)

    def take(self, at: slice, taken: np.ndarray, replaced: Replaced, learned: int) -> None:
        """Note that the values `taken`, shape (4, n), of the minutes `at` are known since `learned`."""
        known = self.learned[:, at]
        minutes = np.flatnonzero(replaced.mask.any(axis=0))
        mask, since = replaced.mask[:, minutes], known[:, minutes]
        # One row holds the values of a minute that were learned together, so mostly all four.
        for each in np.unique(since[mask]):
            mine = mask & (since == each)
            rows = mine.any(axis=0)
            self._added.append(
                _rows(self.first_minute + at.start, minutes[rows], mine[:, rows], replaced, each, learned)
            )
        known[taken] = learned

    @contextmanager
    def staged(self, rows: slice, content: bytes) -> Iterator[None]:
        """
        Write the history for a year file with these bytes that holds the minutes `rows` of the year.

        The block writes that file; when it ends, or fails, what counts is decided by the year file that is there.
        """
        try:
            self._stage(rows, content)
            yield
        except Exception:  # after a kill, the next writer does the same
            with suppress(OSError):
                settle(self.path)
            raise
        settle(self.path)

    def _stage(self, rows: slice, content: bytes) -> None:
        if self._added:
            path = earlier_path(self.path)
            parts = [earlier, *self._added] if len(earlier := _earlier([path])) else self._added
            table = pd.concat(parts, ignore_index=True).drop_duplicates()
            table = table.sort_values(["time", "superseded", "learned"], kind="stable", ignore_index=True)
            write_bytes(
                _next(path), encode(pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata())
            )
        times = self.learned[:, rows].view("datetime64[us]")
        columns = {name: pa.array(times[i], pa.timestamp("us", "UTC")) for i, name in enumerate(COLUMNS)}
        facts = json.dumps({"first_minute": self.first_minute + rows.start})
        table = pa.table(columns).replace_schema_metadata({_KEY: facts})
        write_bytes(_next(learned_path(self.path)), encode(table))
        # Last, so that the other two are whole where this one is.
        digests = [_digest(self.path), hashlib.sha256(content).hexdigest()]
        write_bytes(_next(digests_path(self.path)), (json.dumps({"sha256": digests}) + "\n").encode())


def settle(path: Path) -> None:
    """
    Give the history that a writer left under names ending in ".next" its own names, or remove it.

    It has its own if the year file is the one that it was written for. Only for a writer: no other may write meanwhile.
    Raises OSError.
    """
    promise, *parts = [_next(each) for each in (digests_path(path), earlier_path(path), learned_path(path))]
    if not any(each.exists() for each in (promise, *parts)):
        return
    if _promised(path) == _digest(path):
        for each in parts:
            with suppress(FileNotFoundError):  # it has its name already, or nothing was replaced
                os.replace(each, each.with_suffix(""))
        files.sync_folder(promise.parent)
        os.replace(promise, promise.with_suffix(""))
    else:
        for each in (promise, *parts):
            each.unlink(missing_ok=True)
    files.sync_folder(promise.parent)


def settle_all(folder: Path) -> None:
    """`settle` for every year file of the stations in a folder. Raises OSError."""
    for each in sorted(folder.glob("*/history/*.next")):
        settle(each.parents[1] / f"{each.name.partition('.')[0]}.parquet")


def read_earlier(file: YearFile) -> pd.DataFrame:
    """
    The replaced values of a year file, by minute and the time they were replaced.

    Returns
    -------
    DataFrame
        time (the minute), X, Y, Z, F in nT (NaN: this value was not replaced then), X_type ... F_type (numbers of
        `minute.DATA_TYPES`, -1 with NaN), learned, superseded (when it became known, and when another took its place),
        by_type (the type of that other), change_nt (the largest change). Empty if nothing was ever replaced.

    Raises
    ------
    InputError
        If it is damaged.
    """
    return _earlier(_of(file, earlier_path(file.path)))


def rewind(file: YearFile, first_minute: int, values: np.ndarray, codes: np.ndarray, as_of: int) -> None:
    """
    Make `values` and `codes`, shape (4, n_minutes), read from a year file, what was known at `as_of` (microseconds).

    A value learned later becomes NaN, or the one it replaced. Raises InputError if the history is damaged.
    """
    # A history that is newer than the year file does as well, if what was replaced is no older than the times: hence
    # in this order, for a writer gives them their names in the other.
    learned_at = _learned(_of(file, learned_path(file.path)), first_minute, values.shape[1], file.written)
    table = read_earlier(file)
    later = (codes != ABSENT) & (learned_at > as_of)
    values[later], codes[later] = np.nan, ABSENT
    if not len(table):
        return
    time, learned, superseded = (np.asarray(pd.DatetimeIndex(table[name]).asi8) for name in _TIMES)
    minute = time // clock.MINUTE_US - first_minute
    known = (minute >= 0) & (minute < values.shape[1]) & (learned <= as_of) & (as_of < superseded)
    table, minute = table[known], minute[known]
    for i, (name, code) in enumerate(zip(COLUMNS, CODES, strict=True)):
        given = (table[code] != ABSENT).to_numpy() & later[i, minute]
        values[i, minute[given]] = table[name].to_numpy()[given]
        codes[i, minute[given]] = table[code].to_numpy()[given]


def problem(file: YearFile) -> str:
    """A sentence if the history of a year file is damaged, or the bytes of the year file are not those stored."""
    try:
        read_earlier(file)
        _learned(_of(file, learned_path(file.path)), 0, 0, file.written)
    except InputError as error:
        return str(error)
    digest, digests = file.digest(), digests_path(file.path)
    try:
        sound = digest in _digests_in(digests)
    except InputError as error:
        if isinstance(error, DocumentError) and error.missing:  # written by an older version
            return ""
        return f"{digests}: damaged. Remove it; it is written again when {file.path.name} changes."
    # A writer puts the year file there first, and may have replaced it since it was opened.
    if sound or digest == _promised(file.path) or digest != _digest(file.path):
        return ""
    return f"{file.path}: the bytes are not those that were stored. Move it away and rebuild the archive."


def _next(path: Path) -> Path:
    """Where a file of the history waits until the year file that it belongs to is there."""
    return path.with_name(f"{path.name}.next")


def _promised(path: Path) -> str | None:
    """The digest of the year file that the waiting history is for; None if none waits."""
    try:
        return _digests_in(_next(digests_path(path)))[-1]
    except DocumentError as error:
        if error.missing:
            return None
        raise damaged(_next(digests_path(path)), error) from error


def _digests_in(path: Path) -> list[str]:
    """What a file of digests holds, at least one. Raises InputError if it is missing (`DocumentError`) or damaged."""
    digests = documents.read_json(path).get("sha256")
    if not isinstance(digests, list) or not digests or not all(isinstance(each, str) for each in digests):
        raise DocumentError(path, "it holds no digests")
    return digests


def _of(file: YearFile, path: Path) -> list[Path]:
    """Where a file of the history of an open year file can be: it may be waiting for its name, or just get it."""
    promised = _promised(file.path)
    return [_next(path), path] if promised is not None and promised == file.digest() else [path]


def _learned(sources: list[Path], first_minute: int, n_minutes: int, written: int) -> np.ndarray:
    """
    When the values of a year file were learned, shape (4, n_minutes), from an epoch minute on, microseconds since 1970.

    An archive of an older version did not write it down; then the time `written` at which its year file was last
    written stands for all, for nothing in it was learned later. Minutes outside the file are `NEVER`.
    """
    found = _read(sources)
    if found is None:
        return np.full((len(COLUMNS), n_minutes), written)
    source, table, facts = found
    out = np.full((len(COLUMNS), n_minutes), NEVER)
    try:
        begin = int(facts["first_minute"])
        start, stop = max(first_minute, begin), min(first_minute + n_minutes, begin + table.num_rows)
        if start < stop:
            for i, name in enumerate(COLUMNS):
                times = table.column(name).slice(start - begin, stop - start).to_numpy()
                out[i, start - first_minute : stop - first_minute] = times.astype("datetime64[us]").view("int64")
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(source, error) from error
    return out


def _earlier(sources: list[Path]) -> pd.DataFrame:
    found = _read(sources)
    if found is None:
        return pd.DataFrame({name: [] for name in ("time", *COLUMNS, *CODES, "learned", "superseded", "by_type")})
    table: pd.DataFrame = found[1].to_pandas()
    for name in _TIMES:
        table[name] = table[name].dt.as_unit("us")
    return table


def _rows(
    first: int, minutes: np.ndarray, mine: np.ndarray, replaced: Replaced, learned: int, superseded: int
) -> pd.DataFrame:
    values = np.where(mine, replaced.values[:, minutes], np.nan)
    codes = np.where(mine, replaced.codes[:, minutes], ABSENT)
    changes = np.where(mine, np.abs(replaced.by_values[:, minutes] - replaced.values[:, minutes]), 0.0)
    columns: dict[str, object] = {"time": clock.of_microseconds((first + minutes) * clock.MINUTE_US)}
    columns |= {name: values[i] for i, name in enumerate(COLUMNS)}
    columns |= {name: codes[i].astype(np.int8) for i, name in enumerate(CODES)}
    columns["learned"] = clock.of_microseconds(np.full(len(minutes), learned))
    columns["superseded"] = clock.of_microseconds(np.full(len(minutes), superseded))
    columns["by_type"] = np.full(len(minutes), replaced.by_code, dtype=np.int8)
    columns["change_nt"] = changes.max(axis=0)
    return pd.DataFrame(columns)


def _read(sources: list[Path]) -> tuple[Path, pa.Table, dict[str, Any]] | None:
    """The first of the files that is there, its table and its facts; None if none is."""
    for path in sources:
        try:
            with (
                documents.open_stored(path) as content,
                pq.ParquetFile(content, page_checksum_verification=True) as file,
            ):
                table = file.read()
            return path, table, documents.parse_json((table.schema.metadata or {}).get(_KEY, b"{}"))
        except FileNotFoundError:
            continue
        except UNUSABLE as error:
            raise damaged(path, error) from error
    return None


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(documents.read_stored(path)).hexdigest()
    except FileNotFoundError:
        return ""
