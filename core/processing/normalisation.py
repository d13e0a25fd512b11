"""
Normalisation: from nT to numbers of order one.

`record_robust` (default) uses one median and one robust scale per station and
component, learned from training windows. `window_robust` uses each window's
own. `paper` divides the raw field by the largest |Bz| of the window; measured,
the network of the paper's Table 2 then stays at chance (AUC 0.46-0.50) even for
bursts of 50 nT that it finds (0.97-1.0) once the level is removed, because the
signal is a thousandth of the input.
"""

from __future__ import annotations

import numpy as np

FLOOR_NT = 0.01  # no spread below the resolution of the best minute data: a dead sensor stays zero
MAD_TO_SIGMA = 1.4826  # scales the median absolute deviation to the standard deviation of a normal distribution


def learn(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Median and robust scale of each component.

    Parameters
    ----------
    batch : ndarray, shape (n_windows, n_components, n_minutes), nT, without NaN

    Returns
    -------
    median, scale : ndarray of float64, shape (n_components,), nT
        The scale is 1.4826 times the median absolute deviation, at least `FLOOR_NT`.
    """
    values = np.asarray(batch, dtype=np.float64).swapaxes(0, 1).reshape(batch.shape[1], -1)
    median = np.median(values, axis=1)
    spread = np.median(np.abs(values - median[:, None]), axis=1)
    return median, np.maximum(MAD_TO_SIGMA * spread, FLOOR_NT)


def window_robust(batch: np.ndarray) -> np.ndarray:
    """Each component of each window (last axis) minus its median, over its robust scale."""
    centred = batch - np.median(batch, axis=-1, keepdims=True)
    spread = np.median(np.abs(centred), axis=-1, keepdims=True)
    scaled: np.ndarray = centred / np.maximum(MAD_TO_SIGMA * spread, FLOOR_NT)
    return scaled


def paper(batch: np.ndarray) -> np.ndarray:
    """All three components of each window over the largest |Z| of that window (Petrescu & Moldovan 2022)."""
    largest = np.abs(batch[:, 2:3, :]).max(axis=-1, keepdims=True)
    scaled: np.ndarray = batch / np.maximum(largest, FLOOR_NT)
    return scaled
