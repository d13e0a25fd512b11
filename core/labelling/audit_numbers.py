"""
Provenance: what the numbers of a window come from; checks that the table of windows cannot show.

The leak audit compares times and earthquakes. Here the numbers themselves are looked at: are two windows of different
splits the same bytes, was a scale learned outside training, does a filter feel what comes after a window's end?
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.clock import MINUTE_US
from core.config import ExperimentConfig
from core.errors import InputError
from core.labelling import windows
from core.labelling.splits import FINAL, LEAKY
from core.labelling.window_set import WindowSet
from core.loading.record.minute import MinuteRecord
from core.processing import series
from core.processing.series import Series
from core.vocabulary import SPLITS

FINGERPRINT = 8  # samples of each component by which windows are first compared
CHUNK = 256


@dataclass(frozen=True)
class Numbers:
    """
    n_identical: windows whose bytes stand in another split too. n_scaled_outside_train: windows from which the scale
    was learned and which are not training windows. n_acausal_minutes: see `acausal_minutes`.
    """

    n_identical: int
    n_scaled_outside_train: int
    n_acausal_minutes: int


def check(cut: WindowSet, n_acausal: int) -> Numbers:
    """
    Look at the numbers of a finished window set.

    Parameters
    ----------
    cut : WindowSet
        With its scaling.
    n_acausal : int
        The sum of `acausal_minutes` over its stations.

    Returns
    -------
    Numbers

    Raises
    ------
    InputError
        If one of them is not 0; identical windows are allowed where the split may leak.
    """
    numbers = Numbers(identical(cut), scaled_outside_train(cut), n_acausal)
    if numbers.n_identical and cut.config.split.method not in LEAKY:
        raise InputError(
            f"Leak: {numbers.n_identical} windows hold, byte for byte, the numbers of a window in another split. The "
            "same data are stored under two dates or two stations; find out which are true, and take the others out."
        )
    if numbers.n_scaled_outside_train or n_acausal:
        raise InputError(
            f"Leak: the scale was learned from {numbers.n_scaled_outside_train} windows outside training, and "
            f"{n_acausal} filtered minutes depend on later ones. This is an error of the program; please report it."
        )
    return numbers


def identical(cut: WindowSet) -> int:
    """
    How many windows have the same bytes as a window of another split; windows without any variation do not count.

    A few samples of each window are compared first, and all of them only where these agree.
    """
    rows = np.concatenate([cut.rows(name) for name in (*SPLITS, FINAL)])
    if not len(rows):
        return 0
    places = np.unique(np.linspace(0, cut.n_minutes - 1, FINGERPRINT).astype(np.int64))
    prints = cut.samples(rows, places).reshape(len(rows), -1).view(np.int32)
    _, same, count = np.unique(prints, axis=0, return_inverse=True, return_counts=True)
    alike = np.flatnonzero(count[same] > 1)
    by_bytes: dict[bytes, list[int]] = {}
    for first in range(0, len(alike), CHUNK):
        part = rows[alike[first : first + CHUNK]]
        for row, values in zip(part.tolist(), cut.samples(part, np.arange(cut.n_minutes)), strict=True):
            if np.nanmax(values, axis=1).tolist() != np.nanmin(values, axis=1).tolist():
                by_bytes.setdefault(values.tobytes(), []).append(row)
    split = cut.table["split"].to_numpy(dtype=object)
    return sum(len(twins) for twins in by_bytes.values() if len(set(split[twins])) > 1)


def scaled_outside_train(cut: WindowSet) -> int:
    """How many of the windows from which the scale was learned are not training windows."""
    learned = [rows for rows in cut.learned_rows.values() if len(rows)]
    return int((~np.isin(np.concatenate(learned), cut.rows("train"))).sum()) if learned else 0


def acausal_minutes(record: MinuteRecord, filtered: Series, table: pd.DataFrame, config: ExperimentConfig) -> int:
    """
    How many filtered minutes before a window's end change when all that comes after it is taken away.

    Parameters
    ----------
    record : MinuteRecord
    filtered : Series
        The whole record, filtered.
    table : DataFrame
        Windows of this station; the check is made at the end of the middle one of those that are kept.
    config : ExperimentConfig

    Returns
    -------
    int
        0 if no sample depends on a later one.
    """
    kept = table[table["rejected"] == ""]
    if not len(kept):
        return 0
    end = int(windows.microseconds(kept["end"])[len(kept) // 2]) // MINUTE_US - filtered.first_minute
    past = dataclasses.replace(record, field=record.field.iloc[:end])
    alone = series.process(past, config.processing, config.windows.max_gap_minutes)
    seen = np.ascontiguousarray(filtered.values[:, :end])
    differs = (seen.view(np.int32) != alone.values.view(np.int32)) & ~(np.isnan(seen) & np.isnan(alone.values))
    shifted = filtered.offset_nt != alone.offset_nt
    return int(differs.any(axis=0).sum()) + (end if shifted.any() else 0)
