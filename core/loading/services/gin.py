"""
Minute data of INTERMAGNET observatories from the GIN service (`GetData`), in IAGA-2002 and whole days.

The only way to the reported data, and a second one to the others. The service has no word for "no data": outside
its data it answers with missing values only, which is a failure here, since nothing tells it from a fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.errors import InputError
from core.loading.services import addresses, http, iaga2002_answer
from core.loading.services.addresses import Service
from core.loading.services.http import FetchError, Reply
from core.loading.services.intermagnet import LONGEST, TYPES
from core.loading.services.parts import Chunk
from core.loading.services.raw_store import Fetcher

_DAY = pd.Timedelta(days=1)


def fetch(
    station: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    data_type: str,
    fetcher: Fetcher,
    service: Service = addresses.GIN,
) -> Iterator[Chunk]:
    """
    Minute data from the GIN; see `iaga2002_answer.days`. `data_type` is a key of `intermagnet.TYPES`.

    Raises
    ------
    InputError
        If the data type is none, or the station is not in INTERMAGNET.
    """

    def ask(first: pd.Timestamp, stop: pd.Timestamp) -> dict[str, str]:
        return {
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

    def refused(reply: Reply, what: str) -> None:
        if "unable to find observatory" in http.reason(reply).lower():
            raise InputError(f"INTERMAGNET knows no observatory {station}. Is the code right?")
        raise FetchError(f"{what}: {http.meaning(reply)}", 400)

    period = start, end
    return iaga2002_answer.days(station, period, data_type, fetcher, service, TYPES, LONGEST, ask, refused)
