"""Typed documents: what is kept as JSON comes back as it was, old forms are read, newer ones and damage refused."""

from __future__ import annotations

import enum
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

import core
from core import typed_documents
from core.errors import InputError


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    colour: Colour
    words: str


@dataclass(frozen=True)
class Whole:
    passed: bool
    n: int
    auc: float | None
    by_split: dict[str, int]
    parts: tuple[Part, ...]
    part: Part | None = None
    name: str = "unnamed"
    side: Literal["left", "right"] = "left"


WHOLE = Whole(True, 3, 0.5, {"train": 2}, (Part(Colour.RED, "Red. Not blue."),), Part(Colour.BLUE, ""), "w")
TABLE = {
    "passed": True,
    "n": 3,
    "auc": 0.5,
    "by_split": {"train": 2},
    "parts": [{"colour": "red", "words": "Red. Not blue."}],
    "part": {"colour": "blue", "words": ""},
    "name": "w",
    "side": "left",
}


def test_a_document_comes_back_from_json_as_it_was_with_readable_names():
    assert typed_documents.write(WHOLE) == TABLE
    stored = json.loads(json.dumps(typed_documents.write(WHOLE, 4), allow_nan=False))
    assert stored["version"] == 4 and typed_documents.read(Whole, stored) == WHOLE


def test_what_an_older_document_does_not_say_takes_its_default_and_what_is_unknown_is_left_out():
    table = {key: value for key, value in TABLE.items() if key not in ("name", "part")} | {"shape": "round"}
    read = typed_documents.read(Whole, table)
    assert read.name == "unnamed" and read.part is None


def test_a_whole_number_may_stand_where_any_number_may_and_none_where_the_type_says_so():
    assert typed_documents.read(Whole, {**TABLE, "auc": 1}).auc == 1.0
    assert typed_documents.read(Whole, {**TABLE, "auc": None}).auc is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"passed": 1}, "'passed' cannot be 1"),
        ({"passed": "yes"}, "'passed' cannot be 'yes'"),
        ({"n": 2.5}, "'n' cannot be 2.5"),
        ({"n": True}, "'n' cannot be True"),
        ({"auc": "high"}, "'auc' cannot be 'high'"),
        ({"by_split": {"train": "two"}}, "'by_split' cannot be 'two'"),
        ({"by_split": []}, r"'by_split' cannot be \[\]"),
        ({"parts": "red"}, "'parts' cannot be 'red'"),
        ({"parts": [{"colour": "green", "words": ""}]}, "'colour' must be one of red, blue, found 'green'"),
        ({"parts": [{"colour": "red"}]}, "it has no 'words'"),
        ({"name": None}, "'name' cannot be None"),
        ({"side": "top"}, "'side' cannot be 'top'"),
        ({"side": ["left"]}, r"'side' cannot be \['left'\]"),
    ],
)
def test_a_field_that_holds_something_else_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        typed_documents.read(Whole, {**TABLE, **change})


@pytest.mark.parametrize("damaged", [[], "text", 3, None])
def test_what_is_no_table_is_no_document(damaged):
    with pytest.raises(ValueError, match="it must be a table, found"):
        typed_documents.read(Whole, damaged)


def test_a_document_without_a_version_is_the_oldest_and_a_newer_one_says_which_program_is_needed():
    assert typed_documents.version_of({}, 2, "The audit") == 0
    assert typed_documents.version_of({"version": 2}, 2, "The audit") == 2
    newer = r"The audit has version 3 of its form.*reads versions up to 2\. Install version 7\.1 of the program"
    with pytest.raises(InputError, match=newer):
        typed_documents.version_of({"version": 3, "program": "7.1"}, 2, "The audit")
    with pytest.raises(InputError, match="Install a newer version of the program"):
        typed_documents.version_of({"version": 3}, 2, "The audit")


@pytest.mark.parametrize("version", [True, -1, "1", 1.5, None])
def test_a_version_that_is_no_whole_number_is_damage(version):
    with pytest.raises(ValueError, match="its version must be a whole number"):
        typed_documents.version_of({"version": version}, 2, "The audit")


def test_a_tree_that_is_only_passed_through_comes_back_as_it_was():
    @dataclass(frozen=True)
    class Plan:
        base: dict[str, object]

    tree = {"vary": {"training.seed": [0, 1], "windows": {"low": 0.5}}, "name": None}
    stored = json.loads(json.dumps(typed_documents.write(Plan(tree), 1)))
    assert typed_documents.read(Plan, stored).base == tree
    with pytest.raises(ValueError, match=r"'base' cannot be \[\]"):
        typed_documents.read(Plan, {"base": []})


@pytest.mark.parametrize(
    ("content", "newer"),
    [
        (None, False),
        ("{", False),
        ("[]", False),
        ("{}", False),
        ('{"version": "two"}', False),
        ('{"version": 1}', False),
        ('{"version": 2}', True),
    ],
)
def test_only_a_newer_document_is_not_written_over(tmp_path, content, newer):
    path = tmp_path / "some.json"
    if content is not None:
        path.write_text(content)
    if not newer:
        typed_documents.refuse_newer(path, 1, "The audit")
        return
    with pytest.raises(typed_documents.OtherVersion, match="The audit has version 2 of its form"):
        typed_documents.refuse_newer(path, 1, "The audit")


@dataclass(frozen=True)
class Colours(typed_documents.Versioned):
    """A document whose oldest form was one word."""

    colours: tuple[str, ...]

    VERSION = 2
    CALLED = "The colours of {}"

    @classmethod
    def of_older(cls, table, version):
        return table if version else {"colours": [table["colour"]]}


def test_a_versioned_document_says_its_version_and_reads_its_own_older_form():
    stored = json.loads(json.dumps(Colours(("red",)).to_dict(), allow_nan=False))
    assert stored == {"colours": ["red"], "version": 2, "program": typed_documents.program()}
    assert Colours.from_dict(stored) == Colours.from_dict({"colour": "red"}) == Colours(("red",))


def test_a_versioned_document_of_a_newer_form_is_refused_by_the_name_of_what_it_belongs_to():
    with pytest.raises(typed_documents.OtherVersion, match=r"The colours of run-1 has version 3.*Install version 9\.0"):
        Colours.from_dict({"version": 3, "program": "9.0", "colours": ["red"]}, "run-1")


def kinds_of_documents():
    root = Path(core.__file__).parents[1]
    for path in (root / "core").rglob("*.py"):
        if "Versioned)" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))
    kinds = [kind for kind in typed_documents.Versioned.__subclasses__() if kind.__module__.startswith("core.")]
    return sorted(kinds, key=lambda kind: f"{kind.__module__}.{kind.__name__}")


def test_every_kind_of_document_refuses_a_newer_one_whatever_else_is_in_it():
    kinds = kinds_of_documents()
    assert len(kinds) >= 16
    for kind in kinds:
        newer = {"version": kind.VERSION + 1, "program": "9.0", "shape": "round"}
        with pytest.raises(typed_documents.OtherVersion, match=r"Install version 9\.0") as refusal:
            kind.from_dict(newer, "sparrow")
        assert ("sparrow" in str(refusal.value)) == ("{}" in kind.CALLED)
