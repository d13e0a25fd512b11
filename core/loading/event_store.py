"""The catalogues of the archive: one file each, with the period that it covers."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading import catalogue, table_file
from core.loading.source import Period

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

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


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
        files = self.folder.glob("*.parquet") if self.folder.is_dir() else ()
        return sorted(path.stem for path in files if _NAME.fullmatch(path.stem))

    def chosen(self, name: str) -> list[str]:
        """The catalogue of this name, or all for "". Raises InputError if there is none."""
        names = self.names()
        if not names:
            raise InputError("No earthquake catalogue is stored. `precursor catalogue FILE` stores one.")
        if name and name not in names:
            raise InputError(f"There is no catalogue {name!r}. Stored: {', '.join(names)}.")
        return [name] if name else names

    def store(
        self, name: str, table: pd.DataFrame, origin: str, start: pd.Timestamp | None, end: pd.Timestamp | None
    ) -> str:
        """See `Archive.store_events`; the table was checked."""
        path = self.path(name)
        _check_period(name, table, start, end)
        facts = {"start": _iso(start), "end": _iso(end)}
        notes = list(table.attrs.get("notes", ()))
        old = table_file.read(path)[0] if path.exists() else None
        if not table_file.write(path, table, facts, {"origin": origin, "notes": notes}):
            return f"{name}: {len(table)} events, all stored already."
        if old is None:
            return f"{name}: {len(table)} events stored."
        before, after = set(old["event_id"]), set(table["event_id"])
        return (
            f"{name}: {len(table)} events stored in place of {len(old)}; "
            f"{len(after - before)} are new and {len(before - after)} are gone."
        )

    def events(self, name: str) -> pd.DataFrame:
        """See `Archive.events`."""
        tables = {name: table_file.read(self.path(name))[0] for name in self.chosen(name)}
        return catalogue.merge(tables) if len(tables) > 1 else catalogue.check(*tables.values())

    def period(self, name: str) -> Period:
        """See `Archive.events_period`."""
        starts, ends = [], []
        for each in self.chosen(name):
            events, facts = table_file.read(self.path(each))
            times = events["origin_time"]
            # Half-open: one microsecond past the last event, and no further, for a list says nothing past its end.
            starts.append(pd.Timestamp(facts["start"]) if facts["start"] else times.min())
            ends.append(pd.Timestamp(facts["end"]) if facts["end"] else times.max() + pd.Timedelta(microseconds=1))
        if max(starts) >= min(ends):
            raise InputError("The stored catalogues have no time in common. Name the one to use.")
        return max(starts), min(ends)

    def table(self) -> pd.DataFrame:
        """See `Archive.catalogues`."""
        rows = []
        for name in self.names():
            events, (start, end) = self.events(name), self.period(name)
            smallest, largest = events["magnitude"].min(), events["magnitude"].max()
            known = table_file.provenance(self.path(name))
            digest = table_file.digest(self.path(name))
            row = (name, len(events), start, end, smallest, largest, known["origin"], digest, known["retrieved"])
            rows.append(dict(zip(COLUMNS, row, strict=True)))
        return pd.DataFrame(rows, columns=list(COLUMNS))


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
