"""
Documents on disk: JSON and TOML files, and lines of JSON, read so that no damage can do more than cost one sentence.

A file may be cut, in another encoding, nested a hundred thousand deep or hold a number of five thousand digits: a
reader gets what the file says, or a `DocumentError`, and never another exception. Every document that the program keeps
or that a user writes is read here.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import stat
import tomllib
from io import BufferedReader
from pathlib import Path
from typing import Any

from core.errors import InputError

Kinds = dict[str, type | tuple[type, ...]]  # by key, what its value must be

MOST_JSON_BYTES = 256 * 2**20
MOST_TOML_BYTES = 2**20  # written by hand
LONGEST_TOML_LINE = 10_000  # a key of many parts costs its reader the square of their number
DEEPEST = 64  # tables within tables; the program's own documents have fewer than ten
LARGEST_WHOLE_NUMBER = 2**63 - 1

# What code may raise that takes a document or a table apart which is not what it was when it was stored.
UNUSABLE = (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

_KINDS = {
    dict: "a table",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "nothing",
}
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)$")
_AT_END = " (at end of document)"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class DocumentError(InputError):
    """A document that cannot be used: `reason` says why, with the line where one is known, but not which file."""

    def __init__(self, path: Path | str, words: str, line: int = 0, missing: bool = False) -> None:
        super().__init__(f"{path}, line {line}: {words}." if line else f"{path}: {words}.")
        self.reason = f"line {line}: {words}" if line else words
        self.missing = missing


def read_json(path: Path, kind: type | tuple[type, ...] = dict) -> Any:
    """
    What a JSON file holds, which must be of one kind, or one of some: by default a table.

    Raises
    ------
    DocumentError
        If the file is missing, is not whole JSON in UTF-8, is larger, deeper or has larger numbers than any document
        of the program, or holds something of another kind.
    """
    return _parsed_json(path, _text(path, MOST_JSON_BYTES, path), kind)


def parse_json(text: str | bytes, kind: type = dict, may_be_infinite: bool = False) -> Any:
    """The same of a text, such as a line of a journal; its errors call it "this line"."""
    where = "this line"
    return _parsed_json(where, text if isinstance(text, str) else _decoded(where, text), kind, may_be_infinite)


def read_toml(path: Path) -> dict[str, Any]:
    """
    What a TOML file holds.

    Raises
    ------
    DocumentError
        As `read_json`; the sentence gives the line.
    """
    return parse_toml(path, _text(path, MOST_TOML_BYTES, path))


def parse_toml(path: Path | str, text: str) -> dict[str, Any]:
    """The same of a text; `path` is how errors call it."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_TOML_LINE:
            raise DocumentError(path, f"this is longer than {LONGEST_TOML_LINE:,} characters", number)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(path, *_toml_fault(str(error), text)) from None
    except (ValueError, OverflowError):
        raise DocumentError(path, "it holds a number or a time that cannot be") from None
    except RecursionError:
        raise DocumentError(path, "it is nested too deeply") from None
    _check_content(path, content, may_be_infinite=True)
    return content


def read_text(path: Path, most_bytes: int = MOST_TOML_BYTES, called: Path | None = None) -> str:
    """
    The text of a file in UTF-8, without a byte order mark; `called` is how errors call it.

    Raises
    ------
    DocumentError
        If the file is missing, cannot be read, is too large or not in UTF-8 (with the line).
    """
    return _text(path, most_bytes, called or path)


def check_kinds(document: dict[str, Any], kinds: Kinds) -> None:
    """
    Refuse a document that lacks one of these keys, or whose value is of another kind; a float may be a whole number.

    Raises
    ------
    ValueError
        With the first that is wrong, as the end of a sentence about the file.
    """
    for key, kind in kinds.items():
        if key not in document:
            raise ValueError(f"it has no {key!r}")
        if not of_kind(document[key], kind):
            raise ValueError(f"its {key!r} is {words_for(type(document[key]))}, not {_words_for_one_of(kind)}")


def of_kind(value: Any, kind: type | tuple[type, ...]) -> bool:
    """
    Whether a value is of a kind; true and false are no numbers, and a whole number may stand for any number.

    >>> of_kind(1, float), of_kind(True, int), of_kind(None, (str, type(None)))
    (True, False, True)
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds) or (float in kinds and isinstance(value, int))


def words_for(kind: type) -> str:
    """
    A kind of value in words.

    >>> words_for(dict), words_for(float)
    ('a table', 'a number')
    """
    return _KINDS.get(kind, kind.__name__)


def _words_for_one_of(kind: type | tuple[type, ...]) -> str:
    return " or ".join(words_for(each) for each in (kind if isinstance(kind, tuple) else (kind,)))


class _NotFiniteError(ValueError):
    """NaN or an infinity, which are no JSON although Python's parser takes them."""


def reason(error: BaseException) -> str:
    """Why a file cannot be used, in words for a sentence that names the file: of one of `UNUSABLE`."""
    if isinstance(error, DocumentError):
        return error.reason
    if isinstance(error, FileNotFoundError):
        return "it is missing"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:300] or type(error).__name__


def open_stored(path: Path) -> BufferedReader:
    """
    Open a file of a data folder for reading; a pipe or a device in its place would be waited for without end.

    Raises
    ------
    OSError
        If it is not there, cannot be read, or is no regular file.
    """
    return open(path, "rb", opener=_regular)


def read_stored(path: Path) -> bytes:
    """All bytes of a file of a data folder. Raises OSError as `open_stored`."""
    with open_stored(path) as file:
        return file.read()


def _regular(name: str, flags: int) -> int:
    handle = os.open(name, flags | os.O_NONBLOCK)
    kind = os.fstat(handle).st_mode
    if stat.S_ISREG(kind):
        return handle
    os.close(handle)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    raise OSError(errno.EINVAL, "It is no regular file", name)


def _text(path: Path, most_bytes: int, called: Path) -> str:
    try:
        with open_stored(path) as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise DocumentError(called, "it is missing", missing=True) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise DocumentError(called, f"it cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if len(content) > most_bytes:
        raise DocumentError(called, f"it is larger than {most_bytes // 2**20} MiB")
    return _decoded(called, content)


def _decoded(path: Path | str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(path, "this is not text in UTF-8", number) from None


def _parsed_json(path: Path | str, text: str, kind: type | tuple[type, ...], may_be_infinite: bool = False) -> Any:
    if not text.strip():
        raise DocumentError(path, "it is empty")
    try:
        content = json.loads(text, parse_constant=None if may_be_infinite else _refused_constant)
    except json.JSONDecodeError as error:
        raise DocumentError(path, f"this is not whole JSON ({error.msg})", error.lineno) from None
    except _NotFiniteError as error:
        raise DocumentError(path, f"it holds {error.args[0]}, which is no finite number") from None
    except ValueError:  # a number of more digits than Python converts
        raise DocumentError(path, "it holds a number that cannot be") from None
    except RecursionError:
        raise DocumentError(path, "it is nested too deeply") from None
    if not isinstance(content, kind):
        raise DocumentError(path, f"it holds {words_for(type(content))}, not {_words_for_one_of(kind)}")
    _check_content(path, content, may_be_infinite)
    return content


def _refused_constant(name: str) -> float:
    raise _NotFiniteError(name)


def _check_content(path: Path | str, content: Any, may_be_infinite: bool = False) -> None:
    """Refuse what the parsers pass and the code after them does not expect; without recursion."""
    level, depth = [content], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise DocumentError(path, "it is nested too deeply")
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                if _LONE_SURROGATE.search(value):
                    raise DocumentError(path, "it holds half a character, which is no text")
            elif isinstance(value, float):
                if not may_be_infinite and not math.isfinite(value):
                    raise DocumentError(path, "it holds a number that is not finite")
            elif isinstance(value, int) and abs(value) > LARGEST_WHOLE_NUMBER:
                raise DocumentError(path, "it holds a whole number of more than 64 bits")
        level = below


def _toml_fault(message: str, text: str) -> tuple[str, int]:
    """The parser's words, and the line."""
    at = _AT_LINE.search(message)
    number = int(at[1]) if at else text.rstrip("\n").count("\n") + 1
    words = message[: at.start()] if at else message.removesuffix(_AT_END)
    return f"this is not TOML ({words})", number
