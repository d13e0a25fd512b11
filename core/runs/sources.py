"""From a configuration to the source it asks for: the real archive, or a synthetic world kept on disk."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from core import files, options
from core.config import ExperimentConfig, WorldConfig
from core.errors import InputError
from core.loading.archive import soundness
from core.loading.archive.archive import Archive
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.synthesis import world_document

DEMO_STATIONS = ("DUR", "IZN", "MLR")
WORLD_SECONDS = 120.0  # how long to wait for another process that makes the same world


def open_source(config: ExperimentConfig, data_dir: Path, progress: Progress | None = None) -> Archive:
    """
    The archive that a config asks for; a synthetic world is made on first use.

    Raises
    ------
    InputError
        If no station is named, or a named station has no minute data.
    """
    if config.data.source == "synthetic":
        return open_world(config.world, config.data.stations or DEMO_STATIONS, data_dir, progress or Progress())
    archive = Archive(data_dir / "archive")
    present = archive.stations()
    if not config.data.stations:
        raise InputError(f"[data] stations is empty. Name at least one of: {', '.join(present) or 'none stored yet'}.")
    missing = [code for code in config.data.stations if code not in present]
    if missing:
        raise InputError(
            f"The archive has no minute data of {', '.join(missing)}. Stored: {', '.join(present) or 'nothing yet'}. "
            f"`precursor fetch all {' '.join(missing)} --start 2016-01-01` downloads them, `precursor ingest FILES` "
            "adds files that you have."
        )
    return archive


def look_at(config: ExperimentConfig, data_dir: Path, progress: Progress | None = None) -> Source:
    """As `open_source`, for who only looks: a synthetic world that is not stored yet is made in memory and not kept."""
    from core.synthesis.world import World

    codes = config.data.stations or DEMO_STATIONS
    stored = (world_folder(config.world, codes, data_dir) / "world.json").exists()
    if config.data.source == "synthetic" and not stored:
        return World(config.world, codes)
    return open_source(config, data_dir, progress)


def lost_origins(source: Source) -> list[str]:
    """A sentence for every table of a source of which it is not known whence it came."""
    if not isinstance(source, Archive):
        return []
    lost = soundness.lost_origins(source.folder)
    return [sentence for part in lost.values() for sentence in part]


def digests(config: ExperimentConfig, source: Source) -> dict[str, str]:
    """SHA-256 of every input that a config uses, by name; no catalogue named means all of them."""
    return source.digests(list(config.data.stations), list(config.data.catalogues) or [""])


def changed(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """
    The names whose value is not the same in both, in the order of the names.

    >>> changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4})
    ['b', 'c']
    """
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def open_world(world: WorldConfig, stations: tuple[str, ...], data_dir: Path, progress: Progress) -> Archive:
    """The stored synthetic world for these parameters; generated if it is not there yet."""
    from core.synthesis.world import World, store

    def made(done: int, total: int) -> None:
        progress.stage("Making the synthetic world", done, total)
        if progress.should_stop():
            raise Cancelled("Stopped while the synthetic world was being made. The same command makes it anew.")

    folder = world_folder(world, stations, data_dir)
    if (folder / "world.json").exists():
        world_document.read(folder)  # which refuses a damaged one
        return Archive(folder)
    busy = f"Another process is still making the synthetic world {folder.name}. Wait for it to end."
    with files.claimed(folder.parent / f".{folder.name}.lock", busy, timeout_s=WORLD_SECONDS):
        if not (folder / "world.json").exists():  # nobody made it while this process waited
            shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left is not a world
            store(World(world, stations), folder, on_progress=made)
    return Archive(folder)


def world_folder(world: WorldConfig, stations: tuple[str, ...], data_dir: Path) -> Path:
    """Where the world with these parameters is kept."""
    content = json.dumps([options.without_unused(asdict(world), WorldConfig), list(stations)], sort_keys=True)
    return data_dir / "worlds" / hashlib.sha256(content.encode()).hexdigest()[:12]


def data_key(config: ExperimentConfig) -> str:
    """
    Which data the runs of a config are made from: what was tried on the same data counts together.

    The archive is one, as the Earth is. A synthetic world is one whatever stations it has and whenever it ends: more of
    either leaves the rest as it is.

    >>> data_key(ExperimentConfig())
    'archive'
    """
    if config.data.source != "synthetic":
        return config.data.source
    world = options.without_unused(asdict(config.world), WorldConfig)
    del world["end"]
    return f"world {hashlib.sha256(json.dumps(world, sort_keys=True).encode()).hexdigest()[:12]}"


def precursors(source: Source) -> pd.DataFrame:
    """
    The manifest of the bursts that were planted in a synthetic source: event_id, station, start, end (UTC, half-open).

    Empty for real data, and for a world into which nothing was planted.
    """
    stored = isinstance(source, Archive) and (source.folder / "world.json").exists()
    rows = list(world_document.read(source.folder).precursors) if isinstance(source, Archive) and stored else []
    names = ["event_id", "station", "start", "end"]
    table = pd.DataFrame(rows, columns=names).astype({"event_id": "str", "station": "str"})
    return table.assign(**{name: pd.to_datetime(table[name], utc=True) for name in ("start", "end")})


def stored_worlds(data_dir: Path) -> dict[str, Archive]:
    """Every complete synthetic world in the data folder, by name, newest first; of a damaged one only the log tells."""
    worlds, faults = _worlds(data_dir)
    for fault in faults:
        logging.getLogger(__name__).warning("%s", fault)
    return worlds


def damaged_worlds(data_dir: Path) -> list[str]:
    """A sentence for every world that `stored_worlds` leaves out."""
    return _worlds(data_dir)[1]


def _worlds(data_dir: Path) -> tuple[dict[str, Archive], list[str]]:
    folder = data_dir / "worlds"
    complete = [p for p in folder.iterdir() if (p / "world.json").exists()] if folder.is_dir() else []
    complete.sort(key=lambda p: (p / "world.json").stat().st_mtime_ns, reverse=True)
    worlds, faults = {}, []
    for place in complete:
        try:
            world_document.read(place)
            worlds[place.name] = Archive(place)
        except InputError as error:
            faults.append(str(error))
    return worlds, faults
