"""The minute data of the archive: a folder per station, a Parquet file per year, merged minute by minute."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import stations
from core.errors import InputError
from core.loading.archive import year_file, year_history
from core.loading.archive.year_block import Counts, YearBlock
from core.loading.archive.year_file import ABSENT, CODES, Summary, YearFile
from core.loading.record.minute import COLUMNS, DATA_TYPES, MinuteRecord, epoch_minutes, grid
from core.loading.record.source import Period

_FILE = re.compile(r"(\d{4})\.parquet")
_ALWAYS = year_file.year_minutes(0)[0], year_file.year_minutes(9999)[1]


@dataclass(frozen=True)
class StoreReport:
    """What storing a record changed, in minutes; `sentence` says it in words."""

    station: str
    n_added: int
    n_replaced: int
    n_revised: int
    n_unchanged: int
    n_kept: int
    sentence: str

    @property
    def changed(self) -> bool:
        """Whether anything in the archive is different now."""
        return self.n_added + self.n_replaced + self.n_revised > 0


class MinuteStore:
    """Reads and merges the year files below a folder; it takes no lock, which is the archive's part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stations(self) -> list[str]:
        """Codes of the stations that have data, sorted."""
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        return [name for name in names if stations.is_code(name) and self.years(name)]

    def years(self, station: str) -> list[int]:
        """The years that a station has data of, sorted."""
        folder = self.folder / station
        if not stations.is_code(station) or not folder.is_dir():
            return []
        found = (_FILE.fullmatch(path.name) for path in folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def path(self, station: str, year: int) -> Path:
        """The file of a station and year. Raises InputError if that is no station code."""
        stations.check_code(station)
        return self.folder / station / f"{year:04d}.parquet"

    def summary(self, station: str, year: int) -> Summary:
        """What the file of a station and year holds."""
        with self.opened(station, year) as file:
            return file.summary

    def opened(self, station: str, year: int) -> AbstractContextManager[YearFile]:
        """The file of a station and year, open; what is read from it is of one moment. InputError if it is damaged."""
        return year_file.opened(self.path(station, year), station, year)

    def period(self, station: str) -> Period | None:
        """First minute with a value, and one past the last; None if there is none."""
        years = self.years(station)
        if not years:
            return None
        first, last = self.summary(station, years[0]), self.summary(station, years[-1])
        return grid(first.first_minute, 1)[0], grid(last.first_minute + last.n_minutes, 1)[0]

    def minute(
        self,
        station: str,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        as_of: pd.Timestamp | None = None,
    ) -> MinuteRecord:
        """See `Store.minute`."""
        first, stop = self.minutes_of(station, start, end)
        if as_of is not None:
            return self._minute_as_of(station, first, stop, as_of)
        values = np.full((len(COLUMNS), stop - first), np.nan)
        counts: Counter[str] = Counter()
        for file in self.touched(station, first, stop):
            file.read_into(COLUMNS, first, values)
            counts.update(file.types(first, stop))
        types = _ranked(counts)
        notes: tuple[str, ...] = ()
        if len(types) > 1:
            notes = ("; ".join(f"{count} minutes are {name}" for name, count in types.items()) + ".",)
        # No copy: fifteen years are 250 MB.
        field = pd.DataFrame(values.T, index=grid(first, stop - first), columns=list(COLUMNS), copy=False)
        worst = list(types or self._types(station, *_ALWAYS))[-1]
        return MinuteRecord(station, field, worst, notes=notes)

    def _minute_as_of(self, station: str, first: int, stop: int, as_of: pd.Timestamp) -> MinuteRecord:
        values = np.full((len(COLUMNS), stop - first), np.nan)
        codes = np.full(values.shape, ABSENT, dtype=np.int8)
        for file in self.touched(station, first, stop):
            begin, end = year_file.year_minutes(file.summary.year)
            at = slice(max(begin, first) - first, min(end, stop) - first)
            file.read_into(COLUMNS, first + at.start, values[:, at])
            file.read_into(CODES, first + at.start, codes[:, at])
            year_history.rewind(file, first + at.start, values[:, at], codes[:, at], _microseconds(as_of))
        types = year_file.count_types(codes)
        if not types:
            period = " to ".join(f"{time:%Y-%m-%d %H:%M}" for time in (grid(first, 1)[0], grid(stop, 1)[0]))
            raise InputError(
                f"{station}: nothing was known of {period} at {as_of:%Y-%m-%d %H:%M:%S} UTC; it came later."
            )
        notes: tuple[str, ...] = (f"As it was known at {as_of.tz_convert('UTC'):%Y-%m-%d %H:%M:%S} UTC.",)
        if len(types) > 1:
            notes += ("; ".join(f"{count} minutes are {name}" for name, count in types.items()) + ".",)
        field = pd.DataFrame(values.T, index=grid(first, stop - first), columns=list(COLUMNS), copy=False)
        return MinuteRecord(station, field, list(types)[-1], notes=notes)

    def data_types(self, station: str, start: pd.Timestamp | None, end: pd.Timestamp | None) -> dict[str, int]:
        """Number of minutes by data type in [start, end), best first."""
        first, stop = self.minutes_of(station, start, end)
        return self._types(station, first, stop)

    def merge(
        self,
        records: Sequence[MinuteRecord],
        learned: pd.Timestamp,
        before_writing: Callable[[list[int]], None] | None = None,
    ) -> list[StoreReport | InputError]:
        """
        Merge records that became known at one time, in order; each year file is written at most once.

        A record that cannot be stored gets the error in place of a report, and does not stop the others.
        `before_writing` is called once, before the first file is written, with the numbers of the records that change
        something; not if none does.
        """
        errors: dict[int, InputError] = {}
        parts: dict[tuple[str, int], list[int]] = {}
        for i, record in enumerate(records):
            if not stations.is_code(record.station):
                errors[i] = InputError(
                    f"Station code {record.station!r} is not three upper-case letters or digits; nothing was stored."
                )
                continue
            for year in _years_of(record):
                parts.setdefault((record.station, year), []).append(i)
        work = _Work(self, records, parts, _microseconds(learned), errors)
        # Look at every file first, so that no record is stored by half because a later year is damaged.
        work.look()
        counts: list[dict[int, Counts]] = [{} for _ in records]
        waiting = before_writing
        if waiting is not None and len(parts) > 1:  # a first run in memory, to know which records change something
            changing: set[int] = set()
            for each in parts:
                changing |= {i for i, count in work.merged(each)[1].items() if count.changed}
            if changing:
                waiting(sorted(changing))
            waiting = None
        for each in parts:
            block, merged = work.merged(each)
            for i, count in merged.items():
                counts[i][each[1]] = count
            if not block.changed:
                continue
            if waiting is not None:
                waiting([i for i, count in merged.items() if count.changed])
            try:
                block.write()
            except InputError as error:
                errors |= dict.fromkeys(merged, error)
        return [errors[i] if i in errors else _report(record, counts[i]) for i, record in enumerate(records)]

    def minutes_of(self, station: str, start: pd.Timestamp | None, end: pd.Timestamp | None) -> tuple[int, int]:
        """The epoch minutes of [start, end); InputError if there is no data or no minute."""
        period = self.period(station)
        if period is None:
            raise InputError(
                f"The archive has no minute data of {station!r}. Stored: {', '.join(self.stations()) or 'nothing yet'}."
            )
        # A minute belongs to [start, end) if its own time does, so both ends are rounded up to a full minute.
        ends = pd.DatetimeIndex([period[0] if start is None else start, period[1] if end is None else end])
        first, stop = epoch_minutes(ends.ceil("min")).tolist()
        if first >= stop:
            raise InputError(f"{station}: the period from {ends[0]} to {ends[1]} holds no minute.")
        return first, stop

    def touched(self, station: str, first: int, stop: int) -> Iterator[YearFile]:
        """The files that have minutes from one epoch minute to another, each open until the next one is asked for."""
        low, high = year_file.year_of(first), year_file.year_of(stop - 1)
        for year in self.years(station):
            if low <= year <= high:
                with self.opened(station, year) as file:
                    yield file

    def _types(self, station: str, first: int, stop: int) -> dict[str, int]:
        total: Counter[str] = Counter()
        for file in self.touched(station, first, stop):
            total.update(file.types(first, stop))
        return _ranked(total)


@dataclass
class _Work:
    """The year files that records go to; one alone is opened only once."""

    store: MinuteStore
    records: Sequence[MinuteRecord]
    parts: dict[tuple[str, int], list[int]]
    learned: int
    errors: dict[int, InputError]
    only: YearBlock | None = None

    def look(self) -> None:
        for each, members in self.parts.items():
            try:
                block = self._open(*each)
                self.only = block if len(self.parts) == 1 else None
            except InputError as error:
                self.errors |= dict.fromkeys(members, error)

    def merged(self, part: tuple[str, int]) -> tuple[YearBlock, dict[int, Counts]]:
        block = self.only or self._open(*part) if (sound := self._sound(part)) else YearBlock(Path(), *part)
        return block, {
            i: block.merge(*_part(self.records[i], part[1]), self.records[i].data_type, self.learned) for i in sound
        }

    def _sound(self, part: tuple[str, int]) -> list[int]:
        return [i for i in self.parts[part] if i not in self.errors]

    def _open(self, station: str, year: int) -> YearBlock:
        return YearBlock.open(self.store.path(station, year), station, year)


def _ranked(counts: Counter[str]) -> dict[str, int]:
    """Numbers by data type, best first."""
    return {name: counts[name] for name in sorted(counts, key=DATA_TYPES.__getitem__, reverse=True)}


def _years_of(record: MinuteRecord) -> range:
    if not len(record.field):
        return range(0)
    first = _first_minute(record)
    return range(year_file.year_of(first), year_file.year_of(first + len(record.field) - 1) + 1)


def _microseconds(time: pd.Timestamp) -> int:
    return int(pd.DatetimeIndex([time]).as_unit("us").asi8[0])


def _first_minute(record: MinuteRecord) -> int:
    return int(epoch_minutes(pd.DatetimeIndex([record.start]))[0])


def _part(record: MinuteRecord, year: int) -> tuple[int, np.ndarray]:
    """First epoch minute and values, shape (4, n_minutes), of the part of a record in a year."""
    begin = _first_minute(record)
    first, stop = year_file.year_minutes(year)
    rows = slice(max(first - begin, 0), max(stop - begin, 0))
    return begin + rows.start, record.field.iloc[rows].to_numpy(dtype="float64").T


def _report(record: MinuteRecord, by_year: dict[int, Counts]) -> StoreReport:
    sentences = [_sentence(record, year, counts) for year, counts in sorted(by_year.items())]
    years = list(by_year.values())
    return StoreReport(
        station=record.station,
        n_added=sum(counts.added for counts in years),
        n_replaced=sum(counts.replaced for counts in years),
        n_revised=sum(counts.revised for counts in years),
        n_unchanged=sum(counts.unchanged for counts in years),
        n_kept=sum(counts.kept for counts in years),
        sentence=". ".join(sentences) or f"{record.station}: the record holds no minute",
    )


def _sentence(record: MinuteRecord, year: int, counts: Counts) -> str:
    name = record.data_type
    said = []
    if counts.added:
        said.append(f"{counts.added} minutes {name} added")
    if counts.replaced:
        said.append(f"{counts.replaced} minutes {name} replace {_listed(counts.replaced_types)}")
    if counts.revised:
        said.append(f"{counts.revised} minutes {name} revised (the values differ from those stored before)")
    if counts.kept:
        said.append(f"{counts.kept} minutes {name} not taken, because {_listed(counts.kept_types)} is stored")
    if counts.unchanged:
        said.append(f"{counts.unchanged} minutes {name} were stored already")
    return f"{record.station} {year}: {'; '.join(said) or 'every value is missing'}"


def _listed(types: set[str]) -> str:
    return " and ".join(sorted(types, key=DATA_TYPES.__getitem__))
