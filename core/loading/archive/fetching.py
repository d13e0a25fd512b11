"""
One call, one download: what may be asked for, which service is asked, and what is said of what came.

In: names of stations, services and data types, and times, as a user gives them. Out: `Fetched`. The command line and a
notebook download by these functions and by no others, so that whatever came has a recipe and the archive can be made
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core import clock, jupyter
from core import stations as station_table
from core.errors import InputError
from core.loading.archive import download
from core.loading.archive.store import Store
from core.loading.services import addresses, fdsn, intermagnet
from core.loading.services.addresses import Service
from core.loading.services.fdsn import Region
from core.loading.services.http import Client
from core.loading.services.raw_store import Fetcher
from core.progress import Progress

MINUTE_SERVICES = {"hapi": "HAPI", "gin": "GIN", "usgs": "USGS_GEOMAG"}  # by the word for it, the key of its address
BEST = "best"


@dataclass(frozen=True)
class Fetched:
    """
    What a download brought: `table`, a row a part; `sentences` of credit, licence and what to do next.

    `n_failed` parts did not come; nothing is known about their data.
    """

    table: pd.DataFrame
    sentences: tuple[str, ...]
    n_failed: int = 0

    @property
    def failed(self) -> bool:
        """True if no part came."""
        return self.n_failed > 0 and self.n_failed == len(self.table)

    def __repr__(self) -> str:
        lost = f", {self.n_failed} failed" if self.n_failed else ""
        return f"<Fetched: {jupyter.counted(len(self.table), 'part')}{lost}>"

    def _repr_html_(self) -> str:
        return jupyter.card("Fetched", tables=[jupyter.of_frame(self.table)], sentences=self.sentences)


def minutes(
    archive: Store,
    station: str,
    start: Any,
    end: Any = "",
    data_type: str = "definitive",
    service: str = "hapi",
    *,
    rotate: bool = False,
    again: bool = False,
    base: str = "",
    progress: Progress | None = None,
) -> Fetched:
    """
    Fetch minutes of a station month by month, and store each month at once; `table` as `download.store_minutes`.

    Parameters
    ----------
    archive : Store
    station : str
        IAGA code, in letters of either case.
    start, end : time or text
        Half-open, UTC without a zone; no end: until today.
    data_type : str
        One of `intermagnet.TYPES`, or "best": the best there is.
    service : str
        "hapi", "gin" or "usgs".
    rotate : bool
        Turn data that are in the frame of the magnetic meridian to geographic.
    again : bool
        Ask the service also for what is stored already.
    base : str
        An address on this machine, for tests; see `addresses.in_use`.
    progress : Progress, optional

    Raises
    ------
    InputError
        If there is no such station, service, data type or period, or an address cannot be used. Months that fail do
        not raise it.
    """
    code = station.upper()
    intermagnet.refuse_outsider(code)
    if service not in MINUTE_SERVICES:
        raise InputError(f"The service {service!r} (--service) is not known. Known: {', '.join(MINUTE_SERVICES)}.")
    refuse_type(data_type, (*intermagnet.TYPES, BEST))
    if data_type == BEST and service != "hapi":
        raise InputError("The best type needs --service hapi, which says what it has; name a type for the others.")
    if data_type == "variation" and service == "hapi":
        raise InputError("The type variation needs --service gin; hapi has it only in the axes of the sensor.")
    first, last = period(start, end)
    where = addresses.in_use(MINUTE_SERVICES[service], base)
    asker, progress = fetcher(archive, where, again), progress or Progress()
    table = download.store_minutes(archive, code, first, last, data_type, service, where, asker, progress, rotate)
    n_failed = int((table["outcome"] == "failed").sum())
    table_of_stations = station_table.table()
    sentences = [table_of_stations[code].credit] if code in table_of_stations else []
    sentences += [f"Licence: {where.licence}.", _counts(asker)]
    if n_failed:
        sentences.append(f"{n_failed} of {len(table)} parts failed; the same call again asks for them.")
    return Fetched(table, tuple(filter(None, sentences)), n_failed)


def catalogue(
    archive: Store,
    service: str,
    start: Any,
    end: Any = "",
    min_magnitude: float = 3.0,
    region: Region | tuple[float, float, float, float] = (-90.0, 90.0, -180.0, 180.0),
    name: str = "",
    *,
    again: bool = False,
    base: str = "",
    progress: Progress | None = None,
) -> Fetched:
    """
    Fetch a catalogue from an FDSN event service year by year, and store it whole; `table`: its row of the list.

    Parameters
    ----------
    archive, start, end, again, base, progress : see `minutes`
    service : str
        One of `fdsn.SERVICES`, in letters of either case.
    min_magnitude : float
    region : Region, or tuple of south, north, west, east in degrees
    name : str
        To store it under; default: the service's.

    Raises
    ------
    InputError
        As `minutes`; also if a year fails, and then nothing is stored.
    """
    key = agency_key(service)
    first, last = period(start, end)
    where = addresses.in_use(key, base)
    box = region if isinstance(region, Region) else Region(*region)
    asker, stored = fetcher(archive, where, again), name or where.name.lower()
    sentence, events = download.store_catalogue(
        archive, stored, first, last, min_magnitude, box, where, asker, progress or Progress()
    )
    listed = archive.catalogues()
    sentences = (sentence, *events.attrs.get("notes", ()), owed(where), _counts(asker))
    return Fetched(listed[listed["name"] == stored], sentences)


def activity(
    archive: Store,
    start: Any,
    end: Any = "",
    definitive: bool = False,
    *,
    again: bool = False,
    base: str = "",
    progress: Progress | None = None,
) -> Fetched:
    """
    Fetch the index Kp and store it; `table`: how many values of each status came.

    Parameters
    ----------
    archive, start, end, again, base, progress : see `minutes`
    definitive : bool
        Definitive values only; else those that are not definitive yet are marked.

    Raises
    ------
    InputError
        As `minutes`; also if an answer fails, and then nothing is stored.
    """
    first, last = period(start, end)
    where = addresses.in_use("KP", base)
    asker = fetcher(archive, where, again)
    sentence, values = download.store_activity(archive, first, last, definitive, where, asker, progress or Progress())
    by_status = values.groupby("status", sort=True)["time"].agg(["size", "min", "max"]).reset_index()
    by_status.columns = pd.Index(["status", "n_values", "first", "last"])
    return Fetched(by_status, (sentence, *values.attrs.get("notes", ()), owed(where), _counts(asker)))


def period(start: Any, end: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The period that two times name, at the latest until now; raises InputError if it is empty."""
    given, until = clock.given(start, "start"), clock.given(end, "end")
    if given is None:
        raise InputError("start is empty; it takes a time such as 2018-01-31.")
    first, now = given.floor("min"), clock.now().floor("min")
    last = min(until.floor("min"), now) if until is not None else now.floor("D")
    if first >= last:
        raise InputError(f"The period from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} is empty.")
    return first, last


def fetcher(archive: Store, service: Service, again: bool) -> Fetcher:
    """Gets answers of a service by way of the raw store beside an archive."""
    # Patience is for the machines of others.
    is_here = service.base.startswith("http://")
    client = Client(interval_s=0.0, backoff_s=0.001, tries=2) if is_here else Client()
    return Fetcher(client, archive.journal.raw, again)


def refuse_type(data_type: str, types: tuple[str, ...]) -> None:
    """Raise InputError if a data type is none of those that can be asked for."""
    if data_type not in types:
        raise InputError(f"The data type {data_type!r} (--type) is not known here. Known: {', '.join(types)}.")


def agency_key(name: str) -> str:
    """The key of an FDSN event service in `addresses.SERVICES`; raises InputError if there is none of this name."""
    if name.upper() not in fdsn.SERVICES:
        raise InputError(f"The event service {name!r} is not known. Known: {', '.join(fdsn.SERVICES)}.")
    return name.upper()


def owed(service: Service) -> str:
    """Whom to credit for what a service gave, and its licence, in a sentence."""
    return f"{service.credit}. Licence: {service.licence}."


def _counts(asker: Fetcher) -> str:
    return f"{asker.n_fetched} answers fetched, {asker.n_reused} found among those of before (raw/)."
