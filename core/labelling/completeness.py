"""Above which magnitude a catalogue is complete, from its own counts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

BIN = 0.1
CORRECTION = 0.2  # maximum curvature finds too low a magnitude (Woessner & Wiemer 2005)
FEWEST_EVENTS = 50


def magnitude(magnitudes: pd.Series | np.ndarray) -> float:
    """
    The magnitude of completeness by maximum curvature (Wiemer & Wyss 2000).

    Parameters
    ----------
    magnitudes : array of float
        NaN is left out.

    Returns
    -------
    float
        The fullest bin of 0.1 and 0.2 more; the smallest magnitude where there are fewer than 50; NaN without any.

    Examples
    --------
    >>> round(magnitude(np.repeat([2.0, 2.1, 2.2, 2.3], [20, 60, 50, 40])), 1)
    2.3
    """
    values = np.asarray(magnitudes, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return math.nan
    if len(values) < FEWEST_EVENTS:
        return float(values.min())
    bins, counts = np.unique(np.round(values / BIN).astype(np.int64), return_counts=True)
    return float(bins[np.argmax(counts)] * BIN + CORRECTION)
