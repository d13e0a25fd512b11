"""The minutes of one station and year in memory: records are merged in, and it is written."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from core import clock
from core.loading.archive.parquet import encode, write_bytes
from core.loading.archive.year_file import ABSENT, CODES, KEY, TYPE_NAMES, count_types, opened, year_minutes
from core.loading.archive.year_history import Replaced, YearHistory
from core.loading.record.minute import COLUMNS, DATA_TYPES


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
        content = encode(pa.table(columns).replace_schema_metadata({KEY: json.dumps(facts)}))
        with self._history.staged(rows, content) if self._history else nullcontext():
            write_bytes(self.path, content)
