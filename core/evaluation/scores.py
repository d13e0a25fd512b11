"""
Scores of probabilities against labels, each beside its value without skill.

Accuracy stands beside the majority share, AUC beside its interval, Brier
beside the score of the base rate. A score that the rows cannot give (a class
is absent, nothing was alarmed) is NaN, not 0 and not 1.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core import files
from core.evaluation import bootstrap
from core.evaluation.cells import Cells
from core.loading.record.minute import epoch_minutes
from core.training import measures
from core.typed_documents import Count, Share
from core.vocabulary import POOLED, SPLITS

Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution


@dataclass(frozen=True)
class ScoreRow:
    """
    The scores of one split at one station, or of all stations; chance beside each. NaN, or in JSON None: none exists.

    Counts of windows: n, n_positive with label 1, and the four cells at the threshold. The shares, rates and scores are
    those of `table`.
    """

    split: str
    station: str
    n: Count
    n_positive: Count
    majority_share: Share | None = None
    accuracy: Share | None = None
    precision: Share | None = None
    recall: Share | None = None
    false_alarm_rate: Share | None = None
    mcc: float | None = None
    auc: Share | None = None
    auc_low: Share | None = None
    auc_high: Share | None = None
    brier: Share | None = None
    brier_reference: Share | None = None
    hits: Count | None = None
    misses: Count | None = None
    false_alarms: Count | None = None
    correct_negatives: Count | None = None


COLUMNS = [each.name for each in dataclasses.fields(ScoreRow)]


def auc(label: ArrayLike, probability: ArrayLike) -> float:
    """Area under the ROC curve by ranks, ties counting one half; NaN where a class is absent."""
    return measures.auc(label, probability)


def auc_interval(label: ArrayLike, probability: ArrayLike, group: ArrayLike | None = None) -> tuple[float, float]:
    """
    95 % interval of the AUC, cut at 0 and 1.

    The variance is that of DeLong, DeLong & Clarke-Pearson (1988) from placement
    values (by midranks, Sun & Xu 2014), in the form for clustered data of
    Obuchowski (1997): rows of one group may depend on each other, groups may not.
    Without groups every row is its own, and the two are the same. Few groups do not know their variance well: the
    quantile is Student's, with the number of groups that hold the rarer class less one as degrees of freedom.

    Where the classes are separated without a single exception (AUC 1 or 0) that
    variance is 0 however few the rows are. The bound is then that of the k
    disjoint pairs that the smaller class allows: each is in order with
    probability A, so all k are with probability A^k, and A >= 0.025^(1/k).

    Parameters
    ----------
    label, probability : array-like, shape (n,)
    group : array-like, shape (n,), optional
        Rows with equal values share a group, such as windows of one stretch of time.

    Returns
    -------
    low, high : float
        (NaN, NaN) where a class lies in fewer than two groups or all probabilities are equal.
    """
    label, probability = np.asarray(label), np.asarray(probability, dtype=np.float64)
    area = measures.auc(label, probability)
    positive, negative = probability[label == 1], probability[label == 0]
    n_positive, n_negative = len(positive), len(negative)
    names = np.arange(len(label)) if group is None else np.asarray(group)
    _, number = np.unique(names, return_inverse=True)
    k_positive, k_negative = len(np.unique(number[label == 1])), len(np.unique(number[label == 0]))
    if min(k_positive, k_negative) < 2:
        return math.nan, math.nan
    if area in (0, 1):
        bound = 0.025 ** (1 / min(k_positive, k_negative))
        return (bound, 1.0) if area == 1 else (0.0, 1 - bound)
    ranks = measures.midranks(np.concatenate([positive, negative]))
    # The share of the other class that each row beats, its placement, less the mean of all; then summed by group.
    of_positive = (ranks[:n_positive] - measures.midranks(positive)) / n_negative - area
    of_negative = 1 - (ranks[n_positive:] - measures.midranks(negative)) / n_positive - area
    k = int(number.max()) + 1
    by_positive = np.bincount(number[label == 1], weights=of_positive, minlength=k) / n_positive
    by_negative = np.bincount(number[label == 0], weights=of_negative, minlength=k) / n_negative
    from scipy.special import stdtrit

    variance = (
        k_positive / (k_positive - 1) * (by_positive**2).sum()
        + k_negative / (k_negative - 1) * (by_negative**2).sum()
        + 2 * k / (k - 1) * (by_positive * by_negative).sum()
    )
    if not variance > 1e-15:
        return math.nan, math.nan
    half = float(stdtrit(min(k_positive, k_negative) - 1, 0.975)) * math.sqrt(variance)
    return max(0.0, area - half), min(1.0, area + half)


def roc(label: ArrayLike, probability: ArrayLike) -> pd.DataFrame:
    """
    The ROC curve: one row per distinct probability, from no alarm at all to alarm always.

    Returns
    -------
    DataFrame
        false_alarm_rate, hit_rate, threshold (infinite in the first row);
        empty where a class is absent.
    """
    label, probability = np.asarray(label), np.asarray(probability, dtype=np.float64)
    n_positive, n_negative = int((label == 1).sum()), int((label == 0).sum())
    if not n_positive or not n_negative:
        return pd.DataFrame({"false_alarm_rate": [], "hit_rate": [], "threshold": []}, dtype=np.float64)
    order = np.argsort(-probability, kind="stable")
    ordered, hit = probability[order], label[order] == 1
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))  # rows with one probability are alarmed together
    return pd.DataFrame(
        {
            "false_alarm_rate": np.append(0.0, np.cumsum(~hit)[last] / n_negative),
            "hit_rate": np.append(0.0, np.cumsum(hit)[last] / n_positive),
            "threshold": np.append(np.inf, ordered[last]),
        }
    )


def precision_recall(label: ArrayLike, probability: ArrayLike) -> pd.DataFrame:
    """
    The precision-recall curve: one row per distinct probability, from no alarm to alarm always.

    Without skill the precision is the share of positives at every recall (Davis & Goadrich 2006).

    Returns
    -------
    DataFrame
        recall, precision (1 by convention in the first row, where nothing is alarmed), threshold (infinite there);
        empty where there is no positive.
    """
    label, probability = np.asarray(label), np.asarray(probability, dtype=np.float64)
    n_positive = int((label == 1).sum())
    if not n_positive:
        return pd.DataFrame({"recall": [], "precision": [], "threshold": []}, dtype=np.float64)
    order = np.argsort(-probability, kind="stable")
    ordered, hit = probability[order], label[order] == 1
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    hits = np.cumsum(hit)[last]
    return pd.DataFrame(
        {
            "recall": np.append(0.0, hits / n_positive),
            "precision": np.append(1.0, hits / (last + 1)),
            "threshold": np.append(np.inf, ordered[last]),
        }
    )


def average_precision(label: ArrayLike, probability: ArrayLike) -> float:
    """The sum of precision times the step in recall; the share of positives without skill; NaN without a positive."""
    curve = precision_recall(label, probability)
    if curve.empty:
        return math.nan
    return float((curve["recall"].diff()[1:] * curve["precision"][1:]).sum())


def brier(label: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared distance of probability and label (Brier 1950), 0 to 1, smaller is better; NaN without rows."""
    label, probability = np.asarray(label, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    return float(np.mean((probability - label) ** 2)) if len(label) else math.nan


def base_entropy(share: float) -> float:
    """
    Cross-entropy in nats of always forecasting the class share: a loss below it is more than the base rate knows.

    >>> round(base_entropy(0.5), 4)
    0.6931
    """
    if not 0 <= share <= 1:
        return math.nan
    return -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)


def table(predictions: pd.DataFrame, threshold: float, block_minutes: int | None = None) -> pd.DataFrame:
    """
    Score every split, per station and pooled.

    Parameters
    ----------
    predictions : DataFrame
        Columns station, label, probability, split. Only the splits train,
        validation and test are scored, and only rows with label 0 or 1.
    threshold : float
        At or above it, a probability is an alarm.
    block_minutes : int, optional
        Windows that start in the same stretch of this length, at whatever station, may depend on each other (they
        share minutes, a storm, an earthquake), and so may those of one event cluster where the predictions have the
        column cluster; the interval of the AUC then counts such groups, not windows. Needs the column start. Without
        it every window counts as independent.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row per (split, station), and before the
        stations of a split one with station "all". The pooled AUC of stations
        with unlike base rates can exceed chance without skill at any of them.
        brier_reference is the Brier score of these rows' own base rate.
    """
    labelled = predictions[predictions["label"].isin([0, 1])]
    rows = []
    for split in SPLITS:
        part = labelled[labelled["split"] == split]
        if part.empty:
            continue
        part = part.assign(group=_groups(part, block_minutes))
        rows.append(_row(split, POOLED, part, threshold))
        for station, at_station in part.groupby("station", observed=True):
            rows.append(_row(split, str(station), at_station, threshold))
    return pd.DataFrame(rows, columns=COLUMNS)


def records(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """The table as JSON-ready rows: plain numbers, None where a score is NaN."""
    rows: list[dict[str, Any]] = files.plain(scores.to_dict(orient="records"))
    return rows


def _groups(rows: pd.DataFrame, block_minutes: int | None) -> np.ndarray:
    """The number of the group of windows that each row may depend on."""
    if not block_minutes:
        return np.arange(len(rows))
    start = epoch_minutes(pd.DatetimeIndex(rows["start"]))
    return bootstrap.groups(start, block_minutes, rows.get("cluster"))


def _row(split: str, station: str, rows: pd.DataFrame, threshold: float) -> ScoreRow:
    label = rows["label"].to_numpy(dtype=np.int64)
    probability = rows["probability"].to_numpy(dtype=np.float64)
    cells = Cells.count(label, probability, threshold)
    share = float(label.mean())
    low, high = auc_interval(label, probability, rows["group"].to_numpy())
    return ScoreRow(
        split=split,
        station=station,
        n=len(label),
        n_positive=int(label.sum()),
        majority_share=max(share, 1 - share),
        accuracy=measures.accuracy(label, probability, threshold),
        precision=cells.precision,
        recall=cells.recall,
        false_alarm_rate=cells.false_alarm_rate,
        mcc=cells.mcc,
        auc=auc(label, probability),
        auc_low=low,
        auc_high=high,
        brier=brier(label, probability),
        brier_reference=share * (1 - share),
        **dataclasses.asdict(cells),
    )
