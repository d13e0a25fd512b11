"""
Typed documents: frozen dataclasses that are kept as JSON and carry the version of their form.

A document of an older version is read, one without a version is the oldest, and one of a newer version is refused with
a sentence that names the program that wrote it. What a field holds is checked against its type when it is read.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import math
import types
import typing
from collections.abc import Hashable
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self, TypeVar

from core import documents
from core.errors import InputError

T = TypeVar("T")
PACKAGE = "geomag-precursor-lab"
ROUNDING = 1e-9


class OtherVersion(InputError):
    """A document of another version of the program, which this one cannot read; the sentence says what to do."""


class Limit(Protocol):
    """What a field must keep to beside its type, as the metadata of an `Annotated` one."""

    def fault(self, value: Any) -> str:
        """What would have been right, to end a sentence with; "" if the value is."""


@dataclasses.dataclass(frozen=True)
class Within:
    """A number from low to high, both included but for the last digits of a sum."""

    low: float = -math.inf
    high: float = math.inf

    def fault(self, value: float) -> str:
        """See `Limit`."""
        if self.low - ROUNDING <= value <= self.high + ROUNDING:
            return ""
        return f"{self.low:g} or more" if self.high == math.inf else f"from {self.low:g} to {self.high:g}"


@dataclasses.dataclass(frozen=True)
class IsTime:
    """Text that is an ISO time; may_lack: or none."""

    may_lack: bool = False

    def fault(self, value: str) -> str:
        """See `Limit`."""
        if self.may_lack and not value:
            return ""
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "a time, such as 2026-11-30T12:00:00+00:00"
        return ""


Count = Annotated[int, Within(0)]
NotNegative = Annotated[float, Within(0)]
Share = Annotated[float, Within(0, 1)]  # also a p and an AUC
Moment = Annotated[str, IsTime()]
MomentOrNone = Annotated[str, IsTime(may_lack=True)]


def program() -> str:
    """The version of this program; "" where it is not installed as a package."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return ""


def write(document: object, version: int = 0) -> dict[str, Any]:
    """
    A dataclass as a JSON-ready table: dataclasses within it as tables, tuples as lists, names of kinds as text.

    Parameters
    ----------
    document : dataclass
    version : int
        Of the document's form; with it the table says by which program it was written. 0: a part of another document.
    """
    if not dataclasses.is_dataclass(document) or isinstance(document, type):
        raise TypeError(f"a document is a dataclass, found {type(document).__name__}")
    table = {field.name: _plain(getattr(document, field.name)) for field in dataclasses.fields(document)}
    return {**table, "version": version, "program": program()} if version else table


def table_of(document: object) -> dict[str, Any]:
    """
    The document as a table with text for keys.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not isinstance(document, dict):
        raise ValueError(f"it must be a table, found {type(document).__name__}")
    return {str(key): value for key, value in document.items()}


def version_of(table: dict[str, Any], newest: int, what: str) -> int:
    """
    The version of a document's form; 0 for one that was written before there were versions.

    Parameters
    ----------
    table : dict
    newest : int
        The newest version that this program reads.
    what : str
        What the document is, to begin a sentence with, such as "The leak audit".

    Raises
    ------
    OtherVersion
        If it is newer: what was found, what is read here, and which program is needed.
    ValueError
        If the version is no whole number, 0 or more.
    """
    version = table.get("version", 0)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise ValueError(f"its version must be a whole number, found {version!r}")
    if version > newest:
        wrote = table.get("program")
        needed = f"version {wrote} of the program or a newer one" if wrote else "a newer version of the program"
        raise OtherVersion(
            f"{what} has version {version} of its form, and this program, {program() or 'of unknown version'}, reads "
            f"versions up to {newest}. Install {needed}."
        )
    return version


def read_table(path: Path, newest: int, what: str) -> dict[str, Any]:
    """
    The table of a stored document, of a version that this program reads; `newest` and `what` as in `version_of`.

    Raises
    ------
    OtherVersion
        If it is newer.
    DocumentError, ValueError
        If it is missing, no JSON table, or its version is none.
    """
    table = table_of(documents.read_json(path))
    version_of(table, newest, what)
    return table


def refuse_newer(path: Path, newest: int, what: str) -> None:
    """
    Before a document is written anew: one that a newer program left there is not lost; what is damaged may be.

    Raises
    ------
    OtherVersion
    """
    try:
        read_table(path, newest, what)
    except OtherVersion:
        raise
    except ValueError:  # it is not there, or damaged
        return


def read(kind: type[T], document: object) -> T:
    """
    A dataclass from a table; a key that is no field is left out, and a field without a key takes its default.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are text, numbers, bool, names of kinds (`enum.StrEnum`, `Literal`), dataclasses of
        these, tuples of one type, tables with text for keys, or one of these or None; `Annotated` with a `Limit` where
        not every number or text will do. What is only passed through is an `object`.

    Raises
    ------
    ValueError
        If a field is missing, holds something else or breaks its limit; the words name the field.
    """
    table, hints, values = table_of(document), _hints(typing.cast(Hashable, kind)), {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # it says so itself if kind is no dataclass
        if field.name in table:
            values[field.name] = _value(table[field.name], hints[field.name], field.name)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ValueError(f"it has no {field.name!r}")
    return kind(**values)


class Versioned:
    """
    A dataclass that is a whole document, kept as JSON: the base of each of them.

    VERSION: the newest version of its form. CALLED: what it is, to begin a sentence with, such as "The status of run
    {}"; {} is the name of what it belongs to. A kind whose older forms differ from today's says so in `of_older`.
    """

    VERSION: ClassVar[int]
    CALLED: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return write(self, self.VERSION)

    @classmethod
    def from_dict(cls, document: object, name: str = "") -> Self:
        """
        From the table that is kept, of this version or an older one.

        Parameters
        ----------
        document : object
            What the file holds.
        name : str
            Of the run, the study or whatever the document belongs to.

        Raises
        ------
        OtherVersion
            If it was written by a newer version of the program.
        ValueError
            If it is no such document.
        """
        table = table_of(document)
        return read(cls, cls.of_older(table, cls.version_in(table, name)))

    @classmethod
    def version_in(cls, table: dict[str, Any], name: str = "") -> int:
        """The version of a table of this kind; raises as `version_of`."""
        return version_of(table, cls.VERSION, cls.CALLED.format(name))

    @classmethod
    def of_older(cls, table: dict[str, Any], version: int) -> dict[str, Any]:
        """The table in today's form. Raises ValueError if it cannot be of that version."""
        return table

    @classmethod
    def refuse_newer(cls, path: Path, name: str = "") -> None:
        """
        Before it is written anew: one that a newer program left there is not lost; what is damaged may be.

        Raises
        ------
        OtherVersion
        """
        refuse_newer(path, cls.VERSION, cls.CALLED.format(name))


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass' fields; they are evaluated text, which takes longer than to read a document."""
    return typing.get_type_hints(kind, include_extras=True)


def need(document: object, why: str, *names: str) -> None:
    """
    Refuse a document that lacks what another of its fields asks for; for its `__post_init__`.

    Parameters
    ----------
    document : dataclass
    why : str
        What asks for them, such as "it was tested".
    *names : str
        Fields that must not be None.

    Raises
    ------
    ValueError
    """
    for name in names:
        if getattr(document, name) is None:
            raise ValueError(f"{name!r} is missing, though {why}")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return write(value)
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _within(value: Any, limits: tuple[Limit, ...], name: str) -> Any:
    for limit in limits:
        if right := limit.fault(value):
            raise ValueError(f"{name!r} must be {right}, found {value!r}"[:200])
    return value


def _value(value: object, hint: Any, name: str) -> Any:
    """`value` as the type that a field is declared with, or a ValueError that names the field."""
    if hint is object:
        return value
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _within(_value(value, inner[0], name), inner[1:], name)
    if origin in (typing.Union, types.UnionType):
        kind = next(each for each in inner if each is not type(None))
        return None if value is None else _value(value, kind, name)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_value(item, inner[0], name) for item in value)
    if origin is dict and isinstance(value, dict):
        return {str(key): _value(item, inner[1], name) for key, item in value.items()}
    if origin is typing.Literal and value in inner:
        return value
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return read(typing.cast(type, hint), value)
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum) and isinstance(value, str):
        if value not in list(hint):
            raise ValueError(f"{name!r} must be one of {', '.join(hint)}, found {value!r}")
        return hint(value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint in (bool, str, int) and type(value) is hint:
        return value
    raise ValueError(f"{name!r} cannot be {value!r}"[:200])
