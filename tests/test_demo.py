"""The demo, from an empty folder: what a visitor of a fresh machine finds, all of it marked synthetic."""

from __future__ import annotations

import resource
import subprocess
import sys

import pandas as pd
import pytest

from core import demo
from core.experiments import assessment, leak_demonstrator, learning_curves, null_gallery
from core.experiments.runs import RunStore
from core.experiments.sources import stored_worlds
from core.forecasting import scan
from core.forecasting.ledger import Ledger

pytestmark = pytest.mark.slow

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """`precursor demo` on an empty data folder; the folder, what it printed, and its peak memory in bytes."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "core", "--data", str(folder), "demo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def test_the_demo_makes_three_runs_whose_answers_are_the_right_ones(made):
    folder, _, _ = made
    table = RunStore(folder).list().set_index("name")
    assert sorted(table.index) == sorted(demo.EXPERIMENTS)
    assert table.attrs["notes"] == ()
    honest, paper, planted = (table.loc[name] for name in demo.EXPERIMENTS)
    assert honest["auc_low"] < 0.5 < honest["auc_high"] and not honest["leak"] and not honest["dead"]
    assert planted["auc_low"] > 0.6 and not planted["leak"] and not planted["dead"]
    assert paper["leak"] and paper["dead"]  # a random split, and the division that kills the network
    assert paper["accuracy"] <= paper["majority_share"]


def test_there_are_three_stations_a_scan_a_curve_and_forecasts(made):
    folder, _, _ = made
    store = RunStore(folder)
    honest = store.open("demo-honest")
    assert honest.config.data.stations == ("DUR", "IZN", "MLR")
    series = scan.load(folder, honest.run_id, "DUR")
    assert series is not None and series["probability"].notna().sum() > 100
    assert series["end"].max() - series["start"].min() <= pd.Timedelta(days=demo.SCAN_DAYS)
    (curve,) = learning_curves.stored(folder)
    assert len(curve.points) == len(demo.CURVE_FRACTIONS) * demo.CURVE_REPEATS
    book = Ledger(folder / "ledger.sqlite")
    assert 1 <= len(book.list()) <= 3 and book.verify() == []
    assert set(book.list()["run_id"]) == {honest.run_id}


def test_everything_the_demo_makes_is_marked_synthetic(made):
    folder, printed, _ = made
    worlds = stored_worlds(folder)
    assert len(worlds) == 2 and all(world.synthetic for world in worlds.values())
    for world in worlds.values():
        assert {kind for code in world.stations() for kind in world.data_types(code)["data_type"]} == {"synthetic"}
        assert set(world.events()["source"]) == set(world.activity()["status"]) == {"synthetic"}
    store = RunStore(folder)
    assert store.list()["synthetic"].all()
    for name in store.ids():
        assert store.open(name).caveats[0].startswith("Synthetic data")
    (curve,) = learning_curves.stored(folder)
    assert curve.caveats[0].startswith("Synthetic data")
    book = Ledger(folder / "ledger.sqlite").list()
    assert book["synthetic"].all() and book["retrospective"].all()
    assert not (folder / "archive").exists()  # nothing made up lies where real data go
    assert printed.count("(synthetic)") == len(demo.EXPERIMENTS) + 5


def test_every_run_of_the_demo_has_a_verdict_and_only_the_planted_one_finds_something(made):
    folder, _, _ = made
    said = {}
    for run_id in RunStore(folder).ids():
        found = assessment.open(folder, run_id)
        said[run_id.rsplit("-", 1)[0]] = found.document["verdict"]["kind"]
    assert said["demo-planted"] == "detects" and said["demo-honest"] == "null"
    assert said["demo-paper"] in ("null", "unproven")  # it leaks, so it can never be more
    assert leak_demonstrator.stored(folder) is not None
    assert null_gallery.stored(folder, RunStore(folder).open("demo-honest").run_id) is not None


def test_the_demo_is_small(made):
    folder, _, memory = made
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert disk < 200 * MEGABYTE
    assert memory < 2048 * MEGABYTE
    assert not list(folder.rglob("checkpoint.npz")) and not list(folder.rglob("*.partial"))


def test_the_demo_again_changes_no_run_no_curve_and_no_forecast(made):
    folder, _, _ = made
    parts = ("runs", "learning_curves", "worlds")
    before = {path: path.stat().st_mtime_ns for part in parts for path in (folder / part).rglob("*.*")}
    rows = len(Ledger(folder / "ledger.sqlite").list())
    demo.make(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(Ledger(folder / "ledger.sqlite").list()) == rows
