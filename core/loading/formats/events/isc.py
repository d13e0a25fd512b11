"""ISC bulletin: the event catalogue as CSV, plain or inside a web page, and the bulletin as ISF (IMS1.0)."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events, magnitudes
from core.loading.formats import text
from core.loading.formats.events import assembly, isf
from core.loading.formats.text import Table

_CATALOGUE = re.compile(r"DATA_TYPE\s+EVENT_CATALOGUE", re.IGNORECASE)
_HEADER = re.compile(r"^\s*EVENTID\s*,", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_NONE_FOUND = re.compile(r"No events were found", re.IGNORECASE)
_ORIGIN = ("eventid", "type", "author", "date", "time", "lat", "lon", "depth", "depfix")


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is of the ISC, as CSV or as ISF."""
    if isf.looks_like(head) or _CATALOGUE.search(head) is not None:
        return True
    lines = head.lstrip("\ufeff \t\r\n").splitlines()
    if lines and _HEADER.match(lines[0]) is not None and "depfix" in lines[0].casefold():
        return True
    page = head.casefold()
    return "international seismological centre" in page and _NONE_FOUND.search(head) is not None


def read(path: Path) -> pd.DataFrame:
    """
    Read an ISC file, CSV or ISF, into the events table (`events.check`).

    The CSV has one row an event: the prime origin, then author, type and magnitude as often as there are
    magnitudes; the preferred type is taken (`magnitudes.PREFERENCE`), the first of equals. Events of unknown type
    (uk) are kept and counted, as most earthquakes of the bulletin are not typed; known or suspected explosions and
    the like are dropped and counted.

    Raises
    ------
    InputError
        If the file is not of the ISC, ends before its STOP, says that no events were found, or a value is impossible.
    """
    path = Path(path)
    content = text.read_text(path, markup=True, needs_line_end=False)
    if isf.looks_like(content):
        return isf.events(path.name, content)
    return _events(*_table(path.name, content))


def _table(file: str, content: str) -> tuple[Table, list[list[str]]]:
    """The origin columns, and the cells of author, type, magnitude, ... of each row."""
    lines = content.split("\n")
    first = next((number for number, line in enumerate(lines) if _HEADER.match(_plain(line))), None)
    if first is None:
        if _NONE_FOUND.search(content):
            raise InputError(f"{file}: the ISC found no events for this request.")
        raise InputError(f"{file}: there is no table of events in this answer of the ISC. If it was busy, ask later.")
    names = [name.strip().casefold() for name in _plain(lines[first]).split(",")]
    n_origin = names.index("depfix") + 1 if "depfix" in names else 0
    if n_origin < len(_ORIGIN) - 1 or not {*_ORIGIN} - {"type"} <= set(names[:n_origin]):
        raise InputError(f"{file}, line {first + 1}: expected the columns EVENTID, AUTHOR, DATE, TIME, LAT, ...")
    rows, numbers, rest = [], [], []
    for number, raw in enumerate(lines[first + 1 :], first + 2):
        line = _plain(raw)
        if line.strip().upper() == "STOP":
            break
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(",")]
        extra = cells[n_origin:]
        if extra and not extra[-1] and len(extra) % 3 == 1:
            extra = extra[:-1]  # a comma at the end of the line
        if len(cells) < n_origin or len(extra) % 3:
            raise InputError(
                f"{file}, line {number}: found {len(cells)} values, expected {n_origin} of the origin and then "
                "three of each magnitude. The file may be cut off or damaged; fetch it again."
            )
        rows.append(cells[:n_origin])
        rest.append(extra)
        numbers.append(number)
    else:
        raise InputError(f"{file}: the line STOP is missing, so the file is cut off. Fetch it again.")
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(n_origin)]
    return Table(file, dict(zip(names[:n_origin], columns, strict=True)), numbers), rest


def _events(table: Table, rest: list[list[str]]) -> pd.DataFrame:
    chosen = [_chosen(extra) for extra in rest]
    table.columns["mag"] = [value for _, value in chosen]
    stamps = [f"{date} {time}" for date, time in zip(table.texts("date"), table.texts("time"), strict=True)]
    kinds, notes = isf.kinds(table.texts("type"))
    frame = assembly.assemble(
        table,
        times=table.times(stamps),
        latitude="lat",
        longitude="lon",
        depth="depth",
        magnitude=table.numbers("mag", *events.MAGNITUDE) if len(table) else np.empty(0),
        magnitude_type=[kind for kind, _ in chosen],
        source=[f"ISC {author}" if author and author != "ISC" else "ISC" for author in table.texts("author")],
        ids=table.texts("eventid"),
        id_prefix="isc",
        kinds=kinds,
    )
    frame.attrs["notes"] = (*frame.attrs["notes"], *notes)
    return frame


def _chosen(extra: list[str]) -> tuple[str, str]:
    """Type and value of the preferred magnitude of a row; "" and "" if it has none."""
    found = [(extra[place + 1], extra[place + 2]) for place in range(0, len(extra), 3)]
    found = [(kind, value) for kind, value in found if value.casefold() not in text.MISSING]
    return found[magnitudes.best([kind for kind, _ in found])] if found else ("", "")


def _plain(line: str) -> str:
    """A line without the tags and character references of a web page."""
    return html.unescape(_TAG.sub("", line)) if "<" in line or "&" in line else line
