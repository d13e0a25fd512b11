"""The services that data may be fetched from: a fixed table of addresses with their licences and credits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """
    One service on the network.

    `base` is an https address without a slash at its end; `credit` must be shown
    with the data; `limit` is the largest number of rows of one answer, 0 if that
    is not known; `counts` is true if the service says how many rows to expect.
    """

    name: str
    base: str
    licence: str
    credit: str
    limit: int = 0
    counts: bool = False


_INTERMAGNET = (
    "CC BY-NC 4.0 unless the institute states otherwise: no commercial use, no onward distribution",
    "INTERMAGNET (www.intermagnet.org) and the institute that operates the observatory; server of the "
    "British Geological Survey",
)

HAPI = Service("INTERMAGNET HAPI", "https://imag-data.bgs.ac.uk/GIN_V1/hapi", *_INTERMAGNET)
GIN = Service("INTERMAGNET GIN", "https://imag-data.bgs.ac.uk/GIN_V1/GINServices", *_INTERMAGNET)

USGS_GEOMAG = Service(
    "USGS Geomagnetism",
    "https://geomag.usgs.gov/ws/data/",
    "public domain",
    "U.S. Geological Survey, Geomagnetism Program",
)

KP = Service(
    "GFZ Kp",
    "https://kp.gfz.de/app/json/",
    "CC BY 4.0",
    "Kp: GFZ, doi 10.5880/Kp.0001; Matzka et al. 2021, doi 10.1029/2020SW002641",
)

FDSN = {
    "INGV": Service(
        "INGV",
        "https://webservices.ingv.it/fdsnws/event/1",
        "CC BY 4.0",
        "Italian Seismological Instrumental and Parametric Data-Base (ISIDe), INGV, doi 10.13127/ISIDE",
        limit=10_000,
    ),
    "ISC": Service(
        "ISC",
        "https://www.isc.ac.uk/fdsnws/event/1",
        "free to use with citation",
        "International Seismological Centre, On-line Bulletin, doi 10.31905/D808B830",
    ),
    "USGS": Service(
        "USGS",
        "https://earthquake.usgs.gov/fdsnws/event/1",
        "public domain",
        "U.S. Geological Survey, ANSS Comprehensive Catalog, doi 10.5066/F7MS3QZH",
        limit=20_000,
        counts=True,
    ),
    "EMSC": Service(
        "EMSC",
        "https://www.seismicportal.eu/fdsnws/event/1",
        "CC BY 4.0",
        "European-Mediterranean Seismological Centre (EMSC-CSEM), seismicportal.eu",
        limit=20_000,
    ),
    "NIEP": Service(
        "NIEP",
        "https://eida-sc3.infp.ro/fdsnws/event/1",
        "none stated: cite, do not redistribute",
        "National Institute for Earth Physics (INFP/NIEP), Romania",
        limit=1_000,
    ),
}
