"""
Shaken sensors: each earthquake near a station disturbs its variometer from the minute of the origin time on.

Real variometers swing when the ground does, and what stands around them settles for hours. So the record itself shows
whether the times of a catalogue are right. It is noise about nothing that fades: no step is left. The scalar
instrument has nothing that swings. Sensors are still unless a config says otherwise.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import WorldConfig
from core.loading.record.minute import epoch_minutes
from core.stations import Station, distance_km
from core.synthesis.randomness import generator

LARGEST_NT = 100.0  # standard deviation at which a sensor swings against its stops
UNSEEN_NT = 0.05  # half of what a reading resolves: there the shaking ends
NEAREST_KM = 10.0  # nearer than this the law of distance was not measured


def at_origin_nt(magnitude: np.ndarray, focus_km: np.ndarray, shaking_nt: float) -> np.ndarray:
    """
    The standard deviation with which shaking begins.

    It goes as the ground motion that defines local magnitude: ten times as large for each unit, and with distance as
    found for southern California (Hutton & Boore 1987), which has both at 1 for M 4 at 100 km.

    Parameters
    ----------
    magnitude : ndarray, shape (n,)
    focus_km : ndarray, shape (n,), km
        From the station to the focus.
    shaking_nt : float, nT
        At magnitude 4 and 100 km.

    Returns
    -------
    ndarray, shape (n,), nT
        `LARGEST_NT` at most.
    """
    km = np.maximum(focus_km, NEAREST_KM)
    exponent = np.asarray(magnitude) - 4.0 - 1.110 * np.log10(km / 100.0) - 0.00189 * (km - 100.0)
    size: np.ndarray = np.minimum(shaking_nt * 10.0**exponent, LARGEST_NT)
    return size


def shake(readings: np.ndarray, station: Station, events: pd.DataFrame, first_minute: int, config: WorldConfig) -> None:
    """
    Add to `readings`, shape (3, n_minutes), nT, in place what earthquakes do to the sensors of X, Y and Z.

    White noise, whose standard deviation falls to 1/e in `shaking_minutes`. Each event has numbers of its own, fixed
    by its origin time, so that more events or a later end leave the rest as it was.

    Parameters
    ----------
    readings : ndarray
    station : Station
    events : DataFrame
        origin_time, latitude_deg, longitude_deg, depth_km, magnitude.
    first_minute : int
        Of the readings, minutes since 1970.
    config : WorldConfig
        seed and the options that begin with `shaking_`.
    """
    epicentre_km = distance_km(events["latitude_deg"], events["longitude_deg"], station)
    focus_km = np.hypot(epicentre_km, events["depth_km"].to_numpy(dtype=float))
    size = at_origin_nt(events["magnitude"].to_numpy(dtype=float), focus_km, config.shaking_nt)
    felt = np.flatnonzero((epicentre_km <= config.shaking_km) & (size > UNSEEN_NT))
    origin = pd.DatetimeIndex(events["origin_time"]).as_unit("us")
    starts = epoch_minutes(origin) - first_minute
    for event in felt:
        burst = _burst(int(origin.asi8[event]), station, size[event], config)
        start = int(starts[event])
        burst = burst[:, max(0, -start) : max(0, readings.shape[1] - start)]
        start = max(0, start)
        readings[:, start : start + burst.shape[1]] += burst


def _burst(origin_us: int, station: Station, size_nt: float, config: WorldConfig) -> np.ndarray:
    """The noise of one event, shape (3, n_minutes), nT, from the minute of its origin time to where it is unseen."""
    n_minutes = int(np.ceil(config.shaking_minutes * np.log(size_nt / UNSEEN_NT)))
    sd = size_nt * np.exp(-np.arange(n_minutes) / config.shaking_minutes)
    noise = generator(config.seed, "shaking", station.code, origin_us).standard_normal((3, n_minutes))
    burst: np.ndarray = sd * noise
    return burst
