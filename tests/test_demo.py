"""The demo, from an empty folder: what a visitor of a fresh machine finds, all of it marked synthetic."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core import demo
from core.caveats import CaveatKind
from core.evaluation import alarm_series
from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance import skill
from core.evaluation.clocks import disturbance, onset
from core.evaluation.clocks.onset import OnsetKind
from core.forecasting import scan
from core.forecasting.ledger import Ledger
from core.judgement import assessment, comparison, evidence, explanation, final_block, freeze, null_gallery, tries
from core.judgement.final_block import BlockState
from core.judgement.freeze import RegistrationState
from core.progress import Progress
from core.runs.runs import RunStore
from core.runs.sources import open_source, stored_worlds
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
    assert printed.count("(synthetic)") == len(demo.EXPERIMENTS) + 10


def test_every_run_of_the_demo_has_a_verdict_and_only_what_was_planned_before_may_be_a_finding(made):
    folder, _, _ = made
    said = {}
    for run_id in RunStore(folder).ids():
        found = assessment.open(folder, run_id)
        said[run_id.rsplit("-", 1)[0]] = found.document.verdict.kind
    assert said["demo-planted"] == "detects" and said["demo-honest"] == "null"
    assert said["demo-small"] == "candidate"  # it sees the same burst, but nobody had declared it before
    assert said["demo-paper"] == "broken"  # it leaks
    assert leak_demonstrator.stored(folder) is not None
    for name in ("demo-honest", "demo-planted"):
        assert null_gallery.stored(folder, RunStore(folder).open(name).run_id) is not None


def test_the_planted_world_is_found_by_the_hundredth_run_as_by_the_first(made, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(made[0], folder)
    store = RunStore(folder)
    for name, split, kind in ((demo.SMALL, "test", "candidate"), ("demo-planted", "final", "detects")):
        run = store.open(name)
        own = tries.read(folder).of(run.run_id, split)
        for number in range(99):
            note_noise(folder, run, own, number)
        found = assessment.open(folder, run.run_id)
        assert tries.family(own, tries.read(folder), 0, folder).n_runs >= 100  # where no plan was frozen
        assert assessment.verdict_of(run, found, folder).kind == kind and found.document.verdict.kind == kind


def note_noise(folder, run, own, number):
    """Another run that scored the stretch of one, as the journal of tries knows it: its scores know nothing."""
    begins, ends = (pd.Timestamp(time) for time in (own.start, own.end))
    n_days = int((ends - begins) / pd.Timedelta(days=1))
    random = np.random.default_rng([7, number])
    scores = skill.Scores(own.stations, int(begins.timestamp()) // 60, 1440, random.normal(size=(3, n_days)))
    targets = pd.DataFrame(
        {
            "station": own.stations[0],
            "origin_time": begins + pd.to_timedelta(random.choice(n_days, 20, replace=False), unit="D"),
            "cluster": np.arange(20),
        }
    )
    other = SimpleNamespace(run_id=f"noise-{number}", config=run.config, synthetic=run.synthetic)
    tries.note(folder, other, "test", scores, targets, skill.tested(scores, targets))


def test_the_plan_is_written_down_before_its_world_is_trained_on_and_its_final_block_opened_after(made):
    folder, printed, _ = made
    store = RunStore(folder)
    planted, small = store.open("demo-planted"), store.open(demo.SMALL)
    (plan,) = freeze.frozen(folder)
    (opening,) = final_block.openings(folder)
    assert all(plan.created.isoformat() <= run.status.began for run in (planted, small))
    assert opening.run_id == planted.run_id and opening.time >= planted.status.created
    assert freeze.registration(planted, folder).state == RegistrationState.PRE_REGISTERED
    assert final_block.said(planted, folder).state == BlockState.OPENED
    assert final_block.said(small, folder).state == BlockState.CLOSED
    story = [f"{plan.frozen_id} was written down before", f"Run {planted.run_id}", "The final block was opened on"]
    at = [printed.index(words) for words in story]
    assert at == sorted(at)


@dataclass(frozen=True)
class FinalStretch:
    """The final block of the planted run: scores of every station, target events, all events, and the raw minutes."""

    series: list[AlarmSeries]
    targets: pd.DataFrame
    events: pd.DataFrame
    record: dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def final_stretch(made):
    run = RunStore(made[0]).open("demo-planted")
    source = open_source(run.config, made[0])
    rows = run.windows[run.windows["split"].isin(["train", "final"])]
    scanned = evidence.scan(run, source, rows, "final", Progress(), evidence.network(run))
    series = alarm_series.build(scanned, run.config)
    opens = pd.Timestamp(60 * series[0].first_minute, unit="s", tz="UTC")
    events = evidence.station_events(run.config, source, list(run.config.data.stations))
    targets = evidence.targets(run.config, events, scanned)
    record = {one.station: source.minute(one.station, opens, source.period(one.station)[1]).field for one in series}
    return FinalStretch(series, targets, events[events["origin_time"] >= opens], record)


def test_the_final_block_holds_three_whole_calendar_blocks_and_enough_for_the_primary_test(made, final_stretch):
    (opening,) = final_block.openings(made[0])
    block = pd.Timedelta(days=91)
    times = (opening.block.start, opening.block.end)
    first, end = (pd.Timestamp(time) - pd.Timestamp("1970-01-01", tz="UTC") for time in times)
    assert end // block - -(-first // block) >= 3
    outcome = skill.tested(skill.on_one_axis(final_stretch.series), final_stretch.targets)
    assert outcome.whole_days == 7 and outcome.n_blocks >= 3 and outcome.n_clusters >= 15
    assert outcome.skill > 0.8 and outcome.p <= 0.001


def test_no_sequence_of_earthquakes_reaches_over_several_splits_of_the_planted_run(made):
    warnings = {caveat.kind for caveat in RunStore(made[0]).open("demo-planted").audit.warnings}
    assert CaveatKind.SEQUENCE_DIVIDED not in warnings


def test_the_record_of_the_final_block_confirms_the_clock_of_the_catalogue(final_stretch):
    first = final_stretch.series[0].first_minute
    tens = skill.on_one_axis(
        [disturbance.series(code, first, field[["X", "Z"]].to_numpy()) for code, field in final_stretch.record.items()]
    )
    near = final_stretch.events[final_stretch.events["distance_km"] <= 200]
    for events in (near, final_stretch.targets):  # also where each event has its burst some hours before
        told = onset.tested(tens, events)
        assert told.kind == OnsetKind.CONFIRMED and told.n_events >= 15
    belated = near.assign(origin_time=near["origin_time"] + pd.Timedelta(hours=3))
    assert onset.tested(tens, belated).kind == OnsetKind.LATE


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
    parts = ("runs", "learning_curves", "worlds", "explanations", "frozen", "final")
    before = {path: path.stat().st_mtime_ns for part in parts for path in (folder / part).rglob("*.*")}
    rows = len(Ledger(folder / "ledger.sqlite").list())
    demo.make(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(Ledger(folder / "ledger.sqlite").list()) == rows
