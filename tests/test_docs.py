"""The pages that `make docs` writes: current, whole, and made as their examples show."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

from core.cli.app import loaded
from core.cli.verbs import VERBS
from core.data_folder import ROOT

DOCS = ROOT / "docs"
MODULE = '''
"""Weighs *fish*."""

def weigh(fish, *, scale="kitchen"):
    """
    The weight of a fish in kg,
    as `a * b`.

    More of it.
    """

def _hidden():
    """Not to be seen."""

@app.command("weigh")
def verb():
    """A verb."""

class Scale:
    """Weighs."""

    @property
    def ready(self):
        """Whether it stands level."""

    def weigh(self, fish):
        """In kg."""

    def stage(self):
        pass
'''


@pytest.fixture
def written(monkeypatch):
    """The program that writes a page, by name."""
    monkeypatch.syspath_prepend(str(DOCS))
    yield importlib.import_module
    for name in ("write_verbs", "write_options", "write_api"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["verbs", "options", "api"])
def test_the_page_is_what_make_docs_would_write_now(written, name):
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert text == written(f"write_{name}").page(), f"docs/{name}.md is out of date: run `make docs`"


def test_the_page_of_verbs_names_every_verb_and_each_of_its_options():
    page = (DOCS / "verbs.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### precursor (.+?)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    for name in VERBS:
        command = loaded(name)
        for words, each in [
            (name, command),
            *((f"{name} {n}", c) for n, c in getattr(command, "commands", {}).items()),
        ]:
            assert f"* [`precursor {words}`](#precursor-{words.replace(' ', '-')}): " in page
            named = {o for p in each.params if not getattr(p, "hidden", False) for o in p.opts if o.startswith("-")}
            assert all(option in sections[words] for option in named - {"--data"}), words


def test_the_section_of_a_verb_is_its_call_its_words_and_its_options(written):
    assert written("write_verbs").section("runs", loaded("runs")) == [
        "### precursor runs",
        "`precursor runs [OPTIONS] [--json]`",
        "List your finished runs, newest first, chance beside each score.",
        "| | |\n| --- | --- |\n| `--all` | Those too that a study made: a sweep, or the paper done again. |",
    ]


def test_an_example_of_a_config_keeps_its_lines_and_words_are_shown_as_they_are(written):
    verbs = written("write_verbs")
    assert verbs.paragraph('base = "x"\n\\[vary]\na.b = \\[1, 2]') == '```toml\nbase = "x"\n[vary]\na.b = [1, 2]\n```'
    assert verbs.paragraph("See data/*.toml\nor `a_*` under \\[vary].") == "See data/\\*.toml or `a_*` under [vary]."


def test_a_module_is_listed_by_its_public_functions_and_classes_with_the_first_paragraph_of_each(written):
    api = written("write_api")
    tree = ast.parse(MODULE)
    assert api.first(tree) == "Weighs \\*fish\\*."
    assert list(api.entries(tree)) == [
        "* `weigh(fish, scale)`: The weight of a fish in kg, as `a * b`.",
        "* class `Scale`: Weighs.",
        "  * `ready`: Whether it stands level.",
        "  * `weigh(fish)`: In kg.",
    ]


def test_the_page_of_core_has_a_heading_for_every_module():
    headings = re.findall(r"^#+ core/(\S+\.py)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    there = {path.relative_to(ROOT / "core").as_posix() for path in (ROOT / "core").rglob("*.py")}
    no_sections = {path for path in there if path.endswith("__init__.py")} | {"__main__.py"}
    assert len(headings) == len(set(headings)) and set(headings) == there - no_sections


def test_the_readme_names_ten_verbs_that_exist_and_the_page_of_all():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```\n(precursor .*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert len(block.splitlines()) == 10 and "](docs/verbs.md)" in readme
    assert {verb for verb in re.findall(r"precursor ([a-z][a-z-]*)", readme)} <= set(VERBS)


def identifiers(path: Path) -> set[str]:
    """Every name that a module defines, imports or takes as an attribute."""
    words = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word) | ast.arg(arg=word):
                words.add(word)
            case ast.FunctionDef(name=word) | ast.ClassDef(name=word):
                words.add(word)
    return words


def test_what_the_code_says_of_a_module_of_core_names_something_that_is_in_it():
    known: dict[str, set[str]] = {}
    for path in (ROOT / "core").rglob("*.py"):
        room = path.name == "__init__.py"
        name = path.parent.name if room else path.stem
        inside = {file.stem for file in path.parent.iterdir()} if room else set()
        known[name] = known.get(name, set()) | identifiers(path) | inside
    strange = []
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        here = identifiers(path)
        for module, name in re.findall(r"(?<!`)`([a-z_]+)\.([A-Za-z_]+)`(?!`)", text):
            if module in known and name not in known[module] | here | {"py", "json", "toml", "parquet"}:
                strange.append(f"{path.relative_to(ROOT)}: `{module}.{name}`")
    assert strange == []
