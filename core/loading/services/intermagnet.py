"""
Minute data of INTERMAGNET observatories from the HAPI server of the British Geological Survey, month by month.

`info` says what there is, `data` gives rows `time,X,Y,Z,F`. The reported (variation) data, which the server has
only in the axes of each sensor, come from the older service: see `gin.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core import clock, stations
from core.errors import InputError
from core.loading.record.minute import MinuteRecord
from core.loading.services import addresses, hapi
from core.loading.services import parts as chunks
from core.loading.services.addresses import Service
from core.loading.services.http import FetchError, Reply
from core.loading.services.parts import Chunk, TooMuch
from core.loading.services.raw_store import Fetcher

# Our data types, best first, and the names that INTERMAGNET gives them.
TYPES = {
    "definitive": "definitive",
    "quasi-definitive": "quasi-def",
    "provisional": "adjusted",
    "variation": "reported",
}
LONGEST = pd.Timedelta(days=31)
PLACE_TOLERANCE_DEG = 0.5

_NOT_MEMBERS = {
    "MLR": "Muntele Rosu (MLR) is not an INTERMAGNET observatory, so no service has its data. Get the files from NIEP "
    "(for instance doi 10.17632/7vg78fv65g.1) and use `precursor ingest FILES`.",
}
_STEP = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class Info:
    """What a dataset holds: [start, end) in UTC, the value of a missing one, the longest request it takes."""

    start: pd.Timestamp
    end: pd.Timestamp
    fill: float
    longest: pd.Timedelta
    old_names: bool = False  # it knows the parameters of HAPI 2.x only

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}"


def refuse_outsider(station: str) -> None:
    """Raise InputError, with the way to go, if a station is known not to be in INTERMAGNET, or its code is none."""
    stations.check_code(station)
    if station in _NOT_MEMBERS:
        raise InputError(_NOT_MEMBERS[station])


def fetch(
    station: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    data_type: str,
    fetcher: Fetcher,
    service: Service = addresses.HAPI,
) -> Iterator[Chunk]:
    """
    Minute data of [start, end), part by part, in order; together the chunks cover the whole request.

    A part that fails does not stop the next; after two failures in a row the rest is given up.

    Parameters
    ----------
    station : str
        IAGA code.
    start, end : Timestamp, UTC, whole minutes
    data_type : str
        "definitive", "quasi-definitive" or "provisional".
    fetcher : Fetcher
    service : Service

    Raises
    ------
    InputError
        If the station is not in INTERMAGNET or has no such data.
    FetchError
        If the server cannot say what it has.
    """
    refuse_outsider(station)
    if data_type not in TYPES or data_type == "variation":
        raise InputError(f"The HAPI server is not asked for {data_type!r} data; use the GIN service for them.")
    dataset = f"{station.lower()}/{TYPES[data_type]}/PT1M/xyzf"
    known = info(station, dataset, fetcher, service)
    said = f"The service has {data_type} data of {station} from {known}."
    a, b = max(start, known.start), min(end, known.end)
    if a >= b:
        yield Chunk(start, end, "no data", message=said)
        return
    if start < a:
        yield Chunk(start, a, "no data", message=said)
    parts = chunks.months(a, b, min(LONGEST, known.longest))
    request = _Request(station, dataset, data_type, known, fetcher, service)
    yield from chunks.each(parts, request.chunk)
    if b < end:
        yield Chunk(b, end, "no data", message=said)


def info(station: str, dataset: str, fetcher: Fetcher, service: Service = addresses.HAPI) -> Info:
    """
    What a dataset holds; always asked anew. The last time that the server names is its last minute.

    Raises
    ------
    InputError
        If there is no such dataset.
    FetchError
        If the answer cannot be had or makes no sense, or is of another station.
    """
    url = f"{service.base}/info"
    answer = fetcher.get(service, url, {"dataset": dataset}, _info_answer, also=(400, 404))
    old = answer is None
    if old:
        answer = fetcher.get(service, url, {hapi.OLD_NAMES["dataset"]: dataset}, _info_answer, also=(400, 404))
    what = f"{service.name}, info of {dataset}"
    if answer is None:
        raise FetchError(f"{what}: the server takes neither the names of HAPI 3 nor those of HAPI 2.")
    if not answer:
        raise InputError(
            f"INTERMAGNET has no data set {dataset}: {station} is not one of its observatories, or has no data of "
            "this type. Data from elsewhere come in with `precursor ingest FILES`."
        )
    return _understood(station, answer, old, what)


@dataclass(frozen=True)
class _Request:
    station: str
    dataset: str
    data_type: str
    known: Info
    fetcher: Fetcher
    service: Service

    def chunk(self, start: pd.Timestamp, end: pd.Timestamp) -> Chunk:
        parameters = {
            "dataset": self.dataset,
            "start": _time(start),
            "stop": _time(end),
            "parameters": "Field_Vector,Field_Magnitude",
            "include": "header",  # so that "no data" is said, and is not only an empty body
            "format": "csv",
        }
        if self.known.old_names:
            parameters = {hapi.OLD_NAMES.get(name, name): value for name, value in parameters.items()}
        url = f"{self.service.base}/data"
        chunk = self.fetcher.get(
            self.service, url, parameters, lambda reply: self._parse(reply, start, end), until=end, also=(204, 400, 404)
        )
        if chunk.outcome == "no data" and end == self.known.end and end - start > _STEP:
            # Some servers refuse a stop past their last time, although the stop is not part of the request.
            shorter = self.chunk(start, end - _STEP)
            if shorter.outcome == "data":
                message = f"{shorter.message} The last minute of the data set cannot be asked for.".strip()
                return dataclasses.replace(shorter, end=end, message=message)
        return chunk

    def _parse(self, reply: Reply, start: pd.Timestamp, end: pd.Timestamp) -> Chunk:
        what = f"{self.service.name}, {self.dataset}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
        code = hapi.code(reply)
        if code == hapi.TOO_MUCH:
            raise TooMuch(hapi.said(reply))
        if reply.status == 204 or code in (hapi.NO_DATA, hapi.OUTSIDE):
            return Chunk(start, end, "no data", message=f"{what}: the service has no data here ({hapi.said(reply)}).")
        if reply.status != 200 or code not in (hapi.OK, 0):
            raise FetchError(f"{what}: {hapi.said(reply)}.", reply.status)
        text = hapi.body(reply, what)
        _check_place(self.station, hapi.header(text), what)
        field, n_absent = hapi.rows(text, start, end, self.known.fill, what)
        notes = (f"{n_absent} minutes have no row; they are missing.",) if n_absent else ()
        origin = {"Source of Data": self.service.name, "Licence": self.service.licence, "URL": reply.url}
        record = MinuteRecord(self.station, field, self.data_type, origin, notes)
        chunks.refuse_fill(record, what)
        return Chunk(start, end, "data", record, " ".join(notes))


def _info_answer(reply: Reply) -> dict[str, Any] | None:
    # Empty: there is no such dataset. None: the names of the parameters are not known.
    code = hapi.code(reply)
    if code == hapi.UNKNOWN_DATASET:
        return {}
    if code in (hapi.BAD_REQUEST, hapi.UNKNOWN_NAME):
        return None
    if reply.status != 200:
        raise FetchError(f"{reply.url}: {hapi.said(reply)}.", reply.status)
    content = hapi.json_object(reply)
    if code != hapi.OK:
        raise FetchError(f"{reply.url}: {hapi.said(reply)}.", reply.status)
    return content


def _understood(station: str, content: dict[str, Any], old: bool, what: str) -> Info:
    try:
        parameters = {one["name"]: one for one in content["parameters"]}
        vector, magnitude = parameters["Field_Vector"], parameters["Field_Magnitude"]
        first, last = (clock.utc(content[key]) for key in ("startDate", "stopDate"))
        cadence = pd.Timedelta(content.get("cadence", "PT1M"))
        longest = pd.Timedelta(content.get("maxRequestDuration", LONGEST.isoformat()))
        fill = float(vector.get("fill") or 99_999.0)
        shape, units = list(vector["size"]), [vector.get("units"), magnitude.get("units")]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FetchError(
            f"{what}: the answer is not understood ({type(error).__name__}: {str(error)[:120]})."
        ) from error
    flat = [unit for entry in units for unit in (entry if isinstance(entry, list) else str(entry).split(","))]
    if shape != [3] or set(flat) != {"nT"}:
        raise FetchError(f"{what}: found the units {units} and the size {shape}, expected three components in nT.")
    if cadence != _STEP or longest < chunks.SMALLEST or not first <= last:
        raise FetchError(f"{what}: the cadence {cadence}, the longest request {longest} or the period makes no sense.")
    _check_place(station, content, what)
    return Info(first.ceil("min"), last.floor("min") + _STEP, fill, longest, old)


def _check_place(station: str, content: dict[str, Any], what: str) -> None:
    # The rows do not name the observatory; its coordinates in the header do.
    known = stations.table().get(station)
    latitude, longitude = content.get("x_latitude"), content.get("x_longitude")
    if known is None or latitude is None or longitude is None:
        return
    try:
        east = abs((float(longitude) - known.longitude_deg + 180.0) % 360.0 - 180.0)
        off = max(abs(float(latitude) - known.latitude_deg), east)
    except (TypeError, ValueError) as error:
        raise FetchError(f"{what}: the coordinates {latitude!r}, {longitude!r} are no numbers.") from error
    if not off <= PLACE_TOLERANCE_DEG:
        raise FetchError(
            f"{what}: the data are of a place at {latitude}, {longitude}, but {station} is at "
            f"{known.latitude_deg}, {known.longitude_deg}. They are of another station.",
            final=True,
        )


def _time(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
