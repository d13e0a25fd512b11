"""What a newcomer is told: the help of every verb, and how an extra is installed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from core.cli import app, export_verb
from core.cli.app import loaded
from core.cli.verbs import VERBS
from core.runs.runs import RunStore

ROOT = Path(__file__).resolve().parents[2]
IN_BRACKETS = re.compile(r"\\?\[([a-z_]+)\]")  # a section of a config, however it is written for rich


def commands(command=None, path=()):
    """Every verb and each of its own verbs, as (arguments, command)."""
    command = command or get_command(app)
    yield path, command
    inner_verbs = getattr(command, "commands", {}) if path else {name: loaded(name) for name in VERBS}
    for name, inner in inner_verbs.items():
        yield from commands(inner, (*path, name))


@pytest.mark.parametrize(("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()])
def test_no_word_in_brackets_vanishes_from_the_help(precursor, monkeypatch, path, command):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = precursor(*path, "--help")
    written = " ".join([command.help or "", *(getattr(p, "help", None) or "" for p in command.params)])
    assert code == 0 and "Usage" in out
    assert all(f"[{word}]" in out for word in IN_BRACKETS.findall(written))


def test_the_help_of_sweep_and_search_and_the_list_of_verbs_say_where_options_are_listed(precursor, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    for arguments, n in ((["--help"], 2), (["sweep", "--help"], 3), (["search", "--help"], 2)):
        assert precursor(*arguments)[1].count("[vary]") == n


def test_the_example_of_a_sweep_is_one(precursor, data_folder, tmp_path, monkeypatch):
    from core.studies import vary

    monkeypatch.setenv("COLUMNS", "200")
    lines = [line.strip() for line in precursor("sweep", "--help")[1].splitlines()]
    start = lines.index('base = "demo-honest"')
    (tmp_path / "plan.toml").write_text("\n".join(lines[start : lines.index("", start)]))
    assert len(vary.expand(vary.load(str(tmp_path / "plan.toml"), data_folder))) == 6


def test_the_readme_installs_into_this_environment_and_names_every_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count("pip install") == readme.count(".venv/bin/pip install")
    assert set(re.findall(r"pip install -e '\.\[(\w+)\]'", readme)) <= set(extras)
    assert all(f"`{name}`" in readme or f"'.[{name}]'" in readme for name in set(extras) - {"dev"})


@pytest.mark.parametrize("installed", [True, False])
def test_an_export_says_how_to_get_tensorboard_where_it_is_absent(
    precursor, monkeypatch, full_folder, tmp_path, installed
):
    monkeypatch.setattr(export_verb, "find_spec", lambda name: installed or None)
    run_id = RunStore(full_folder).ids()[0]
    code, out, _ = precursor("export", run_id, "--tensorboard", tmp_path, "--data", full_folder)
    assert code == 0
    assert (".venv/bin/pip install -e '.[tensorboard]'" in out) != installed
