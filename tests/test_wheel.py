"""A wheel holds what the program reads: it is built here from the tracked files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile

import pytest

from core.data_folder import ROOT


def tracked(*paths: str) -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    done = subprocess.run(["git", "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel that is built from the tracked files, over what an earlier build left."""
    folder = tmp_path_factory.mktemp("wheel")
    top = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
    for name in tracked(*top, "core", "dashboard", "data", ".streamlit"):
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "source" / name)
    stale = folder / "source" / "build" / "lib" / "core" / "moved_long_ago.py"
    stale.parent.mkdir(parents=True)
    stale.touch()
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", folder, folder / "source"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_a_wheel_holds_every_tracked_file_that_the_program_reads_and_nothing_of_an_earlier_build(wheel):
    data = {name for name in tracked("data") if not name.endswith(".py")}
    shipped = {name.replace("data/", "core/shipped_files/", 1) for name in data}
    code = {name for name in tracked("core", "dashboard") if "/__pycache__/" not in name}
    assert len(data) > 20 and len(code) > 300
    inside = {name for name in wheel if ".dist-info/" not in name}
    assert inside == shipped | code | {"dashboard/.streamlit/config.toml"}
