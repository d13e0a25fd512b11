"""
Any CSV of minutes, by a small mapping: which columns, unit and time zone, and by what rule onto the minute grid.

A mapping is a TOML file (`data/mappings/`); its keys are the fields of
`Mapping`. What the reader did to the rows is counted in the record's `notes`.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from core import documents
from core.documents import DocumentError
from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.record import gridding, local_time
from core.loading.record.minute import COLUMNS, DATA_TYPES, MinuteRecord

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

AnyMapping = TypeVar("AnyMapping", bound="DataclassInstance")

EPOCH_UNITS = {"epoch_seconds": 1000, "epoch_milliseconds": 1}

_LEAP = re.compile(r"6[01]")


@dataclass(frozen=True)
class Mapping:
    """
    How to read one kind of CSV file.

    Columns are named as in the file's header line, or by number from 1 if `header` is false. `time`
    may be two columns, date and time of day. `time_format` is one of strptime, "iso" (ISO 8601),
    "epoch_seconds" or "epoch_milliseconds"; two-digit years (%y) are 1969-2068.
    """

    station: str
    time: str | int | tuple[str | int, ...]
    time_format: str
    x: str | int
    y: str | int
    z: str | int
    f: str | int = ""
    time_zone: str = "UTC"  # IANA name; daylight saving is known from it
    unit_factor: float = 1.0  # multiply by this to get nT
    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    missing: tuple[str, ...] = ()  # texts that stand for a missing value, beside empty cells, nan and 99999
    largest_nt: float = 88888.0  # from here on it is no field of the Earth but a saturated or missing value
    header: bool = True
    skip_lines: int = 0  # before the header line, or before the first row if there is none
    encoding: str = "utf-8"
    data_type: str = "variation"
    rule: str = "nearest_minute"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("time", "missing", "notes"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        places = (*self.time_columns, self.x, self.y, self.z, self.f)
        _check(all(isinstance(place, str | int) for place in places), "a column is neither a name nor a number")
        _check(isinstance(self.skip_lines, int) and self.skip_lines >= 0, f"skip_lines is {self.skip_lines!r}")
        _check(isinstance(self.header, bool), f"header {self.header!r} is neither true nor false")
        _check(re.fullmatch(r"[A-Z0-9]{3}", self.station), f"station {self.station!r} is not three capital letters")
        _check(self.data_type in DATA_TYPES, f"data_type {self.data_type!r} is none of {', '.join(DATA_TYPES)}")
        _check(self.rule in gridding.RULES, f"rule {self.rule!r} is none of {', '.join(gridding.RULES)}")
        _check(self.unit_factor > 0, f"unit_factor {self.unit_factor} is not positive")
        _check(len(self.separator) == 1, f"separator {self.separator!r} is not one character")
        _check(self.decimal in (".", ","), f"decimal {self.decimal!r} is neither point nor comma")
        _check(len(self.thousands) < 2, f"thousands {self.thousands!r} is more than one character")
        clash = self.decimal in (self.separator, self.thousands)
        _check(not clash, f"decimal {self.decimal!r} must differ from separator and thousands")
        kinds = ("iso", *EPOCH_UNITS)
        _check("%" in self.time_format or self.time_format in kinds, f"time_format {self.time_format!r} is no format")
        _check(len(self.time_columns) <= 2, f"time names {len(self.time_columns)} columns, at most two can be joined")
        local_time.zone(self.time_zone)

    @property
    def time_columns(self) -> tuple[str | int, ...]:
        """The one or two columns that hold the time."""
        return self.time if isinstance(self.time, tuple) else (self.time,)

    @property
    def value_columns(self) -> dict[str, str | int]:
        """The column of each component: X, Y, Z, and F if there is one."""
        columns = {"X": self.x, "Y": self.y, "Z": self.z, "F": self.f}
        return {name: column for name, column in columns.items() if column != ""}


def load_mapping(path: Path) -> Mapping:
    """
    Read a mapping from a TOML file.

    Raises
    ------
    InputError
        If the file is absent or no TOML, a key is unknown or missing, or a value is impossible.
    """
    return from_toml(path, Mapping)


def from_toml(path: Path, kind: type[AnyMapping]) -> AnyMapping:
    """
    A mapping of the given dataclass from a TOML file whose keys are its fields; see `load_mapping`.

    Raises
    ------
    InputError
        As `load_mapping`.
    """
    path = Path(path)
    try:
        keys = documents.parse_toml(path.name, documents.read_text(path, called=Path(path.name)))
    except DocumentError as error:
        if error.missing:
            raise InputError(f"{path}: cannot be read (No such file or directory).") from None
        raise
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = [key for key in keys if key not in fields]
    if unknown:
        raise InputError(f"{path.name}: unknown key {unknown[0]!r}. Keys are: {', '.join(fields)}.")
    needed = [key for key, field in fields.items() if field.default is dataclasses.MISSING and key not in keys]
    if needed:
        raise InputError(f"{path.name}: the key {needed[0]!r} is missing.")
    try:
        return kind(**keys)
    except documents.UNUSABLE as error:
        raise InputError(f"{path.name}: {documents.reason(error).rstrip('.')}.") from error


def read(path: Path, mapping: Mapping) -> MinuteRecord:
    """
    Read a CSV file (gzipped or not) by a mapping.

    Times become UTC; samples go to the minute grid by `mapping.rule` (see `gridding.RULES`). `notes` counts the
    rows that were moved, beaten by a closer one, empty or saturated.

    Raises
    ------
    InputError
        With file and line: a column is not there, a time or a number cannot be read, a row has too few or too
        many cells, or the data are not about one value per minute.
    """
    path = Path(path)
    name, notes = path.name, list(mapping.notes)
    text = _text(path, mapping, notes)
    cells = _cells(text, name, mapping)
    values = _values(cells, name, mapping, notes)
    empty = np.isnan(values).all(axis=1)
    _count(notes, empty.sum(), "rows have no value; they were left out")
    rows = np.flatnonzero(~empty)
    if not len(rows):
        raise InputError(f"{name}: no row has a value.")
    utc = _times(cells.iloc[rows], name, mapping, notes)
    _refuse_cadence(utc, name)
    placed = gridding.place(utc, mapping.rule)
    if not len(placed.rows):
        raise InputError(f"{name}: no row is on a full minute, as the rule {mapping.rule!r} wants.")
    jump = gridding.bad_jump(placed.minutes)
    if jump is not None:
        line = cells.index[rows[placed.rows[jump]]]
        raise InputError(f"{name}, line {line}: the time leaps by more than a year. Is the date right?")
    notes.append(f"Rule {mapping.rule}: {gridding.RULES[mapping.rule]}.")
    _count(notes, placed.n_moved, "rows were not on a full minute and were moved to it")
    _count(notes, placed.n_beaten, "rows were farther from their minute than another row and were left out")
    _count(notes, placed.n_repeated, "rows repeat the time of another; the last was kept")
    _count(notes, placed.n_off, "rows are not on a full minute and were left out")
    field = gridding.spread(placed.minutes, np.ascontiguousarray(values[rows[placed.rows]].T))
    _count(notes, len(field) - len(placed.minutes), "minutes have no row; they are missing")
    header = {component: str(column) for component, column in mapping.value_columns.items()}
    return MinuteRecord(mapping.station, field, mapping.data_type, header, tuple(notes))


def _text(path: Path, mapping: Mapping, notes: list[str]) -> str:
    try:
        text = bytes(unpacking.read(path)).decode(mapping.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise InputError(f"{path.name}: the text is not {mapping.encoding}; set `encoding` in the mapping.") from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip(" \x1a")
    if not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
        notes.append("The last line has no line end and may be cut off; it was left out.")
    return text


def _cells(text: str, name: str, mapping: Mapping) -> pd.DataFrame:
    # The cells of the columns that are needed, as text or number; the index is the line number.
    lines = text.split("\n")[:-1]
    first = mapping.skip_lines + mapping.header
    if len(lines) <= first:
        raise InputError(f"{name}: {len(lines)} complete lines and no row of data. The file may be cut off.")
    width = _width(lines, first, name, mapping)
    columns = [*mapping.time_columns, *mapping.value_columns.values()]
    places = _places(lines[mapping.skip_lines], columns, f"{name}, line {mapping.skip_lines + 1}", mapping)
    n_times = len(mapping.time_columns)
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=mapping.separator,
            skiprows=first,
            header=None,
            names=range(width),
            usecols=sorted(set(places)),
            dtype={place: "str" for place in places[:n_times]},
            decimal=mapping.decimal,
            thousands=mapping.thousands or None,
            na_values=list(mapping.missing),
            skip_blank_lines=False,
            skipinitialspace=True,
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{name}: the table cannot be read: {error}.") from error
    cells = cells[places]
    cells.columns = pd.Index([*(f"time{i}" for i in range(n_times)), *mapping.value_columns])
    cells.index = pd.RangeIndex(first + 1, first + 1 + len(cells))
    return cells


def _width(lines: list[str], first: int, name: str, mapping: Mapping) -> int:
    # The largest number of cells in a row. pandas fills short rows and cuts long ones in silence; both mean a damaged
    # file or a wrong separator, unless it is only an empty cell at the end.
    pattern = lines[mapping.skip_lines]
    expected = _n_cells(pattern, mapping)
    bare = expected - pattern.rstrip().endswith(mapping.separator)
    width = expected
    for number, line in enumerate(lines[first:], first + 1):
        found = _n_cells(line, mapping)
        if found == expected or not line.strip():
            continue
        if found - line.rstrip().endswith(mapping.separator) == bare:
            width = max(width, found)
            continue
        raise InputError(
            f"{name}, line {number}: found {found} cells, expected {expected} as in line "
            f"{mapping.skip_lines + 1}. The file is damaged or cut off, or the separator is not {mapping.separator!r}."
        )
    return width


def _n_cells(line: str, mapping: Mapping) -> int:
    return len(_row(line, mapping)) if '"' in line else line.count(mapping.separator) + 1


def _row(line: str, mapping: Mapping) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mapping.separator), [])
    except csv.Error:  # a carriage return inside, or a quoted cell without end: no row of a table
        return []


def _places(line: str, columns: list[str | int], where: str, mapping: Mapping) -> list[int]:
    names = [name.strip() for name in _row(line, mapping)]
    places = []
    for column in columns:
        if isinstance(column, int):
            if not 1 <= column <= len(names):
                raise InputError(f"{where}: there is no column {column}; found {len(names)} columns.")
            places.append(column - 1)
        elif not mapping.header or names.count(column.strip()) != 1:
            found = "twice" if column.strip() in names and mapping.header else "not"
            raise InputError(
                f"{where}: the column {column!r} is {found} there; found {', '.join(names)[:200]}. "
                "Does the mapping belong to this file?"
            )
        else:
            places.append(names.index(column.strip()))
    return places


def _values(cells: pd.DataFrame, name: str, mapping: Mapping, notes: list[str]) -> np.ndarray:
    values = np.full((len(cells), len(COLUMNS)), np.nan)
    for component in mapping.value_columns:
        column = cells[component]
        numbers = pd.to_numeric(column, errors="coerce")
        unread = np.flatnonzero(numbers.isna() & column.notna()).tolist()
        bad = [row for row in unread if str(column.iloc[row]).strip()]
        if bad:
            raise InputError(
                f"{name}, line {cells.index[bad[0]]}: found {str(column.iloc[bad[0]])[:40]!r} for {component}, "
                "expected a number. If it means a missing value, list it under `missing` in the mapping."
            )
        values[:, COLUMNS.index(component)] = numbers.to_numpy(dtype=float) * mapping.unit_factor
    impossible = np.abs(values) >= mapping.largest_nt
    values[impossible] = np.nan
    _count(notes, impossible.sum(), f"values are {mapping.largest_nt:g} nT or more, up or down; they are missing")
    return values


def _times(cells: pd.DataFrame, name: str, mapping: Mapping, notes: list[str]) -> np.ndarray:
    # Epoch milliseconds (UTC) of each row.
    parts = [cells[column].fillna("").str.strip() for column in cells.columns if column.startswith("time")]
    texts = parts[0] if len(parts) == 1 else parts[0] + " " + parts[1]
    form = mapping.time_format
    if form in EPOCH_UNITS:
        numbers = pd.to_numeric(texts, errors="coerce") * EPOCH_UNITS[form]
        sensible = numbers.abs() < 1e14  # the year 5138; beyond it the unit is wrong
        _refuse_times(~sensible, texts, name, form)
        return numbers.round().to_numpy().astype(np.int64)
    zoned = texts.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$") if form == "iso" else pd.Series("%z" in form, texts.index)
    if zoned.any() and not zoned.all():
        line = texts.index[int(np.argmin(zoned))]
        raise InputError(f"{name}, line {line}: a time without offset from UTC among times that have one.")
    times = pd.to_datetime(texts, format="ISO8601" if form == "iso" else form, errors="coerce", utc=bool(zoned.all()))
    bad = times.isna().to_numpy(copy=True)
    for row in np.flatnonzero(
        texts.str.contains(_LEAP.pattern).to_numpy() & (times.dt.second <= 1).to_numpy()
    ).tolist():
        bad[row] |= rolls_over(texts.iloc[row], form)
    _refuse_times(pd.Series(bad, texts.index), texts, name, form)
    milliseconds = np.array(pd.DatetimeIndex(times).as_unit("ms").asi8)
    if zoned.all():
        return milliseconds
    utc, said = local_time.to_utc(milliseconds, mapping.time_zone)
    notes += said
    return utc


def rolls_over(text: str, form: str) -> bool:
    """Whether the second of a time is 60 or 61, which pandas takes for one of the next minute; nobody else does."""
    if "%" not in form or not _LEAP.search(text):
        return False
    try:
        datetime.strptime(text, form)
    except ValueError:
        return True
    return False


def _refuse_times(bad: pd.Series, texts: pd.Series, name: str, form: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"{name}, line {texts.index[row]}: found the time {texts.iloc[row][:40]!r}, expected the form {form!r}."
        )


def _refuse_cadence(utc: np.ndarray, name: str) -> None:
    steps = np.diff(np.unique(utc)) / 1000
    if len(steps) < 3:
        return
    step = float(np.median(steps))
    if step < 30 or step >= 120:
        kind = "hourly data" if step == 3600 else "second data" if step == 1 else "data"
        raise InputError(f"{name}: this is {kind} with a step of about {step:g} s, expected one value per minute.")


def _count(notes: list[str], n: int, what: str) -> None:
    if n:
        notes.append(f"{n} {what}.")


def _check(condition: object, message: str) -> None:
    if not condition:
        raise InputError(f"{message}.")
