"""
45 small trainings by our worker processes of one thread each, against one process that does them in sequence.

All go from windows of a day of a made-up station to scores: five optimisers, three learning rates, three seeds, two
epochs. The one process may use every core for each training. Where dask.distributed is installed, our workers under a
local Dask cluster are compared with that process too. Every way is a fresh process that imports TensorFlow itself.
Memory is that of the largest worker. With --quick: six trainings.

Run: python benchmarks/sweep.py [--quick]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import rows

from core.runs import sources
from core.studies import sweep, vary
from core.studies.cluster import Cluster
from core.studies.workers import Engine, Local, Outcome, Task

CONFIG = {
    "name": "benchmark",
    "data": {"source": "synthetic", "stations": ["DUR"]},
    "world": {"seed": 3, "start": "2016-01-01", "end": "2016-09-01", "events_per_year": 300.0},
    "detectability": {"law": "fixed", "max_distance_km": 200.0, "min_magnitude": 3.5},
    "windows": {"length_minutes": 1440},
    "labels": {"horizon_days": 1.0, "class_ratio": "natural"},
    "training": {"epochs": 2},
}
VARY = {"optimizer": ["adam", "sgd", "rmsprop", "adamax", "adagrad"], "learning_rate": [0.01, 0.001, 0.0001]}
QUICK = {"optimizer": ["adam", "sgd"]}
ALONE = "one process"


class InSequence:
    """One training after the other in this process."""

    def run(self, tasks: dict[str, Task], look: Callable[[], None]) -> Iterator[Outcome]:
        for key, task in tasks.items():
            look()
            yield Outcome(key, "finished", result=sweep.train(*task.arguments, lambda _: True))


WAYS: dict[str, Callable[[], Engine]] = {ALONE: InSequence, "ours": Local, "Dask": lambda: Cluster(kind="local")}


def plan(quick: bool) -> vary.Plan:
    varied = {"vary": {"training": QUICK if quick else VARY}, "sweep": {"seeds": 3}}
    return vary.from_dict({**CONFIG, **varied}, Path())


def child(way: str, quick: bool, folder: Path) -> None:
    """Do the sweep, and print the number of its runs and the largest memory of a process, GiB."""
    made = sweep.run(plan(quick), folder, engine=WAYS[way]())
    failed = made.runs.loc[made.runs["state"] != "finished", "error"]
    if len(failed):
        raise SystemExit(f"{len(failed)} runs failed: {failed.iloc[0]}")
    who = resource.RUSAGE_SELF if way == ALONE else resource.RUSAGE_CHILDREN
    print(json.dumps({"n": len(made.runs), "gib": resource.getrusage(who).ru_maxrss / 2**20}))


def main(quick: bool) -> None:
    seconds, answers = {}, {}
    with tempfile.TemporaryDirectory() as home:
        world = Path(home, "world")
        sources.open_source(plan(quick).base, world)
        names = [name for name in WAYS if name != "Dask" or importlib.util.find_spec("distributed")]
        for name in names:
            folder = shutil.copytree(world, Path(home, name))
            command = [sys.executable, __file__, "--way", name, "--data", str(folder), *[rows.QUICK] * quick]
            began = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            seconds[name] = time.perf_counter() - began
            answers[name] = json.loads(done.stdout.splitlines()[-1])
            print(f"{name}: {answers[name]['n']} trainings in {seconds[name]:.1f} s", flush=True)
    alone, n = seconds[ALONE], answers["ours"]["n"]
    case = f"{n} trainings, {os.cpu_count()} workers"
    note = f"the one process grew to {answers[ALONE]['gib']:.1f} GiB"
    rows.say(case, seconds["ours"], alone, alone / seconds["ours"], memory=answers["ours"]["gib"], note=note)
    if "Dask" in seconds:
        rows.say(f"{case} under Dask", seconds["Dask"], alone, alone / seconds["Dask"])
    else:
        rows.absent("dask.distributed is not installed, so there is no ratio of it (pip install -e '.[dask]').")


if __name__ == "__main__":
    parser = rows.parser(__doc__)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        child(options.way, options.quick, options.data)
    else:
        main(options.quick)
