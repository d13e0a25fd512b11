"""Runs side by side on the windows they share: how much one exceeds another, with a paired interval."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import InputError
from core.evaluation import bootstrap, scores
from core.labelling import splits
from core.loading.record.minute import epoch_minutes
from core.runs.run_documents import scored_split
from core.runs.runs import Run

N_BOOTSTRAP = 1000
PLACE = ["station", "start", "end"]  # what makes two windows the same stretch of the same record


@dataclass(frozen=True)
class Pair:
    """
    A run beside the reference on the n windows that both are judged by, in n_groups independent groups.

    difference: the AUC of the run less that of the reference, with its 95 % interval. NaN: it does not exist. words:
    what that says, or why there is none.
    """

    run: str
    reference: str
    n: int
    n_positive: int
    n_groups: int = 0
    auc: float = math.nan
    auc_reference: float = math.nan
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan
    words: str = ""


COLUMNS = [each.name for each in dataclasses.fields(Pair)]


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
    of_split = predictions[(predictions["split"] == scored_split(run.scores)) & predictions["label"].isin([0, 1])]
    by_window = run.windows.drop_duplicates("window_id").set_index("window_id")
    cluster = by_window["cluster"].reindex(of_split["window_id"]).to_numpy()
    return of_split[[*PLACE, "label", "probability"]].assign(cluster=cluster).drop_duplicates(PLACE)


def _pair(run: Run, reference: Run, n_bootstrap: int, seed: int) -> Pair:
    ours, theirs = judged(run), judged(reference)
    both = ours.merge(theirs, on=PLACE, suffixes=("", "_reference"))
    alike = both[both["label"] == both["label_reference"]].reset_index(drop=True)
    n_other = len(both) - len(alike)
    pair = Pair(run.run_id, reference.run_id, len(alike), int((alike["label"] == 1).sum()))
    if not 0 < pair.n_positive < pair.n:
        return dataclasses.replace(pair, words=_nothing(run, reference, len(both), n_other))
    label = alike["label"].to_numpy(dtype=np.int64)
    footprint = max(splits.footprint_minutes(run.config), splits.footprint_minutes(reference.config))
    group = bootstrap.groups(epoch_minutes(pd.DatetimeIndex(alike["start"])), footprint, alike["cluster"].to_numpy())
    probability, other = (alike[name].to_numpy(dtype=np.float64) for name in ("probability", "probability_reference"))
    n_groups = int(group.max()) + 1
    auc, auc_reference = scores.auc(label, probability), scores.auc(label, other)
    taken = bootstrap.draws(n_groups, n_bootstrap, seed)
    drawn = bootstrap.auc_draws(label, probability, group, taken) - bootstrap.auc_draws(label, other, group, taken)
    low, high = bootstrap.interval(drawn, bootstrap.fewest_groups(label, group))
    compared = dataclasses.replace(
        pair,
        n_groups=n_groups,
        auc=auc,
        auc_reference=auc_reference,
        difference=auc - auc_reference,
        difference_low=low,
        difference_high=high,
    )
    return dataclasses.replace(compared, words=_words(compared, n_other))


def _nothing(run: Run, reference: Run, n_both: int, n_other: int) -> str:
    if not n_both:
        return f"{run.run_id} and {reference.run_id} are judged by no window together: they cannot be compared."
    if n_other == n_both:
        return f"The {n_both:,} windows by which both runs are judged have other labels in one than in the other."
    return f"The {n_both - n_other:,} windows that both runs are judged by, with one label, are of one class only."


def _words(pair: Pair, n_other: int) -> str:
    less = f" {n_other:,} shared windows with different labels were left out." if n_other else ""
    on = f"on {pair.n:,} shared windows in {pair.n_groups:,} independent groups."
    if not np.isfinite(pair.difference_low):
        return f"The difference is {pair.difference:+.2f} {on} They are too few for an interval.{less}"
    interval = f"{pair.difference:+.2f} [{pair.difference_low:+.2f}, {pair.difference_high:+.2f}]"
    if pair.difference_low > 0:
        outcome = f"{pair.run} exceeds {pair.reference}: {interval}"
    elif pair.difference_high < 0:
        outcome = f"{pair.run} falls short of {pair.reference}: {interval}"
    else:
        outcome = f"The two cannot be told apart: {interval}"
    return f"{outcome} {on}{less}"
