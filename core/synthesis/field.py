"""
The quiet field of a station: main field with secular variation, crust, and the daily variation Sq.

`true_field` adds the disturbance. Numbers: IGRF-14 through ppigrf; the daily
variation as observed at mid-latitudes near the focus of the Sq currents.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from core.stations import Station
from core.synthesis.disturbance import External, at_station
from core.synthesis.randomness import generator

MINUTES_PER_DAY = 1440
IGRF_YEARS = (1900, 2030)  # the years that the coefficients cover

_CRUST_NT = 80.0
# Peak to peak in nT, mean over the year; the season changes it by 40 %.
_SQ_NT = (15.0, 42.0, 20.0)
_SQ_SEASON = 0.4
_SQ_SIGMA = 0.25  # of the logarithm of a day's amplitude
_SQ_SHARED = 0.9  # correlation of that between stations
_SQ_HARMONICS = 4
_MINUTES_PER_DEGREE = 4  # local time


def true_field(station: Station, first_minute: int, n_minutes: int, shared: External, seed: int) -> np.ndarray:
    """
    X, Y, Z at a station before any instrument sees it.

    Returns
    -------
    ndarray, shape (3, n_minutes), float64, nT
    """
    field = main_field(station, first_minute, n_minutes)
    crust = generator(seed, "crust", station.code).normal(0.0, _CRUST_NT, 3)
    field += np.clip(crust, -2 * _CRUST_NT, 2 * _CRUST_NT)[:, None]
    daily_variation(station, first_minute, field, seed)
    field += at_station(shared, station, seed)
    return field


def main_field(station: Station, first_minute: int, n_minutes: int) -> np.ndarray:
    """
    IGRF-14 at a station, shape (3, n_minutes), nT: X north, Y east, Z down (geodetic).

    Evaluated at each new year and linear between: IGRF itself is linear between
    epochs five years apart, so nothing is lost.
    """
    import ppigrf

    minutes = np.arange(first_minute, first_minute + n_minutes, dtype=float)
    first, last = (_year(first_minute), _year(first_minute + n_minutes - 1) + 1)
    years = range(first, last + 1)
    height_km = 0.0 if np.isnan(station.elevation_m) else station.elevation_m / 1000.0
    dates = [datetime(year, 1, 1) for year in years]
    east, north, up = ppigrf.igrf(station.longitude_deg, station.latitude_deg, height_km, dates)
    nodes = [np.datetime64(f"{year}-01-01", "m").astype(np.int64) for year in years]
    return np.stack([np.interp(minutes, nodes, np.ravel(part)) for part in (north, east, -up)])


def daily_variation(station: Station, first_minute: int, field: np.ndarray, seed: int) -> None:
    """
    Add the solar quiet daily variation to `field`, shape (3, n_minutes), in place.

    Four harmonics of the day in local time. A day's amplitude is seasonal times
    log-normal; X, near the focus of the currents, may change sign from day to day.
    """
    n_minutes = field.shape[1]
    first_day = first_minute // MINUTES_PER_DAY - 1
    n_days = n_minutes // MINUTES_PER_DAY + 4
    day = first_day + np.arange(n_days)
    season = 1 + _SQ_SEASON * np.cos(2 * np.pi * ((day % 365.2425) + 1 - 172) / 365.2425)
    if station.latitude_deg < 0:
        season = 2 - season
    share = np.sqrt(_SQ_SHARED)
    both = [(generator(seed, "sq", c), generator(seed, "sq", c, station.code)) for c in ("amplitude", "focus")]
    amplitude, focus = (
        share * world.standard_normal(n_days) + np.sqrt(1 - share**2) * own.standard_normal(n_days)
        for world, own in both
    )
    size = season * np.exp(_SQ_SIGMA * amplitude - _SQ_SIGMA**2 / 2)
    # North of the focus the currents flow west and X is lowest near noon, south of it the other way round.
    side = np.clip((abs(station.latitude_deg) - 38.0) / 6.0, -1.5, 1.5) + 0.5 * focus
    factors = (size * side, size, size)

    offset = round(station.longitude_deg * _MINUTES_PER_DEGREE)
    minutes = np.arange(first_minute, first_minute + n_minutes)
    noon = day * MINUTES_PER_DAY + MINUTES_PER_DAY // 2 - offset
    of_day = (minutes + offset) % MINUTES_PER_DAY
    for row, (shape, factor, peak_to_peak) in enumerate(zip(_shapes(), factors, _SQ_NT, strict=True)):
        # Linear from noon to noon, so that no step appears at midnight.
        field[row] += peak_to_peak * shape[of_day] * np.interp(minutes, noon, factor)


def _shapes() -> np.ndarray:
    """
    The day's course of X, Y, Z, shape (3, 1440), peak to peak 1, in local time.

    Y is highest near 8:30 and lowest near 13:30, X and Z are lowest near 11:30.
    """
    hour = np.arange(MINUTES_PER_DAY) / 60.0

    def hump(centre: float, width: float) -> np.ndarray:
        return np.exp(-0.5 * ((hour - centre) / width) ** 2)

    shapes = np.stack([-hump(11.5, 2.3), hump(8.3, 2.0) - 1.1 * hump(13.7, 2.0), -hump(11.5, 2.5)])
    spectrum = np.fft.rfft(shapes, axis=1)
    spectrum[:, 0] = 0  # the daily mean belongs to the main field
    spectrum[:, _SQ_HARMONICS + 1 :] = 0
    shapes = np.fft.irfft(spectrum, n=MINUTES_PER_DAY, axis=1)
    normal: np.ndarray = shapes / np.ptp(shapes, axis=1, keepdims=True)
    return normal


def _year(minute: int) -> int:
    """The year of an epoch minute."""
    return int(np.datetime64(minute, "m").astype("datetime64[Y]").astype(int)) + 1970
