"""The loop itself: epochs and batches, what is watched, and the checkpoint that another process can go on from."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from core import documents, files, typed_documents
from core.config import ExperimentConfig, TrainingConfig
from core.documents import Kinds
from core.errors import InputError
from core.progress import Cancelled
from core.training import checkpoint, measures, network

HISTORY_COLUMNS = [
    "epoch",
    "loss",
    "accuracy",
    "auc",
    "validation_loss",
    "validation_accuracy",
    "validation_auc",
    "active_units",
    "output_sd",
    "seconds",
]
SAMPLE_ROWS = 256  # train rows on which a network without validation rows is watched
EVALUATION_MINUTES = 64 * 10080  # minutes of windows per evaluated batch; bounds the memory of long windows
ANEW = "Delete it to train from the start."
STATE_KINDS: Kinds = {
    "fingerprint": str,
    "epoch": int,
    "batch": int,
    "seconds": float,
    "history": list,
    "best_loss": float,
    "best_epoch": int,
}


class Windows(Protocol):
    """What training needs of a window set."""

    @property
    def n_minutes(self) -> int:
        """Window length."""

    def rows(self, split: str) -> np.ndarray:
        """Positions of the accepted rows of "train", "validation" or "test"."""

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """Labels 0 and 1, shape (n,)."""

    def batch(self, rows: np.ndarray) -> np.ndarray:
        """The windows themselves, float32 (n, 3, n_minutes), without NaN."""


@dataclass
class State:
    """Everything beside weights and optimiser that a resumed training must know."""

    fingerprint: str
    epoch: int = 0  # complete epochs
    batch: int = 0  # batches done in the epoch under way
    seconds: float = 0.0  # spent on the epoch under way
    history: list[dict[str, float]] = field(default_factory=list)
    best_loss: float = float("inf")
    best_epoch: int = 0


class Loop:
    """One training under way: the model, its state, and the files in its folder."""

    def __init__(
        self,
        config: ExperimentConfig,
        windows: Windows,
        rows: np.ndarray,
        validation_rows: np.ndarray,
        folder: Path,
        model: Any,
        should_stop: Callable[[], bool],
        on_batch: Callable[[int, int], None] | None,
    ) -> None:
        self.options, self.batch_size = config.training, int(config.training.batch_size)
        self.windows, self.rows, self.validation_rows = windows, rows, validation_rows
        self.folder, self.model, self.should_stop, self.on_batch = folder, model, should_stop, on_batch
        self.labels = np.asarray(windows.labels(rows), dtype=np.int64)
        self.logits = network.gives_logits(model)
        self.probe = network.with_hidden(model)
        self.seen = np.empty(len(rows))  # probabilities of the training rows, in the order of the epoch under way
        self.best: dict[str, np.ndarray] = {}
        self.state = State(_fingerprint(config, windows, rows, validation_rows))
        self.pace = checkpoint.Pace()
        self._saved = (0, 0)

    def finished(self) -> bool:
        """True after the last epoch, or when early stopping has waited long enough."""
        patience, state = self.options.early_stopping_patience, self.state
        return state.epoch >= self.options.epochs or 0 < patience <= state.epoch - state.best_epoch

    def run_epoch(self) -> dict[str, float]:
        """Train one epoch (or the rest of one), look at the validation rows, keep the row and a checkpoint."""
        state = self.state
        started = time.perf_counter() - state.seconds
        # The order depends on the seed and the epoch only, so a resumed epoch goes through the same batches.
        order = np.random.default_rng([self.options.seed, state.epoch]).permutation(len(self.rows))
        size = self.batch_size
        total = -(-len(order) // size)
        weight = class_weights(self.labels, self.options)
        try:
            for part, x in batches(self.windows, self.rows, size, order[state.batch * size :]):
                self._look()
                label = self.labels[part]
                sample_weight = None if weight is None else weight[label]
                logs = self.model.train_on_batch(x, label, sample_weight=sample_weight, return_dict=True)
                first = state.batch * size
                outputs = np.asarray(logs["outputs"])[: len(part)]
                self.seen[first : first + len(part)] = network.probability(outputs, self.logits)
                state.batch += 1
                if self.on_batch is not None:
                    self.on_batch(state.batch, total)
            row = {"epoch": state.epoch + 1, **self._measure(self.labels[order], self.seen, ""), **self._watch()}
        finally:
            state.seconds = time.perf_counter() - started
        row["seconds"] = state.seconds
        state.epoch, state.batch, state.seconds = state.epoch + 1, 0, 0.0
        state.history.append(row)
        self._keep_best(row["validation_loss"])
        self.save_checkpoint()
        _write_history(self.folder, state.history)
        return row

    def _watch(self) -> dict[str, float]:
        rows = self.validation_rows
        watched = rows if len(rows) else self.rows[:: max(1, len(self.rows) // SAMPLE_ROWS)][:SAMPLE_ROWS]
        active, probabilities = np.zeros(network.n_hidden(self.model), dtype=bool), []
        for _, x in batches(self.windows, watched, evaluation_batch(self.windows.n_minutes)):
            self._look()
            hidden, outputs = self.probe.predict_on_batch(x)
            active |= network.active_units(hidden)
            probabilities.append(network.probability(outputs, self.logits))
        probability = np.concatenate(probabilities)
        measured = self._measure(self.windows.labels(rows), probability if len(rows) else np.empty(0), "validation_")
        return {**measured, "active_units": int(active.sum()), "output_sd": float(probability.std())}

    def _measure(self, label: np.ndarray, probability: np.ndarray, prefix: str) -> dict[str, float]:
        if not np.isfinite(probability).all():
            raise InputError(
                f"The loss became infinite in epoch {self.state.epoch + 1}: the steps are too long. "
                f"Lower learning_rate (now {self.options.learning_rate:g}) or look at the normalisation."
            )
        return {
            f"{prefix}loss": measures.log_loss(label, probability),
            f"{prefix}accuracy": measures.accuracy(label, probability, self.options.threshold),
            f"{prefix}auc": measures.auc(label, probability),
        }

    def _look(self) -> None:
        if self.should_stop():
            raise Cancelled

    def _keep_best(self, validation_loss: float) -> None:
        if self.options.early_stopping_patience and validation_loss < self.state.best_loss:
            self.state.best_loss, self.state.best_epoch = validation_loss, self.state.epoch
            self.best = {}  # before the new ones are copied, so that two copies are never there
            self.best = network.copies(network.named_weights(self.model))

    def _variables(self) -> dict[str, Any]:
        variables = {f"weights/{name}": value for name, value in network.named_weights(self.model).items()}
        variables |= {f"random/{name}": value for name, value in network.random_state(self.model).items()}
        return variables | {f"optimizer/{i}": value for i, value in enumerate(self.model.optimizer.variables)}

    def save_checkpoint(self, always: bool = False) -> None:
        """Write the checkpoint if it is due, or `always`; a state that is already on disk is not written again."""
        state = self.state
        if (state.epoch, state.batch) == self._saved or not (always or self.pace.due()):
            return
        arrays: dict[str, Any] = {**network.pieces(self._variables())}
        arrays |= {f"best/{name}": value for name, value in self.best.items()}
        arrays["seen"] = self.seen[: state.batch * self.batch_size]
        self.pace.write(self.folder / checkpoint.NAME, arrays, vars(state))
        self._saved = (state.epoch, state.batch)

    def resume(self) -> None:
        """Take up the checkpoint of the folder, if there is one, and clear away what a kill left half written."""
        files.clear_leftovers(self.folder)
        path = self.folder / checkpoint.NAME
        if not path.exists():
            return
        arrays, saved = checkpoint.read(path, remedy=ANEW)
        try:
            documents.check_kinds(typed_documents.table_of(saved), STATE_KINDS)
            if saved["fingerprint"] != self.state.fingerprint:
                raise InputError(f"{path} belongs to another configuration or to other windows. {ANEW}")
            assign(self._variables(), arrays)
            self.state = State(**saved)
            self.seen[: len(arrays["seen"])] = arrays["seen"]
        except InputError:
            raise
        except documents.UNUSABLE:
            raise InputError(f"{path} was written by another version of this program or of keras. {ANEW}") from None
        self.best = {name.removeprefix("best/"): value for name, value in arrays.items() if name.startswith("best/")}
        self._saved = (self.state.epoch, self.state.batch)
        _write_history(self.folder, self.state.history)


def evaluation_batch(n_minutes: int, wanted: int = 64) -> int:
    """How many windows to evaluate at once: `wanted`, fewer for windows longer than a week."""
    return max(1, min(wanted, EVALUATION_MINUTES // n_minutes))


def batches(
    windows: Windows, rows: np.ndarray, size: int, order: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions in `rows` and their windows (n, 3, n_minutes, 1), batch by batch; the next one is made meanwhile."""
    order = np.arange(len(rows)) if order is None else order
    parts = [order[i : i + size] for i in range(0, len(order), size)]
    with ThreadPoolExecutor(1) as pool:
        upcoming = [pool.submit(windows.batch, rows[part]) for part in parts[:1]]
        for i, part in enumerate(parts):
            x = upcoming.pop().result()
            upcoming = [pool.submit(windows.batch, rows[following]) for following in parts[i + 1 : i + 2]]
            yield part, x[..., np.newaxis]


def class_weights(labels: np.ndarray, options: TrainingConfig) -> np.ndarray | None:
    """Weight by label, so that both classes weigh the same in sum and the mean weight is 1; None: no weights."""
    if options.class_weights == "none":
        return None
    return (len(labels) / (2 * np.bincount(labels, minlength=2))).astype(np.float32)


def _fingerprint(config: ExperimentConfig, windows: Windows, rows: np.ndarray, validation_rows: np.ndarray) -> str:
    """Which computation a checkpoint belongs to: config, window length, rows and labels."""
    digest = hashlib.sha256(f"{config.id} {windows.n_minutes}".encode())
    for part in (rows, validation_rows):
        digest.update(np.asarray(part, dtype=np.int64).tobytes() + b"/")
        digest.update(np.asarray(windows.labels(part), dtype=np.int8).tobytes() + b"/")
    return digest.hexdigest()


def assign(variables: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Give each variable the array of its name."""
    for name, variable in variables.items():
        variable.assign(arrays[name])


def frame(history: list[dict[str, float]]) -> pd.DataFrame:
    """The history as a table with the columns `HISTORY_COLUMNS`, also before the first row."""
    return pd.DataFrame(history, columns=HISTORY_COLUMNS).astype({"epoch": int, "active_units": int})


def _write_history(folder: Path, history: list[dict[str, float]]) -> None:
    files.replace_text(folder / "history.csv", frame(history).to_csv(index=False, lineterminator="\n"))
