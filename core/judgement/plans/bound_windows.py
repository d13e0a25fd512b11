"""Bound windows: which windows with which labels a plan was frozen with, as one digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.labelling import splits, windows
from core.vocabulary import SPLITS


@dataclass(frozen=True)
class BoundWindows:
    """
    The SHA-256 of n windows: station, start, label, and split where `with_split`.

    until: ISO time, UTC; the windows whose footprint ends by then, "" for all. with_split: those that are in use;
    otherwise all that could be drawn, for a plan whose blocks of time are not complete yet.
    """

    until: str
    with_split: bool
    n: int
    sha256: str

    def again(self, table: pd.DataFrame) -> BoundWindows:
        """The same windows of another table: equal if nothing of them has changed."""
        return bind(table, self.until, self.with_split)


def bind(table: pd.DataFrame, until: str = "", with_split: bool = True) -> BoundWindows:
    """
    The digest of windows.

    Parameters
    ----------
    table : DataFrame
        A finished windows table.
    until, with_split
        As in `BoundWindows`.
    """
    chosen = table["split"].isin((*SPLITS, splits.FINAL)) if with_split else table["label"] != windows.UNKNOWN
    chosen &= table["rejected"].isin([""] if with_split else ["", windows.NOT_DRAWN])
    if until:
        chosen &= table["footprint_end"] <= clock.utc(until)
    rows = table[chosen.to_numpy()].sort_values(["station", "start"], kind="stable")
    content = hashlib.sha256()
    content.update("\n".join(rows["station"].astype(str)).encode())
    content.update(windows.microseconds(rows["start"]).astype("<i8").tobytes())
    content.update(rows["label"].to_numpy().astype(np.int8).tobytes())
    content.update("\n".join(rows["split"].astype(str)).encode() if with_split else b"")
    return BoundWindows(until, with_split, len(rows), content.hexdigest())
