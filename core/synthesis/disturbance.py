"""
The disturbed field: ring current, sudden commencements and red noise that follow Kp.

Most of it comes from outside the Earth and is shared by all stations; each
station scales it with its geomagnetic latitude and adds a local part. The
amplitudes give the 3-hour ranges and the minute-to-minute differences measured
at Boulder (2016) and Eskdalemuir (2003) for each Kp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter, lfiltic

from core.stations import Station
from core.synthesis.activity import Activity
from core.synthesis.randomness import generator

# Standard deviation in nT for Kp = 0, 1, ... 9 at a dipole latitude of 48 degrees (Boulder).
# "rough": minutes to an hour, spectrum f^-2; "smooth": an hour and longer, the part that makes the 3-hour range.
_KP = np.arange(10.0)
_ROUGH_NT = np.array([0.9, 1.3, 1.8, 2.4, 3.2, 3.9, 7.0, 14.0, 30.0, 60.0])
_SMOOTH_X_NT = np.array([1.2, 3.4, 5.0, 8.2, 14.0, 23.0, 30.0, 44.0, 80.0, 120.0])
_SMOOTH_Y_NT = np.array([0.8, 3.2, 6.5, 9.0, 13.0, 17.0, 22.0, 35.0, 65.0, 95.0])
_ROUGH_MINUTES = 40.0
_SMOOTH_MINUTES = 25.0  # twice
_LOCAL_MINUTES = 3.0
_LOCAL_SHARE = 0.13  # of the rough part: the coherence between stations falls below periods of about 5 min
_PULSATION_MINUTES, _PULSATION_SHARE = 6.0, 0.12

# Log-normal bursts of activity within a 3-hour interval: they give the differences their heavy tails.
_BURST_SIGMA, _BURST_MINUTES, _NODE_MINUTES = 0.55, 60.0, 10

# Dst from ap: two reservoirs filled at the rate max(ap - 10, 0) ** 0.743 and emptied within 6 and 73 hours,
# fitted to the Kp and Dst of 2006-2022 (correlation 0.78); nT per hour.
_RING = ((0.3835, 6.0), (0.0647, 72.8))
_RING_POWER, _RING_QUIET_RATE = 0.743, 1.5
_RING_VERTICAL = 0.35  # Z of the ring current, as a share of its X, after induction in the Earth
_COMMENCEMENT_MINUTES, _COMMENCEMENT_HOURS = 4.0, 3.0

# The geomagnetic pole of IGRF-14 in 2020.
_POLE_LATITUDE_DEG, _POLE_LONGITUDE_DEG = 80.59, -72.64


@dataclass(frozen=True)
class External:
    """
    What all stations of a world share, minute by minute.

    Guarantees: float32 arrays of shape (n_minutes,). `x`, `y` are nT at a
    dipole latitude of 48 degrees; `ring` is nT at the equator, negative in
    storms; `level` is the size of the rough part, which the local noise follows.
    """

    x: np.ndarray
    y: np.ndarray
    ring: np.ndarray
    level: np.ndarray


def external(activity: Activity, first_minute: int, n_minutes: int, seed: int) -> External:
    """The shared part of the disturbance."""
    time = np.arange(first_minute, first_minute + n_minutes, dtype=float)
    bursts = _bursts(n_minutes, seed)
    rough = (_at(time, activity, _ROUGH_NT) * bursts).astype(np.float32)
    x = rough * _red(seed, "rough x", n_minutes, _ROUGH_MINUTES)
    y = rough * _red(seed, "rough y", n_minutes, _ROUGH_MINUTES)
    pulsation = _pulsation(n_minutes, seed) * rough
    pulsation *= np.float32(_PULSATION_SHARE)
    x += pulsation
    pulsation *= np.float32(0.7)
    y += pulsation
    x += (_at(time, activity, _SMOOTH_X_NT) * _red(seed, "smooth x", n_minutes, _SMOOTH_MINUTES, twice=True)).astype(
        "f4"
    )
    y += (_at(time, activity, _SMOOTH_Y_NT) * _red(seed, "smooth y", n_minutes, _SMOOTH_MINUTES, twice=True)).astype(
        "f4"
    )
    return External(x, y, _ring(activity, time), rough)


def at_station(shared: External, station: Station, seed: int) -> np.ndarray:
    """
    The disturbance of a station: what is shared, scaled to its latitude, and its own part.

    Returns
    -------
    ndarray, shape (3, n_minutes), float32, nT
        X, Y, Z. Z is induced by X and Y (a constant vector of the place, 0.15
        to 0.3 long) and by the ring current.
    """
    n_minutes = len(shared.x)
    latitude = dipole_latitude_deg(station)
    # The ranges at 48 and 58 degrees differ by the factor 1.57; taken as exponential in the latitude.
    scale = np.float32(np.exp((min(abs(latitude), 65.0) - 48.0) / 22.0))
    rng = generator(seed, "place", station.code)
    size, angle = rng.uniform(0.15, 0.3), rng.uniform(0, 2 * np.pi)
    north, east = np.float32(size * np.cos(angle)), np.float32(size * np.sin(angle))

    out = np.empty((3, n_minutes), dtype=np.float32)
    local = np.float32(_LOCAL_SHARE) * shared.level
    for row, (name, own) in enumerate((("x", shared.x), ("y", shared.y))):
        out[row] = _red(seed, f"local {name}", n_minutes, _LOCAL_MINUTES, station.code)
        out[row] *= local
        out[row] += own
        out[row] *= scale
    out[2] = _red(seed, "local z", n_minutes, _LOCAL_MINUTES, station.code)
    out[2] *= np.float32(0.3) * scale * local
    out[2] += north * out[0]
    out[2] += east * out[1]
    ring = shared.ring * np.float32(np.cos(np.radians(latitude)))
    out[0] += ring
    out[2] -= ring * np.float32(_RING_VERTICAL * np.sign(latitude))
    return out


def dipole_latitude_deg(station: Station) -> float:
    """Geomagnetic (dipole) latitude: the angle from the geomagnetic equator."""
    lat, pole = np.radians(station.latitude_deg), np.radians(_POLE_LATITUDE_DEG)
    turn = np.radians(station.longitude_deg - _POLE_LONGITUDE_DEG)
    return float(np.degrees(np.arcsin(np.sin(lat) * np.sin(pole) + np.cos(lat) * np.cos(pole) * np.cos(turn))))


def _at(time: np.ndarray, activity: Activity, by_kp: np.ndarray) -> np.ndarray:
    """A quantity that depends on Kp, at each minute: linear between the middles of the 3-hour intervals."""
    value: np.ndarray = np.interp(time, activity.middle_minutes, np.interp(activity.kp, _KP, by_kp))
    return value


def _red(seed: int, part: str, n: int, minutes: float, station: str = "", twice: bool = False) -> np.ndarray:
    """Unit-variance noise that forgets in `minutes`; `twice` makes it smooth as well. float32, shape (n,)."""
    keep = float(np.exp(-1 / minutes))
    noise = generator(seed, part, station).standard_normal(n, dtype=np.float32)
    if twice:
        # Variance of two equal first-order filters in a row: (1 + k^2) / (1 - k^2)^3.
        gain, feedback = np.sqrt((1 - keep**2) ** 3 / (1 + keep**2)), [1, -2 * keep, keep**2]
    else:
        gain, feedback = np.sqrt(1 - keep**2), [1, -keep]
    filtered: np.ndarray = lfilter([gain], feedback, noise)
    return filtered.astype(np.float32)


def _pulsation(n: int, seed: int) -> np.ndarray:
    """Pc5-like trains near a period of 6 minutes that last a few cycles; unit variance."""
    radius, angle = float(np.exp(-1 / (3 * _PULSATION_MINUTES))), 2 * np.pi / _PULSATION_MINUTES
    a1, a2 = -2 * radius * np.cos(angle), radius**2
    variance = (1 + a2) / ((1 - a2) * ((1 + a2) ** 2 - a1**2))  # of an autoregression of order two
    noise = generator(seed, "pulsation").standard_normal(n, dtype=np.float32)
    filtered: np.ndarray = lfilter([1 / np.sqrt(variance)], [1, a1, a2], noise)
    return filtered.astype(np.float32)


def _bursts(n: int, seed: int) -> np.ndarray:
    """Log-normal factor with mean square 1, linear between nodes 10 minutes apart."""
    n_nodes = n // _NODE_MINUTES + 2
    keep = float(np.exp(-_NODE_MINUTES / _BURST_MINUTES))
    noise = generator(seed, "bursts").standard_normal(n_nodes)
    level = lfilter([np.sqrt(1 - keep**2)], [1, -keep], noise)
    nodes = np.exp(_BURST_SIGMA * level - _BURST_SIGMA**2)
    factor: np.ndarray = np.interp(np.arange(n), _NODE_MINUTES * np.arange(n_nodes), nodes)
    return factor


def _ring(activity: Activity, time: np.ndarray) -> np.ndarray:
    """The ring current's field and the sudden commencements, nT at the equator, float32."""
    n_hours = 3 * len(activity.kp)
    hour = activity.first_step * 180 + 60 * np.arange(n_hours)
    rate = np.interp(hour, activity.middle_minutes, np.maximum(activity.ap - 10.0, 0) ** _RING_POWER)
    ring = np.zeros(n_hours)
    for gain, hours in _RING:
        keep = np.exp(-1 / hours)
        settled = _RING_QUIET_RATE / (1 - keep)  # as if a quiet time had gone before
        ring -= gain * lfilter([1], [1, -keep], rate, zi=lfiltic([1], [1, -keep], [settled]))[0]
    field: np.ndarray = np.interp(time, hour, ring).astype(np.float32)
    for minute, jump in zip(activity.commencement_minutes, activity.commencement_nt, strict=True):
        first = max(int(minute - time[0]), 0)
        last = min(int(minute - time[0]) + 2 * 1440, len(time))
        since = time[first:last] - minute
        rise = np.minimum(since / _COMMENCEMENT_MINUTES, 1.0)
        field[first:last] += (jump * rise * np.exp(-since / (60 * _COMMENCEMENT_HOURS))).astype(np.float32)
    return field
