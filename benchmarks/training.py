"""
Training windows per second: `core.training.fit` against a plain `model.fit` on arrays, and against PyTorch.

All train the same network (Table 2) on the same windows, in batches of the
same size. Ours and `model.fit` look at the same validation windows after each epoch and
report loss, accuracy and AUC; PyTorch, where it is installed, only trains. `model.fit` trains keras' own layers, in
the same environment (without TF_DETERMINISTIC_OPS it is no faster); it gets all windows
as one array in memory; ours takes them batch by batch, also counts the active
units, and writes its history and checkpoints. Ours runs in float32 and, where
the processor has 16-bit products, in mixed precision. Each measurement is a
fresh process, they take turns, and the first epoch (which builds the graph) is
not counted; of the others the median. A week's checkpoint, a tenth of the time at most, is not in every epoch and so
not in the median. The ratio of wall time counts where the machine is quiet; that of
processor time holds beside other work too, but does not see a stall: with TensorFlow 2.21 a thread of
`model.fit` holds up the end of an epoch until the next of 0.3, 0.6, 1.3, 2.6 and 5.1 s, so its
wall time, and the ratio, depends on how long an epoch happens to last.

Memory is what the process took above the windows, TensorFlow (0.6 GiB) included. The fraction of the
peak is that of the fastest matrix product of the same precision in keras, measured on the same cores
right after. The last row is no speed: the AUC on validation windows
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
from typing import NamedTuple

import numpy as np
import rows

MIXED = "mixed_bfloat16"
OURS, PLAIN, OURS_MIXED, PYTORCH = "ours", "model.fit", "ours, mixed", "PyTorch"


class Case(NamedTuple):
    """Minutes of a window, how many are trained on and validated with, epochs, batch; goals of both precisions."""

    n_minutes: int
    n_train: int
    n_validation: int
    epochs: int
    batch: int
    goal: str = "ratio >= 1"
    mixed_goal: str = "ratio >= 1"

    @property
    def words(self) -> str:
        return f"{self.n_minutes:,} minutes, {self.n_train:,} windows, batch {self.batch}"


CASES = (
    Case(60, 1920, 320, 6, 32),
    Case(1440, 320, 64, 5, 8),
    Case(1440, 320, 64, 5, 32),
    Case(10080, 96, 16, 6, 8),
    Case(10080, 320, 32, 6, 32, "ratio >= 1.6", "ratio >= 4"),
    Case(43200, 16, 4, 3, 8),
)
QUICK = (Case(60, 960, 96, 4, 32), Case(1440, 128, 32, 3, 32))


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
    from core.training import network

    keras = network.load_keras()
    keras.utils.set_random_seed(0)  # initial weights and shuffling draw from the global state
    layers, relu = keras.layers, {"padding": "same", "activation": "relu"}
    model = keras.Sequential(
        [
            *(keras.Input((3, windows.n_minutes, 1)), layers.Conv2D(32, 3, **relu), layers.MaxPooling2D((1, 2))),
            *(layers.Conv2D(64, (1, 3), **relu), layers.MaxPooling2D((1, 2)), layers.Conv2D(64, (1, 3), **relu)),
            *(layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(2, "softmax")),
        ]
    )
    assert model.count_params() == network.n_parameters(windows.n_minutes)
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


def peak(precision: str) -> float:
    """The fastest product of two large matrices, 10^9 operations per second of wall time."""
    from core.training import network

    ops, n = network.load_keras().ops, 4096
    a = ops.ones((n, n), dtype="bfloat16" if precision == MIXED else "float32")
    best = float("inf")
    for _ in range(4):
        started = time.perf_counter()
        ops.convert_to_numpy(ops.matmul(a, a)[:1, :1])
        best = min(best, time.perf_counter() - started)
    return 2 * n**3 / best / 1e9


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
    found: dict[str, list[float]] = {"float32": [], MIXED: []}
    for precision, aucs in found.items():
        for seed in range(3):
            options = from_dict({"training": {"epochs": 12, "seed": seed, "precision": precision}})
            with tempfile.TemporaryDirectory() as folder:
                aucs.append(fit.train(options, windows, Path(folder)).history["validation_auc"].iloc[-1])
    spread = "; ".join(f"{name} {min(aucs):.3f} to {max(aucs):.3f}" for name, aucs in found.items())
    plain, mixed = (np.mean(aucs) for aucs in found.values())
    note = f"mean validation AUC in mixed precision beside float32, 3 seeds: {spread}"
    rows.say("planted bursts", mixed, plain, unit="AUC", against="float32", note=note)


def child(who: str, case: Case) -> None:
    windows = Arrays(case.n_minutes, case.n_train, case.n_validation)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = {
        OURS: lambda: ours(windows, case.epochs, case.batch),
        OURS_MIXED: lambda: ours(windows, case.epochs, case.batch, MIXED),
        PLAIN: lambda: plain(windows, case.epochs, case.batch),
        PYTORCH: lambda: torch(windows, case.epochs, case.batch),
    }[who]()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    fastest = peak(MIXED if who == OURS_MIXED else "float32")
    print(json.dumps({"seconds": seconds, "gib": used / 2**20, "peak": fastest}))


def names() -> list[str]:
    """What can be measured on this machine."""
    from core.training import precision

    found = [OURS, PLAIN]
    if precision.supported():
        found.append(OURS_MIXED)
    else:
        rows.absent("This processor has no products of 16-bit numbers, so mixed precision is not measured.")
    if importlib.util.find_spec("torch"):
        found.append(PYTORCH)
    else:
        rows.absent("PyTorch is not installed, so there is no ratio to it (pip install torch).")
    return found


def measure(case: Case, who: list[str], rounds: int) -> None:
    """Time one case and say its ratios."""
    answers: dict[str, list[dict]] = {name: [] for name in who}
    for _ in range(rounds):
        for name, collected in answers.items():
            command = [sys.executable, str(Path(__file__).resolve()), "child", name, json.dumps(case)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            collected.append(json.loads(answer.splitlines()[-1]))
    best, peaks = {}, {}
    for name, collected in answers.items():
        best[name] = np.median(np.concatenate([answer["seconds"] for answer in collected]), axis=0)
        peaks[name] = max(answer["peak"] for answer in collected)
    for name, goal in ((OURS, case.goal), (OURS_MIXED, case.mixed_goal)):
        for peer in (PLAIN, PYTORCH):
            if name not in best or peer not in best:
                continue
            wall, processor = best[peer] / best[name]
            share = operations(case.n_minutes) * case.n_train / best[name][0] / 1e9 / peaks[name]
            rows.say(
                f"{case.words}{', mixed_bfloat16' if name == OURS_MIXED else ''}",
                case.n_train / best[name][0],
                case.n_train / best[peer][0],
                wall,
                "windows/s",
                against=peer,
                goal=goal if peer == PLAIN else "",
                memory=max(answer["gib"] for answer in answers[name]),
                note=f"ratio of processor time {processor:.2f}; {share:.0%} of {peaks[name]:,.0f} GFLOP/s",
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], Case(*json.loads(sys.argv[3])))
    else:
        parser = rows.parser(__doc__)
        parser.add_argument("--rounds", type=int, default=1, metavar="N", help="how often each is timed")
        chosen = parser.parse_args()
        there = names()
        for case in QUICK if chosen.quick else CASES:
            measure(case, there, chosen.rounds)
        if OURS_MIXED in there:
            scores()
