"""Attributions: they sum to what they explain, agree with brute force, and work for every network."""

from __future__ import annotations

import numpy as np
import pytest

from core.config import NetworkConfig
from core.errors import InputError
from core.training import attribution, fit, network
from support.array_windows import bursts, config

MINUTES = 70  # no multiple of the poolings: a remainder is dropped
VARIANTS = [
    NetworkConfig(filters=3, kernel=5, dense=6),
    NetworkConfig(filters=3, kernel=5, dense=6, activation_column="table"),
    NetworkConfig(filters=3, kernel=5, dense=6, name="one_dimensional", head="average"),
    NetworkConfig(filters=3, kernel=5, dense=6, name="dilated", head="average_matched", dropout=0.5),
    NetworkConfig(filters=3, kernel=5, dense=6, layers=1),
]


def ids(chosen):
    return f"{chosen.name}-{chosen.head}-{chosen.activation_column}-{chosen.layers}"


def made(chosen, seed=3):
    """A network with random biases too, so that nothing is zero by symmetry."""
    model, random = network.build(chosen, MINUTES, seed), np.random.default_rng(seed)
    for name, variable in network.named_weights(model).items():
        if name.endswith("bias"):
            variable.assign(random.normal(scale=0.2, size=variable.shape))
    return model


def windows(n=3, seed=1):
    return np.random.default_rng(seed).normal(size=(n, 3, MINUTES)).astype(np.float32)


def log_odds(model, batch):
    """What is explained, shape (n,): the answers that an occlusion compares."""
    return attribution._answers(model, attribution._head(model), batch)


@pytest.mark.parametrize("variant", VARIANTS, ids=ids)
def test_the_log_odds_are_those_of_the_predicted_probability(variant):
    model, x = made(variant), windows()
    outputs = np.asarray(model.predict_on_batch(x[..., None]))
    probability = network.probability(outputs, network.gives_logits(model))
    np.testing.assert_allclose(log_odds(model, x), np.log(probability / (1 - probability)), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS, ids=ids)
@pytest.mark.parametrize("kind", ["zero", "level"])
def test_integrated_gradients_sum_to_the_change_of_the_log_odds(variant, kind):
    model, x = made(variant), windows()
    reference = attribution.baseline(x, kind)
    found = attribution.integrated_gradients(model, x, reference, steps=256)
    wanted = log_odds(model, x) - log_odds(model, reference)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), wanted, atol=0.05 * float(np.abs(wanted).max()))


def test_integrated_gradients_are_the_mean_slope_along_the_line():
    model, x = made(VARIANTS[0]), windows(n=1)
    found = attribution.integrated_gradients(model, x, np.zeros_like(x), steps=4)
    wanted, step = np.zeros(x.shape[1:]), 1e-3
    for share in (0.125, 0.375, 0.625, 0.875):
        moved = np.tile(share * x, (2 * wanted.size, 1, 1))
        for place, (c, m) in enumerate(np.ndindex(*wanted.shape)):
            moved[2 * place, c, m] += step
            moved[2 * place + 1, c, m] -= step
        answers = log_odds(model, moved)
        wanted += ((answers[::2] - answers[1::2]) / (2 * step) / 4).reshape(wanted.shape)
    # a difference over a kink of a ReLU is not the slope at a point, so a few minutes may disagree
    close = np.isclose(found[0], wanted * x[0], atol=2e-3)
    assert close.mean() > 0.95


def test_occlusion_is_what_is_lost_without_each_stretch():
    model, x = made(VARIANTS[0]), windows(n=2)
    reference = attribution.baseline(x, "level")
    found = attribution.occlusion(model, x, reference, patch=20, stride=15)
    whole = log_odds(model, x)
    for i, c in np.ndindex(2, 3):
        lost: list[list[float]] = [[] for _ in range(MINUTES)]
        for start in (0, 15, 30, 45, 50):  # the last stretch ends with the window
            without = x[i : i + 1].copy()
            without[0, c, start : start + 20] = np.median(x[i, c])
            change = whole[i] - log_odds(model, without)[0]
            for minute in range(start, start + 20):
                lost[minute].append(change)
        np.testing.assert_allclose(found[i, c], [np.mean(values) for values in lost], atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS, ids=ids)
def test_grad_cam_weighs_each_filter_with_what_a_shift_of_it_does(variant):
    model, x = made(variant), windows(n=1)
    keras, (last, width) = network.load_keras(), attribution._last_convolution(model)
    seen = np.asarray(keras.Model(model.inputs[0], last.output).predict_on_batch(x[..., None]))
    after = keras.Model(last.output, model.get_layer(network.OUTPUT).input)

    def answer(activations):
        return float(np.asarray(attribution._margin(model, after(activations, training=False)))[0])

    total, step = np.zeros(seen.shape[1:3]), 1e-3
    for k in range(seen.shape[3]):
        moved = np.zeros(seen.shape, dtype=np.float32)
        moved[..., k] = step
        slope = (answer(seen + moved) - answer(seen - moved)) / (2 * step)
        total += slope / total.size * seen[0, :, :, k]
    wanted = np.zeros((3, MINUTES))
    for minute in range(MINUTES):
        if minute // width < total.shape[1]:
            wanted[:, minute] = np.maximum(total[:, minute // width], 0)
    found = attribution.grad_cam(model, x)[0]
    np.testing.assert_allclose(found, wanted, atol=0.02 * float(np.abs(wanted).max()) + 1e-6)


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    """A network that has learned to find an oscillation, and the windows of its training."""
    cut = bursts(n_minutes=120)
    return fit.train(config(epochs=12, learning_rate=0.003), cut, tmp_path_factory.mktemp("finder")).model, cut


@pytest.mark.parametrize("method", attribution.METHODS)
def test_a_planted_oscillation_is_where_a_trained_network_looks(method, finder):
    model, cut = finder
    rows = np.array([r for r in cut.rows("validation") if cut.label[r] == 1])
    found = attribution.attribute(model, cut.batch(rows), attribution.Options(method)).sum(axis=1)
    hits = []
    for window, one in zip(cut.values[rows], found, strict=True):
        start = int(np.argmax(np.convolve((window**2).sum(axis=0), np.ones(40), "valid")))  # the 40 loudest minutes
        hits.append(start <= int(np.argmax(one)) < start + 40)
    assert np.mean(hits) > 0.6  # by chance 40 of 120 minutes


def test_what_is_no_method_is_a_sentence(monkeypatch):
    with pytest.raises(InputError, match="integrated_gradients, occlusion, grad_cam"):
        attribution.Options(method="saliency")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="zero, level"):
        attribution.Options(baseline="noise")  # type: ignore[arg-type]
    monkeypatch.setattr(network.load_keras().backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="computes with jax"):
        attribution.integrated_gradients(None, windows(), windows())
