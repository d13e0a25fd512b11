"""
Tries: who scored which stretch of time, and what a finding pays for it.

As soon as the judged windows of a run are scored, the journal `data/tested.jsonl` gets a line with the stretch, the
stations, the target events and the exact p. The normal scores of that p under the numbered movements and the times of
the target events lie beside it, in `data/tried/`, each file under its SHA-256, which the line names. So a run whose
folder was deleted still counts; and one whose normal scores were deleted costs more, not less.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
from dataclasses import dataclass
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
from core.judgement.plans.stretch import Stretch
from core.loading.record.minute import epoch_minutes
from core.runs import sources
from core.runs.runs import Run

SCORED = "scored"  # the kind of a line of the journal
VERSION = 1  # of such a line
SHOWN = 3  # runs that a sentence names


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
    start: str
    end: str
    p: float
    p_smallest: float
    draws: str
    targets: str
    time: str = ""


@dataclass(frozen=True)
class Family:
    """
    What the runs that scored the same stretch do to the p of one of them.

    n_runs: of the family, this one included, as far as this journal knows them. n_unknown: those of them whose normal
    scores are not there. p, p_smallest: of the run alone. p_family: as one of the family; smallest_p_family: that of
    the best scores that the run's blocks allow. plans: those frozen for the stretch, of a confirmatory run.
    """

    run_id: str
    n_runs: int
    n_unknown: int
    p: float
    p_smallest: float
    p_family: float
    smallest_p_family: float
    plans: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How many tries the p value pays for."""
        if self.plans:
            n = len(self.plans)
            also = "no other plan is" if n == 1 else f"{n - 1} other plan{' is' if n == 2 else 's are'}"
            return f"Frozen before the stretch was scored; {also} frozen for it (Holm): p = {self.p_family:.2g}."
        if self.n_runs == 1:
            return "It is the only run that this journal knows to have scored this stretch."
        unknown = (
            f" (of {self.n_unknown:,} of them the journal does not hold enough; each costs one more p)"
            if self.n_unknown
            else ""
        )
        return (
            f"{self.n_runs:,} runs known to this journal scored this stretch{unknown}: p = {self.p:.2g} becomes "
            f"{self.p_family:.2g} as the best of them."
        )


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
    first = pd.Timestamp(scores.first_minute * 60, unit="s", tz="UTC")
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


@dataclass(frozen=True)
class Record:
    """
    What the journal knows: tries, the newest scoring of each run and split with the time of the first one, in the order
    of these times; and trained, of each run that was ever trained, whether its data are made up and which they are (""
    where an older version did not say it).
    """

    tries: tuple[Try, ...]
    trained: dict[str, tuple[bool, str]]

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
    for line in tested_runs.journal(data_dir).entries():
        if line["kind"] == SCORED:
            again = _try(line, data_dir)
            first = newest.get((again.run_id, again.split), again)
            newest[again.run_id, again.split] = dataclasses.replace(again, time=first.time)
        synthetic, data = trained.get(line["run_id"], (line["synthetic"], ""))
        trained[line["run_id"]] = (synthetic, line.get("data", "") or data)
    return Record(tuple(newest.values()), trained)


def stretch_of(one: Try, data_dir: Path) -> Stretch:
    """The stretch of a try; its events are None where their file is gone or was changed."""
    events = _kept(data_dir, one.targets)
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
    mates = [other for other in record.tries if other.run_id != own.run_id and share_a_stretch(own, other, data_dir)]
    mine = _draws(own, data_dir)
    vectors = [] if mine is None else [_draws(other, data_dir) for other in mates]
    there = [vector for vector in vectors if vector is not None]
    n_older = record.n_unscored(own) + unnoted
    n_unknown = n_older + len(mates) - len(there)
    others = np.array(there) if there else np.empty((0, turned_blocks.N_DRAWS), np.float16)
    vector = np.zeros(turned_blocks.N_DRAWS, np.float16) if mine is None else mine
    return Family(
        run_id=own.run_id,
        n_runs=1 + len({other.run_id for other in mates}) + n_older,
        n_unknown=n_unknown,
        p=own.p,
        p_smallest=own.p_smallest,
        p_family=families.best_of_family(own.p, vector, others, n_unknown),
        smallest_p_family=families.best_of_family(own.p_smallest, vector, others, n_unknown),
    )


def confirmed(own: Try, plans: dict[str, float | None]) -> Family:
    """
    The p of a confirmatory run as one of the plans frozen for the same stretch (Holm).

    Parameters
    ----------
    own : Try
    plans : dict
        The exact p of each plan by its id, own first; None of one that was not opened yet, which counts as 1.
    """
    others = [1.0 if p is None else p for p in list(plans.values())[1:]]
    p, smallest = (float(families.holm(np.array([mine, *others]))[0]) for mine in (own.p, own.p_smallest))
    return Family(own.run_id, len(plans), 0, own.p, own.p_smallest, p, smallest, tuple(plans))


def _try(line: dict[str, Any], data_dir: Path) -> Try:
    path = data_dir / "tested.jsonl"
    typed_documents.version_of(line, VERSION, f"A line of {path}")
    try:
        tried = typed_documents.read(Try, line)
        clock.utc(tried.start), clock.utc(tried.end)
        return tried
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


def _kept(data_dir: Path, digest: str) -> np.ndarray | None:
    """The array with a SHA-256; None if it is missing or is not what the journal names."""
    path = files.child(data_dir / "tried", f"{digest}.npy", data_dir / "tested.jsonl")
    try:
        content = documents.read_stored(path)
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != digest:
        return None
    values: np.ndarray = np.load(io.BytesIO(content), allow_pickle=False)
    return values


def _draws(one: Try, data_dir: Path) -> np.ndarray | None:
    values = _kept(data_dir, one.draws)
    return None if values is None or values.shape != (turned_blocks.N_DRAWS,) else values
