"""`precursor fetch all`: minutes of several observatories, a catalogue around them, and Kp, in one command."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.app import Data, Json, moment, watched
from core.cli.fetch_verbs import Again, Base, End, Start, archive, fetch
from core.cli.terminal.console import say
from core.cli.terminal.tables import show


@fetch.command("all")
def everything(
    stations: Annotated[list[str], typer.Argument(metavar="STATIONS...", help="IAGA codes, such as DUR IZN.")],
    start: Start,
    end: End = "",
    data_type: Annotated[
        str, typer.Option("--type", help="definitive, quasi-definitive, provisional, or best: the best there is.")
    ] = "best",
    events: Annotated[str, typer.Option(help="The catalogue: EMSC, INGV, ISC, USGS or NIEP.")] = "EMSC",
    min_magnitude: Annotated[float, typer.Option(help="Smallest magnitude to ask for.")] = 3.0,
    radius_km: Annotated[
        float, typer.Option(help="How far the box of the catalogue reaches beyond the stations.")
    ] = 1000.0,
    again: Again = False,
    base: Base = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Fetch all that a study needs: minutes of the stations, a catalogue around them, and Kp.

    What fails does not stop the rest; the same command again asks only for what is missing. The catalogue is stored
    under the name of its service. MLR is not in INTERMAGNET: its files come in with `precursor ingest`.
    """
    from core.loading.archive.fetch_all import fetch_all, is_whole

    span = moment(start, "--start"), moment(end, "--end")
    reach = (min_magnitude, radius_km)
    wanted = (data_type, events)
    with watched() as progress:
        fetched = fetch_all(archive(), stations, *span, *wanted, *reach, again=again, base=base, progress=progress)
    show(fetched.table, json)
    if not json:
        say(*fetched.sentences)
    if not is_whole(fetched):
        raise typer.Exit(2 if fetched.failed else 1)
