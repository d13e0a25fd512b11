"""Stretches of time to look at within a record: pure arithmetic, without a page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core import clock

Span = tuple[pd.Timestamp, pd.Timestamp]

DAY = pd.Timedelta(days=1)
MINUTE = pd.Timedelta(minutes=1)
SHORTEST = 10 * MINUTE
USUAL = 30 * DAY
HOLE = 30 * DAY  # longer without a probability: what lies before and after are different stretches of a scan
LAST = {"last year": 365, "last month": 30, "last week": 7}  # days


def whole(values: np.ndarray, first_minute: int) -> Span:
    """First and one past the last minute of a record."""
    start = clock.of_minute(first_minute)
    return start, start + len(values) * MINUTE


def latest(values: np.ndarray, first_minute: int) -> Span:
    """
    The last month in which something is recorded, without the empty time before it.

    >>> values = np.full((60 * 1440, 3), np.nan)
    >>> values[0], values[-1440:] = 1.0, 1.0
    >>> str(latest(values, 0)[0])
    '1970-03-01 00:00:00+00:00'
    """
    _, end = whole(values, first_minute)
    last = values[-int(USUAL / MINUTE) :]
    present = np.flatnonzero(np.isfinite(last).any(axis=1))
    n_empty = int(present[0]) if len(present) else 0
    return end - (len(last) - n_empty) * MINUTE, end


def cut(span: Span, record: Span) -> Span | None:
    """The part of a stretch that lies in the record; None if that is next to nothing."""
    start, end = max(span[0], record[0]), min(span[1], record[1])
    return (start, end) if end - start >= min(SHORTEST, record[1] - record[0]) else None


def around(span: Span, days: int, record: Span) -> Span:
    """So many days around the middle of a stretch, within the record; 0 days: everything."""
    half = pd.Timedelta(days=days) / 2
    if not days or record[1] - record[0] <= 2 * half:
        return record
    middle = min(max(span[0] + (span[1] - span[0]) / 2, record[0] + half), record[1] - half)
    return middle - half, middle + half


def moved(span: Span, direction: int, record: Span) -> Span:
    """A stretch of the same length right before (-1) or after (1), stopping at the ends of the record."""
    shift = direction * (span[1] - span[0])
    shift = max(shift, record[0] - span[0]) if direction < 0 else min(shift, record[1] - span[1])
    return span[0] + shift, span[1] + shift


def nearest(values: np.ndarray, first_minute: int, span: Span) -> Span:
    """A stretch of the same length around the recorded minute that is nearest to the middle of a stretch."""
    record = whole(values, first_minute)
    present = np.flatnonzero(np.isfinite(values).any(axis=1))
    if not len(present):
        return record
    middle = (span[0] + (span[1] - span[0]) / 2 - record[0]) / MINUTE
    found = record[0] + int(present[np.argmin(np.abs(present - middle))]) * MINUTE
    half = (span[1] - span[0]) / 2
    return cut((found - half, found + half), record) or record


def scanned(series: pd.DataFrame) -> dict[str, Span]:
    """
    What can be shown of a scan (start, end, probability), by its name; the first is what to open with.

    Where months without a probability lie between stretches, the whole is mostly empty; then the latest stretch is
    the first.
    """
    usable = series.dropna(subset="probability").sort_values("end")
    if usable.empty:
        return {"the whole scan": (series["start"].min(), series["end"].max())}
    number = (usable["start"] - usable["end"].shift() > HOLE).cumsum()
    parts = usable.groupby(number).agg(start=("start", "min"), end=("end", "max")).iloc[::-1]
    start, end = parts["start"].min(), parts["end"].max()
    named = {f"{one:%Y-%m-%d} to {other:%Y-%m-%d}": (one, other) for one, other in parts.itertuples(index=False)}
    last = {name: (max(start, end - days * DAY), end) for name, days in LAST.items()}
    return {**(named if len(named) > 1 else {}), "the whole scan": (start, end), **last}
