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
    Choose the negatives of each station.

    `class_ratio` balanced: all positives, and as many negatives drawn at random
    (the paper: "a similar number"); natural: all of both. The draw depends on the seed and on
    the station's own windows only, so adding a station changes nothing for the others. A
    negative that is not drawn keeps its row.

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
    usable = (table["rejected"] == "").to_numpy()
    label, station = table["label"].to_numpy(), table["station"].to_numpy(dtype=object)
    not_drawn = np.zeros(len(table), dtype=bool)
    for code in dict.fromkeys(station):
        here = usable & (station == code)
        negatives = np.flatnonzero(here & (label == windows.NEGATIVE))
        surplus = len(negatives) - int((here & (label == windows.POSITIVE)).sum())
        if surplus > 0:
            random = np.random.default_rng([config.seed, 1, *code.encode()])
            not_drawn[random.choice(negatives, size=surplus, replace=False)] = True
    return windows.reject(table, not_drawn, windows.NOT_DRAWN)
