"""Runs side by side on the windows they share: how much one exceeds another, with a paired interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InputError
from core.evaluation import bootstrap, scores
from core.labelling import splits
from core.loading.record.minute import epoch_minutes
from core.runs.run_documents import scored_split
from core.runs.runs import Run

COLUMNS = [
    "run",
    "reference",
    "n",
    "n_positive",
    "n_groups",
    "auc",
    "auc_reference",
    "difference",
    "difference_low",
    "difference_high",
    "words",
]
N_BOOTSTRAP = 1000
PLACE = ["station", "start", "end"]  # what makes two windows the same stretch of the same record


def table(runs: Sequence[Run], n_bootstrap: int = N_BOOTSTRAP, seed: int = 0) -> pd.DataFrame:
    """
    The AUC of each run less that of the first one, on the windows by which both are judged.

    Only windows that are in the judged split of both runs count: neither network has learned from them. Both are
    scored on the same draws of the cluster bootstrap (Field & Welsh 2007), so that what is easy or hard for both
    cancels.

    Parameters
    ----------
    runs : sequence of Run
        The first is the one that the others are held against.
    n_bootstrap : int
    seed : int

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row per run after the first. Numbers that do not exist are NaN, and `words` says why.

    Raises
    ------
    InputError
        With fewer than two different runs, or if a run cannot be read.
    """
    if len({run.run_id for run in runs}) < 2:
        raise InputError("A comparison needs two different runs. `precursor runs` lists them.")
    first = runs[0]
    rows = [_pair(run, first, n_bootstrap, seed) for run in runs[1:] if run.run_id != first.run_id]
    return pd.DataFrame(rows, columns=COLUMNS)


def judged(run: Run) -> pd.DataFrame:
    """The windows that a run is judged by: station, start, end, label, probability, cluster (-1 without an event)."""
    predictions = run.predictions
    mine = predictions[(predictions["split"] == scored_split(run.scores)) & predictions["label"].isin([0, 1])]
    found = run.windows.drop_duplicates("window_id").set_index("window_id")
    cluster = found["cluster"].reindex(mine["window_id"]).to_numpy()
    return mine[[*PLACE, "label", "probability"]].assign(cluster=cluster).drop_duplicates(PLACE)


def _pair(run: Run, reference: Run, n_bootstrap: int, seed: int) -> dict[str, Any]:
    ours, theirs = judged(run), judged(reference)
    both = ours.merge(theirs, on=PLACE, suffixes=("", "_reference"))
    known = both[both["label"] == both["label_reference"]].reset_index(drop=True)
    n_other = len(both) - len(known)
    row: dict[str, Any] = dict.fromkeys(COLUMNS, float("nan"))
    row |= {"run": run.run_id, "reference": reference.run_id, "n": len(known)}
    row |= {"n_positive": int((known["label"] == 1).sum()), "n_groups": 0}
    if not 0 < row["n_positive"] < len(known):
        return {**row, "words": _nothing(run, reference, len(both), n_other)}
    label = known["label"].to_numpy(dtype=np.int64)
    footprint = max(splits.footprint_minutes(run.config), splits.footprint_minutes(reference.config))
    group = bootstrap.groups(epoch_minutes(pd.DatetimeIndex(known["start"])), footprint, known["cluster"].to_numpy())
    own, other = (known[name].to_numpy(dtype=np.float64) for name in ("probability", "probability_reference"))
    row |= {"n_groups": int(group.max()) + 1, "auc": scores.auc(label, own), "auc_reference": scores.auc(label, other)}
    row["difference"] = row["auc"] - row["auc_reference"]
    taken = bootstrap.draws(row["n_groups"], n_bootstrap, seed)
    drawn = bootstrap.auc_draws(label, own, group, taken) - bootstrap.auc_draws(label, other, group, taken)
    low, high = bootstrap.interval(drawn, bootstrap.fewest_groups(label, group))
    row |= {"difference_low": low, "difference_high": high}
    return {**row, "words": _words(row, n_other)}


def _nothing(run: Run, reference: Run, n_both: int, n_other: int) -> str:
    if not n_both:
        return f"{run.run_id} and {reference.run_id} are judged by no window together: they cannot be compared."
    if n_other == n_both:
        return f"The {n_both:,} windows by which both runs are judged have other labels in one than in the other."
    return f"The {n_both - n_other:,} windows that both runs are judged by, with one label, are of one class only."


def _words(row: dict[str, Any], n_other: int) -> str:
    less = f" {n_other:,} shared windows with different labels were left out." if n_other else ""
    on = f"on {row['n']:,} shared windows in {row['n_groups']:,} independent groups."
    if not np.isfinite(row["difference_low"]):
        return f"The difference is {row['difference']:+.2f} {on} They are too few for an interval.{less}"
    interval = f"{row['difference']:+.2f} [{row['difference_low']:+.2f}, {row['difference_high']:+.2f}]"
    if row["difference_low"] > 0:
        said = f"{row['run']} exceeds {row['reference']}: {interval}"
    elif row["difference_high"] < 0:
        said = f"{row['run']} falls short of {row['reference']}: {interval}"
    else:
        said = f"The two cannot be told apart: {interval}"
    return f"{said} {on}{less}"
