"""
Attributions: how much each minute of each component moved the network's answer, by three methods.

What is explained is the log-odds of label 1, log(p / (1 - p)), in nats: it does not saturate where the probability
does. An attribution says what the network used. It does not say why the field did so, and many maps look alike
whatever a network has learned (Adebayo et al. 2018); `judgement.explanation` therefore never shows one without
its controls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.errors import InputError
from core.training import network
from core.training.loop import evaluation_batch

Method = Literal["integrated_gradients", "occlusion", "grad_cam"]
METHODS: tuple[Method, ...] = ("integrated_gradients", "occlusion", "grad_cam")
PARTS = 24  # an occluded stretch is this part of a window unless told


@dataclass(frozen=True)
class Options:
    """
    How to attribute.

    baseline: "zero", the number 0 in the network's own units (with `record_robust` the usual level of the station in
    training); "level", each component standing still at its median of the window. steps: points on the straight line
    from the baseline to the window, for integrated gradients. patch_minutes: length of the occluded stretch, moved by
    half of it; 0 stands for a 24th of the window.
    """

    method: Method = "integrated_gradients"
    baseline: Literal["zero", "level"] = "zero"
    steps: int = 64
    patch_minutes: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"There is no method {self.method!r}. Methods: {', '.join(METHODS)}.")
        if self.baseline not in ("zero", "level"):
            raise InputError(f"There is no baseline {self.baseline!r}. Baselines: zero, level.")
        if self.steps < 1 or self.patch_minutes < 0:
            raise InputError(
                "Integrated gradients need at least 1 step, and an occluded stretch a length of 0 or more."
            )

    def words(self, n_minutes: int) -> str:
        """The method in a sentence, for windows of this length."""
        reference = {"zero": "the usual level (0 in the network's units)", "level": "the window's own median"}
        if self.method == "integrated_gradients":
            return (
                f"Integrated gradients (Sundararajan et al. 2017) of the log-odds, {self.steps} steps from "
                f"{reference[self.baseline]}."
            )
        if self.method == "occlusion":
            return (
                f"Occlusion (Zeiler & Fergus 2014): what the log-odds lose when {self.patch(n_minutes)} minutes of one "
                f"component are set to {reference[self.baseline]}."
            )
        return (
            "Grad-CAM (Selvaraju et al. 2017) at the last convolution: only what speaks for label 1, no finer than "
            "the poolings leave it, and the components are mixed where the network has mixed them."
        )

    def patch(self, n_minutes: int) -> int:
        """Length of the occluded stretch in minutes."""
        return min(n_minutes, self.patch_minutes or max(1, n_minutes // PARTS))


def attribute(model: Any, batch: np.ndarray, options: Options | None = None) -> np.ndarray:
    """
    Attribution of every minute of every component.

    Parameters
    ----------
    model : keras.Model
        As `fit.load_model` returns it.
    batch : ndarray, shape (n, 3, n_minutes)
        As `WindowSet.batch` returns it.
    options : Options, optional

    Returns
    -------
    ndarray of float32, shape (n, 3, n_minutes)
        Nats of log-odds; above 0 speaks for label 1.

    Raises
    ------
    InputError
        If the method needs gradients and this process does not compute with TensorFlow.
    """
    options = options or Options()
    if options.method == "grad_cam":
        return grad_cam(model, batch)
    reference = baseline(batch, options.baseline)
    if options.method == "occlusion":
        patch = options.patch(batch.shape[2])
        return occlusion(model, batch, reference, patch, max(1, patch // 2))
    return integrated_gradients(model, batch, reference, options.steps)


def baseline(batch: np.ndarray, kind: str = "zero") -> np.ndarray:
    """The windows from which an attribution counts, shape as `batch`; see `Options`."""
    if kind == "zero":
        return np.zeros_like(batch)
    return np.broadcast_to(np.median(batch, axis=2, keepdims=True), batch.shape).astype(batch.dtype)


def integrated_gradients(model: Any, batch: np.ndarray, reference: np.ndarray, steps: int = 64) -> np.ndarray:
    """
    Integrated gradients (Sundararajan, Taly & Yan 2017), by the midpoint rule.

    (x - x0) times the mean gradient of the log-odds on the straight line from x0 to x. Completeness: over a window the
    attributions sum to the log-odds of x less those of x0, up to the error of the rule.

    Parameters
    ----------
    model : keras.Model
    batch, reference : ndarray, shape (n, 3, n_minutes)
    steps : int

    Returns
    -------
    ndarray of float32, shape (n, 3, n_minutes)
    """
    tf = _tensorflow("Integrated gradients")
    head, share = _head(model), (np.arange(steps, dtype=np.float32) + 0.5) / steps
    out = np.empty(batch.shape, dtype=np.float32)
    for i, (x, x0) in enumerate(zip(batch, reference, strict=True)):
        total = np.zeros(x.shape)
        for part in _chunks(share, x.shape[1]):
            points = tf.constant(x0 + part[:, None, None] * (x - x0))
            with tf.GradientTape() as tape:
                tape.watch(points)
                answer = tf.reduce_sum(_margin(model, head(points[..., None], training=False)))
            total += np.asarray(tape.gradient(answer, points), dtype=np.float64).sum(axis=0)
        out[i] = (x - x0) * total / steps
    return out


def occlusion(model: Any, batch: np.ndarray, reference: np.ndarray, patch: int, stride: int) -> np.ndarray:
    """
    What the log-odds lose when a stretch of one component is replaced by the reference (Zeiler & Fergus 2014).

    A minute gets the mean over all stretches that cover it.

    Parameters
    ----------
    model : keras.Model
    batch, reference : ndarray, shape (n, 3, n_minutes)
    patch, stride : int
        Length of the stretch and from one to the next, minutes; the last stretch ends with the window.

    Returns
    -------
    ndarray of float32, shape (n, 3, n_minutes)
    """
    n, n_components, n_minutes = batch.shape
    starts = np.unique(np.append(np.arange(0, n_minutes - patch, stride), n_minutes - patch))
    head, out = _head(model), np.empty(batch.shape, dtype=np.float32)
    whole = _answers(model, head, batch)
    places = [(c, start) for c in range(n_components) for start in starts]
    count = np.zeros(n_minutes)
    for start in starts:
        count[start : start + patch] += 1
    for i in range(n):
        lost = np.zeros(batch.shape[1:])
        for part in _chunks(np.arange(len(places)), n_minutes):
            changed = np.repeat(batch[i][np.newaxis], len(part), axis=0)
            for row, place in enumerate(part):
                component, start = places[place]
                changed[row, component, start : start + patch] = reference[i, component, start : start + patch]
            for place, answer in zip(part, _answers(model, head, changed), strict=True):
                component, start = places[place]
                lost[component, start : start + patch] += whole[i] - answer
        out[i] = lost / count
    return out


def grad_cam(model: Any, batch: np.ndarray) -> np.ndarray:
    """
    Grad-CAM (Selvaraju et al. 2017) at the last convolution.

    Each filter is weighed with the mean gradient of the log-odds over its positions; what is left of the sum above 0 is
    given to the minutes that each position was pooled from. Minutes that the poolings dropped get 0. A network that
    takes the components as channels has one map for all three.

    Returns
    -------
    ndarray of float32, shape (n, 3, n_minutes)
    """
    tf = _tensorflow("Grad-CAM")
    keras = network.load_keras()
    last, width = _last_convolution(model)
    probe = keras.Model(model.inputs[0], [last.output, model.get_layer(network.OUTPUT).input])
    out = np.zeros(batch.shape, dtype=np.float32)
    first = 0
    for x in _chunks(batch):
        with tf.GradientTape() as tape:
            # without an input to watch the tape would follow the weights only, and not what lies between
            points = tf.constant(x[..., np.newaxis])
            tape.watch(points)
            seen, hidden = probe(points, training=False)
            answer = tf.reduce_sum(_margin(model, hidden))
        gradient = np.asarray(tape.gradient(answer, seen), dtype=np.float64)
        weight = gradient.mean(axis=(1, 2), keepdims=True)
        found = np.maximum((weight * np.asarray(seen, dtype=np.float64)).sum(axis=3), 0.0)
        spread = np.repeat(found, width, axis=2)[:, :, : batch.shape[2]]
        out[first : first + len(x), :, : spread.shape[2]] = spread
        first += len(x)
    return out


def _head(model: Any) -> Any:
    """The network up to what enters its output layer."""
    return network.load_keras().Model(model.inputs[0], model.get_layer(network.OUTPUT).input)


def _answers(model: Any, head: Any, batch: np.ndarray) -> np.ndarray:
    to_numpy = network.load_keras().ops.convert_to_numpy
    parts = [to_numpy(_margin(model, head(x[..., np.newaxis], training=False))) for x in _chunks(batch)]
    return np.concatenate([np.empty(0), *parts]).astype(np.float64)


def _margin(model: Any, hidden: Any) -> Any:
    """Log-odds from what enters the output layer: the difference of the two outputs before any softmax."""
    layer, ops = model.get_layer(network.OUTPUT), network.load_keras().ops
    both = ops.matmul(ops.cast(hidden, "float32"), layer.kernel) + layer.bias
    return both[:, 1] - both[:, 0]


def _last_convolution(model: Any) -> tuple[Any, int]:
    """The last convolution, and how many minutes were pooled into one of its positions."""
    last, width, pooled = None, 1, 1
    for layer in model.layers:
        if layer.name.startswith("conv_"):
            last, width = layer, pooled
        elif layer.name.startswith("pool_"):
            pooled *= int(layer.pool_size[1])
    if last is None:
        raise InputError("This network has no convolution, so there is no Grad-CAM of it. Take another method.")
    return last, width


def _chunks(values: np.ndarray, n_minutes: int = 0) -> Iterator[np.ndarray]:
    """Consecutive parts that fit into memory: of windows, or of what is computed with windows of `n_minutes`."""
    size = evaluation_batch(n_minutes or values.shape[2])
    for first in range(0, len(values), size):
        yield values[first : first + size]


def _tensorflow(what: str) -> Any:
    backend = network.load_keras().backend.backend()
    if backend != "tensorflow":
        raise InputError(
            f"{what} needs TensorFlow, and this process computes with {backend}. Take --method occlusion, or start "
            "again without KERAS_BACKEND."
        )
    import tensorflow

    return tensorflow
