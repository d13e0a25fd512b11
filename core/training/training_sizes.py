"""
Would more data help? Train on growing subsets of the training windows and score all on the same validation windows.

Each point is written down as soon as it is there; a curve that was stopped or
killed goes on with the points that are missing.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import config as configuration
from core import files
from core.config import ExperimentConfig
from core.errors import InputError
from core.training import fit, measures


@dataclass(frozen=True)
class Point:
    """
    One training of a learning curve: a row of points.csv.

    fraction: of the training windows, and n_windows, their number. seed: of this repeat. Losses (nats), accuracies and
    AUC are those of the finished network; majority_share is the accuracy without skill.
    """

    fraction: float
    n_windows: int
    repeat: int
    seed: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    validation_auc: float
    majority_share: float


COLUMNS = [each.name for each in dataclasses.fields(Point)]


class Subset:
    """A window set of which only some of the training rows may be used."""

    def __init__(self, windows: fit.Windows, train_rows: np.ndarray) -> None:
        self._windows = windows
        self._train_rows = train_rows
        self.labels = windows.labels
        self.batch = windows.batch

    @property
    def n_minutes(self) -> int:
        return self._windows.n_minutes

    def rows(self, split: str) -> np.ndarray:
        return self._train_rows if split == "train" else self._windows.rows(split)


def run(
    config: ExperimentConfig,
    windows: fit.Windows,
    fractions: Sequence[float],
    repeats: int,
    folder: Path,
    on_point: Callable[[Point], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    groups: np.ndarray | None = None,
) -> pd.DataFrame:
    """
    Train once for each fraction of the training rows and each repeat.

    Within a repeat the subsets are nested (a larger one holds the smaller
    ones) and start from the same initial weights, so neighbouring points
    differ by the added windows only; different repeats draw other windows and
    other weights. Both classes keep their share. Windows are drawn group by
    group: those of one earthquake sequence come in together, as those of a new
    one would. At the whole training set repeats differ by the weights alone.

    Parameters
    ----------
    config : ExperimentConfig
        Trained as it is, but for the seed: `config.training.seed` + repeat.
    windows : fit.Windows
    fractions : sequence of float
        Each above 0, up to 1.
    repeats : int
    folder : Path
        Holds points.csv; points already in it are not trained again.
    on_point : callable, optional
        Called with each new point.
    should_stop : callable, optional
        True ends the curve; the points so far are returned.
    groups : ndarray of int, shape (n_training_rows,), optional
        Training windows with equal numbers belong together (one event cluster, one stretch of time). Without it
        every window is drawn by itself.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, sorted by fraction and repeat. Losses (nats) and
        accuracies are those of the finished network, on its own training
        subset and on all validation rows. majority_share is that of the
        validation rows, the accuracy without skill.

    Raises
    ------
    InputError
        If a fraction or `repeats` is out of range, a class is absent from the
        training rows, there are no validation rows, or points.csv was made
        with other seeds.
    """
    _check(fractions, repeats)
    path = folder / "points.csv"
    points = read(path)
    rows, validation_rows = windows.rows("train"), windows.rows("validation")
    if not len(validation_rows):
        raise InputError("A learning curve needs validation windows, and there are none. Raise validation_fraction.")
    labels, validation_labels = windows.labels(rows), windows.labels(validation_rows)
    share = float((validation_labels == 1).mean())
    reuse: fit.Trained | None = None  # one model for all points: TensorFlow never frees a trained one
    for repeat in range(repeats):
        seed = (config.training.seed + repeat) % 2**31
        order = shuffled(labels, seed, groups)
        for fraction in sorted(set(fractions)):
            done = points[np.isclose(points["fraction"], fraction) & (points["repeat"] == repeat)]
            if len(done):
                if int(done["seed"].iloc[0]) != seed:
                    raise InputError(f"{path} was made with another seed. Use another folder for this curve.")
                continue
            subset = Subset(windows, np.sort(rows[first_of(order, labels, fraction)]))
            scratch = folder / f"training-{fraction:g}-{repeat}"
            seeded = configuration.replace(config, training={"seed": seed})
            trained = reuse = fit.train(seeded, subset, scratch, should_stop=should_stop, reuse=reuse)
            if trained.cancelled:
                return _sorted(points)
            point = Point(
                fraction=float(fraction),
                n_windows=len(subset.rows("train")),
                repeat=repeat,
                seed=seed,
                **_measured(config, trained, subset, "train"),
                **_measured(config, trained, subset, "validation"),
                majority_share=max(share, 1 - share),
            )
            points = pd.concat([points, pd.DataFrame([point])], ignore_index=True)[COLUMNS]
            files.replace_text(path, points.to_csv(index=False, lineterminator="\n"))
            shutil.rmtree(scratch, ignore_errors=True)  # after the point is safe: the checkpoint may be large
            if on_point is not None:
                on_point(point)
    return _sorted(points)


def read(path: Path) -> pd.DataFrame:
    """The points of a points.csv, in the order they came; an empty table if there is none yet."""
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS).astype(float).astype({"n_windows": int, "repeat": int, "seed": int})
    try:
        return pd.read_csv(path)[COLUMNS]
    except (ValueError, KeyError) as error:
        raise InputError(
            f"{path} is not a table of learning-curve points ({error}). Delete it to begin anew."
        ) from None


def shuffled(labels: np.ndarray, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """A random order of the rows, shape (n,), group by group; the rows of each class are taken from its front."""
    random = np.random.default_rng([seed, 1])
    order = random.permutation(len(labels))
    if groups is None:
        return order
    _, number = np.unique(groups, return_inverse=True)
    turn = random.permutation(len(labels))[number]  # a different random number for each group
    return order[np.argsort(turn[order], kind="stable")]


def first_of(order: np.ndarray, labels: np.ndarray, fraction: float) -> np.ndarray:
    """The first `fraction` of each class in this order, at least one row of each, as indices into `labels`."""
    parts = []
    for label in (0, 1):
        members = order[labels[order] == label]
        parts.append(members[: max(1, round(fraction * len(members)))])
    return np.concatenate(parts)


def _measured(config: ExperimentConfig, trained: fit.Trained, windows: Subset, split: str) -> dict[str, float]:
    rows = windows.rows(split)
    label, probability = windows.labels(rows), fit.predict(trained.model, windows, rows)
    result = {
        f"{split}_loss": measures.log_loss(label, probability),
        f"{split}_accuracy": measures.accuracy(label, probability, config.training.threshold),
    }
    return result if split == "train" else {**result, "validation_auc": measures.auc(label, probability)}


def _sorted(points: pd.DataFrame) -> pd.DataFrame:
    return points.sort_values(["fraction", "repeat"], ignore_index=True)


def _check(fractions: Sequence[float], repeats: int) -> None:
    if not len(fractions) or not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(f"Fractions of a learning curve lie above 0 and up to 1, found {list(fractions)}.")
    if repeats < 1:
        raise InputError(f"A learning curve needs at least one repeat, found {repeats}.")
