"""The verb that does the paper again: paper."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.app import Data, Json, app, folder, watched
from core.cli.sweep_verbs import Cluster, Scheduler, Workers, engine
from core.cli.terminal.console import say
from core.cli.terminal.tables import show


@app.command()
def paper(
    quick: Annotated[bool, typer.Option("--quick", help="Short windows, few seeds: under 20 minutes on two cores.")] = (
        False
    ),
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="FIG", help="fig5, fig6, fig7, fig8, stations, switches, planted; repeatable."),
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="On the demo's made-up world, whatever is stored.")
    ] = False,
    workers: Workers = 0,
    scheduler: Scheduler = "",
    cluster: Cluster = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Do every experiment of Petrescu & Moldovan (2022) again, under their choices and under the honest default.

    On the stored stations, or on the demo's made-up world if there are none. Worker
    processes train one run at a time, on one thread each. What is finished is not
    trained again: a study that was stopped goes on.
    """
    from core.studies.paper import plan, study

    with watched() as progress:
        chosen = engine(workers, scheduler, cluster)
        made = study.make(folder(), plan.QUICK if quick else plan.FULL, only or (), synthetic, progress, chosen)
    runs = made.table("runs")
    if json:
        show(runs, True)
        return
    from core.reporting import sentences
    from core.reporting.pages import paper as page

    document = made.document
    table = page.summary(runs).drop(columns=["parameters_per_window", "entropy"])
    show(table, False, title=f"The paper done again ({made.study_id}): medians over the seeds, lowest and highest AUC")
    done = f"{document.n_done} of {document.n_planned} trainings are there, {document.n_refused} were refused."
    say(*page.headline(runs), "Chance is an AUC of 0.5 and an accuracy equal to the majority share.", done)
    say(*page.refusals(runs), *document.left_out)
    say(*sentences.made_up(made.synthetic), f"Files: {made.folder}")
