"""What `import core` costs, and the three names that a notebook takes from it."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import pytest

import core

HEAVY = {"pandas", "numpy", "pyarrow", "scipy", "sklearn", "plotly", "pydeck", "keras", "tensorflow", "streamlit"}
HEAVY |= {"requests", "jinja2", "typer"}


def imported_by(code: str) -> set[str]:
    """The modules that a process holds at the end of a piece of code."""
    whole = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("code", ["import core", "from core import Lab", "from core import Lab\nLab('nowhere')"])
def test_the_door_opens_without_any_larger_library(code):
    assert imported_by(code).isdisjoint(HEAVY)


def test_importing_core_imports_none_of_its_rooms():
    assert [name for name in imported_by("import core") if name.startswith("core.")] == []


def test_the_three_names_are_there_and_are_listed():
    assert {"Lab", "load_config", "figures"} <= set(dir(core)) & set(core.__all__)
    assert inspect.isclass(core.Lab) and callable(core.load_config) and inspect.ismodule(core.figures)


def test_a_name_that_core_does_not_have_is_refused_as_python_does():
    with pytest.raises(AttributeError, match="module 'core' has no attribute 'Laboratory'"):
        core.Laboratory  # noqa: B018
    with pytest.raises(ImportError, match="Laboratory"):
        from core import Laboratory  # noqa: F401
