"""What `world.json` says of a stored synthetic world; the generator is not needed to read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import documents, typed_documents
from core.errors import InputError

NAME = "world.json"
VERSION = 0  # of its form; the first one says none, so that a world keeps its bytes
_BURST: dict[str, type | tuple[type, ...]] = {"event_id": str, "station": str, "start": str, "end": str}


@dataclass(frozen=True)
class WorldDocument:
    """The codes of the stations, the amplitude of the planted precursor in nT (0 = none), and the bursts planted."""

    stations: tuple[str, ...]
    amplitude_nt: float
    precursors: tuple[dict[str, Any], ...]


def read(folder: Path) -> WorldDocument:
    """
    The document of a world's folder.

    Raises
    ------
    OtherVersion
        If it is of a newer version of the program.
    InputError
        If it is missing or damaged.
    """
    try:
        content = documents.read_json(folder / NAME)
        typed_documents.version_of(content, VERSION, f"The document of the synthetic world {folder.name}")
        documents.check_kinds(content, {"stations": list, "config": dict, "precursors": list})
        if not all(isinstance(code, str) for code in content["stations"]):
            raise ValueError("its stations are no codes")
        documents.check_kinds(content["config"], {"precursor_amplitude_nt": float})
        for burst in content["precursors"]:
            documents.check_kinds(burst, _BURST)
        return WorldDocument(
            tuple(content["stations"]), float(content["config"]["precursor_amplitude_nt"]), tuple(content["precursors"])
        )
    except typed_documents.OtherVersion:  # it says itself what to do
        raise
    except documents.UNUSABLE as error:
        raise InputError(
            f"{folder / NAME} cannot be used ({documents.reason(error)}). Restore it from a copy, or delete the "
            f"folder {folder.name}: the command that made this synthetic world makes it anew."
        ) from None
