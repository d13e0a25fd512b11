"""
Makes the stored table of made-up stretches: `python -m core.evaluation.power.make_table`.

It takes about thirty minutes on two cores. Seeds are numbered, so it makes the same table each time.
"""

from __future__ import annotations

import itertools
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from core import files
from core.evaluation.power import passing, simulation, stretch, table
from core.evaluation.power.planting import Lasting

N_WORLDS = 100  # of each number of earthquakes and each length
CHUNK = 25  # worlds that a process makes in one go
N_CLUSTERS = (10, 15, 25, 50, 100)
DAYS = (183, 365, 600, 1096, 2000, 3652)
N_RUNS = (1, 5, 20, 100)


def p_values(n_clusters: int, days: int, numbers: range) -> np.ndarray:
    """Of the worlds with these numbers: what `simulation.worlds` gives."""

    def make(random: np.random.Generator) -> stretch.Stretch:
        return stretch.made_up(random, n_clusters, days, simulation.SMALL_EVENTS)

    return simulation.worlds(make, numbers, (simulation.SEED, n_clusters, days))


def cell(p: np.ndarray) -> np.ndarray:
    """How many worlds are found: shape (n_runs, 2, n_aucs)."""
    shares = [simulation.share_found(p, partial(passing.of_independent_runs, n_runs=k)) for k in N_RUNS]
    counts: np.ndarray = np.rint(np.array(shares) * len(p)).astype(np.int64)
    return counts


def make(n_worlds: int = N_WORLDS, processes: int = 2) -> table.Document:
    """The table as it is stored."""
    chunks = [range(first, min(first + CHUNK, n_worlds)) for first in range(0, n_worlds, CHUNK)]
    asked = [(n, days, chunk) for n, days in itertools.product(N_CLUSTERS, DAYS) for chunk in chunks]
    p = np.ones((len(N_CLUSTERS), len(DAYS), n_worlds, len(Lasting), len(simulation.AUCS)))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        working = {pool.submit(p_values, *each): each for each in asked}
        for count, done in enumerate(as_completed(working), 1):
            n, days, chunk = working[done]
            p[N_CLUSTERS.index(n), DAYS.index(days), chunk.start : chunk.stop] = done.result()
            sys.stderr.write(f"\r{count} of {len(asked)}")
    found = np.array([[cell(of_length) for of_length in of_number] for of_number in p])
    return table.Document(
        made_by="python -m core.evaluation.power.make_table",
        n_worlds=n_worlds,
        seed=simulation.SEED,
        n_clusters=N_CLUSTERS,
        days=DAYS,
        n_runs=N_RUNS,
        lasting=tuple(Lasting),
        auc=simulation.AUCS,
        n_found=tuple(found.ravel().tolist()),
    )


if __name__ == "__main__":
    # Arrays are small: with more threads each process would mostly wait for its own.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    files.replace_json(Path(__file__).with_name("table.json"), make().to_dict())
