"""
A made-up Kp: 27-day recurrence, equinoctial seasons and storms that come suddenly and fade.

The shape is fitted to the definitive Kp of 2015-2018 (mean 1.84; 4.1 % of the
intervals at 5- or more, 0.14 % at 7 or more; autocorrelation 0.79 at 3 h, 0.37
at 1 day, 0.29 at 27 days).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from core import clock
from core.loading.formats.indices.kp import AP_OF_THIRDS, check
from core.synthesis.randomness import generator, times_of_events

STEP_MINUTES = 180
ROTATION_STEPS = 27 * 8  # one rotation of the Sun, as seen from the Earth, in steps of 3 h

# Kp = latent ** (1 / 0.7): on this scale the real Kp is close to a Gaussian.
_POWER = 0.7
_MEAN = 1.38
_WHITE, _FAST, _SLOW, _RECURRENT = 0.22, 0.42, 0.42, 0.47  # standard deviations of the parts of the latent level
_FAST_STEPS, _SLOW_STEPS, _PATTERN_STEPS = 3.0, 12.0, 12.0
_MEMORY_OF_ROTATION = 0.8  # correlation of the recurrent pattern from one rotation to the next
_EQUINOX = 0.14
_STORMS_PER_YEAR = 9.0


@dataclass(frozen=True)
class Activity:
    """
    Kp every three hours, and the storms behind it.

    Guarantees: `kp` is in thirds, from the 3-hour interval that holds the first
    minute to one interval past the end (the field needs it to interpolate).
    """

    first_step: int  # number of the first 3-hour interval since 1970-01-01
    n_steps: int  # intervals within the period; `kp` has one more
    kp: np.ndarray
    commencement_minutes: np.ndarray  # epoch minutes of the sudden commencements
    commencement_nt: np.ndarray  # their jump in X near the equator

    @property
    def ap(self) -> np.ndarray:
        """ap in units of 2 nT, from Kp."""
        ap: np.ndarray = AP_OF_THIRDS[np.rint(3 * self.kp).astype(int)]
        return ap

    @property
    def middle_minutes(self) -> np.ndarray:
        """Epoch minute of the middle of each interval."""
        return (self.first_step + np.arange(len(self.kp))) * STEP_MINUTES + STEP_MINUTES // 2

    def table(self) -> pd.DataFrame:
        """The activity table, with the columns of `core.loading.formats.indices.kp`."""
        hours = 3 * (self.first_step + np.arange(self.n_steps))
        time = clock.in_utc(hours.astype("datetime64[h]").astype("datetime64[us]"))
        kp, ap = self.kp[: self.n_steps], self.ap[: self.n_steps]
        return check(pd.DataFrame({"time": time, "kp": kp, "ap": ap, "status": "synthetic"}))


def generate(first_minute: int, n_minutes: int, seed: int) -> Activity:
    """
    Kp and storms for a period that starts at an epoch minute.

    A later end only adds to the same past.
    """
    first = first_minute // STEP_MINUTES
    n_steps = -(-(first_minute + n_minutes) // STEP_MINUTES) - first
    n = n_steps + 1
    day_of_year = _day_of_year((first + np.arange(n)) / 8.0)
    season = np.cos(4 * np.pi * (day_of_year - 81) / 365.25)  # largest at both equinoxes

    latent = _MEAN + _EQUINOX * season
    latent += _WHITE * generator(seed, "kp white").standard_normal(n)
    latent += _FAST * _memory(seed, "kp fast", n, _FAST_STEPS)
    latent += _SLOW * _memory(seed, "kp slow", n, _SLOW_STEPS)
    latent += _RECURRENT * _recurrent(seed, n)

    days = np.arange(-(-n // 8))
    equinox = np.cos(4 * np.pi * (_day_of_year(first / 8.0 + days) - 81) / 365.25)
    onset = times_of_events(generator(seed, "storm onsets"), _STORMS_PER_YEAR / 365.25 * (1 + 0.5 * equinox))
    onset = onset[onset < n * STEP_MINUTES]
    rng = generator(seed, "storm sizes")
    jump = np.empty(len(onset))
    for i, minute in enumerate(onset):
        size = min(0.6 + rng.exponential(0.7), 2.6)
        sheath_hours, decay_hours = rng.uniform(1.5, 6.0), rng.uniform(8.0, 16.0)
        jump[i] = min(8.0 + 11.0 * size * rng.uniform(0.7, 1.3), 60.0)
        hours = 3.0 * (np.arange(n) + 0.5) - minute / 60.0
        since_main = hours - sheath_hours
        latent += size * np.where(since_main >= 0, np.exp(-np.maximum(since_main, 0) / decay_hours), 0.0)
        latent += 0.6 * size * ((hours > -1.5) & (since_main < 0))

    kp = np.maximum(latent, 0.0) ** (1 / _POWER)
    kp = np.rint(3 * np.minimum(kp, 9.0)) / 3
    return Activity(first, n_steps, kp, first * STEP_MINUTES + onset, jump)


def _memory(seed: int, part: str, n: int, steps: float) -> np.ndarray:
    """A first-order autoregression of unit variance that forgets in `steps` steps."""
    keep = float(np.exp(-1 / steps))
    burn = int(10 * steps)
    noise = generator(seed, part).standard_normal(n + burn)
    series: np.ndarray = lfilter([np.sqrt(1 - keep**2)], [1, -keep], noise)
    return series[burn:]


def _recurrent(seed: int, n: int) -> np.ndarray:
    """The pattern that comes back with each rotation of the Sun and slowly changes; unit variance."""
    burn = 8 * ROTATION_STEPS
    renewal = _memory(seed, "kp rotation", n + burn, _PATTERN_STEPS)
    feedback = np.zeros(ROTATION_STEPS + 1)
    feedback[0], feedback[-1] = 1.0, -_MEMORY_OF_ROTATION
    series: np.ndarray = lfilter([np.sqrt(1 - _MEMORY_OF_ROTATION**2)], feedback, renewal)
    return series[burn:]


def _day_of_year(days_since_1970: np.ndarray) -> np.ndarray:
    """Day of the year to within a day, continuous; enough for seasons."""
    return (np.asarray(days_since_1970, dtype=float) % 365.2425) + 1.0
