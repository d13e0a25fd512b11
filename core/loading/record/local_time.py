"""Local clock times to UTC, through the two days a year on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from core.errors import InputError

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1)


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """
    The time zone of an IANA name such as "America/Anchorage".

    Raises
    ------
    InputError
        If there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(f"time_zone {name!r} is not known; expected a name like 'Europe/Rome' or 'UTC'.") from error


def to_utc(local: np.ndarray, zone_name: str) -> tuple[np.ndarray, list[str]]:
    """
    Clock times of a zone to UTC.

    When the clock is put back, an hour is shown twice. The order of the rows decides: before the clock
    runs back it is the first pass (summer time), after it the second. If there was only one pass, it
    goes with the nearer neighbour. When the clock is put forward, an hour does not exist; times in it
    are read with the offset before the change, as of a clock that was put forward late.

    Parameters
    ----------
    local : ndarray of int64, shape (n,)
        Milliseconds from 1970-01-01 00:00 on the local clock, in the order of the file.
    zone_name : str
        IANA name.

    Returns
    -------
    utc : ndarray of int64, shape (n,)
        Epoch milliseconds.
    notes : list of str
        How many times were in such hours.
    """
    where = zone(zone_name)
    clock = pd.DatetimeIndex(local.astype("datetime64[ms]"))
    known = clock.tz_localize(where, ambiguous="NaT", nonexistent="NaT")
    unclear = np.flatnonzero(known.isna())
    utc = np.array(known.tz_convert("UTC").tz_localize(None).as_unit("ms").asi8)
    if not len(unclear):
        return utc, []
    first, second = (np.array([_utc(local[row], where, fold) for row in unclear]) for fold in (0, 1))
    twice = second > first
    utc[unclear] = first
    notes = []
    if twice.any():
        late = _second_pass(local, unclear[twice], int((second - first).max()))
        utc[unclear[twice]] = np.where(late, second[twice], first[twice])
        notes.append(
            f"{twice.sum()} times are in an hour that the clock of {zone_name} shows twice; "
            "the order of the rows decided which of the two it is."
        )
    if (~twice).any():
        notes.append(
            f"{(~twice).sum()} times are in an hour that the clock of {zone_name} leaves out; "
            "they were read as if the clock had not been changed yet."
        )
    return utc, notes


def _second_pass(local: np.ndarray, rows: np.ndarray, shift: int) -> np.ndarray:
    # Which of the `rows` (positions, ascending; all at clock times that occur twice) are of the second pass.
    # A step back of more than half the `shift` is the clock's; a smaller one is jitter of the logger.
    steps = np.diff(local)
    if (steps < 0).sum() > (steps > 0).sum():  # the file has the newest row first
        last = len(local) - 1
        return _second_pass(local[::-1], last - rows[::-1], shift)[::-1]
    second = np.zeros(len(rows), bool)
    for group in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows) > 1) + 1):
        begin, end = rows[group[0]], rows[group[-1]] + 1
        back = np.flatnonzero(np.diff(local[begin:end]) < -shift // 2)
        if len(back):
            second[group] = group >= group[0] + back[-1] + 1
            continue
        before = local[begin] - local[begin - 1] if begin else np.inf
        after = local[end] - local[end - 1] if end < len(local) else np.inf
        second[group] = after < before
    return second


def _utc(local: int, where: ZoneInfo, fold: int) -> int:
    clock = (_EPOCH + int(local) * _MILLISECOND).replace(tzinfo=where, fold=fold)
    return (clock.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // _MILLISECOND
