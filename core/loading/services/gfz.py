"""The index Kp from the JSON service of GFZ."""

from __future__ import annotations

import pandas as pd

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.indices import kp as activity
from core.loading.formats.nothing import NothingInItError
from core.loading.services import addresses, answer
from core.loading.services.addresses import Service
from core.loading.services.http import FetchError, Reply
from core.loading.services.raw_store import Fetcher

FORMAT = recognise.named("Kp JSON of GFZ")
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
        return _checked(_table(reply, what), start, last, fetcher.now(), definitive_only, what)

    return fetcher.get(service, service.base, parameters, parse, until=end)


def _table(reply: Reply, what: str) -> pd.DataFrame:
    # The activity table of an answer; empty if its lists are, which is how the service says "none".
    try:
        table: pd.DataFrame = answer.read(reply, FORMAT, what)
        return table
    except NothingInItError as error:
        if error.notes:
            raise FetchError(f"{what}: every value is missing.", final=True) from error
    empty = pd.DataFrame({column: pd.Series(dtype="float64") for column in activity.COLUMNS})
    empty = empty.assign(time=pd.DatetimeIndex([], tz="UTC"), status=pd.Series(dtype="str"))
    empty.attrs = {"notes": (), "no_value": ()}
    return empty


def _checked(
    table: pd.DataFrame, start: pd.Timestamp, last: pd.Timestamp, now: pd.Timestamp, definitive_only: bool, what: str
) -> pd.DataFrame:
    # What was asked for, and all of it; `attrs["notes"]` says what is missing.
    times = pd.DatetimeIndex([*table["time"], *table.attrs.pop("no_value")], tz="UTC")
    if len(times) and (times.min() < start or times.max() > last):
        raise FetchError(f"{what}: {times.min()} to {times.max()} came; the server answered another question.")
    if definitive_only and (table["status"] != "definitive").any():
        raise FetchError(f"{what}: definitive values were asked for, others came.")
    settled = pd.date_range(start, min(last, (now - DELAY).floor("3h")), freq="3h", unit="us")
    absent = settled.difference(times)
    notes = tuple(f"{what}: {note}" for note in table.attrs["notes"])
    if definitive_only:
        if len(absent):
            notes = (f"{what}: {len(absent)} intervals have no definitive value yet.", *notes)
    elif len(absent):
        raise FetchError(f"{what}: {len(absent)} intervals did not come, the first of {absent[0]:%Y-%m-%d %H:%M}.")
    elif not len(times):
        raise FetchError(f"{what}: no value came, and the service did not say that there is none.")
    table.attrs["notes"] = notes
    return table


def _time(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
