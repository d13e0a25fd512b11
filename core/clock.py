"""Time, once: what now is, what a time without a zone means, and numbers of minutes as times. All of it is UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InputError

MINUTE_US = 60_000_000  # microseconds


def now() -> pd.Timestamp:
    """The present moment, UTC."""
    return pd.Timestamp.now("UTC")


def stamp() -> str:
    """The present moment as text to the second, such as 2026-11-30T12:00:00+00:00."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def utc(time: Any) -> pd.Timestamp:
    """
    A time, or text that pandas takes for one, in UTC; without a zone it is taken to be in UTC.

    Raises
    ------
    ValueError
        If it is no time.

    Examples
    --------
    >>> utc("2016-01-01"), utc("2016-01-01T02:00+02:00")
    (Timestamp('2016-01-01 00:00:00+0000', tz='UTC'), Timestamp('2016-01-01 00:00:00+0000', tz='UTC'))
    """
    moment = pd.Timestamp(time)
    if pd.isna(moment):  # "nan" and "NaT" are times to pandas
        raise ValueError(f"{time!r} is no time")
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")


def given(time: Any, called: str) -> pd.Timestamp | None:
    """
    A time as a user gives it: text, a date or a time, in UTC unless it names a zone; None if it is "" or None.

    Raises
    ------
    InputError
        If it is no time; the sentence calls it by the name `called`, such as "--start".

    Examples
    --------
    >>> given("2011-03-15", "--start"), given("", "--end")
    (Timestamp('2011-03-15 00:00:00+0000', tz='UTC'), None)
    """
    if time is None or (isinstance(time, str) and not time):
        return None
    try:
        if isinstance(time, (bool, int, float)):  # which pandas takes for nanoseconds
            raise ValueError("a number is no time")
        return utc(time)
    except (ValueError, TypeError):
        raise InputError(f"{called} {str(time)!r} is not a time such as 2011-03-15 or 2011-03-15T12:00.") from None


def in_utc(times: Any) -> pd.DatetimeIndex:
    """
    Times without a zone, shape (n,), which are UTC; text and datetime64 of any unit, whose values are not copied.

    >>> in_utc(["2016-01-01"]).tolist()
    [Timestamp('2016-01-01 00:00:00+0000', tz='UTC')]
    """
    return pd.DatetimeIndex(times, copy=False).tz_localize("UTC")


def of_minute(minute: int) -> pd.Timestamp:
    """
    The time that lies so many whole minutes after 1970-01-01T00:00 UTC.

    >>> of_minute(60)
    Timestamp('1970-01-01 01:00:00+0000', tz='UTC')
    """
    return pd.Timestamp(minute, unit="m", tz="UTC")


def of_minutes(minutes: Any) -> pd.DatetimeIndex:
    """
    Whole minutes since 1970-01-01T00:00 UTC as times, shape (n,).

    >>> of_minutes([60]).tolist()
    [Timestamp('1970-01-01 01:00:00+0000', tz='UTC')]
    """
    return of_microseconds(np.asarray(minutes, dtype=np.int64) * MINUTE_US)


def of_microseconds(microseconds: Any) -> pd.DatetimeIndex:
    """Microseconds since 1970-01-01T00:00 UTC as times, shape (n,)."""
    return in_utc(np.asarray(microseconds, dtype=np.int64).astype("datetime64[us]"))
