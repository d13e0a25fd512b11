"""
Landmarks of a record: the minutes in which a component changes most, and numbers by which each is known again.

Changes from one minute to the next take a level away, and what lies around a landmark does not depend on its date. The
numbers are coarse on purpose: each says on which side of a few random planes the surroundings lie, so that those of a
copy whose values were changed a little share some of them, though rarely all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d

from core.loading.record.minute import COMPONENTS, MinuteRecord, epoch_minutes

MISSING = np.int16(np.iinfo(np.int16).min)  # where one of two minutes is not there
LARGEST = int(np.iinfo(np.int16).max)  # 327 nT in a minute; what is more counts as that
PER_NT = 100

REACH = 20  # minutes to each side of a landmark in which no change is larger
BEFORE, AROUND = 16, 32  # minutes of the surroundings
FEWEST_CHANGES = 10  # in the surroundings; a still field looks alike everywhere
OUTLYING = 3.0  # mean changes; what is more counts as that, or one jump would be all that is seen
N_KEYS, BITS = 8, 24
_PLANES = np.random.default_rng(1).normal(size=(AROUND, N_KEYS * BITS)).astype(np.float32)
_TOGETHER = 100_000  # landmarks whose numbers are made at a time


@dataclass(frozen=True)
class Landmarks:
    """
    The changes of a record and its landmarks, in the order of components and times.

    changes: hundredths of a nanotesla from the minute before, int16, shape (3, n_minutes); the first is of the epoch
    minute `first`; `MISSING` where there is none. component: 0, 1, 2 for X, Y, Z; row: in `changes`; keys: `N_KEYS`
    numbers below 2^`BITS` for each; all of shape (n_landmarks, ...).
    """

    first: int = 0
    changes: np.ndarray = field(default_factory=lambda: np.empty((len(COMPONENTS), 0), dtype=np.int16))
    component: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    row: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    keys: np.ndarray = field(default_factory=lambda: np.empty((0, N_KEYS), dtype=np.uint32))


def of_record(record: MinuteRecord) -> Landmarks:
    """The landmarks of X, Y and Z of a record."""
    if not len(record.field):
        return Landmarks()
    changes = np.stack([changes_of(record.field[name].to_numpy()) for name in COMPONENTS])
    rows = [_rows(of_one) for of_one in changes]
    return Landmarks(
        int(epoch_minutes(pd.DatetimeIndex(record.field.index[:1]))[0]),
        changes,
        np.repeat(np.arange(len(COMPONENTS), dtype=np.int8), [len(each) for each in rows]),
        np.concatenate(rows).astype(np.int32),
        np.concatenate([_keys(of_one, each) for of_one, each in zip(changes, rows, strict=True)]),
    )


def changes_of(values: np.ndarray) -> np.ndarray:
    """The changes of a series in nT from the minute before, hundredths of a nT, int16; `MISSING` where not known."""
    step = np.diff(values, prepend=np.nan) * PER_NT
    known = np.isfinite(step)
    step = np.clip(np.rint(np.where(known, step, 0.0)), -LARGEST, LARGEST)
    changes: np.ndarray = np.where(known, step, MISSING).astype(np.int16)
    return changes


def _rows(changes: np.ndarray) -> np.ndarray:
    """Where a change is the largest of those around it, and there are enough of them."""
    size = np.abs(np.where(changes == MISSING, 0, changes))
    moved = np.concatenate([[0], np.cumsum(size > 0)])
    row = np.flatnonzero((size > 0) & (size == maximum_filter1d(size, 2 * REACH + 1, mode="constant")))
    row = row[np.diff(row, prepend=-AROUND) > REACH]  # of equal ones in a row the first
    row = row[(row >= BEFORE) & (row + AROUND - BEFORE <= len(size))]
    begin = row - BEFORE
    chosen: np.ndarray = row[moved[begin + AROUND] - moved[begin] >= FEWEST_CHANGES]
    return chosen


def _keys(changes: np.ndarray, row: np.ndarray) -> np.ndarray:
    keys = np.empty((len(row), N_KEYS), dtype=np.uint32)
    for begin in range(0, len(row), _TOGETHER):
        part = row[begin : begin + _TOGETHER]
        around = changes[part[:, None] + np.arange(-BEFORE, AROUND - BEFORE)]
        sides = np.packbits(_shape(around) @ _PLANES > 0, axis=1).reshape(len(part), N_KEYS, BITS // 8)
        keys[begin : begin + _TOGETHER] = sides @ (1 << np.arange(0, BITS, 8, dtype=np.uint32))
    return keys


def _shape(around: np.ndarray) -> np.ndarray:
    """Surroundings without their level, size and sign; 0 where they are missing."""
    known = around != MISSING
    n_known = known.sum(axis=1, keepdims=True)
    shape = np.where(known, around, 0).astype(np.float32)
    limit = OUTLYING * np.abs(shape).sum(axis=1, keepdims=True) / n_known
    shape = np.clip(shape, -limit, limit) * np.sign(shape[:, [BEFORE]])
    shape -= shape.sum(axis=1, keepdims=True) / n_known
    shape[~known] = 0
    return shape
