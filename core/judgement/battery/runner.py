"""
Run the battery: numbered worlds of each row, in worker processes, row by row.

World number i of a row is the same whoever makes it and however many workers there are. A row that misses its bar is
played once more with the worlds that follow, and both rounds count together. What is complete is written at once, and
a row that is there already, made by the same code with as many worlds, is not run again.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor

import numpy as np

from core import clock
from core.errors import InputError
from core.evaluation import one_thread
from core.judgement.battery import results
from core.judgement.battery.results import Battery, Round, RowResult, RowState
from core.judgement.battery.row import QUICK, Measure, Row, judged
from core.judgement.battery.rows import ROWS
from core.judgement.battery.trial import Trial
from core.progress import Cancelled, Progress
from core.runs import environment

N_WORKERS = 2
CHUNK = 5  # worlds that a worker plays before it answers

Keep = Callable[[Battery], None]


def chosen(names: Sequence[str], quick: bool = False) -> tuple[Row, ...]:
    """
    The rows of these names (all without one), of the quick form if asked.

    Raises
    ------
    InputError
        If there is no row of a name.
    """
    by_name = {row.name: row for row in ROWS}
    strange = [name for name in names if name not in by_name]
    if strange:
        raise InputError(f"There is no row {strange[0]!r} in the battery. Give one of: {', '.join(by_name)}.")
    rows_asked = tuple(by_name[name] for name in names) if names else ROWS
    return tuple(row for row in rows_asked if row.quick or not quick)


def run(
    asked: Sequence[Row],
    before: Battery,
    keep: Keep,
    progress: Progress | None = None,
    quick: bool = False,
    n_worlds: int = 0,
    n_workers: int = N_WORKERS,
) -> Battery:
    """
    Play rows.

    Parameters
    ----------
    asked : sequence of Row
        Those that cannot be played yet are passed over.
    before : Battery
        What is there already.
    keep : callable
        Given what is there after each row that was played.
    progress : Progress, optional
    quick : bool
        The quick form: `QUICK` worlds, one round.
    n_worlds : int
        Instead of each row's own number; 0 = its own.
    n_workers : int
        Processes; 0 = none but this one.

    Returns
    -------
    Battery
        `before` with the rows that were played.

    Raises
    ------
    Cancelled
        If `progress.should_stop()` became true; what is complete was given to `keep`.
    """
    progress, code = progress or Progress(), environment.code_digest()
    playable = [row for row in asked if row.world is not None]
    with _workers(n_workers) as pool:
        for row in playable:
            n = n_worlds or (QUICK if quick else row.n)
            there = before.of(row.name)
            if there is not None and there.code == code and there.rounds and there.rounds[0].n == n:
                continue
            before = before.with_row(_played(row, n, quick, code, pool, progress))
            keep(before)
    return before


def play(row: Row, first: int, n: int) -> list[Trial]:
    """Worlds first to first + n - 1 of a row, each with numbers of its own."""
    assert row.world is not None
    seed = zlib.crc32(row.name.encode())
    return [judged(row.world, np.random.default_rng([seed, number])) for number in range(first, first + n)]


def counted(row: Row, first: int, trials: Sequence[Trial]) -> Round:
    """
    What a row counts among trials.

    The true skill of a real precursor is the mean over these worlds: it is part of how they are made, and nobody knows
    it better.
    """
    if row.measure in (Measure.FOOLED, Measure.SEEN, Measure.LIMIT):
        hits = [each.claimed for each in trials]
    else:
        skills = [each.skill for each in trials if each.skill is not None]
        middle = float(np.mean(skills)) if skills else 0.5
        hits = [_covers(each, row.measure, middle) for each in trials if each.skill is not None]
    return Round(first, len(hits), sum(hits), dict(Counter(each.kind.value for each in trials)))


def _covers(each: Trial, measure: Measure, true_skill: float) -> bool:
    if each.skill is None or each.band is None or each.interval is None:
        return False
    if measure == Measure.BAND:
        return each.band[0] <= each.skill <= each.band[1]
    return each.interval[0] <= true_skill <= each.interval[1]


def _played(row: Row, n: int, quick: bool, code: str, pool: Executor | None, progress: Progress) -> RowResult:
    result = RowResult(row.name, (), code, "")
    for first in (0, n):
        part = counted(row, first, list(_trials(row, first, n, pool, progress)))
        result = RowResult(row.name, (*result.rounds, part), code, clock.stamp())
        if quick or results.state(row, result) != RowState.RED:
            break
    return result


def _trials(row: Row, first: int, n: int, pool: Executor | None, progress: Progress) -> Iterator[Trial]:
    again = " (once more)" if first else ""
    parts = [(begin, min(CHUNK, first + n - begin)) for begin in range(first, first + n, CHUNK)]
    answers = (
        (play(row, *part) for part in parts)
        if pool is None
        else pool.map(play, itertools.repeat(row), *zip(*parts, strict=True))
    )
    done = 0
    for trials in answers:
        if progress.should_stop():
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)
            raise Cancelled("The battery was stopped; the rows that were complete are kept.")
        done += len(trials)
        progress.stage(f"{row.title}{again}", done, n)
        yield from trials


def _workers(n_workers: int) -> contextlib.AbstractContextManager[Executor | None]:
    if not n_workers:
        return contextlib.nullcontext()
    # A process that begins anew and loads its libraries after `set_up`; a copy of this one would have them loaded.
    anew = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(n_workers, mp_context=anew, initializer=one_thread.set_up)
