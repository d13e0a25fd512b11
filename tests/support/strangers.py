"""A data folder as a stranger may hand it over, with names that lead elsewhere; and what a tree of files holds."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from core import stations
from core.loading.formats.minutes import iaga2002
from core.loading.record.minute import MinuteRecord, on_grid

DAY = 25_246_080  # 2018-01-01 in epoch minutes
TIME = "2026-01-02T03:04:05+00:00"
# Names that are no plain file name here or on Windows; "{outside}" is a folder beside the data folder.
NAMES = (
    "{outside}/planted",
    "../../planted",
    "..",
    ".",
    "",
    "a/b.min",
    "..\\..\\planted",
    "C:planted",
    "\\\\host\\share\\planted",
    "a\0b",
    "a\nb",
    "a.min.",
    "NUL",
    "com1.txt",
    "a" * 256,
    "é" * 128,
    "\ud800",
    7,
    None,
)


def minute_bytes(folder: Path) -> bytes:
    """The bytes of a sound file of 90 minutes of DUR."""
    path = folder / "sound.min"
    record = MinuteRecord("DUR", on_grid(DAY, [[24_568.1, 1321.2, 39347.3, 46405.9]] * 90), "definitive")
    iaga2002.write(record, path, stations.get("DUR"))
    content = path.read_bytes()
    path.unlink()
    return content


def keep(data: Path, content: bytes) -> str:
    """Put bytes into raw/ under their digest, which is returned."""
    digest = hashlib.sha256(content).hexdigest()
    (data / "raw").mkdir(exist_ok=True)
    (data / "raw" / digest).write_bytes(content)
    return digest


def note(data: Path, name: object, digest: object, station: str = "", reader: str = "minute file") -> None:
    """Write a step of a minute file into the journal, whatever its name and digest are."""
    how = {"station": station, "average": "", "rotate": False, "mapping": None}
    line = {"time": TIME, "reader": reader, "parameters": how, "inputs": [[name, digest]]}
    (data / "raw").mkdir(exist_ok=True)
    with open(data / "raw" / "journal.jsonl", "a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")


def leave_unfinished(data: Path) -> None:
    """Say that a writer was stopped while it took the steps of `TIME`."""
    (data / "archive").mkdir(exist_ok=True)
    (data / "archive" / ".unfinished").write_text(TIME)


def tree(folder: Path) -> dict[str, str]:
    """Every name below a folder, with the digest of a file, the target of a link, or "folder"."""
    found = {}
    for home, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(home, name)
            if path.is_symlink():
                what = f"link to {os.readlink(path)}"
            else:
                what = "folder" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(folder))] = what
    return found
