"""Verbs that hold runs against each other: compare, and reproduce, which holds a run against itself."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import typer

from core.cli.app import Data, Json, RunId, app, folder, watched
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.errors import InputError
from core.reporting import marks
from core.runs.runs import RunStore


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Two or more runs; the first is the reference.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Hold runs against the first one, on the windows that both are judged by.

    The interval draws stretches of time and events, the same for both runs. Exit code 2 if no run shares a window
    with the first.
    """
    from core.judgement import comparison

    store = RunStore(folder())
    opened = [store.open(name) for name in runs]
    found = comparison.table(opened)
    comparable = found["difference"].notna()
    if not comparable.any():
        raise InputError(" ".join(found["words"]))
    if json:
        show(found, True)
        return
    numbers = found[comparable].drop(columns=["words", "reference"])
    show(numbers, False, title=f"AUC less that of {opened[0].run_id}")
    say("Chance is an AUC of 0.5; without a difference the interval holds 0.", *found["words"])
    in_short = {run.run_id: ", ".join(marks.of(run.caveats)) for run in opened}
    say(*(f"{run_id}: {short}." for run_id, short in in_short.items() if short))


@app.command()
def reproduce(run: RunId, data: Data = None, json: Json = False) -> None:
    """
    Make a run once more from its configuration and data, and compare every prediction.

    It takes the run's settings of threads. Exit code 1 if the predictions differ by more than 1e-6, or if the data
    have changed. The stored run stays as it is.
    """
    from core.runs import environment, reproduction
    from core.runs.sources import open_source

    chosen = RunStore(folder()).open(run)
    environment.adopt(chosen.threads)
    with watched() as progress:
        source = open_source(chosen.config, folder(), progress)
        found = reproduction.reproduce(chosen, source, progress)
    if json:
        show(pd.DataFrame([vars(found)]), True)
    else:
        around = f"Since then these have changed: {', '.join(found.surroundings)}." if found.surroundings else ""
        say(found.sentence, *([around] if around else []))
    if not found.ok:
        raise typer.Exit(1)
