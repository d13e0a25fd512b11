"""Verbs that train many runs: sweep, search."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import pandas as pd
import typer

from core.cli.app import Data, Json, app, folder, watched
from core.cli.run_verbs import beside, interval, show_run
from core.cli.terminal.console import say, warn
from core.cli.terminal.tables import show
from core.reporting import sentences
from core.studies import vary
from core.studies.workers import Engine

PlanFile = Annotated[
    str,
    typer.Argument(
        metavar="CONFIG",
        help="A TOML file with \\[vary], or the name of one in data/experiments/sweeps, such as paper-optimisers.",
    ),
]
Workers = Annotated[int, typer.Option(help="Processes at a time; 0 = one for each core.", min=0)]
Scheduler = Annotated[str, typer.Option(metavar="ADDRESS", help="Of a Dask scheduler that is running.")]
Cluster = Annotated[str, typer.Option(help="Start a Dask cluster: local, slurm or kubernetes.")]
# In a help text, "\\[" is a bracket; what stands in a bare one is style to rich, and is not printed.


@app.command()
def sweep(
    config: PlanFile,
    workers: Workers = 0,
    scheduler: Scheduler = "",
    cluster: Cluster = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Train every combination of the options listed under \\[vary], each as a run of its own.

    A CONFIG of six runs, two learning rates with three seeds each:

    base = "demo-honest"
    \\[vary]
    training.learning_rate = \\[0.001, 0.0001]
    \\[sweep]
    seeds = 3

    Worker processes train one run at a time, on one thread each. What is
    finished is skipped, what was stopped goes on, what failed is kept with its
    reason, and a worker that dies is replaced. Workers of Dask (--scheduler, --cluster) need the extra `dask`.
    """
    from core.studies import sweep as sweeps

    plan = vary.load(config, folder())
    with watched() as progress:
        made = sweeps.run(plan, folder(), progress, engine(workers, scheduler, cluster))
    if json:
        show(made.runs.assign(sweep_id=made.sweep_id), True)
        return
    runs, rows = made.runs, _rows(made.runs)
    shown = pd.DataFrame(
        {
            "run": runs["run_id"],
            **_short(runs[made.varied]),
            "state": runs["state"],
            "judged_on": runs["scored_split"].fillna("-"),
            "AUC [95 %]": [interval(row) for row in rows],
            "validation_auc": runs["validation_auc"],
            "accuracy (majority)": [beside(row.accuracy, row.majority_share) for row in rows],
        }
    )
    show(shown, False, title=f"Sweep {made.sweep_id}")
    settings = made.settings()
    if len(settings) < len(runs):
        show(_short(settings), False, title="\nSeeds together: mean, lowest and highest AUC")
    say("", *made.sentences(folder()), *sentences.made_up(made.synthetic))
    warn(*(f"{row.run_id}: {row.error}" for row in rows if row.state == "failed"))
    if (runs["state"] == "failed").any():
        raise typer.Exit(1)


@app.command()
def search(
    config: PlanFile,
    n: Annotated[
        int | None, typer.Option(help="Trials in all, instead of the file's; more go on with the same search.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Trials at a time. Only with 1 is a search repeatable.", min=1)] = 1,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Look for the best of what is listed or ranged under \\[vary], on the validation windows.

    Each trial learns from those before it (Optuna's TPE), and one that falls
    behind is stopped early. No trial sees the test windows: the best becomes a
    run, and only that is tested. Needs the extra `search`. A range is written
    as training.learning_rate = { low = 1e-5, high = 1e-2, log = true }.
    """
    from core.studies import search as searches

    plan = vary.load(config, folder())
    if n is not None:
        plan = dataclasses.replace(plan, search=dataclasses.replace(plan.search, n=n))
    with watched() as progress:
        made = searches.run(plan, folder(), progress, workers)
    if json:
        show(made.trials.assign(search_id=made.search_id, run_id=made.winner.run_id), True)
        return
    trials = _short(made.trials.rename(columns={"epochs": "epochs_trained"}))
    show(trials, False, title=f"Search {made.search_id}")
    say("", *made.sentences, "")
    show_run(made.winner.run_id)


def _short(table: pd.DataFrame) -> pd.DataFrame:
    """The table with options as column names where that names one column only, else with "section.option"."""
    options = [str(name).rpartition(".")[2] for name in table.columns]
    return table.set_axis(
        [option if options.count(option) == 1 else name for name, option in zip(table.columns, options, strict=True)],
        axis="columns",
    )


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def engine(workers: int, scheduler: str, kind: str) -> Engine:
    """Who does the work: processes on this machine, or a cluster where one is named."""
    from core.studies import cluster
    from core.studies.workers import Local

    if scheduler or kind:
        return cluster.Cluster(scheduler, kind, workers)
    return Local(workers)
