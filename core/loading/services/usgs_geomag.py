"""
Minute data of the observatories of the U.S. Geological Survey (BOU, TUC, ...) from its geomagnetism service.

Whole days in IAGA-2002, two weeks at once: for more the gateway of the service gives up. Like the GIN it has no
word for "no data" and answers with missing values only, which is a failure here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.loading.services import addresses, iaga2002_answer
from core.loading.services.addresses import Service
from core.loading.services.parts import Chunk
from core.loading.services.raw_store import Fetcher

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
    service: Service = addresses.USGS_GEOMAG,
) -> Iterator[Chunk]:
    """
    Minute data from the USGS; see `iaga2002_answer.days`. `data_type` is a key of `TYPES`.

    Raises
    ------
    InputError
        If the data type is none, or the station is known to be elsewhere.
    """

    def ask(first: pd.Timestamp, stop: pd.Timestamp) -> dict[str, str]:
        last = stop - pd.Timedelta(minutes=1)  # the end is inclusive
        return {
            "id": station,
            "starttime": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "endtime": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "elements": "X,Y,Z,F",
            "sampling_period": "60",
            "type": TYPES[data_type],
            "format": "iaga2002",
        }

    return iaga2002_answer.days(station, (start, end), data_type, fetcher, service, TYPES, LONGEST, ask)
