"""The page of KOERI's latest events (`lst0.asp`): columns of text in HTML, in Turkish local time."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.events.koeri import MAGNITUDES
from core.loading.formats.text import Table
from core.loading.record import local_time

TIME_ZONE = "Europe/Istanbul"

_HEADER = re.compile(
    r"^[ \t]*Tarih[ \t]+Saat[ \t]+Enlem\(N\)[ \t]+Boylam\(E\)[ \t]+Derinlik\(km\)([^\n]*)$", re.MULTILINE
)
_END = re.compile(r"</pre>", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})")
_COLUMNS = ("date", "time", "latitude", "longitude", "depth")


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is the page."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and _HEADER.search(head) is not None


def read(path: Path) -> pd.DataFrame:
    """
    Read a saved page into the events table (`events.check`).

    The preferred magnitude is Mw, then ML, then MD. Times become UTC. Events have no identifiers there: they are named
    by their origin time, so a revised one is another event.

    Raises
    ------
    InputError
        If the page does not reach to its end, or with its line if a row cannot be used.
    """
    path = Path(path)
    page = text.read_text(path, markup=True, needs_line_end=False)
    header = _HEADER.search(page)
    if header is None:
        raise InputError(f"{path.name}: the page has no line of column names (Tarih Saat Enlem(N) ...).")
    end = _END.search(page, header.end())
    if end is None:
        raise InputError(f"{path.name}: the list has no end (</pre>), so the page was cut off. Fetch it again.")
    sizes = [name.casefold() for name in header[1].split()]
    sizes = sizes[: next((n for n, name in enumerate(sizes) if name not in MAGNITUDES), len(sizes))]
    names = (*_COLUMNS, *sizes)
    first = page.count("\n", 0, header.end()) + 2
    rows, lines = [], []
    for number, line in enumerate(page[header.end() + 1 : end.start()].split("\n"), first):
        if not line.strip() or not line.strip(" -"):
            continue
        cells = line.split(maxsplit=len(names))
        if len(cells) < len(names) or not _DATE.fullmatch(cells[0]):
            raise InputError(
                f"{path.name}, line {number}: found {line.strip()[:40]!r}, expected date, time, latitude, longitude, "
                f"depth and {len(sizes)} magnitudes."
            )
        rows.append(cells[: len(names)])
        lines.append(number)
    if not rows:
        raise InputError(f"{path.name}: the list on the page has no event.")
    table = Table(path.name, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)), lines)
    return _events(table, sizes)


def _events(table: Table, sizes: list[str]) -> pd.DataFrame:
    dates = [_DATE.sub(r"\1-\2-\3", date) for date in table.texts("date")]
    stamps = [f"{date} {clock}" for date, clock in zip(dates, table.texts("time"), strict=True)]
    local = table.times(stamps).as_unit("ms").asi8
    utc, notes = local_time.to_utc(np.asarray(local), TIME_ZONE)
    magnitude, kind = np.full(len(table), np.nan), np.full(len(table), "", dtype=object)
    for name in (name for name in MAGNITUDES if name in sizes):
        values = table.numbers(name, *catalogue.MAGNITUDE)
        chosen = np.isnan(magnitude) & ~np.isnan(values)
        magnitude[chosen], kind[chosen] = values[chosen], MAGNITUDES[name]
    events = assembly.assemble(
        table,
        times=pd.DatetimeIndex(pd.to_datetime(utc, unit="ms", utc=True)),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=magnitude,
        magnitude_type=list(kind),
        source=["KOERI"] * len(table),
        ids=[""] * len(table),
        id_prefix="koeri",
    )
    events.attrs["notes"] = (*events.attrs.get("notes", ()), "Times were Turkish local time and became UTC.", *notes)
    return events
