"""
Minute data of the observatories of the U.S. Geological Survey (BOU, TUC, ...) from its geomagnetism service.

Whole days in IAGA-2002, two weeks at once: for more the gateway of the service gives up. Like the GIN it has no
word for "no data" and answers with missing values only, which is a failure here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.errors import InputError
from core.loading import chunks, iaga2002_answer, services
from core.loading.chunks import Chunk
from core.loading.http import Reply
from core.loading.intermagnet import refuse_outsider
from core.loading.minute import MinuteRecord
from core.loading.raw_store import Fetcher
from core.loading.services import Service

# Our data types and the names of the service.
TYPES = {
    "definitive": "definitive",
    "quasi-definitive": "quasi-definitive",
    "provisional": "adjusted",
    "variation": "variation",
}
LONGEST = pd.Timedelta(days=14)


def fetch(
    station: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    data_type: str,
    fetcher: Fetcher,
    service: Service = services.USGS_GEOMAG,
) -> Iterator[Chunk]:
    """
    Minute data of the whole days that [start, end) touches, part by part; as `intermagnet.fetch`.

    Parameters
    ----------
    station : str
        IAGA code.
    start, end : Timestamp, UTC
    data_type : str
        A key of `TYPES`. The record has the type that the answer states.
    fetcher : Fetcher
    service : Service

    Raises
    ------
    InputError
        If the data type is none, or the station is known to be elsewhere.
    """
    refuse_outsider(station)
    if data_type not in TYPES:
        raise InputError(f"The data type is {data_type!r}, expected one of {', '.join(TYPES)}.")

    def one(first: pd.Timestamp, stop: pd.Timestamp) -> Chunk:
        last = stop - pd.Timedelta(minutes=1)  # its end is inclusive
        parameters = {
            "id": station,
            "starttime": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "endtime": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "elements": "X,Y,Z,F",
            "sampling_period": "60",
            "type": TYPES[data_type],
            "format": "iaga2002",
        }
        what = f"{service.name}, {station} {TYPES[data_type]}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"

        def parse(reply: Reply) -> MinuteRecord:
            return iaga2002_answer.record(reply, station, first, stop, what)

        record = fetcher.get(service, service.base, parameters, parse, until=stop)
        message = "" if record.data_type == data_type else f"{what}: the answer says {record.data_type}."
        return Chunk(first, stop, "data", record, message)

    return chunks.each(chunks.months(start.floor("D"), end.ceil("D"), LONGEST), one)
