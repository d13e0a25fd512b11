"""A stored catalogue to which the events of a file are added, as a watched folder does."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.loading.archive.archive import Archive
from core.loading.archive.journal import Recipe
from core.loading.catalogue import events

READER = "events added from a file"


def add(
    archive: Archive, name: str, path: Path, recipe: Recipe | None = None, learned: pd.Timestamp | None = None
) -> str:
    """
    Add the events of a file to a stored catalogue; a sentence says what changed.

    A revised event replaces its older version, none is removed, and the period that the catalogue covers grows to the
    newest event.

    Parameters
    ----------
    archive : Archive
    name : str
        A stored catalogue.
    path : Path
    recipe, learned : see `Archive.store`
        By default the recipe is this file.

    Raises
    ------
    InputError
        If there is no such catalogue, or the file is none.
    """
    new = events.read(path)
    with archive.alone():  # or what another program adds meanwhile would be replaced
        return _add(archive, name, path, new, recipe or Recipe(READER, {"name": name}, files=(path,)), learned)


def _add(
    archive: Archive, name: str, path: Path, new: pd.DataFrame, recipe: Recipe, learned: pd.Timestamp | None
) -> str:
    old = archive.events(name)
    merged = pd.concat([old, new], ignore_index=True).drop_duplicates("event_id", keep="last")
    merged = events.check(merged)
    if merged.equals(events.check(old)):
        return f"{name}: every event was stored already."
    start, end = archive.events_period(name)
    start = min(start, merged["origin_time"].iloc[0])
    end = max(end, merged["origin_time"].iloc[-1] + pd.Timedelta(microseconds=1))
    archive.store_events(name, merged, path.name, start, end, recipe, learned)
    return (
        f"{name}: {len(merged) - len(old)} events added to {len(old)}; "
        f"it is now taken to cover {start:%Y-%m-%d} to {end:%Y-%m-%d %H:%M} without a break."
    )
