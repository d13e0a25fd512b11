"""
Options: from a nested table (TOML or JSON) to checked dataclasses, and the checks that their fields share.

An unknown key is an error that lists the known ones; a value of the wrong kind is one sentence.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

from core.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Options = TypeVar("Options", bound="DataclassInstance")
MOST_CORNER_DAYS = 60  # of a filter


def later(default: Any) -> Any:
    """
    A field that came after the first runs were made: at its default it is no part of a config's `id`.

    So a run keeps its identity when the program learns something new that the run does not use.
    """
    return dataclasses.field(default=default, metadata={"later": True})


def lacking(table: dict[str, Any], kind: type, may_lack_later: bool) -> list[str]:
    """
    What a stored nested table lacks, in the order of its fields: "[windows]" or "[windows] length_minutes".

    Parameters
    ----------
    table : dict
        As it is kept, where every option stands, also at its default.
    kind : type
        The dataclass that it is made into.
    may_lack_later : bool
        The `later` options may lack, and a section of nothing else: of a table that is older than they are.
    """
    hints, missing = typing.get_type_hints(kind), []
    for part in dataclasses.fields(kind):
        hint, value = hints[part.name], table.get(part.name)
        if dataclasses.is_dataclass(hint):
            inner = lacking(value if isinstance(value, dict) else {}, typing.cast(type, hint), may_lack_later)
            if part.name in table:
                missing += [f"[{part.name}] {name}" for name in inner]
            elif inner:
                missing.append(f"[{part.name}]")
        elif part.name not in table and not (may_lack_later and part.metadata.get("later")):
            missing.append(part.name)
    return missing


def without_unused(table: dict[str, Any], kind: type) -> dict[str, Any]:
    """The nested dictionary of a config without the `later` options that stand at their default."""
    hints = typing.get_type_hints(kind)
    kept: dict[str, Any] = {}
    for part in dataclasses.fields(kind):
        value = table[part.name]
        if dataclasses.is_dataclass(hints[part.name]):
            value = without_unused(value, typing.cast(type, hints[part.name]))
            if not value:
                continue
        if not (part.metadata.get("later") and value == part.default):
            kept[part.name] = value
    return kept


def build(kind: type[Options], table: Any, section: str = "") -> Options:
    """
    Make a dataclass, and those within it, from a nested table.

    Raises
    ------
    InputError
        If keys are unknown or values cannot be what the fields want: a sentence for each, so that all can be mended
        at once.
    """
    where = f" in [{section}]" if section else ""
    if not isinstance(table, dict):
        raise InputError(f"[{section}] must be a table of options, found {table!r}.")
    hints = typing.get_type_hints(kind)
    known = [f.name for f in dataclasses.fields(kind)]
    values: dict[str, Any] = {}
    faults: list[str] = []
    for key, value in table.items():
        try:
            if key not in known:
                raise InputError(f"Unknown option {key!r}{where}. Options are: {', '.join(known)}.")
            if dataclasses.is_dataclass(hints[key]):
                values[key] = build(typing.cast(type, hints[key]), value, key)
            else:
                values[key] = _coerce(value, hints[key], key, where)
        except InputError as fault:
            faults.append(str(fault))
    if faults:
        raise InputError(" ".join(faults))
    return kind(**values)


def _coerce(value: Any, hint: Any, key: str, where: str) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise InputError(f"{key} = {value!r}{where} is not allowed. Choose one of: {', '.join(get_args(hint))}.")
        return value
    if get_origin(hint) is tuple:
        if isinstance(value, str) or not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise InputError(f"{key} = {value!r}{where} must be a list of names.")
        return tuple(value)
    if is_number_or_word(hint):
        words, kind = [choice for each in get_args(hint) for choice in get_args(each)], get_args(hint)[0]
        if isinstance(value, str) and value not in words:
            raise InputError(f"{key} = {value!r}{where} must be a number or one of: {', '.join(words)}.")
        return value if value in words else _coerce(value, kind, key, where)
    if hint is str:
        if isinstance(value, datetime | date):
            return value.isoformat()
        if not isinstance(value, str):
            raise InputError(f"{key} = {value!r}{where} must be text.")
        return value
    if hint is bool:
        if not isinstance(value, bool):
            raise InputError(f"{key} = {value!r}{where} must be true or false.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{key} = {value!r}{where} must be a number.")
    if hint is int:
        if value != int(value):
            raise InputError(f"{key} = {value!r}{where} must be a whole number.")
        return int(value)
    assert hint is float, hint
    return float(value)


def is_number_or_word(hint: Any) -> bool:
    """True for the type of an option such as batch_size: `int | Literal["auto"]`."""
    return get_origin(hint) in (typing.Union, types.UnionType)


def check_range(section: str, name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside [low, high]."""
    if not low <= value <= high:
        raise InputError(f"[{section}] {name} = {value:g} is outside {low:g} to {high:g}.")


def check_ranges(section: str, part: Any, **limits: tuple[float, float]) -> None:
    """Refuse a field of a part whose number is outside its limits."""
    for name, (low, high) in limits.items():
        check_range(section, name, getattr(part, name), low, high)


def check_dates(section: str, start: str, end: str, required: bool = False) -> None:
    """Refuse what is no ISO date, and a start that is not before its end; "" is allowed unless `required`."""
    parsed = []
    for name, text in (("start", start), ("end", end)):
        if not text and not required:
            continue
        try:
            parsed.append(datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None))
        except ValueError:
            raise InputError(f"[{section}] {name} = {text!r} is not an ISO date such as 2016-01-31.") from None
    if len(parsed) == 2 and parsed[0] >= parsed[1]:
        raise InputError(f"[{section}] start {start} is not before end {end}.")


def check_day(section: str, name: str, text: str) -> None:
    """Refuse what is no day such as 2026-12-01; a time of day is too much."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise InputError(f"[{section}] {name} = {text!r} is not a day such as 2026-12-01.") from None


def check_corner(section: str, name: str, period_minutes: float) -> None:
    """Refuse the corner period of a filter that cannot exist on minute data, or that no record is long enough for."""
    if not period_minutes > 2:
        raise InputError(
            f"[{section}] {name} = {period_minutes:g} min is not longer than twice the sampling interval (2 min): "
            "the filter cannot exist on minute data. The paper's '0.02 Hz' (50 s) is such a corner; "
            "its likely meanings are 100, 50 or 833 min."
        )
    if period_minutes > MOST_CORNER_DAYS * 1440:
        raise InputError(f"[{section}] {name} = {period_minutes:g} min is longer than {MOST_CORNER_DAYS} days.")
