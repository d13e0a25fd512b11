"""From rows with a time to an unbroken one-minute grid, by a named rule, and without losing a row in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.loading.record import minute

LARGEST_JUMP_MINUTES = 366 * 1440  # a longer gap inside one file is a wrong date
LARGEST_GRID_MINUTES = 40 * 366 * 1440

_COLUMNS = pd.Index(list(minute.COLUMNS))  # made once: for a file of one day it takes as long as the parsing

RULES = {
    "nearest_minute": (
        "each sample goes to its nearest minute (half-way: the earlier one); "
        "of several, the one closest to the minute wins (equally close: the earlier sample)"
    ),
    "exact_minute": "only samples within a second of a full minute are used",
}


@dataclass(frozen=True)
class Placed:
    """
    Which rows are used: `rows` are positions, in the order of `minutes` (epoch minutes, ascending, unique).

    `n_repeated` rows had the very time of another (the last one is kept), `n_beaten` were farther from
    their minute than another, `n_moved` of the used rows were not on a full minute, `n_off` were too far
    from one for the rule.
    """

    rows: np.ndarray
    minutes: np.ndarray
    n_repeated: int
    n_beaten: int
    n_moved: int
    n_off: int


def place(milliseconds: np.ndarray, rule: str) -> Placed:
    """
    Choose one row per minute.

    Parameters
    ----------
    milliseconds : ndarray of int64, shape (n,)
        Epoch milliseconds (UTC), in any order.
    rule : str
        A key of `RULES`.

    Examples
    --------
    Samples at 0:00:50, 0:01:20, 0:01:30 and 0:02:31: the first is closest to 0:01, the last to 0:03.

    >>> place(np.array([50_000, 80_000, 90_000, 151_000]), "nearest_minute").minutes.tolist()
    [1, 3]
    """
    order = np.arange(len(milliseconds))
    minutes = -((30_000 - milliseconds) // 60_000)  # rounds half-way down
    distance = np.abs(milliseconds - minutes * 60_000)
    usable = distance < 1000 if rule == "exact_minute" else np.ones(len(order), bool)
    chosen = order[usable]
    # By minute, then the closest, then the earlier, then the last of equal rows.
    ranked = chosen[np.lexsort((-chosen, milliseconds[chosen], distance[chosen], minutes[chosen]))]
    first = np.ones(len(ranked), bool)
    first[1:] = minutes[ranked][1:] != minutes[ranked][:-1]
    rows = ranked[first]
    n_repeated = len(chosen) - len(np.unique(milliseconds[chosen]))
    return Placed(
        rows,
        minutes[rows],
        n_repeated,
        n_beaten=len(chosen) - len(rows) - n_repeated,
        n_moved=int((distance[rows] > 0).sum()),
        n_off=int((~usable).sum()),
    )


def bad_jump(minutes: np.ndarray) -> int | None:
    """Position of the first row (ascending `minutes`) that is too far from the one before; None if all is well."""
    if len(minutes) and minutes[-1] - minutes[0] == len(minutes) - 1:
        return None
    jumps = np.flatnonzero(np.diff(minutes) > LARGEST_JUMP_MINUTES)
    if len(jumps):
        return int(jumps[0]) + 1
    return len(minutes) - 1 if len(minutes) and minutes[-1] - minutes[0] > LARGEST_GRID_MINUTES else None


def spread(minutes: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """
    The `field` table of a record from rows at strictly ascending epoch minutes; minutes without a row are NaN.

    `values` has shape (4, n): X, Y, Z, F in nT. The table may take over its memory.
    """
    first, n = int(minutes[0]), int(minutes[-1] - minutes[0]) + 1
    if n > len(minutes):
        full = np.full((4, n), np.nan)
        full[:, minutes - first] = values
        values = full
    return pd.DataFrame(values.T, index=minute.grid(first, n), columns=_COLUMNS, copy=False)
