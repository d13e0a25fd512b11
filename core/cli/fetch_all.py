"""`precursor fetch all`: minutes of several observatories, a catalogue around them, and Kp, in one command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer

from core import stations as station_table
from core.cli import fetch_verbs
from core.cli.app import Data, Json, folder, watched
from core.cli.fetch_verbs import Again, Base, End, Start, fetch
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.errors import InputError
from core.loading.archive.archive import Archive

if TYPE_CHECKING:  # these need the network library
    from core.progress import Progress


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
    from core.loading.archive import download
    from core.loading.services import addresses, fdsn, intermagnet

    codes = list(dict.fromkeys(code.upper() for code in stations))
    for code in codes:
        intermagnet.refuse_outsider(code)
    places = [station_table.get(code) for code in codes]
    types = [name for name in intermagnet.TYPES if name != "variation"]
    if data_type not in (*types, "best"):
        raise InputError(f"--type {data_type!r} is not known here. Known: {', '.join(types)}, best.")
    if events.upper() not in fdsn.SERVICES:
        raise InputError(f"--events {events!r} is not known. Known: {', '.join(fdsn.SERVICES)}.")
    period = fetch_verbs.period(start, end)
    archive = Archive(folder() / "archive")
    box = download.around(places, radius_km)
    hapi, agency, kp = (
        fetch_verbs.with_base(service, f"{base}/{path}" if base else "")
        for service, path in ((addresses.HAPI, "hapi"), (fdsn.SERVICES[events.upper()], "event"), (addresses.KP, "kp"))
    )

    def minutes(code: str, progress: Progress) -> dict[str, Any]:
        fetcher = fetch_verbs.fetcher_for(hapi, again)
        table = download.store_minutes(archive, code, *period, data_type, "hapi", hapi, fetcher, progress)
        came, failed = table[table["outcome"] == "data"], table[table["outcome"] == "failed"]
        outcome = "no data" if came.empty and failed.empty else "stored" if failed.empty else "in part"
        return {
            "outcome": "failed" if came.empty and len(failed) else outcome,
            "n_rows": int(came["n_minutes"].sum()),
            "first": came["start"].min(),
            "last": came["end"].max(),
            "message": f"{len(failed)} of {len(table)} parts failed: {failed['message'].iloc[0]}"
            if len(failed)
            else "",
        }

    def catalogue(progress: Progress) -> dict[str, Any]:
        fetcher = fetch_verbs.fetcher_for(agency, again)
        stored = download.store_catalogue(
            archive, agency.name.lower(), *period, min_magnitude, box, agency, fetcher, progress
        )
        return _row(*stored, "origin_time")

    def activity(progress: Progress) -> dict[str, Any]:
        fetcher = fetch_verbs.fetcher_for(kp, again)
        return _row(*download.store_activity(archive, *period, False, kp, fetcher, progress), "time")

    steps: dict[str, Callable[[Progress], dict[str, Any]]] = {
        **{code: partial(minutes, code) for code in codes},
        f"catalogue {agency.name.lower()}": catalogue,
        "Kp": activity,
    }
    rows = []
    with watched() as progress:
        for what, step in steps.items():
            try:
                rows.append({"what": what, **step(progress)})
            except InputError as error:
                rows.append({"what": what, "outcome": "failed", "n_rows": 0, "message": str(error)})
    table = pd.DataFrame(rows, columns=["what", "outcome", "n_rows", "first", "last", "message"])
    show(table, json)
    incomplete = table["outcome"].isin(("failed", "in part"))
    if not json:
        say(*dict.fromkeys(place.credit for place in places if place.credit))
        say(*(f"{one.credit}. Licence: {one.licence}." for one in (hapi, agency, kp)))
        if incomplete.any():
            say("Something did not come. Run the same command again: it goes on from there.")
    if incomplete.any():
        raise typer.Exit(2 if (table["outcome"] == "failed").all() else 1)


def _row(sentence: str, table: pd.DataFrame, time: str) -> dict[str, Any]:
    return {
        "outcome": "stored" if len(table) else "no data",
        "n_rows": len(table),
        "first": table[time].min() if len(table) else None,
        "last": table[time].max() if len(table) else None,
        "message": " ".join((sentence, *table.attrs.get("notes", ()))),
    }
