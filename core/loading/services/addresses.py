"""
The services that data may be fetched from: a table of addresses with their licences and credits.

Each has the address of its operator, unless `PRECURSOR_<SERVICE>_URL` names another one: a mirror, or a service on this
machine. The address that was used stands in the recipe of what came from it.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import InputError

LOOPBACK = frozenset(("127.0.0.1", "localhost"))  # plain http only to this machine


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

SERVICES = {"HAPI": HAPI, "GIN": GIN, "USGS_GEOMAG": USGS_GEOMAG, "KP": KP, **FDSN}


def variable(key: str) -> str:
    """
    The environment variable that names another address of a service of the table.

    >>> variable("HAPI")
    'PRECURSOR_HAPI_URL'
    """
    return f"PRECURSOR_{key}_URL"


def in_use(key: str, base: str = "") -> Service:
    """
    A service of the table at the address that it has here.

    Parameters
    ----------
    key : str
        One of `SERVICES`.
    base : str
        An address on this machine, for tests; it goes before the environment variable.

    Raises
    ------
    InputError
        If the address is neither https nor http of this machine, or has a part that no service has.
    """
    service = SERVICES[key]
    if base:
        if _host(base) not in LOOPBACK:
            raise InputError("--base is for tests and takes an address of this machine only.")
        return dataclasses.replace(service, base=base)
    named = os.environ.get(variable(key), "").strip()
    if not named:
        return service
    _refuse(named, variable(key), service)
    end = "/" if service.base.endswith("/") else ""
    return dataclasses.replace(service, base=named.rstrip("/") + end)


def called(service: Service) -> str:
    """
    A service in the words of a provenance: its name, and its address if that is not the operator's.

    >>> called(KP), called(dataclasses.replace(KP, base="http://localhost:8000/"))
    ('GFZ Kp', 'GFZ Kp at http://localhost:8000/')
    """
    is_operators = any(service.base == each.base for each in SERVICES.values())
    return service.name if is_operators else f"{service.name} at {service.base}"


def _refuse(url: str, name: str, service: Service) -> None:
    """Raise InputError if an address cannot be that of a service; what it holds beside the address is not repeated."""
    fault, host = "", _host(url)
    try:
        parts = urlsplit(url)
        _ = parts.port
        if not host or any(letter.isspace() or not letter.isprintable() for letter in url):
            fault = "is no address"
        elif parts.username is not None or parts.query or parts.fragment:
            fault = "holds a user, a query or a fragment, which would be kept with the data"
        elif parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
            fault = f"is {parts.scheme or 'nothing'} of {host}"
    except ValueError:
        fault = "is no address"
    if fault:
        raise InputError(
            f"{name} {fault}; expected https, or http of this machine (127.0.0.1 or localhost), such as "
            f"{service.base}. Correct it, or unset it for the address of {service.name}."
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
