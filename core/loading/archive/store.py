"""What is stored on disk and how it changes: minute data, catalogues and activity; `Archive` is built on it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock
from core.errors import InputError
from core.loading.archive import coverage, event_store, revisions, soundness, table_file
from core.loading.archive.event_store import EventStore, Snapshot
from core.loading.archive.index_store import IndexStore
from core.loading.archive.journal import ArchiveJournal, Recipe
from core.loading.archive.minute_store import MinuteStore, StoreReport
from core.loading.archive.writer import Writer, check_version
from core.loading.catalogue import events as catalogue_table
from core.loading.catalogue import merge
from core.loading.formats.indices import dst
from core.loading.formats.indices import kp as activity_table
from core.loading.record.minute import MinuteRecord
from core.loading.record.source import Period

MOST_LOOKS = 3  # of a check, while a writer is at work
_BUSY = "a writer is at work, so what is looked at changes; nothing can be said of it. Check again when it is done."


class Store:
    """
    A folder with `minute/DUR/2016.parquet`, `events/italy.parquet` and `activity/kp.parquet`, `dst.parquet`.

    What is replaced is never erased: `as_of` asks for what was known at a time. What is stored with a recipe is noted
    in the journal of the folder `raw` beside it, from which `rebuild` makes it again.

    Every write replaces a whole file or nothing; writers wait for each other, readers never do. Real and synthetic
    data are never mixed: the archive of a synthetic world (it has a `world.json`, or `synthetic` is true while it is
    being made) takes only synthetic data, any other archive only real data.
    """

    def __init__(self, folder: Path, synthetic: bool | None = None) -> None:
        self.folder = Path(folder)
        self.journal = ArchiveJournal(self.folder.parent / "raw")
        self._synthetic = synthetic
        self._writer: Writer | None = Writer(self.folder)
        check_version(self.folder)
        self._is_clear = False  # of what killed writers left in the raw store
        self._minutes = MinuteStore(self.folder / "minute")
        self._events = EventStore(self.folder / "events")
        self._indices = IndexStore(self.folder / "activity")

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

    def minute(
        self,
        station: str,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
        as_of: pd.Timestamp | None = None,
    ) -> MinuteRecord:
        """
        Minute data on the full grid of [start, end); minutes without data are NaN.

        Only the months that the period touches are read. The `data_type` of the record is the worst one in it;
        `data_types` gives the numbers. With `as_of`, the values are those that the archive had at that time; without
        start and end the grid is still that of all data of today.

        Raises
        ------
        InputError
            If the station has no data, the period holds no minute, nothing was known then, or a file is damaged (the
            message names it).
        """
        return self._minutes.minute(station, start, end, as_of)

    def revisions(self, station: str) -> pd.DataFrame:
        """Which values were replaced by others, when, and by how much they changed; see `revisions.table`."""
        return revisions.table(self._minutes, station)

    def gaps(
        self,
        station: str,
        min_minutes: int = 1,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """
        Stretches of [start, end) without X, Y or Z, of `min_minutes` or more: start, end (half-open), n_minutes.

        Raises
        ------
        InputError
            As `minute`.
        """
        return coverage.gaps(self._minutes, station, min_minutes, start, end)

    def data_types(
        self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """Number of minutes by data type in [start, end): the columns data_type and n_minutes, best first."""
        types = self._minutes.data_types(station, start, end)
        return pd.DataFrame({"data_type": list(types), "n_minutes": list(types.values())})

    def store(
        self, record: MinuteRecord, recipe: Recipe | None = None, learned: pd.Timestamp | None = None
    ) -> StoreReport:
        """
        Merge a record into the archive, value by value, and say what changed.

        A value of a better data type replaces, one of a worse type never does; of equal types the new value
        stands. A missing value never erases one. Storing the same record again writes nothing.

        Parameters
        ----------
        record : MinuteRecord
        recipe : Recipe, optional
            From what it was made; noted in the journal if anything changes.
        learned : Timestamp, optional
            When the values became known; now by default.

        Raises
        ------
        InputError
            If real and synthetic data would be mixed, the station code is none, a file of the archive is damaged or
            cannot be written, or another writer does not finish.
        """
        result = self.store_many([record], [recipe] if recipe else (), learned)[0]
        if isinstance(result, InputError):
            raise result
        return result

    def store_many(
        self, records: Sequence[MinuteRecord], recipes: Sequence[Recipe] = (), learned: pd.Timestamp | None = None
    ) -> list[StoreReport | InputError]:
        """
        Store many records, in order, rewriting each year file at most once.

        A record that cannot be stored gets its error in place of a report and does not stop the others. `recipes`, if
        given, has one for each record.
        """
        refused = {i: self._mixed(record.data_type == "synthetic", "data") for i, record in enumerate(records)}
        sound = [i for i, error in refused.items() if error is None]
        with self._writing():
            now = learned or clock.now()

            def note(changing: list[int]) -> None:
                self._begin(now)
                self.journal.note([recipes[sound[i]] for i in changing], now)

            stored = self._minutes.merge([records[i] for i in sound], now, note if recipes else None)
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
        recipe: Recipe | None = None,
        learned: pd.Timestamp | None = None,
        merged_from: Sequence[dict[str, str]] = (),
    ) -> str:
        """
        Store a catalogue under a name, in place of the one that had it; a sentence says what changed.

        The one that had the name is kept (`history`).

        Parameters
        ----------
        name : str
            Lower-case letters, digits, - and _.
        events : DataFrame, the events table
        origin : str
            Where it came from: a file name or an address.
        start, end : Timestamp, optional
            The period that the catalogue covers, half-open; by default from its first event to its last.
        recipe, learned : see `store`
        merged_from : sequence of dict, optional
            The members of a merged catalogue, for its provenance.

        Raises
        ------
        InputError
            If the name or the table is unsound, an event lies outside the period or in the future, or real and
            synthetic are mixed.
        """
        table = catalogue_table.check(events)
        self._refuse_mixing(table["source"] == "synthetic", "events")
        with self._writing():
            now = learned or clock.now()
            if not self.synthetic:
                event_store.check_times(name, table, now)
            story: dict[str, Any] = {"origin": origin}
            if merged_from:
                story["merged_from"] = list(merged_from)
            return self._events.store(name, table, story, start, end, now, self._noting(recipe, now))

    def catalogues(self) -> pd.DataFrame:
        """One row per stored catalogue; the columns are `event_store.COLUMNS`."""
        return self._events.table()

    def history(self, catalogue: str) -> pd.DataFrame:
        """One row per snapshot of a catalogue, oldest first; the columns are `event_store.COLUMNS`."""
        return self._events.history(catalogue)

    def snapshot(self, reference: str) -> Snapshot:
        """The snapshot that NAME, NAME@TIME or NAME@DIGEST means; see `event_store.EventStore.find`."""
        return self._events.find(reference)

    def events(self, catalogue: str = "", as_of: pd.Timestamp | None = None) -> pd.DataFrame:
        """
        The events table of a catalogue, sorted by time; "" gives those of all catalogues, each earthquake once.

        Of all, entries of different catalogues that can be the same event are one (`merge.merge`, in the order of
        `merge.by_trust`); `attrs["notes"]` counts them. With `as_of`, the catalogue as it was stored at that time.

        Raises
        ------
        InputError
            If there is, or was, no such catalogue, or none at all.
        """
        return self._events.events(catalogue, as_of)

    def events_period(self, catalogue: str = "", as_of: pd.Timestamp | None = None) -> Period:
        """
        The period a catalogue covers, half-open: as declared when it was stored, else from its first event to its last.

        For "" it is the period that every catalogue covers: outside it the absence of events is somewhere unknown.
        """
        return self._events.period(catalogue, as_of)

    # Activity

    def store_activity(
        self,
        activity: pd.DataFrame,
        origin: str,
        recipe: Recipe | None = None,
        learned: pd.Timestamp | None = None,
    ) -> str:
        """
        Merge Kp and ap into the stored table; a sentence says what changed.

        A definitive value replaces an observed one, and that a preliminary one, never the other way round.
        """
        table = activity_table.check(activity)
        self._refuse_mixing(table["status"] == "synthetic", "Kp")
        return self._store_index("kp", table, origin, recipe, learned)

    def activity(self) -> pd.DataFrame:
        """The activity table (`kp.COLUMNS`), sorted by time; empty if there is none."""
        return activity_table.check(self._indices.read("kp"))

    def store_dst(
        self,
        table: pd.DataFrame,
        origin: str,
        recipe: Recipe | None = None,
        learned: pd.Timestamp | None = None,
    ) -> str:
        """Merge hourly Dst into the stored table, as `store_activity` does; a sentence says what changed."""
        checked = dst.check(table)
        self._refuse_mixing(checked["status"] == "synthetic", "Dst")
        return self._store_index("dst", checked, origin, recipe, learned)

    def dst(self) -> pd.DataFrame:
        """Hourly Dst (`dst.COLUMNS`), sorted by time; empty if there is none."""
        return dst.check(self._indices.read("dst"))

    # Identity of the content

    def digests(self, station_codes: Sequence[str], catalogues: Sequence[str]) -> dict[str, str]:
        """
        SHA-256 of each input, by name: "minute/DUR", "events/italy", "activity/kp".

        Equal content has equal digests, wherever and whenever it was stored. The catalogue "" stands for all; where it
        is several, "events merged" is the digest of the rule that makes one of them.
        """
        result = {}
        for station in station_codes:
            digest = hashlib.sha256()
            for year in self._minutes.years(station):
                digest.update(f"{year} {table_file.digest(self._minutes.path(station, year))}\n".encode())
            result[f"minute/{station}"] = digest.hexdigest()
        for name in dict.fromkeys(name for chosen in catalogues for name in self._events.chosen(chosen)):
            result[f"events/{name}"] = table_file.digest(self._events.path(name))
        if "" in catalogues and len(names := self._events.names()) > 1:
            result["events merged"] = merge.rule_digest(names)
        if self._indices.path("kp").exists():
            result["activity/kp"] = table_file.digest(self._indices.path("kp"))
        return result

    def check(self) -> pd.DataFrame:
        """
        Damaged files of the archive, its history and the raw store: file, problem; see `soundness.table`.

        Nothing is written, no lock taken: a look during which a writer changed something is taken again, and
        after the third one the only row says so.
        """
        for _ in range(MOST_LOOKS):
            before = self.stamp()
            found = soundness.table(self.folder, self.journal)
            if found.empty or self.stamp() == before:
                return found
        return pd.DataFrame([(str(self.folder), _BUSY)], columns=list(found.columns))

    def stamp(self) -> str:
        """A short text that changes when the content changes; cheap, for the caches of pages."""
        digest = hashlib.sha256()
        for path in sorted([*self.folder.glob("*/**/*.parquet"), *self.folder.glob("world.json")]):
            with contextlib.suppress(FileNotFoundError):  # replaced at this very moment
                found = path.stat()
                digest.update(f"{path.relative_to(self.folder)} {found.st_mtime_ns} {found.st_size}\n".encode())
        return digest.hexdigest()[:16]

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Keep other writers out while a block runs. Raises InputError if one does not finish."""
        return self._writing()

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

    def _noting(self, recipe: Recipe | None, now: pd.Timestamp) -> Callable[[], dict[str, Any]]:
        """What to do before a table is written: note the recipe; returns what to add to the provenance."""

        def note() -> dict[str, Any]:
            steps = []
            if recipe:
                self._begin(now)
                steps = self.journal.note([recipe], now)
            return {"raw": [list(each) for step in steps for each in step.inputs]}

        return note

    def _store_index(
        self, name: str, table: pd.DataFrame, origin: str, recipe: Recipe | None, learned: pd.Timestamp | None
    ) -> str:
        with self._writing():
            now = learned or clock.now()
            return self._indices.store(name, table, origin, now, self._noting(recipe, now))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        self.journal.refuse_newer()
        with self._writer.hold(self._finish):
            if not self._is_clear:
                self.journal.raw.clear_leftovers()
                self._is_clear = True
            yield

    def _begin(self, now: pd.Timestamp) -> None:
        if self._writer:
            self._writer.begin(now)

    def _finish(self, time: str) -> None:
        """What to do about the steps of a time that a killed writer noted and did not store: here, nothing."""
