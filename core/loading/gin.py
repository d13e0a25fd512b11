"""
Minute data of INTERMAGNET observatories from the GIN service (`GetData`), in IAGA-2002 and whole days.

The only way to the reported data, and a second one to the others. The service has no word for "no data": outside
its data it answers with missing values only, which is a failure here, since nothing tells it from a fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.errors import InputError
from core.loading import chunks, iaga2002_answer, services
from core.loading.chunks import Chunk
from core.loading.http import FetchError, Reply
from core.loading.intermagnet import LONGEST, TYPES, refuse_outsider
from core.loading.minute import MinuteRecord
from core.loading.raw_store import Fetcher
from core.loading.services import Service

_DAY = pd.Timedelta(days=1)


def fetch(
    station: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    data_type: str,
    fetcher: Fetcher,
    service: Service = services.GIN,
) -> Iterator[Chunk]:
    """
    Minute data of the whole days that [start, end) touches, part by part; as `intermagnet.fetch`.

    Parameters
    ----------
    station : str
        IAGA code.
    start, end : Timestamp, UTC
    data_type : str
        A key of `intermagnet.TYPES`. The record has the type that the answer states.
    fetcher : Fetcher
    service : Service

    Raises
    ------
    InputError
        If the station is not in INTERMAGNET.
    """
    refuse_outsider(station)
    if data_type not in TYPES:
        raise InputError(f"The data type is {data_type!r}, expected one of {', '.join(TYPES)}.")

    def one(first: pd.Timestamp, stop: pd.Timestamp) -> Chunk:
        parameters = {
            "Request": "GetData",
            "observatoryIagaCode": station,
            "samplesPerDay": "minute",
            "dataStartDate": first.strftime("%Y-%m-%d"),
            "dataDuration": str((stop - first) // _DAY),
            "publicationState": TYPES[data_type],
            "orientation": "XYZF",
            "format": "Iaga2002",
            "recordTermination": "UNIX",
            "testObsys": "0",
        }
        what = f"{service.name}, {station} {TYPES[data_type]}, {first:%Y-%m-%d}, {parameters['dataDuration']} days"

        def parse(reply: Reply) -> MinuteRecord:
            return _record(reply, station, first, stop, what)

        record = fetcher.get(service, service.base, parameters, parse, until=stop, also=(400,))
        message = "" if record.data_type == data_type else f"{what}: the answer says {record.data_type}."
        return Chunk(first, stop, "data", record, message)

    return chunks.each(chunks.months(start.floor("D"), end.ceil("D"), LONGEST), one)


def _record(reply: Reply, station: str, start: pd.Timestamp, end: pd.Timestamp, what: str) -> MinuteRecord:
    if reply.status == 400:
        said = " ".join(reply.body[:400].decode("utf-8", "replace").split())
        if "unable to find observatory" in said.lower():
            raise InputError(f"INTERMAGNET knows no observatory {station}. Is the code right?")
        raise FetchError(f"{what}: the server answered 400: {said[:200]}", 400)
    return iaga2002_answer.record(reply, station, start, end, what)
