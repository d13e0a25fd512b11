"""The JSON list of AFAD (Turkey): an array of events whose values are all strings."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events
from core.loading.formats import json_text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = ("eventID", "date", "latitude", "longitude", "magnitude")

_START = re.compile(r"\[\s*\{")


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is a list of AFAD."""
    start = head.lstrip("\ufeff \t\r\n")
    return _START.match(start) is not None and all(f'"{name}"' in start for name in NEEDED)


def read(path: Path) -> pd.DataFrame:
    """
    Read a list of AFAD into the events table (`events.check`).

    `date` is UTC without saying so; `depth` is km.

    Raises
    ------
    InputError
        If the file is no complete JSON or no such list, or a value is impossible.
    """
    path = Path(path)
    found = json_text.read(path)
    if not isinstance(found, list):
        raise InputError(f"{path.name}: the JSON is no list, expected the list of events of AFAD.")
    if not found:
        raise InputError(f"{path.name}: the list is empty: the service had no events for this request.")
    for number, event in enumerate(found, 1):
        absent = [name for name in NEEDED if not isinstance(event, dict) or name not in event]
        if absent:
            raise InputError(f"{path.name}, event {number}: there is no {absent[0]!r}, expected an event of AFAD.")
    names = (*NEEDED, "depth", "type", "lastUpdateDate")
    columns = {name.casefold(): [json_text.cell(event.get(name)) for event in found] for name in names}
    table = Table(path.name, columns, list(range(1, len(found) + 1)), unit="event")
    return assembly.assemble(
        table,
        times=table.times(table.texts("date")),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=table.numbers("magnitude", *events.MAGNITUDE),
        magnitude_type=table.texts("type"),
        source=["AFAD"] * len(table),
        ids=table.texts("eventid"),
        id_prefix="afad",
        updated=table.texts("lastupdatedate"),
    )
