"""
Networks that cannot know what a run learned: controls for what its attributions seem to say.

Adebayo et al. (2018): a map that looks the same for a network with random weights, or for one that was trained on
shuffled labels, shows the input and not what was learned.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core import config as configs
from core.config import ExperimentConfig
from core.errors import InputError
from core.labelling.window_set import WindowSet
from core.progress import Cancelled, Progress
from core.runs.runs import Run, RunStore
from core.training import fit, network
from core.training.loop import assign
from core.vocabulary import SPLITS

MOST_EPOCHS = 6  # of the network on shuffled labels


class ShuffledLabels:
    """A window set whose labels were dealt out anew within each split; as many of each class as before."""

    def __init__(self, windows: WindowSet, seed: int) -> None:
        self._windows = windows
        self.n_minutes = windows.n_minutes
        self._label = windows.labels(np.arange(len(windows.table))).copy()
        for number, split in enumerate(SPLITS):
            rows = windows.rows(split)
            self._label[rows] = np.random.default_rng([seed, number]).permutation(self._label[rows])

    def rows(self, split: str) -> np.ndarray:
        return self._windows.rows(split)

    def labels(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self._label[rows])

    def batch(self, rows: np.ndarray) -> np.ndarray:
        return self._windows.batch(rows)


def trained(run: Run) -> Any:
    """The network of a run in float32, whatever precision it was trained with: its weights are float32."""
    config = configs.replace(run.config, training={"precision": "float32"})
    return fit.load_model(config, config.windows.length_minutes, run.weights)


def random_weights(run: Run, model: Any, seed: int) -> Iterator[tuple[str, Any]]:
    """
    The network with more and more of its layers at random weights, from the output backwards (the cascade).

    Yields
    ------
    str
        The layer that lost its weights last; every later one has none of what was learned either.
    keras.Model
        The same object each time, with other weights. After the last one everything is random.
    """
    config, length = run.config, run.config.windows.length_minutes
    other = network.build(config.network, length, config.training.seed + 7919 * (seed + 1))
    # as before training: kernels drawn anew, biases zero
    random = network.copies(network.named_weights(other))
    names = [layer.name for layer in model.layers if layer.weights]
    assign(network.named_weights(other), network.arrays(network.named_weights(model)))
    for name in reversed(names):
        weights = network.named_weights(other)
        assign({key: variable for key, variable in weights.items() if key.startswith(f"{name}/")}, random)
        yield name, other


def shuffled_labels(
    config: ExperimentConfig, windows: WindowSet, scratch: Path, seed: int, progress: Progress
) -> tuple[Any, float, int]:
    """
    The same network trained on shuffled labels for a few epochs.

    Returns
    -------
    model : keras.Model
    auc : float
        Of the shuffled training labels, in the last epoch; 0.5 if it could not even learn them by heart.
    epochs : int
    """
    epochs = min(config.training.epochs, MOST_EPOCHS)
    plain = {"early_stopping_patience": 0, "precision": "float32", "backend": "auto"}
    chosen = configs.replace(config, training={"epochs": epochs, **plain})
    shutil.rmtree(scratch, ignore_errors=True)  # a checkpoint of another shuffle
    result = fit.train(chosen, ShuffledLabels(windows, seed), scratch, should_stop=progress.should_stop)
    shutil.rmtree(scratch, ignore_errors=True)
    if result.cancelled:
        raise Cancelled("Stopped. Nothing was kept; the same command begins again.")
    return result.model, float(result.history["auc"].iloc[-1]), epochs


def other_seeds(run: Run, store: RunStore) -> list[Run]:
    """
    Runs on the same data whose configuration differs in nothing but the seed of training, and in its name.

    One with a damaged folder is left out, and the log says so.
    """
    if not store.has(run.run_id):
        return []
    wanted, alike_runs = _but_seed(run), []
    for run_id in store.ids():
        candidate = store.open(run_id)
        try:
            alike = run_id != run.run_id and _but_seed(candidate) == wanted and candidate.digests == run.digests
            if alike and not candidate.status.dead:
                alike_runs.append(candidate)
        except InputError as error:
            logging.getLogger(__name__).warning("%s", error)
    return alike_runs


def _but_seed(run: Run) -> dict[str, Any]:
    content = configs.replace(run.config, training={"seed": 0}).as_dict()
    return {key: value for key, value in content.items() if key not in ("name", "description")} | {
        "parent": run.status.parent
    }
