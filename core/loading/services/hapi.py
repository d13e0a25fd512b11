"""HAPI, the protocol of time series servers: what an answer says about itself, and its rows of minutes."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd

from core.loading.record import minute
from core.loading.services import answer, http
from core.loading.services.http import FetchError, Reply

# Status codes of the specification.
OK, NO_DATA, BAD_REQUEST, UNKNOWN_NAME, OUTSIDE, UNKNOWN_DATASET, TOO_MUCH = 1200, 1201, 1400, 1401, 1405, 1406, 1408

OLD_NAMES = {"dataset": "id", "start": "time.min", "stop": "time.max"}  # HAPI 2.x
MISSING_FROM = 88_888.0

_BEGIN = re.compile(rb'\s*(?:[#\s]*\{[^\[\]]*"HAPI"\s*:|\d{4}-\d{2}-\d{2}T[\d:.]+Z?,)')


def body(reply: Reply, what: str) -> str:
    """
    The text of an answer: JSON, or CSV that may begin with it; raises FetchError if it is something else.

    HAPI has no row in the table of formats: its rows do not say of which observatory they are, so that nobody could
    read them from a file.
    """
    return answer.text(reply, "a HAPI answer", what, looks_like)


def looks_like(head: bytes) -> bool:
    """
    Whether first bytes are those of an answer by HAPI: JSON that says so, perhaps behind #, or a time and a comma.

    >>> looks_like(b'#{"HAPI": "3.1"'), looks_like(b"2018-02-03T00:00Z,1.0"), looks_like(b"Date,X,Y,Z")
    (True, True, False)
    """
    return _BEGIN.match(head) is not None


def json_object(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; raises FetchError if it is none."""
    try:
        content = json.loads(body(reply, reply.url))
    except FetchError:
        raise
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{reply.url}: the answer is no JSON; it may be cut off.", reply.status) from error
    if not isinstance(content, dict):
        raise FetchError(f"{reply.url}: the answer is no JSON object.", reply.status)
    return content


def header(text: str) -> dict[str, Any]:
    """The JSON object in the first lines of a CSV body, those that begin with #; empty if there is none."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:])
    return _object("\n".join(lines))


def code(reply: Reply) -> int:
    """The HAPI status code of an answer, in its body or in the header of its CSV; 0 if it has none."""
    found = _status(reply).get("code", 0)
    return found if isinstance(found, int) else 0


def said(reply: Reply) -> str:
    """What the server said, for messages."""
    status = _status(reply)
    if status:
        return f"status {reply.status}, HAPI {status.get('code')}: {str(status.get('message'))[:200]}"
    return http.meaning(reply)


def rows(text: str, start: pd.Timestamp, end: pd.Timestamp, fill: float, what: str) -> tuple[pd.DataFrame, int]:
    """
    The rows `time,X,Y,Z,F` of a CSV body on the full grid of [start, end), and how many minutes had no row.

    Every row is checked: five fields, whole minutes that increase, inside the request; and the first and
    the last minute are there, for an answer that ends early is one that was cut off.

    Returns
    -------
    field : DataFrame, shape (n_minutes, 4), nT, NaN where missing
    n_absent : int

    Raises
    ------
    FetchError
        With the number of the first bad row.
    """
    if not text.endswith("\n"):
        raise FetchError(f"{what}: the last line has no line end, so the answer was cut off.")
    cells = [line.split(",") for line in text.splitlines() if line and not line.startswith("#")]
    if not cells:
        raise FetchError(f"{what}: the answer has no rows, and does not say that there are no data.")
    wrong = next((number for number, row in enumerate(cells, 1) if len(row) != 5), None)
    if wrong is not None:
        raise FetchError(f"{what}: row {wrong} has {len(cells[wrong - 1])} values, expected 5 (time, X, Y, Z, F).")
    try:
        times = pd.DatetimeIndex(pd.to_datetime([row[0] for row in cells], format="ISO8601", utc=True))
        values = np.array([row[1:] for row in cells], dtype="float64")
    except ValueError as error:
        raise FetchError(f"{what}: a row is not understood ({str(error)[:120]}).") from error
    if times.hasnans or not (times == times.floor("min")).all():
        raise FetchError(f"{what}: times are not on whole minutes.")
    at = minute.epoch_minutes(times)
    first, n_minutes = int(minute.epoch_minutes(pd.DatetimeIndex([start]))[0]), (end - start) // pd.Timedelta("1min")
    if (np.diff(at) <= 0).any() or at[0] < first or at[-1] >= first + n_minutes:
        raise FetchError(f"{what}: times repeat, run backwards or lie outside the request.")
    if at[0] != first or at[-1] != first + n_minutes - 1:
        raise FetchError(
            f"{what}: rows only from {times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M}; the answer was cut off."
        )
    if np.isinf(values).any():
        raise FetchError(f"{what}: a value is infinite.")
    values[(values == fill) | (values >= MISSING_FROM)] = np.nan
    full = np.full((n_minutes, 4), np.nan)
    full[at - first] = values
    return minute.on_grid(first, full), n_minutes - len(at)


def _status(reply: Reply) -> dict[str, Any]:
    text = reply.body.decode("utf-8", "replace").lstrip()
    status = (_object(text) if text.startswith("{") else header(text)).get("status")
    return status if isinstance(status, dict) else {}


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
