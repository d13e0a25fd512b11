"""`precursor quality`: is the record of a station sound?"""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.app import Data, Json, app, folder, moment
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.loading.archive.archive import Archive


@app.command()
def quality(
    station: Annotated[str, typer.Argument(metavar="STATION", help="Code of a stored station, such as DUR.")],
    start: Annotated[str, typer.Option(help="Begin here, for instance 2016-01-01.")] = "",
    end: Annotated[str, typer.Option(help="End before this.")] = "",
    listed: Annotated[
        bool, typer.Option("--list", help="Every finding with its minute, component and size, not only their number.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Spikes, steps, deltaF, stuck readings, copied hours, the frame and the clock of a station, month by month.

    Nothing is changed or left out: the findings are there to be looked at. A strong sudden commencement
    can pass for a step where no scalar instrument measured it too. Hours whose X, Y and Z are those of other hours
    are looked for in the whole archive, all its stations. So are altered copies: moved by minutes, lifted, rounded,
    with noise or holes, or of one component; those that were smoothed, or carry more noise than field, are not seen.
    The clock is compared with those of the nearest other stations of the archive: it is off where what both feel stands
    more than a minute apart in the data of a month. Of two that disagree, either may be wrong.
    """
    from core.loading.archive import coverage
    from core.loading.record import copied_hours
    from core.loading.record import quality as checks

    archive, code = Archive(folder() / "archive"), station.upper()
    copies = copied_hours.find(archive)
    summary, found = checks.report(archive, code, moment(start, "--start"), moment(end, "--end"), copies)
    if listed:
        show(found, json, empty="Nothing was found.")
        return
    stored = coverage.months(coverage.days(archive.folder, code)).set_index("month")
    table = summary.assign(data_types=summary["month"].map(stored["data_types"]).fillna(""))
    if not start and not end:  # else the months at the ends are cut by request, not incomplete
        table["n_minutes"] = 1440 * table["month"].dt.days_in_month
    if json:
        show(table, True)
        return
    if table.empty:
        say(f"{code} has no minute in this period.")
        return
    table["present"] = [f"{100 * n / of:.1f} %" for n, of in zip(table["n_present"], table["n_minutes"], strict=True)]
    clock = [
        f"{lag:+.0f} min" if kind == "off" else kind
        for kind, lag in zip(table["clock"], table["clock_lag_minutes"], strict=True)
    ]
    shown = table.assign(month=table["month"].dt.strftime("%Y-%m"), clock=clock)
    show(
        shown[
            [
                "month",
                "present",
                "data_types",
                "n_spikes",
                "n_steps",
                "n_constant",
                "n_duplicate",
                "n_delta_f_out",
                "delta_f_median_nt",
                "delta_f_mad_nt",
                "declination_deg",
                "igrf_deg",
                "frame",
                "clock",
            ]
        ],
        False,
    )
    say("", *checks.sentences(summary, found), f"In the whole archive: {copies.sentence()}")
    say("Where and how large: --list. The data are stored as they came.")
