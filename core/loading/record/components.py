"""
From the elements that observatories report (H, D, Z, E, I, G) to geographic X, Y, Z in nT.

Angles named `_minutes` are minutes of arc, as IAGA-2002 has them; east and
down are positive. A missing input (NaN) makes every output that needs it NaN.
Formulas: Jankowski and Sucksdorff (1996), Guide for Magnetic Measurements and
Observatory Practice, chapter 1; INTERMAGNET Technical Reference Manual.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

MINUTES_TO_RADIANS = np.pi / 10800.0

# The letters that observatories report; those along the axes of a sensor cannot be turned to north and down.
ELEMENTS = frozenset("XYZHDEIFSG")
SENSOR_AXES = frozenset("UVW")
WHY_NO_SENSOR_AXES = (
    "are along the axes of a sensor, and nothing in the file says how these stand to north and down. "
    "Get the file in X, Y, Z or H, D, Z."
)


def xyz_from_hdz(h: Array, d_minutes: Array, z: Array) -> tuple[Array, Array, Array]:
    """
    X = H cos D, Y = H sin D; Z is itself.

    >>> [float(round(v, 3)) for v in xyz_from_hdz(20000.0, 1800.0, 4.0)]
    [17320.508, 10000.0, 4.0]
    """
    angle = np.asarray(d_minutes) * MINUTES_TO_RADIANS
    return h * np.cos(angle), h * np.sin(angle), z


def xyz_from_hez(h: Array, e: Array, z: Array, base_minutes: Array | float) -> tuple[Array, Array, Array]:
    """
    Rotate the frame of a variometer to geographic: X = H cos Da - E sin Da, Y = H sin Da + E cos Da.

    Here H and E (nT) are not polar but the components along and across the adopted meridian Da
    (`base_minutes`, minutes of arc east of north); the same rotation takes any tilted X, Y to geographic.

    >>> [float(round(v, 3)) for v in xyz_from_hez(20000.0, -100.0, 4.0, 1800.0)]
    [17370.508, 9913.397, 4.0]
    """
    angle = np.asarray(base_minutes) * MINUTES_TO_RADIANS
    return h * np.cos(angle) - e * np.sin(angle), h * np.sin(angle) + e * np.cos(angle), z


def z_from_inclination(h: Array, i_minutes: Array) -> Array:
    """Z = H tan I, for files that report I in place of Z (DHIF)."""
    return h * np.tan(np.asarray(i_minutes) * MINUTES_TO_RADIANS)


def total(x: Array, y: Array, z: Array) -> Array:
    """The length of the vector, sqrt(X^2 + Y^2 + Z^2)."""
    return np.sqrt(x * x + y * y + z * z)


def igrf_declination_minutes(latitude_deg: float, longitude_deg: float, minutes: Array) -> Array:
    """
    Declination of the IGRF main field at a place, in minutes of arc, shape (n,).

    Evaluated at the turn of each year and interpolated linearly between, so that it has no step that
    could pass for a signal: files of neighbouring days, read one by one, join smoothly.

    Parameters
    ----------
    latitude_deg, longitude_deg : float, geodetic degrees
    minutes : ndarray, shape (n,)
        Epoch minutes (UTC).
    """
    times = np.asarray(minutes).astype("datetime64[m]")
    years = times.astype("datetime64[Y]").astype(int) + 1970
    knots = np.arange(int(years.min()), int(years.max()) + 2)
    starts = np.array([f"{year:04d}-01-01" for year in knots], dtype="datetime64[m]").astype(np.int64)
    values = [_igrf_declination_minutes(float(latitude_deg), float(longitude_deg), int(year)) for year in knots]
    return np.interp(np.asarray(minutes, dtype=np.float64), starts, values)


@lru_cache(maxsize=1024)
def _igrf_declination_minutes(latitude_deg: float, longitude_deg: float, year: int) -> float:
    from datetime import datetime

    import ppigrf  # slow to import, and most files do not need it

    year = min(max(year, 1900), 2030)  # what IGRF-14 covers; beyond it the nearest year has to do
    east, north, _ = ppigrf.igrf(longitude_deg, latitude_deg, 0.0, datetime(year, 1, 1))
    return float(np.degrees(np.arctan2(east, north)).item()) * 60.0
