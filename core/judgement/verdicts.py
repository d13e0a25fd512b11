"""
From the tables of an assessment to the verdict of a run.

The verdict depends on more than the run: on how many runs were tried in this store, on what was frozen before, on
whether the final block was opened. So it is written anew whenever somebody asks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import InputError
from core.evaluation import alarm_series, multiple_testing, resolution, significance
from core.evaluation.multiple_testing import MultipleTesting
from core.judgement import final_block, freeze, refit, verdict
from core.judgement.summary import Summary
from core.judgement.verdict import Verdict
from core.runs import sources
from core.runs.runs import Run, RunStore

Tables = Callable[[str], pd.DataFrame]


@dataclass(frozen=True)
class Judgement:
    """The verdict of a run, and what the number of runs on the same data does to it."""

    verdict: Verdict
    multiple_testing: MultipleTesting


def judge(run: Run, table: Tables, summary: Summary, seed: int, n_shifts: int, data_dir: Path) -> Judgement:
    """
    Note in the journal that a run was judged, and every run that it lacks; and write the verdict.

    Parameters
    ----------
    run : Run
    table : callable
        The tables of the assessment by name: scorecard, significance, null_draws, window_shift, targets, scan.
    summary : Summary
    seed, n_shifts : int
        Those of the shifts that the tables were made with.
    data_dir : Path

    Returns
    -------
    Judgement
    """
    tests = table("significance")
    primary = tests[(tests["test"] == significance.CIRCULAR) & (tests["statistic"] == significance.AREA_SKILL)].iloc[0]
    ranks = significance.ranked(alarm_series.build(table("scan"), run.config))
    shared = multiple_testing.same_draws(
        table("targets"), ranks.first_minute, ranks.n_steps, ranks.step_minutes, seed, n_shifts
    )
    multiple_testing.note_judged(
        data_dir,
        run.run_id,
        run.synthetic,
        float(primary["observed"]),
        float(primary["p"]),
        significance.primary_draws(table("null_draws")),
        shared,
        sources.data_key(run.config),
    )
    count(data_dir)
    return again(run, table, summary, data_dir)


def again(run: Run, table: Tables, summary: Summary, data_dir: Path) -> Judgement:
    """
    The verdict of a run that was judged before, as the store stands now; parameters and result as in `judge`.

    It writes nothing: runs that the journal lacks count all the same.
    """
    data = sources.data_key(run.config)
    tried = multiple_testing.ledger(data_dir, run.run_id, run.synthetic, data, unnoted(data_dir))
    tests = table("significance")
    trained_again = refit.tested(run, data_dir)
    tests = pd.concat([tests, trained_again], ignore_index=True) if len(trained_again) else tests
    room = resolution.of(significance.primary_draws(table("null_draws")), tried.n_runs)
    written = verdict.write(
        summary,
        table("scorecard"),
        tests,
        table("window_shift"),
        run.audit,
        tried,
        run.status,
        freeze.registration(run, data_dir),
        final_block.said(run, data_dir),
        room,
    )
    return Judgement(written, tried)


def count(data_dir: Path) -> None:
    """Write into the journal the runs of `unnoted`; only for what writes anyway."""
    book = multiple_testing.journal(data_dir)
    for line in unnoted(data_dir):
        book.append(line)


def unnoted(data_dir: Path) -> list[dict[str, Any]]:
    """
    The lines that the journal lacks of the runs in the store, oldest run first; nothing is written.

    Such a run was copied here, or trained before there was a journal or before it named the data. A damaged run is
    left out and logged.
    """
    store, lines = RunStore(data_dir), []
    known = multiple_testing.known(multiple_testing.journal(data_dir).entries())
    for run_id in reversed(store.ids()):
        if run_id in known:
            continue
        try:
            run = store.open(run_id)
            auc, low, high = run.pooled[["auc", "auc_low", "auc_high"]]
            data = sources.data_key(run.config)
            lines.append(multiple_testing.trained_line(run_id, run.config.name, run.synthetic, auc, low, high, data))
        except InputError as error:
            logging.getLogger(__name__).warning("%s", error)
    return lines
