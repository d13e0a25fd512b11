"""
Training samples per second: `core.training.fit` against a plain `model.fit` on arrays.

Both train the same network (Table 2) on the same windows, in batches of the
same size, look at the same validation windows after each epoch and report loss,
accuracy and AUC. `model.fit` gets all windows as one array in memory; ours
takes them batch by batch, also counts the active units, and writes its
history and checkpoints. Each measurement is a fresh process, the two take
turns, and the first epoch (which builds the graph) is not counted. The ratio
of wall time counts where the machine is quiet; that of processor time holds
beside other work too, but does not see a stall. Run with

    python benchmarks/training.py [rounds]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CASES = {60: (1920, 320, 8), 1440: (320, 64, 6), 10080: (160, 32, 3)}  # minutes: train, validation windows, epochs
BATCH = 32


class Arrays:
    """Windows of noise; a batch is a copy, as it is from a record."""

    def __init__(self, n_minutes: int, n_train: int, n_validation: int) -> None:
        random = np.random.default_rng(0)
        self.values = random.standard_normal((n_train + n_validation, 3, n_minutes), dtype=np.float32)
        self.label = np.arange(n_train + n_validation) % 2
        self.n_minutes = n_minutes
        self._rows = {"train": np.arange(n_train), "validation": np.arange(n_train, n_train + n_validation)}

    def rows(self, split: str) -> np.ndarray:
        return self._rows[split]

    def labels(self, rows: np.ndarray) -> np.ndarray:
        return self.label[rows]

    def batch(self, rows: np.ndarray) -> np.ndarray:
        return self.values[rows]


def clocks() -> tuple[float, float]:
    """Wall and processor time of this process, seconds."""
    return time.perf_counter(), time.process_time()


def ours(windows: Arrays, epochs: int) -> list[list[float]]:
    """Wall and processor seconds of each epoch, from one row of the history to the next, everything included."""
    from core.config import from_dict
    from core.training import fit

    options = from_dict({"training": {"epochs": epochs, "batch_size": BATCH}})
    ends = []
    with tempfile.TemporaryDirectory() as folder:
        fit.train(options, windows, Path(folder), on_epoch=lambda _: ends.append(clocks()))
    return np.diff(ends, axis=0).tolist()


def plain(windows: Arrays, epochs: int) -> list[list[float]]:
    """The same for `model.fit(x, y, validation_data=...)`."""
    from core.config import NetworkConfig
    from core.training import network

    keras = network.load_keras()
    keras.utils.set_random_seed(0)  # its shuffling draws from the global state
    model = network.build(NetworkConfig(), windows.n_minutes, seed=0)
    x, y = windows.values[..., np.newaxis], windows.label
    n = len(windows.rows("train"))

    class PositiveAUC(keras.metrics.AUC):
        def update_state(self, y_true, y_pred, sample_weight=None):
            return super().update_state(y_true, y_pred[:, 1], sample_weight)

    ends = []
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy", PositiveAUC(name="auc")])
    model.fit(
        x[:n],
        y[:n],
        batch_size=BATCH,
        epochs=epochs,
        validation_data=(x[n:], y[n:]),
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(clocks()))],
    )
    return np.diff(ends, axis=0).tolist()


def child(who: str, n_minutes: int) -> None:
    n_train, n_validation, epochs = CASES[n_minutes]
    seconds = {"ours": ours, "plain": plain}[who](Arrays(n_minutes, n_train, n_validation), epochs)
    print(json.dumps(seconds))


def main(rounds: int) -> None:
    for n_minutes, (n_train, _, _) in CASES.items():
        seconds: dict[str, list[list[float]]] = {"ours": [], "plain": []}
        for _ in range(rounds):
            for who, collected in seconds.items():
                command = [sys.executable, str(Path(__file__).resolve()), who, str(n_minutes)]
                answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                collected += json.loads(answer.splitlines()[-1])
        wall, processor = ({who: np.median(epochs, axis=0)[i] for who, epochs in seconds.items()} for i in (0, 1))
        ratio = [seconds["plain"] / seconds["ours"] for seconds in (wall, processor)]
        print(
            f"{n_minutes:6d}-minute windows, {n_train} per epoch, batch {BATCH}: "
            f"ours {n_train / wall['ours']:,.0f}/s, model.fit {n_train / wall['plain']:,.0f}/s, "
            f"ratio {ratio[0]:.2f} (of processor time {ratio[1]:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else 2)
