"""
The network of Table 2 of Petrescu & Moldovan (2022), for any window length.

Three convolutions, two poolings along time, one hidden dense layer, two
outputs. With a week of minutes 99.94 % of its 30,984,834 parameters stand in
the hidden dense layer, so its capacity grows with the window length.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from core.config import NetworkConfig
from core.errors import InputError

N_COMPONENTS = 3
HIDDEN_UNITS = 64
HIDDEN = "dense_1"
OUTPUT = "output"
MIN_MINUTES = 16
ALWAYS_THERE = 1e-6  # an activation below this is none, for a ReLU and for a saturated softmax


def load_keras() -> Any:
    """
    Import keras (backend TensorFlow, or what KERAS_BACKEND names), without its chatter.

    The environment must be set before the first import, so this is the only
    door. TF_DETERMINISTIC_OPS asks for kernels that give the same bits every
    time; on a processor that costs nothing measurable.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
    if "keras" in sys.modules:
        import keras

        return keras
    with _silent_stderr():
        import keras

        keras.ops.zeros(1)  # the backend looks for devices at its first operation, and talks about it
    return keras


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """
    Send file descriptor 2 to nowhere for a moment.

    TensorFlow 2.21 writes a dozen lines about missing GPUs before any setting
    of its log level is heard, from C++, so only the descriptor stops it. A
    Python exception still travels up and is shown.
    """
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def build(config: NetworkConfig, n_minutes: int, seed: int) -> Any:
    """
    Build Table 2, not compiled, with input (3, n_minutes, 1) and two outputs.

    Parameters
    ----------
    config : NetworkConfig
        `activation_column = "text"`: ReLU on Dense-64, softmax on the outputs.
        `"table"`: the column as printed, softmax on Dense-64 and linear
        outputs, which are then logits.
    n_minutes : int
        Window length, 16 or more; each pooling halves it and drops a remainder.
    seed : int
        Every layer gets its own integer seed derived from it, so the initial
        weights depend on nothing else in the process.

    Returns
    -------
    keras.Model
    """
    _check_length(n_minutes)
    keras = load_keras()
    seeds = [int(s) for s in np.random.SeedSequence(seed).generate_state(5)]
    hidden, output = ("relu", "softmax") if config.activation_column == "text" else ("softmax", "linear")

    # A user's keras.json may change the default dtype and axis order; the layers say theirs.
    def convolution(number: int, filters: int, kernel: tuple[int, int]) -> Any:
        return keras.layers.Conv2D(
            filters,
            kernel,
            padding="same",
            activation="relu",
            data_format="channels_last",
            dtype="float32",
            kernel_initializer=keras.initializers.GlorotUniform(seed=seeds[number - 1]),
            name=f"conv_{number}",
        )

    def pooling(number: int) -> Any:
        return keras.layers.MaxPooling2D(
            (1, 2), padding="valid", data_format="channels_last", dtype="float32", name=f"pool_{number}"
        )

    def dense(units: int, activation: str, layer_seed: int, name: str) -> Any:
        start = keras.initializers.GlorotUniform(seed=layer_seed)
        return keras.layers.Dense(units, activation=activation, kernel_initializer=start, dtype="float32", name=name)

    return keras.Sequential(
        [
            keras.Input((N_COMPONENTS, n_minutes, 1), dtype="float32", name="window"),
            convolution(1, 32, (3, 3)),
            pooling(1),
            convolution(2, 64, (1, 3)),
            pooling(2),
            convolution(3, 64, (1, 3)),
            keras.layers.Flatten(data_format="channels_last", dtype="float32", name="flatten"),
            dense(HIDDEN_UNITS, hidden, seeds[3], HIDDEN),
            dense(2, output, seeds[4], OUTPUT),
        ],
        name="table2",
    )


def n_parameters(n_minutes: int) -> int:
    """
    Number of weights of the network, without building it.

    >>> n_parameters(10080)
    30984834
    """
    _check_length(n_minutes)
    flat = N_COMPONENTS * (n_minutes // 2 // 2) * 64
    return (
        (3 * 3 * 32 + 32) + (3 * 32 * 64 + 64) + (3 * 64 * 64 + 64) + (flat + 1) * HIDDEN_UNITS + 2 * HIDDEN_UNITS + 2
    )


def layer_table(model: Any) -> pd.DataFrame:
    """The layers of a built model: layer, kind, activation, output_shape (without the batch axis), n_parameters."""
    rows = []
    for layer in model.layers:
        activation = getattr(layer, "activation", None)
        rows.append(
            {
                "layer": layer.name,
                "kind": type(layer).__name__,
                "activation": activation.__name__ if activation else "",
                "output_shape": tuple(layer.output.shape[1:]),
                "n_parameters": int(layer.count_params()),
            }
        )
    return pd.DataFrame(rows)


def gives_logits(model: Any) -> bool:
    """True if the two outputs are logits (reading "table"), False if they are probabilities."""
    return model.get_layer(OUTPUT).activation.__name__ == "linear"


def probability(outputs: np.ndarray, logits: bool) -> np.ndarray:
    """
    Probability of label 1 from the two outputs.

    Parameters
    ----------
    outputs : ndarray, shape (n, 2)
    logits : bool
        Apply the softmax here, as the network does not.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    if not logits:
        return outputs[:, 1]
    with np.errstate(over="ignore"):  # exp overflows to inf where the probability is 0, which is right
        return 1.0 / (1.0 + np.exp(outputs[:, 0] - outputs[:, 1]))


def active_units(hidden: np.ndarray) -> np.ndarray:
    """Which of the Dense-64 units any of these windows activates: (n, 64) activations to (64,) bool."""
    return np.any(hidden > ALWAYS_THERE, axis=0)


def with_hidden(model: Any) -> Any:
    """A model on the same weights with two outputs: the activations of Dense-64 and the outputs of `model`."""
    keras = load_keras()
    return keras.Model(model.inputs, [model.get_layer(HIDDEN).output, model.get_layer(OUTPUT).output])


def last_outputs(batch_size: int) -> Any:
    """
    A keras metric that is the outputs of the batch just trained on, (batch_size, 2); a short one fills the first rows.

    It makes the training metrics exact (`train_on_batch` returns averages only) without a second pass.
    """
    keras = load_keras()
    base: Any = keras.metrics.Metric

    class LastOutputs(base):
        def __init__(self) -> None:
            super().__init__(name="outputs", dtype="float32")
            self.values = self.add_variable((batch_size, 2), "zeros", name="values")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            rest = self.values[keras.ops.shape(y_pred)[0] :]
            self.values.assign(keras.ops.concatenate([y_pred, rest], axis=0))

        def result(self) -> Any:
            return self.values.value

    return LastOutputs()


def named_weights(model: Any) -> dict[str, Any]:
    """The weights of the model as keras variables, by name ("conv_1/kernel", "conv_1/bias", ...)."""
    return {f"{layer.name}/{weight.name}": weight for layer in model.layers for weight in layer.weights}


def arrays(variables: dict[str, Any]) -> dict[str, np.ndarray]:
    """The present values of keras variables; they may share memory, so copy what must outlive the next step."""
    return {name: np.asarray(variable) for name, variable in variables.items()}


def _check_length(n_minutes: int) -> None:
    if n_minutes < MIN_MINUTES:
        raise InputError(f"A window of {n_minutes} minutes is too short for the network; it needs {MIN_MINUTES}.")
