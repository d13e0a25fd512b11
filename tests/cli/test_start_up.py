"""What the command line imports before it does anything: only the module of the verb that was called."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest
from typer.main import get_command

from core.cli import app
from core.cli.app import loaded
from core.cli.verbs import VERBS, WISHES
from core.data_folder import ROOT

CLI = ROOT / "core" / "cli"


def imported_by(data_folder, *arguments: str) -> set[str]:
    """The modules that a process holds at the end of `precursor ARGUMENTS`."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['precursor', *{list(arguments)!r}]\n"
        "from core.cli import main\n"
        "main()\n"
    )
    environ = {**os.environ, "PRECURSOR_DATA": str(data_folder)}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True)
    assert ended.stdout
    return set(ended.stderr.splitlines()[-1].split())


def verb_modules(modules: set[str]) -> set[str]:
    return {verb.module for verb in VERBS.values()} & {name.removeprefix("core.cli.") for name in modules}


def first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())


def test_the_list_of_verbs_is_printed_without_importing_a_verb_or_pandas(data_folder):
    modules = imported_by(data_folder, "--help")
    assert verb_modules(modules) == set()
    assert modules.isdisjoint({"pandas", "numpy", "pyarrow", "pydantic", "core.config"})


def test_a_verb_that_is_called_brings_no_other_with_it(data_folder):
    assert verb_modules(imported_by(data_folder, "hourly", "--help")) == {"hourly_verb"}


def test_a_list_of_no_runs_needs_pandas_and_none_of_the_larger_libraries(data_folder):
    modules = imported_by(data_folder, "runs")
    assert verb_modules(modules) == {"run_verbs"} and "pandas" in modules
    assert modules.isdisjoint({"pydantic", "scipy", "sklearn", "plotly", "keras", "tensorflow"})


@pytest.mark.parametrize("name", VERBS)
def test_the_sentence_in_the_list_of_verbs_is_the_first_paragraph_of_the_help_of_the_verb(name):
    assert VERBS[name].sentence == first_paragraph(loaded(name).help)
    assert VERBS[name].wish in WISHES


def test_every_verb_that_a_module_defines_is_in_the_table_with_that_module():
    """Read from the source: what `@app.command` decorates and what `app.add_typer` is given."""
    defined = {}
    for path in CLI.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                for call in node.decorator_list:
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "app.command":
                        name = call.args[0].value if call.args else node.name
                        defined[name] = path.stem
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "app.add_typer":
                defined[ast.unparse(node.args[0])] = path.stem
    assert len(defined) > 30
    assert defined.pop("fetch") == "fetch_verbs" and VERBS["fetch"].module == "fetch_all"  # which adds `fetch all`
    assert defined == {name: verb.module for name, verb in VERBS.items() if name != "fetch"}


def test_the_verbs_stand_in_the_help_in_the_order_of_the_table_whichever_was_imported_first(precursor, monkeypatch):
    loaded("site")
    monkeypatch.setenv("COLUMNS", "300")
    lines = precursor("--help")[1].split("Commands")[1].splitlines()
    names = [line.split()[1] for line in lines if line.startswith("│") and line[2] != " "]
    assert names == list(VERBS) == list(get_command(app).commands)


def test_a_verb_that_is_misspelt_is_suggested_though_its_module_was_not_imported(precursor):
    code, _, words = precursor("catalouge")
    assert code == 2 and "Did you mean 'catalogue'?" in words


def test_every_verb_of_a_verb_is_there(precursor):
    inner = {name: set(loaded(name).commands) for name in ("fetch", "catalogue", "archive")}
    assert inner["fetch"] == {"minute", "catalogue", "activity", "all"}
    assert inner["catalogue"] == {"store", "history", "diff", "merge", "convert"}
    assert inner["archive"] == {"gaps", "revisions", "check", "rebuild"}
    assert precursor("fetch", "all", "--help")[0] == 0


def test_an_argument_that_is_missing_is_still_asked_for_and_one_that_is_wrong_still_refused(precursor):
    code, _, words = precursor("show")
    assert code == 2 and "Missing argument 'RUN'" in words
    code, _, words = precursor("scan", "a-run", "--step-minutes", "soon")
    assert code == 2 and "--step-minutes" in words
