"""
The network of Table 2 of Petrescu & Moldovan (2022), for any window length, and its variants.

Three convolutions, two poolings along time, one hidden dense layer, two
outputs. With a week of minutes 99.94 % of its 30,984,834 parameters stand in
the hidden dense layer, so its capacity grows with the window length. The
variants are listed in architectures.py.
"""

from __future__ import annotations

import ctypes
import logging
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

import numpy as np

from core import commands
from core.config import NetworkConfig
from core.errors import InputError
from core.training import architectures, blocks, convolution
from core.training.architectures import N_COMPONENTS

HIDDEN = "dense_1"
OUTPUT = "output"
ALWAYS_THERE = 1e-6  # an activation below this is none, for a ReLU and for a saturated softmax


def load_keras(backend: str = "auto") -> Any:
    """
    Import keras without its chatter.

    The environment must be set before the first import, so this is the only
    door. TF_DETERMINISTIC_OPS asks for kernels that give the same bits every
    time; on a processor that costs nothing measurable. Of a GPU only what is
    used is taken, so that several processes can share one. With torch the C
    library keeps the memory that a step frees: to ask the system for new pages
    in every step takes three times as long.

    Parameters
    ----------
    backend : "auto", "tensorflow", "jax" or "torch"
        auto: what is loaded already, what KERAS_BACKEND names, or TensorFlow.

    Raises
    ------
    InputError
        If the backend is not installed, or this process has loaded another one.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns users of every model after the fourth
    if "keras" in sys.modules:
        import keras

        _check_loaded(keras.backend.backend(), backend)
        return keras
    chosen = os.environ["KERAS_BACKEND"] = backend_name(backend)  # or keras would look into a file in the home
    if find_spec(chosen) is None:
        raise InputError(
            f"The backend {chosen} is not installed. Install it ({commands.typed(f'pip install {chosen}')}), "
            'or set [training] backend = "tensorflow".'
        )
    if chosen == "torch":
        _keep_freed_memory()
    with _silent_stderr():
        import keras

        keras.ops.zeros(1)  # the backend looks for devices at its first operation, and talks about it
    _check_loaded(keras.backend.backend(), backend)
    return keras


def backend_name(backend: str) -> str:
    """The backend that a configuration means: "auto" is the one loaded, that of KERAS_BACKEND, or TensorFlow."""
    if backend != "auto":
        return backend
    if "keras" in sys.modules:
        return str(sys.modules["keras"].backend.backend())
    return os.environ.get("KERAS_BACKEND") or "tensorflow"


def _check_loaded(loaded: str, wanted: str) -> None:
    if wanted not in ("auto", loaded):
        raise InputError(
            f"This process computes with {loaded} already and cannot change to {wanted}: "
            "start a new one for a configuration with another backend."
        )


def _keep_freed_memory() -> None:
    """What MALLOC_MMAP_MAX_=0 and MALLOC_TRIM_THRESHOLD_ in the environment do, for this process; glibc only."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(-4, 0)  # M_MMAP_MAX
        library.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD
        library.mallopt(-2, 2**28)  # M_TOP_PAD


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


def build(config: NetworkConfig, n_minutes: int, seed: int, precision: str = "float32") -> Any:
    """
    Build the network of a config, not compiled, with input (3, n_minutes, 1) and two outputs.

    Parameters
    ----------
    config : NetworkConfig
        `activation_column = "text"`: ReLU on the hidden units, softmax on the outputs.
        `"table"`: the column as printed, softmax on the hidden units and linear
        outputs, which are then logits.
    n_minutes : int
        Window length; each pooling shortens it and drops a remainder.
    seed : int
        Every layer gets its own integer seed derived from it, so the initial
        weights depend on nothing else in the process.
    precision : "float32" or "mixed_bfloat16"
        Of the products; weights and outputs are float32 either way.

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        If the window is too short for the network, or the network too large.
    """
    found = architectures.layers(config, n_minutes)
    keras = load_keras()
    seeds = iter(int(s) for s in np.random.SeedSequence(seed).generate_state(len(found)))
    n_dense = sum(isinstance(layer, architectures.Dense) for layer in found)
    numbers: dict[type, int] = {}
    made = [keras.Input((N_COMPONENTS, n_minutes, 1), dtype="float32", name="window")]
    shape = architectures.shape_after([], n_minutes)
    for layer in found:
        number = numbers[type(layer)] = numbers.get(type(layer), 0) + 1
        made.append(_keras_layer(keras, layer, number, n_dense, shape, seeds, precision))
        shape = architectures.after(layer, shape)
    return blocks.model_class(keras, made)(made, name=config.name)


def _keras_layer(
    keras: Any,
    layer: architectures.Layer,
    number: int,
    n_dense: int,
    shape: architectures.Shape,
    seeds: Iterator[int],
    precision: str,
) -> Any:
    """The keras layer of one entry of an architecture; `number` counts its kind from 1."""
    # A user's keras.json may change the default dtype and axis order; the layers say theirs.
    axes: dict[str, Any] = {"data_format": "channels_last", "dtype": precision}
    match layer:
        case architectures.ComponentsAsChannels():
            return keras.layers.Permute((3, 2, 1), dtype=precision, name="as_channels")
        case architectures.Convolution(filters, kernel, dilation):
            return convolution.layer_class(keras, precision, dilation)(
                filters,
                kernel,
                padding="same",
                dilation_rate=(1, dilation),
                activation="relu",
                kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
                name=f"conv_{number}",
                **axes,
            )
        case architectures.Pooling(size):
            return keras.layers.MaxPooling2D((1, size), padding="valid", name=f"pool_{number}", **axes)
        case architectures.Average():
            return keras.layers.AveragePooling2D((1, shape[1]), padding="valid", name="average", **axes)
        case architectures.Flatten():
            return keras.layers.Flatten(name="flatten", **axes)
        case architectures.Dropout(rate):
            return keras.layers.Dropout(rate, seed=next(seeds), dtype=precision, name="dropout")
        case architectures.Dense(units, activation):
            last = number == n_dense
            return blocks.dense_class(keras, math.prod(shape) * units, precision)(
                units,
                activation=activation,
                kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
                dtype="float32" if last else precision,
                name=OUTPUT if last else f"dense_{number}",
            )
    raise AssertionError(layer)


def n_parameters(n_minutes: int, config: NetworkConfig | None = None) -> int:
    """
    Number of weights of a network (Table 2 if none is named), without building it.

    >>> n_parameters(10080)
    30984834
    """
    return architectures.n_parameters(architectures.layers(config or NetworkConfig(), n_minutes), n_minutes)


def gives_logits(model: Any) -> bool:
    """True if the two outputs are logits (reading "table"), False if they are probabilities."""
    linear: bool = model.get_layer(OUTPUT).activation.__name__ == "linear"
    return linear


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
        positive: np.ndarray = 1.0 / (1.0 + np.exp(outputs[:, 0] - outputs[:, 1]))
    return positive


def n_hidden(model: Any) -> int:
    """How many hidden units the (first) hidden dense layer has."""
    return int(model.get_layer(HIDDEN).units)


def active_units(hidden: np.ndarray) -> np.ndarray:
    """Which of the hidden units any of these windows activates: (n, n_units) activations to (n_units,) bool."""
    active: np.ndarray = np.any(hidden > ALWAYS_THERE, axis=0)
    return active


def with_hidden(model: Any) -> Any:
    """A model on the same weights with two outputs: the activations of the (first) hidden layer and the outputs."""
    keras = load_keras()
    return keras.Model(model.inputs[0], [model.get_layer(HIDDEN).output, model.get_layer(OUTPUT).output])


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
    """The weights of the model as variables of keras (or several joined), by name ("conv_1/kernel", ...)."""
    found: dict[str, Any] = {}
    for layer in model.layers:
        own = layer.named_weights() if blocks.in_blocks(layer) else {weight.name: weight for weight in layer.weights}
        found |= {f"{layer.name}/{name}": weight for name, weight in own.items()}
    return found


def random_state(model: Any) -> dict[str, Any]:
    """What the layers that draw random numbers remember, by name; a resumed training must go on from it."""
    drawing = [layer for layer in model.layers if getattr(layer, "seed_generator", None) is not None]
    return {f"{layer.name}/state": layer.seed_generator.state for layer in drawing}


def arrays(variables: dict[str, Any]) -> dict[str, np.ndarray]:
    """The present values of variables; they may share memory, so copy what must outlive the next step."""
    return {name: found[0] if len(found) == 1 else np.concatenate(found) for name, found in pieces(variables).items()}


def copies(variables: dict[str, Any]) -> dict[str, np.ndarray]:
    """As `arrays`, in memory of their own."""
    return {name: np.concatenate(found) for name, found in pieces(variables).items()}


def pieces(variables: dict[str, Any]) -> dict[str, list[np.ndarray]]:
    """As `arrays`, each as the pieces that lie one after the other along its first axis, none of them copied."""
    return {name: [_array(part) for part in _parts(variable)] for name, variable in variables.items()}


def _parts(variable: Any) -> list[Any]:
    return variable.parts if isinstance(variable, blocks.Joined) else [variable]


def _array(variable: Any) -> np.ndarray:
    value = variable.value
    if hasattr(value, "read_value") and "CPU" in value.device:  # of TensorFlow: numpy would make a copy
        return np.asarray(memoryview(value.read_value()))
    return np.asarray(load_keras().ops.convert_to_numpy(value))
