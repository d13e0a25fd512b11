"""A large dense layer that is trained block by block is, to everything outside it, keras' own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.config import NetworkConfig
from core.training import along_the_record, architectures, attribution, blocks, fit, network
from support.array_windows import ArrayWindows
from support.array_windows import config as training_config

N_MINUTES = 48
NETWORKS = [
    NetworkConfig(filters=4, dense=8),
    NetworkConfig(filters=4, dense=8, activation_column="table", dropout=0.4),
    NetworkConfig(filters=4, dense=12, name="one_dimensional", head="average_matched"),
]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Networks of a few thousand weights are trained in blocks."""
    if network.load_keras().backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow trains in blocks")
    monkeypatch.setattr(blocks, "LARGEST", 500)


@pytest.fixture
def whole(monkeypatch):
    """Call it, and nothing is in blocks any more."""
    return lambda: monkeypatch.setattr(blocks, "LARGEST", 10**12)


def config(chosen: NetworkConfig, **training):
    return replace(training_config(**{"epochs": 3, "batch_size": 5, **training}), network=chosen)


def named(each) -> str:
    return each.head + each.activation_column if isinstance(each, NetworkConfig) else "-".join(map(str, each.values()))


def pieces_of(model) -> list[int]:
    """Weights of each block of the layer in blocks; empty without one."""
    found = [layer for layer in model.layers if blocks.in_blocks(layer)]
    return [int(np.prod(part.shape)) for layer in found for part in layer.named_weights()["kernel"].parts]


def values_of(model) -> dict[str, np.ndarray]:
    return {name: value.copy() for name, value in network.arrays(network.named_weights(model)).items()}


def windows() -> ArrayWindows:
    random = np.random.default_rng(3)
    return ArrayWindows(random.normal(size=(24, 3, N_MINUTES)).astype(np.float32), np.arange(24) % 2, n_train=16)


@pytest.mark.parametrize("chosen", NETWORKS, ids=named)
def test_a_seed_gives_the_same_network_in_blocks_and_whole(whole, chosen):
    x = windows().values[..., np.newaxis]
    parts = network.build(chosen, N_MINUTES, seed=2)
    whole()
    stock = network.build(chosen, N_MINUTES, seed=2)
    assert len(pieces_of(parts)) > 1
    assert max(pieces_of(parts)) <= 500
    assert pieces_of(stock) == []
    assert parts.count_params() == stock.count_params()
    mine, theirs = values_of(parts), values_of(stock)
    assert list(mine) == list(theirs)
    for name, values in mine.items():
        np.testing.assert_array_equal(values, theirs[name])
    np.testing.assert_allclose(parts.predict_on_batch(x), stock.predict_on_batch(x), atol=1e-6)


@pytest.mark.parametrize(
    ("chosen", "training"),
    [
        *((each, {}) for each in NETWORKS),
        *((NETWORKS[0], {"optimizer": name}) for name in ("adamax", "adagrad", "sgd", "rmsprop")),
        (NETWORKS[0], {"class_weights": "balanced", "early_stopping_patience": 2}),
    ],
    ids=named,
)
def test_a_training_in_blocks_ends_at_the_weights_of_a_whole_one(tmp_path, whole, chosen, training):
    options = config(chosen, **training)
    start = values_of(network.build(chosen, N_MINUTES, options.training.seed))
    mine = fit.train(options, windows(), tmp_path / "blocks")
    whole()
    theirs = fit.train(options, windows(), tmp_path / "whole")
    assert pieces_of(mine.model)
    assert not pieces_of(theirs.model)
    expected = values_of(theirs.model)
    for name, values in values_of(mine.model).items():
        assert np.abs(values - start[name]).max() > 1e-5
        moved = expected[name] - start[name]
        np.testing.assert_allclose(values - start[name], moved, atol=0.02 * np.abs(moved).max(), err_msg=name)
    np.testing.assert_allclose(mine.history["validation_loss"], theirs.history["validation_loss"], rtol=1e-4)


def test_steps_report_the_mean_loss_that_keras_reports(whole):
    x, labels = windows().values[:8, ..., np.newaxis], np.arange(8) % 2
    found = []
    for change in (lambda: None, whole):
        change()
        model = fit._prepare(config(NETWORKS[0], batch_size=8), N_MINUTES, None)
        model.train_on_batch(x, labels, return_dict=True)
        found.append(float(model.train_on_batch(x[:3], labels[:3], return_dict=True)["loss"]))  # the mean of 11
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    assert found[0] > 0.1


def test_a_training_in_blocks_that_is_stopped_goes_on_to_the_same_bits(tmp_path):
    options = config(NETWORKS[1])
    straight = fit.train(options, windows(), tmp_path / "straight")
    asked = []
    stopped = fit.train(options, windows(), tmp_path / "parts", should_stop=lambda: asked.append(1) or len(asked) == 7)
    assert stopped.cancelled
    resumed = fit.train(options, windows(), tmp_path / "parts")
    for name, values in values_of(straight.model).items():
        assert values.tobytes() == values_of(resumed.model)[name].tobytes()


def test_a_file_of_weights_is_the_same_from_either_and_for_either(tmp_path, whole):
    options = config(NETWORKS[0])
    parts = network.build(NETWORKS[0], N_MINUTES, seed=4)
    fit.save_weights(parts, tmp_path / "blocks.npz")
    back = fit.load_model(options, N_MINUTES, tmp_path / "blocks.npz")
    whole()
    stock = fit.load_model(options, N_MINUTES, tmp_path / "blocks.npz")
    fit.save_weights(stock, tmp_path / "whole.npz")
    assert (tmp_path / "blocks.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()
    for model in (back, stock):
        for name, values in values_of(parts).items():
            np.testing.assert_array_equal(values_of(model)[name], values)


def test_an_explanation_and_a_scan_see_the_same_network(whole):
    x = windows().values[:6]
    found = []
    for change in (lambda: None, whole):
        change()
        model = network.build(NETWORKS[0], N_MINUTES, seed=2)
        options = attribution.Options("integrated_gradients", steps=8)
        found.append((attribution.attribute(model, x, options), along_the_record.of(model).kernel))
    np.testing.assert_allclose(found[0][0], found[1][0], atol=1e-6)
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_of_two_large_layers_the_larger_one_is_trained_in_blocks(tmp_path, monkeypatch, whole):
    monkeypatch.setattr(blocks, "LARGEST", 200)
    options = config(NETWORKS[2])
    mine = fit.train(options, windows(), tmp_path / "blocks")
    sizes = {layer.name: layer.count_params() for layer in mine.model.layers if blocks.in_blocks(layer)}
    assert sizes["dense_2"] > sizes["dense_1"] > 200
    assert in_turn(fit._prepare(options, N_MINUTES, None), "dense_2")
    assert not in_turn(fit._prepare(options, N_MINUTES, None), "dense_1")
    whole()
    expected = values_of(fit.train(options, windows(), tmp_path / "whole").model)
    for name, values in values_of(mine.model).items():
        np.testing.assert_allclose(values, expected[name], atol=2e-5, err_msg=name)


def products(model) -> list:
    """The matrix products of one training step, as operations of its graph."""
    import tensorflow as tf

    batch = tf.zeros((4, 3, N_MINUTES, 1)), tf.constant([0, 1, 0, 1]), None
    graph = tf.function(model.train_step).get_concrete_function(batch).graph
    return [op for op in graph.get_operations() if op.type == "MatMul"]


def waits_for(op, other) -> bool:
    """Whether an operation runs only after another one has."""
    seen, left = set(), [op]
    while left:
        this = left.pop()
        if this is other:
            return True
        following = [*(tensor.op for tensor in this.inputs), *this.control_inputs]
        left += [each for each in following if each.name not in seen]
        seen |= {each.name for each in following}
    return False


def in_turn(model, name: str) -> bool:
    """Whether the gradient of each block of a layer waits until the block before has been updated."""
    parts = [(part.shape[0], part.shape[1]) for part in model.get_layer(name).named_weights()["kernel"].parts]
    gradients = [op for op in products(model) if op.get_attr("transpose_a") and tuple(op.outputs[0].shape) in parts]
    assert [tuple(op.outputs[0].shape) for op in gradients] == parts
    updates = [op for op in gradients[0].graph.get_operations() if op.type == "ResourceApplyAdam"]
    update_of = {op: [u for u in updates if op in [tensor.op for tensor in u.inputs]] for op in gradients}
    in_order = (waits_for(after, update) for before, after in pairwise(gradients) for update in update_of[before])
    return all(update_of.values()) and all(in_order)


def test_a_block_waits_until_the_one_before_has_been_updated_and_no_gradient_is_whole():
    assert in_turn(fit._prepare(config(NETWORKS[0]), N_MINUTES, None), "dense_1")


def test_memory_counts_one_block_of_gradients_instead_of_the_layer():
    # 3 rows, 12 positions, 8 filters to 8 units: 2304 weights, in five blocks of whole rows of 8
    layers = architectures.layers(NETWORKS[0], N_MINUTES)
    total = architectures.n_parameters(layers, N_MINUTES)
    assert blocks.n_gradients(layers, N_MINUTES) == total - 2304 + 461
    assert max(pieces_of(network.build(NETWORKS[0], N_MINUTES, seed=0))) == 58 * 8


def test_16_bit_products_and_small_layers_keep_keras_own(whole):
    assert pieces_of(network.build(NETWORKS[0], N_MINUTES, seed=0, precision="mixed_bfloat16")) == []
    whole()
    assert type(network.build(NETWORKS[0], N_MINUTES, seed=0)) is network.load_keras().Sequential


def test_joined_variables_refuse_values_of_another_shape():
    kernel = network.named_weights(network.build(NETWORKS[0], N_MINUTES, seed=0))["dense_1/kernel"]
    assert kernel.shape == (288, 8)
    with pytest.raises(ValueError, match=r"\(287, 8\), the variable \(288, 8\)"):
        kernel.assign(np.zeros((287, 8), dtype=np.float32))
