"""Window sets made of plain arrays, for the tests of training."""

from __future__ import annotations

import numpy as np

from core.config import ExperimentConfig, from_dict


class ArrayWindows:
    """Windows (n, 3, n_minutes) with labels; the first rows train, the others validate."""

    def __init__(self, values: np.ndarray, label: np.ndarray, n_train: int) -> None:
        self.values, self.label = values.astype(np.float32), label
        self.split = {"train": np.arange(n_train), "validation": np.arange(n_train, len(label))}
        self.largest_batch = 0

    @property
    def n_minutes(self) -> int:
        return self.values.shape[2]

    def rows(self, split: str) -> np.ndarray:
        return self.split[split]

    def labels(self, rows: np.ndarray) -> np.ndarray:
        return self.label[rows]

    def batch(self, rows: np.ndarray) -> np.ndarray:
        self.largest_batch = max(self.largest_batch, len(rows))
        return self.values[rows]


def noise(n: int = 50, n_train: int = 40, n_minutes: int = 32, seed: int = 1) -> ArrayWindows:
    """White noise, labels at random but both present in both parts."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, n)
    label[[0, n_train]], label[[1, n_train + 1]] = 0, 1
    return ArrayWindows(random.normal(size=(n, 3, n_minutes)), label, n_train)


def bursts(n: int = 200, n_train: int = 120, n_minutes: int = 120, seed: int = 2) -> ArrayWindows:
    """Noise of standard deviation 0.3; windows with label 1 hold one oscillation of amplitude 1 at a random time."""
    random = np.random.default_rng(seed)
    values, label = random.normal(scale=0.3, size=(n, 3, n_minutes)), np.arange(n) % 2
    time = np.arange(40)
    burst = np.sin(np.pi * time / 40) ** 2 * np.sin(2 * np.pi * time / 10)
    for i in np.flatnonzero(label):
        start = random.integers(0, n_minutes - 40)
        values[i, :, start : start + 40] += np.array([[1.0], [0.6], [0.8]]) * burst
    return ArrayWindows(values, label, n_train)


def config(**training) -> ExperimentConfig:
    """A config of short training; the other parts do not matter to the loop."""
    return from_dict({"training": {"epochs": 4, "batch_size": 16, "seed": 5, **training}})
