"""
Window shift: does the skill survive when the windows before the events are moved away from them?

A foreshock, an aftershock of an earlier event, or shaking that reached the instrument sits right before the origin
time. Skill that vanishes as soon as the windows end a window length earlier may come from those. (A precursor
shorter than a window would vanish too: the control cannot tell them apart, so the claim is not made.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.evaluation import alarm_series, bootstrap, scores
from core.labelling import splits
from core.loading.record.minute import epoch_minutes

COLUMNS = ["shift_days", "auc", "auc_low", "auc_high", "n"]
MULTIPLES = (0, 1, 2, 4, 8)


def table(
    judged: pd.DataFrame,
    scan: pd.DataFrame,
    targets: pd.DataFrame,
    config: ExperimentConfig,
    multiples: Sequence[int] = MULTIPLES,
) -> pd.DataFrame:
    """
    The AUC when each positive window ends earlier by a number of window lengths; the negatives stay.

    The network is the same. A moved window takes the probability of the newest window of the scan that ends no later
    than it, and less than a step of the scan before. Left out are moved windows that begin before the first judged one
    (their minutes may have trained the network), and those with another target event in them or in the
    period they speak of: that event would be what is found. So n falls with the shift.

    Parameters
    ----------
    judged : DataFrame
        The windows the run is judged by: station, start, end, label, event_id, cluster, probability.
    scan : DataFrame
        station, start, end, probability, rejected at a regular step over the same period.
    targets : DataFrame
        station, event_id, origin_time of the target events.
    config : ExperimentConfig
    multiples : sequence of int
        In window lengths.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; n is the number of positive windows left. Where none is left, the AUC is NaN.
    """
    known = judged[judged["label"].isin([0, 1])].reset_index(drop=True)
    positive, negative = known[known["label"] == 1].reset_index(drop=True), known[known["label"] == 0]
    rows = []
    for multiple in multiples:
        shift = multiple * config.windows.length_minutes
        probability = positive["probability"].to_numpy(dtype=float)
        if multiple:
            probability = _moved(positive, scan, targets, shift, _first_minute(known), config)
        here = np.isfinite(probability)
        part = pd.concat([positive[here].assign(probability=probability[here]), negative])
        # Windows that may depend on each other count together, by the place they had before they were moved.
        start = epoch_minutes(pd.DatetimeIndex(part["start"]))
        group = bootstrap.groups(start, splits.footprint_minutes(config), part["cluster"].to_numpy())
        label, value = part["label"].to_numpy(), part["probability"].to_numpy(dtype=float)
        low, high = scores.auc_interval(label, value, group)
        rows.append((shift / MINUTES_PER_DAY, scores.auc(label, value), low, high, int(here.sum())))
    return pd.DataFrame(rows, columns=COLUMNS)


def _moved(
    positive: pd.DataFrame,
    scan: pd.DataFrame,
    targets: pd.DataFrame,
    shift: int,
    earliest: int,
    config: ExperimentConfig,
) -> np.ndarray:
    """The probability of each positive window moved `shift` minutes earlier, shape (n,); NaN where there is none."""
    out = np.full(len(positive), np.nan)
    length = config.windows.length_minutes
    for station, mine in positive.groupby("station"):
        own = scan[scan["station"] == station].sort_values("end")
        ends = epoch_minutes(pd.DatetimeIndex(own["end"]))
        if len(ends) < 2:
            continue
        step = int(np.diff(ends).min())
        wanted = epoch_minutes(pd.DatetimeIndex(mine["end"])) - shift
        at = np.searchsorted(ends, wanted, "right") - 1
        found = ends[np.maximum(at, 0)]
        near = (at >= 0) & (wanted - found < step) & (found - length >= earliest)
        after, lasts = alarm_series.validity_minutes(config, step)
        others = _other_targets(mine, targets[targets["station"] == station], found - length, found + after + lasts)
        usable = own["probability"].where(own["rejected"] == "").to_numpy(dtype=float)
        out[mine.index] = np.where(near & (others == 0), usable[np.maximum(at, 0)], np.nan)
    return out


def _other_targets(mine: pd.DataFrame, targets: pd.DataFrame, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """For each window, how many target events but its own lie in [first, last), minutes since 1970."""
    targets = targets.drop_duplicates("event_id")
    origins = epoch_minutes(pd.DatetimeIndex(targets["origin_time"]))
    in_order = np.sort(origins)
    n = np.searchsorted(in_order, last, "left") - np.searchsorted(in_order, first, "left")
    own = pd.Series(origins, index=targets["event_id"].to_numpy(dtype=object)).reindex(mine["event_id"]).to_numpy()
    return n - ((own >= first) & (own < last))


def _first_minute(windows: pd.DataFrame) -> int:
    return int(epoch_minutes(pd.DatetimeIndex(windows["start"])).min())
