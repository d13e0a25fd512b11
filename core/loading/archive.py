"""The archive: minute data, catalogues and activity on disk; what `source.Source` is for real data."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import filelock
import pandas as pd

from core.errors import InputError
from core.loading import activity as activity_table
from core.loading import catalogue as catalogue_table
from core.loading import coverage, dst, table_file
from core.loading.event_store import EventStore
from core.loading.minute import MinuteRecord
from core.loading.minute_store import MinuteStore, StoreReport
from core.loading.source import Period

LOCK_SECONDS = 60.0  # how long a writer waits for another one

# Which value stands where two files give the same hours; of equal rank, the new one does.
RANKS = {"preliminary": 0, "quick look": 0, "observed": 1, "provisional": 1, "definitive": 2, "final": 2}


class Archive:
    """
    A folder with `minute/DUR/2016.parquet`, `events/italy.parquet` and `activity/kp.parquet`, `dst.parquet`.

    Every write replaces a whole file or nothing; writers wait for each other, readers never do. Real and synthetic
    data are never mixed: the archive of a synthetic world (it has a `world.json`, or `synthetic` is true while it is
    being made) takes only synthetic data, any other archive only real data.
    """

    def __init__(self, folder: Path, synthetic: bool | None = None) -> None:
        self.folder = Path(folder)
        self._synthetic = synthetic
        self._minutes = MinuteStore(self.folder / "minute")
        self._events = EventStore(self.folder / "events")

    @property
    def synthetic(self) -> bool:
        """True if this is a stored synthetic world."""
        return (self.folder / "world.json").exists() if self._synthetic is None else self._synthetic

    # Minute data

    def stations(self) -> list[str]:
        """Codes of the stations that have minute data, sorted."""
        return self._minutes.stations()

    def period(self, station: str) -> Period | None:
        """First minute with a value, and one past the last, of a station; None if it has no data."""
        return self._minutes.period(station)

    def minute(self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> MinuteRecord:
        """
        Minute data on the full grid of [start, end); minutes without data are NaN.

        Only the months that the period touches are read. The `data_type` of the record is the worst one in it;
        `data_types` gives the numbers.

        Raises
        ------
        InputError
            If the station has no data, the period holds no minute, or a file is damaged (the message names it).
        """
        return self._minutes.minute(station, start, end)

    def data_types(
        self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """Number of minutes by data type in [start, end): the columns data_type and n_minutes, best first."""
        types = self._minutes.data_types(station, start, end)
        return pd.DataFrame({"data_type": list(types), "n_minutes": list(types.values())})

    def store(self, record: MinuteRecord) -> StoreReport:
        """
        Merge a record into the archive, value by value, and say what changed.

        A value of a better data type replaces, one of a worse type never does; of equal types the new value
        stands. A missing value never erases one. Storing the same record again writes nothing.

        Raises
        ------
        InputError
            If real and synthetic data would be mixed, the station code is none, a file of the archive is damaged or
            cannot be written, or another writer does not finish.
        """
        result = self.store_many([record])[0]
        if isinstance(result, InputError):
            raise result
        return result

    def store_many(self, records: Sequence[MinuteRecord]) -> list[StoreReport | InputError]:
        """
        Store many records, in order, rewriting each year file at most once.

        A record that cannot be stored gets its error in place of a report and does not stop the others.
        """
        refused = {i: self._mixed(record.data_type == "synthetic", "data") for i, record in enumerate(records)}
        sound = [i for i, error in refused.items() if error is None]
        with self._writing():
            stored = self._minutes.merge([records[i] for i in sound])
        results: dict[int, StoreReport | InputError] = dict(zip(sound, stored, strict=True))
        results |= {i: error for i, error in refused.items() if error is not None}
        return [results[i] for i in range(len(records))]

    def coverage(self) -> pd.DataFrame:
        """Completeness by station and year; see `coverage.table`."""
        store = self._minutes
        return coverage.table(store.summary(code, year) for code in store.stations() for year in store.years(code))

    # Earthquakes

    def store_events(
        self,
        name: str,
        events: pd.DataFrame,
        origin: str,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
    ) -> str:
        """
        Store a catalogue under a name, in place of the one that had it; a sentence says what changed.

        Parameters
        ----------
        name : str
            Lower-case letters, digits, - and _.
        events : DataFrame, the events table
        origin : str
            Where it came from: a file name or an address.
        start, end : Timestamp, optional
            The period that the catalogue covers, half-open; by default from its first event to its last.

        Raises
        ------
        InputError
            If the name or the table is unsound, an event lies outside the period, or real and synthetic are mixed.
        """
        table = catalogue_table.check(events)
        self._refuse_mixing(table["source"] == "synthetic", "events")
        with self._writing():
            return self._events.store(name, table, origin, start, end)

    def catalogues(self) -> pd.DataFrame:
        """One row per stored catalogue; the columns are `event_store.COLUMNS`."""
        return self._events.table()

    def events(self, catalogue: str = "") -> pd.DataFrame:
        """
        The events table of a catalogue, sorted by time; "" merges all (see `catalogue.merge`).

        Raises
        ------
        InputError
            If there is no such catalogue, or none at all.
        """
        return self._events.events(catalogue)

    def events_period(self, catalogue: str = "") -> Period:
        """
        The period a catalogue covers, half-open: as declared when it was stored, else from its first event to its last.

        For "" it is the period that every catalogue covers: outside it the absence of events is somewhere unknown.
        """
        return self._events.period(catalogue)

    # Activity

    def store_activity(self, activity: pd.DataFrame, origin: str) -> str:
        """
        Merge Kp and ap into the stored table; a sentence says what changed.

        A definitive value replaces an observed one, and that a preliminary one, never the other way round.
        """
        table = activity_table.check(activity)
        self._refuse_mixing(table["status"] == "synthetic", "Kp")
        return self._store_index("kp", table, origin)

    def activity(self) -> pd.DataFrame:
        """The activity table (`activity.COLUMNS`), sorted by time; empty if there is none."""
        return activity_table.check(self._index("kp"))

    def store_dst(self, table: pd.DataFrame, origin: str) -> str:
        """Merge hourly Dst into the stored table, as `store_activity` does; a sentence says what changed."""
        checked = dst.check(table)
        self._refuse_mixing(checked["status"] == "synthetic", "Dst")
        return self._store_index("dst", checked, origin)

    def dst(self) -> pd.DataFrame:
        """Hourly Dst (`dst.COLUMNS`), sorted by time; empty if there is none."""
        return dst.check(self._index("dst"))

    # Identity of the content

    def digests(self, station_codes: Sequence[str], catalogues: Sequence[str]) -> dict[str, str]:
        """
        SHA-256 of each input, by name: "minute/DUR", "events/italy", "activity/kp".

        Equal content has equal digests, wherever and whenever it was stored. The catalogue "" stands for all.
        """
        result = {}
        for station in station_codes:
            digest = hashlib.sha256()
            for year in self._minutes.years(station):
                digest.update(f"{year} {table_file.digest(self._minutes.path(station, year))}\n".encode())
            result[f"minute/{station}"] = digest.hexdigest()
        for name in dict.fromkeys(name for chosen in catalogues for name in self._events.chosen(chosen)):
            result[f"events/{name}"] = table_file.digest(self._events.path(name))
        if self._index_path("kp").exists():
            result["activity/kp"] = table_file.digest(self._index_path("kp"))
        return result

    def stamp(self) -> str:
        """A short text that changes when the content changes; cheap, for the caches of pages."""
        digest = hashlib.sha256()
        for path in sorted([*self.folder.glob("*/**/*.parquet"), *self.folder.glob("world.json")]):
            with contextlib.suppress(FileNotFoundError):  # replaced at this very moment
                found = path.stat()
                digest.update(f"{path.relative_to(self.folder)} {found.st_mtime_ns} {found.st_size}\n".encode())
        return digest.hexdigest()[:16]

    # Parts

    def _refuse_mixing(self, is_synthetic: pd.Series, what: str) -> None:
        for kind in is_synthetic.unique():
            if (error := self._mixed(bool(kind), what)) is not None:
                raise error

    def _mixed(self, is_synthetic: bool, what: str) -> InputError | None:
        if is_synthetic == self.synthetic:
            return None
        mine, theirs = ("synthetic", "real") if self.synthetic else ("real", "synthetic")
        return InputError(
            f"The archive {self.folder} holds {mine} data and takes no {theirs} {what}; nothing was stored."
        )

    def _index_path(self, name: str) -> Path:
        return self.folder / "activity" / f"{name}.parquet"

    def _index(self, name: str) -> pd.DataFrame:
        path = self._index_path(name)
        if path.exists():
            return table_file.read(path)[0]
        columns = activity_table.COLUMNS if name == "kp" else dst.COLUMNS
        empty = pd.DataFrame({column: pd.Series(dtype="float64") for column in columns})
        return empty.assign(time=pd.DatetimeIndex([], tz="UTC"), status=pd.Series(dtype="str"))

    def _store_index(self, name: str, table: pd.DataFrame, origin: str) -> str:
        with self._writing():
            old = self._index(name).assign(is_new=False)
            both = pd.concat([old, table.assign(is_new=True)], ignore_index=True)
            both["rank"] = both["status"].map(RANKS).fillna(1)
            # The last of each time stands: the better one, and of equal rank the new one.
            both = both.sort_values(["time", "rank", "is_new"], kind="stable")
            merged = both.drop_duplicates("time", keep="last").drop(columns=["rank", "is_new"])
            merged = merged.reset_index(drop=True)
            notes = list(table.attrs.get("notes", ()))
            path = self._index_path(name)
            if not table_file.write(path, merged, {}, {"origin": origin, "notes": notes}):
                return f"{name}: all {len(table)} values are stored already, or better ones are."
        value = table.columns[1]
        both = merged.merge(old, on="time", suffixes=("", "_old"))
        n_changed = int(((both[value] != both[f"{value}_old"]) | (both["status"] != both["status_old"])).sum())
        n_new = len(merged) - len(old)
        return f"{name}: {n_new} values added, {n_changed} changed; {len(merged)} are stored."

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        # The lock belongs to the process that holds the open file: it cannot outlive a process that was killed.
        owner = self.folder / ".writer"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.folder / ".lock", timeout=LOCK_SECONDS)
            with lock:
                owner.write_text(f"process {os.getpid()}, since {pd.Timestamp.now('UTC'):%Y-%m-%d %H:%M:%S} UTC")
                try:
                    yield
                finally:
                    owner.unlink(missing_ok=True)
        except filelock.Timeout:
            who = owner.read_text() if owner.exists() else "unknown"
            raise InputError(
                f"The archive {self.folder} is busy: another writer holds it ({who}). Try again when it is done."
            ) from None
        except OSError as error:
            raise InputError(f"The archive {self.folder} cannot be written: {error.strerror}.") from error
