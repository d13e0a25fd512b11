"""The score-card: the network beside every confounder and baseline, on the same windows, with paired intervals."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation import bootstrap, scores
from core.evaluation.rivals import confounders
from core.evaluation.rivals.confounders import Confounder

NETWORK, BEST = "network", "best_confounder"
INNER_SHARE = 0.7  # with no validation rows to choose on: the share of the training period that is fitted


@dataclass(frozen=True)
class Row:
    """
    A model of the score-card on the n judged rows: its AUC, and by how much the network exceeds it, with 95 %
    intervals; NaN where none exists. words: what the model knows, for a reader.
    """

    model: str
    kind: str
    words: str
    n: int
    auc: float
    auc_low: float
    auc_high: float
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan


COLUMNS = [each.name for each in dataclasses.fields(Row)]


def table(
    known: list[Confounder],
    label: np.ndarray,
    probabilities: pd.DataFrame,
    group: np.ndarray,
    best: tuple[str, str],
    taken: np.ndarray,
) -> pd.DataFrame:
    """
    AUC of every model on the judged rows, and how much the network exceeds it.

    The difference is paired: each draw of the cluster bootstrap scores both on the same rows. Where the other model
    gives one probability to all rows, its AUC is exactly 0.5 and the interval is that of the network's AUC.

    Parameters
    ----------
    known : list of Confounder
    label : ndarray, shape (n,)
        0 or 1, of the judged rows.
    probabilities : DataFrame
        Of the same rows: column "network" and one per model.
    group : ndarray of int, shape (n,)
        See `bootstrap.groups`.
    best : (model, words)
        From `choose_best`; it gets a row of its own.
    taken : ndarray, shape (n_bootstrap, n_groups)
        From `bootstrap.draws`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; NaN where a class is absent or lies in one group only.
    """
    network = probabilities[NETWORK].to_numpy()
    network_draws = bootstrap.auc_draws(label, network, group, taken)
    rows = [_row(NETWORK, NETWORK, "the trained network", label, network, group)]
    for rival in known:
        score = probabilities[rival.model].to_numpy()
        row = _row(rival.model, rival.kind, rival.words, label, score, group)
        rows.append(_compared(rows[0], row, network_draws, label, score, group, taken))
    chosen = next(row for row in rows[1:] if row.model == best[0])
    rows.append(dataclasses.replace(chosen, model=BEST, kind=confounders.CONFOUNDER, words=best[1]))
    return pd.DataFrame(rows, columns=COLUMNS)


def choose_best(
    known: list[Confounder],
    rows: pd.DataFrame,
    label: np.ndarray,
    split: np.ndarray,
    judged: str,
    probabilities: pd.DataFrame,
) -> tuple[str, str]:
    """
    The confounder with the largest AUC on rows that are not judged, and a sentence on how it was chosen.

    The majority stands in where none exceeds 0.5. A baseline that looks at the field is no confounder.

    With a test split the validation rows choose. Without one they are judged themselves, and the last part of
    the training period chooses, with models fitted on the earlier part.

    Parameters
    ----------
    known : list of Confounder
    rows : DataFrame
        Of all splits, see `confounders.features`.
    label, split : ndarray, shape (n,)
    judged : str
        "test", "final" or "validation".
    probabilities : DataFrame
        Of all rows by each model fitted on the training rows, see `confounders.probabilities`. They choose where there
        is a test split, and nothing is fitted again.
    """
    rivals, scored = [model for model in known if model.kind == confounders.CONFOUNDER], probabilities
    if judged == "validation":
        start = rows["start_minutes"].to_numpy()
        edge = np.quantile(start[split == "train"], INNER_SHARE)
        fitted, held = (split == "train") & (start < edge), (split == "train") & (start >= edge)
        where = "the last part of the training period"
        if fitted.any():
            scored = confounders.probabilities(rivals, rows, label, fitted)
    else:
        fitted, held = split == "train", split == "validation"
        where = "the validation windows"
    auc_of: dict[str, float] = {}
    if fitted.any() and held.any():
        names = [rival.model for rival in rivals]
        auc_of = {name: scores.auc(label[held], scored[name].to_numpy()[held]) for name in names}
    auc_of = {model: auc for model, auc in auc_of.items() if np.isfinite(auc)}
    if not auc_of:
        return (
            confounders.MAJORITY,
            f"No confounder could be chosen on {where} (one class only); the majority stands in.",
        )
    best = max(auc_of, key=lambda model: auc_of[model])
    if auc_of[best] <= 0.5:
        return confounders.MAJORITY, f"No confounder exceeds chance on {where}; the majority stands in."
    return best, f"Chosen on {where}: {best}, AUC {auc_of[best]:.2f} there."


def _row(model: str, kind: str, words: str, label: np.ndarray, score: np.ndarray, group: np.ndarray) -> Row:
    low, high = scores.auc_interval(label, score, group)
    return Row(model, kind, words, len(label), scores.auc(label, score), low, high)


def _compared(
    network: Row,
    other: Row,
    network_draws: np.ndarray,
    label: np.ndarray,
    score: np.ndarray,
    group: np.ndarray,
    taken: np.ndarray,
) -> Row:
    """The row with how much the network exceeds it."""
    if np.ptp(score) == 0:
        low, high = network.auc_low - 0.5, network.auc_high - 0.5
    else:
        drawn = network_draws - bootstrap.auc_draws(label, score, group, taken)
        low, high = bootstrap.interval(drawn, bootstrap.fewest_groups(label, group))
    difference = network.auc - other.auc
    return dataclasses.replace(other, difference=difference, difference_low=low, difference_high=high)
