"""What lies in a watched folder goes to where it belongs: minutes, new events, new activity."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading.archive import growing_catalogue
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import HEAD_BYTES, ingest
from core.loading.archive.journal import Recipe
from core.loading.catalogue import events
from core.loading.formats import unpacking
from core.loading.formats.indices import dst, kp
from core.loading.formats.minutes.columns import Mapping

COLUMNS = ["file", "outcome", "message"]


def take_in(folder: Path, archive: Archive, catalogues: list[str], mapping: Mapping | None = None) -> pd.DataFrame:
    """
    Store every usable file of a folder; one that cannot be used does not stop the others.

    New events are added to the catalogue whose name begins the name of their file: a revised event
    replaces its older version, none is removed, and the period that the
    catalogue covers grows to the newest event. A file of any other name is refused.

    Returns
    -------
    DataFrame
        One row per file: file, outcome ("stored", "unchanged", "refused"), message.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder} to watch.")
    rows, minutes = [], []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not _hidden(p.relative_to(folder))):
        kind = _kind(path)
        if kind == "minutes":
            minutes.append(path)
            continue
        before = archive.stamp()
        try:
            message = (
                _store_events(path, archive, catalogues) if kind == "events" else _store_index(path, archive, kind)
            )
            outcome = "stored" if archive.stamp() != before else "unchanged"
        except InputError as error:
            outcome, message = "refused", str(error)
        rows.append({"file": path.name, "outcome": outcome, "message": message})
    report = ingest(minutes, archive, mapping=mapping)
    report["file"] = report["file"].map(lambda name: Path(name).name)
    return pd.concat([pd.DataFrame(rows, columns=COLUMNS), report[COLUMNS]], ignore_index=True)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _kind(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            head = unpacking.unpack_head(file.read(HEAD_BYTES), HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return "minutes"  # whose reader says why it cannot be read
    if kp.looks_like(head):
        return "kp"
    if dst.looks_like(head):
        return "dst"
    return "events" if events.looks_like(head) else "minutes"


def _store_index(path: Path, archive: Archive, kind: str) -> str:
    if kind == "dst":
        return archive.store_dst(kp.read_dst(path), path.name, Recipe("Dst file", files=(path,)))
    return archive.store_activity(kp.read(path), path.name, Recipe("Kp file", files=(path,)))


def _store_events(path: Path, archive: Archive, catalogues: list[str]) -> str:
    name = _catalogue_for(path, catalogues)
    return growing_catalogue.add(archive, name, path)


def _catalogue_for(path: Path, catalogues: list[str]) -> str:
    # Never a guess: events of another region would make the catalogue claim a coverage that it does not have.
    fitting = [name for name in catalogues if path.name.lower().startswith(name)]
    if not fitting:
        known = ", ".join(dict.fromkeys(catalogues)) or "none by name"
        raise InputError(
            f"{path.name}: which catalogue do these events belong to? The run uses {known}. "
            "Begin the file's name with the catalogue's, or store it with `precursor catalogue`."
        )
    return fitting[0]
