"""HORUS, the catalogue of Italy from 1960 with homogeneous Mw (doi 10.13127/horus): a tab-separated table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = ("year", "mo", "da", "ho", "mi", "se", "lat", "lon", "depth", "mw")
EVENT_TYPE, ISIDE_ID = "ev.type", "iside-n"

# By place: the header leaves the last name out, and excerpts end after Geo-CPTI15 or with a tab.
_LAYOUT = (*NEEDED, "sigmw", "geo-ita", "geo-cpti15", EVENT_TYPE, ISIDE_ID)
_FEWEST = len(NEEDED) + 1

# Highest values of a clock in the file: some entries have a minute 60 or a second past 60, which carry over.
_CLOCK = {"year": (0, 9999), "mo": (1, 12), "da": (1, 31), "ho": (0, 23), "mi": (0, 60), "se": (0, 119.999)}


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is HORUS."""
    lines = head.lstrip("\ufeff \r\n").splitlines()
    return bool(lines) and [text.plain_name(name) for name in lines[0].split("\t")][: len(NEEDED)] == list(NEEDED)


def read(path: Path) -> pd.DataFrame:
    """
    Read HORUS into the events table (`events.check`).

    Every magnitude is an Mw or a proxy of it. Rows with an x in the column Ev.type are no earthquakes; they are
    dropped and counted. The number of an event in ISIDe, where there is one, becomes its identifier, so that it is
    the same event in lists of INGV.

    Raises
    ------
    InputError
        If a line has too few or too many values, or one of them is impossible.
    """
    path = Path(path)
    table = _table(path)
    times, n_carried = _times(table)
    frame = assembly.assemble(
        table,
        times=times,
        latitude="lat",
        longitude="lon",
        depth="depth",
        magnitude=table.numbers("mw", *catalogue.MAGNITUDE),
        magnitude_type=["Mw"] * len(table),
        source=["HORUS"] * len(table),
        ids=_ids(table),
        id_prefix="horus",
        kinds=["not an earthquake (x)" if kind.casefold() == "x" else "" for kind in table.texts(EVENT_TYPE)],
    )
    if n_carried:
        sentence = f"{catalogue.counted(n_carried, 'time')} with a minute or second of 60 or more; it was carried over."
        frame.attrs["notes"] = (*frame.attrs["notes"], sentence)
    return frame


def _table(path: Path) -> Table:
    lines = text.read_text(path).split("\n")
    first = next(number for number, line in enumerate(lines) if line.strip())
    if not looks_like(lines[first]):
        raise InputError(f"{path.name}, line {first + 1}: this is no header of HORUS, which begins Year, Mo, Da, Ho.")
    columns: dict[str, list[str]] = {name: [] for name in _LAYOUT}
    numbers: list[int] = []
    width = 0
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        width = width or len(cells)
        if len(cells) != width or not _FEWEST <= len(cells) <= len(_LAYOUT) + 1:
            raise InputError(
                f"{path.name}, line {number}: found {len(cells)} values, expected {max(width, _FEWEST)} as in "
                "the other lines. The file may be cut off or damaged; fetch it again."
            )
        for place, name in enumerate(_LAYOUT):
            columns[name].append(cells[place].strip() if place < len(cells) else "")
        numbers.append(number)
    return Table(path.name, columns, numbers)


def _times(table: Table) -> tuple[pd.DatetimeIndex, int]:
    parts = {name: table.numbers(name, *limits, required=True) for name, limits in _CLOCK.items()}
    for name in ("year", "mo", "da", "ho", "mi"):
        broken = parts[name] != np.floor(parts[name])
        if broken.any():
            row = int(np.argmax(broken))
            table.fail(row, f"{name} is {parts[name][row]:g}, expected a whole number.")
    dates = zip(parts["year"], parts["mo"], parts["da"], strict=True)
    days = pd.Series([f"{int(y):04d}-{int(m):02d}-{int(d):02d}" for y, m, d in dates], dtype="str")
    midnights = pd.to_datetime(days, format="ISO8601", utc=True, errors="coerce").dt.as_unit("us")
    if midnights.isna().any():
        row = int(midnights.isna().to_numpy().argmax())
        table.fail(row, f"{days[row]} is not a possible date.")
    microseconds = np.round((parts["ho"] * 3600 + parts["mi"] * 60 + parts["se"]) * 1e6).astype(np.int64)
    carried = int(((parts["mi"] >= 60) | (parts["se"] >= 60)).sum())
    return pd.DatetimeIndex(midnights + pd.to_timedelta(microseconds, unit="us")), carried


def _ids(table: Table) -> list[str]:
    # "0" and "*" stand for no number; numbers may be written as 1592369.0000000000.
    names = []
    for cell in table.texts(ISIDE_ID):
        whole = cell.split(".")[0] if cell.replace(".", "", 1).isdigit() else cell
        names.append("" if whole in ("0", "*") else whole)
    return names
