"""Stations: the table of observatories (`stations.toml`) and distances on the sphere."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core import documents, shipped
from core.data_folder import ROOT, data_dir
from core.documents import DocumentError
from core.errors import InputError

EARTH_RADIUS_KM = 6371.0
TABLE = "stations.toml"

AXES = ("geographic", "sensor")
LIMITS = {"latitude_deg": (-90, 90), "longitude_deg": (-180, 360), "elevation_m": (-500, 9000)}

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
        if not math.isfinite(self.longitude_deg):
            raise InputError(f"Station {code}: longitude {self.longitude_deg} is no finite number.")
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


def table() -> dict[str, Station]:
    """
    All known stations by code: those of the project, and over them those of `stations.toml` in the data folder.

    A code that stands in both is the data folder's; those that stand only there come last. A change of a file is seen
    at once.

    Raises
    ------
    InputError
        If a file has a slip, or that of the project is missing; the sentence gives file and line.
    """
    return {code: station for path in shipped.layers(TABLE) for code, station in _table(path, _stamp(path)).items()}


def stamp() -> str:
    """A short text that changes when the table of stations changes; cheap, for caches."""
    return "; ".join(f"{path} {_stamp(path)}" for path in shipped.layers(TABLE))


def own() -> dict[str, Path]:
    """
    The stations that are not as the project has them, by code, each with the file that says so.

    That is `stations.toml` of a data folder elsewhere, or the checkout's tracked copy where it was changed.
    """
    tracked, *over = shipped.layers(TABLE)
    differing = {code: path for path in over for code in _table(path, _stamp(path))}
    before = shipped.committed(TABLE)
    if before is not None:
        known_then = _parsed(tracked, before)
        here = _table(tracked, _stamp(tracked))
        # In words, because an elevation that is not known is NaN, which equals nothing.
        changed = [code for code, station in here.items() if repr(station) != repr(known_then.get(code))]
        differing = dict.fromkeys(changed, tracked) | differing
    return differing


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "missing"
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


@lru_cache(maxsize=8)
def _table(path: Path, _stamp: str) -> dict[str, Station]:
    return _parsed(path, documents.read_text(path, called=_shown(path)))


def _parsed(path: Path, text: str) -> dict[str, Station]:
    shown = _shown(path)
    content = documents.parse_toml(shown, text)
    if not content and path == shipped.layers(TABLE)[0]:  # the user's own may be empty
        raise DocumentError(shown, "the table holds no station, not even those of the program; restore it from a copy")
    return {code: _station(shown, text, code, row) for code, row in content.items()}


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _station(path: Path, text: str, code: str, row: Any) -> Station:
    """A section of the table as a station. Raises DocumentError with the line of the first slip."""
    if not isinstance(row, dict):
        raise DocumentError(path, f"{code!r} stands outside a section such as [DUR]", _line_of(text, "", code))
    fields = {field.name: field for field in dataclasses.fields(Station) if field.name != "code"}
    for key, value in row.items():
        if fault := _fault(key, value, fields):
            raise DocumentError(path, fault, _line_of(text, code, key))
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in row:
            raise DocumentError(path, f"[{code}] has no {name}", _line_of(text, code))
    paper = tuple((key, str(value)) for key, value in row.get("paper", {}).items())
    try:
        return Station(**{**row, "code": code, "paper": paper})
    except InputError as error:
        raise DocumentError(path, str(error).rstrip("."), _line_of(text, code)) from None


def _fault(key: str, value: Any, fields: dict[str, Any]) -> str:
    """What is wrong with a value of the table, in words; "" if nothing is."""
    if key not in fields:
        return f"unknown key {key!r}. Keys are: {', '.join(fields)}"
    kind: type = dict if key == "paper" else float if key in LIMITS else str
    if not documents.of_kind(value, kind):
        said = "" if kind is dict else f" = {str(value)[:40]!r}" if isinstance(value, str) else f" = {str(value)[:40]}"
        return f"{key}{said} is {documents.words_for(type(value))}, not {documents.words_for(kind)}"
    if key in LIMITS:
        low, high = LIMITS[key]
        if not math.isfinite(value):
            return f"{key} = {value} is no finite number"
        if not low <= value <= high:
            return f"{key} = {value:g} is outside {low} to {high}"
    if key == "name" and not value.strip():
        return "name is empty"
    return f"axes = {value!r} is neither {' nor '.join(AXES)}" if key == "axes" and value not in AXES else ""


def _line_of(text: str, code: str, key: str = "") -> int:
    """The line of a key of a section ("" = before any section), or of its heading; where neither is found, line 1."""
    here, heading = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        if section := re.match(r"\s*\[\s*[\"']?([^\"'\]]*?)[\"']?\s*\]", line):
            here = section[1]
            if here == code:
                heading = number
            if key and here == f"{code}.{key}":
                return number
        elif not here and re.match(rf"\s*[\"']?{re.escape(code)}[\"']?\s*[=.]", line) and code:
            heading = number  # all of the station on a line
        elif key and here == code and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return heading


def get(code: str) -> Station:
    """
    The station with this code.

    Raises
    ------
    InputError
        If the code is not in the table, or the table has a slip.
    """
    known = table()
    if code not in known:
        raise InputError(
            f"Station {code!r} is not in data/stations.toml. Known: {', '.join(known)}. "
            f"Add its code, name, latitude_deg and longitude_deg to {data_dir() / TABLE}."
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
    distance: np.ndarray = great_circle_km(latitude_deg, longitude_deg, station.latitude_deg, station.longitude_deg)
    return distance


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
    distance: np.ndarray = np.sqrt(np.maximum(depth**2 + along, 0.0))
    return distance
