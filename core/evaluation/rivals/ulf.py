"""
Classical ULF statistics of a window: band power, polarisation ratio and BPOL, from the raw minute data.

The literature looks near 0.01 Hz on 1-second data; minute data end at 8.3 mHz, so the bands here are the Pc5 band and
two slower ones. The field is taken as it was recorded, gaps filled, neither filtered nor scaled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.loading.record.minute import COMPONENTS, MinuteRecord, epoch_minutes
from core.processing import gaps

BANDS_MINUTES = {"pc5": (2.5, 10.0), "slow": (10.0, 30.0), "slower": (30.0, 100.0)}  # Pc5: 150 to 600 s
FEWEST_CYCLES = 2  # a band needs a window this many times its longest period
CHUNK_MINUTES = 2_000_000  # windows are taken in parts, to bound the float64 copies
TINY = 1e-12


def columns(n_minutes: int) -> list[str]:
    """The names of the statistics that windows of this length allow."""
    return [f"{name}_{band}" for band in bands(n_minutes) for name in ("power", "polarisation")] + ["bpol", "bpol_sd"]


def bands(n_minutes: int) -> dict[str, tuple[float, float]]:
    """The bands (shortest and longest period in minutes) that windows of this length allow."""
    return {name: band for name, band in BANDS_MINUTES.items() if FEWEST_CYCLES * band[1] <= n_minutes}


def statistics(values: np.ndarray) -> pd.DataFrame:
    """
    The statistics of windows without NaN.

    Parameters
    ----------
    values : ndarray of float, shape (n_windows, 3, n_minutes)
        X, Y, Z in nT, levels included.

    Returns
    -------
    DataFrame
        One row per window. power_BAND: log10 of the mean spectral power of the horizontal field
        S_H^2 = S_X^2 + S_Y^2 (S the amplitude spectrum of the window less its line, Hann taper; nT^2 per bin).
        polarisation_BAND: log10 of S_Z / S_H over the band (Hayakawa et al. 1996; Hattori 2004). bpol, bpol_sd:
        log10 of the mean of |Bz| / sqrt(Bx^2 + By^2) and of its standard deviation (Stanica & Stanica 2021).
    """
    n_minutes = values.shape[-1]
    t = np.arange(n_minutes) - (n_minutes - 1) / 2
    less = values - values.mean(axis=-1, keepdims=True)
    less = less - (less @ t)[..., None] / (t @ t) * t
    power = np.abs(np.fft.rfft(less * np.hanning(n_minutes), axis=-1)) ** 2
    frequency = np.fft.rfftfreq(n_minutes)  # per minute
    out = {}
    for name, (shortest, longest) in bands(n_minutes).items():
        inside = (frequency >= 1 / longest) & (frequency < 1 / shortest)
        x, y, z = (power[:, c, inside].mean(axis=-1) for c in range(3))
        out[f"power_{name}"] = np.log10(x + y + TINY)
        out[f"polarisation_{name}"] = (np.log10(z + TINY) - np.log10(x + y + TINY)) / 2
    horizontal = np.sqrt(values[:, 0] ** 2 + values[:, 1] ** 2)
    ratio = np.abs(values[:, 2]) / np.maximum(horizontal, TINY)
    out["bpol"] = np.log10(ratio.mean(axis=-1) + TINY)
    out["bpol_sd"] = np.log10(ratio.std(axis=-1) + TINY)
    return pd.DataFrame(out, columns=columns(n_minutes))


def measure(record: MinuteRecord, starts: pd.Series, n_minutes: int) -> pd.DataFrame:
    """
    The statistics of the windows of one station that begin at `starts`.

    Returns
    -------
    DataFrame
        In the order of `starts`; NaN for a window that sticks out of the record or has a component without a value.
    """
    field = np.ascontiguousarray(record.field[list(COMPONENTS)].to_numpy(dtype=np.float64).T)
    first = int(epoch_minutes(pd.DatetimeIndex(record.field.index[:1]))[0])
    offset = epoch_minutes(pd.DatetimeIndex(starts)) - first
    out = np.full((len(offset), len(columns(n_minutes))), np.nan)
    inside = np.flatnonzero((offset >= 0) & (offset + n_minutes <= field.shape[1]))
    if len(inside):
        slices = np.lib.stride_tricks.sliding_window_view(field, n_minutes, axis=1)
        size = max(1, CHUNK_MINUTES // n_minutes)
        for i in range(0, len(inside), size):
            rows = inside[i : i + size]
            values = slices[:, offset[rows]].transpose(1, 0, 2)
            whole = ~np.isnan(values).all(axis=-1).any(axis=-1)
            if whole.any():
                out[rows[whole]] = statistics(gaps.fill(np.ascontiguousarray(values[whole]), "linear")).to_numpy()
    return pd.DataFrame(out, columns=columns(n_minutes))
