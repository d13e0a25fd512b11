"""
A network seen from the stream: its convolutions once over the record, its windows as places in the result.

Convolutions and poolings along time do the same wherever a window stands, so
neighbouring windows share nearly all of their features. What a window does not
share are the few features at its two ends that look across its edge: there the
window sees zeros and the stream sees its neighbours. This module says which
those are; `core.training.shared_scan` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.training import network

BLOCK_MINUTES = 32_768  # of the stream in one call of the network; a week's model then takes 0.1 GB


@dataclass(frozen=True)
class Step:
    """One layer along time: a convolution that looks `left` and `right`, or a pooling that joins `pool` positions."""

    left: int = 0
    right: int = 0
    pool: int = 1


@dataclass(frozen=True)
class Stack:
    """
    The layers of a network up to the first dense one, for streams of any length, and that dense layer's weights.

    `features` maps (n, 3, m, 1) to (n, rows, m // stride, channels); `kernel` is the dense layer by position,
    float32 (n_positions, rows * channels, n_units), without its `bias` (n_units,); `finish` makes probabilities of
    its sums (n, n_units), bias included.
    """

    features: Any
    steps: tuple[Step, ...]
    stride: int
    n_minutes: int
    kernel: np.ndarray
    bias: np.ndarray
    finish: Callable[[np.ndarray], np.ndarray]

    @property
    def reach(self) -> int:
        """Minutes, a multiple of the stride, beyond which no input changes a feature."""
        first, _ = self.shared(1 << 20, 0)
        _, last = self.shared(1 << 20, 0)
        return self.stride * (1 + max(first, (1 << 20) // self.stride - last))

    def shared(self, n_minutes: int, margin: int) -> tuple[int, int]:
        """
        The positions [first, last) of a piece of the stream whose features are those of the stream.

        Outside the piece the network sees zeros; `margin` of its own minutes at either end may differ too.
        """
        first, last = margin, n_minutes - margin
        for step in self.steps:
            first, last = -(-(first + step.left) // step.pool), (last - step.right) // step.pool
        return first, last

    def run(self, pieces: np.ndarray) -> np.ndarray:
        """Features (n, rows, positions, channels) of pieces (n, 3, m)."""
        return np.asarray(self.features.predict_on_batch(pieces[..., np.newaxis]))


def of(model: Any) -> Stack | None:
    """
    The stack of a network, or None if its windows cannot share features.

    It can if only convolutions (zero padding, stride 1) and poolings along time stand before a flattening and a
    dense layer, as in Table 2, and all is float32: coarser numbers are not the same in longer pieces.
    """
    keras = network.load_keras()
    names = [type(layer).__name__ for layer in model.layers]
    if "Flatten" not in names or any(layer.compute_dtype != "float32" for layer in model.layers):
        return None
    cut = names.index("Flatten")
    after = [layer for layer in model.layers[cut + 1 :] if type(layer).__name__ != "Dropout"]
    steps = [_step(layer) for layer in model.layers[:cut]]
    if None in steps or not after or type(after[0]).__name__ != "Dense":
        return None
    shape = model.inputs[0].shape[1:-2]
    stream = keras.Input((*shape, None, 1), dtype="float32")
    features = stream
    for layer in model.layers[:cut]:
        if type(layer).__name__ not in ("Dropout", "InputLayer"):
            features = layer(features)
    rows, positions, channels = model.layers[cut].input.shape[1:]
    dense = after[0]
    values = network.arrays(network.named_weights(model))
    kernel, bias = values[f"{dense.name}/kernel"], values[f"{dense.name}/bias"].copy()
    by_position = kernel.reshape(rows, positions, channels, -1).transpose(1, 0, 2, 3)
    found = [step for step in steps if step is not None]
    return Stack(
        features=keras.Model(stream, features),
        steps=tuple(found),
        stride=int(np.prod([step.pool for step in found])),
        n_minutes=int(model.inputs[0].shape[-2]),
        kernel=np.array(by_position, order="C").reshape(positions, rows * channels, -1),
        bias=bias,
        finish=_finish(keras, dense, after[1:], network.gives_logits(model)),
    )


def _step(layer: Any) -> Step | None:
    """What a layer does along time; None if it is not one that windows can share."""
    kind = type(layer).__name__
    if kind in ("InputLayer", "Dropout", "Permute"):
        return Step()
    if kind == "Conv2D" and layer.padding == "same" and tuple(layer.strides) == (1, 1):
        padding = (layer.kernel_size[1] - 1) * layer.dilation_rate[1]
        return Step(left=padding // 2, right=padding - padding // 2)
    if kind == "MaxPooling2D" and layer.padding == "valid" and layer.pool_size == layer.strides:
        return Step(pool=layer.pool_size[1]) if layer.pool_size[0] == 1 else None
    return None


def _finish(keras: Any, dense: Any, rest: list[Any], logits: bool) -> Callable[[np.ndarray], np.ndarray]:
    """From the sums of the first dense layer to probabilities, with the network's own layers."""

    def finish(sums: np.ndarray) -> np.ndarray:
        values = dense.activation(keras.ops.convert_to_tensor(sums.astype(np.float32)))
        for layer in rest:
            values = layer(values)
        return network.probability(np.asarray(keras.ops.convert_to_numpy(values)), logits)

    return finish
