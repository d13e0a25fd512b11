"""All that a study needs in one call: minutes of several observatories, a catalogue around them, and Kp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from core import stations as station_table
from core.errors import InputError
from core.loading.archive import download, fetching
from core.loading.archive.fetching import BEST, Fetched
from core.loading.archive.store import Store
from core.loading.services import addresses, intermagnet
from core.loading.services.addresses import Service
from core.loading.services.fdsn import Region
from core.progress import Progress
from core.stations import Station

COLUMNS = ["what", "outcome", "n_rows", "first", "last", "message"]
INCOMPLETE = ("failed", "in part")
Row = dict[str, Any]
Period = tuple[pd.Timestamp, pd.Timestamp]


def fetch_all(
    archive: Store,
    stations: str | Sequence[str],
    start: Any,
    end: Any = "",
    data_type: str = BEST,
    events: str = "EMSC",
    min_magnitude: float = 3.0,
    radius_km: float = 1000.0,
    *,
    again: bool = False,
    base: str = "",
    progress: Progress | None = None,
) -> Fetched:
    """
    Fetch minutes of the stations, a catalogue around them, and Kp; what fails does not stop the rest.

    Parameters
    ----------
    archive, start, end, again, progress : see `fetching.minutes`
    stations : str or sequence of str
        IAGA codes.
    data_type : str
        "definitive", "quasi-definitive", "provisional", or "best": the best there is.
    events : str
        The service of the catalogue, which is stored under its name.
    min_magnitude : float
    radius_km : float
        How far the box of the catalogue reaches beyond the stations.
    base : str
        An address on this machine, for tests: of services at `/hapi`, `/event` and `/kp` below it.

    Returns
    -------
    Fetched
        A row for each station, the catalogue and Kp: what, outcome ("stored", "no data", "in part", "failed"),
        n_rows, first, last, message. The same call again asks only for what is missing.

    Raises
    ------
    InputError
        If what is asked for does not exist, before anybody is asked.
    """
    codes = list(dict.fromkeys(code.upper() for code in ([stations] if isinstance(stations, str) else stations)))
    if not codes:
        raise InputError("No station is named. Give the IAGA code of at least one, such as DUR.")
    for code in codes:
        intermagnet.refuse_outsider(code)
    places = station_table.resolve(codes)
    fetching.refuse_type(data_type, (*(name for name in intermagnet.TYPES if name != "variation"), BEST))
    agency = fetching.agency_key(events)
    span = fetching.period(start, end)
    box = download.around(places, radius_km)
    services = {key: _service(key, path, base) for key, path in (("HAPI", "hapi"), (agency, "event"), ("KP", "kp"))}
    name = services[agency].name.lower()
    steps: dict[str, Callable[[Progress], Row]] = {
        **{code: partial(_minutes, archive, code, span, data_type, services["HAPI"], again) for code in codes},
        f"catalogue {name}": partial(_catalogue, archive, span, min_magnitude, box, services[agency], again),
        "Kp": partial(_activity, archive, span, services["KP"], again),
    }
    table = pd.DataFrame([_tried(what, step, progress or Progress()) for what, step in steps.items()], columns=COLUMNS)
    n_incomplete = int(table["outcome"].isin(INCOMPLETE).sum())
    sentences = _sentences(places, list(services.values()), n_incomplete > 0)
    return Fetched(table, sentences, int((table["outcome"] == "failed").sum()))


def is_whole(fetched: Fetched) -> bool:
    """True if everything came that was asked for, or the services said that they have none."""
    return not fetched.table["outcome"].isin(INCOMPLETE).any()


def _service(key: str, path: str, base: str) -> Service:
    return addresses.in_use(key, f"{base}/{path}" if base else "")


def _tried(what: str, step: Callable[[Progress], Row], progress: Progress) -> Row:
    try:
        return {"what": what, **step(progress)}
    except InputError as error:
        return {"what": what, "outcome": "failed", "n_rows": 0, "message": str(error)}


def _minutes(
    archive: Store, code: str, span: Period, data_type: str, where: Service, again: bool, progress: Progress
) -> Row:
    asker = fetching.fetcher(archive, where, again)
    table = download.store_minutes(archive, code, *span, data_type, "hapi", where, asker, progress)
    came, failed = table[table["outcome"] == "data"], table[table["outcome"] == "failed"]
    outcome = "no data" if came.empty and failed.empty else "stored" if failed.empty else "in part"
    message = f"{len(failed)} of {len(table)} parts failed: {failed['message'].iloc[0]}" if len(failed) else ""
    return {
        "outcome": "failed" if came.empty and len(failed) else outcome,
        "n_rows": int(came["n_minutes"].sum()),
        "first": came["start"].min(),
        "last": came["end"].max(),
        "message": message,
    }


def _catalogue(
    archive: Store, span: Period, min_magnitude: float, box: Region, where: Service, again: bool, progress: Progress
) -> Row:
    asker, name = fetching.fetcher(archive, where, again), where.name.lower()
    stored = download.store_catalogue(archive, name, *span, min_magnitude, box, where, asker, progress)
    return _row(*stored, "origin_time")


def _activity(archive: Store, span: Period, where: Service, again: bool, progress: Progress) -> Row:
    asker = fetching.fetcher(archive, where, again)
    return _row(*download.store_activity(archive, *span, False, where, asker, progress), "time")


def _row(sentence: str, table: pd.DataFrame, time: str) -> Row:
    return {
        "outcome": "stored" if len(table) else "no data",
        "n_rows": len(table),
        "first": table[time].min() if len(table) else None,
        "last": table[time].max() if len(table) else None,
        "message": " ".join((sentence, *table.attrs.get("notes", ()))),
    }


def _sentences(places: Sequence[Station], services: Sequence[Service], incomplete: bool) -> tuple[str, ...]:
    next_step = ["Something did not come. The same call again goes on from there."] if incomplete else []
    credits = dict.fromkeys(place.credit for place in places if place.credit)
    return (*credits, *map(fetching.owed, services), *next_step)
