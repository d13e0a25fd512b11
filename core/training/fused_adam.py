"""
Adam in one operation for each weight: the same numbers as keras' Adam, with half the memory traffic.

Keras updates momentum, velocity and weights in some fifteen passes over arrays
of 31 million numbers (a week's network). TensorFlow's own kernel reads and
writes each where it stands. It relies on names inside keras, so it is tried before it is used;
where it fails, or the backend is another one, keras' own Adam is taken.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from core.training import network


def make(learning_rate: float) -> Any:
    """
    An Adam optimiser, not built: in one operation where that works, keras' own elsewhere.

    Parameters
    ----------
    learning_rate : float
    """
    keras = network.load_keras()
    if keras.backend.backend() != "tensorflow" or not _agrees(keras):
        return keras.optimizers.Adam(learning_rate=learning_rate)
    return _one_operation(keras)(learning_rate=learning_rate)


def _one_operation(keras: Any) -> Any:
    """The optimiser's class."""
    import tensorflow as tf

    base: Any = keras.optimizers.Adam

    class OneOperationAdam(base):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            i = self._get_variable_index(variable)
            weight = variable if isinstance(variable, tf.Variable) else variable.value
            step = tf.cast(self.iterations.value + 1, weight.dtype)
            tf.raw_ops.ResourceApplyAdam(  # Kingma & Ba (2015), with the order of operations of keras
                var=weight.handle,
                m=self._momentums[i].value.handle,
                v=self._velocities[i].value.handle,
                beta1_power=tf.pow(tf.cast(self.beta_1, weight.dtype), step),
                beta2_power=tf.pow(tf.cast(self.beta_2, weight.dtype), step),
                lr=tf.cast(learning_rate, weight.dtype),
                beta1=self.beta_1,
                beta2=self.beta_2,
                epsilon=self.epsilon,
                grad=gradient,
            )

    OneOperationAdam.__name__ = "Adam"
    return OneOperationAdam


@cache
def _agrees(keras: Any) -> bool:
    """Try three steps on a few numbers beside keras' Adam, before 31 million numbers depend on it."""
    import numpy as np

    results = []
    try:
        for optimizer in (keras.optimizers.Adam(0.1), _one_operation(keras)(0.1)):
            weight = keras.Variable(np.linspace(-1, 1, 7, dtype=np.float32))
            optimizer.build([weight])
            for step in range(1, 4):
                optimizer.apply([keras.ops.convert_to_tensor(np.linspace(-step, 2, 7, dtype=np.float32))])
            results.append(np.asarray(weight))
    except Exception:  # whatever another version of keras does, its own Adam is there
        return False
    # Three steps of 0.1: keras takes 1 - beta_2 in float64 in one place and in float32 in another, a step of 1 + 6e-6.
    return bool(np.allclose(results[0], results[1], rtol=0, atol=1e-5))
