"""
Options: from a nested table (TOML or JSON) to checked dataclasses, and the checks that their fields share.

An unknown key is an error that lists the known ones; a value of the wrong kind is one sentence.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

from core.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Options = TypeVar("Options", bound="DataclassInstance")
MOST_CORNER_DAYS = 60  # of a filter


@dataclass(frozen=True)
class Explained:
    """
    What an option says of itself.

    label: what it is called. help: what it does. unit: "" for a number without one. low, high: the smallest and the
    largest number allowed; None where there is no such end. reason: why the default is what it is, or why one would
    change it. special: values that stand for something else, in words; they are allowed outside the range too. notes:
    what must be known of a choice.
    """

    label: str
    help: str
    unit: str
    low: float | None
    high: float | None
    reason: str
    special: dict[float, str]
    notes: dict[str, str]

    @property
    def label_with_unit(self) -> str:
        """As a control is headed: "Farthest epicentre (km)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def range(self) -> str:
        """
        The numbers allowed, in words: "1 to 20,038 km"; "" where there is no limit.

        >>> Explained("", "", "days", 0, 3660, "", {-1: "automatic"}, {}).range
        '0 to 3,660 days, or -1: automatic'
        """
        if self.low is None or self.high is None:
            return ""
        ends = f"{_number(self.low)} to {_number(self.high)}{' ' * bool(self.unit)}{self.unit}"
        outside = [f"{_number(value)}: {words}" for value, words in self.special.items() if not self._inside(value)]
        return ", or ".join([ends, *outside])

    def allows(self, value: float) -> bool:
        """True for a number in the range, and for one that stands for something else."""
        return value in self.special or self._inside(value)

    def _inside(self, value: float) -> bool:
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


def option(
    default: Any,
    label: str,
    help: str,
    *,
    reason: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    special: dict[float, str] | None = None,
    notes: dict[str, str] | None = None,
    later: bool = False,
) -> Any:
    """
    A field of a config that says what it is, see `Explained`.

    later: it came after the first runs were made, and at its default it is no part of a config's `id`. So a run keeps
    its identity when the program learns something new that the run does not use.
    """
    explained = Explained(label, help, unit, low, high, reason, special or {}, notes or {})
    return dataclasses.field(default=default, metadata={"explained": explained, "later": later})


def explained(kind: type, name: str) -> Explained:
    """What an option of a part says of itself."""
    says: Explained = next(part for part in dataclasses.fields(kind) if part.name == name).metadata["explained"]
    return says


def check(section: str, part: DataclassInstance) -> None:
    """Refuse the first number of a part that is outside its range."""
    for each in dataclasses.fields(part):
        says: Explained = each.metadata["explained"]
        value = getattr(part, each.name)
        if says.low is None or says.high is None or isinstance(value, str) or says.allows(value):
            continue
        raise InputError(f"[{section}] {each.name} = {value:g} is outside {says.low:g} to {says.high:g}.")


def _number(value: float) -> str:
    """
    A limit as it is read.

    >>> _number(20_038), _number(0.05), _number(2**31 - 1)
    ('20,038', '0.05', '2,147,483,647')
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"


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
