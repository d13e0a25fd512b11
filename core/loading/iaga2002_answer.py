"""IAGA-2002 as a service sends it: the minutes that were asked for, of the station that was asked for, or a failure."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading import chunks, iaga2002
from core.loading.http import FetchError, Reply
from core.loading.minute import MinuteRecord


def record(reply: Reply, station: str, start: pd.Timestamp, end: pd.Timestamp, what: str) -> MinuteRecord:
    """
    The minutes of [start, end) in an answer; `what` names the request in messages.

    Raises
    ------
    FetchError
        If the answer is no IAGA-2002 or damaged, is of another station or period, or has no value at all.
    """
    reply.text()  # refuses web pages and empty bodies
    if not reply.body.endswith(b"\n"):
        raise FetchError(f"{what}: the last line has no line end, so the answer was cut off.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{station.lower()}{start:%Y%m%d}.iaga2002"
        path.write_bytes(reply.body)
        try:
            found = iaga2002.read(path)
        except InputError as error:
            raise FetchError(f"{what}: the answer cannot be used. {error}") from error
    if found.station != station:
        raise FetchError(f"{what}: the answer is of the station {found.station}.", final=True)
    if found.start != start or found.end != end:
        raise FetchError(
            f"{what}: the answer has {found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M}, not what was asked."
        )
    chunks.refuse_fill(found, what)
    return found
