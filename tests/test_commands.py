"""Commands that sentences name can be typed as they stand, in a checkout and beside a wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from core import commands, data_folder
from core.data_folder import ROOT

SOURCES = [*(ROOT / "core").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")]


@pytest.fixture(params=["checkout", "wheel"])
def installed(request, monkeypatch):
    """As what the program is installed; its environment is active."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setattr(data_folder, "is_checkout", lambda: request.param == "checkout")
    return request.param


def test_a_command_names_the_checkouts_environment_and_for_a_wheel_the_program_alone(installed):
    expected = {
        "checkout": ".venv/bin/precursor ingest FILE\n.venv/bin/precursor demo",
        "wheel": "precursor ingest FILE\nprecursor demo",
    }
    assert commands.typed("precursor ingest FILE\nprecursor demo") == expected[installed]


def test_a_wheel_whose_environment_is_not_active_names_its_programs_with_their_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(data_folder, "is_checkout", lambda: False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "")
    assert commands.typed("streamlit run Home.py") == "streamlit run Home.py"  # it is not there either
    (tmp_path / "streamlit").touch(mode=0o755)
    assert commands.typed("streamlit run Home.py") == f"{tmp_path}/streamlit run Home.py"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commands.typed("streamlit run Home.py") == "streamlit run Home.py"


def test_an_extra_is_installed_from_the_checkout_or_by_the_name_of_the_project(installed):
    expected = {
        "checkout": "Install the extra: .venv/bin/pip install -e '.[search]'",
        "wheel": "Install the extra: pip install 'geomag-precursor-lab[search]'",
    }
    assert commands.how_to_install("search") == expected[installed]


def test_the_name_of_the_project_is_that_of_its_wheel():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"] == commands.PROJECT


def test_a_missing_package_is_named_with_the_command_that_fits(installed, monkeypatch, tmp_path):
    from core.errors import InputError
    from core.loading.formats.minutes import imagcdf

    monkeypatch.setitem(sys.modules, "cdflib", None)
    (tmp_path / "a.cdf").write_bytes(imagcdf.MAGIC[0] + bytes(100))
    with pytest.raises(InputError) as caught:
        imagcdf.read(tmp_path / "a.cdf")
    assert (".venv" in str(caught.value)) == (installed == "checkout")
    assert "[cdf]'" in str(caught.value)


def test_no_sentence_says_by_itself_where_programs_stand_or_how_something_is_installed():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.name == "commands.py":
            continue
        assert ".venv" not in text, path
        assert len(re.findall("pip install", text)) == len(re.findall(r"typed\(f?['\"]pip install", text)), path


def test_every_extra_that_is_named_exists():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {name for path in SOURCES for name in re.findall(r"how_to_install\(['\"](\w+)", path.read_text())}
    assert named and named <= set(extras)


def test_a_program_that_lies_in_no_checkout_says_commands_without_its_environment(tmp_path):
    copied = tmp_path / "site" / "core"
    copied.mkdir(parents=True)
    for name in ("__init__", "commands", "data_folder", "errors"):
        (copied / f"{name}.py").write_bytes((ROOT / "core" / f"{name}.py").read_bytes())
    code = "from core import commands; print(commands.how_to_install('cdf'), commands.typed('precursor demo'))"
    active = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copied.parent, capture_output=True, text=True, check=True, env=active
    )
    assert done.stdout.strip() == "Install the extra: pip install 'geomag-precursor-lab[cdf]' precursor demo"
