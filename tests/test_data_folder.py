"""Which data folder is used: named, a checkout's, or that of the working folder; and every verb says which."""

from __future__ import annotations

import subprocess

import pytest

from core import data_folder, shipped
from core.cli.app import loaded
from core.cli.verbs import VERBS
from core.data_folder import ROOT
from core.runs import environment
from core.studies.workers import Local, Task


def verbs(command=None, path=()):
    """The words of every verb, such as ("archive", "gaps")."""
    inner = getattr(command, "commands", {}) if path else {name: loaded(name) for name in VERBS}
    return [path] if not inner else [each for name in inner for each in verbs(inner[name], (*path, name))]


@pytest.fixture
def unnamed(monkeypatch, tmp_path):
    """Nobody names a data folder; the working folder, which this gives, is elsewhere."""
    monkeypatch.delenv("PRECURSOR_DATA", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    """The program lies where a wheel is installed, and not in a checkout."""
    monkeypatch.setattr(data_folder, "ROOT", tmp_path / "site-packages")
    return tmp_path / "site-packages"


def test_a_named_folder_goes_before_all_others(unnamed, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", "elsewhere")
    assert data_folder.data_dir() == unnamed / "elsewhere"
    assert data_folder.which() == f"The data folder is {unnamed / 'elsewhere'}: --data or PRECURSOR_DATA names it."


def test_a_checkout_has_its_own_folder_wherever_one_works(unnamed):
    assert data_folder.data_dir() == data_folder.ROOT / "data"
    assert "of this checkout" in data_folder.which()


def test_a_wheel_uses_the_folder_data_of_the_working_folder(unnamed, wheel):
    assert data_folder.data_dir() == unnamed / "data"
    assert "in the working folder" in data_folder.which()


@pytest.mark.parametrize("path", verbs(), ids=" ".join)
def test_every_verb_says_which_folder_it_uses(precursor, tmp_path, path):
    code, _, err = precursor("--where", *path, "--data", tmp_path / "mine", "--help")
    assert (code, err) == (0, f"The data folder is {tmp_path / 'mine'}: --data or PRECURSOR_DATA names it.\n")


def test_without_a_verb_the_folder_is_all_that_is_said(precursor, data_folder):
    assert precursor("--where") == (0, f"The data folder is {data_folder}: --data or PRECURSOR_DATA names it.\n", "")


def test_what_is_said_of_the_folder_gets_into_no_json(precursor, data_folder):
    code, out, err = precursor("--where", "runs", "--json")
    assert (code, out) == (0, "[]\n") and str(data_folder) in err
    assert precursor("runs", "--json")[2] == ""  # only where it is asked


@pytest.mark.parametrize("arguments", [["stations", "--json"], ["preview", "demo-honest", "--json"]])
def test_a_verb_that_needs_no_data_makes_no_folder_and_misses_none(precursor, unnamed, wheel, monkeypatch, arguments):
    monkeypatch.setattr(shipped, "folder", lambda: ROOT / "data")
    code, out, err = precursor(*arguments)
    assert (code, err) == (0, "") and "DUR" in out
    assert not (unnamed / "data").exists()


def test_a_folder_that_is_missed_is_called_by_what_may_be_wrong(precursor, unnamed, wheel, tmp_path):
    code, _, err = precursor("runs")
    assert code == 2 and f"There is no folder {unnamed / 'data'}. Is this the working folder" in err
    code, _, err = precursor("stations", "--data", tmp_path / "daat")
    assert code == 2 and f"There is no folder {tmp_path / 'daat'}. Is its name (--data" in err


def test_a_wheel_within_a_repository_of_something_else_does_not_take_its_revision(monkeypatch, tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", tmp_path, *identity, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    (tmp_path / "site-packages").mkdir()
    monkeypatch.setattr(environment, "ROOT", tmp_path / "site-packages")
    assert environment.commit() == ""


def test_a_worker_has_the_data_folder_of_whoever_started_it(unnamed, wheel):
    told = {
        outcome.key: outcome
        for outcome in Local(1).run({"a": Task("tests.support.worker_tasks:data", [])}, lambda: None)
    }
    assert told["a"].result == {"data": str(unnamed / "data")}
