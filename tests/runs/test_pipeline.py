"""From a config to a run: the same bits every time, whatever killed, cancelled or starved the attempts before."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w

from core import config as configs
from core.errors import InputError
from core.labelling import dataset
from core.loading.archive.archive import Archive
from core.progress import Cancelled, Progress
from core.runs import pipeline, sources
from core.runs.runs import Run, RunStore
from core.studies import jobs
from core.training import fit
from support.small_run import SMALL

CONFIG = configs.replace(SMALL, training={"epochs": 3})


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Run:
    """The run as it comes out of one go, and beside it the synthetic world."""
    folder = tmp_path_factory.mktemp("reference")
    return pipeline.run(CONFIG, sources.open_source(CONFIG, folder), RunStore(folder))


@pytest.fixture
def fresh(reference, tmp_path) -> Path:
    """A data folder with the world and no run."""
    shutil.copytree(reference.folder.parents[1] / "worlds", tmp_path / "worlds")
    return tmp_path


def assert_same_run(run: Run, expected: Run) -> None:
    """All but the clock is the same, to the bit."""
    assert run.run_id == expected.run_id
    assert {p.name for p in run.folder.iterdir()} == {p.name for p in expected.folder.iterdir()}
    pd.testing.assert_frame_equal(run.predictions, expected.predictions, check_exact=True)
    pd.testing.assert_frame_equal(run.windows, expected.windows, check_exact=True)
    pd.testing.assert_frame_equal(
        run.history.drop(columns="seconds"), expected.history.drop(columns="seconds"), check_exact=True
    )
    for name in ("config.json", "audit.json", "scaling.json", "scores.json"):
        assert (run.folder / name).read_bytes() == (expected.folder / name).read_bytes(), name
    with np.load(run.weights) as ours, np.load(expected.weights) as theirs:
        for name in theirs.files:
            assert ours[name].tobytes() == theirs[name].tobytes(), name
    assert run.digests == expected.digests


class StopAfter(Progress):
    """Asks for the end of the work once this many questions have been answered with no."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    def should_stop(self) -> bool:
        self.left -= 1
        return self.left < 0


class Listener(Progress):
    """Remembers the epochs it was told of, and counts the batches that were trained."""

    def __init__(self) -> None:
        self.epochs, self.n_batches = [], 0

    def epoch(self, row, epochs):
        self.epochs.append(row["epoch"])

    def batch(self, done, total):
        self.n_batches += 1


def batches_an_epoch(run: Run) -> int:
    return -(-len(run.predictions.query("split == 'train'")) // run.config.training.batch_size)


def train_in_a_new_process(data: Path, config=CONFIG, prepare: str = "", **options) -> subprocess.CompletedProcess:
    """`precursor train CONFIG --data DATA`, after some Python."""
    path = data / "small.toml"
    path.write_text(tomli_w.dumps(config.as_dict()), encoding="utf-8")
    code = f"{prepare}\nimport sys\nfrom core.cli import main\nsys.argv = ['precursor', *sys.argv[1:]]\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, "train", str(path), "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def test_another_process_makes_the_same_run_to_the_bit(reference, fresh):
    done = train_in_a_new_process(fresh)
    assert done.returncode == 0, done.stderr
    assert_same_run(RunStore(fresh).open("small"), reference)


def test_a_cancelled_training_is_no_run_and_the_same_command_goes_on_from_it(reference, fresh):
    store, source = RunStore(fresh), sources.open_source(CONFIG, fresh)
    n_batches = batches_an_epoch(reference)
    with pytest.raises(Cancelled, match="Stopped after epoch 1 of 3. The same command goes on from there"):
        pipeline.run(CONFIG, source, store, StopAfter(n_batches + 2))
    assert store.ids() == []
    (partial,) = store.folder.glob("*.partial")
    assert (partial / "checkpoint.npz").exists()
    (partial / ".weights.npz.x.npz").write_bytes(b"as a kill while writing would leave it")
    (partial / "began.json").write_text('{"began": "2020-02-03T04:05:06+00:00"}')  # the first attempt was long ago
    listener = Listener()
    run = pipeline.run(CONFIG, source, store, listener)
    assert_same_run(run, reference)
    assert run.status.began == "2020-02-03T04:05:06+00:00"
    assert listener.epochs == [1, 2, 3]  # who watches sees the whole curve,
    assert listener.n_batches == 2 * n_batches - 1  # but only the rest is trained
    assert not list(store.folder.glob("*.partial"))


def test_a_job_that_is_cancelled_before_it_has_begun_trains_nothing(fresh):
    folder = fresh / "jobs" / "20260101-000000-0000"
    folder.mkdir(parents=True)
    jobs.cancel(folder.name, fresh)
    with pytest.raises(Cancelled, match="Stopped after epoch 0 of 3"):
        pipeline.run(CONFIG, sources.open_source(CONFIG, fresh), RunStore(fresh), jobs.JobProgress(folder))
    assert RunStore(fresh).ids() == []


def test_what_is_there_is_returned_and_not_trained_again(reference, monkeypatch):
    monkeypatch.setattr(fit, "train", lambda *_, **__: pytest.fail("trained again"))
    store = RunStore(reference.folder.parents[1])
    again = pipeline.run(configs.replace(CONFIG, description="words"), Archive(next(worlds(reference))), store)
    assert again.run_id == reference.run_id


def worlds(run: Run):
    return (run.folder.parents[1] / "worlds").glob("[!.]*")


def test_every_input_is_part_of_the_identity_named_or_not(reference, fresh):
    world = sources.open_source(CONFIG, fresh)
    assert CONFIG.data.catalogues == ()
    assert set(reference.digests) == {"minute/DUR", "events/synthetic", "activity/kp"}
    events = world.events()
    world.store_events("synthetic", events.iloc[:-1], "one event was withdrawn", *world.events_period())
    assert sources.digests(CONFIG, world) != reference.digests


def test_data_that_change_while_windows_are_cut_are_noticed(reference, fresh, monkeypatch):
    world, build = sources.open_source(CONFIG, fresh), dataset.build

    def build_while_events_come_in(*arguments, **named):
        built = build(*arguments, **named)
        world.store_events("synthetic", world.events().iloc[:-1], "another process", *world.events_period())
        return built

    monkeypatch.setattr(dataset, "build", build_while_events_come_in)
    with pytest.raises(InputError, match="changed while windows were cut"):
        pipeline.run(CONFIG, world, RunStore(fresh))
    assert RunStore(fresh).ids() == []


def test_scaling_and_weights_do_not_feel_what_validation_and_test_windows_hold(reference, fresh):
    """Garbage in the record after the last training window changes nothing that is learned."""
    world = sources.open_source(CONFIG, fresh)
    last = reference.predictions.query("split == 'train'")["end"].max()
    first = reference.predictions.query("split != 'train'")["start"].min()
    assert first > last
    noise = np.random.default_rng(0)

    class Disturbed(Archive):
        def minute(self, station, start=None, end=None):
            record = super().minute(station, start, end)
            late = record.field.index >= last
            record.field.loc[late, ["X", "Y", "Z"]] += noise.normal(0, 500, (late.sum(), 3))
            return record

    run = pipeline.run(CONFIG, Disturbed(world.folder), RunStore(fresh))
    assert run.scaling == reference.scaling
    with np.load(run.weights) as ours, np.load(reference.weights) as theirs:
        for name in theirs.files:
            assert ours[name].tobytes() == theirs[name].tobytes(), name
    theirs = reference.predictions.set_index("window_id")["probability"]
    split = run.predictions.set_index("window_id")["split"]
    same = (run.predictions.set_index("window_id")["probability"] == theirs).groupby(split).mean()
    assert same["train"] == 1 and same["test"] < 0.1  # the garbage did get in


def _open_world(folder: Path, codes: tuple[str, ...]) -> None:
    sources.open_world(CONFIG.world, codes, folder, Progress())


def test_two_processes_that_want_one_world_make_it_once_and_whole(reference, tmp_path):
    context = get_context("spawn")
    both = [context.Process(target=_open_world, args=(tmp_path, ("DUR",))) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert sources.digests(CONFIG, sources.open_source(CONFIG, tmp_path)) == reference.digests


def test_the_making_of_a_world_can_be_cancelled_and_leaves_none(tmp_path):
    with pytest.raises(Cancelled, match="synthetic world"):
        sources.open_world(CONFIG.world, ("DUR",), tmp_path, StopAfter(0))
    assert sources.stored_worlds(tmp_path) == {}


LIMIT = 20_000  # bytes a file: too few for the table of windows


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(reference, fresh):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))

    done = train_in_a_new_process(fresh, preexec_fn=limit, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 2
    assert done.stderr.startswith("Error: File too large (") and "Traceback" not in done.stderr
    left = [path.name for path in RunStore(fresh).folder.rglob("*") if path.is_file()]
    assert left and all(name.endswith((".json", ".parquet", ".csv", ".lock")) for name in left), left
    assert_same_run(pipeline.run(CONFIG, sources.open_source(CONFIG, fresh), RunStore(fresh)), reference)


# What a training of three epochs gives a name to, in this order.
POINTS = [
    "began",
    "config",
    "audit",
    "scaling",
    "windows",
    "checkpoint",
    "history",
    "checkpoint",
    "history",
    "checkpoint",
    "history",
    "weights",
    "predictions",
    "scores",
    "environment",
    "status",
    "run",
]
KILL = """
import os, signal
from core.training import checkpoint
checkpoint.Pace.FREE_SECONDS = 60  # a checkpoint every epoch, however slow the disk of this machine
left, rename, replace = [{n}], os.rename, os.replace
def then_die(move):
    def moved(old, new, **named):
        if "runs" in str(new) and left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        move(old, new, **named)
        if "runs" in str(new):
            left[0] -= 1
    return moved
os.rename, os.replace = then_die(rename), then_die(replace)
"""


@pytest.mark.slow
def test_a_kill_before_any_rename_loses_at_most_an_epoch_and_changes_no_bit(reference, tmp_path):
    """Each attempt is killed before its n-th file gets its name; the next one goes on, and the last one finishes."""
    shutil.copytree(reference.folder.parents[1] / "worlds", tmp_path / "worlds")
    for n in range(40):
        done = train_in_a_new_process(tmp_path, prepare=KILL.format(n=n))
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
    assert n > len(POINTS) - 7
    assert_same_run(RunStore(tmp_path).open("small"), reference)
    assert not list((tmp_path / "runs").glob("*.partial"))


@pytest.mark.slow
@pytest.mark.parametrize("n", [0, 1, 4, 5, 6, 9, 11, 12, 15, 16], ids=lambda n: f"{n}-{POINTS[n]}")
def test_a_single_kill_at_a_write_point_changes_no_bit(reference, fresh, n):
    done = train_in_a_new_process(fresh, prepare=KILL.format(n=n))
    assert done.returncode == -signal.SIGKILL, done.stderr
    store = RunStore(fresh)
    assert store.ids() == []  # what was killed is no run
    listener = Listener()
    assert_same_run(pipeline.run(CONFIG, sources.open_source(CONFIG, fresh), store, listener), reference)
    n_trained = listener.n_batches / batches_an_epoch(reference)
    assert n_trained == 3 - POINTS[:n].count("checkpoint")
