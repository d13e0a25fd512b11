"""
A large dense layer whose weights are trained block by block, so that their gradient is never there as a whole.

With windows of 30 days the hidden dense layer has 133 million weights, and their gradient takes as much memory as
they do. Here the layer keeps its kernel as blocks of rows. In a training step each block's gradient is made, used by
the optimiser and given back before the next one is made: the same numbers up to rounding, with Adam a quarter less
memory, and without the large holes that TensorFlow's allocator otherwise leaves from step to step. Small batches are
as fast or faster by it; a week's at batch 32 takes some 5 % longer. Products of 16-bit numbers lose more and keep
keras' own layer. The optimiser is asked block by block (`update_step`), so it must not clip, decay or average them.

To everything else the blocks are one kernel: the seed draws it whole, and files hold it whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from core.training import architectures

LARGEST = 2_000_000  # weights of a block: 8 MB


def possible(backend: str, precision: str) -> bool:
    """Whether this backend trains in blocks with this precision."""
    return backend == "tensorflow" and precision == "float32"


def dense_class(keras: Any, n_weights: int, precision: str) -> Any:
    """The class of a dense layer of so many weights: keras' own, or where it is large, the one in blocks."""
    large = n_weights > LARGEST and possible(keras.backend.backend(), precision)
    return _dense(keras) if large else keras.layers.Dense


def model_class(keras: Any, layers: Sequence[Any]) -> Any:
    """The class of a sequential model of these layers (and an input)."""
    return _model(keras) if any(in_blocks(layer) for layer in layers) else keras.Sequential


def in_blocks(layer: Any) -> bool:
    """Whether a layer is one of those that are trained in blocks."""
    return hasattr(layer, "learn")


def n_gradients(found: list[architectures.Layer], n_minutes: int) -> int:
    """How many weights of an architecture have their gradients at once where training in blocks is possible."""
    shape, largest = architectures.shape_after([], n_minutes), 0
    for layer in found:
        if isinstance(layer, architectures.Dense):
            largest = max(largest, math.prod(shape) * layer.units)
        shape = architectures.after(layer, shape)
    return architectures.n_parameters(found, n_minutes) - largest + -(-largest // n_blocks(largest))


def edges(n_inputs: int, units: int) -> list[int]:
    """The rows of the kernel at which the blocks begin, and its end: equal blocks, of about `LARGEST` weights."""
    n = n_blocks(n_inputs * units)
    return [i * n_inputs // n for i in range(n + 1)]


def n_blocks(n_weights: int) -> int:
    """In how many blocks so many weights are trained."""
    return -(-n_weights // LARGEST)


class Joined:
    """Variables that are the rows of one array, one after the other; it can be asked and set as one variable."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = list(parts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all rows together."""
        return (sum(part.shape[0] for part in self.parts), *self.parts[0].shape[1:])

    def assign(self, values: np.ndarray) -> None:
        """Give each part its rows of an array of this shape."""
        if values.shape != self.shape:
            raise ValueError(f"The values have shape {values.shape}, the variable {self.shape}.")
        ends = np.cumsum([0, *(part.shape[0] for part in self.parts)])
        for part, (start, end) in zip(self.parts, pairwise(ends), strict=True):
            part.assign(values[start:end])


@cache
def _dense(keras: Any) -> Any:
    import tensorflow as tf

    base: Any = keras.layers.Dense

    class Dense(base):
        def build(self, input_shape: Any) -> None:
            n_inputs = input_shape[-1]
            self.edges = edges(n_inputs, self.units)
            whole = self.kernel_initializer((n_inputs, self.units), dtype="float32")
            self.blocks = [
                self.add_weight(
                    name=f"kernel_{number}",
                    shape=(end - start, self.units),
                    # A slice alone would hold on to all of the whole.
                    initializer=lambda shape, dtype, start=start, end=end: whole[start:end] * tf.ones((), dtype),
                )
                for number, (start, end) in enumerate(pairwise(self.edges))
            ]
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer=self.bias_initializer)
            self.built = True

        def named_weights(self) -> dict[str, Any]:
            """As keras' Dense would name them."""
            return {"kernel": Joined(self.blocks), "bias": self.bias}

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            sizes = [end - start for start, end in pairwise(self.edges)]
            parts = tf.split(inputs, sizes, axis=1)  # unlike slices, they have a cheap gradient
            return self.finish(tf.add_n([tf.matmul(part, b.value) for part, b in zip(parts, self.blocks, strict=True)]))

        def finish(self, sums: Any) -> Any:
            """From the products (n, units) to the layer's output."""
            return self.activation(tf.nn.bias_add(sums, self.bias.value))

        def sums(self, inputs: Any) -> Any:
            """The products (n, units), block after block."""
            found: list[Any] = []
            for block, (start, end) in zip(self.blocks, pairwise(self.edges), strict=True):
                with tf.control_dependencies(found[-1:]):
                    product = tf.matmul(inputs[:, start:end], block.value)
                found.append(found[-1] + product if found else product)
            return found[-1]

        def learn(self, inputs: Any, upstream: Any, optimizer: Any) -> Any:
            """Update block after block with the gradient of the `sums`; returns the gradient of the inputs."""
            found: list[Any] = []
            done: list[Any] = []
            for block, (start, end) in zip(self.blocks, pairwise(self.edges), strict=True):
                with tf.control_dependencies(done):
                    found.append(tf.matmul(upstream, block.value, transpose_b=True))
                with tf.control_dependencies(found[-1:]):
                    gradient = tf.matmul(inputs[:, start:end], upstream, transpose_a=True)
                    optimizer.update_step(gradient, block, optimizer.learning_rate)
                    done = [block.value.read_value()]  # what is read after the update waits for it
            return tf.concat(found, axis=1)

    return Dense


@cache
def _model(keras: Any) -> Any:
    import tensorflow as tf

    base: Any = keras.Sequential

    class InBlocks(base):
        def train_step(self, data: Any) -> Any:
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
            dense = max((layer for layer in self.layers if in_blocks(layer)), key=lambda layer: layer.count_params())
            below = keras.Model(self.inputs[0], dense.input)
            above = keras.Model(dense.output, self.outputs[0])
            with tf.GradientTape() as tape_below:
                features = below(x, training=True)
            sums = dense.sums(features)
            with tf.GradientTape() as tape_above:
                tape_above.watch(sums)
                y_pred = above(dense.finish(sums), training=True)
                loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
            self.metrics[0].update_state(loss, sample_weight=tf.shape(x)[0])  # the mean that keras reports
            after = [dense.bias, *above.trainable_variables]
            upstream, *gradients = tape_above.gradient(loss, [sums, *(variable.value for variable in after)])
            of_features = dense.learn(features, upstream, self.optimizer)
            before = below.trainable_variables
            gradients += tape_below.gradient(features, [v.value for v in before], output_gradients=of_features)
            self.optimizer.apply(gradients, [*after, *before])
            return self.compute_metrics(x, y, y_pred, sample_weight)

    return InBlocks
