"""What a service answered: read by the row of the table of formats that is expected, or called what it is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.loading.formats import recognise, unpacking
from core.loading.formats.nothing import NothingInItError
from core.loading.formats.recognise import Format
from core.loading.services.http import FetchError, Reply

NAME = "the answer"  # what the file is called, in sentences of readers too


def text(reply: Reply, expected: str, what: str, looks_like: Callable[[bytes], bool] | None = None) -> str:
    """
    The text of an answer that may be what was expected.

    Parameters
    ----------
    reply : Reply
    expected : str
        What was expected, in words or as the name of a format.
    what : str
        Names the request in messages.
    looks_like : callable, optional
        Whether first bytes are those of what was expected. What looks so is not asked whether it is something else.

    Raises
    ------
    FetchError
        If it is of another known format, a web page, empty, binary or no UTF-8; the sentence says what it is.
    """
    head = _head(reply)
    if looks_like is None or not looks_like(head):
        came = _came(head)
        if came:
            message = f"{what}: the service answered with {came} where {expected} was expected. Nothing was stored."
            raise FetchError(message, reply.status)
    return reply.text()


def check_beginning(reply: Reply, expected: Format, what: str) -> None:
    """Raise FetchError if a text does not begin as the expected format does; the sentence shows how it begins."""
    if not expected.looks_like(_head(reply)):
        begin = " ".join(reply.text()[:200].split())[:60]
        raise FetchError(f"{what}: expected {expected.name}, but the answer begins with {begin!r}.", reply.status)


def read(reply: Reply, expected: Format, what: str) -> Any:
    """
    What the reader of the expected format makes of an answer.

    Raises
    ------
    NothingInItError
        If the answer is complete and holds nothing usable, which some services mean by it.
    FetchError
        As `text`; if the answer is of no known format; or if it is damaged, as the reader says it.
    """
    text(reply, expected.name, what, expected.looks_like)
    check_beginning(reply, expected, what)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_bytes(reply.body)
        try:
            return expected.read(path)
        except NothingInItError:
            raise
        except InputError as error:
            raise FetchError(f"{what}: {error}", reply.status) from error


def _head(reply: Reply) -> bytes:
    return reply.body.removeprefix(unpacking.BYTE_ORDER_MARK)[: recognise.HEAD_BYTES]


def _came(head: bytes) -> str:
    # What an answer is that is not what was expected; "" if it may be plain words.
    other = recognise.format_of(head)
    if other is not None:
        return f"{recognise.WORDS[other.kind][0]} ({other.name})"
    return unpacking.web_page(head)
