"""
The peak of memory of a training against what it must hold: `core.training.fit.train` with the network of Table 2.

What it must hold, `core.training.memory.needed`: the weights, what the optimiser keeps (Adam: two numbers
for each weight), one batch of windows with what the layers keep of it for the way back, and the next batch.
Of the gradients of the weights only one block of the large layer's is in it (8 MB), nor is the set of all
windows: a window is cut when it is needed. With plain descent it is the drawing of the first weights.

What it takes is the largest resident memory of the process during the training (two epochs
with validation and checkpoints) less what the process held just before, with the libraries
loaded and a small network trained: the first training starts threads and builds graphs,
which costs the same whatever is trained ("fixed" in the notes). Each case is a fresh process. Run with

    python benchmarks/memory.py [--quick]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import rows

CASES = {60: ("1 hour", (8, 32)), 1440: ("1 day", (1, 8, 32, 64)), 10080: ("1 week", (1, 8, 32, 64))}
LONG = {43200: ("30 days", (1, 8, 32))}
SMALL = 60  # minutes
GOAL = "ratio >= 0.77"  # needed over taken: taken is at most 1.3 times what is needed


class Stretches:
    """Windows of a short record of noise, cut when they are asked for, so that any number of them costs nothing."""

    def __init__(self, n_minutes: int, n_train: int, n_validation: int) -> None:
        self.n_minutes, self._n = n_minutes, {"train": n_train, "validation": n_validation}
        self._record = np.random.default_rng(0).standard_normal((3, n_minutes + 997), dtype=np.float32)

    def rows(self, split: str) -> np.ndarray:
        return np.arange(self._n[split]) + (split == "validation") * self._n["train"]

    def labels(self, rows: np.ndarray) -> np.ndarray:
        return rows % 2

    def batch(self, rows: np.ndarray) -> np.ndarray:
        return np.stack([self._record[:, row % 997 : row % 997 + self.n_minutes] for row in rows])


def status(name: str) -> int:
    """Bytes that /proc says of this process: VmRSS, what it holds now, VmHWM, the most it has held."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name + ":"))
    return 1024 * int(line.split()[1])


def child(n_minutes: int, batch: int, n_train: int, options: dict) -> None:
    """Train with these options (tables by section), and print what was needed and what was taken."""
    from core.config import ExperimentConfig, from_dict
    from core.training import fit, memory, network

    network.load_keras()
    begun = status("VmRSS")

    def train(length: int, size: int, n: int) -> ExperimentConfig:
        training = {"epochs": 2, "batch_size": size, **options.get("training", {})}
        config = from_dict({**options, "windows": {"length_minutes": length}, "training": training})
        with tempfile.TemporaryDirectory() as folder:
            fit.train(config, Stretches(length, n, max(2, n // 4)), Path(folder))
        return config

    train(SMALL, 2, 2)
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the largest begins anew
    config = train(n_minutes, batch, n_train)
    found = {"needed": memory.needed(config, batch), "taken": status("VmHWM") - before, "fixed": before - begun}
    print(json.dumps(found))


def measure(n_minutes: int, batch: int, n_train: int = 0, **training: Any) -> dict:
    """`child` in a fresh process."""
    asked = json.dumps([n_minutes, batch, n_train or 4 * batch, {"training": training}])
    command = [sys.executable, str(Path(__file__).resolve()), "child", asked]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def say(words: str, found: dict, goal: str) -> None:
    """The row of one case."""
    rows.say(
        words,
        found["taken"] / 2**30,
        found["needed"] / 2**30,
        found["needed"] / found["taken"],
        "GiB",
        against="must hold",
        goal=goal,
        note=f"takes {found['taken'] / found['needed']:.2f} of it, fixed {found['fixed'] / 2**20:.0f} MiB",
    )


def main(quick: bool) -> None:
    for n_minutes, (words, sizes) in (CASES if quick else CASES | LONG).items():
        for batch in sizes[-1:] if quick else sizes:
            say(f"{words}, batch {batch}", measure(n_minutes, batch), GOAL if n_minutes >= 1440 else "")
    if not quick:
        say("1 week, batch 8, early stopping", measure(10080, 8, early_stopping_patience=5), GOAL)
        say("1 week, batch 8, SGD", measure(10080, 8, optimizer="sgd"), GOAL)
    few, many = (measure(1440, 32, n)["taken"] / 2**30 for n in (128, 1280))
    rows.say("1 day, batch 32, ten times as many windows", many, few, few / many, "GiB", against="128 windows")


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(*json.loads(sys.argv[2]))
    else:
        main(rows.parser(__doc__).parse_args().quick)
