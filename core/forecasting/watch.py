"""What lies in a watched folder goes to where it belongs: minutes, new events, new activity."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading.archive import derived_catalogues
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest, store_index
from core.loading.formats import recognise
from core.loading.formats.minutes.columns import Mapping
from core.loading.formats.recognise import Kind

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
        if kind is Kind.MINUTES:
            minutes.append(path)
            continue
        before = archive.stamp()
        try:
            if kind is Kind.EVENTS:
                message = _store_events(path, archive, catalogues)
            else:
                message, _ = store_index(archive, path)
            outcome = "stored" if archive.stamp() != before else "unchanged"
        except InputError as error:
            outcome, message = "refused", str(error)
        rows.append({"file": path.name, "outcome": outcome, "message": message})
    report = ingest(minutes, archive, mapping=mapping)
    report["file"] = report["file"].map(lambda name: Path(name).name)
    return pd.concat([pd.DataFrame(rows, columns=COLUMNS), report[COLUMNS]], ignore_index=True)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _kind(path: Path) -> Kind:
    try:
        reader = recognise.format_of(recognise.head_of(path))
    except OSError:
        reader = None
    if reader is None or reader.kind is Kind.HOURS:
        return Kind.MINUTES  # whose reader says why it cannot be read
    return reader.kind


def _store_events(path: Path, archive: Archive, catalogues: list[str]) -> str:
    name = _catalogue_for(path, catalogues)
    return derived_catalogues.store_added(archive, name, path)


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
