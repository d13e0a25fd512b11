"""The convolution that trains faster gives the numbers of keras' own."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from core.config import NetworkConfig, from_dict
from core.training import convolution, fit, network
from support.array_windows import ArrayWindows, config


def gradients(model, x: np.ndarray, as_graph: bool) -> list[np.ndarray]:
    """Of the sum of squared outputs, with respect to each weight."""
    import tensorflow as tf

    def found(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x, training=True) ** 2)
        return tape.gradient(loss, [v.value for v in model.trainable_variables])

    return [np.asarray(g) for g in (tf.function(found) if as_graph else found)(tf.constant(x))]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("as_graph", [False, True])
@pytest.mark.parametrize("name", ["table2", "one_dimensional", "dilated"])
def test_outputs_and_gradients_are_those_of_keras_own_convolution(monkeypatch, name, as_graph, large):
    keras = network.load_keras()
    if keras.backend.backend() != "tensorflow":
        pytest.skip("keras' own convolution is taken off TensorFlow")
    monkeypatch.setattr(convolution, "LARGE", 0 if large else 10**9)
    x = np.random.default_rng(1).normal(size=(5, 3, 48, 1)).astype(np.float32)
    ours = network.build(NetworkConfig(name=name), 48, seed=2)
    assert type(ours.get_layer("conv_1")) is not keras.layers.Conv2D
    monkeypatch.setattr(convolution, "layer_class", lambda keras, *_: keras.layers.Conv2D)
    stock = network.build(NetworkConfig(name=name), 48, seed=2)
    assert type(stock.get_layer("conv_1")) is keras.layers.Conv2D
    np.testing.assert_array_equal(ours.predict_on_batch(x), stock.predict_on_batch(x))
    for mine, theirs in zip(gradients(ours, x, as_graph), gradients(stock, x, as_graph), strict=True):
        assert np.abs(theirs).max() > 0
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6 * np.abs(theirs).max())


@pytest.mark.parametrize("large", [False, True])
def test_only_where_arrays_are_large_the_input_waits_for_the_gradient_of_the_kernel(monkeypatch, large):
    keras = network.load_keras()
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the order is TensorFlow's")
    import tensorflow as tf

    monkeypatch.setattr(convolution, "LARGE", 0 if large else 10**9)
    model = fit._prepare(config(batch_size=4), 48, None)
    batch = tf.zeros((4, 3, 48, 1)), tf.constant([0, 1, 0, 1]), None
    graph = tf.function(model.train_step).get_concrete_function(batch).graph
    inputs = [op for op in graph.get_operations() if op.type == "Conv2DBackpropInput"]
    waiting = [any(other.type == "Conv2DBackpropFilter" for other in op.control_inputs) for op in inputs]
    assert waiting == [large] * 3


def test_a_training_ends_at_the_same_weights_as_with_keras_own(tmp_path, monkeypatch):
    random = np.random.default_rng(3)
    windows = ArrayWindows(random.normal(size=(24, 3, 32)).astype(np.float32), np.arange(24) % 2, n_train=16)
    options = config(epochs=3, batch_size=8)
    ours = network.arrays(network.named_weights(fit.train(options, windows, tmp_path / "ours").model))
    monkeypatch.setattr(convolution, "layer_class", lambda keras, *_: keras.layers.Conv2D)
    stock = network.arrays(network.named_weights(fit.train(options, windows, tmp_path / "stock").model))
    start = network.arrays(network.named_weights(network.build(options.network, 32, options.training.seed)))
    for name, values in ours.items():
        assert np.abs(values - start[name]).max() > 1e-4
        np.testing.assert_allclose(values, stock[name], atol=1e-5)


def test_a_network_that_is_only_used_leaves_nothing_behind():
    if network.load_keras().backend.backend() != "tensorflow":
        pytest.skip("it is TensorFlow that would keep it")
    model = network.build(NetworkConfig(), 48, seed=2)
    model.predict_on_batch(np.zeros((2, 3, 48, 1), dtype=np.float32))
    handles = [weakref.ref(weight.value.handle) for weight in model.weights]
    del model
    gc.collect()
    assert [handle() for handle in handles] == [None] * len(handles)


def test_16_bit_products_keep_keras_own():
    keras = network.load_keras()
    mixed = network.build(from_dict({}).network, 32, seed=0, precision="mixed_bfloat16")
    assert type(mixed.get_layer("conv_2")) is keras.layers.Conv2D
