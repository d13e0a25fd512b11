"""MinuteRecord: one station on an unbroken one-minute grid."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock, jupyter
from core.clock import MINUTE_US

COMPONENTS = ("X", "Y", "Z")
COLUMNS = ("X", "Y", "Z", "F")

# Better data replace worse; the numbers are stored in the archive, so never renumber.
DATA_TYPES = {"synthetic": 0, "variation": 1, "provisional": 2, "quasi-definitive": 3, "definitive": 4}
CHECKED_TOGETHER = 1_000_000  # minutes
ABSOLUTE = ("synthetic", "quasi-definitive", "definitive")  # types whose baselines have been adopted


@dataclass(frozen=True)
class MinuteRecord:
    """
    Minute data of one station.

    Guarantees: `field` has the float64 columns X, Y, Z (geographic north, east,
    down) and F in nT; its index is UTC, named `time`, and steps by exactly one
    minute; a missing value is NaN and nothing else. `data_type` is a key of
    `DATA_TYPES`. `header` keeps what the file said; `notes` says, in sentences,
    what the reader did that a user should know.
    """

    station: str
    field: pd.DataFrame
    data_type: str
    header: dict[str, str] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        index = self.field.index
        if not isinstance(index, pd.DatetimeIndex) or str(index.tz) != "UTC":
            raise ValueError("the index of a MinuteRecord must be in UTC")
        if tuple(self.field.columns) != COLUMNS:
            raise ValueError(f"the columns of a MinuteRecord are {COLUMNS}, found {tuple(self.field.columns)}")
        if not _steps_by_a_minute(index):
            raise ValueError("the index of a MinuteRecord must step by exactly one minute")
        if self.data_type not in DATA_TYPES:
            raise ValueError(f"unknown data type {self.data_type!r}; known: {', '.join(DATA_TYPES)}")

    def __repr__(self) -> str:
        period = f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}" if len(self.field) else "no minute"
        return f"<MinuteRecord {self.station}: {period}, {self.data_type}; {self._missing} missing>"

    def _repr_html_(self) -> str:
        shown = self.field[[*COMPONENTS, "F"]].describe().loc[["mean", "min", "max"]].reset_index(names="nT")
        facts = [("Data type", self.data_type), ("X, Y or Z missing", self._missing)]
        heading = repr(self).removeprefix("<").split(",")[0]
        made_up = self.data_type == "synthetic"
        return jupyter.card(heading, facts, [jupyter.of_frame(shown)], self.notes, made_up)

    @property
    def _missing(self) -> str:
        """The share of minutes without X, Y or Z."""
        share = self.field[list(COMPONENTS)].isna().any(axis=1).mean() if len(self.field) else 0.0
        return f"{100 * share:.1f} %"

    @property
    def start(self) -> pd.Timestamp:
        """First minute (UTC)."""
        first: pd.Timestamp = self.field.index[0]
        return first

    @property
    def end(self) -> pd.Timestamp:
        """One minute after the last (the period is half-open)."""
        last: pd.Timestamp = self.field.index[-1]
        return last + pd.Timedelta(minutes=1)


def _steps_by_a_minute(index: pd.DatetimeIndex) -> bool:
    """True if each time is in the minute after that of the one before; in parts, since records are of many years."""
    expected = None
    for first in range(0, len(index), CHECKED_TOGETHER):
        minutes = epoch_minutes(index[first : first + CHECKED_TOGETHER])
        expected = minutes[0] if expected is None else expected
        if not np.array_equal(minutes, np.arange(expected, expected + len(minutes))):
            return False
        expected += len(minutes)
    return True


def epoch_minutes(times: pd.DatetimeIndex) -> np.ndarray:
    """
    Whole minutes since 1970-01-01T00:00 UTC, int64; independent of the index's time unit.

    >>> epoch_minutes(pd.DatetimeIndex(["1970-01-01T01:00Z"])).tolist()
    [60]
    """
    if times.tz is None:
        raise TypeError("the times have no zone; minutes since 1970 in UTC cannot be known")
    return times.as_unit("us").asi8 // MINUTE_US  # asi8 is in UTC whatever the zone


def grid(first_minute: int, n_minutes: int) -> pd.DatetimeIndex:
    """The UTC index that starts at an epoch minute and steps by one minute."""
    times = np.arange(first_minute * MINUTE_US, (first_minute + n_minutes) * MINUTE_US, MINUTE_US).view(
        "datetime64[us]"
    )
    return clock.in_utc(times).rename("time")


def on_grid(first_minute: int, values: np.ndarray) -> pd.DataFrame:
    """The `field` table of a record from `values`, shape (n_minutes, 4), in nT, columns X, Y, Z, F."""
    return pd.DataFrame(values, index=grid(first_minute, len(values)), columns=list(COLUMNS))


def stretches(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Where a mask is true without a break.

    Parameters
    ----------
    mask : ndarray of bool, shape (n,)

    Returns
    -------
    first, last : ndarray of int, shape (n_stretches,)
        Half-open rows [first, last) of each stretch, in order.

    Examples
    --------
    >>> [edge.tolist() for edge in stretches(np.array([True, False, True, True]))]
    [[0, 2], [1, 4]]
    """
    change = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    if len(mask) and mask[0]:
        change = np.concatenate([[0], change])
    if len(mask) and mask[-1]:
        change = np.concatenate([change, [len(mask)]])
    return change[0::2], change[1::2]


def years(start: pd.Timestamp, end: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """
    The calendar years (UTC) of a period [start, end), each as the part of it that lies in the period.

    >>> period = pd.Timestamp("2015-12-31T23:00Z"), pd.Timestamp("2016-01-01T02:00Z")
    >>> [f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}" for first, last in years(*period)]
    ['2015-12-31 23:00 to 2016-01-01 00:00', '2016-01-01 00:00 to 2016-01-01 02:00']
    """
    cuts = [start, *(pd.Timestamp(f"{year}-01-01", tz="UTC") for year in range(start.year + 1, end.year + 1)), end]
    return [(first, last) for first, last in itertools.pairwise(cuts) if first < last]


def months(first_minute: int, n_minutes: int) -> list[tuple[pd.Timestamp, slice]]:
    """
    The calendar months (UTC) of a grid, each with its first minute and the rows it has of the grid.

    >>> [(f"{month:%Y-%m}", rows.start, rows.stop) for month, rows in months(31 * 1440 - 1, 10)]
    [('1970-01', 0, 1), ('1970-02', 1, 10)]
    """
    if n_minutes <= 0:
        return []
    ends = np.array([first_minute, first_minute + n_minutes - 1], dtype="datetime64[m]").astype("datetime64[M]")
    starts = np.arange(ends[0], ends[1] + 2)
    rows = np.clip(starts.astype("datetime64[m]").astype(np.int64) - first_minute, 0, n_minutes).tolist()
    stamps = clock.in_utc(starts[:-1].astype("datetime64[us]"))
    return [(stamp, slice(low, high)) for stamp, low, high in zip(stamps, rows[:-1], rows[1:], strict=True)]
