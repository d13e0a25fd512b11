"""
A precursor that is really there: a burst or a ramp planted before each target event, for control experiments.

Nobody has shown that such signals exist; the amplitude is 0 unless a config
says otherwise. The bursts are written down in a manifest that goes with the world.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import WorldConfig
from core.errors import InputError
from core.loading.record.minute import epoch_minutes
from core.stations import Station, distance_km
from core.synthesis.randomness import generator

MANIFEST = ("event_id", "station", "start", "end", "amplitude_nt", "lead_hours", "period_minutes")
SHARES = (1.0, 0.6, 0.8)  # of the amplitude, on X, Y, Z

# The paper's rule: (km from the station, km deep), magnitude above 4. It stands here as well as in labelling,
# which comes later in the reading order: the world must not change when somebody edits a labelling rule.
_RULE_KM, _VRANCEA_RULE_KM, _VRANCEA_STATION = (200.0, 30.0), (100.0, 100.0), "MLR"
_ABOVE_MAGNITUDE = 4.0


def check(config: WorldConfig) -> None:
    """
    Refuse a burst that would last longer than its event is away.

    Raises
    ------
    InputError
        If a precursor is asked for and its lead is shorter than half its duration.
    """
    if config.precursor_amplitude_nt > 0 and config.precursor_lead_hours < config.precursor_duration_hours / 2:
        raise InputError(
            f"[world] precursor_lead_hours = {config.precursor_lead_hours:g} is less than half of "
            f"precursor_duration_hours = {config.precursor_duration_hours:g}: the burst would last past its "
            "earthquake. The lead counts from the middle of the burst to the origin time."
        )


def targets(events: pd.DataFrame, station: Station) -> pd.DataFrame:
    """The events that meet the paper's rule at a station (200 km, 30 km deep, M > 4; MLR: 100 km, 100 km)."""
    far, deep = _VRANCEA_RULE_KM if station.code == _VRANCEA_STATION else _RULE_KM
    distance = distance_km(events["latitude_deg"], events["longitude_deg"], station)
    meets = (distance <= far) & (events["depth_km"] <= deep) & (events["magnitude"] > _ABOVE_MAGNITUDE)
    return events[meets]


def plan(
    events: pd.DataFrame, station: Station, start: pd.Timestamp, end: pd.Timestamp, config: WorldConfig
) -> pd.DataFrame:
    """
    The manifest of a station: one row per burst that fits whole into [start, end).

    `start` is the burst's first minute and `end` one past its last; `end` is never after the origin time.
    """
    rows = []
    if config.precursor_amplitude_nt > 0:
        half = pd.Timedelta(hours=config.precursor_duration_hours / 2)
        values = (config.precursor_amplitude_nt, config.precursor_lead_hours, config.precursor_period_minutes)
        chosen = targets(events, station)
        for event_id, origin in zip(chosen["event_id"], chosen["origin_time"], strict=True):
            centre = origin - pd.Timedelta(hours=config.precursor_lead_hours)
            first, last = (centre - half).ceil("min"), (centre + half).floor("min")
            if start <= first < last <= end:
                rows.append((event_id, station.code, first, last, *values))
    manifest = pd.DataFrame(rows, columns=list(MANIFEST))
    kinds: dict[str, str] = {name: "str" for name in ("event_id", "station")}
    kinds |= {name: "datetime64[us, UTC]" for name in ("start", "end")}
    kinds |= {name: "float64" for name in ("amplitude_nt", "lead_hours", "period_minutes")}
    return manifest.astype(kinds)


def plant(field: np.ndarray, first_minute: int, manifest: pd.DataFrame, seed: int, shape: str = "burst") -> None:
    """
    Add the signals of a station's manifest to `field`, shape (3, n_minutes), nT, in place.

    A burst is A sin^2(pi u) sin(2 pi t / period + phase), u from 0 to 1 over its
    duration; X gets A, Y 0.6 A, Z 0.8 A. The phase is random and fixed by the event.
    A ramp is A u: it rises to A, and the field is as before from its end on.
    """
    firsts = epoch_minutes(pd.DatetimeIndex(manifest["start"])) - first_minute
    lasts = epoch_minutes(pd.DatetimeIndex(manifest["end"])) - first_minute
    sizes = (manifest[name].to_numpy(dtype=float) for name in ("amplitude_nt", "period_minutes"))
    for station, first, last, amplitude, period in zip(manifest["station"], firsts, lasts, *sizes, strict=True):
        phase = generator(seed, "precursor phase", station, int(first) + first_minute).uniform(0, 2 * np.pi)
        minute = np.arange(last - first)
        envelope = np.sin(np.pi * (minute + 0.5) / len(minute)) ** 2
        burst = amplitude * envelope * np.sin(2 * np.pi * minute / period + phase)
        signal = amplitude * (minute + 1) / len(minute) if shape == "ramp" else burst
        for component, share in enumerate(SHARES):
            field[component, first:last] += share * signal
