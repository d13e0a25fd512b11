"""
Tries: who scored which stretch of time, and what a finding pays for it.

As soon as the judged windows of a run are scored, the journal `data/tested.jsonl` gets a line with the stretch, the
stations, the target events and the exact p. The normal scores of that p under the numbered movements and the times of
the target events lie beside it, in `data/tried/`, each file under its SHA-256, which the line names. So a run whose
folder was deleted still counts; and one whose normal scores were deleted costs more, not less.

Who scored the same stretch is known by stations and target events. The record of a station stored under another code is
of the family as long as it has one of the earthquakes in common; with other places in the table of stations, or radii
that share none, it is not noticed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import clock, documents, files, typed_documents
from core.errors import InputError
from core.evaluation import tested_runs
from core.evaluation.chance import families, skill, turned_blocks
from core.evaluation.chance.skill import Scores, SkillTest
from core.judgement.journals.family import Family
from core.judgement.plans.stretch import Stretch
from core.loading.record.minute import epoch_minutes
from core.runs import sources
from core.runs.runs import Run
from core.typed_documents import Moment, MomentOrNone, Share

SCORED, ASSESSED = "scored", "assessed"  # kinds of a line of the journal; `noted_numbers` writes the second
VERSION = 1  # of such a line
MOST_HELD = 2048  # arrays of tries that a process remembers, 40 kB each at most
_DIGEST = re.compile(r"[0-9a-f]{64}")
Stamp = tuple[int, int] | None  # time of writing (ns) and size of a file; None without one


@dataclass(frozen=True)
class Try:
    """
    One stretch of time scored by one run.

    data: what the run was made from, see `sources.data_key`. split: the judged one. start, end: the stretch, ISO times,
    UTC. p, p_smallest: of `SkillTest`. draws, targets: SHA-256 of the files in `data/tried/` with the normal scores and
    with the target events. time: when the run first scored this split, whatever it scored again later.
    """

    run_id: str
    name: str
    synthetic: bool
    data: str
    split: str
    stations: tuple[str, ...]
    start: Moment
    end: Moment
    p: Share
    p_smallest: Share
    draws: str
    targets: str
    time: MomentOrNone = ""


def note(data_dir: Path, run: Run, split: str, scores: Scores, targets: pd.DataFrame, outcome: SkillTest) -> Try:
    """
    Write down that a run scored a stretch; the same outcome again adds nothing.

    Parameters
    ----------
    data_dir : Path
    run : Run
    split : str
        The judged one.
    scores : Scores
    targets : DataFrame
        station, origin_time of the target events in the stretch.
    outcome : SkillTest
        Of these scores and targets.

    Returns
    -------
    Try
        As it stands in the journal.
    """
    minutes = np.unique(epoch_minutes(pd.DatetimeIndex(targets["origin_time"]))).astype(np.int64)
    first = clock.of_minute(scores.first_minute)
    own = Try(
        run_id=run.run_id,
        name=run.config.name,
        synthetic=bool(run.synthetic),
        data=sources.data_key(run.config),
        split=split,
        stations=scores.stations,
        start=first.isoformat(),
        end=(first + pd.Timedelta(days=scores.days)).isoformat(),
        p=outcome.p,
        p_smallest=outcome.p_smallest,
        draws=_keep(data_dir, skill.normal_scores(outcome)),
        targets=_keep(data_dir, minutes),
    )
    last = read(data_dir).of(run.run_id, split)
    if last is not None and dataclasses.replace(last, time="") == own:
        return last
    entry = typed_documents.write(own, VERSION)
    del entry["time"]
    tested_runs.journal(data_dir).append({"kind": SCORED, **entry})
    written = read(data_dir).of(run.run_id, split)
    assert written is not None, "what was just written is read"
    return written


@dataclass(frozen=True, eq=False)  # told apart by identity: what was counted by one is remembered with it
class Record:
    """
    What the journal knows: tries, the newest scoring of each run and split with the time of the first one, in the order
    of these times; superseded, scorings that came out otherwise before, each of them a try as well; trained, of each
    run that was ever trained, whether its data are made up and which they are ("" where an older version did not say
    it); times, by `identity`, when equal runs were trained (ISO times, UTC); assessed, by run and split, the digest of
    what was measured when it was judged last.
    """

    tries: tuple[Try, ...]
    trained: dict[str, tuple[bool, str]]
    times: dict[str, tuple[str, ...]] = field(default_factory=dict)
    superseded: tuple[Try, ...] = ()
    assessed: dict[tuple[str, str], str] = field(default_factory=dict)

    def of_draws(self, own: Try) -> list[Try]:
        """The scorings of the same run and split that came out with the same normal scores, whenever that was."""
        same = (own.run_id, own.split, own.draws)
        return [each for each in (*self.tries, *self.superseded) if (each.run_id, each.split, each.draws) == same]

    def times_trained(self, run_id: str) -> tuple[str, ...]:
        """When a run or its equals were trained: the same config on the same data, whatever its name."""
        return self.times.get(identity(run_id), ())

    def of(self, run_id: str, split: str) -> Try | None:
        """The try of a run on a split, or None."""
        return next((one for one in self.tries if one.run_id == run_id and one.split == split), None)

    def n_unscored(self, own: Try) -> int:
        """Other runs trained on the same data of which no scoring is written down: where, is not known."""
        scored = {one.run_id for one in self.tries} | {own.run_id}
        return sum(
            synthetic == own.synthetic and data in ("", own.data)
            for run_id, (synthetic, data) in self.trained.items()
            if run_id not in scored
        )


def read(data_dir: Path) -> Record:
    """
    What the journal of a data folder knows; it is read anew only when it has grown.

    Raises
    ------
    InputError
        If the journal was changed, or holds a line of a newer version.
    """
    try:
        now = (data_dir / "tested.jsonl").stat()
    except OSError:
        return Record((), {})
    return _read(data_dir, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=4)
def _read(data_dir: Path, mtime_ns: int, size: int) -> Record:
    newest: dict[tuple[str, str], Try] = {}
    trained: dict[str, tuple[bool, str]] = {}
    times: dict[str, tuple[str, ...]] = {}
    superseded: list[Try] = []
    assessed: dict[tuple[str, str], str] = {}
    for line in tested_runs.journal(data_dir).entries():
        if line["kind"] == tested_runs.TRAINED:
            equal = identity(line["run_id"])
            times[equal] = (*times.get(equal, ()), line["time"])
        if line["kind"] == SCORED:
            again = _try(line, data_dir)
            before = newest.get((again.run_id, again.split), again)
            if before.draws != again.draws:
                superseded.append(before)
            newest[again.run_id, again.split] = dataclasses.replace(again, time=before.time)
        if line["kind"] == ASSESSED:
            assessed[line["run_id"], str(line.get("split"))] = str(line.get("sha256"))
        synthetic, data = trained.get(line["run_id"], (line["synthetic"], ""))
        trained[line["run_id"]] = (synthetic, line.get("data", "") or data)
    return Record(tuple(newest.values()), trained, times, tuple(superseded), assessed)


def identity(run_id: str) -> str:
    """
    What equal runs have in common, of an id.

    >>> identity("my-own-name-0a1b2c3d")
    '0a1b2c3d'
    """
    return run_id.rsplit("-", 1)[-1]


def stretch_of(one: Try, data_dir: Path) -> Stretch:
    """The stretch of a try; its events are None where their file is gone or was changed."""
    path = _path(data_dir, one.targets)
    return _stretch(one, path, _stamp(path))


@lru_cache(maxsize=MOST_HELD)
def _stretch(one: Try, path: Path, stamp: Stamp) -> Stretch:
    events = _array(path, stamp)
    minutes = None if events is None else tuple(events.tolist())
    return Stretch(one.synthetic, one.data, one.split, one.stations, one.start, one.end, minutes)


def share_a_stretch(one: Try, other: Try, data_dir: Path) -> bool:
    """
    True if two tries scored a day in common, at a station in common or for a target event in common.

    Of made-up data only in the same world. Where the target events of one are not there any more, they count as shared.
    """
    return stretch_of(one, data_dir).shares(stretch_of(other, data_dir))


def family(own: Try, record: Record, unnoted: int, data_dir: Path) -> Family:
    """
    The p of an exploratory run as one of all runs that scored the same stretch.

    Parameters
    ----------
    own : Try
    record : Record
    unnoted : int
        Runs in the store on the same data that the journal does not know at all.
    data_dir : Path
    """
    others = _others(own, record, data_dir, _stamps(data_dir))
    mine, n_older = _draws(own, data_dir), record.n_unscored(own) + unnoted
    # Where its own scores are gone it cannot be compared, and each of the others costs one more p.
    n_unknown = n_older + (others.n_tries if mine is None else others.n_lacking)
    top = np.empty((0, turned_blocks.N_DRAWS)) if mine is None or others.top is None else others.top
    vector = np.zeros(turned_blocks.N_DRAWS) if mine is None else mine
    return Family(
        run_id=own.run_id,
        n_runs=1 + others.n_runs + n_older,
        n_unknown=n_unknown,
        p=own.p,
        p_smallest=own.p_smallest,
        p_family=families.best_of_family(own.p, vector, top, n_unknown),
        smallest_p_family=families.best_of_family(own.p_smallest, vector, top, n_unknown),
        n_again=others.n_again,
    )


@dataclass(frozen=True)
class _Others:
    """
    The other tries of a stretch, by how many runs, n_again of them superseded. top: the largest of their normal scores
    under each movement, of those that are there; None if none is. n_lacking: those that are not.
    """

    n_tries: int
    n_runs: int
    n_again: int
    n_lacking: int
    top: np.ndarray | None


@lru_cache(maxsize=16)
def _others(own: Try, record: Record, data_dir: Path, stamps: frozenset[tuple[str, Stamp]]) -> _Others:
    """The tries that share a stretch with one, as long as journal and files (`stamps`) are what they were."""
    mates = [other for other in record.tries if other.run_id != own.run_id and share_a_stretch(own, other, data_dir)]
    again = [other for other in record.superseded if other.draws != own.draws and share_a_stretch(own, other, data_dir)]
    n_runs = len({other.run_id for other in mates})
    mates += again
    top, n_there = None, 0
    for other in mates:
        vector = _draws(other, data_dir)
        if vector is not None:
            top, n_there = vector if top is None else np.maximum(top, vector), n_there + 1
    return _Others(len(mates), n_runs, len(again), len(mates) - n_there, top)


def confirmed(own: Try, plans: dict[str, float | None], n_unknown: int = 0) -> Family:
    """
    The p of a confirmatory run as one of the plans frozen for the same stretch (Holm).

    Parameters
    ----------
    own : Try
    plans : dict
        The exact p of each plan by its id, own first; None of one that was not opened yet, which counts as 1.
    n_unknown : int
        Runs that may have scored the stretch before its plan was frozen; each counts as a plan that was not opened.
    """
    others = [1.0 if p is None else p for p in list(plans.values())[1:]] + [1.0] * n_unknown
    p, smallest = (float(families.holm(np.array([mine, *others]))[0]) for mine in (own.p, own.p_smallest))
    return Family(own.run_id, len(plans), n_unknown, own.p, own.p_smallest, p, smallest, tuple(plans))


def _try(line: dict[str, Any], data_dir: Path) -> Try:
    path = data_dir / "tested.jsonl"
    typed_documents.version_of(line, VERSION, f"A line of {path}")
    try:
        return typed_documents.read(Try, line)
    except ValueError as error:
        raise InputError(f"{path} holds a line that is no try ({error}). Restore the file from a copy.") from None


def _keep(data_dir: Path, values: np.ndarray) -> str:
    """Write an array into `data/tried/` under its SHA-256, and give that."""
    digest, content = packed(values)
    path = data_dir / "tried" / f"{digest}.npy"
    if not path.exists():
        files.replace_bytes(path, content)
    return digest


def packed(values: np.ndarray) -> tuple[str, bytes]:
    """The SHA-256 and the content of the file that an array is kept in."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return hashlib.sha256(buffer.getvalue()).hexdigest(), buffer.getvalue()


def _path(data_dir: Path, digest: str) -> Path:
    """Where the array with a SHA-256 is kept; the journal could name anything."""
    if _DIGEST.fullmatch(digest):
        return data_dir / "tried" / f"{digest}.npy"
    return files.child(data_dir / "tried", f"{digest}.npy", data_dir / "tested.jsonl")


def _stamp(path: Path) -> Stamp:
    """What tells that a file was written anew; None if it is missing."""
    try:
        return _stamp_of(os.stat(path))
    except OSError:
        return None


def _stamp_of(now: os.stat_result) -> Stamp:
    return now.st_mtime_ns, now.st_size


def _stamps(data_dir: Path) -> frozenset[tuple[str, Stamp]]:
    """The stamps of all files in `data/tried/`."""
    try:
        with os.scandir(data_dir / "tried") as folder:
            return frozenset((each.name, _stamp_of(each.stat())) for each in folder)
    except OSError:
        return frozenset()


@lru_cache(maxsize=MOST_HELD)
def _array(path: Path, stamp: Stamp) -> np.ndarray | None:
    """The array of a file; None if it is missing or is not what its name, a SHA-256, says."""
    try:
        content = documents.read_stored(path)
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != path.stem:
        return None
    values: np.ndarray = np.load(io.BytesIO(content), allow_pickle=False)
    if values.dtype == np.float16:
        values = values.astype(np.float32)  # the same numbers, which processors compare a dozen times faster
    values.flags.writeable = False
    return values


def _draws(one: Try, data_dir: Path) -> np.ndarray | None:
    """The normal scores of a try, float32; None if they are not there."""
    path = _path(data_dir, one.draws)
    values = _array(path, _stamp(path))
    return None if values is None or values.shape != (turned_blocks.N_DRAWS,) else values
