"""One-minute values from samples every second or every five: the INTERMAGNET Gaussian filter, or a box, by name."""

from __future__ import annotations

import numpy as np

RULES = {
    "gaussian": "the Gaussian filter of INTERMAGNET (90 s centred on the minute)",
    "box": "the mean of 60 s centred on the minute (from 30 s before it)",
}
STEPS_S = (1, 5)  # the intervals between samples for which INTERMAGNET gives a filter of 90 s
LEAST = 0.9  # of the weight that must be present (INTERMAGNET: 90 % of the values needed for a mean)

# The table of coefficients in the INTERMAGNET Technical Reference Manual ("Filter coefficients to produce one minute
# values") is this Gaussian, from -45 s to 45 s, scaled to a sum of 1.
SIGMA_S = 15.9006
HALF_WINDOW_S = 45

_CHUNK = 1440  # minutes at a time; a window of 91 values is laid out for each


def weights(rule: str, step_s: int) -> tuple[np.ndarray, int]:
    """
    The weights of a rule (sum 1) and the position among them of the sample at the full minute.

    Parameters
    ----------
    rule : str
        A key of `RULES`.
    step_s : int
        Seconds between samples, one of `STEPS_S`.

    Examples
    --------
    >>> coefficients, middle = weights("gaussian", 1)
    >>> len(coefficients), middle, float(coefficients[middle].round(5))
    (91, 45, 0.0252)
    >>> weights("box", 5)[0].size, weights("box", 5)[1]
    (12, 6)
    """
    if rule == "box":
        n = 60 // step_s
        return np.full(n, 1.0 / n), n // 2
    if rule != "gaussian":
        raise ValueError(f"unknown rule {rule!r}; known: {', '.join(RULES)}")
    middle = HALF_WINDOW_S // step_s
    shape = np.exp(-0.5 * (np.arange(-middle, middle + 1) * step_s / SIGMA_S) ** 2)
    return shape / shape.sum(), middle


def to_minutes(seconds: np.ndarray, values: np.ndarray, step_s: int, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """
    Average samples to minutes.

    Missing samples are left out and the other weights scaled up; a minute with less than 90 % of the weight present
    is missing. So a file that begins at midnight has no value for its first minute: half of what that needs is in the
    file of the day before.

    Parameters
    ----------
    seconds : ndarray of int64, shape (n,)
        Epoch seconds (UTC), strictly ascending; their steps are multiples of `step_s`.
    values : ndarray, shape (n,)
        NaN where missing.
    step_s : int
        One of `STEPS_S`.
    rule : str
        A key of `RULES`.

    Returns
    -------
    minutes : ndarray of int64, shape (m,)
        Every epoch minute from that of the first sample to that of the last.
    averages : ndarray, shape (m,)
        NaN where too little is present.
    """
    coefficients, middle = weights(rule, step_s)
    per_minute = 60 // step_s
    minutes = np.arange(seconds[0] // 60, seconds[-1] // 60 + 1)
    phase = int(seconds[0] % step_s)  # samples every five seconds need not begin at a multiple of five
    start = int(minutes[0]) * 60 - middle * step_s + phase
    samples = np.full((len(minutes) - 1) * per_minute + len(coefficients), np.nan)
    positions = (seconds - start) // step_s
    inside = (positions >= 0) & (positions < len(samples))
    samples[positions[inside]] = values[inside]
    windows = np.lib.stride_tricks.sliding_window_view(samples, len(coefficients))[::per_minute]
    averages = np.full(len(minutes), np.nan)
    for first in range(0, len(minutes), _CHUNK):
        window = windows[first : first + _CHUNK]
        present = ~np.isnan(window)
        weight = present @ coefficients
        total = np.where(present, window, 0.0) @ coefficients
        enough = weight >= LEAST - 1e-9
        averages[first : first + _CHUNK][enough] = total[enough] / weight[enough]
    return minutes, averages
