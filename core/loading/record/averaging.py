"""One-minute values from samples every second or every five: the INTERMAGNET Gaussian filter, or a box, by name."""

from __future__ import annotations

import numpy as np

from core.errors import InputError
from core.loading.record import elements

RULES = {
    "gaussian": "the Gaussian filter of INTERMAGNET (90 s centred on the minute)",
    "box": "the mean of 60 s centred on the minute (from 30 s before it)",
}
HOW_TO_AVERAGE = (
    "Name the rule by which to average them: `--average gaussian` (INTERMAGNET's filter) or `--average box`."
)
STEPS_S = (1, 5)  # the intervals between samples for which INTERMAGNET gives a filter of 90 s
LARGEST_SAMPLES = 40_000_000  # of a series: a year of seconds, and a quarter
LEAST = 0.9  # of the weight that must be present (INTERMAGNET: 90 % of the values needed for a mean)

# The table of coefficients in the INTERMAGNET Technical Reference Manual ("Filter coefficients to produce one minute
# values") is this Gaussian, from -45 s to 45 s, scaled to a sum of 1.
SIGMA_S = 15.9006
HALF_WINDOW_S = 45

_CHUNK = 1440  # minutes at a time; a window of 91 values is laid out for each


def kind_of(step_s: float) -> str:
    """Data of a step in plain words, for messages."""
    return "second data (one value per second)" if step_s == 1 else f"data with a step of {step_s:g} s"


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


def check_rule(rule: str, name: str) -> None:
    """Raise InputError if a rule is neither "" (do not average) nor a key of `RULES`."""
    if rule and rule not in RULES:
        raise InputError(f"{name}: the averaging rule {rule!r} is not known; expected one of {', '.join(RULES)}.")


def vector(
    name: str, milliseconds: np.ndarray, samples: dict[str, np.ndarray], rule: str, notes: list[str]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """
    Epoch minutes, and the elements there, of samples that share their times; D and I are averaged on the circle.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    milliseconds : ndarray of int64, shape (n,)
        Epoch milliseconds (UTC), ascending.
    samples : dict of ndarray, shape (n,)
        By letter of the element; D and I in minutes of arc; NaN where missing.
    rule, notes
        As in `series`.

    Raises
    ------
    InputError
        As `series`.
    """
    minutes, averages = np.empty(0, np.int64), dict[str, np.ndarray]()
    for letter, values in samples.items():
        middle = 0.0
        if letter in "DI" and np.isfinite(values).any():  # an average must not suffer from a step of 360 degrees
            middle = float(values[np.isfinite(values)][0])
            values = (values - middle + 10_800.0) % 21_600.0 - 10_800.0
        minutes, average = series(name, milliseconds, values, rule, notes)
        averages[letter] = average + middle
    return minutes, averages


def series(
    name: str, milliseconds: np.ndarray, values: np.ndarray, rule: str, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """
    Epoch minutes and the value of each; one-minute data as they are, samples of 1 s or 5 s averaged by the rule.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    milliseconds : ndarray of int64, shape (n,)
        Epoch milliseconds (UTC), ascending.
    values : ndarray, shape (n,)
        NaN where missing.
    rule : str
        A key of `RULES`; "" refuses what is no one-minute data.
    notes : list of str
        What was done is added.

    Raises
    ------
    InputError
        If time runs backwards, the step is another, or there are samples and no rule.
    """
    seconds = (milliseconds + 500) // 1000
    step = int(np.median(np.diff(seconds))) if len(seconds) > 1 else 60
    if (np.diff(seconds) < 0).any():
        at = int((np.diff(seconds) < 0).argmax())
        raise InputError(f"{name}: time runs backwards after {elements.show(seconds[at] // 60)}. Nothing was stored.")
    last = np.append(np.diff(seconds) > 0, True)  # the second before and after a leap second are one in UTC
    if not last.all():
        notes.append(f"{int((~last).sum())} samples have the time of the next one; the later was kept.")
        seconds, values = seconds[last], values[last]
    if step == 60:
        if (seconds % 60).any():
            raise InputError(f"{name}: the times are {seconds[0] % 60} s past the minute, expected whole minutes.")
        return seconds // 60, values
    if step not in STEPS_S or ((seconds - seconds[0]) % step).any():
        kind = {3600: "hourly data", 86_400: "daily data"}.get(step, f"data with a step of {step} s")
        raise InputError(f"{name}: this is {kind}, expected one value per minute or per second. Nothing was stored.")
    if not rule:
        raise InputError(f"{name}: this is {kind_of(step)}, expected one value per minute. {HOW_TO_AVERAGE}")
    if seconds[-1] - seconds[0] > LARGEST_SAMPLES:
        raise InputError(
            f"{name}: the times reach from {elements.show(seconds[0] // 60)} to {elements.show(seconds[-1] // 60)}, "
            "longer than is read at once. One of them is wrong, or the file should be split into months."
        )
    minutes, averages = to_minutes(seconds, values, step, rule)
    n_missing = int(np.isnan(averages).sum())
    notes.append(
        f"Samples of {step} s were averaged to minutes by {RULES[rule]}; {n_missing} of {len(minutes)} minutes have "
        f"less than {LEAST:.0%} of what that needs and are missing."
    )
    return minutes, averages
