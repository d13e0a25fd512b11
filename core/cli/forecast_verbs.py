"""Verbs that look ahead and pass on: scan, update, ledger, site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from core import shipped
from core.caveats import as_text
from core.cli.app import Data, Json, RunId, app, folder, moment, watched
from core.cli.terminal.console import say
from core.cli.terminal.tables import records, show
from core.data_folder import data_dir
from core.errors import InputError
from core.lab.lab import Lab
from core.runs.runs import RunStore


@app.command()
def scan(
    run: RunId,
    station: Annotated[str, typer.Option(help="Station to scan; default: every station of the run.")] = "",
    start: Annotated[
        str, typer.Option(help="First time (UTC), such as 2016-01-31; default: where the record begins.")
    ] = "",
    end: Annotated[str, typer.Option(help="One past the last time (UTC); default: where the record ends.")] = "",
    step_minutes: Annotated[int, typer.Option(help="From one window's start to the next.", min=1)] = 60,
    data: Data = None,
    json: Json = False,
) -> None:
    """Slide a trained run over a continuous record: a probability for each step, kept for the Forecast page."""
    period = moment(start, "--start"), moment(end, "--end")
    with watched() as progress:
        lab = Lab(folder(), progress)
        chosen = lab.runs[run]
        series = lab.scan(chosen, station, *period, step_minutes)
    rows = [
        _scanned(code, part, chosen.config.training.threshold) for code, part in series.groupby("station", sort=False)
    ]
    if json:
        show(pd.DataFrame(rows).assign(run_id=chosen.run_id), True)
    else:
        show(pd.DataFrame(rows), False, title=f"Scan of {chosen.run_id}")
        say(*as_text(chosen.caveats))


def _scanned(station: Any, series: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """What a scan of a station gave, in a row."""
    usable = series["probability"].dropna()
    return {
        "station": station,
        "first": series["start"].iloc[0],
        "last": series["end"].iloc[-1],
        "n_windows": len(series),
        "n_usable": len(usable),
        "alarm_fraction": float((usable >= threshold).mean()),  # of the usable windows; NaN if there is none
        "mean_probability": float(usable.mean()),
    }


@app.command()
def update(
    run: RunId,
    watch: Annotated[Path | None, typer.Option(help="A folder with new minute files, catalogues and indices.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="How to read CSV files of minutes (as for ingest).")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Take in what is new, relabel, retrain from the run's weights into a new run, and forecast.

    Without --watch it goes by what was stored since the run was made. The old
    run stays as it is; each station's forecast is written into the ledger.
    """
    from core.forecasting.update import update as cycle
    from core.loading.formats.minutes import columns

    with watched() as progress:
        chosen = columns.load_mapping(shipped.find("mappings", "mapping", mapping, data_dir())) if mapping else None
        done = cycle(RunStore(folder()).open(run), folder(), watch, chosen, progress)
    if json:
        told = {"run_id": done.run.run_id, "retrained": done.retrained, "n_forecasts": done.n_forecasts}
        show(pd.DataFrame([{**told, "files": records(done.taken_in), "sentences": done.sentences}]), True)
        return
    if len(done.taken_in):
        show(done.taken_in, False)
    say(*done.sentences)


@app.command()
def ledger(
    data: Data = None,
    json: Json = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Check that each row follows from the one before; a ledger made anew passes too."
        ),
    ] = False,
) -> None:
    """
    List the forecasts written down so far.

    They cannot be edited unnoticed once the last digest, which --verify prints,
    is noted elsewhere. Their number is what the network gave, uncorrected: not
    the probability of an earthquake.
    """
    from core.forecasting.ledger import Ledger

    chain = Ledger(folder() / "ledger.sqlite").read()
    if verify:
        problems = chain.problems()
        if problems:
            raise InputError(f"The ledger was tampered with. {' '.join(problems)}")
        say(f"The chain of {len(chain.rows)} forecasts is whole.")
        if chain.head:
            say(
                f"Its last digest is {chain.head}. Note it down elsewhere: it tells later whether rows were cut off "
                "the end, or all of them made anew."
            )
        return
    table = chain.table()
    hidden = ["threshold", "data_until", "previous_digest", "digest"]
    show(
        table if json else table.drop(columns=hidden).rename(columns={"probability": "network's number"}),
        json,
        empty="The ledger is empty. `precursor update RUN` writes forecasts.",
    )


@app.command()
def site(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write; it may exist.")],
    run: Annotated[
        list[str] | None, typer.Option("--run", help="A run that a study made, to be published too; repeatable.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Publish every run, those of studies too.")] = False,
    data: Data = None,
) -> None:
    """
    Write the static report site: plain HTML that opens from disk without a network.

    Of the runs that a study made (a sweep, the paper) only those named are
    published, and those that stand in the ledger.
    """
    with watched() as progress:
        pages = Lab(folder(), progress).site(out, run or (), every)
    say(f"Wrote {len(pages)} pages. Open {out / 'index.html'} in a browser.")
