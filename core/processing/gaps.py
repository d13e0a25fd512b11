"""Gaps: where minutes are missing, how long, and how a window without them is made."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.loading.record.minute import stretches


def count(mask: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """
    How many True values lie in each window [first, last) of `mask`.

    One pass over the mask, whatever the number of windows.
    """
    total = np.zeros(len(mask) + 1, dtype=np.int32)
    np.cumsum(mask, dtype=np.int32, out=total[1:])
    within: np.ndarray = total[last] - total[first]
    return within.astype(np.int64)


def longest_run(mask: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """
    The longest stretch of True values within each window [first, last) of `mask`.

    A stretch that sticks out of the window counts with the part inside. The cost
    is that of finding the stretches once, plus a few look-ups per window.

    Parameters
    ----------
    mask : ndarray of bool, shape (n,)
    first, last : ndarray of int, shape (n_windows,)

    Returns
    -------
    ndarray of int64, shape (n_windows,)
    """
    run_first, run_last = stretches(mask)
    longest = np.zeros(len(first), dtype=np.int64)
    i = np.searchsorted(run_last, first, side="right")  # the first stretch that ends inside or after
    j = np.searchsorted(run_first, last, side="left")  # one past the last that begins before the window's end
    some = np.flatnonzero(i < j)
    for edge in (i[some], j[some] - 1):  # only the outermost two can stick out
        inside = np.minimum(run_last[edge], last[some]) - np.maximum(run_first[edge], first[some])
        longest[some] = np.maximum(longest[some], inside)
    inner = np.flatnonzero(j - i > 2)
    if len(inner):
        longest[inner] = np.maximum(longest[inner], range_maximum(run_last - run_first, i[inner] + 1, j[inner] - 1))
    return longest


def range_maximum(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """
    The maximum of `values[first:last]` for many ranges at once (sparse table).

    Parameters
    ----------
    values : ndarray, shape (n,)
    first, last : ndarray of int, shape (n_ranges,)
        Half-open, inside the array, none empty.

    Returns
    -------
    ndarray, shape (n_ranges,)
    """
    length = last - first
    if len(length) and length.min() < 1:
        raise ValueError("an empty range has no maximum")
    out = np.empty(len(first), dtype=values.dtype)
    level, width = values, 1  # level[i] is the maximum of the `width` values from i on
    while True:
        here = np.flatnonzero((length >= width) & (length < 2 * width))
        out[here] = np.maximum(level[first[here]], level[last[here] - width])
        if not (length >= 2 * width).any():
            return out
        level = np.maximum(level[:-width], level[width:])
        width *= 2


def fill(batch: np.ndarray, rule: Literal["paper_mean", "linear"]) -> np.ndarray:
    """
    Replace NaN within each window, from nothing but the window itself.

    Parameters
    ----------
    batch : ndarray of float64, shape (n_windows, n_components, n_minutes)
    rule : "paper_mean" or "linear"
        `paper_mean`: the mean of the component over the window (Petrescu & Moldovan 2022, section 2).
        `linear`: a straight line between the neighbours; at an edge, the nearest value.

    Returns
    -------
    ndarray of the same shape, without NaN; present values are unchanged.

    Raises
    ------
    ValueError
        If a component of a window has no value at all.
    """
    batch = np.ascontiguousarray(batch)
    present = ~np.isnan(batch)
    if present.all():
        return batch
    if not present.any(axis=-1).all():
        raise ValueError("a window without a single value of a component cannot be filled")
    filled = batch.copy()
    w, c, t = np.nonzero(~present)
    if rule == "paper_mean":
        total = np.where(present, batch, 0.0).sum(axis=-1)
        filled[w, c, t] = (total / present.sum(axis=-1))[w, c]
        return filled
    position = np.arange(batch.shape[-1], dtype=np.int32)
    before = np.maximum.accumulate(np.where(present, position, -1), axis=-1)[w, c, t]
    after = np.minimum.accumulate(np.where(present, position, len(position))[..., ::-1], axis=-1)[..., ::-1][w, c, t]
    before, after = np.where(before < 0, after, before), np.where(after == len(position), before, after)
    left, right = batch[w, c, before], batch[w, c, after]
    filled[w, c, t] = left + (right - left) * ((t - before) / np.maximum(after - before, 1))
    return filled


def hold_short(values: np.ndarray, max_gap_minutes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Bridge short gaps with the last value before them, which is all that a causal filter may know.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        NaN = missing.
    max_gap_minutes : int
        Longer gaps, and a gap at the very beginning, stay NaN.

    Returns
    -------
    held : ndarray of float64, shape (n,)
        A copy with the short gaps bridged.
    first, last : ndarray of int, shape (n_pieces,)
        The unbroken pieces [first, last) of `held`.
    """
    held = values.copy()
    gap_first, gap_last = stretches(np.isnan(values))
    length = gap_last - gap_first
    # A gap that has not ended yet is left open: the pieces before it are the same either way.
    short = (length <= max_gap_minutes) & (gap_first > 0) & (gap_last < len(values))
    where = np.repeat(gap_first[short] - np.cumsum(length[short]) + length[short], length[short])
    where = where + np.arange(len(where))
    held[where] = np.repeat(values[gap_first[short] - 1], length[short])
    return held, *_between(gap_first[~short], gap_last[~short], len(values))


def _between(gap_first: np.ndarray, gap_last: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    first, last = np.concatenate([[0], gap_last]), np.concatenate([gap_first, [n]])
    some = first < last
    return first[some], last[some]
