"""
Any CSV list of earthquakes, by a small mapping that says which column is what.

A mapping is a TOML file (`data/mappings/events_*.toml`); its keys are the
fields of `EventMapping`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import clock
from core.errors import InputError
from core.loading.catalogue import events
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.minutes import columns
from core.loading.formats.text import Table
from core.loading.record import local_time

Column = str | int


@dataclass(frozen=True)
class EventMapping:
    """
    How to read one kind of CSV list of earthquakes.

    Columns are named as in the file's header line, or by number from 1. `time` may be several columns that are
    joined by a blank, so that year, month, day, hour, minute and second can stand apart. `time_format` is one of
    strptime, "iso", "epoch_seconds" or "epoch_milliseconds".
    """

    source: str  # who made the list; the column `source` of every event
    time: Column | tuple[Column, ...]
    time_format: str
    latitude: Column
    longitude: Column
    magnitude: Column
    depth: Column = ""
    depth_factor: float = 1.0  # multiply by this to get km, positive down: 0.001 for metres, -1 for heights
    magnitude_type: str = ""  # one type for the whole list; or else the column:
    magnitude_type_column: Column = ""
    event_id: Column = ""
    event_type: Column = ""  # a column that says what is an earthquake and what is not
    earthquake_types: tuple[str, ...] = ("earthquake",)  # what it says of earthquakes
    time_zone: str = "UTC"  # IANA name
    separator: str = ","
    decimal: str = "."
    missing: tuple[str, ...] = ()  # texts that stand for a missing value, beside empty cells, nan and -
    header: bool = True
    skip_lines: int = 0  # before the header line, or before the first row if there is none

    def __post_init__(self) -> None:
        for name in ("time", "missing", "earthquake_types"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        places = (*self.time_columns, *self.value_columns.values())
        _check(all(isinstance(place, str | int) for place in places), "a column is neither a name nor a number")
        _check(bool(self.source.strip()), "source is empty")
        _check(len(self.separator) == 1, f"separator {self.separator!r} is not one character")
        _check(self.decimal in (".", ",") and self.decimal != self.separator, f"decimal {self.decimal!r} is impossible")
        _check(isinstance(self.skip_lines, int) and self.skip_lines >= 0, f"skip_lines is {self.skip_lines!r}")
        _check(isinstance(self.header, bool), f"header {self.header!r} is neither true nor false")
        _check(self.depth_factor not in (0, float("inf")), f"depth_factor {self.depth_factor} is impossible")
        kinds = ("iso", *columns.EPOCH_UNITS)
        _check("%" in self.time_format or self.time_format in kinds, f"time_format {self.time_format!r} is no format")
        _check(not (self.magnitude_type and self.magnitude_type_column != ""), "magnitude_type is given twice")
        local_time.zone(self.time_zone)

    @property
    def time_columns(self) -> tuple[Column, ...]:
        """The columns that hold the time."""
        return self.time if isinstance(self.time, tuple) else (self.time,)

    @property
    def value_columns(self) -> dict[str, Column]:
        """The other columns, by what they hold; those that the file does not have are left out."""
        found = {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "magnitude": self.magnitude,
            "depth": self.depth,
            "magnitudetype": self.magnitude_type_column,
            "id": self.event_id,
            "kind": self.event_type,
        }
        return {name: column for name, column in found.items() if column != ""}


def load_mapping(path: Path) -> EventMapping:
    """
    Read a mapping from a TOML file.

    Raises
    ------
    InputError
        If the file is absent or no TOML, a key is unknown or missing, or a value is impossible.
    """
    return columns.from_toml(path, EventMapping)


def read(path: Path, mapping: EventMapping) -> pd.DataFrame:
    """
    Read a CSV list (gzipped or not) by a mapping into the events table (`events.check`).

    Raises
    ------
    InputError
        With file and line: a column is not there, a value cannot be read or is impossible, or a row has too few or
        too many cells.
    """
    path = Path(path)
    table = _table(path, mapping)
    times, notes = _times(table, mapping)
    depth = table.numbers("depth", -1e9, 1e9) * mapping.depth_factor
    table.columns["depth"] = ["" if np.isnan(value) else repr(float(value)) for value in depth]
    fixed = [mapping.magnitude_type] * len(table)
    earthquakes = {name.casefold() for name in mapping.earthquake_types}
    frame = assembly.assemble(
        table,
        times=times,
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=table.numbers("magnitude", *events.MAGNITUDE),
        magnitude_type=fixed if mapping.magnitude_type else table.texts("magnitudetype"),
        source=[mapping.source] * len(table),
        ids=table.texts("id"),
        id_prefix="".join(letter for letter in mapping.source.casefold() if letter.isalnum()),
        kinds=[
            "" if kind.casefold() in earthquakes or not kind else f"{kind} (not in earthquake_types)"
            for kind in table.texts("kind")
        ],
    )
    frame.attrs["notes"] = (*frame.attrs["notes"], *notes)
    return frame


def _table(path: Path, mapping: EventMapping) -> Table:
    lines = text.read_text(path).split("\n")[:-1]
    first = mapping.skip_lines + mapping.header
    if len(lines) <= first:
        raise InputError(f"{path.name}: {len(lines)} lines and no row of data. The file may be cut off.")
    names = [name.strip() for name in next(csv.reader([lines[mapping.skip_lines]], delimiter=mapping.separator), [])]
    where = f"{path.name}, line {mapping.skip_lines + 1}"
    wanted = {f"time {place}": column for place, column in enumerate(mapping.time_columns)} | mapping.value_columns
    places = {name: _place(column, names, where, mapping.header) for name, column in wanted.items()}
    missing = set(mapping.missing)
    rows: dict[str, list[str]] = {name: [] for name in places}
    numbers = []
    for number, cells in text.split_rows(path.name, lines[first:], first + 1, mapping.separator):
        if len(cells) != len(names):
            raise InputError(
                f"{path.name}, line {number}: found {len(cells)} values, expected {len(names)} as in line "
                f"{mapping.skip_lines + 1}. The file may be cut off or damaged, or the separator is not "
                f"{mapping.separator!r}."
            )
        for name, place in places.items():
            cell = cells[place].strip()
            rows[name].append("" if cell in missing else cell)
        numbers.append(number)
    if mapping.decimal == ",":
        for name in {"latitude", "longitude", "magnitude", "depth"} & rows.keys():
            rows[name] = [cell.replace(",", ".") for cell in rows[name]]
    return Table(path.name, rows, numbers)


def _place(column: Column, names: list[str], where: str, header: bool) -> int:
    if isinstance(column, int):
        if 1 <= column <= len(names):
            return column - 1
        raise InputError(f"{where}: there is no column {column}; found {len(names)} columns.")
    if header and names.count(column.strip()) == 1:
        return names.index(column.strip())
    found = "twice" if header and column.strip() in names else "not"
    raise InputError(
        f"{where}: the column {column!r} is {found} there; found {', '.join(names)[:200]}. "
        "Does the mapping belong to this file?"
    )


def _times(table: Table, mapping: EventMapping) -> tuple[pd.DatetimeIndex, list[str]]:
    parts = [table.columns[f"time {place}"] for place in range(len(mapping.time_columns))]
    texts = [" ".join(cells) for cells in zip(*parts, strict=True)]
    form = mapping.time_format
    if form == "iso" and mapping.time_zone == "UTC":
        return table.times(texts), []
    if form in columns.EPOCH_UNITS:
        table.columns["time"] = texts
        numbers = table.numbers("time", -6e13, 6e13, required=True) * columns.EPOCH_UNITS[form]
        return pd.DatetimeIndex(pd.to_datetime(np.round(numbers).astype(np.int64), unit="ms", utc=True)), []
    plain = pd.Series(texts, dtype="str")
    times = pd.to_datetime(plain, format="ISO8601" if form == "iso" else form, errors="coerce", utc="%z" in form)
    bad = times.isna().to_numpy() | [columns.rolls_over(cell, form) for cell in texts]
    if bad.any():
        row = int(bad.argmax())
        table.fail(row, f"found the time {texts[row][:40]!r}, expected the form {form!r}.")
    if "%z" in form:
        return pd.DatetimeIndex(times).as_unit("us"), []
    if mapping.time_zone == "UTC":
        return clock.in_utc(times).as_unit("us"), []
    local = np.array(pd.DatetimeIndex(times).as_unit("ms").asi8)
    order = slice(None, None, -1 if len(local) and local[0] > local[-1] else 1)  # the newest may stand first
    utc, notes = local_time.to_utc(local[order], mapping.time_zone)
    return pd.DatetimeIndex(pd.to_datetime(utc[order], unit="ms", utc=True)), notes


def _check(condition: object, message: str) -> None:
    if not condition:
        raise InputError(f"{message}.")
