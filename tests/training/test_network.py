"""The network of Table 2, against the paper's own numbers and a plain numpy forward pass."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest

from core.config import NetworkConfig
from core.errors import InputError
from core.training import network
from support import layer_table

RECORDED = {
    "conv_1/kernel": -0.10483801364898682,
    "conv_2/kernel": 0.10511992871761322,
    "conv_3/kernel": 0.09650707244873047,
    "dense_1/kernel": -0.08422374725341797,
    "output/kernel": -0.12277638912200928,
}
TEXT, TABLE = NetworkConfig(), NetworkConfig(activation_column="table")


def test_a_week_of_minutes_gives_table_2_of_the_paper_row_by_row():
    table = layer_table.of(network.build(TEXT, 10080, seed=0))
    rows = table[["kind", "output_shape", "n_parameters"]].itertuples(index=False, name=None)
    assert list(rows) == [
        ("Conv2D", (3, 10080, 32), 320),
        ("MaxPooling2D", (3, 5040, 32), 0),
        ("Conv2D", (3, 5040, 64), 6208),
        ("MaxPooling2D", (3, 2520, 64), 0),
        ("Conv2D", (3, 2520, 64), 12352),
        ("Flatten", (483840,), 0),
        ("Dense", (64,), 30965824),
        ("Dense", (2,), 130),
    ]
    assert table["n_parameters"].sum() == 30984834


@pytest.mark.parametrize(
    ("n_minutes", "expected"), [(60, 203394), (1440, 4442754), (10080, 30984834), (43200, 132729474)]
)
def test_the_number_of_parameters_is_known_without_building(n_minutes, expected):
    assert network.n_parameters(n_minutes) == expected


@pytest.mark.parametrize("n_minutes", [16, 17, 61, 90])
def test_any_window_length_builds_and_the_parameter_formula_agrees_with_keras(n_minutes):
    assert network.build(TEXT, n_minutes, seed=0).count_params() == network.n_parameters(n_minutes)


VARIANTS = {
    "one convolution": {"layers": 1},
    "five convolutions": {"layers": 5, "filters": 8},
    "long kernels": {"kernel": 9},
    "even kernels": {"kernel": 4},
    "no pooling": {"pool": 1},
    "wide pooling": {"pool": 3},
    "few hidden units, dropout": {"dense": 10, "dropout": 0.5},
    "average": {"head": "average"},
    "average, matched": {"head": "average_matched"},
    "average, matched, dropout": {"head": "average_matched", "dropout": 0.2, "name": "dilated"},
    "one-dimensional": {"name": "one_dimensional"},
    "dilated": {"name": "dilated"},
    "dilated, four layers": {"name": "dilated", "layers": 4, "activation_column": "table"},
}


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("n_minutes", [90, 121])
def test_every_variant_has_as_many_parameters_as_was_said_and_gives_two_outputs(options, n_minutes):
    config = NetworkConfig(**options)
    model = network.build(config, n_minutes, seed=0)
    assert model.count_params() == network.n_parameters(n_minutes, config)
    assert model.predict_on_batch(np.zeros((2, 3, n_minutes, 1), dtype=np.float32)).shape == (2, 2)


@pytest.mark.parametrize("n_minutes", [60, 1440, 10080])
def test_the_matched_head_has_the_parameters_of_table_2_within_one_percent(n_minutes):
    matched = network.n_parameters(n_minutes, NetworkConfig(head="average_matched"))
    assert matched == pytest.approx(network.n_parameters(n_minutes), rel=0.01)
    small = NetworkConfig(head="average")
    assert network.n_parameters(60, small) == network.n_parameters(10080, small) == 18880 + 193 * 64 + 130


def test_an_average_head_does_not_see_when_and_a_flat_one_does():
    burst = np.zeros((2, 3, 64, 1), dtype=np.float32)
    burst[0, :, 16:24], burst[1, :, 40:48] = 1, 1  # the same, far from both ends and a multiple of 4 apart
    for head, same in (("average", True), ("flatten", False)):
        first, second = network.build(NetworkConfig(head=head), 64, seed=1).predict_on_batch(burst)
        assert np.allclose(first, second, atol=1e-6) == same


def test_a_one_dimensional_network_treats_the_components_alike_up_to_its_weights():
    # Components exchanged in the window and in the first kernel: the same outputs. Rows of Table 2 have neighbours.
    model = network.build(NetworkConfig(name="one_dimensional"), 32, seed=2)
    x = np.random.default_rng(0).normal(size=(4, 3, 32, 1)).astype(np.float32)
    before = model.predict_on_batch(x)
    kernel = network.named_weights(model)["conv_1/kernel"]
    assert kernel.shape == (1, 3, 3, 32)
    kernel.assign(network.arrays({"": kernel})[""][:, :, [2, 0, 1]])
    np.testing.assert_allclose(model.predict_on_batch(x[:, [2, 0, 1]]), before, atol=1e-6)


def test_a_dilated_network_sees_as_far_as_its_dilations_say():
    config = NetworkConfig(name="dilated", layers=4, pool=1, filters=4)
    model = network.build(config, 64, seed=3)
    keras = network.load_keras()
    features = keras.Model(model.inputs[0], model.get_layer("conv_4").output)
    x = np.zeros((2, 3, 64, 1), dtype=np.float32)
    for weight in model.get_layer("conv_1").weights[1:]:
        weight.assign(np.ones(weight.shape))  # so that no ReLU is closed where nothing is
    x[1, :, 32] = 1
    changed = features.predict_on_batch(x)
    minutes = np.flatnonzero((changed[1] != changed[0]).any(axis=(0, 2)))
    assert minutes.min() == 32 - 15 and minutes.max() == 32 + 15  # 1 + 2 + 4 + 8


def test_a_window_too_short_for_its_poolings_and_a_network_too_large_are_refused():
    with pytest.raises(InputError, match="63 minutes is too short for the network; it needs 64"):
        network.n_parameters(63, NetworkConfig(layers=5))
    with pytest.raises(InputError, match=r"parameters; 1,000,000,000 is the limit"):
        network.n_parameters(43200, NetworkConfig(dense=4096))


def test_the_initial_weights_of_table_2_are_those_that_earlier_runs_began_with():
    # Recorded from the program before it knew variants: a resumed or repeated run must not begin elsewhere.
    if network.load_keras().backend.backend() != "tensorflow":
        pytest.skip("each backend draws other numbers from a seed")
    weights = network.arrays(network.named_weights(network.build(TEXT, 16, seed=1)))
    first = {name: float(value.ravel()[0]) for name, value in weights.items() if value.ndim > 1}
    assert first == pytest.approx(RECORDED, rel=1e-6)


def test_windows_shorter_than_16_minutes_are_refused():
    with pytest.raises(InputError, match="15 minutes is too short"):
        network.build(TEXT, 15, seed=0)


def test_the_two_readings_of_the_activation_column():
    def activations(config):
        table = layer_table.of(network.build(config, 16, seed=0)).set_index("layer")
        return table.loc[["conv_1", "conv_2", "conv_3", "dense_1", "output"], "activation"].tolist()

    assert activations(TEXT) == ["relu", "relu", "relu", "relu", "softmax"]
    assert activations(TABLE) == ["relu", "relu", "relu", "softmax", "linear"]


@pytest.mark.parametrize("config", [TEXT, TABLE])
def test_the_forward_pass_equals_one_written_in_numpy(config):
    n_minutes = 19  # odd on purpose: both poolings drop a remainder
    model = network.build(config, n_minutes, seed=3)
    weights = {k: v.astype(np.float64) for k, v in network.arrays(network.named_weights(model)).items()}
    x = np.random.default_rng(0).normal(size=(3, n_minutes, 1)).astype(np.float32)
    outputs = model.predict_on_batch(x[np.newaxis])[0]

    y = x.astype(np.float64)
    for name, pooled in (("conv_1", True), ("conv_2", True), ("conv_3", False)):
        kernel, bias = weights[f"{name}/kernel"], weights[f"{name}/bias"]
        height, width = kernel.shape[:2]
        padded = np.pad(y, ((height // 2, height // 2), (width // 2, width // 2), (0, 0)))
        y = np.array(
            [
                [
                    np.einsum("hwc,hwcf->f", padded[row : row + height, minute : minute + width], kernel) + bias
                    for minute in range(y.shape[1])
                ]
                for row in range(3)
            ]
        )
        y = np.maximum(y, 0)
        if pooled:
            half = y.shape[1] // 2
            y = np.maximum(y[:, 0 : 2 * half : 2], y[:, 1 : 2 * half : 2])

    def softmax(z):
        return np.exp(z) / np.exp(z).sum()

    hidden = y.reshape(-1) @ weights["dense_1/kernel"] + weights["dense_1/bias"]
    hidden = np.maximum(hidden, 0) if config is TEXT else softmax(hidden)
    expected = hidden @ weights["output/kernel"] + weights["output/bias"]
    expected = softmax(expected) if config is TEXT else expected
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


def test_initial_weights_depend_on_the_seed_and_on_nothing_else():
    keras = network.load_keras()

    def weights(seed, state):
        random.seed(state)
        keras.utils.set_random_seed(state)
        return list(network.arrays(network.named_weights(network.build(TEXT, 16, seed))).values())

    first, again, other = weights(1, 10), weights(1, 20), weights(2, 10)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    kernels = [(a, b) for a, b in zip(first, other, strict=True) if a.ndim > 1]
    assert len(kernels) == 5 and all((a != b).any() for a, b in kernels)


def test_two_layers_of_one_shape_do_not_start_with_the_same_numbers():
    weights = network.arrays(network.named_weights(network.build(TEXT, 16, 0))).values()
    kernels = [weight.ravel()[:10] for weight in weights if weight.ndim > 1]
    standardised = [kernel / np.abs(kernel).max() for kernel in kernels]
    for i, a in enumerate(standardised):
        for b in standardised[i + 1 :]:
            assert not np.allclose(a, b)


def test_probabilities_from_logits_equal_the_softmax():
    logits = np.array([[0.0, 0.0], [1.0, 3.0], [5.0, -5.0], [0.0, 900.0], [900.0, 0.0]])
    by_hand = [0.5, 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(10)), 1.0, 0.0]
    np.testing.assert_allclose(network.probability(logits, logits=True), by_hand)
    np.testing.assert_array_equal(network.probability(np.array([[0.25, 0.75]]), logits=False), [0.75])


def test_a_unit_is_active_if_any_window_activates_it():
    hidden = np.zeros((4, 64))
    hidden[2, 7] = 0.5
    hidden[0, 9] = 1e-9  # what a saturated softmax leaves over is not activity
    assert np.flatnonzero(network.active_units(hidden)).tolist() == [7]


def test_importing_the_training_room_does_not_load_keras():
    code = "import sys, core.training.fit, core.training.training_sizes, core.evaluation.scores; "
    code += "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'sklearn', 'scipy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
