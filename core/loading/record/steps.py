"""Steps: from one minute to the next the level is another one, and stays so, as after work at an instrument."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RATIO = 3.0  # times what 97 of 100 minutes of the half day around reach
JUMP = 0.7  # share of the step that is made within one minute; a storm's sudden commencement takes several
STAYS = 0.6  # share of it that is still there in the median of the hour after

_LEVEL_WINDOW = 5
_SCALE_WINDOW = 721
_SCALE_PERCENTILE = 97
_HOUR = 60
_LONGEST_HOLE = 30  # minutes; over a longer one the field itself goes elsewhere


class Steps(NamedTuple):
    """Steps: the first row of the new level, and how much higher it is, in nT."""

    start: np.ndarray
    size_nt: np.ndarray


def find(values: np.ndarray, minutes: np.ndarray, floor_nt: float, across_gaps: bool = False) -> Steps:
    """
    Steps of one component.

    The size at a minute is the median of the five minutes from it on less that of the five before. A step is larger
    than `floor_nt` and than `RATIO` times the 97th percentile of such sizes in the twelve hours around it, so that
    storms raise the limit with them; it is made within one minute; and it stays for an hour.

    Parameters
    ----------
    values : ndarray, shape (n,)
        nT, only minutes that are there, in order.
    minutes : ndarray of int, shape (n,)
        The minute of each.
    floor_nt : float
        Smaller steps are none.
    across_gaps : bool
        Also compare the two sides of a gap, whatever its length: right for a difference of two instruments, wrong
        for the field, which has gone elsewhere meanwhile.

    Returns
    -------
    Steps
    """
    from scipy import ndimage

    n, half = len(values), _LEVEL_WINDOW // 2
    if n < 4 * _LEVEL_WINDOW:
        return Steps(np.zeros(0, np.int64), np.zeros(0))
    level = ndimage.median_filter(values, _LEVEL_WINDOW)
    size = np.zeros(n)
    size[half + 1 : n - half] = level[2 * half + 1 :] - level[: n - 2 * half - 1]
    height = np.abs(size)
    usual = ndimage.percentile_filter(height, _SCALE_PERCENTILE, min(_SCALE_WINDOW, n))
    jump = np.diff(values, prepend=values[0])
    found = (height > np.maximum(RATIO * usual, floor_nt)) & (np.sign(size) * jump >= JUMP * height)
    kept = [at for at in np.flatnonzero(found).tolist() if _is_step(values, minutes, jump, size, at, across_gaps)]
    return Steps(np.array(kept, dtype=np.int64), size[kept])


def _is_step(
    values: np.ndarray, minutes: np.ndarray, jump: np.ndarray, size: np.ndarray, at: int, across_gaps: bool
) -> bool:
    near = slice(max(at - _LEVEL_WINDOW, 0), at + _LEVEL_WINDOW)
    if np.abs(jump[near]).max() > abs(jump[at]):  # the same step, seen from a minute beside it; or a spike there
        return False
    if not across_gaps and minutes[near][-1] - minutes[near][0] >= 2 * _LEVEL_WINDOW + _LONGEST_HOLE:
        return False
    after, before = np.median(values[at : at + _HOUR]), np.median(values[max(at - _HOUR, 0) : at])
    return bool(np.sign(size[at]) * (after - before) >= STAYS * abs(size[at]))
