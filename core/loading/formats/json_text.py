"""JSON of event services: every number kept as the text it was, every failure one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.loading.formats import text


def read(path: Path) -> Any:
    """
    The content of a JSON file; numbers, NaN and Infinity are strings, exactly as written.

    So that no digit is lost, and that an impossible number is refused where its event is known.

    Raises
    ------
    InputError
        If the file is no complete JSON, is nested too deeply, or has a key twice in one object.
    """
    # A document of one line often has no line end; whether it is complete, its brackets say.
    content = text.read_text(path, needs_line_end=False)
    try:
        return json.loads(content, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path.name}, line {error.lineno}: the JSON is damaged or cut off ({error.msg}). Fetch it again."
        ) from error
    except _RepeatedKeyError as error:
        raise InputError(f"{path.name}: the key {error.args[0][:40]!r} is twice in one JSON object.") from error
    except RecursionError:
        raise InputError(f"{path.name}: the JSON is nested too deeply for a list of events.") from None


def cell(value: Any) -> str:
    """A JSON value as the text of a table cell; null, and what is no single value, is ""."""
    if value is None or isinstance(value, dict | list):
        return ""
    return " ".join(str(value).split())


class _RepeatedKeyError(Exception):
    """A key is twice in an object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return found
