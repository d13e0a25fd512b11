"""The scores of runs as their verdicts have them: beside the verdict of a final block stands the AUC of that block."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from core.judgement.assessment import Document
from core.labelling.splits import FINAL
from core.reporting import tables

CALLED = {FINAL: "final block"}


@dataclass(frozen=True)
class JudgedScore:
    """AUC with its 95 % interval of the windows by which a run was judged; NaN where it does not exist."""

    split: str
    auc: float
    auc_low: float
    auc_high: float


def of(document: Document) -> JudgedScore:
    """The score that belongs to the verdict of an assessment."""
    numbers = (getattr(document.summary, name) for name in ("auc", "auc_low", "auc_high"))
    return JudgedScore(document.judged_split, *(math.nan if number is None else number for number in numbers))


def other_windows(score: JudgedScore, shown: str) -> str:
    """
    That a verdict is of other windows than those whose scores stand beside it; "" where it is of these.

    >>> other_windows(JudgedScore("final", 1.0, 0.85, 1.0), "test")
    'The verdict is that of the final block (AUC 1.00); the scores here are those of the test windows.'
    """
    if score.split == shown:
        return ""
    called = CALLED.get(score.split, f"{score.split} windows")
    return (
        f"The verdict is that of the {called} (AUC {tables.number(score.auc)}); the scores here are those of the "
        f"{shown} windows."
    )


def as_judged(listed: pd.DataFrame, judged: Mapping[str, JudgedScore]) -> pd.DataFrame:
    """
    The list of runs with the scores of the windows that each verdict is of.

    Parameters
    ----------
    listed : DataFrame
        As `RunStore.list` returns it: run_id, scored_split, auc, auc_low, auc_high, accuracy, majority_share.
    judged : mapping of run id to JudgedScore
        Of the runs that have a verdict.

    Returns
    -------
    DataFrame
        A copy. A run that is judged by other windows than it was scored on has their AUC, their name in scored_split
        and no accuracy, which an assessment does not hold.
    """
    out = listed.copy()
    for place, run_id, split in zip(out.index, out["run_id"], out["scored_split"], strict=True):
        score = judged.get(str(run_id))
        if score is None or score.split == split:
            continue
        for name in ("auc", "auc_low", "auc_high"):
            out.loc[place, name] = getattr(score, name)
        for name in ("accuracy", "majority_share"):
            out.loc[place, name] = math.nan
        out.loc[place, "scored_split"] = CALLED.get(score.split, score.split)
    return out
