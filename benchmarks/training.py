"""
Training samples per second: `core.training.fit` against a plain `model.fit` on arrays, and against PyTorch.

All train the same network (Table 2) on the same windows, in batches of the
same size. Ours and `model.fit` look at the same validation windows after each epoch and
report loss, accuracy and AUC; PyTorch, where it is installed, only trains. `model.fit` gets all windows
as one array in memory; ours takes them batch by batch, also counts the active
units, and writes its history and checkpoints. Ours runs in float32 and, where
the processor has 16-bit products, in mixed precision. Each measurement is a
fresh process, they take turns, and the first epoch (which builds the graph) is
not counted. The ratio of wall time counts where the machine is quiet; that of
processor time holds beside other work too, but does not see a stall.

The fraction of the peak is that of the fastest float32 matrix product measured in
between, per second of processor time. At the end: the AUC on validation windows
after training on windows with planted bursts, in both precisions. Run with

    python benchmarks/training.py [--quick] [--rounds N]
"""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CASES = {  # minutes: training and validation windows, epochs, batch
    60: (1920, 320, 6, 32),
    1440: (320, 64, 5, 32),
    10080: (96, 16, 3, 32),
    43200: (16, 4, 3, 8),
}
QUICK = {60: (960, 96, 4, 32), 1440: (128, 32, 3, 32), 10080: (64, 8, 2, 32)}
MIXED = "mixed_bfloat16"


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


def ours(windows: Arrays, epochs: int, batch: int, precision: str = "float32") -> list[list[float]]:
    """Wall and processor seconds of each epoch, from one row of the history to the next, everything included."""
    from core.config import from_dict
    from core.training import fit

    options = from_dict({"training": {"epochs": epochs, "batch_size": batch, "precision": precision}})
    ends = []
    with tempfile.TemporaryDirectory() as folder:
        fit.train(options, windows, Path(folder), on_epoch=lambda _: ends.append(clocks()))
    return np.diff(ends, axis=0).tolist()


def plain(windows: Arrays, epochs: int, batch: int) -> list[list[float]]:
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
        batch_size=batch,
        epochs=epochs,
        validation_data=(x[n:], y[n:]),
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(clocks()))],
    )
    return np.diff(ends, axis=0).tolist()


def torch(windows: Arrays, epochs: int, batch: int) -> list[list[float]]:
    """The same training in PyTorch, as one would write it."""
    import torch

    n = windows.n_minutes // 4
    relu, pool = torch.nn.ReLU(), torch.nn.MaxPool2d((1, 2))
    model = torch.nn.Sequential(
        *(torch.nn.Conv2d(1, 32, 3, padding=1), relu, pool, torch.nn.Conv2d(32, 64, (1, 3), padding=(0, 1)), relu),
        *(pool, torch.nn.Conv2d(64, 64, (1, 3), padding=(0, 1)), relu, torch.nn.Flatten()),
        *(torch.nn.Linear(3 * n * 64, 64), relu, torch.nn.Linear(64, 2)),
    )
    optimizer, loss = torch.optim.Adam(model.parameters(), fused=True), torch.nn.CrossEntropyLoss()
    rows, ends = windows.rows("train"), []
    x = torch.from_numpy(windows.values[rows])[:, None]
    y = torch.from_numpy(windows.label[rows])
    for _ in range(epochs):
        for part in torch.randperm(len(rows)).split(batch):
            optimizer.zero_grad()
            loss(model(x[part]), y[part]).backward()
            optimizer.step()
        ends.append(clocks())
    return np.diff(ends, axis=0).tolist()


def peak() -> float:
    """Matrix products of float32, 10^9 operations per second of processor time."""
    a = np.ones((2048, 2048), dtype=np.float32)
    best = float("inf")
    for _ in range(4):
        started = time.process_time()
        a @ a
        best = min(best, time.process_time() - started)
    return 2 * 2048**3 / best / 1e9


def operations(n_minutes: int) -> float:
    """Additions and multiplications to train on one window: three times the forward ones, less conv_1's input."""
    conv_1, conv_2 = 3 * n_minutes * 2 * 9 * 32, 3 * (n_minutes // 2) * 2 * 3 * 32 * 64
    conv_3, dense = 3 * (n_minutes // 4) * 2 * 3 * 64 * 64, 2 * 3 * (n_minutes // 4) * 64 * 64
    return 3.0 * (conv_1 + conv_2 + conv_3 + dense) - conv_1


def scores() -> None:
    """Validation AUC after a short training on noise with planted bursts, in both precisions."""
    from core.config import from_dict
    from core.training import fit

    random = np.random.default_rng(2)
    windows = Arrays(120, 240, 160)
    time_of = np.arange(40)
    burst = 1.5 * np.sin(np.pi * time_of / 40) ** 2 * np.sin(2 * np.pi * time_of / 10)
    for i in np.flatnonzero(windows.label):
        start = random.integers(0, 80)
        windows.values[i, :, start : start + 40] += burst.astype(np.float32)
    for precision in ("float32", MIXED):
        found = []
        for seed in range(3):
            options = from_dict({"training": {"epochs": 12, "seed": seed, "precision": precision}})
            with tempfile.TemporaryDirectory() as folder:
                found.append(fit.train(options, windows, Path(folder)).history["validation_auc"].iloc[-1])
        print(f"{precision:>15}: AUC {np.mean(found):.3f} ({min(found):.3f} to {max(found):.3f}, 3 seeds)", flush=True)


def child(who: str, n_minutes: int, quick: bool) -> None:
    n_train, n_validation, epochs, batch = (QUICK if quick else CASES)[n_minutes]
    windows = Arrays(n_minutes, n_train, n_validation)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = {
        "ours": lambda: ours(windows, epochs, batch),
        "ours, mixed": lambda: ours(windows, epochs, batch, MIXED),
        "model.fit": lambda: plain(windows, epochs, batch),
        "PyTorch": lambda: torch(windows, epochs, batch),
    }[who]()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"seconds": seconds, "gib": used / 2**20, "peak": peak()}))


def names() -> list[str]:
    """What can be measured on this machine."""
    from core.training import precision

    found = ["ours", "model.fit"]
    found += ["ours, mixed"] if precision.supported() else []
    return found + (["PyTorch"] if importlib.util.find_spec("torch") else [])


def main(rounds: int, quick: bool) -> None:
    who = names()
    for n_minutes, (n_train, _, _, batch) in (QUICK if quick else CASES).items():
        answers: dict[str, list[dict]] = {name: [] for name in who}
        for _ in range(rounds):
            for name, collected in answers.items():
                command = [sys.executable, str(Path(__file__).resolve()), "child", name, str(n_minutes), str(quick)]
                answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                collected.append(json.loads(answer.splitlines()[-1]))
        print(f"{n_minutes}-minute windows, {n_train} per epoch, batch {batch}:", flush=True)
        fastest = max(answer["peak"] for collected in answers.values() for answer in collected)
        best = {}
        for name, collected in answers.items():
            epochs = np.concatenate([answer["seconds"] for answer in collected])
            best[name] = np.median(epochs, axis=0)
        for name, (wall, processor) in best.items():
            ratio = best["model.fit"] / best[name]
            share = operations(n_minutes) * n_train / processor / 1e9 / fastest
            print(
                f"  {name:12s} {n_train / wall:9,.0f}/s ({n_train / processor:,.0f} per second of processor time), "
                f"ratio to model.fit {ratio[0]:.2f} (processor {ratio[1]:.2f}), {share:.0%} of {fastest:.0f} GFLOP/s, "
                f"{max(answer['gib'] for answer in answers[name]):.2f} GiB above the windows",
                flush=True,
            )
    if "ours, mixed" in who:
        scores()


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "True")
    else:
        given = sys.argv.index("--rounds") + 1 if "--rounds" in sys.argv else 0
        main(int(sys.argv[given]) if given else 1, "--quick" in sys.argv)
