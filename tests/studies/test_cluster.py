"""Sweeps on Dask: what is missing is said, and the death of a Dask worker costs nothing but time."""

from __future__ import annotations

import os
import signal
import sys
import types
from pathlib import Path

import pytest

from core.errors import InputError
from core.progress import Cancelled
from core.studies import cluster
from core.studies.cluster import Cluster
from core.studies.workers import Task

TASKS = "tests.support.worker_tasks"


def needs_dask():
    return pytest.importorskip("distributed", reason="the extra dask is not installed")


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


@pytest.mark.parametrize(
    ("package", "kind", "extra"),
    [
        ("distributed", "local", "dask"),
        ("dask_jobqueue", "slurm", "slurm"),
        ("dask_kubernetes", "kubernetes", "kubernetes"),
    ],
)
def test_a_missing_package_is_one_sentence_that_names_the_extra(monkeypatch, package, kind, extra):
    monkeypatch.setitem(sys.modules, "distributed", types.ModuleType("distributed"))
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(InputError, match=rf"package {package} is not installed.*'\.\[{extra}\]'"):
        Cluster(kind=kind)


def test_either_a_scheduler_or_a_kind_of_cluster():
    for options in ({}, {"address": "tcp://here:8786", "kind": "local"}):
        with pytest.raises(InputError, match="either --scheduler ADDRESS or --cluster"):
            Cluster(**options)
    with pytest.raises(InputError, match="'pbs' is not known. Choose one of: local, slurm, kubernetes"):
        Cluster(kind="pbs")


def test_a_scheduler_that_does_not_answer_is_one_sentence(monkeypatch):
    needs_dask()
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(InputError, match="No Dask scheduler answers at tcp://127.0.0.1:9"):
        list(Cluster("tcp://127.0.0.1:9").run({"a": Task(f"{TASKS}:add", [1, 1])}, lambda: None))


def test_slurm_jobs_have_one_core_and_are_as_many_as_asked(monkeypatch):
    distributed, asked = needs_dask(), []

    def slurm_cluster(**options):  # what dask-jobqueue offers, on this machine
        made = distributed.LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None)
        scale = made.scale
        made.scale = lambda n: (asked.append((options, n)), scale(n))[1]
        return made

    monkeypatch.setitem(sys.modules, "dask_jobqueue", types.SimpleNamespace(SLURMCluster=slurm_cluster))
    (outcome,) = Cluster(kind="slurm", n_workers=1).run({"a": Task(f"{TASKS}:add", [2, 3])}, lambda: None)
    assert outcome.result["sum"] == 5
    assert asked[0] == ({"cores": 1, "processes": 1}, 1)


@pytest.mark.slow
def test_the_death_of_a_dask_worker_is_survived_and_failures_stay_failures(tmp_path):
    needs_dask()
    killed = []

    def look():
        working = [int(path.name) for path in tmp_path.iterdir()]
        if working and not killed:
            killed.append(working[0])
            os.kill(parent_of(working[0]), signal.SIGKILL)  # the Dask worker; the process that works ends with it

    tasks = {
        "long": Task(f"{TASKS}:sleep", [str(tmp_path), 3]),
        "bad": Task(f"{TASKS}:refuse", []),
        **{str(i): Task(f"{TASKS}:add", [i, i]) for i in range(6)},
    }
    found = {outcome.key: outcome for outcome in Cluster(kind="local", n_workers=2).run(tasks, look)}
    assert len(killed) == 1 and found["long"].state == "finished"
    assert found["long"].result["pid"] not in killed
    assert (found["bad"].state, found["bad"].error) == ("failed", "This config yields no window.")
    assert [found[str(i)].result["sum"] for i in range(6)] == [0, 2, 4, 6, 8, 10]


@pytest.mark.slow
def test_a_request_to_stop_ends_what_runs_on_the_cluster(tmp_path):
    needs_dask()

    def look():
        if list(tmp_path.iterdir()):
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        list(Cluster(kind="local", n_workers=1).run({"a": Task(f"{TASKS}:sleep", [str(tmp_path), 600])}, look))
    (pid,) = [int(path.name) for path in tmp_path.iterdir()]
    stat = Path(f"/proc/{pid}/stat")
    assert not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
