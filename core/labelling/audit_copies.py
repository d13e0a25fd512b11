"""
Do windows of different splits or classes hold the same hours of the raw record under two dates or two stations?

A filter with a memory and windows longer than what was copied hide a copy from any comparison of windows. So raw hours
are compared, altered copies included, and then it is asked in which windows they lie.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.caveats import Caveat, CaveatKind
from core.clock import MINUTE_US
from core.errors import InputError
from core.labelling import windows
from core.labelling.audit import Audit
from core.labelling.splits import FINAL, LEAKY
from core.loading.record import copied_hours
from core.loading.record.copied_hours import HourPrints
from core.vocabulary import SPLITS

MOST_NAMED = 3  # runs of hours in one sentence
_HOUR_US = copied_hours.HOUR * MINUTE_US


def look(audit: Audit, table: pd.DataFrame, prints: Sequence[HourPrints]) -> Audit:
    """
    The audit with what there is to say of raw hours that stand twice.

    Parameters
    ----------
    audit : Audit
        Of times and events.
    table : DataFrame
        The windows table with splits; rejected and embargoed rows do not count. Windows that the run's ancestors were
        trained on belong to it.
    prints : sequence of HourPrints
        Of the records that the windows are cut from.

    Returns
    -------
    Audit
        n_copied_hours: hours in windows whose equal, or altered copy, lies in a window of another split or class; then
        it is not ok. A caveat, if hours stand twice and none of them is a leak.

    Raises
    ------
    InputError
        If there is a leak, unless the method of the split may leak; into the final block none may.
    """
    twins = copied_hours.twins(prints)
    members, runs = twins.hours, twins.runs
    if members.empty:
        return dataclasses.replace(audit, n_copied_hours=0)
    held = _held(table, members)
    leaking = _leaking(held, members["group"].to_numpy())
    where, n_hours = _named(runs, members[leaking]), int(leaking.sum())
    if not n_hours:
        told = Caveat(CaveatKind.COPIED_HOURS, f"{where} No two windows of different splits or classes share them.")
        return dataclasses.replace(audit, n_copied_hours=0, warnings=(*audit.warnings, told))
    leak = f"Leak: {where} In windows of different splits or classes lie {n_hours:,} hours that equal one another."
    if audit.method not in LEAKY or held[leaking][:, _FINAL].any():
        raise InputError(
            f"{leak} The same data stand under two dates or two stations: `precursor quality {runs['station'].iloc[0]} "
            "--list` lists them; find out which are true, and take the others out."
        )
    sentence = leak if audit.ok else f"{audit.sentence} {leak}"
    return dataclasses.replace(audit, ok=False, sentence=sentence, n_copied_hours=n_hours)


_KINDS = tuple((split, label) for split in (*SPLITS, FINAL) for label in (windows.NEGATIVE, windows.POSITIVE))
_FINAL = [position for position, (split, _) in enumerate(_KINDS) if split == FINAL]


def _held(table: pd.DataFrame, members: pd.DataFrame) -> np.ndarray:
    """Whether an hour lies in a kept window of each split and class in `_KINDS`, shape (n_hours, n_kinds)."""
    begin = members["hour"].to_numpy(dtype=np.int64) * _HOUR_US
    held = np.zeros((len(members), len(_KINDS)), dtype=bool)
    kept = table[table["rejected"] == ""]
    for code in members["station"].unique():
        here = (members["station"] == code).to_numpy()
        for column, (split, label) in enumerate(_KINDS):
            rows = kept[(kept["station"] == code) & (kept["split"] == split) & (kept["label"] == label)]
            span = windows.microseconds(rows["start"]), windows.microseconds(rows["end"])
            held[here, column] = windows.n_overlapping(begin[here], begin[here] + _HOUR_US, *span) > 0
    return held


def _leaking(held: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Which hours lie in a window, and an equal hour in one of another split or class; shape (n_hours,)."""
    used = held.any(axis=1)
    numbers = np.unique(group, return_inverse=True)[1]
    n_used = np.bincount(numbers, used)
    n_kinds = sum((np.bincount(numbers, held[:, column]) > 0).astype(int) for column in range(held.shape[1]))
    leaks: np.ndarray = used & ((n_used > 1) & (n_kinds > 1))[numbers]
    return leaks


def _named(runs: pd.DataFrame, leaking: pd.DataFrame) -> str:
    """How many hours stand twice, and where: first the runs with an hour that leaks, at most a few."""
    n_hours = int(runs["n_hours"].sum())
    touched = np.zeros(len(runs), dtype=bool)
    for code in runs["station"].unique():
        here = (runs["station"] == code).to_numpy()
        begin = leaking.loc[leaking["station"] == code, "hour"].to_numpy(dtype=np.int64) * _HOUR_US
        span = windows.microseconds(runs.loc[here, "start"]), windows.microseconds(runs.loc[here, "end"])
        touched[here] = windows.n_overlapping(*span, begin, begin + _HOUR_US) > 0
    first = runs.iloc[np.argsort(~touched, kind="stable")].head(MOST_NAMED)
    words = "; ".join(copied_hours.sentence(row) for _, row in first.iterrows())
    more = f"; and {len(runs) - len(first)} more" if len(runs) > len(first) else ""
    return f"{n_hours:,} hour{'s' * (n_hours > 1)} of the record stand twice: {words}{more}."
