"""Adam in one operation gives keras' numbers, and keras' own is taken where it cannot be used."""

from __future__ import annotations

import numpy as np
import pytest

from core.training import fit, fused_adam, network
from support.array_windows import ArrayWindows, config


def steps(optimizer, n: int = 20) -> np.ndarray:
    """The weights after some steps with gradients of very different size."""
    keras = network.load_keras()
    random = np.random.default_rng(0)
    weight = keras.Variable(random.normal(size=(40, 30)).astype(np.float32))
    optimizer.build([weight])
    for i in range(n):
        gradient = random.normal(size=(40, 30)) * 10.0 ** random.integers(-8, 3, size=(40, 30))
        optimizer.apply([keras.ops.convert_to_tensor((gradient * (i != 3)).astype(np.float32))])
    return np.asarray(weight)


def adam_by_hand(n: int = 20, rate: float = 0.01) -> np.ndarray:
    """Algorithm 1 of Kingma & Ba (2015) with epsilon outside the bias correction, in float64."""
    random = np.random.default_rng(0)
    weight = random.normal(size=(40, 30))
    m, v = np.zeros((40, 30)), np.zeros((40, 30))
    for i in range(n):
        gradient = random.normal(size=(40, 30)) * 10.0 ** random.integers(-8, 3, size=(40, 30)) * (i != 3)
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        alpha = rate * np.sqrt(1 - 0.999 ** (i + 1)) / (1 - 0.9 ** (i + 1))
        weight = weight - alpha * m / (np.sqrt(v) + 1e-7)
    return weight


def test_one_operation_gives_the_weights_of_keras_and_of_the_paper():
    keras = network.load_keras()
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the operation is TensorFlow's")
    one_operation = steps(fused_adam._one_operation(keras)(learning_rate=0.01))
    np.testing.assert_allclose(one_operation, steps(keras.optimizers.Adam(0.01)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(one_operation, adam_by_hand(), rtol=1e-4, atol=1e-5)


@pytest.fixture
def not_tried_yet():
    """Whether the operation agrees is found out once; before and after this test it is not known."""
    fused_adam._agrees.cache_clear()
    yield
    fused_adam._agrees.cache_clear()


def test_keras_adam_is_taken_where_the_operation_fails(monkeypatch, not_tried_yet):
    keras = network.load_keras()
    if keras.backend.backend() == "tensorflow":
        assert type(fused_adam.make(0.1)) is not keras.optimizers.Adam
    fused_adam._agrees.cache_clear()
    for base in keras.optimizers.Adam.__mro__:
        if "_get_variable_index" in vars(base):
            monkeypatch.delattr(base, "_get_variable_index")
    assert type(fused_adam.make(0.1)) is keras.optimizers.Adam


def test_a_network_trains_to_the_same_losses_either_way_and_resumes_to_the_same_bits(tmp_path, monkeypatch):
    random = np.random.default_rng(3)
    windows = ArrayWindows(random.normal(size=(24, 3, 64)), np.arange(24) % 2, 16)
    options = config(epochs=3, batch_size=8)
    whole = fit.train(options, windows, tmp_path / "whole")
    asked = []
    stopped = fit.train(options, windows, tmp_path / "parts", should_stop=lambda: asked.append(1) or len(asked) == 5)
    assert stopped.cancelled
    resumed = fit.train(options, windows, tmp_path / "parts")
    for a, b in zip(whole.model.weights, resumed.model.weights, strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    assert type(whole.model.optimizer) is not network.load_keras().optimizers.Adam
    monkeypatch.setattr(fused_adam, "_agrees", lambda *_: False)
    stock = fit.train(options, windows, tmp_path / "stock")
    np.testing.assert_allclose(whole.history["loss"], stock.history["loss"], rtol=1e-4)
