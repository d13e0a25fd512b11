"""
What the catalogue alone says: earthquakes follow earthquakes, whatever the magnetic field does.

The rate of a small ETAS model (Ogata 1988) with the past of the catalogue up to the window's end: a background, and for
each past event an Omori-Utsu tail. The shape of the tail is fixed at usual values; `confounders` fits on training
windows how much it weighs against the background.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.labelling.windows import microseconds

OMORI_C_DAYS = 0.01  # Utsu, Ogata & Matsu'ura 1995: c of 0.01 to 0.05 days and p of 0.9 to 1.4 are usual
OMORI_P = 1.1
PRODUCTIVITY = 0.8  # a magnitude more has 10^0.8 times the aftershocks
REFERENCE_MAGNITUDE = 4.0  # only a scale: the fit takes it up
RECENT_DAYS = 30.0
MEMORY_DAYS = 1000.0  # older events are part of the background
DAY = 86_400_000_000  # microseconds
CHUNK = 256  # neighbouring windows that are taken together


def measure(
    ends: pd.Series | pd.DatetimeIndex, opens_minutes: int, valid_minutes: int, events: pd.DataFrame
) -> pd.DataFrame:
    """
    How much the past of the catalogue promises for the period of validity of each window of one station.

    Parameters
    ----------
    ends : Series of Timestamp, UTC
        Ends of the windows. Only events before the end count; the event that makes a window positive is after it.
    opens_minutes, valid_minutes : int
        From the end: when the period of validity opens, and how long it lasts.
    events : DataFrame
        origin_time, magnitude; those of the neighbourhood, of whatever magnitude.

    Returns
    -------
    DataFrame
        aftershock_days: sum over the events of the last 1000 days of 10^(0.8 (M - 4)) times the integral of (t + c)^-p
        over the period of validity, t the days since the event; recent_events: how many there are in the last 30 days.
    """
    with_magnitude = events[events["magnitude"].notna()].sort_values("origin_time", kind="stable")
    origin = microseconds(with_magnitude["origin_time"])
    weight = 10 ** (PRODUCTIVITY * (with_magnitude["magnitude"].to_numpy(dtype=np.float64) - REFERENCE_MAGNITUDE))
    end = microseconds(pd.DatetimeIndex(ends))
    before = np.searchsorted(origin, end, "left")
    recent = before - np.searchsorted(origin, end - round(RECENT_DAYS * DAY), "left")
    oldest = np.searchsorted(origin, end - round(MEMORY_DAYS * DAY), "left")
    opens, lasts = opens_minutes / MINUTES_PER_DAY, valid_minutes / MINUTES_PER_DAY
    total, order = np.zeros(len(end)), np.argsort(end, kind="stable")
    for first in range(0, len(end), CHUNK):
        part = order[first : first + CHUNK]
        near = np.arange(oldest[part].min(), before[part].max())
        since = (end[part, None] - origin[None, near]) / DAY
        counts = (near >= oldest[part, None]) & (near < before[part, None])
        since = np.where(counts, since, 1.0) + opens
        total[part] = np.where(counts, _tail(since) - _tail(since + lasts), 0.0) @ weight[near]
    return pd.DataFrame({"aftershock_days": total, "recent_events": recent.astype(np.int64)})


def n_before(ends: pd.Series | pd.DatetimeIndex, origin_times: pd.Series, days: float) -> np.ndarray:
    """How many events fall in the `days` before each end (UTC), that moment itself excluded; shape (n_windows,)."""
    origin, end = np.sort(microseconds(origin_times)), microseconds(pd.DatetimeIndex(ends))
    first, last = (np.searchsorted(origin, edge, "left") for edge in (end - round(days * DAY), end))
    return np.asarray(last - first, dtype=np.int64)


def _tail(days: np.ndarray) -> np.ndarray:
    """The integral of (t + c)^-p from `days` to infinity, p > 1."""
    return (days + OMORI_C_DAYS) ** (1 - OMORI_P) / (OMORI_P - 1)
