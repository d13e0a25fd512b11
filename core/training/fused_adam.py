"""
Adam in one pass over the weights: the same numbers as keras' Adam, with half the memory traffic.

Keras updates momentum, velocity and weights in some fifteen passes over arrays
of 31 million numbers (a week's network). One compiled loop reads and writes
each once. It relies on names inside keras, so it is tried before it is used;
where it fails, or the backend is another one, keras' own Adam is taken.
"""

from __future__ import annotations

import math
from typing import Any

from core.training import network

LARGE = 1_000_000  # numbers in a weight from which the pass is worth its compilation


def make(learning_rate: float, variables: list[Any]) -> Any:
    """
    An Adam optimiser for these variables, not built: in one pass where that works and pays, keras' own elsewhere.

    Parameters
    ----------
    learning_rate : float
    variables : list of keras variables
        What will be trained.
    """
    keras = network.load_keras()
    stock = keras.optimizers.Adam(learning_rate=learning_rate)
    if keras.backend.backend() != "tensorflow" or not any(math.prod(v.shape) >= LARGE for v in variables):
        return stock
    return _one_pass(keras)(learning_rate=learning_rate) if _agrees(keras) else stock


def _one_pass(keras: Any, large: int = LARGE) -> Any:
    """The optimiser's class; `large` is the size of a weight from which it does something else than its base."""
    import tensorflow as tf

    base: Any = keras.optimizers.Adam

    def update(weight: Any, momentum: Any, velocity: Any, gradient: Any, alpha: Any, *constants: Any) -> None:
        # Kingma & Ba (2015), in the order of operations of keras.
        beta_1, beta_2, epsilon = constants
        new_momentum = momentum + (gradient - momentum) * (1 - beta_1)
        new_velocity = velocity + (gradient * gradient - velocity) * (1 - beta_2)
        momentum.assign(new_momentum)
        velocity.assign(new_velocity)
        weight.assign_sub(new_momentum * alpha / (tf.sqrt(new_velocity) + epsilon))

    class OnePassAdam(base):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            if math.prod(variable.shape) < large:
                super().update_step(gradient, variable, learning_rate)
                return
            if not hasattr(self, "_update"):  # one for each optimiser: it keeps the variables it has seen
                self._update = tf.function(update, jit_compile=True, reduce_retracing=True)
            i = self._get_variable_index(variable)
            weight = variable if isinstance(variable, tf.Variable) else variable.value
            step = tf.cast(self.iterations.value + 1, weight.dtype)
            alpha = (
                tf.cast(learning_rate, weight.dtype)
                * tf.sqrt(1 - tf.pow(tf.cast(self.beta_2, weight.dtype), step))
                / (1 - tf.pow(tf.cast(self.beta_1, weight.dtype), step))
            )
            constants = self.beta_1, self.beta_2, self.epsilon
            self._update(
                weight, self._momentums[i].value, self._velocities[i].value, gradient, alpha, *map(float, constants)
            )

    OnePassAdam.__name__ = "Adam"
    return OnePassAdam


def _agrees(keras: Any) -> bool:
    """Try three steps on a few numbers beside keras' Adam, before 31 million depend on it."""
    import numpy as np

    results = []
    try:
        for optimizer in (keras.optimizers.Adam(0.1), _one_pass(keras, large=1)(0.1)):
            weight = keras.Variable(np.linspace(-1, 1, 7, dtype=np.float32))
            optimizer.build([weight])
            for step in range(1, 4):
                optimizer.apply([keras.ops.convert_to_tensor(np.linspace(-step, 2, 7, dtype=np.float32))])
            results.append(np.asarray(weight))
    except Exception:  # whatever another version of keras does, its own Adam is there
        return False
    return bool(np.allclose(results[0], results[1], rtol=1e-5, atol=1e-6))
