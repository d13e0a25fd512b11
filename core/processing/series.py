"""The record of one station, filtered and stored once, from which every window is a slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import ProcessingConfig
from core.loading.record.minute import COMPONENTS, MinuteRecord, epoch_minutes
from core.processing import filters


@dataclass(frozen=True)
class Series:
    """
    The filtered record of one station.

    `values` is float32, shape (3, n_minutes): X, Y, Z in nT minus `offset_nt`
    (float64, shape (3,)); NaN = missing. Without the offset, float32 would
    round a field of 46,000 nT to 0.004 nT. `first_minute` is minutes since 1970.
    """

    station: str
    first_minute: int
    values: np.ndarray
    offset_nt: np.ndarray

    @property
    def n_minutes(self) -> int:
        """Length of the record."""
        return int(self.values.shape[1])


def first_minute(record: MinuteRecord) -> int:
    """Minutes from 1970-01-01T00:00 UTC to the first minute of the record."""
    return int(epoch_minutes(pd.DatetimeIndex(record.field.index[:1]))[0])


def missing(record: MinuteRecord) -> np.ndarray:
    """True where X, Y or Z is missing, shape (n_minutes,): the network needs all three."""
    mask = np.zeros(len(record.field), dtype=bool)
    for component in COMPONENTS:
        mask |= np.isnan(record.field[component].to_numpy())
    return mask


def process(
    record: MinuteRecord, config: ProcessingConfig, max_gap_minutes: int, offset_nt: np.ndarray | None = None
) -> Series:
    """
    Filter a record causally and store it as float32.

    One component after the other, so that the peak of memory is the result plus
    a few columns.

    Parameters
    ----------
    record : MinuteRecord
    config : ProcessingConfig
    max_gap_minutes : int
        Longest gap the filter is carried over; see `filters.causal`.
    offset_nt : ndarray, shape (3,), optional
        The offset of an earlier `Series`, where the numbers must be the same to the last bit.

    Returns
    -------
    Series
    """
    values = np.empty((len(COMPONENTS), len(record.field)), dtype=np.float32)
    offset = np.zeros(len(COMPONENTS))
    for c, component in enumerate(COMPONENTS):
        column = filters.causal_component(record.field[component].to_numpy(), config, max_gap_minutes)
        if offset_nt is not None:
            offset[c] = offset_nt[c]
        elif filters.keeps_level(config.record_filter):
            # The first value, not the median: no sample may depend on a later one, not even by its rounding.
            present = np.flatnonzero(~np.isnan(column))
            offset[c] = np.rint(column[present[0]]) if len(present) else 0.0
        column -= offset[c]
        values[c] = column
    return Series(record.station, first_minute(record), values, offset)
