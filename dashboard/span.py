"""Stretches of time to look at within a record: pure arithmetic, without a page."""

from __future__ import annotations

import numpy as np
import pandas as pd

Span = tuple[pd.Timestamp, pd.Timestamp]

DAY = pd.Timedelta(days=1)
MINUTE = pd.Timedelta(minutes=1)
SHORTEST = 10 * MINUTE
USUAL = 30 * DAY


def whole(values: np.ndarray, first_minute: int) -> Span:
    """First and one past the last minute of a record."""
    start = pd.Timestamp(first_minute, unit="m", tz="UTC")
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
