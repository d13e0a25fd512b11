"""The demo, from an empty folder: what a visitor of a fresh machine finds, all of it marked synthetic."""

from __future__ import annotations

import resource
import subprocess
import sys

import pandas as pd
import pytest

from core import demo
from core.caveats import CaveatKind
from core.forecasting import scan
from core.forecasting.ledger import Ledger
from core.judgement import assessment, comparison, explanation, null_gallery
from core.runs.runs import RunStore
from core.runs.sources import stored_worlds
from core.studies import leak_demonstrator, learning_curves
from core.training.network import n_parameters

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


def test_the_demo_makes_four_runs_whose_answers_are_the_right_ones(made):
    folder, _, _ = made
    table = RunStore(folder).list().set_index("name")
    assert sorted(table.index) == sorted([*demo.EXPERIMENTS, demo.SMALL])
    assert table.attrs["notes"] == ()
    honest, paper, planted = (table.loc[name] for name in demo.EXPERIMENTS)
    assert table.loc[demo.SMALL, "auc_low"] > 0.6
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
        assert store.open(name).caveats[0].kind == CaveatKind.SYNTHETIC
    (curve,) = learning_curves.stored(folder)
    (explained,) = explanation.stored(folder, store.open("demo-planted").run_id).values()
    for caveats in (curve.caveats, explained.caveats):
        assert caveats[0].kind == CaveatKind.SYNTHETIC
    book = Ledger(folder / "ledger.sqlite").list()
    assert book["synthetic"].all() and book["retrospective"].all()
    assert not (folder / "archive").exists()  # nothing made up lies where real data go
    assert printed.count("(synthetic)") == len(demo.EXPERIMENTS) + 8


def test_every_run_of_the_demo_has_a_verdict_and_only_the_planted_one_finds_something(made):
    folder, _, _ = made
    said = {}
    for run_id in RunStore(folder).ids():
        found = assessment.open(folder, run_id)
        said[run_id.rsplit("-", 1)[0]] = found.document.verdict.kind
    assert said["demo-planted"] == said["demo-small"] == "detects" and said["demo-honest"] == "null"
    assert said["demo-paper"] in ("null", "untestable", "unproven")  # it leaks, so it can never be more
    assert leak_demonstrator.stored(folder) is not None
    for name in ("demo-honest", "demo-planted"):
        assert null_gallery.stored(folder, RunStore(folder).open(name).run_id) is not None


def test_two_networks_are_judged_by_the_same_windows_so_that_there_is_a_pair_to_compare(made):
    store = RunStore(made[0])
    planted, small = store.open("demo-planted"), store.open(demo.SMALL)
    (row,) = comparison.table([planted, small]).to_dict("records")
    assert row["n"] == len(planted.predictions.query("split == 'test'")) and row["n_groups"] > 10
    assert -0.2 < row["difference_low"] <= row["difference"] <= row["difference_high"] < 0.2
    sizes = [n_parameters(one.config.windows.length_minutes, one.config.network) for one in (planted, small)]
    assert round(sizes[0] / sizes[1]) == 24 and "24 times fewer parameters" in small.config.description


def test_the_newest_run_with_which_the_pages_open_is_explained_beside_its_controls(made):
    folder, _, _ = made
    run_id = RunStore(folder).ids()[0]
    assert run_id == RunStore(folder).open("demo-planted").run_id
    (found,) = explanation.stored(folder, run_id).values()
    assert {"cascade", "random", "shuffled"} == set(found.table("controls")["control"])
    pointing = found.table("pointing").set_index("maps").loc["the run"]
    assert pointing["n"] >= 10 and pointing["hits"] > pointing["covered"]


def test_the_demo_is_small(made):
    folder, _, memory = made
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert disk < 200 * MEGABYTE
    assert memory < 2048 * MEGABYTE
    assert not list(folder.rglob("checkpoint.npz")) and not list(folder.rglob("*.partial"))


def test_the_demo_again_changes_no_run_no_curve_no_explanation_and_no_forecast(made):
    folder, _, _ = made
    parts = ("runs", "learning_curves", "worlds", "explanations")
    before = {path: path.stat().st_mtime_ns for part in parts for path in (folder / part).rglob("*.*")}
    rows = len(Ledger(folder / "ledger.sqlite").list())
    demo.make(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(Ledger(folder / "ledger.sqlite").list()) == rows
