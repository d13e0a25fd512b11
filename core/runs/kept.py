"""One way to read a file that was kept, and to say what to do when it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from core import documents
from core.documents import Kinds
from core.errors import InputError
from core.typed_documents import OtherVersion

T = TypeVar("T")

UNUSABLE = (*documents.UNUSABLE, pa.ArrowException)


def read(path: Path, reader: Callable[[Path], T], what: str, remedy: str) -> T:
    """
    What `reader` makes of a file.

    Parameters
    ----------
    path : Path
    reader : callable
    what : str
        To what the file belongs, in words.
    remedy : str
        What to do, as a sentence; see `made_by`.

    Raises
    ------
    InputError
        If it is missing or damaged; the sentence names the file and the remedy.
    """
    try:
        return reader(path)
    except OtherVersion:  # it says itself what to do
        raise
    except UNUSABLE as error:
        raise InputError(f"{what}: {path.name} cannot be used ({documents.reason(error)}). {remedy}") from None


def same(path: Path, content: Any, what: str) -> None:
    """
    Make sure that what was read beside a document is of the same making: whoever makes it anew removes it first.

    Raises
    ------
    InputError
        If the JSON file `path` does not hold this content any more.
    """
    try:
        holds = documents.read_json(path) == content
    except documents.DocumentError:
        holds = False
    if not holds:
        raise InputError(f"{what} was made anew while it was read. Open it again, once it is there.")


def document(kinds: Kinds, may_lack: Kinds | None = None) -> Callable[[Path], dict[str, Any]]:
    """A reader of JSON tables that have the keys of `kinds`, and may have those of `may_lack`, each of its kind."""

    def reader(path: Path) -> dict[str, Any]:
        content: dict[str, Any] = documents.read_json(path)
        documents.check_kinds(content, kinds)
        documents.check_kinds(content, {key: kind for key, kind in (may_lack or {}).items() if key in content})
        return content

    return reader


def made_by(verb: str) -> str:
    """The remedy for what a verb makes; `verb` has its arguments."""
    return f"Make it again with `precursor {verb}`."
