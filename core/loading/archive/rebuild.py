"""
The archive made again from the raw store: the same steps, in the same order, with the same learning times.

Equal steps give equal bytes, so a rebuilt archive can be compared with the one there is, file by file. Another
version of pyarrow packs the same values in other bytes.
"""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock, files
from core.errors import InputError
from core.loading.archive import derived_catalogues, table_file
from core.loading.archive.ingest import ingest
from core.loading.archive.journal import ArchiveJournal, Maker, NoJournal, Recipe, Step
from core.loading.archive.store import Store
from core.loading.formats import recognise
from core.loading.formats.events import by_mapping
from core.loading.formats.events.by_mapping import EventMapping
from core.loading.formats.minutes.columns import Mapping

COLUMNS = ("file", "outcome")


@dataclasses.dataclass(frozen=True)
class Job:
    """
    Steps of one time, reader and parameters, the raw bytes they need, and the archive they go to.

    The archive is `whole` if every step before could be taken.
    """

    steps: list[Step]
    journal: ArchiveJournal
    archive: Store
    whole: bool

    @property
    def parameters(self) -> dict[str, Any]:
        return self.steps[0].parameters

    @property
    def time(self) -> pd.Timestamp:
        return pd.Timestamp(self.steps[0].time)

    @property
    def recipe(self) -> Recipe:
        return Recipe(Maker(self.steps[0].reader), self.parameters, answers=self.steps[0].inputs)

    def member(self, reference: str, retrieved: str = "") -> str:
        """
        The reference NAME@DIGEST of a recipe, or NAME@TIME for the same snapshot where its bytes are others by now.

        Another pyarrow packs the same events in other bytes. Then the time of storing tells which snapshot it was
        (`retrieved`); journals of before it was noted mean what was known at the time of the step, if all of that is
        here.
        """
        name, _, digest = reference.partition("@")
        if (self.archive.history(name)["digest"] == digest).any():
            return reference
        at_that_time = f"{name}@{retrieved or self.time.isoformat()}"
        snapshot = self.archive.snapshot(at_that_time)
        same = snapshot.retrieved == pd.Timestamp(retrieved) if retrieved else self.whole
        return at_that_time if same else reference

    @contextmanager
    def files(self) -> Iterator[list[Path]]:
        """
        The files of the steps, with the names that they had, for as long as the block runs.

        Raises InputError if a name is no plain file name, or the bytes are missing or damaged.
        """
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, (name, sha256) in enumerate(each for step in self.steps for each in step.inputs):
                path = files.child(Path(folder, f"{number:06d}"), name, self.journal.path)
                path.parent.mkdir()
                path.write_bytes(self.journal.raw.body(sha256))
                paths.append(path)
            yield paths


def rebuild(
    journal: ArchiveJournal, archive: Store, on_progress: Callable[[int, int], None] | None = None
) -> list[str]:
    """
    Take every step of a journal again, into an empty archive; sentences say what could not be done.

    Parameters
    ----------
    journal : ArchiveJournal
    archive : Store
        An empty one, which is not written down in any journal.
    on_progress : callable, optional
        Called with the number of steps done and of all.
    """
    archive.journal = NoJournal(journal.raw.folder)
    return _take(journal.steps(), journal, archive, on_progress or (lambda done, total: None))


def finish(journal: ArchiveJournal, archive: Store, time: str) -> list[str]:
    """
    Take the steps of one time again, into the archive that a writer left half done; sentences as `rebuild`.

    What it had stored is found unchanged, and the rest gets the learning time that the journal gives it.
    """
    archive.journal = NoJournal(journal.raw.folder)
    steps = journal.steps()
    if steps and not _is_time(time):  # a damaged mark; what was under way is what was noted last
        time = steps[-1].time
    return _take([step for step in steps if step.time == time], journal, archive, lambda done, total: None)


def compare(one: Path, other: Path) -> pd.DataFrame:
    """
    The Parquet files of two archives: the columns file and outcome.

    The outcome is "same" (every byte), "differs", or "missing" (the file is in `one` and not in `other`) or "new" (the
    other way round).
    """
    names = {path.relative_to(folder) for folder in (one, other) for path in folder.glob("*/**/*.parquet")}
    rows = []
    for name in sorted(names):
        mine, theirs = one / name, other / name
        if not mine.exists() or not theirs.exists():
            outcome = "missing" if mine.exists() else "new"
        else:
            outcome = "same" if table_file.digest(mine) == table_file.digest(theirs) else "differs"
        rows.append((str(name), outcome))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _take(
    steps: list[Step], journal: ArchiveJournal, archive: Store, on_progress: Callable[[int, int], None]
) -> list[str]:
    problems: list[str] = []
    done = 0
    for _, group in itertools.groupby(steps, key=lambda step: (step.time, step.reader, repr(step.parameters))):
        members = list(group)
        on_progress(done, len(steps))
        done += len(members)
        name = members[0].reader
        try:
            if name not in set(Maker):
                raise InputError(f"this version knows no {name!r}.")
            READERS[Maker(name)](Job(members, journal, archive, whole=not problems))
        except (InputError, KeyError, TypeError, ValueError) as error:
            problems.append(f"The step of {members[0].time} ({name}) could not be taken: {error}")
    on_progress(len(steps), len(steps))
    return problems


def _minute_files(job: Job) -> None:
    how = job.parameters
    mapping = Mapping(**how["mapping"]) if how["mapping"] else None
    with job.files() as paths:
        report = ingest(
            paths,
            job.archive,
            mapping=mapping,
            station=how["station"],
            average=how["average"],
            rotate=how["rotate"],
            keep=False,
            learned=job.time,
        )
    # Of a zip archive some files may have been refused at first, too; but something must have come.
    if not len(report) or (report["outcome"] == "refused").all():
        raise InputError(" ".join(report["message"]) or "there is no file.")


def _events_file(job: Job) -> None:
    how = job.parameters
    start, end = (_time(how[each]) for each in ("start", "end"))
    with job.files() as [path]:
        mapping = EventMapping(**how["mapping"]) if how.get("mapping") else None
        events = by_mapping.read(path, mapping) if mapping else recognise.read_events(path)
        job.archive.store_events(how["name"], events, path.name, start, end, job.recipe, job.time)


def _added_events(job: Job) -> None:
    with job.files() as [path]:
        derived_catalogues.store_added(job.archive, job.parameters["name"], path, job.recipe, job.time)


def _kp_file(job: Job) -> None:
    with job.files() as [path]:
        job.archive.store_activity(recognise.read_index(path)[1], path.name, job.recipe, job.time)


def _dst_file(job: Job) -> None:
    with job.files() as [path]:
        job.archive.store_dst(recognise.read_index(path)[1], path.name, job.recipe, job.time)


def _merge(job: Job) -> None:
    how = job.parameters
    times = how.get("retrieved") or [""] * len(how["members"])
    members = [job.member(*each) for each in zip(how["members"], times, strict=True)]
    derived_catalogues.store_merged(job.archive, how["name"], members, how["prefer_mw"], job.time)


def _mw_proxies(job: Job) -> None:
    how = job.parameters
    member = job.member(how["member"], how.get("retrieved", ""))
    derived_catalogues.store_converted(job.archive, how["name"], member, job.time)


def _service_minutes(job: Job) -> None:
    from core.loading.record import frame_check
    from core.loading.services import addresses, gin, intermagnet, replay, usgs_geomag

    how = job.parameters
    fetch, service = {
        "hapi": (intermagnet.fetch, addresses.HAPI),
        "gin": (gin.fetch, addresses.GIN),
        "usgs": (usgs_geomag.fetch, addresses.USGS_GEOMAG),
    }[how["service"]]
    period = pd.Timestamp(how["start"]), pd.Timestamp(how["end"])
    fetcher = replay.fetcher(job.journal.raw, job.steps[0].inputs, job.time)
    where = dataclasses.replace(service, base=how["base"])
    chunks = list(fetch(how["station"], *period, how["data_type"], fetcher, where))
    records = [frame_check.checked(chunk.record, how["rotate"]) for chunk in chunks if chunk.record is not None]
    if not records:
        raise InputError(" ".join(chunk.message for chunk in chunks) or "no data.")
    for record in records:
        job.archive.store(record, job.recipe, job.time)


def _service_events(job: Job) -> None:
    from core.loading.services import fdsn, replay

    how = job.parameters
    service = next(each for each in fdsn.SERVICES.values() if each.name == how["service"])
    start, end = pd.Timestamp(how["start"]), pd.Timestamp(how["end"])
    fetcher = replay.fetcher(job.journal.raw, job.steps[0].inputs, job.time)
    where, box = dataclasses.replace(service, base=how["base"]), fdsn.Region(**how["region"])
    events = fdsn.fetch(start, end, how["min_magnitude"], fetcher, where, box)
    job.archive.store_events(how["name"], events, how["origin"], start, end, job.recipe, job.time)


def _service_kp(job: Job) -> None:
    from core.loading.services import addresses, gfz, replay

    how = job.parameters
    where = dataclasses.replace(addresses.KP, base=how["base"])
    fetcher = replay.fetcher(job.journal.raw, job.steps[0].inputs, job.time)
    values = gfz.fetch(pd.Timestamp(how["start"]), pd.Timestamp(how["end"]), fetcher, where, how["definitive"])
    origin = how.get("origin", where.name)  # older steps do not say it
    job.archive.store_activity(values, origin, job.recipe, job.time)


def _is_time(text: str) -> bool:
    try:
        return not pd.isna(pd.Timestamp(text))
    except ValueError:
        return False


def _time(text: str) -> pd.Timestamp | None:
    if not text:
        return None
    return clock.utc(text)


READERS: dict[Maker, Callable[[Job], None]] = {
    Maker.MINUTE_FILE: _minute_files,
    Maker.EVENTS_FILE: _events_file,
    Maker.ADDED_EVENTS: _added_events,
    Maker.KP_FILE: _kp_file,
    Maker.DST_FILE: _dst_file,
    Maker.MERGE: _merge,
    Maker.MW_PROXIES: _mw_proxies,
    Maker.SERVICE_MINUTES: _service_minutes,
    Maker.SERVICE_EVENTS: _service_events,
    Maker.SERVICE_KP: _service_kp,
}
