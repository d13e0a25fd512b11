"""`precursor fetch minute|catalogue|activity`: from the services of the field into the archive."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import pandas as pd
import typer

from core import clock
from core import stations as station_table
from core.cli.app import Data, Json, app, folder, moment, watched
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.errors import InputError
from core.loading.archive.archive import Archive

if TYPE_CHECKING:  # these need the network library, which only these verbs wait for
    from core.loading.services.addresses import Service
    from core.loading.services.raw_store import Fetcher

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
    from core.loading.archive import download
    from core.loading.services import addresses, intermagnet

    code = station.upper()
    intermagnet.refuse_outsider(code)
    known = {"hapi": addresses.HAPI, "gin": addresses.GIN, "usgs": addresses.USGS_GEOMAG}
    if service not in known:
        raise InputError(f"--service {service!r} is not known. Known: {', '.join(known)}.")
    types = list(intermagnet.TYPES)
    if data_type not in (*types, "best"):
        raise InputError(f"--type {data_type!r} is not known. Known: {', '.join(types)}, best.")
    if data_type == "best" and service != "hapi":
        raise InputError("--type best needs --service hapi, which says what it has; name a type for the others.")
    if data_type == "variation" and service == "hapi":
        raise InputError("--type variation needs --service gin; hapi has it only in the axes of the sensor.")
    first, last = period(start, end)
    where = with_base(known[service], base)
    fetcher = fetcher_for(where, again)
    archive = Archive(folder() / "archive")
    with watched() as progress:
        table = download.store_minutes(archive, code, first, last, data_type, service, where, fetcher, progress, rotate)
    show(table, json)
    n_failed = int((table["outcome"] == "failed").sum())
    if not json:
        if code in station_table.table():
            say(station_table.get(code).credit)
        say(f"Licence: {where.licence}.", _said(fetcher))
        if n_failed:
            say(f"{n_failed} of {len(table)} parts failed; run the same command again for them.")
    if n_failed:
        raise typer.Exit(2 if n_failed == len(table) else 1)


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
    from core.loading.archive import download
    from core.loading.services import fdsn

    known = fdsn.SERVICES.get(service.upper())
    if known is None:
        raise InputError(f"The service {service!r} is not known. Known: {', '.join(fdsn.SERVICES)}.")
    first, last = period(start, end)
    where = with_base(known, base)
    fetcher = fetcher_for(where, again)
    archive, stored = Archive(folder() / "archive"), name or known.name.lower()
    with watched() as progress:
        sentence, events = download.store_catalogue(
            archive, stored, first, last, min_magnitude, fdsn.Region(*region), where, fetcher, progress
        )
    listed = archive.catalogues()
    listed = listed[listed["name"] == stored]
    show(listed if json else listed.drop(columns=["digest", "retrieved"]), json)
    if not json:
        say(sentence, *events.attrs.get("notes", ()), f"{known.credit}. Licence: {known.licence}.", _said(fetcher))


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
    from core.loading.archive import download
    from core.loading.services import addresses

    first, last = period(start, end)
    where = with_base(addresses.KP, base)
    fetcher = fetcher_for(where, again)
    archive = Archive(folder() / "archive")
    with watched() as progress:
        sentence, values = download.store_activity(archive, first, last, definitive, where, fetcher, progress)
    by_status = values.groupby("status", sort=True)["time"].agg(["size", "min", "max"]).reset_index()
    by_status.columns = pd.Index(["status", "n_values", "first", "last"])
    show(by_status, json)
    if not json:
        say(sentence, *values.attrs.get("notes", ()), f"{where.credit}. Licence: {where.licence}.", _said(fetcher))


def period(start: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The period that --start and --end name, at the latest until now; raises InputError if it is empty."""
    given, until = moment(start, "--start"), moment(end, "--end")
    if given is None:
        raise InputError("--start is empty; it takes a time such as 2018-01-31.")
    first, now = given.floor("min"), clock.now().floor("min")
    last = min(until.floor("min"), now) if until is not None else now.floor("D")
    if first >= last:
        raise InputError(f"The period from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} is empty.")
    return first, last


def with_base(service: Service, base: str) -> Service:
    """A service, or the same at an address of this machine; raises InputError for any other address."""
    from core.loading.services.http import LOOPBACK

    if not base:
        return service
    if urlsplit(base).hostname not in LOOPBACK:
        raise InputError("--base is for tests and takes an address of this machine only.")
    return dataclasses.replace(service, base=base)


def fetcher_for(service: Service, again: bool) -> Fetcher:
    """Gets answers of a service by way of the raw store of the data folder."""
    from core.loading.services.http import Client
    from core.loading.services.raw_store import Fetcher, RawStore

    # Patience is for the machines of others.
    mine = service.base.startswith("http://")
    client = Client(interval_s=0.0, backoff_s=0.001, tries=2) if mine else Client()
    return Fetcher(client, RawStore(Path(folder()) / "raw"), again)


def _said(fetcher: Fetcher) -> str:
    return f"{fetcher.n_fetched} answers fetched, {fetcher.n_reused} found among those of before (raw/)."
