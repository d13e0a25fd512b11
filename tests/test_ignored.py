"""What the program makes in the data folder of a checkout never shows up as a change of the project."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMES_WITH_THE_PROJECT = {"calibration", "experiments", "geo", "stations.toml"}


def git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr  # 1: nothing is ignored
    return done.stdout.splitlines()


@pytest.fixture(autouse=True)
def checkout():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")


def test_every_name_that_core_writes_below_the_data_folder_is_ignored():
    below = re.compile(r'(?:data_dir|folder\(\)\)?) / "([^"]+)"')
    named = {name for path in (ROOT / "core").rglob("*.py") for name in below.findall(path.read_text("utf-8"))}
    assert len(named) > 15  # the pattern still finds them
    paths = {f"data/{name}" for name in named - COMES_WITH_THE_PROJECT}
    paths |= {f"{path}/part" for path in paths} | {"data/.tested.jsonl.lock", "data/ledger.sqlite-wal"}
    paths.add("data/experiments/sweeps/demo-planted-8fbde6c4.toml")  # as the Train page names the plan of a sweep
    assert set(git("check-ignore", "--no-index", *paths)) == paths


def test_nothing_that_comes_with_the_project_is_ignored_and_neither_is_a_config_of_the_user():
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard") == []
    assert git("check-ignore", "--no-index", "data/experiments/mine.toml", "data/mappings/mine.toml") == []
