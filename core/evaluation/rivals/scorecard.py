"""The score-card: the network beside every confounder and baseline, on the same windows, with paired intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.evaluation import bootstrap, scores
from core.evaluation.rivals import confounders
from core.evaluation.rivals.confounders import Confounder

COLUMNS = [
    "model",
    "kind",
    "words",
    "n",
    "auc",
    "auc_low",
    "auc_high",
    "difference",
    "difference_low",
    "difference_high",
]
NETWORK, BEST = "network", "best_confounder"
INNER_SHARE = 0.7  # with no validation rows to choose on: the share of the training period that is fitted


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
    own = probabilities[NETWORK].to_numpy()
    own_draws = bootstrap.auc_draws(label, own, group, taken)
    rows = [_row(NETWORK, NETWORK, "the trained network", label, own, group) | _no_difference()]
    for one in known:
        score = probabilities[one.model].to_numpy()
        row = _row(one.model, one.kind, one.words, label, score, group)
        row |= _difference(rows[0], row, own_draws, label, score, group, taken)
        rows.append(row)
    chosen = next(row for row in rows[1:] if row["model"] == best[0])
    rows.append({**chosen, "model": BEST, "kind": confounders.CONFOUNDER, "words": best[1]})
    return pd.DataFrame(rows, columns=COLUMNS)


def choose_best(
    known: list[Confounder], rows: pd.DataFrame, label: np.ndarray, split: np.ndarray, judged: str
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
    """
    if judged == "validation":
        start = rows["start_minutes"].to_numpy()
        edge = np.quantile(start[split == "train"], INNER_SHARE)
        fitted, held = (split == "train") & (start < edge), (split == "train") & (start >= edge)
        where = "the last part of the training period"
    else:
        fitted, held = split == "train", split == "validation"
        where = "the validation windows"
    found: dict[str, float] = {}
    if fitted.any() and held.any():
        rivals = [one for one in known if one.kind == confounders.CONFOUNDER]
        scored = confounders.probabilities(rivals, rows, label, fitted)
        found = {model: scores.auc(label[held], scored.loc[held, model]) for model in map(str, scored)}
    found = {model: auc for model, auc in found.items() if np.isfinite(auc)}
    if not found:
        return (
            confounders.MAJORITY,
            f"No confounder could be chosen on {where} (one class only); the majority stands in.",
        )
    best = max(found, key=lambda model: found[model])
    if found[best] <= 0.5:
        return confounders.MAJORITY, f"No confounder exceeds chance on {where}; the majority stands in."
    return best, f"Chosen on {where}: {best}, AUC {found[best]:.2f} there."


def _row(model: str, kind: str, words: str, label: np.ndarray, score: np.ndarray, group: np.ndarray) -> dict[str, Any]:
    low, high = scores.auc_interval(label, score, group)
    area = scores.auc(label, score)
    return {
        "model": model,
        "kind": kind,
        "words": words,
        "n": len(label),
        "auc": area,
        "auc_low": low,
        "auc_high": high,
    }


def _no_difference() -> dict[str, float]:
    return dict.fromkeys(("difference", "difference_low", "difference_high"), float("nan"))


def _difference(
    network: dict[str, Any],
    other: dict[str, Any],
    own_draws: np.ndarray,
    label: np.ndarray,
    score: np.ndarray,
    group: np.ndarray,
    taken: np.ndarray,
) -> dict[str, float]:
    difference = network["auc"] - other["auc"]
    if np.ptp(score) == 0:
        low, high = network["auc_low"] - 0.5, network["auc_high"] - 0.5
    else:
        drawn = own_draws - bootstrap.auc_draws(label, score, group, taken)
        low, high = bootstrap.interval(drawn, bootstrap.fewest_groups(label, group))
    return {"difference": difference, "difference_low": low, "difference_high": high}
