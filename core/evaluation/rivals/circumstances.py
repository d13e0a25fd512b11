"""
The circumstances of a window: where and when it is, what the sun and the catalogue did, what is missing. No waveform.

These are what may lie behind a score and an earthquake (or its place in a catalogue) alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation.rivals import catalogue_rate
from core.evaluation.rivals.confounders import YEAR_MINUTES
from core.labelling.windows import KP_MINUTES
from core.loading.record.minute import epoch_minutes

COLUMNS = [
    "station",
    "year_phase",
    "day_phase",
    "weekday",
    "kp_mean",
    "kp_max",
    "kp_1_day_before",
    "kp_2_days_before",
    "missing_minutes",
    "longest_gap_minutes",
    "events_7_days",
]
RECENT_DAYS = 7
FIRST_MONDAY_DAY = 4  # 1970-01-05, in days since 1970-01-01


def measure(rows: pd.DataFrame, activity: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """
    The circumstances of each window.

    Parameters
    ----------
    rows : DataFrame
        station, start, end (UTC), kp_max, missing_minutes, longest_gap_minutes of windows.
    activity : DataFrame
        The activity table: time (start of 3 h, UTC), kp.
    events : DataFrame
        station, origin_time (UTC): the earthquakes of each station's neighbourhood, of whatever magnitude.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, the index of `rows`. year_phase, day_phase: of the window's end, 0 to 1. weekday: of its last
        minute, 0 = Monday (UTC). kp_mean: of the 3-hour intervals that the window touches; kp_1_day_before and
        kp_2_days_before: the means of the 24 hours before the window and of the 24 hours before those; NaN = unknown.
        events_7_days: events in the week before the window's end; the one that makes it positive is later.
    """
    start, end = (epoch_minutes(pd.DatetimeIndex(rows[name])) for name in ("start", "end"))
    first, last, day = start // KP_MINUTES, -(-end // KP_MINUTES), MINUTES_PER_DAY // KP_MINUTES
    kp = _MeanKp(activity)
    out = {
        "station": rows["station"].to_numpy(dtype=object),
        "year_phase": end / YEAR_MINUTES % 1,
        "day_phase": end / MINUTES_PER_DAY % 1,
        "weekday": ((end - 1) // MINUTES_PER_DAY - FIRST_MONDAY_DAY) % 7,
        "kp_mean": kp.between(first, last),
        "kp_max": rows["kp_max"].to_numpy(dtype=np.float64),
        "kp_1_day_before": kp.between(first - day, first),
        "kp_2_days_before": kp.between(first - 2 * day, first - day),
        "missing_minutes": rows["missing_minutes"].to_numpy(dtype=np.float64),
        "longest_gap_minutes": rows["longest_gap_minutes"].to_numpy(dtype=np.float64),
        "events_7_days": np.zeros(len(rows), dtype=np.int64),
    }
    for code in np.unique(out["station"]):
        inside = out["station"] == code
        origin = events.loc[events["station"] == code, "origin_time"]
        out["events_7_days"][inside] = catalogue_rate.n_before(rows.loc[inside, "end"], origin, RECENT_DAYS)
    return pd.DataFrame(out, columns=COLUMNS, index=rows.index)


class _MeanKp:
    """Mean Kp of any run of 3-hour intervals, numbered from 1970; NaN where none of them is known."""

    def __init__(self, activity: pd.DataFrame) -> None:
        value = activity["kp"].to_numpy(dtype=np.float64)
        interval = epoch_minutes(pd.DatetimeIndex(activity["time"])) // KP_MINUTES
        order = np.argsort(interval, kind="stable")
        order = order[np.isfinite(value[order])]
        self.interval = interval[order]
        self.total = np.concatenate([[0.0], np.cumsum(value[order])])

    def between(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Of the intervals first to last - 1."""
        low, high = (np.searchsorted(self.interval, edge, "left") for edge in (first, last))
        n = high - low
        mean: np.ndarray = np.where(n > 0, (self.total[high] - self.total[low]) / np.maximum(n, 1), np.nan)
        return mean
