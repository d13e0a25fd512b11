"""ROMPLUS, the catalogue of Romania from the year 984 (NIEP): fixed width, one line an event, the first a header."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

# Where each value stands, counted from 0, end exclusive; as three independent readers of the file have it.
EDGES = {
    "date": (0, 11),
    "time": (11, 24),
    "latitude": (37, 47),
    "longitude": (47, 58),
    "depth": (75, 82),
    "ml": (87, 92),
    "md": (97, 102),
    "mw": (107, 112),
}
# How the header calls them.
_NAMES = {
    "date": "date",
    "time": "time",
    "lat": "latitude",
    "latitude": "latitude",
    "lon": "longitude",
    "long": "longitude",
    "longitude": "longitude",
    "depth": "depth",
    "ml": "ml",
    "md": "md",
    "mw": "mw",
}
REGION = {"latitude": (43.0, 49.0), "longitude": (19.0, 31.0), "depth": (0.0, 250.0)}
_OUTSIDE = 0.05  # a larger part of the events outside the region means that the columns are not where we think

_DATE = re.compile(r"\s{0,9}\d{3,4}/\d{1,2}/\d{1,2}\s")
_FULL_DATE = re.compile(r"(\d{3,4})/(\d{1,2})/(\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d*)?)")
_FIXED = re.compile(r"\s*[fd]$")


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is ROMPLUS."""
    lines = [line for line in head.lstrip("\ufeff").splitlines() if line.strip()]
    return len(lines) > 1 and {"date", "time", "depth", "mw"} <= set(_header(lines[0])) and bool(_DATE.match(lines[1]))


def read(path: Path) -> pd.DataFrame:
    """
    Read ROMPLUS into the events table (`events.check`).

    The columns are where the blanks that header and rows have in common part them; where that is not clear, as
    `EDGES`. A magnitude 0.0 means "none"; Mw is preferred, then ML, then MD. A depth followed by f was fixed. Rows
    without a time of day are dropped and counted, for a made-up time would look like a known one.

    Raises
    ------
    InputError
        If the file is no such list, a value is impossible, or so many events lie outside Romania that the columns
        must have been misread.
    """
    path = Path(path)
    lines = text.read_text(path).split("\n")
    numbers = [number for number, line in enumerate(lines) if line.strip()]
    if not looks_like("\n".join(lines[: 2 + (numbers[0] if numbers else 0)])):
        raise InputError(f"{path.name}: the first line is no header of ROMPLUS (Date, Time, ..., Depth, ..., Mw).")
    header, rows = lines[numbers[0]], [lines[number] for number in numbers[1:]]
    edges = _edges(header, rows)
    columns = {name: [row[start:end].strip() for row in rows] for name, (start, end) in edges.items()}
    table = Table(path.name, columns, [number + 1 for number in numbers[1:]])
    table, n_undated = _dated(table)
    table.columns["depth"][:] = [_FIXED.sub("", depth) for depth in table.columns["depth"]]
    magnitude, magnitude_type = _magnitude(table)
    frame = assembly.assemble(
        table,
        times=table.times(table.texts("stamp")),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=magnitude,
        magnitude_type=magnitude_type,
        source=["ROMPLUS"] * len(table),
        ids=[""] * len(table),
        id_prefix="romplus",
    )
    notes = list(frame.attrs["notes"])
    if n_undated:
        notes.append(f"{catalogue.counted(n_undated, 'row')} dropped: no time of day.")
    notes += _check_region(frame, path.name)
    frame.attrs["notes"] = tuple(notes)
    return frame


def _header(line: str) -> dict[str, int]:
    """The known names in a header line, with the column of the middle of each (the first where one repeats)."""
    found: dict[str, int] = {}
    for word in re.finditer(r"\S+", line):
        name = _NAMES.get(word[0].casefold().strip("#()"))
        if name is not None:
            found.setdefault(name, (word.start() + word.end() - 1) // 2)
    return found


def _edges(header: str, rows: list[str]) -> dict[str, tuple[int, int]]:
    # A column of the file is a run of places that are not blank in the header or in some row. Where the runs of two
    # values touch, one run has two names in it (or none), and the known layout is taken instead.
    width = max(len(header), *(len(row) for row in rows))
    used = np.zeros(width + 2, dtype=bool)
    for line in (header, *rows):
        letters = np.frombuffer(line.encode("ascii", "replace"), np.uint8)
        used[1 : len(letters) + 1] |= letters != ord(" ")
    steps = np.diff(used.astype(np.int8))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    places = [(word.start(), word.end()) for word in re.finditer(r"\S+", header)]
    edges = {}
    for name, middle in _header(header).items():
        run = next(((int(s), int(e)) for s, e in zip(starts, ends, strict=True) if s <= middle < e), None)
        if run is None or sum(run[0] <= start and end <= run[1] for start, end in places) != 1:
            return EDGES
        edges[name] = run
    return edges if edges.keys() == EDGES.keys() else EDGES


def _dated(table: Table) -> tuple[Table, int]:
    """The rows with a time of day, with their time as ISO text in the column stamp; and how many there were not."""
    stamps, kept = [], []
    for row, (date, clock) in enumerate(zip(table.columns["date"], table.columns["time"], strict=True)):
        day = _FULL_DATE.fullmatch(date)
        if day is None:
            table.fail(row, f"found the date {date[:20]!r}, expected one like 1977/03/04. Are the columns as expected?")
        if not clock.strip(":. -"):
            continue
        time = _CLOCK.fullmatch(clock)
        if time is None:
            table.fail(row, f"found the time {clock[:20]!r}, expected one like 19:21:54.30.")
        seconds = time[3].partition(".")
        stamps.append(
            f"{int(day[1]):04d}-{int(day[2]):02d}-{int(day[3]):02d}T{int(time[1]):02d}:{int(time[2]):02d}:"
            f"{int(seconds[0]):02d}.{seconds[2] or 0}"
        )
        kept.append(row)
    columns = {name: [cells[row] for row in kept] for name, cells in table.columns.items()}
    lines = [table.lines[row] for row in kept]
    return Table(table.file, columns | {"stamp": stamps}, lines), len(table) - len(kept)


def _magnitude(table: Table) -> tuple[np.ndarray, list[str]]:
    magnitude, types = np.full(len(table), np.nan), np.full(len(table), "", dtype=object)
    for name, label in (("mw", "Mw"), ("ml", "ML"), ("md", "MD")):
        values = table.numbers(name, *catalogue.MAGNITUDE)
        chosen = np.isnan(magnitude) & ~np.isnan(values) & (values != 0.0)
        magnitude[chosen], types[chosen] = values[chosen], label
    return magnitude, list(types)


def _check_region(frame: pd.DataFrame, name: str) -> list[str]:
    outside = pd.Series(False, index=frame.index)
    for column, (low, high) in REGION.items():
        values = frame[f"{column}_km" if column == "depth" else f"{column}_deg"]
        outside |= values.notna() & ~values.between(low, high)
    count = int(outside.sum())
    if count > _OUTSIDE * len(frame):
        raise InputError(
            f"{name}: {count} of {len(frame)} events lie outside Romania (43 to 49 N, 19 to 31 E, 0 to 250 km), so the "
            "columns are not those of ROMPLUS as we know it."
        )
    return (
        [f"{catalogue.counted(count, 'event')} outside Romania (43 to 49 N, 19 to 31 E, 0 to 250 km); kept."]
        if count
        else []
    )
