"""The index Kp from the JSON service of GFZ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats.indices import kp as activity
from core.loading.services import addresses, hapi
from core.loading.services.addresses import Service
from core.loading.services.http import FetchError, Reply
from core.loading.services.raw_store import Fetcher

FIRST = pd.Timestamp("1932-01-01", tz="UTC")
YEARS = 5  # in one request: 15,000 values
DELAY = pd.Timedelta(days=2)  # values of older intervals must be there


def fetch(
    start: pd.Timestamp,
    end: pd.Timestamp,
    fetcher: Fetcher,
    service: Service = addresses.KP,
    definitive_only: bool = False,
) -> pd.DataFrame:
    """
    Kp of the three-hour intervals that begin in [start, end), as the activity table (`activity.check`).

    Intervals that have no value yet are not in it. Values that are not definitive have the status "preliminary".

    Parameters
    ----------
    start, end : Timestamp, UTC
    fetcher : Fetcher
    service : Service
    definitive_only : bool
        Ask for definitive values only; where there are none the service says so.

    Returns
    -------
    DataFrame
        The activity table, possibly empty if the service said so; `attrs["notes"]` says what is missing.

    Raises
    ------
    InputError
        If the period is empty or before 1932.
    FetchError
        If any request failed.
    """
    start, end = start.ceil("3h"), min(end, fetcher.now())
    if start < FIRST or start >= end:
        raise InputError(f"Kp begins in 1932 and ends today; there is none from {start:%Y-%m-%d} to {end:%Y-%m-%d}.")
    parts, notes = [], list[str]()
    while start < end:
        five = pd.Timestamp(year=start.year - start.year % YEARS + YEARS, month=1, day=1, tz="UTC")
        stop = min(end, five)
        part = _part(start, stop, fetcher, service, definitive_only)
        notes += part.attrs["notes"]
        parts.append(part)
        start = stop
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else parts[0]
    table.attrs["notes"] = tuple(notes)
    return activity.check(table)


def _part(
    start: pd.Timestamp, end: pd.Timestamp, fetcher: Fetcher, service: Service, definitive_only: bool
) -> pd.DataFrame:
    # The end is inclusive, and names the start of an interval.
    last = (end - pd.Timedelta(seconds=1)).floor("3h")
    parameters = {"start": _time(start), "end": _time(last), "index": "Kp"}
    if definitive_only:
        parameters["status"] = "def"
    what = f"{service.name}, {start:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"

    def parse(reply: Reply) -> pd.DataFrame:
        return _values(hapi.json_object(reply), start, last, fetcher.now(), definitive_only, what)

    return fetcher.get(service, service.base, parameters, parse, until=end)


def _values(
    content: dict[str, Any],
    start: pd.Timestamp,
    last: pd.Timestamp,
    now: pd.Timestamp,
    definitive_only: bool,
    what: str,
) -> pd.DataFrame:
    try:
        kp = np.array([np.nan if value is None else value for value in content["Kp"]], dtype="float64")
        times = pd.DatetimeIndex(pd.to_datetime(content["datetime"], format="ISO8601", utc=True)).as_unit("us")
        status = [str(word) for word in content["status"]]
    except (KeyError, TypeError, ValueError) as error:
        raise FetchError(
            f"{what}: the answer is not understood ({type(error).__name__}: {str(error)[:120]})."
        ) from error
    if not len(kp) == len(times) == len(status):
        raise FetchError(f"{what}: {len(kp)} values, {len(times)} times and {len(status)} words for their status.")
    known = ~np.isnan(kp)
    thirds = activity.thirds(kp)
    if (times != times.floor("3h")).any() or not times.is_monotonic_increasing or not times.is_unique:
        raise FetchError(f"{what}: times are off the three hours, repeat or run backwards.")
    if len(times) and (times[0] < start or times[-1] > last):
        raise FetchError(f"{what}: {times[0]} to {times[-1]} came; the server answered another question.")
    if (np.abs(kp - thirds)[known] > 0.07).any() or (kp[known] < 0).any() or (kp[known] > 9).any():
        raise FetchError(f"{what}: a value is no Kp (thirds from 0 to 9).")
    if definitive_only and set(status) - {"def"}:
        raise FetchError(f"{what}: definitive values were asked for, others came.")
    settled = pd.date_range(start, min(last, (now - DELAY).floor("3h")), freq="3h", unit="us")
    absent = settled.difference(times)
    notes: tuple[str, ...] = ()
    if definitive_only:
        if len(absent):
            notes += (f"{what}: {len(absent)} intervals have no definitive value yet.",)
    elif len(absent):
        raise FetchError(f"{what}: {len(absent)} intervals did not come, the first of {absent[0]:%Y-%m-%d %H:%M}.")
    elif not len(times):
        raise FetchError(f"{what}: no value came, and the service did not say that there is none.")
    if len(kp) and not known.any():
        raise FetchError(f"{what}: every value is missing.", final=True)
    if not known.all():
        notes += (f"{what}: {int((~known).sum())} values of three hours dropped: no Kp.",)
    table = pd.DataFrame(
        {
            "time": times[known],
            "kp": thirds[known],
            "ap": activity.AP_OF_THIRDS[np.round(3 * thirds[known]).astype(int)].astype("float64"),
            "status": pd.Series(
                ["definitive" if word == "def" else "preliminary" for word in np.array(status)[known]], dtype="str"
            ),
        }
    )
    table.attrs["notes"] = notes
    return table


def _time(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
