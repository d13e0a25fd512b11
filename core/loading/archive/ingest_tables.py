"""A file that is no minute data into the archive: a catalogue or an index, with the recipe to store it again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from core.loading.archive.archive import Archive
from core.loading.archive.journal import Maker, Recipe
from core.loading.formats import recognise
from core.loading.formats.events import by_mapping
from core.loading.formats.events.by_mapping import EventMapping
from core.loading.formats.recognise import Kind


def store_catalogue(
    archive: Archive,
    path: Path,
    name: str = "",
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    mapping: EventMapping | None = None,
) -> tuple[str, str, pd.DataFrame]:
    """
    Store a catalogue file, recognised by content or read by a mapping.

    Parameters
    ----------
    archive : Archive
    path : Path
    name : str, optional
        What to call it; by default as the file.
    start, end : Timestamp, optional
        What it covers, half-open; by default from its first event to its last.
    mapping : EventMapping, optional

    Returns
    -------
    tuple
        Its name, a sentence that says what changed, and the events.

    Raises
    ------
    InputError
        If the file is no catalogue, or a line of it cannot be used.
    """
    events = by_mapping.read(path, mapping) if mapping else recognise.read_events(path)
    name = name or name_of(path)
    how: dict[str, Any] = {"name": name, "start": _text(start), "end": _text(end)}
    how |= {"mapping": asdict(mapping)} if mapping else {}
    recipe = Recipe(Maker.EVENTS_FILE, how, files=(path,))
    return name, archive.store_events(name, events, path.name, start, end, recipe), events


def store_index(archive: Archive, path: Path) -> tuple[str, pd.DataFrame]:
    """
    Store a file of Kp or Dst, whichever it is: a sentence that says what changed, and the values.

    Raises
    ------
    InputError
        If the file is none of them, is cut off, or holds an impossible value.
    """
    kind, values = recognise.read_index(path)
    if kind is Kind.DST:
        return archive.store_dst(values, path.name, Recipe(Maker.DST_FILE, files=(path,))), values
    return archive.store_activity(values, path.name, Recipe(Maker.KP_FILE, files=(path,))), values


def name_of(path: Path) -> str:
    """
    What a catalogue is called after its file.

    >>> name_of(Path("Italy 2016.csv.gz"))
    'italy-2016'
    """
    stem = path.name.lower().split(".")[0]
    return "".join(letter if letter.isalnum() else "-" for letter in stem)[:40].strip("-")


def _text(time: pd.Timestamp | None) -> str:
    return "" if time is None else time.isoformat()
