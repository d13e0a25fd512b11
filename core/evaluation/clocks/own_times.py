"""
Own times: for which earthquakes does the record itself begin to be disturbed in the hour of their origin time?

A stack (`onset`) finds the one lag at which most events shake a sensor. Where some times are right and others are wrong
by hours, it finds those that are right, and the claim may rest on the others. So it is asked again of the events that
the record confirms one by one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.evaluation.chance.skill import Scores
from core.evaluation.clocks import disturbance, onset

STEEP_SHARE = 0.9  # of all hours of a station must be less steep than that of an event, or the one after it


def confirmed(tens: Scores, events: pd.DataFrame) -> np.ndarray:
    """
    Whether the record of its station rises at the origin time of each event as it does in few other hours.

    Of events that shake no sensor about one in seven is confirmed by chance.

    Parameters
    ----------
    tens : Scores
        The disturbance of all stations in steps of ten minutes (`disturbance.series`).
    events : DataFrame
        station, origin_time.

    Returns
    -------
    ndarray of bool, shape (n_events,)
        False where the record is missing.
    """
    steep = onset.steepness(disturbance.hourly(tens))
    # Shaking that begins late in an hour raises the next one more.
    either = np.fmax(steep.score, np.pad(steep.score[:, 1:], ((0, 0), (0, 1)), constant_values=np.nan))
    high = np.array([np.nanquantile(row, STEEP_SHARE) if np.isfinite(row).any() else np.inf for row in steep.score])
    counts, row, step = steep.cells(events)
    out = np.zeros(len(events), dtype=bool)
    out[counts] = either[row, step] >= high[row]
    return out
