"""Stations: the table of observatories (`data/stations.toml`) and distances on the sphere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.config import ROOT
from core.errors import InputError

EARTH_RADIUS_KM = 6371.0

_CODE = re.compile(r"[A-Z0-9]{3}")


@dataclass(frozen=True)
class Station:
    """
    One place where the field is recorded.

    Guarantees: `code` is three upper-case letters or digits; latitude in
    [-90, 90], longitude in [-180, 180), both geodetic degrees.
    """

    code: str
    name: str
    latitude_deg: float
    longitude_deg: float
    elevation_m: float = float("nan")
    institute: str = ""
    credit: str = ""  # the acknowledgement that must be shown with the data
    licence: str = ""
    note: str = ""
    axes: str = "geographic"  # or "sensor": X, Y, Z are those of the instrument
    paper: tuple[tuple[str, str], ...] = ()  # what Table 1 of Petrescu & Moldovan (2022) prints for this station

    def __post_init__(self) -> None:
        code = self.code
        check_code(code)
        if not -90 <= self.latitude_deg <= 90:
            raise InputError(f"Station {code}: latitude {self.latitude_deg} is outside -90 to 90.")
        if not -180 <= self.longitude_deg < 180:  # else left alone: the remainder is not exact
            object.__setattr__(self, "longitude_deg", round((self.longitude_deg + 180.0) % 360.0 - 180.0, 9))


def is_code(text: object) -> bool:
    """
    Whether a text is written as the code of a station, known or not; what is one leads to no other folder.

    >>> is_code("DUR"), is_code("../")
    (True, False)
    """
    return isinstance(text, str) and _CODE.fullmatch(text) is not None


def check_code(text: object) -> None:
    """Raise InputError if something found where a station is named cannot be its code."""
    if not is_code(text):
        raise InputError(f"Station code {repr(text)[:80]} is not three upper-case letters or digits.")


@lru_cache(maxsize=4)
def table(path: Path | None = None) -> dict[str, Station]:
    """All known stations by code, in the order of `data/stations.toml`."""
    path = path or ROOT / "data" / "stations.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    stations = {}
    for code, row in content.items():
        row = dict(row)
        paper = tuple((key, str(value)) for key, value in row.pop("paper", {}).items())
        stations[code] = Station(code=code, paper=paper, **row)
    return stations


def get(code: str) -> Station:
    """
    The station with this code.

    Raises
    ------
    InputError
        If the code is not in the table.
    """
    known = table()
    if code not in known:
        raise InputError(
            f"Station {code!r} is not in data/stations.toml. Known: {', '.join(known)}. "
            "Add its code, name, latitude_deg and longitude_deg there."
        )
    return known[code]


def resolve(codes: Iterable[str]) -> list[Station]:
    """The stations with these codes, in the given order."""
    return [get(code) for code in codes]


def distance_km(latitude_deg: Any, longitude_deg: Any, station: Station) -> np.ndarray:
    """
    Great-circle distance from points to a station on a sphere of 6371.0 km (haversine).

    Parameters
    ----------
    latitude_deg, longitude_deg : array-like, shape (n,), degrees
    station : Station

    Returns
    -------
    ndarray, shape (n,), km

    Examples
    --------
    A quarter of a meridian:

    >>> pole = Station("NPL", "North Pole", 90.0, 0.0)
    >>> float(distance_km(0.0, 0.0, pole).round(1))
    10007.5
    """
    return great_circle_km(latitude_deg, longitude_deg, station.latitude_deg, station.longitude_deg)


def great_circle_km(latitude_deg: Any, longitude_deg: Any, other_latitude_deg: Any, other_longitude_deg: Any) -> Any:
    """The same between points and other points, row by row."""
    ends = (latitude_deg, longitude_deg, other_latitude_deg, other_longitude_deg)
    lat, lon, lat0, lon0 = (np.radians(np.asarray(degrees, dtype=float)) for degrees in ends)
    a = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(a, 0, 1)))


def focal_distance_km(epicentral_km: Any, depth_km: Any) -> np.ndarray:
    """
    Straight-line distance from a station to the focus, from the arc to the epicentre and the depth.

    On a sphere of radius R: d^2 = R^2 + (R - h)^2 - 2 R (R - h) cos(arc / R). A station's elevation is neglected.

    Examples
    --------
    >>> focal_distance_km([0.0, 30.0], [10.0, 40.0]).round(1).tolist()
    [10.0, 49.9]
    """
    arc, depth = np.asarray(epicentral_km, dtype=float) / EARTH_RADIUS_KM, np.asarray(depth_km, dtype=float)
    # The same with (1 - cos) written as a sine, which loses no digits at short distances.
    along = 4 * EARTH_RADIUS_KM * (EARTH_RADIUS_KM - depth) * np.sin(arc / 2) ** 2
    return np.sqrt(np.maximum(depth**2 + along, 0.0))
