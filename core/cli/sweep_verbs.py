"""Verbs that train many runs: sweep, search."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import typer

from core.cli.app import Data, Json, app, folder, say, show, warn, watched
from core.cli.run_verbs import beside, interval
from core.experiments import vary
from core.experiments.workers import Engine

PlanFile = Annotated[
    str,
    typer.Argument(
        metavar="CONFIG",
        help="A TOML file with [vary], or the name of one in data/experiments/sweeps, such as paper-optimisers.",
    ),
]
Workers = Annotated[int, typer.Option(help="Processes at a time; 0 = one for each core.", min=0)]


@app.command()
def sweep(
    config: PlanFile,
    workers: Workers = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Train every combination of the options listed under [vary], each as a run of its own.

    Worker processes train one run at a time, on one thread each. What is
    finished is skipped, what was stopped goes on, what failed is kept with its
    reason, and a worker that dies is replaced.
    """
    from core.experiments import sweep as sweeps

    plan = vary.load(config, folder())
    with watched() as progress:
        made = sweeps.run(plan, folder(), progress, _engine(workers))
    if json:
        show(made.runs.assign(sweep_id=made.sweep_id), True)
        return
    runs, rows = made.runs, _rows(made.runs)
    shown = pd.DataFrame(
        {
            "run": runs["run_id"],
            **{key.partition(".")[2]: runs[key] for key in made.varied},
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
        settings = settings.rename(columns=lambda name: name.partition(".")[2] or name)
        show(settings, False, title="\nSeeds together: mean, lowest and highest AUC")
    say("", *made.sentences(folder()))
    warn(*(f"{row.run_id}: {row.error}" for row in rows if row.state == "failed"))
    if (runs["state"] == "failed").any():
        raise typer.Exit(1)


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def _engine(workers: int) -> Engine:
    from core.experiments.workers import Local

    return Local(workers)
