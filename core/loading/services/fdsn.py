"""
Earthquakes from FDSN event services, in their text format, cut into slices of time that a server can answer.

Status 204 means "no events" and is an answer. Everything else that brings no events is a failure: an empty
catalogue that nobody said was empty would turn every forecast into a success.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.formats import recognise
from core.loading.formats.nothing import NothingInItError
from core.loading.services import addresses, answer, http
from core.loading.services.addresses import Service
from core.loading.services.http import FetchError, Reply
from core.loading.services.parts import TooMuch
from core.loading.services.raw_store import Fetcher

SERVICES = addresses.FDSN
FORMAT = recognise.named("FDSN text")
SMALLEST = pd.Timedelta(hours=1)  # a slice is not halved further
TOLERANCE_DEG = 0.05  # coordinates are rounded after the server has chosen

_TOO_MANY = re.compile(r"exceeds? (the )?(search )?limit|too (large|many)|limit exceeded|request entity", re.IGNORECASE)
_ERROR_LINE = re.compile(r"^\s*error\s*(\d{3})", re.IGNORECASE | re.MULTILINE)
_STEP = pd.Timedelta(seconds=1)


@dataclass(frozen=True)
class Region:
    """The box that is asked for, degrees; west must be smaller than east. The default is the whole world."""

    south: float = -90.0
    north: float = 90.0
    west: float = -180.0
    east: float = 180.0

    def __post_init__(self) -> None:
        if not (-90 <= self.south < self.north <= 90 and -180 <= self.west < self.east <= 180):
            raise InputError(
                f"The region {self.south}, {self.north}, {self.west}, {self.east} is none; expected south < north in "
                "-90 to 90 and west < east in -180 to 180."
            )


def fetch(
    start: pd.Timestamp,
    end: pd.Timestamp,
    min_magnitude: float,
    fetcher: Fetcher,
    service: Service,
    region: Region | None = None,
    on_progress: Callable[[pd.Timestamp], None] | None = None,
) -> pd.DataFrame:
    """
    All earthquakes of [start, end) that a service knows, as the events table; see `events.check`.

    Parameters
    ----------
    start, end : Timestamp, UTC
    min_magnitude : float
    fetcher : Fetcher
    service : Service
        One of `SERVICES`.
    region : Region, optional
    on_progress : callable, optional
        Called with the time up to which the events are known.

    Returns
    -------
    DataFrame
        Possibly empty, if the server said so. `attrs["notes"]` counts the rows that were dropped.

    Raises
    ------
    FetchError
        If any slice failed; slices that came before are in the raw store, so that another call goes on from there.
    """
    if start >= end:
        raise InputError(f"The period from {start:%Y-%m-%d} to {end:%Y-%m-%d} is empty.")
    box = region or Region()
    waiting = _slices(start.floor("s"), end.ceil("s"))
    parts: list[pd.DataFrame] = []
    while waiting:
        a, b = waiting.pop(0)
        try:
            parts.append(_slice(a, b, min_magnitude, fetcher, service, box))
        except TooMuch as error:
            if b - a < 2 * SMALLEST:
                raise FetchError(f"{_name(service, a, b)}: the server finds even this too much. {error}") from error
            middle = (a + (b - a) / 2).floor("s")
            waiting[:0] = [(a, middle), (middle, b)]
            continue
        if on_progress is not None:
            on_progress(b)
    return _joined(parts, start, end)


def _slices(start: pd.Timestamp, end: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    # Calendar years, so that downloads of other periods ask for the same slices and find the stored answers.
    slices = []
    while start < end:
        stop = min(end, pd.Timestamp(year=start.year + 1, month=1, day=1, tz="UTC"))
        slices.append((start, stop))
        start = stop
    return slices


def _slice(
    start: pd.Timestamp, end: pd.Timestamp, min_magnitude: float, fetcher: Fetcher, service: Service, box: Region
) -> pd.DataFrame:
    # The events of one answer; raises TooMuch.
    chosen = {
        "starttime": _time(start),
        "endtime": _time(end),  # inclusive; what lies on it is left to the next slice
        "minmagnitude": f"{min_magnitude:g}",
    }
    if box != Region():
        chosen |= {"minlatitude": f"{box.south:g}", "maxlatitude": f"{box.north:g}"}
        chosen |= {"minlongitude": f"{box.west:g}", "maxlongitude": f"{box.east:g}"}
    name = _name(service, start, end)
    expected = None
    if service.counts:
        expected = fetcher.get(service, f"{service.base}/count", chosen, lambda reply: _count(reply, name), until=end)
        if service.limit and expected > service.limit:
            raise TooMuch(f"{expected} events, the limit is {service.limit}")

    def parse(reply: Reply) -> pd.DataFrame:
        if not _has_rows(reply, name, service, expected):
            return _empty()
        try:
            events = answer.read(reply, FORMAT, name)
        except NothingInItError as error:  # quarry blasts, or events without a magnitude
            return _empty(*(f"{name}: {note}" for note in error.notes))
        return _inside(events, start, end, min_magnitude, box, name)

    asked = chosen | {"format": "text", "orderby": "time-asc"}
    return fetcher.get(service, f"{service.base}/query", asked, parse, until=end, also=(204, 400, 413))


def _count(reply: Reply, name: str) -> int:
    # A number, or JSON that has it.
    body = answer.text(reply, "the number of events", name)
    number = re.fullmatch(r"\s*(\d+)\s*|\s*\{.*\"count\":\s*(\d+).*\}\s*", body, re.DOTALL)
    if not number:
        raise FetchError(f"{name}: the number of events is {body[:40]!r}, which is no number.")
    return int(number[1] or number[2])


def _has_rows(reply: Reply, name: str, service: Service, expected: int | None) -> bool:
    # Whether an answer has the rows that it must have; false if the server says that there are no events.
    if reply.status == 204:
        if expected:
            raise FetchError(f"{name}: the server counts {expected} events, but then says that there are none.")
        return False
    if reply.status == 413 or (reply.status == 400 and _TOO_MANY.search(http.reason(reply))):
        raise TooMuch(http.reason(reply))
    if reply.status != 200:
        raise FetchError(f"{name}: {http.meaning(reply)}", reply.status)
    body = answer.text(reply, FORMAT.name, name, FORMAT.looks_like)
    error = _ERROR_LINE.search(body)
    if error:
        if error[1] == "413":
            raise TooMuch("the answer ends with Error 413")
        raise FetchError(f"{name}: the answer holds the line {error[0].strip()!r}.", reply.status)
    if not body.endswith("\n"):
        raise FetchError(f"{name}: the last line has no line end, so the answer was cut off.")
    answer.check_beginning(reply, FORMAT, name)
    n_rows = sum(bool(line.strip()) and not line.startswith("#") for line in body.lstrip().splitlines()[1:])
    if expected is not None and n_rows != expected:
        raise FetchError(f"{name}: {n_rows} events came, but the server counts {expected}.")
    if expected is None and not n_rows:
        raise FetchError(f"{name}: only the header came; a server without events says so with status 204.")
    if expected is None and service.limit and n_rows >= service.limit:
        raise TooMuch(f"{n_rows} events, which is the limit of the server: there may be more")
    return n_rows > 0


def _inside(
    events: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, min_magnitude: float, box: Region, name: str
) -> pd.DataFrame:
    # What was asked for; an answer to another question is refused.
    times, latitude, longitude = events["origin_time"], events["latitude_deg"], events["longitude_deg"]
    wrong = (times < start - _STEP) | (times > end + _STEP)
    wrong |= ~latitude.between(box.south - TOLERANCE_DEG, box.north + TOLERANCE_DEG)
    wrong |= ~longitude.between(box.west - TOLERANCE_DEG, box.east + TOLERANCE_DEG)
    if wrong.any():
        row = events[wrong].iloc[0]
        raise FetchError(
            f"{name}: event {row['event_id']} of {row['origin_time']:%Y-%m-%d %H:%M:%S} at {row['latitude_deg']:g}, "
            f"{row['longitude_deg']:g} is outside what was asked. The server answered another question.",
            final=True,
        )
    # Servers may choose by any magnitude of an event and then show the preferred one.
    mine = (times >= start) & (times < end)
    small = mine & (events["magnitude"] < min_magnitude - 1e-9)
    kept = events[mine & ~small].copy()
    notes = tuple(f"{name}: {note}" for note in events.attrs.get("notes", ()))
    if small.any():
        notes += (f"{name}: {int(small.sum())} rows dropped: the magnitude shown is below {min_magnitude:g}.",)
    kept.attrs["notes"] = notes
    return kept


def _joined(parts: list[pd.DataFrame], start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    notes = [note for part in parts for note in part.attrs["notes"]]
    filled = [part for part in parts if len(part)]
    events = pd.concat(filled, ignore_index=True) if filled else _empty()
    events = events[(events["origin_time"] >= start) & (events["origin_time"] < end)]
    again = events["event_id"].duplicated(keep="last")  # moved over the edge of a slice between two requests
    if again.any():
        notes.append(f"{int(again.sum())} events came in two slices; the later one was kept.")
        events = events[~again]
    events = catalogue.check(events)
    events.attrs["notes"] = tuple(notes)
    return events


def _empty(*notes: str) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype="float64") for name in catalogue.COLUMNS})
    frame["origin_time"] = pd.DatetimeIndex([], tz="UTC").as_unit("us")
    frame = frame.astype({name: "str" for name in ("event_id", "magnitude_type", "source")})
    frame.attrs["notes"] = notes
    return frame


def _name(service: Service, start: pd.Timestamp, end: pd.Timestamp) -> str:
    return f"{service.name}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"


def _time(time: pd.Timestamp) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S")  # without Z, which ISC refuses; the standard says UTC
