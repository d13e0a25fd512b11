"""The one loop over the windows of a scan: those that overlap much share their work, the others go the plain way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.labelling.window_set import WindowSet
from core.training import fit, shared_scan

CHUNK = 512  # windows of the plain way between two looks at progress and the wish to stop

Piece = tuple[np.ndarray, np.ndarray]


def pieces(model: Any, windows: WindowSet, rows: np.ndarray, step_minutes: int) -> Iterator[Piece]:
    """
    Probability of label 1 for windows at a regular step, piece by piece, so that a caller can stop in between.

    Parameters
    ----------
    model : keras.Model
    windows : WindowSet
        Of one station.
    rows : ndarray of int, shape (n_rows,)
        The windows that need a probability.
    step_minutes : int
        From one window's start to the next.

    Yields
    ------
    rows : ndarray of int, shape (n,)
    probability : ndarray of float64, shape (n,)
        Together they give every row once; the numbers are those of `fit.predict` to 1e-6 (shared_scan.py).
    """
    waiting = np.zeros(len(windows.table), dtype=bool)
    waiting[rows] = True
    plan = shared_scan.plan(model, windows, rows, step_minutes)
    for part, probability in shared_scan.probabilities(plan) if plan is not None else ():
        certain = np.isfinite(probability)  # what is very quiet beside its neighbours goes the plain way too
        waiting[part[certain]] = False
        yield part[certain], probability[certain]
    rest = np.flatnonzero(waiting)
    for first in range(0, len(rest), CHUNK):
        chunk = rest[first : first + CHUNK]
        yield chunk, fit.predict(model, windows, chunk)
