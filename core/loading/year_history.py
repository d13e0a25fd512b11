"""
What the archive knew when: the time each value of a year was learned, and the values that others replaced.

`2016.parquet` holds what is known now. In the folder `history` beside it, `2016.learned.parquet` has a row for each of
its rows, and `2016.earlier.parquet` every value that a better or a newer one replaced, which is never erased.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InputError
from core.loading.minute import COLUMNS
from core.loading.parquet import damaged, encode, write_bytes

ABSENT = -1  # the code of a value that is not there; otherwise a number of DATA_TYPES
CODES = tuple(f"{name}_type" for name in COLUMNS)
NEVER = np.iinfo(np.int64).min  # the learning time of a value that is not there; NaT as a time

_MINUTE = 60_000_000  # microseconds
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
        The history of a year file whose values have the types `codes`, shape (4, minutes of the year).

        Raises
        ------
        InputError
            If a file of it is damaged.
        """
        learned = np.full(codes.shape, NEVER)
        if path.exists():
            learned = read_learned(path, first_minute, codes.shape[1])
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

    def write(self, rows: slice, content: bytes) -> None:
        """Write the files, for a year file with these bytes that holds the minutes `rows` of the year."""
        if self._added:
            path = earlier_path(self.path)
            parts = [read_earlier(self.path), *self._added] if path.exists() else self._added
            table = pd.concat(parts, ignore_index=True).drop_duplicates()
            table = table.sort_values(["time", "superseded", "learned"], kind="stable", ignore_index=True)
            write_bytes(path, encode(pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()))
        times = self.learned[:, rows].view("datetime64[us]")
        columns = {name: pa.array(times[i], pa.timestamp("us", "UTC")) for i, name in enumerate(COLUMNS)}
        facts = json.dumps({"first_minute": self.first_minute + rows.start})
        write_bytes(learned_path(self.path), encode(pa.table(columns).replace_schema_metadata({_KEY: facts})))
        # The year file is written next: until then the first digest is that of its bytes, then the second.
        digests = [_digest(self.path), hashlib.sha256(content).hexdigest()]
        write_bytes(digests_path(self.path), (json.dumps({"sha256": digests}) + "\n").encode())


def read_learned(path: Path, first_minute: int, n_minutes: int) -> np.ndarray:
    """
    When the values of a year file were learned, shape (4, n_minutes), from an epoch minute on, microseconds since 1970.

    An archive of an older version did not write it down; then the time its year file was last written stands
    for all, for nothing in it was learned later. Minutes outside the file are `NEVER`.
    """
    out = np.full((len(COLUMNS), n_minutes), NEVER)
    source = learned_path(path)
    if not source.exists():
        out[:] = path.stat().st_mtime_ns // 1000
        return out
    table, facts = _read(source)
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


def read_earlier(path: Path) -> pd.DataFrame:
    """
    The replaced values of a year file, by minute and the time they were replaced.

    Returns
    -------
    DataFrame
        time (the minute), X, Y, Z, F in nT (NaN: this value was not replaced then), X_type ... F_type (numbers of
        `minute.DATA_TYPES`, -1 with NaN), learned, superseded (when it became known, and when another took its place),
        by_type (the type of that other), change_nt (the largest change). Empty if nothing was ever replaced.
    """
    source = earlier_path(path)
    if not source.exists():
        return pd.DataFrame({name: [] for name in ("time", *COLUMNS, *CODES, "learned", "superseded", "by_type")})
    table = _read(source)[0].to_pandas()
    for name in _TIMES:
        table[name] = table[name].dt.as_unit("us")
    return table


def rewind(path: Path, first_minute: int, values: np.ndarray, codes: np.ndarray, as_of: int) -> None:
    """
    Make `values` and `codes`, shape (4, n_minutes), read from a year file, what was known at `as_of` (microseconds).

    A value learned later becomes NaN, or the one it replaced.
    """
    later = (codes != ABSENT) & (read_learned(path, first_minute, values.shape[1]) > as_of)
    values[later], codes[later] = np.nan, ABSENT
    table = read_earlier(path)
    if not len(table):
        return
    time, learned, superseded = (np.asarray(pd.DatetimeIndex(table[name]).asi8) for name in _TIMES)
    minute = time // _MINUTE - first_minute
    known = (minute >= 0) & (minute < values.shape[1]) & (learned <= as_of) & (as_of < superseded)
    table, minute = table[known], minute[known]
    for i, (name, code) in enumerate(zip(COLUMNS, CODES, strict=True)):
        given = (table[code] != ABSENT).to_numpy() & later[i, minute]
        values[i, minute[given]] = table[name].to_numpy()[given]
        codes[i, minute[given]] = table[code].to_numpy()[given]


def problem(path: Path) -> str:
    """A sentence if the history of a year file is damaged, or the bytes of the year file are not those stored."""
    try:
        read_earlier(path)
        read_learned(path, 0, 0)
    except InputError as error:
        return str(error)
    digests = digests_path(path)
    if not digests.exists():  # written by an older version
        return ""
    try:
        expected = json.loads(digests.read_text(encoding="utf-8"))["sha256"]
        sound = _digest(path) in expected
    except (OSError, ValueError, KeyError, TypeError):
        return f"{digests}: damaged. Remove it; it is written again when {path.name} changes."
    return "" if sound else f"{path}: the bytes are not those that were stored. Move it away and rebuild the archive."


def _rows(
    first: int, minutes: np.ndarray, mine: np.ndarray, replaced: Replaced, learned: int, superseded: int
) -> pd.DataFrame:
    values = np.where(mine, replaced.values[:, minutes], np.nan)
    codes = np.where(mine, replaced.codes[:, minutes], ABSENT)
    changes = np.where(mine, np.abs(replaced.by_values[:, minutes] - replaced.values[:, minutes]), 0.0)
    columns: dict[str, object] = {"time": _times((first + minutes) * _MINUTE)}
    columns |= {name: values[i] for i, name in enumerate(COLUMNS)}
    columns |= {name: codes[i].astype(np.int8) for i, name in enumerate(CODES)}
    columns["learned"] = _times(np.full(len(minutes), learned))
    columns["superseded"] = _times(np.full(len(minutes), superseded))
    columns["by_type"] = np.full(len(minutes), replaced.by_code, dtype=np.int8)
    columns["change_nt"] = changes.max(axis=0)
    return pd.DataFrame(columns)


def _times(microseconds: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(microseconds.astype("int64").view("datetime64[us]")).tz_localize("UTC")


def _read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
        return table, json.loads((table.schema.metadata or {}).get(_KEY, b"{}"))
    except (OSError, pa.ArrowException, ValueError) as error:
        raise damaged(path, error) from error


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
