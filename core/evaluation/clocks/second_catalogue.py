"""
Second catalogue: do two agencies give the same events the same origin times?

A catalogue that is hours late (another time zone, a wrong column) is so throughout; two agencies that locate
independently agree to a few seconds. If one of them re-publishes the other, that says nothing: the caller must know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from core import stations
from core.labelling.windows import microseconds

NEAR_KM = 100.0
ALIKE_MAGNITUDE = 0.7
REACH_S = 15 * 3600.0
FEWEST_MATCHED, ENOUGH_MATCHED = 8, 20
PEAK_S = 30.0  # half the width within which pairs are taken for one peak
LARGEST_OFFSET_S = 10.0
AGREES_S = 60.0
SHARE_THAT_AGREES = 0.95


class ClockKind(StrEnum):
    """What a second catalogue says of a clock."""

    CONFIRMED = "confirmed"
    BROKEN = "broken"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class CatalogueClock:
    """
    The outcome: offset_s is how much later the catalogue's times are than those of the second one.

    n_matched of n_events have a partner; share_agrees is the share of these whose times differ by at most a minute. NaN
    where nothing was matched.
    """

    kind: ClockKind
    offset_s: float
    n_events: int
    n_matched: int
    share_agrees: float


def compared(events: pd.DataFrame, second: pd.DataFrame, republished: bool = False) -> CatalogueClock:
    """
    Compare the origin times of two catalogues.

    Two events are a pair if they are at most 100 km, 15 hours and 0.7 magnitudes apart. The offset is where most
    pairs lie together. Then each event has at most one partner, and each partner one event, those nearest to the offset
    first: so the followers of an earthquake that one of the catalogues lacks are not mistaken for it.

    Parameters
    ----------
    events, second : DataFrame
        origin_time, latitude_deg, longitude_deg, magnitude, of the same region and period, `second` at least as
        complete; rows without place or magnitude are left out.
    republished : bool
        True if the second agency may have taken the times from the first: then nothing is checked.

    Returns
    -------
    CatalogueClock
        Confirmed: at least 20 events (or all, at least 8) have a partner, the offset is at most 10 s, and 95 % of the
        partners differ by at most a minute. Broken: at least 8 have a partner, but most pairs lie more than a minute
        apart, or more than 5 % of the partners do. Else not checked: too few, or an offset between 10 s and a minute,
        which no agency explains and no precursor comes from.
    """
    first, other = _usable(events), _usable(second)
    row, partner, late_s = _pairs(first, other)
    offset_s = _peak(late_s)
    matched_s = _one_to_one(row, partner, late_s, offset_s)
    agrees = float(np.mean(np.abs(matched_s) <= AGREES_S)) if len(matched_s) else math.nan
    kind = ClockKind.NOT_CHECKED
    if not republished and len(matched_s) >= FEWEST_MATCHED:
        if abs(offset_s) > AGREES_S or agrees < SHARE_THAT_AGREES:
            kind = ClockKind.BROKEN
        elif abs(offset_s) <= LARGEST_OFFSET_S and len(matched_s) >= min(ENOUGH_MATCHED, len(first)):
            kind = ClockKind.CONFIRMED
    return CatalogueClock(kind, offset_s, len(first), len(matched_s), agrees)


def _usable(events: pd.DataFrame) -> pd.DataFrame:
    return events[events[["latitude_deg", "longitude_deg", "magnitude"]].notna().all(axis=1)].sort_values(
        "origin_time", kind="stable", ignore_index=True
    )


def _pairs(first: pd.DataFrame, second: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row of the first, row of the second catalogue and first less second in seconds, of each pair."""
    time, other = microseconds(first["origin_time"]) / 1e6, microseconds(second["origin_time"]) / 1e6
    low, high = np.searchsorted(other, time - REACH_S, "left"), np.searchsorted(other, time + REACH_S, "right")
    row = np.repeat(np.arange(len(first)), high - low)
    partner = np.concatenate([np.empty(0, np.int64), *map(np.arange, low, high)])
    a, b = first.iloc[row], second.iloc[partner]
    away = stations.great_circle_km(a["latitude_deg"], a["longitude_deg"], b["latitude_deg"], b["longitude_deg"])
    alike = np.abs(a["magnitude"].to_numpy() - b["magnitude"].to_numpy()) <= ALIKE_MAGNITUDE + 1e-9
    near = alike & (away <= NEAR_KM)
    return row[near], partner[near], time[row[near]] - other[partner[near]]


def _peak(late_s: np.ndarray) -> float:
    """The median of the pairs of the fullest minute; of two that are as full that nearer to no offset. NaN of none."""
    if not len(late_s):
        return math.nan
    ordered = np.sort(late_s)
    low, high = np.searchsorted(ordered, ordered - PEAK_S, "left"), np.searchsorted(ordered, ordered + PEAK_S, "right")
    best = np.lexsort((np.abs(ordered), low - high))[0]
    return float(np.median(ordered[low[best] : high[best]]))


def _one_to_one(row: np.ndarray, partner: np.ndarray, late_s: np.ndarray, offset_s: float) -> np.ndarray:
    """How late, in seconds, each event is that gets a partner; pairs nearest to the offset go first."""
    taken: set[int] = set()
    given: set[int] = set()
    out = []
    for at in np.argsort(np.abs(late_s - offset_s), kind="stable").tolist():
        if row[at] not in taken and partner[at] not in given:
            taken.add(int(row[at]))
            given.add(int(partner[at]))
            out.append(late_s[at])
    return np.array(out)
