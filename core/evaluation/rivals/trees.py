"""A rival with interactions: boosted trees on a window's circumstances, of all stations together or of each alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.rivals import circumstances
from core.evaluation.rivals.confounders import Score

ROUNDS, DEPTH, LEARNING_RATE, L2 = 40, 3, 0.1, 5.0
BINS = 32  # of each circumstance
LEAF_WEIGHT = 10  # independent rows that a leaf holds at least
LEAF_SHARE = 1 / 8  # but no more than this share of all: a large leaf makes a small set one constant
FEWEST_POSITIVES = 8  # of a station that gets trees of its own, by weight


def fit(rows: pd.DataFrame, label: np.ndarray, weight: np.ndarray) -> Score:
    """
    Learn trees of all stations together, the station being one of the circumstances.

    Parameters
    ----------
    rows : DataFrame
        Columns `circumstances.COLUMNS`; NaN goes its own way in each tree.
    label : ndarray, shape (n,)
        0 or 1, both present.
    weight : ndarray, shape (n,)
        See `logistic.fit`.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    codes = {code: number for number, code in enumerate(sorted(rows["station"].unique()))}
    x = _columns(rows, codes)
    measured = np.isfinite(x).any(axis=0)  # binning refuses a column that nobody knows
    leaf = min(int(len(rows) * LEAF_SHARE), round(LEAF_WEIGHT * len(rows) / max(weight.sum(), 1.0)))
    model: Any = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        max_depth=DEPTH,
        learning_rate=LEARNING_RATE,
        l2_regularization=L2,
        min_samples_leaf=max(1, leaf),
        max_bins=BINS,
        early_stopping=False,
        random_state=0,
    )
    model.fit(x[:, measured], label, sample_weight=weight)
    return lambda others: np.asarray(model.decision_function(_columns(others, codes)[:, measured]), dtype=np.float64)


def fit_each(rows: pd.DataFrame, label: np.ndarray, weight: np.ndarray) -> Score:
    """
    Learn trees of each station alone; a station with few positives has those of all stations together.

    A single tree finds two summers that cancel each other only by luck; see `fit` for the parameters.
    """
    station = rows["station"].to_numpy()
    alone: dict[str, Score] = {}
    for code in np.unique(station):
        inside = station == code
        if min(weight[inside & (label == truth)].sum() for truth in (0, 1)) >= FEWEST_POSITIVES:
            alone[str(code)] = fit(rows[inside], label[inside], weight[inside])

    @cache  # for stations without trees of their own, if one is asked about
    def together() -> Score:
        return fit(rows, label, weight)

    def score(others: pd.DataFrame) -> np.ndarray:
        out, station = np.empty(len(others)), others["station"].to_numpy()
        for code in pd.unique(station):
            inside = station == code
            of_station = alone[code] if code in alone else together()
            out[inside] = of_station(others[inside])
        return out

    return score


def _columns(rows: pd.DataFrame, codes: dict[str, int]) -> np.ndarray:
    """Circumstances as numbers; a phase becomes sine and cosine, since the year does not jump at New Year."""
    out = [rows["station"].map(codes).to_numpy(dtype=np.float64)]
    for phase in ("year_phase", "day_phase"):
        angle = 2 * np.pi * rows[phase].to_numpy()
        out += [np.sin(angle), np.cos(angle)]
    names = [name for name in circumstances.COLUMNS if name not in ("station", "year_phase", "day_phase")]
    return np.column_stack([*out, rows[names].to_numpy(dtype=np.float64)])
