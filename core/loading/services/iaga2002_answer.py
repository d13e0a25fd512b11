"""Whole days of IAGA-2002 from a service: the minutes and the station that were asked for, or a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.record.minute import MinuteRecord
from core.loading.services import answer, parts
from core.loading.services.addresses import Service
from core.loading.services.http import FetchError, Reply
from core.loading.services.intermagnet import refuse_outsider
from core.loading.services.parts import Chunk
from core.loading.services.raw_store import Fetcher

FORMAT = recognise.named("IAGA-2002")


def days(
    station: str,
    period: tuple[pd.Timestamp, pd.Timestamp],
    data_type: str,
    fetcher: Fetcher,
    service: Service,
    types: Mapping[str, str],
    longest: pd.Timedelta,
    ask: Callable[[pd.Timestamp, pd.Timestamp], dict[str, str]],
    refused: Callable[[Reply, str], None] | None = None,
) -> Iterator[Chunk]:
    """
    Minute data of the whole days that a period touches, part by part; as `intermagnet.fetch`.

    Parameters
    ----------
    station, period, data_type, fetcher, service
        As for `intermagnet.fetch`. The record has the type that the answer states.
    types : mapping
        Our data types, and what the service calls each.
    longest : Timedelta
        The longest part that the service answers.
    ask : callable
        The parameters of a request, from its first day and the day after its last.
    refused : callable, optional
        Raises what an answer of status 400 means; the text names the request. Without it that status is a failure.

    Raises
    ------
    InputError
        If the data type is none, or the station is known not to be in INTERMAGNET.
    """
    refuse_outsider(station)
    if data_type not in types:
        raise InputError(f"The data type is {data_type!r}, expected one of {', '.join(types)}.")

    def one(first: pd.Timestamp, stop: pd.Timestamp) -> Chunk:
        last = stop - pd.Timedelta(minutes=1)
        what = f"{service.name}, {station} {types[data_type]}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"

        def parse(reply: Reply) -> MinuteRecord:
            if refused is not None and reply.status == 400:
                refused(reply, what)
            return record(reply, station, first, stop, what)

        also = (400,) if refused is not None else ()
        found = fetcher.get(service, service.base, ask(first, stop), parse, until=stop, also=also)
        message = "" if found.data_type == data_type else f"{what}: the answer says {found.data_type}."
        return Chunk(first, stop, "data", found, message)

    return parts.each(parts.months(period[0].floor("D"), period[1].ceil("D"), longest), one)


def record(reply: Reply, station: str, start: pd.Timestamp, end: pd.Timestamp, what: str) -> MinuteRecord:
    """
    The minutes of [start, end) in an answer; `what` names the request in messages.

    Raises
    ------
    FetchError
        If the answer is no IAGA-2002 or damaged, is of another station or period, or has no value at all.
    """
    body = answer.text(reply, FORMAT.name, what, FORMAT.looks_like)
    answer.check_beginning(reply, FORMAT, what)
    if not body.endswith("\n"):
        raise FetchError(f"{what}: the last line has no line end, so the answer was cut off.")
    came: MinuteRecord = answer.read(reply, FORMAT, what)
    if came.station != station:
        raise FetchError(f"{what}: the answer is of the station {came.station}.", final=True)
    if came.start != start or came.end != end:
        raise FetchError(
            f"{what}: the answer has {came.start:%Y-%m-%d %H:%M} to {came.end:%Y-%m-%d %H:%M}, not what was asked."
        )
    parts.refuse_fill(came, what)
    return came
