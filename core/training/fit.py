"""
Train a network, use it, and keep its weights; a training that is killed goes on where it was.

The loop (loop.py) takes batches from the window set as it needs them, so windows are
never materialised; a thread prepares the next batch while the network works.
It does not use `model.fit`: with TensorFlow 2.21 the tuning thread of tf.data
stalls the end of every epoch, up to doubling its time.

Memory: TensorFlow keeps the weights and optimiser state of every model that
was trained in a process, whatever is deleted (about 70 MB for a network of
1-day windows, 400 MB for 1-week windows). Train many networks in child
processes, or in one model after the other with `reuse`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.config import ExperimentConfig, TrainingConfig
from core.errors import InputError
from core.progress import Cancelled
from core.training import checkpoint, fused_adam, network, precision
from core.training.diagnosis import diagnose
from core.training.loop import (
    HISTORY_COLUMNS,
    Loop,
    Windows,
    assign,
    batches,
    evaluation_batch,
    frame,
)

__all__ = ["HISTORY_COLUMNS", "Trained", "Windows", "diagnose", "load_model", "predict", "save_weights", "train"]

CLASS_NAMES = {
    "adamax": "Adamax",
    "adagrad": "Adagrad",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
}


@dataclass(frozen=True)
class Trained:
    """
    What a training left: the model, the history of its epochs, and how it ended.

    `epoch` is the last complete epoch, or with early stopping the best one, whose weights the model holds.
    A cancelled training holds the weights it had reached, which may be inside the epoch after that.
    """

    model: Any
    history: pd.DataFrame
    seconds: float
    epoch: int
    cancelled: bool = False


def train(
    config: ExperimentConfig,
    windows: Windows,
    folder: Path,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_batch: Callable[[int, int], None] | None = None,
    initial_weights: Path | None = None,
    reuse: Trained | None = None,
) -> Trained:
    """
    Train the network of `config` on the rows "train", watching the rows "validation".

    After each epoch one row goes to `folder/history.csv`:

    - loss, accuracy, auc: of the training rows as the network saw them, while it learned ("running", as keras
      reports and the paper plots; they cost nothing, and lag the weights by half an epoch).
    - validation_loss, validation_accuracy, validation_auc: with the weights at the end of the epoch; NaN without
      validation rows.
    - active_units, output_sd: how many hidden units any validation window activates, and the standard
      deviation of the probabilities there (without validation rows, on 256 training rows).
    - seconds: wall time of the epoch, training and validation.

    All are exact and unweighted: cross-entropy in nats, accuracy at `config.training.threshold`, AUC by ranks.

    `folder/checkpoint.npz` is written after each epoch (for a huge network as often as costs a tenth of the time,
    at least every 30 s), and at the end or on cancellation. A training whose folder holds one goes on from it. On the
    same machine the result is equal, to the bit, to that of a training that was never interrupted: order and
    initial weights come from the seed and the epoch's number and from nothing else.

    Parameters
    ----------
    config : ExperimentConfig
    windows : Windows
    folder : Path
        Made if absent.
    on_epoch : callable, optional
        Called with each new row of the history.
    should_stop : callable, optional
        Asked before every batch; True ends the training with `cancelled` set.
    on_batch : callable, optional
        Called with (batches done, batches in the epoch).
    initial_weights : Path, optional
        Start from these weights (a weights.npz) instead of the seed's.
    reuse : Trained, optional
        Train in the model of this earlier result, which is lost; see the memory note above.

    Raises
    ------
    InputError
        If a class is absent from the training rows, the checkpoint is of another computation, the loss
        became infinite, or this machine lacks the backend or the precision.
    """
    options = config.training
    rows, validation_rows = windows.rows("train"), windows.rows("validation")
    _check_rows(windows.labels(rows), len(validation_rows), options)
    precision.check(config)
    model = _prepare(config, windows.n_minutes, reuse)
    if initial_weights is not None:
        assign(network.named_weights(model), _read_weights(model, initial_weights))
    loop = Loop(config, windows, rows, validation_rows, folder, model, should_stop or (lambda: False), on_batch)
    loop.resume()
    cancelled = False
    try:
        while not loop.finished():
            row = loop.run_epoch()
            if on_epoch is not None:
                on_epoch(row)
    except Cancelled:
        cancelled = True
    loop.save_checkpoint(always=True)
    if options.early_stopping_patience and loop.best and not cancelled:
        assign(network.named_weights(model), loop.best)
    history = frame(loop.state.history)
    epoch = loop.state.best_epoch if loop.best and not cancelled else loop.state.epoch
    return Trained(model, history, float(history["seconds"].sum()) + loop.state.seconds, epoch, cancelled)


def earlier_epochs(folder: Path) -> pd.DataFrame:
    """The rows of history that an earlier attempt left in a folder of `train`; the last ones may be trained again."""
    if not (folder / checkpoint.NAME).exists():
        return frame([])
    try:
        return pd.read_csv(folder / "history.csv")
    except (OSError, ValueError):  # killed between the two files; `train` writes it anew from the checkpoint
        return frame([])


def predict(model: Any, windows: Windows, rows: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """
    Probability of label 1 for each row, float64, shape (n,).

    Long windows are taken in smaller batches than `batch_size`, to bound the memory.
    """
    logits = network.gives_logits(model)
    size = evaluation_batch(windows.n_minutes, batch_size)
    parts = [model.predict_on_batch(x) for _, x in batches(windows, np.asarray(rows), size)]
    return network.probability(np.concatenate(parts), logits) if parts else np.empty(0)


def save_weights(model: Any, path: Path) -> None:
    """Write the weights of a model (float32, without optimiser) to an npz file."""
    checkpoint.write(path, network.pieces(network.named_weights(model)))


def load_model(config: ExperimentConfig, n_minutes: int, path: Path) -> Any:
    """
    Build the network of `config` and give it the weights of `save_weights`.

    Whatever backend found the weights, the one of this process (or of KERAS_BACKEND, or TensorFlow) uses them.

    Raises
    ------
    InputError
        If the file is absent, damaged, or of another window length or network.
    """
    model = network.build(config.network, n_minutes, 0, config.training.precision)
    assign(network.named_weights(model), _read_weights(model, path))
    return model


def _prepare(config: ExperimentConfig, n_minutes: int, reuse: Trained | None) -> Any:
    """A compiled model with the seed's initial weights and a fresh optimiser."""
    options = config.training
    keras = network.load_keras(options.backend)
    model = network.build(config.network, n_minutes, options.seed, options.precision)
    optimizer = _optimizer(keras, options)
    if reuse is None:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=network.gives_logits(model))
        model.compile(optimizer=optimizer, loss=loss, metrics=[network.last_outputs(int(options.batch_size))])
        model.optimizer.build(model.trainable_variables)
        # train_on_batch clears keras' own averages before every step: a tenth of the time of 1-hour windows, and
        # nobody reads them.
        model.reset_metrics = lambda: None
        return model
    used = reuse.model
    optimizer.build(used.trainable_variables)
    for old, new in zip(used.weights + used.optimizer.variables, model.weights + optimizer.variables, strict=True):
        old.assign(new)
    for name, state in network.random_state(model).items():
        network.random_state(used)[name].assign(state)
    return used


def _optimizer(keras: Any, options: TrainingConfig) -> Any:
    if options.optimizer == "adam":
        return fused_adam.make(options.learning_rate)
    return getattr(keras.optimizers, CLASS_NAMES[options.optimizer])(learning_rate=options.learning_rate)


def _check_rows(labels: np.ndarray, n_validation: int, options: TrainingConfig) -> None:
    for label in (1, 0):
        if not (labels == label).any():
            raise InputError(
                f"No training window has label {label} ({len(labels)} training windows in all). "
                "Look at the preview of this configuration; widen the period, the detectability or the stations."
            )
    if options.early_stopping_patience and not n_validation:
        raise InputError(
            "Early stopping needs validation windows, and there are none. Set early_stopping_patience = 0."
        )


def _read_weights(model: Any, path: Path) -> dict[str, np.ndarray]:
    shapes = {name: tuple(value.shape) for name, value in network.named_weights(model).items()}
    arrays, _ = checkpoint.read(path, shapes)
    for name, values in arrays.items():
        if values.dtype != np.float32 or not np.isfinite(values).all():
            raise InputError(f"{path}: {name} does not hold finite float32 numbers.")
    return arrays
