"""Controls: which quiet windows are the negatives, and the storm rule that must hold for both classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import LabelsConfig
from core.labelling import windows

KP_MAXIMUM = 9.0
KP_TOLERANCE = 0.01  # thirds are written 4.667 or 4.67 or 14/3; all mean 5-


def exclude_storms(table: pd.DataFrame, config: LabelsConfig) -> pd.DataFrame:
    """
    Reject windows with a 3-hour Kp at or above `storm_kp`, and those whose Kp is unknown.

    `storm_rule` both: whatever the label. negatives (the paper): windows with label 0 only,
    which makes Kp alone tell the classes apart. none, or a Kp above 9: nothing is rejected.
    """
    if config.storm_rule == "none" or config.storm_kp > KP_MAXIMUM:
        return table
    judged = np.ones(len(table), dtype=bool)
    if config.storm_rule == "negatives":
        judged = (table["label"] == windows.NEGATIVE).to_numpy()
    kp = table["kp_max"].to_numpy()
    table = windows.reject(table, judged & np.isnan(kp), windows.OUTSIDE_KP)
    return windows.reject(table, judged & (kp >= config.storm_kp - KP_TOLERANCE), f"storm (Kp >= {config.storm_kp:g})")


def choose(table: pd.DataFrame, config: LabelsConfig) -> pd.DataFrame:
    """
    Choose the negatives, station by station and split by split.

    `class_ratio` balanced: all positives, and as many negatives drawn at random
    (the paper: "a similar number"); natural: all of both. A negative that is not
    drawn keeps its row and loses its split.

    A draw over all blocks of time at once would tie them together: a station with many
    positives in training would have few in test, and whoever knows the station alone would
    score below chance there. So where the blocks are known, each gets its own draw, from its
    own windows only. Before a split is assigned (the paper's order), a station is one group.

    Parameters
    ----------
    table : DataFrame
        Windows of one or more stations.
    config : LabelsConfig

    Returns
    -------
    DataFrame
        With the reason "not drawn".
    """
    if config.class_ratio == "natural":
        return table
    label, usable = table["label"].to_numpy(), (table["rejected"] == "").to_numpy()
    group = (table["station"] + " " + table["split"]).to_numpy(dtype=object)
    not_drawn = np.zeros(len(table), dtype=bool)
    for name in dict.fromkeys(group[usable]):
        here = usable & (group == name)
        negatives = np.flatnonzero(here & (label == windows.NEGATIVE))
        surplus = len(negatives) - int((here & (label == windows.POSITIVE)).sum())
        if surplus > 0:
            random = np.random.default_rng([config.seed, 1, *name.encode()])
            not_drawn[random.choice(negatives, size=surplus, replace=False)] = True
    split = table["split"].mask(pd.Series(not_drawn, index=table.index), "")
    return windows.reject(table, not_drawn, windows.NOT_DRAWN).assign(split=split)


def weights(table: pd.DataFrame, config: LabelsConfig) -> np.ndarray:
    """
    How much each window counts before the negatives are chosen: a negative, the chance that it will be drawn.

    Parameters
    ----------
    table : DataFrame
        Usable windows of one or more stations.
    config : LabelsConfig

    Returns
    -------
    ndarray of float, shape (n_windows,)
        In [0, 1]; all 1 for the natural class ratio, and where there is no positive at all.
    """
    positive = (table["label"] == windows.POSITIVE).to_numpy()
    weight = np.ones(len(table))
    if config.class_ratio == "natural" or not positive.any():
        return weight
    for code in table["station"].unique():
        here = (table["station"] == code).to_numpy()
        n_positive, n_negative = int((here & positive).sum()), int((here & ~positive).sum())
        weight[here & ~positive] = min(1.0, n_positive / max(n_negative, 1))
    return weight
