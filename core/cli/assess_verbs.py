"""The verbs that judge: assess a finished run, and calibrate, which tries to fool the judgement itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from core import caveats, data_folder, files
from core.cli.app import Data, Json, RunId, app, folder, watched
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.errors import InputError
from core.lab.lab import Lab

if TYPE_CHECKING:
    from core.judgement.assessment import Assessment
    from core.judgement.battery.results import Battery

DOCUMENT = data_folder.ROOT / "docs" / "trust.md"


@app.command()
def assess(run: RunId, data: Data = None, json: Json = False) -> None:
    """
    Judge a run: the verdict, confounders beside the network, scores part by part, calibration, the Molchan diagram.

    `train` and `demo` do it for every new run; this verb does it (again) for any.
    """
    with watched() as progress:
        judged = Lab(folder(), progress).assess(run)
    made = judged.assessment
    if json:
        show(pd.DataFrame([made.document.to_dict()]), True)
        return
    columns = ["model", "kind", "auc", "auc_low", "auc_high", "difference", "difference_low", "difference_high"]
    title = f"{made.run_id}: the network beside models that know less ({made.document.judged_split} windows)"
    show(made.table("scorecard")[columns], False, title=title)
    say(
        *sentences(made),
        *caveats.as_text(made.caveats),
        "",
        judged.paragraph,
        f"Every gate with its number: `precursor verdict {made.run_id}`.",
        f"Files: {made.folder}",
    )


def sentences(made: Assessment) -> list[str]:
    """What the assessment found, in a few lines."""
    best = made.table("scorecard").iloc[-1]
    words = [
        "A difference is the network's AUC less that of the model; its interval draws stretches of time and events.",
        str(best["words"]),
        made.summary.ass_sentence,
    ]
    return words + [str(row["sentence"]) for row in made.table("significance").to_dict("records")]


@app.command()
def calibrate(
    rows: Annotated[
        list[str] | None,
        typer.Option("--rows", metavar="NAME", help="Only this row; may be given several times."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Six rows with 45 worlds each, in minutes; nothing of it is stored.")
    ] = False,
    worlds: Annotated[
        int, typer.Option("--worlds", help="So many worlds instead of each row's own number.", min=0)
    ] = 0,
    workers: Annotated[int, typer.Option("--workers", help="Processes that play worlds.", min=1)] = 2,
    write_docs: Annotated[
        bool,
        typer.Option(
            "--write-docs",
            help="In a checkout: make this the result that comes with the program, and write docs/trust.md.",
        ),
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Try to fool the instrument with made-up worlds, and say how often each trick works.

    A row is red if it misses its bar; then the exit code is 1. What was complete
    is kept in battery.json of the data folder, and the same call goes on from it.
    """
    from core.judgement.battery import results, runner
    from core.reporting import trust_words

    if write_docs and (quick or not data_folder.is_checkout()):
        raise InputError("--write-docs is for the full form in a checkout. Leave --quick away, and call it there.")
    asked, path = runner.chosen(rows or [], quick), folder() / results.FILE
    before = results.stored(folder()) if not quick else None

    def keep(battery: Battery) -> None:
        if not quick:
            results.write(battery, path)

    with watched() as progress:
        battery = runner.run(asked, before or results.Battery(), keep, progress, quick, worlds, workers)
    show(trust_words.table(battery, asked, quick), json, title=trust_words.QUESTION)
    if write_docs:
        publish(battery)
    missed = results.red(battery, asked, quick)
    if not json:
        say(f"Red: {', '.join(missed)}." if missed else "No row is red.", *([] if quick else [f"File: {path}"]))
    if missed:
        raise typer.Exit(1)


def publish(battery: Battery) -> None:
    """Make a result the one that comes with the program, and write its page."""
    from core.judgement.battery import results
    from core.reporting import trust_words

    shipped = results.with_the_program()
    for row in battery.rows:
        shipped = shipped.with_row(row)
    results.write(shipped, results.shipped_file())
    files.replace_text(DOCUMENT, trust_words.document(shipped))
