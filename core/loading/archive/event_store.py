"""
The catalogues of the archive: one file each, with the period that it covers, and every earlier snapshot of it.

`events/italy.parquet` is the catalogue as it is now; what it replaced stands in `events/history/italy/`, each file
named after the time it was stored and its digest. A JSON file beside each says where it came from.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock, files
from core.errors import InputError
from core.loading.archive import table_file
from core.loading.catalogue import events as catalogue
from core.loading.catalogue import merge
from core.loading.record.source import Period

COLUMNS = (
    "name",
    "n_events",
    "start",
    "end",
    "min_magnitude",
    "max_magnitude",
    "origin",
    "digest",
    "retrieved",
)

AHEAD = pd.Timedelta(days=1)  # an origin time so far after the time of storing is a mistake of the file

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_DIGEST = re.compile(r"[0-9a-f]{6,64}")
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Snapshot:
    """A catalogue as it was stored at one time: its file, SHA-256, origin, time of storing, and provenance."""

    name: str
    path: Path
    digest: str
    origin: str
    retrieved: pd.Timestamp
    story: dict[str, Any]

    @property
    def label(self) -> str:
        """The name by which a person finds it again: `italy@2026-11-22T18:41:05Z`."""
        return f"{self.name}@{self.retrieved:%Y-%m-%dT%H:%M:%SZ}"

    def read(self) -> tuple[pd.DataFrame, Period]:
        """
        The events, and the period covered: as declared, else from the first event to the last.

        They are those of the digest, also if the catalogue was replaced since. Raises InputError if they are damaged.
        """
        events, facts = table_file.parse(self.path, self._content())
        times = events["origin_time"]
        # Half-open: one microsecond past the last event, and no further, for a list says nothing past its end.
        start = pd.Timestamp(facts["start"]) if facts["start"] else times.min()
        end = pd.Timestamp(facts["end"]) if facts["end"] else times.max() + pd.Timedelta(microseconds=1)
        return catalogue.check(events), (start, end)

    def _content(self) -> bytes:
        kept = (self.path.parent / "history" / self.name).glob(f"*-{self.digest[:12]}.parquet")
        for path in itertools.chain([self.path], kept):  # to where a writer moves what it replaces
            content = table_file.content_of(path)
            if hashlib.sha256(content).hexdigest() == self.digest:
                return content
        raise InputError(f"{self.path}: the file was changed while it was read. `precursor archive check` looks at it.")


class EventStore:
    """Reads and replaces the catalogues in a folder; it takes no lock, which is the archive's part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """The file of a catalogue. Raises InputError if the name is not one."""
        if not _NAME.fullmatch(name):
            raise InputError(f"Catalogue name {name!r}: use at most 60 lower-case letters, digits, - and _.")
        return self.folder / f"{name}.parquet"

    def names(self) -> list[str]:
        """Names of the stored catalogues, sorted."""
        found = self.folder.glob("*.parquet") if self.folder.is_dir() else ()
        return sorted(path.stem for path in found if _NAME.fullmatch(path.stem))

    def chosen(self, name: str) -> list[str]:
        """The catalogue of this name, or all for "". Raises InputError if there is none."""
        names = self.names()
        if not names:
            raise InputError("No earthquake catalogue is stored. `precursor catalogue FILE` stores one.")
        if name and name not in names:
            known = f"Stored: {', '.join(names)}."
            if not _NAME.fullmatch(name):
                raise InputError(f"There is no catalogue {name!r}. {known}")
            raise InputError(
                f"There is no catalogue {name!r}. {known} `precursor catalogue FILE --name {name}` stores one."
            )
        return [name] if name else names

    def store(
        self,
        name: str,
        table: pd.DataFrame,
        story: dict[str, Any],
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        retrieved: pd.Timestamp,
        before_writing: Callable[[], dict[str, Any]] = dict,
    ) -> str:
        """See `Store.store_events`; the table was checked. What the name had before goes to the history."""
        path = self.path(name)
        _check_period(name, table, start, end)
        facts = {"start": _iso(start), "end": _iso(end)}
        story = story | {"notes": list(table.attrs.get("notes", ()))}
        old = table_file.read(path)[0] if path.exists() else None

        def prepare() -> dict[str, Any]:
            more = before_writing()
            if old is not None:
                self._keep(name)
            return more

        if not table_file.write(path, table, facts, story, retrieved, prepare):
            return f"{name}: {catalogue.counted(len(table), 'event')}, all stored already."
        if old is None:
            return f"{name}: {catalogue.counted(len(table), 'event')} stored."
        before, after = set(old["event_id"]), set(table["event_id"])
        return (
            f"{name}: {catalogue.counted(len(table), 'event')} stored in place of {len(old)}; "
            f"{len(after - before)} are new and {len(before - after)} are gone."
        )

    def events(self, name: str, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
        """See `Store.events`."""
        tables = {each.name: each.read()[0] for each in self._at(name, as_of)}
        return (
            merge.merge(tables, merge.by_trust(tables)).events if len(tables) > 1 else catalogue.check(*tables.values())
        )

    def period(self, name: str, as_of: pd.Timestamp | None = None) -> Period:
        """See `Store.events_period`."""
        periods = [each.read()[1] for each in self._at(name, as_of)]
        start, end = max(first for first, _ in periods), min(last for _, last in periods)
        if start >= end:
            raise InputError("The stored catalogues have no time in common. Name the one to use.")
        return start, end

    def snapshots(self, name: str) -> list[Snapshot]:
        """Every snapshot of a catalogue, oldest first; the last one is the catalogue as it is now."""
        path = self.path(name)
        self.chosen(name)
        current, before = _snapshot(name, path), None
        while current != before:  # else a writer has moved it to the history, before or after that was listed
            earlier = [_snapshot(name, each) for each in (self.folder / "history" / name).glob("*.parquet")]
            current, before = _snapshot(name, path), current
        # A program that was killed may have kept what it then did not replace.
        earlier = [each for each in earlier if (each.retrieved, each.digest) != (current.retrieved, current.digest)]
        return [*sorted(earlier, key=lambda each: (each.retrieved, each.path.name)), current]

    def find(self, reference: str) -> Snapshot:
        """
        The snapshot that a name means: `italy` (now), `italy@2026-11-01` (as known then), `italy@1f0c9a` (digest).

        Raises
        ------
        InputError
            If there is none, or a digest fits several.
        """
        name, at, when = reference.partition("@")
        if not name:
            raise InputError(f"{reference!r} names no catalogue; write NAME, NAME@TIME or NAME@DIGEST.")
        snapshots = self.snapshots(name)
        if not at:
            return snapshots[-1]
        fitting = {each.digest: each for each in snapshots if _DIGEST.fullmatch(when) and each.digest.startswith(when)}
        if len(fitting) > 1:
            raise InputError(f"{reference!r} fits {len(fitting)} snapshots; give more of the digest.")
        if fitting:
            return next(iter(fitting.values()))
        try:
            time = clock.utc(when)
        except ValueError:
            raise InputError(
                f"{reference!r}: {when!r} is no time such as 2026-11-01 and no digest of {name}. "
                f"`precursor catalogue history {name}` lists its snapshots."
            ) from None
        return self._at(name, time)[0]

    def table(self) -> pd.DataFrame:
        """See `Store.catalogues`."""
        return _table([self.snapshots(name)[-1] for name in self.names()])

    def history(self, name: str) -> pd.DataFrame:
        """See `Store.history`."""
        return _table(self.snapshots(name))

    def problems(self) -> list[tuple[Path, str]]:
        """Every file of the catalogues that is damaged, with a sentence."""
        found = [*self.folder.glob("*.parquet"), *self.folder.glob("history/*/*.parquet")]
        return [(path, said) for path in sorted(found) if (said := table_file.problem(path))]

    def _at(self, name: str, as_of: pd.Timestamp | None) -> list[Snapshot]:
        chosen = self.chosen(name)
        if as_of is None:
            return [_snapshot(each, self.path(each)) for each in chosen]
        found = []
        for each in chosen:
            snapshots = self.snapshots(each)
            known = [snapshot for snapshot in snapshots if snapshot.retrieved <= as_of]
            if known:
                found.append(known[-1])
            elif name:
                raise InputError(
                    f"Nothing was known of the catalogue {name!r} at {as_of:%Y-%m-%d %H:%M:%S} UTC; "
                    f"its first snapshot is of {snapshots[0].retrieved:%Y-%m-%d %H:%M:%S}."
                )
        if not found:
            raise InputError(f"No catalogue was stored yet at {as_of:%Y-%m-%d %H:%M:%S} UTC.")
        return found

    def _keep(self, name: str) -> None:
        """Copy the catalogue as it is, with its provenance, to the history."""
        current = _snapshot(name, self.path(name))
        kept = self.folder / "history" / name / f"{current.retrieved:{_STAMP}}-{current.digest[:12]}.parquet"
        try:
            files.replace_json(
                kept.with_suffix(".json"),
                current.story | {"retrieved": current.retrieved.isoformat(), "replaces": None},
            )
            files.replace(kept, lambda temporary: _copy(current.path, temporary))
        except OSError as error:
            raise InputError(f"{kept}: cannot be written ({error.strerror}). Nothing was stored.") from error


def _copy(path: Path, to: Path) -> None:
    shutil.copyfile(path, to)


def _snapshot(name: str, path: Path) -> Snapshot:
    digest, story = table_file.identity(path)
    try:
        retrieved = clock.utc(story["retrieved"])
    except (ValueError, TypeError):  # it was stored no later than the file was written
        retrieved = pd.Timestamp(path.stat().st_mtime_ns, unit="ns", tz="UTC")
    return Snapshot(name, path, digest, str(story["origin"]), retrieved.as_unit("us"), story)


def _table(snapshots: list[Snapshot]) -> pd.DataFrame:
    rows = []
    for each in snapshots:
        events, (start, end) = each.read()
        smallest, largest = events["magnitude"].min(), events["magnitude"].max()
        retrieved = each.retrieved.floor("s").isoformat()
        row = (each.name, len(events), start, end, smallest, largest, each.origin, each.digest, retrieved)
        rows.append(dict(zip(COLUMNS, row, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def check_times(name: str, table: pd.DataFrame, now: pd.Timestamp) -> None:
    """Raise InputError if an event is dated later than a day after `now`: then the times of the file are wrong."""
    ahead = table[table["origin_time"] > now + AHEAD]
    if len(ahead):
        row = ahead.iloc[0]
        raise InputError(
            f"Catalogue {name!r}: {len(ahead)} of its events are dated in the future, the first, {row['event_id']}, on "
            f"{row['origin_time']:%Y-%m-%d}. Nothing was stored; correct the times of the file."
        )


def _check_period(name: str, table: pd.DataFrame, start: pd.Timestamp | None, end: pd.Timestamp | None) -> None:
    if table.empty and (start is None or end is None):
        raise InputError(f"Catalogue {name!r} holds no events, and its start and end are not given.")
    for time in (start, end):
        if time is not None and time.tzinfo is None:
            raise InputError(f"Catalogue {name!r}: the time {time} has no time zone; give it in UTC.")
    if start is not None and end is not None and start >= end:
        raise InputError(f"Catalogue {name!r}: its coverage would start at {start} and end at {end}.")
    times = table["origin_time"]
    outside = pd.Series(False, index=table.index)
    if start is not None:
        outside |= times < start
    if end is not None:
        outside |= times >= end
    if outside.any():
        raise InputError(
            f"Catalogue {name!r}: {int(outside.sum())} of its events lie outside the coverage given, the first on "
            f"{times[outside].iloc[0]:%Y-%m-%d}. Correct the start or the end."
        )


def _iso(time: pd.Timestamp | None) -> str | None:
    return None if time is None else time.tz_convert("UTC").isoformat()
