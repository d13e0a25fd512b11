"""
Documents on disk: JSON and TOML files, and lines of JSON, read so that no damage can do more than cost one sentence.

A file may be cut, in another encoding, nested a hundred thousand deep or hold a number of five thousand digits: a reader
gets what the file says, or a `DocumentError`, and never another exception. Every document that the program keeps
or that a user writes is read here.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

from core.errors import InputError

MOST_JSON_BYTES = 256 * 2**20
MOST_TOML_BYTES = 2**20  # written by hand
LONGEST_TOML_LINE = 10_000  # a key of many parts costs its reader the square of their number
DEEPEST = 64  # tables within tables; the program's own documents have fewer than ten
LARGEST_WHOLE_NUMBER = 2**63 - 1

# What code may raise that takes a document or a table apart which is not what it was when it was stored.
UNUSABLE = (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

_KINDS = {
    dict: "a table", list: "a list", str: "text", bool: "true or false", int: "a whole number", float: "a number",
    type(None): "nothing",
}  # fmt: skip
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)$")
_AT_END = " (at end of document)"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class DocumentError(InputError):
    """A document that cannot be used: `reason` says why, in words that do not name the file."""

    def __init__(self, path: Path | str, reason: str, missing: bool = False) -> None:
        super().__init__(f"{path}: {reason}.")
        self.reason = reason
        self.missing = missing


def read_json(path: Path, kind: type = dict) -> Any:
    """
    What a JSON file holds, which must be of one kind: by default a table.

    Raises
    ------
    DocumentError
        If the file is missing, is not whole JSON in UTF-8, is larger, deeper or has larger numbers than any document
        of the program, or holds something of another kind.
    """
    return _parsed_json(path, _text(path, MOST_JSON_BYTES), kind)


def parse_json(text: str | bytes, kind: type = dict) -> Any:
    """The same of a text, such as a line of a journal; its errors call it "this line"."""
    where = "this line"
    return _parsed_json(where, text if isinstance(text, str) else _decoded(where, text), kind)


def read_toml(path: Path) -> dict[str, Any]:
    """
    What a TOML file holds.

    Raises
    ------
    DocumentError
        As `read_json`; the sentence gives the line.
    """
    return parse_toml(path, _text(path, MOST_TOML_BYTES))


def parse_toml(path: Path | str, text: str) -> dict[str, Any]:
    """The same of a text; `path` is how errors call it."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_TOML_LINE:
            raise DocumentError(path, f"line {number} is longer than {LONGEST_TOML_LINE:,} characters")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(path, _toml_fault(str(error), text)) from None
    except (ValueError, OverflowError):
        raise DocumentError(path, "it holds a number or a time that cannot be") from None
    except RecursionError:
        raise DocumentError(path, "it is nested too deeply") from None
    _check_content(path, content, may_be_infinite=True)
    return content


def read_text(path: Path, most_bytes: int = MOST_TOML_BYTES) -> str:
    """
    The text of a file in UTF-8, without a byte order mark.

    Raises
    ------
    DocumentError
        If the file is missing, cannot be read, is too large or not in UTF-8 (with the line).
    """
    return _text(path, most_bytes)


def check_kinds(document: dict[str, Any], kinds: dict[str, type | tuple[type, ...]]) -> None:
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
            wanted = " or ".join(_kind_words(each) for each in (kind if isinstance(kind, tuple) else (kind,)))
            raise ValueError(f"its {key!r} is {_kind_words(type(document[key]))}, not {wanted}")


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


def _text(path: Path, most_bytes: int) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise DocumentError(path, "it is missing", missing=True) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise DocumentError(path, f"it cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if len(content) > most_bytes:
        raise DocumentError(path, f"it is larger than {most_bytes // 2**20} MiB")
    return _decoded(path, content)


def _decoded(path: Path | str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(path, f"line {number} is not text in UTF-8") from None


def _parsed_json(path: Path | str, text: str, kind: type) -> Any:
    if not text.strip():
        raise DocumentError(path, "it is empty")
    try:
        content = json.loads(text, parse_constant=_refused_constant)
    except json.JSONDecodeError as error:
        raise DocumentError(path, f"line {error.lineno} is not whole JSON ({error.msg})") from None
    except ValueError as error:  # a number of more digits than Python converts, NaN
        raise DocumentError(
            path, str(error) if "finite" in str(error) else "it holds a number that cannot be"
        ) from None
    except RecursionError:
        raise DocumentError(path, "it is nested too deeply") from None
    if not isinstance(content, kind):
        raise DocumentError(path, f"it holds {_kind_words(type(content))}, not {_kind_words(kind)}")
    _check_content(path, content)
    return content


def _refused_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is no finite number")


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


def _toml_fault(message: str, text: str) -> str:
    """The parser's words with the line in front."""
    at = _AT_LINE.search(message)
    number = int(at[1]) if at else text.rstrip("\n").count("\n") + 1
    words = message[: at.start()] if at else message.removesuffix(_AT_END)
    return f"line {number} is not TOML ({words})"


def _kind_words(kind: type) -> str:
    return _KINDS.get(kind, kind.__name__)
