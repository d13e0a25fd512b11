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
FEWEST_ALIKE = 3  # partners off by the same minute: a clock, not chance
ROUNDING = 1e-9


class ClockKind(StrEnum):
    """What a second catalogue says of a clock."""

    CONFIRMED = "confirmed"
    BROKEN = "broken"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class CatalogueClock:
    """
    The outcome: offset_s is how much later the catalogue's times are than those of the second one.

    n_matched of n_events have a partner, counting events that stand alone in their catalogue; share_agrees is the share
    of these whose times differ by at most a minute. NaN where nothing was matched.
    """

    kind: ClockKind
    offset_s: float
    n_events: int
    n_matched: int
    share_agrees: float


def compared(events: pd.DataFrame, second: pd.DataFrame, republished: bool = False) -> CatalogueClock:
    """
    Compare the origin times of two catalogues.

    Events count that have no other of their catalogue within 100 km and 15 hours: of a sequence, an event that one
    catalogue lacks would be taken for one that the other lacks. Two of them are a pair if they are at most 100 km, 15
    hours and 0.7 magnitudes apart. The offset is where most pairs lie together; then each event has at most one
    partner, the pair nearest to the offset first.

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
        partners differ by at most a minute. Broken: at least 8 have a partner, more than 5 % of them, at least three,
        differ by more than a minute, and at least half of these by the same minute. Else not checked: too few; an
        offset between 10 s and a minute, which makes no precursor; or differences without a system, as between
        catalogues that lack much.
    """
    first, other = _usable(events), _usable(second)
    row, partner, late_s = _pairs(first, other)
    offset_s = _peak(late_s)
    matched_s = _one_to_one(row, partner, late_s, offset_s)
    agrees = float(np.mean(np.abs(matched_s) <= AGREES_S)) if len(matched_s) else math.nan
    kind = ClockKind.NOT_CHECKED
    if not republished and len(matched_s) >= FEWEST_MATCHED:
        if agrees < SHARE_THAT_AGREES:
            kind = ClockKind.BROKEN if _have_a_system(matched_s) else ClockKind.NOT_CHECKED
        elif abs(offset_s) <= LARGEST_OFFSET_S and len(matched_s) >= min(ENOUGH_MATCHED, len(first)):
            kind = ClockKind.CONFIRMED
    return CatalogueClock(kind, offset_s, len(first), len(matched_s), agrees)


def _usable(events: pd.DataFrame) -> pd.DataFrame:
    """The events with place and magnitude that stand alone, in order of time."""
    complete = events[["latitude_deg", "longitude_deg", "magnitude"]].notna().all(axis=1)
    ordered = events[complete].sort_values("origin_time", kind="stable", ignore_index=True)
    row, other, _ = _near(ordered, ordered)
    alone = ~np.isin(np.arange(len(ordered)), row[row != other])
    return ordered[alone].reset_index(drop=True)


def _pairs(first: pd.DataFrame, second: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of `_near` whose magnitudes are alike."""
    row, other, late_s = _near(first, second)
    size, other_size = first["magnitude"].to_numpy()[row], second["magnitude"].to_numpy()[other]
    alike = np.abs(size - other_size) <= ALIKE_MAGNITUDE + ROUNDING
    return row[alike], other[alike], late_s[alike]


def _near(first: pd.DataFrame, second: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row in the first, row in the second table and how many seconds later the first is, of each two near events."""
    time, other_time = (microseconds(table["origin_time"]) / 1e6 for table in (first, second))
    low = np.searchsorted(other_time, time - REACH_S, "left")
    high = np.searchsorted(other_time, time + REACH_S, "right")
    row = np.repeat(np.arange(len(first)), high - low)
    other = np.concatenate([np.empty(0, np.int64), *map(np.arange, low, high)])
    a, b = first.iloc[row], second.iloc[other]
    away = stations.great_circle_km(a["latitude_deg"], a["longitude_deg"], b["latitude_deg"], b["longitude_deg"])
    near = away <= NEAR_KM
    return row[near], other[near], time[row[near]] - other_time[other[near]]


def _peak(late_s: np.ndarray) -> float:
    """The median of the fullest minute."""
    return float(np.median(_fullest_minute(late_s))) if len(late_s) else math.nan


def _fullest_minute(late_s: np.ndarray) -> np.ndarray:
    """The offsets within half a minute of the one that has most around it; of equals, of that nearest to none."""
    ordered = np.sort(late_s)
    low, high = np.searchsorted(ordered, ordered - PEAK_S, "left"), np.searchsorted(ordered, ordered + PEAK_S, "right")
    best = np.lexsort((np.abs(ordered), low - high))[0]
    return ordered[low[best] : high[best]]


def _have_a_system(matched_s: np.ndarray) -> bool:
    """Whether at least three of the partners that do not agree, and half of them, differ by the same minute."""
    off = matched_s[np.abs(matched_s) > AGREES_S]
    return len(off) > 0 and len(_fullest_minute(off)) >= max(FEWEST_ALIKE, len(off) / 2)


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
