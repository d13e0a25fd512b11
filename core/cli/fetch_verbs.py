"""`precursor fetch minute|catalogue|activity`: from the services of the field into the archive."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.app import Data, Json, app, folder, moment, watched
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.loading.archive.archive import Archive

fetch = typer.Typer(
    name="fetch",
    help="Fetch data from INTERMAGNET, FDSN event services or GFZ. What came is kept; a stopped download goes on.",
    no_args_is_help=True,
)
app.add_typer(fetch)

Start = Annotated[str, typer.Option("--start", help="First day, such as 2018-01-01 (UTC).")]
End = Annotated[str, typer.Option("--end", help="The day after the last (UTC); default: today.")]
Again = Annotated[bool, typer.Option("--again", help="Ask the service also for what is stored already.")]
Rotate = Annotated[
    bool,
    typer.Option(
        "--rotate-to-geographic", help="Turn data in the frame of the magnetic meridian by IGRF's declination."
    ),
]
Base = Annotated[str, typer.Option("--base", hidden=True, help="A service on this machine, for tests.")]


@fetch.callback()
def _shared(data: Data = None) -> None:
    """Fetch data from INTERMAGNET, FDSN event services or GFZ. What came is kept; a stopped download goes on."""


@fetch.command()
def minute(
    station: Annotated[str, typer.Argument(help="IAGA code, such as DUR.")],
    start: Start,
    end: End = "",
    data_type: Annotated[
        str,
        typer.Option(
            "--type",
            help="definitive, quasi-definitive, provisional, variation (not hapi), or best: the first three (hapi).",
        ),
    ] = "definitive",
    service: Annotated[
        str, typer.Option(help="hapi or gin (INTERMAGNET data), or usgs (observatories of the USGS).")
    ] = "hapi",
    rotate: Rotate = False,
    again: Again = False,
    base: Base = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Fetch minute data of an observatory, month by month, and store them.

    Months that fail do not stop the others; run the same command again for them. Where the service has no data it
    says so, and that is not a failure. MLR is not in INTERMAGNET: its files come in with `precursor ingest`.
    """
    from core.loading.archive import fetching

    span = moment(start, "--start"), moment(end, "--end")
    with watched() as progress:
        fetched = fetching.minutes(
            archive(), station, *span, data_type, service, rotate=rotate, again=again, base=base, progress=progress
        )
    show(fetched.table, json)
    if not json:
        say(*fetched.sentences)
    if fetched.n_failed:
        raise typer.Exit(2 if fetched.failed else 1)


@fetch.command()
def catalogue(
    service: Annotated[str, typer.Argument(help="INGV, ISC, USGS, EMSC or NIEP.")],
    start: Start,
    end: End = "",
    min_magnitude: Annotated[float, typer.Option(help="Smallest magnitude to ask for.")] = 3.0,
    region: Annotated[tuple[float, float, float, float], typer.Option(help="South, north, west, east in degrees.")] = (
        -90.0,
        90.0,
        -180.0,
        180.0,
    ),
    name: Annotated[str, typer.Option(help="Name to store it under; default: the service's.")] = "",
    again: Again = False,
    base: Base = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Fetch an earthquake catalogue from an FDSN event service, year by year, and store it whole.

    "No events" is stored only when the service said it. If a year fails, nothing is stored; run the same command
    again, and it goes on from there.
    """
    from core.loading.archive import fetching

    span = moment(start, "--start"), moment(end, "--end")
    with watched() as progress:
        fetched = fetching.catalogue(
            archive(), service, *span, min_magnitude, region, name, again=again, base=base, progress=progress
        )
    show(fetched.table if json else fetched.table.drop(columns=["digest", "retrieved"]), json)
    if not json:
        say(*fetched.sentences)


@fetch.command()
def activity(
    start: Start,
    end: End = "",
    definitive: Annotated[bool, typer.Option("--definitive", help="Definitive values only.")] = False,
    again: Again = False,
    base: Base = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """Fetch the activity index Kp from GFZ and store it; values that are not definitive yet are marked."""
    from core.loading.archive import fetching

    span = moment(start, "--start"), moment(end, "--end")
    with watched() as progress:
        fetched = fetching.activity(archive(), *span, definitive, again=again, base=base, progress=progress)
    show(fetched.table, json)
    if not json:
        say(*fetched.sentences)


def archive() -> Archive:
    """The archive that is downloaded into."""
    return Archive(folder() / "archive")
