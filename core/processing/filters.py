"""
Butterworth filters: causal on the record, zero-phase within a window.

Corners are *periods* in minutes. The paper's "0.02 Hz" (50 s) lies above the
Nyquist frequency of minute data (1/120 Hz) and is refused; its likely meanings
are 100 min (a corner relative to Nyquist), 50 min (per sample) or 833 min (mHz).
Everything is computed in float64: in float32 a level of 40,000 nT costs 0.2
standard deviations of the filtered signal.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.config import ProcessingConfig
from core.processing import gaps

Kind = Literal["highpass", "bandpass", "lowpass", "none"]


def design(kind: Kind, config: ProcessingConfig) -> np.ndarray:
    """
    Second-order sections of the filter `kind` with the corners and order of the config.

    Parameters
    ----------
    kind : "highpass", "bandpass" or "lowpass"
    config : ProcessingConfig

    Returns
    -------
    ndarray, shape (n_sections, 6)
    """
    slow, fast = config.highpass_period_minutes, config.lowpass_period_minutes  # the config refuses what cannot exist
    corners = {"highpass": (slow,), "lowpass": (fast,), "bandpass": (slow, fast)}
    from scipy import signal  # here and below: half a second, which a page without a filter does not pay

    frequency = [1.0 / period for period in corners[kind]]  # cycles per minute, ascending
    sections: np.ndarray = signal.butter(
        config.filter_order, frequency if kind == "bandpass" else frequency[0], kind, False, "sos", 1.0
    )
    return sections


def keeps_level(kind: Kind) -> bool:
    """True if the output still has the level of the field (some 40,000 nT), so that float32 alone is too coarse."""
    return kind in ("none", "lowpass")


def causal(values: np.ndarray, config: ProcessingConfig, max_gap_minutes: int = 3) -> np.ndarray:
    """
    The record filter: each output depends on its own and earlier minutes only.

    The filter starts at rest on the first value. Gaps up to `max_gap_minutes` are
    bridged with the last value for the filter's sake; after a longer one it starts
    anew. Missing minutes stay missing.

    Parameters
    ----------
    values : ndarray of float64, shape (n_minutes, n_components), nT
        NaN = missing.
    config : ProcessingConfig
        `record_filter`, its corners and order.
    max_gap_minutes : int

    Returns
    -------
    ndarray of float64, same shape, nT
    """
    out = np.empty(values.shape)
    for c in range(values.shape[1]):
        out[:, c] = causal_component(values[:, c], config, max_gap_minutes)
    return out


def causal_component(values: np.ndarray, config: ProcessingConfig, max_gap_minutes: int = 3) -> np.ndarray:
    """One component of `causal`, shape (n_minutes,)."""
    from scipy import signal

    values = np.asarray(values, dtype=np.float64)
    if config.record_filter == "none":
        return values.copy()
    sections = design(config.record_filter, config)
    at_rest = signal.sosfilt_zi(sections)
    held, first, last = gaps.hold_short(values, max_gap_minutes)
    for a, b in zip(first, last, strict=True):
        held[a:b], _ = signal.sosfilt(sections, held[a:b], zi=at_rest * held[a])
    held[np.isnan(values)] = np.nan
    return held


def zero_phase(batch: np.ndarray, config: ProcessingConfig) -> np.ndarray:
    """
    The window filter: forward and backward, so without delay, inside each window only.

    The window is continued at both ends by its own point reflection, three longest
    corner periods long where it is long enough. Passing twice squares the
    amplitude response: at the corner period 1/2, not 1/sqrt(2).

    Parameters
    ----------
    batch : ndarray of float64, shape (n_windows, n_components, n_minutes), nT, without NaN
    config : ProcessingConfig
        `window_filter`, its corners and order.

    Returns
    -------
    ndarray of float64, same shape
    """
    from scipy import signal

    if config.window_filter == "none":
        return batch
    sections = design(config.window_filter, config)
    longest = config.lowpass_period_minutes if config.window_filter == "lowpass" else config.highpass_period_minutes
    padding = min(batch.shape[-1] - 1, int(np.ceil(3 * longest)))
    batch = np.asarray(batch, dtype=np.float64)
    filtered: np.ndarray = signal.sosfiltfilt(sections, batch, axis=-1, padtype="odd", padlen=padding)
    return filtered
