"""
A made-up catalogue: background earthquakes on real fault zones, and their aftershocks.

The background is a Poisson process; magnitudes follow Gutenberg and Richter
with b = 1 from M 3.5 to 6.5; every event, aftershocks too, has aftershocks by
Omori and Utsu with a productivity that grows with magnitude (ETAS, Ogata 1988).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core import clock
from core.loading.catalogue.events import check
from core.stations import EARTH_RADIUS_KM, Station, distance_km
from core.synthesis.randomness import generator

MIN_MAGNITUDE, MAX_MAGNITUDE = 3.5, 6.5
B_VALUE = 1.0
REGION_KM = 300.0

# Aftershocks: expected number K 10^(alpha (M - 3.5)), delay (t + c)^-p, both in days.
_K, _ALPHA, _C_DAYS, _P = 0.08, 0.9, 0.02, 1.1
_LONGEST_DAYS = 3650.0
_DEEP_KM, _DEEP_PRODUCTIVITY = 60.0, 0.1  # intermediate-depth events have few aftershocks


@dataclass(frozen=True)
class Zone:
    """A line along which earthquakes happen, as wide as `width_km`, with its share of the background."""

    name: str
    ends_deg: tuple[float, float, float, float]  # latitude, longitude of one end and of the other
    width_km: float
    depth_km: tuple[float, float]  # mean and standard deviation
    depth_limits_km: tuple[float, float]
    share: float


_CRUST = (2.0, 28.0)
_VRANCEA = (60.0, 160.0)
ZONES: dict[str, tuple[Zone, ...]] = {
    "DUR": (
        Zone("L'Aquila to Norcia", (42.2, 13.6, 43.0, 13.1), 10, (9, 3), _CRUST, 0.40),
        Zone("Matese and Sannio", (41.6, 14.2, 41.1, 14.9), 10, (11, 4), _CRUST, 0.25),
        Zone("Irpinia", (40.95, 15.1, 40.6, 15.7), 10, (11, 4), _CRUST, 0.15),
        Zone("Gargano and Molise", (41.7, 14.9, 41.8, 16.0), 10, (18, 4), _CRUST, 0.20),
    ),
    "IZN": (
        Zone("Sea of Marmara", (40.85, 27.6, 40.75, 29.3), 10, (10, 3), _CRUST, 0.35),
        Zone("Izmit to Duzce", (40.72, 29.5, 40.78, 31.4), 8, (10, 3), _CRUST, 0.20),
        Zone("Gemlik to Geyve", (40.42, 28.9, 40.48, 30.3), 10, (9, 3), _CRUST, 0.20),
        Zone("Simav", (39.15, 28.6, 39.1, 29.5), 12, (9, 3), _CRUST, 0.25),
    ),
    "MLR": (
        Zone("Vrancea, intermediate depth", (45.4, 26.2, 45.9, 26.9), 12, (100, 28), _VRANCEA, 0.70),
        Zone("Foredeep, Ramnicu Sarat to Galati", (45.3, 26.9, 45.6, 27.9), 12, (15, 6), _CRUST, 0.15),
        Zone("Fagaras to Sinaia", (45.55, 24.7, 45.4, 25.7), 12, (12, 5), _CRUST, 0.15),
    ),
}


@dataclass(frozen=True)
class Quake:
    """One event; `minute` is fractional, since 1970."""

    minute: float
    latitude_deg: float
    longitude_deg: float
    depth_km: float
    magnitude: float


def generate(stations: list[Station], start: int, end: int, events_per_year: float, seed: int) -> pd.DataFrame:
    """
    The events table of a world.

    Parameters
    ----------
    stations : list of Station
        Each brings the fault zones around it; `ZONES`, or four made-up lines for other stations.
    start, end : int
        Epoch minutes, half-open.
    events_per_year : float
        Background events of M 3.5 or more within 300 km of each station; aftershocks come on top.

    Returns
    -------
    DataFrame
        Columns of `events.COLUMNS`, sorted by time; ids count up in time.
    """
    quakes: list[Quake] = []
    for station in sorted(stations, key=lambda one: one.code):
        quakes += _region(station, start, end, events_per_year, seed)
    quakes.sort(key=lambda quake: quake.minute)
    origin = datetime(1970, 1, 1)
    times = [origin + timedelta(minutes=quake.minute) for quake in quakes]
    table = {
        "event_id": [f"syn{i:06d}" for i in range(1, len(quakes) + 1)],
        "origin_time": clock.in_utc(np.array(times, dtype="datetime64[us]")),
        "latitude_deg": [quake.latitude_deg for quake in quakes],
        "longitude_deg": [quake.longitude_deg for quake in quakes],
        "depth_km": [quake.depth_km for quake in quakes],
        "magnitude": [quake.magnitude for quake in quakes],
        "magnitude_type": "Mw",
        "source": "synthetic",
    }
    return check(pd.DataFrame(table))


def _region(station: Station, start: int, end: int, events_per_year: float, seed: int) -> list[Quake]:
    """Background and aftershocks around one station."""
    zones = ZONES.get(station.code) or _made_up_zones(station, seed)
    shares = np.cumsum([zone.share for zone in zones])
    when = generator(seed, "background times", station.code)
    found: list[Quake] = []
    minute, number = float(start), 0
    while events_per_year > 0:
        minute += when.exponential(365.25 * 1440 / events_per_year)
        if minute >= end:
            break
        number += 1
        rng = generator(seed, "background", station.code, number)
        zone = zones[min(int(np.searchsorted(shares, rng.random() * shares[-1], side="right")), len(zones) - 1)]
        quake = _in_zone(zone, station, minute, rng)
        found.append(quake)
        found += _aftershocks(quake, end, seed, station.code, f"{number}")
    return found


def _in_zone(zone: Zone, station: Station, minute: float, rng: np.random.Generator) -> Quake:
    """A background event of a zone, within 300 km of the station."""
    lat0, lon0, lat1, lon1 = zone.ends_deg
    depth = _depth(rng, *zone.depth_km, zone.depth_limits_km)
    magnitude = _magnitude(rng)
    while True:
        along = rng.random()
        lat, lon = _moved(lat0 + along * (lat1 - lat0), lon0 + along * (lon1 - lon0), rng.normal(0, zone.width_km, 2))
        if float(distance_km(lat, lon, station)) <= REGION_KM:
            return _quake(minute, lat, lon, depth, magnitude)


def _aftershocks(parent: Quake, end: int, seed: int, region: str, line: str) -> list[Quake]:
    """All descendants of an event before `end`; each family has its own stream, named by its line of descent."""
    rng = generator(seed, "aftershocks", region, line)
    expected = _K * 10 ** (_ALPHA * (parent.magnitude - MIN_MAGNITUDE))
    if parent.depth_km >= _DEEP_KM:
        expected *= _DEEP_PRODUCTIVITY
    # Median subsurface rupture length of Wells & Coppersmith (1994), all kinds of slip.
    length_km = 10 ** (-2.44 + 0.59 * parent.magnitude)
    found: list[Quake] = []
    for child in range(int(rng.poisson(expected))):
        minute = parent.minute + 1440 * _omori_days(rng.random())
        lat, lon = _moved(parent.latitude_deg, parent.longitude_deg, rng.normal(0, length_km / 2 + 1.0, 2))
        low, high = _VRANCEA if parent.depth_km >= _DEEP_KM else _CRUST
        depth = _depth(rng, parent.depth_km, 3.0, (low, high))
        magnitude = _magnitude(rng)
        if minute < end:
            quake = _quake(minute, lat, lon, depth, magnitude)
            found.append(quake)
            found += _aftershocks(quake, end, seed, region, f"{line}.{child}")
    return found


def _omori_days(chance: float) -> float:
    """Delay at which the share `chance` of the aftershocks of ten years has happened (Omori-Utsu, inverted)."""
    near, far = _C_DAYS ** (1 - _P), (_LONGEST_DAYS + _C_DAYS) ** (1 - _P)
    return float((near - chance * (near - far)) ** (1 / (1 - _P)) - _C_DAYS)


def _magnitude(rng: np.random.Generator) -> float:
    """Gutenberg-Richter between the limits, in steps of 0.1 as catalogues have it."""
    low, high = MIN_MAGNITUDE - 0.05, MAX_MAGNITUDE + 0.05
    share = 1 - rng.random() * (1 - 10 ** (-B_VALUE * (high - low)))
    return round(low - float(np.log10(share)) / B_VALUE, 1)


def _depth(rng: np.random.Generator, mean: float, sd: float, limits: tuple[float, float]) -> float:
    return float(np.clip(rng.normal(mean, sd), *limits))


def _moved(lat: float, lon: float, north_east_km: np.ndarray) -> tuple[float, float]:
    """The point some km north and east of another."""
    degree_km = np.pi * EARTH_RADIUS_KM / 180
    north, east = north_east_km
    return lat + north / degree_km, lon + east / (degree_km * np.cos(np.radians(lat)))


def _quake(minute: float, lat: float, lon: float, depth: float, magnitude: float) -> Quake:
    """An event with the precision of a catalogue: 10 ms, 0.001 degrees, 0.1 km."""
    lon = (lon + 180) % 360 - 180
    return Quake(round(minute * 6000) / 6000, round(float(lat), 3), round(float(lon), 3), round(depth, 1), magnitude)


def _made_up_zones(station: Station, seed: int) -> tuple[Zone, ...]:
    """Four lines of 60 km at 30 to 200 km from a station whose faults are not listed."""
    rng = generator(seed, "zones", station.code)
    zones = []
    for i in range(4):
        bearing, strike, far = rng.uniform(0, 2 * np.pi), rng.uniform(0, np.pi), rng.uniform(30, 200)
        centre = _moved(station.latitude_deg, station.longitude_deg, far * np.array([np.cos(bearing), np.sin(bearing)]))
        half = 30 * np.array([np.cos(strike), np.sin(strike)])
        ends = (*_moved(*centre, half), *_moved(*centre, -half))
        zones.append(Zone(f"line {i + 1}", ends, 10, (10, 4), _CRUST, 0.25))
    return tuple(zones)
