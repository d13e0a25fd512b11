"""The notebooks of docs/ and the Python of README and docs/python.md: executed as a reader would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from core import Lab, jupyter
from core.data_folder import ROOT
from core.loading.archive.archive import Archive
from core.reporting.figures import theme
from support import world_services
from support.fake_server import Fake

NOTEBOOKS = ROOT / "docs" / "notebooks"
PAGES = ("README.md", "docs/python.md")
# The demo of a reader takes half a minute; here the door opens on a smaller one that is there already.
SMALL_DEMO = "from core import Lab\nLab.demo = classmethod(lambda lab: lab({folder!r}))"


def executed(name: str, folder: Path, before: str = "") -> list[dict]:
    """The code cells of a notebook after a kernel ran them in a folder; a cell that fails is an error here."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if before:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(before))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    return cells


def shown(cells: list[dict]) -> str:
    """All that the cells put out, as a browser gets it."""
    return "\n".join(
        "".join(output["data"].get("text/html", output["data"].get("text/plain", "")))
        + json.dumps(output["data"].get("application/vnd.plotly.v1+json", ""))
        for cell in cells
        for output in cell.outputs
        if "data" in output
    )


@pytest.fixture
def served(monkeypatch):
    """The services of the field on this machine, named by the environment; the real ones cannot be asked."""
    with Fake(world_services.services()) as fake:
        for name, url in world_services.addresses(fake.base).items():
            monkeypatch.setenv(name, url)
        for name in ("GIN", "USGS_GEOMAG", "INGV", "ISC", "USGS", "NIEP"):
            monkeypatch.setenv(f"PRECURSOR_{name}_URL", f"{fake.base}/nothing")
        yield fake


@pytest.fixture
def unnamed(monkeypatch):
    monkeypatch.delenv("PRECURSOR_DATA", raising=False)


def test_the_first_look_shows_two_verdicts_their_figures_and_a_run_of_ones_own(full_folder, tmp_path, unnamed):
    shutil.copytree(full_folder, tmp_path / "data")
    n_before = len(Lab(tmp_path / "data").runs)
    cells = executed("first-look", tmp_path, SMALL_DEMO.format(folder=str(tmp_path / "data")))
    look = shown(cells)
    assert look.count(">Gate</th>") == 3  # of the two worlds, and of the reader's own run
    assert jupyter.MADE_UP in look and look.count(theme.SYNTHETIC_WORDS) >= 4
    runs = Lab(tmp_path / "data").runs
    assert len(runs) == n_before + 1 and runs[0].config.name == "my-first" and runs[0].config.training.epochs == 2


@pytest.mark.slow
def test_the_first_look_on_the_demo_itself_gives_both_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "data"))
    executed("first-look", tmp_path)
    lab = Lab.demo()  # the second call finds what the first made
    assert lab.folder == tmp_path / "data" / "demo" and not (tmp_path / "data" / "runs").exists()
    kinds = {run.config.name: lab.verdict(run).verdict.kind for run in lab.runs}
    assert (kinds["demo-planted"], kinds["demo-honest"]) == ("detects", "null") and kinds["my-first"] != "detects"


def test_my_observatory_goes_from_services_to_a_verdict_and_its_archive_can_be_made_again(
    served, precursor, tmp_path, unnamed
):
    cells = executed("my-observatory", tmp_path)
    look = shown(cells)
    assert "CC BY-NC 4.0" in look and "EMSC-CSEM" in look and "10.5880/Kp.0001" in look
    assert "Cannot be told" in look and theme.SYNTHETIC_WORDS not in look
    lab = Lab(tmp_path / "my-observatory-data")
    assert lab.archive.stations() == ["DUR"] and lab.archive.coverage()["n_present"].sum() > 0.99 * 60 * 1440
    assert [run.config.name for run in lab.runs] == ["sixty-days"]
    asked = {line.split('"base": "')[1].split('"')[0] for line in _journal(lab)}
    assert {url.rstrip("/") for url in asked} == set(world_services.addresses(served.base).values())
    before = lab.archive.digests(["DUR"], ["emsc"])
    (lab.folder / "archive").rename(tmp_path / "gone")
    assert precursor("archive", "rebuild", "--data", lab.folder)[0] == 0
    assert Archive(lab.folder / "archive").digests(["DUR"], ["emsc"]) == before


def _journal(lab: Lab) -> list[str]:
    return (lab.folder / "raw" / "journal.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs_from_its_first_line_to_its_last(page, served, tmp_path):
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks, f"{page} has no Python"
    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environ.pop("PRECURSOR_DATA", None)
    command = [sys.executable, "-c", "\n".join(blocks)]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "annot be told" in done.stdout and len(Lab(tmp_path / "data").runs) == 1


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_what_it_put_out_once(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code and all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == {"first-look", "my-observatory"}
