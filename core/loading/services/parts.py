"""A long download in parts: which parts, what became of each, and when to give up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.loading.services.http import FetchError

SMALLEST = pd.Timedelta(hours=1)  # a part is not halved further
GIVE_UP_AFTER = 2  # failures in a row


@dataclass(frozen=True)
class Chunk:
    """
    What became of one part [start, end) of a download: `outcome` is "data", "no data" or "failed".

    "no data" is what the service said; "failed" means that nothing is known, and asking again makes sense.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    outcome: str
    record: MinuteRecord | None = None
    message: str = ""


class TooMuch(Exception):
    """The server wants to be asked for less at once."""


def months(start: pd.Timestamp, end: pd.Timestamp, longest: pd.Timedelta) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """
    [start, end) cut at the first of each month, and wherever a part would be longer than `longest`.

    Cut so, downloads of other periods ask for the same parts and find the stored answers.
    """
    parts = []
    while start < end:
        stop = min(end, (start + pd.offsets.MonthBegin(1)).normalize(), start + longest)
        parts.append((start, stop))
        start = stop
    return parts


def each(
    parts: list[tuple[pd.Timestamp, pd.Timestamp]], one: Callable[[pd.Timestamp, pd.Timestamp], Chunk]
) -> Iterator[Chunk]:
    """
    Call `one` for each part; parts that are `TooMuch` are halved, FetchErrors become "failed" chunks.

    After two failures in a row the rest is not asked for: the server or the network is down.
    """
    n_failed = 0
    waiting = list(parts)
    while waiting:
        start, end = waiting.pop(0)
        if n_failed >= GIVE_UP_AFTER:
            yield Chunk(start, end, "failed", message=f"Not asked for: the {GIVE_UP_AFTER} parts before it failed.")
            continue
        try:
            chunk = one(start, end)
        except TooMuch as error:
            if end - start >= 2 * SMALLEST:
                middle = (start + (end - start) / 2).floor("min")
                waiting[:0] = [(start, middle), (middle, end)]
                continue
            chunk = Chunk(start, end, "failed", message=f"The server finds even this too much: {error}")
        except FetchError as error:
            chunk = Chunk(start, end, "failed", message=str(error))
        n_failed = n_failed + 1 if chunk.outcome == "failed" else 0
        yield chunk


def refuse_fill(record: MinuteRecord, what: str) -> None:
    """Raise FetchError if no minute of X, Y, Z has a value: a service that fails or withholds data answers so."""
    if bool(record.field[list(minute.COMPONENTS)].isna().to_numpy().all()):
        raise FetchError(
            f"{what}: every value is the one that stands for a missing one. The data are withheld, not made yet, or "
            "lost; nothing was stored.",
            final=True,
        )
