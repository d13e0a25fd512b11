"""What an instrument makes of the field: noise, man-made noise, drift, steps, spikes and gaps."""

from __future__ import annotations

import numpy as np

from core.stations import Station
from core.synthesis.activity import STEP_MINUTES, Activity
from core.synthesis.randomness import generator, times_of_events

MINUTES_PER_DAY = 1440
RESOLUTION_NT = 0.1

_NOISE_NT = (0.04, 0.1)  # of quiet minute means, by instrument
_TRAFFIC_NT = (0.02, 0.3)  # man-made noise in Z by day; a place has the one or the other
_DRIFT_NT = 1.5  # yearly swing with the temperature of the hut
_SPIKES_PER_YEAR, _SPIKE_NT = 6.0, (3.0, 300.0)
_STEPS_PER_YEAR, _STEP_NT = 1.0, (1.0, 10.0)

# Gaps by kind: share of all gaps, shortest and longest in minutes (log-uniform between).
_GAP_KINDS = ((0.88, 1, 3), (0.08, 4, 60), (0.04, 61, 2 * MINUTES_PER_DAY))
_STORM_KP, _STORM_GAPS = 4.6, 3.0  # on days with a storm gaps are this many times as frequent
_STORM_DAYS = 0.13  # share of such days in the long run (measured on many made-up years)


def observe(field: np.ndarray, station: Station, first_minute: int, seed: int) -> np.ndarray:
    """
    Turn the true field into readings, in place; return the scalar F of a second instrument.

    Parameters
    ----------
    field : ndarray, shape (3, n_minutes), float64, nT
        The true X, Y, Z; on return what the variometer says.
    station : Station
        Man-made noise follows the working day of its longitude.

    Returns
    -------
    ndarray, shape (n_minutes,), nT
        F knows nothing of the steps, spikes and drift of the variometer.
    """
    n_minutes, code = field.shape[1], station.code
    place = generator(seed, "instrument", code)
    noise, traffic = (float(np.exp(place.uniform(*np.log(span)))) for span in (_NOISE_NT, _TRAFFIC_NT))

    total: np.ndarray = np.sqrt(field[0] ** 2 + field[1] ** 2 + field[2] ** 2)
    total += _white(seed, "noise F", code, n_minutes) * np.float32(noise)
    for row, name in enumerate("XYZ"):
        white = _white(seed, f"noise {name}", code, n_minutes)
        if name == "Z":
            white *= _working_day(first_minute, n_minutes, station.longitude_deg, noise, traffic)
        else:
            white *= np.float32(noise)
        field[row] += white

    phase = place.uniform(0, 2 * np.pi, 3)
    year = np.arange(first_minute, first_minute + n_minutes) * (2 * np.pi / (365.2425 * MINUTES_PER_DAY))
    for row in range(3):
        field[row] += _DRIFT_NT * np.cos(year + phase[row])
    _steps(field, code, seed)
    _spikes(field, code, seed)
    return total


def missing(
    station: Station, activity: Activity, first_minute: int, n_minutes: int, fraction: float, seed: int
) -> np.ndarray:
    """
    Which minutes are missing: short gaps and long ones, more of them in storms.

    Parameters
    ----------
    fraction : float
        Expected share of missing minutes (0 to 0.5); long gaps make the share of a single year vary.

    Returns
    -------
    ndarray of bool, shape (n_minutes,)
    """
    gone = np.zeros(n_minutes, dtype=bool)
    if fraction == 0:
        return gone
    n_days = -(-n_minutes // MINUTES_PER_DAY)
    mean_minutes = sum(share * _mean_length(low, high) for share, low, high in _GAP_KINDS)
    # Gaps may overlap; this rate makes the union, not the sum, the asked share.
    rate = -np.log1p(-fraction) * MINUTES_PER_DAY / mean_minutes
    stormy = _stormy_days(activity, first_minute, n_days)
    per_day = rate * np.where(stormy, _STORM_GAPS, 1.0) / (1 + (_STORM_GAPS - 1) * _STORM_DAYS)
    starts = times_of_events(generator(seed, "gaps", station.code), per_day)
    rng = generator(seed, "gap lengths", station.code)
    edges = np.cumsum([share for share, _, _ in _GAP_KINDS])
    for start in starts:
        _, low, high = _GAP_KINDS[min(int(np.searchsorted(edges, rng.random(), side="right")), len(_GAP_KINDS) - 1)]
        length = int(np.exp(rng.uniform(np.log(low), np.log(high + 1))))
        gone[start : start + length] = True
    return gone


def _mean_length(low: int, high: int) -> float:
    """Mean of a log-uniform length cut to whole minutes (about half a minute below the continuous one)."""
    lengths = np.arange(low, high + 1)
    weights = np.log((lengths + 1) / lengths) / np.log((high + 1) / low)
    return float((lengths * weights).sum())


def _stormy_days(activity: Activity, first_minute: int, n_days: int) -> np.ndarray:
    """Days on which some 3-hour Kp reaches 5-."""
    steps = (first_minute + MINUTES_PER_DAY * np.arange(n_days)) // STEP_MINUTES - activity.first_step
    return np.array([activity.kp[step : step + 8].max() >= _STORM_KP for step in steps])


def _white(seed: int, part: str, station: str, n: int) -> np.ndarray:
    return generator(seed, part, station).standard_normal(n, dtype=np.float32)


def _working_day(first_minute: int, n: int, longitude_deg: float, noise: float, traffic: float) -> np.ndarray:
    """Standard deviation of the noise in Z, minute by minute: trains and traffic from 5 to 24 h, half at weekends."""
    week = np.arange(7 * 24)
    by_hour = np.where(week % 24 >= 5, np.where(week // 24 < 5, 1.0, 0.5), 0.1) * traffic
    sigma = np.sqrt(noise**2 + by_hour**2).astype(np.float32)
    # 1970-01-01 was a Thursday: three days after a Monday.
    hour = (np.arange(first_minute, first_minute + n) + int(4 * longitude_deg)) // 60 + 3 * 24
    return sigma[hour % len(week)]


def _steps(field: np.ndarray, station: str, seed: int) -> None:
    """Baseline steps after work at the instrument, of one component each."""
    n_minutes = field.shape[1]
    per_day = np.full(-(-n_minutes // MINUTES_PER_DAY), _STEPS_PER_YEAR / 365.25)
    times = times_of_events(generator(seed, "steps", station), per_day)
    rng = generator(seed, "step sizes", station)
    for minute in times:
        row, size = rng.integers(3), rng.choice([-1, 1]) * np.exp(rng.uniform(*np.log(_STEP_NT)))
        field[row, minute:] += size


def _spikes(field: np.ndarray, station: str, seed: int) -> None:
    """Spikes of one to five minutes, of one component or of all."""
    n_minutes = field.shape[1]
    per_day = np.full(-(-n_minutes // MINUTES_PER_DAY), _SPIKES_PER_YEAR / 365.25)
    times = times_of_events(generator(seed, "spikes", station), per_day)
    rng = generator(seed, "spike sizes", station)
    for minute in times:
        length = rng.integers(1, 6)
        sizes = rng.choice([-1, 1], 3) * np.exp(rng.uniform(np.log(_SPIKE_NT[0]), np.log(_SPIKE_NT[1]), 3))
        if rng.random() < 0.6:
            sizes *= np.arange(3) == rng.integers(3)
        field[:, minute : minute + length] += sizes[:, None]
