"""
Cutting: where windows lie, how much of each is missing, how stormy it was.

A window is the half-open stretch of minutes [start, end). It is a row of a
table and a slice of a series, never a copy. A candidate that cannot be used
keeps its row and gets a reason. The reasons are given in this order, and the
first that holds is kept:

1. incomplete                       the window sticks out of the record
2. gap longer than N min            more missing in a row than is repaired
3. more than x % missing
4. outside the catalogue's period   the absence of events is unknown there, or in part of what the label depends on
5. overlaps an event                a quiet candidate too near a target event
6. an aftershock or foreshock near  declustering takes mainshocks only, and another event is where quiet is claimed
7. outside the Kp record            a storm rule is active and Kp is unknown
8. storm (Kp >= k)
9. not drawn                        usable, but not among the negatives chosen
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.config import MINUTES_PER_DAY, ExperimentConfig, LabelsConfig
from core.loading.record.minute import epoch_minutes
from core.processing import gaps

COLUMNS = (
    "window_id",
    "station",
    "start",
    "end",
    "label",
    "event_id",
    "lead_days",
    "magnitude",
    "kp_max",
    "missing_minutes",
    "longest_gap_minutes",
    "footprint_start",
    "footprint_end",
    "cluster",
    "rejected",
    "split",
)
POSITIVE, NEGATIVE, UNKNOWN = 1, 0, -1

INCOMPLETE = "incomplete"
OUTSIDE_CATALOGUE = "outside the catalogue's period"
OVERLAPS_EVENT = "overlaps an event"
NEAR_DEPENDANT = "an aftershock or foreshock near"
OUTSIDE_KP = "outside the Kp record"
NOT_DRAWN = "not drawn"

KP_MINUTES = 180


class ReasonKind(enum.StrEnum):
    """Why a window cannot be used, in the order in which the reasons are given."""

    INCOMPLETE = "incomplete"
    GAP = "gap"
    MISSING = "missing"
    OUTSIDE_CATALOGUE = "outside_catalogue"
    OVERLAPS_EVENT = "overlaps_event"
    NEAR_DEPENDANT = "near_dependant"
    OUTSIDE_KP = "outside_kp"
    STORM = "storm"
    NOT_DRAWN = "not_drawn"


@dataclass(frozen=True)
class Reason:
    """A reason of rejection: its kind, and the words that stand in the column `rejected`."""

    kind: ReasonKind
    words: str


def reasons(config: ExperimentConfig) -> dict[ReasonKind, Reason]:
    """Every reason that labelling under this config can give, with its limits in the words."""
    limits = config.windows
    words = {
        ReasonKind.INCOMPLETE: INCOMPLETE,
        ReasonKind.GAP: f"gap longer than {limits.max_gap_minutes} min",
        ReasonKind.MISSING: f"more than {100 * limits.max_missing_fraction:g} % missing",
        ReasonKind.OUTSIDE_CATALOGUE: OUTSIDE_CATALOGUE,
        ReasonKind.OVERLAPS_EVENT: OVERLAPS_EVENT,
        ReasonKind.NEAR_DEPENDANT: NEAR_DEPENDANT,
        ReasonKind.OUTSIDE_KP: OUTSIDE_KP,
        ReasonKind.STORM: storm_words(config.labels),
        ReasonKind.NOT_DRAWN: NOT_DRAWN,
    }
    return {kind: Reason(kind, text) for kind, text in words.items()}


def storm_words(config: LabelsConfig) -> str:
    """The reason of a window with a storm in it."""
    return f"storm (Kp >= {config.storm_kp:g})"


def kind_of(words: str, config: ExperimentConfig) -> ReasonKind | None:
    """
    The kind of a reason in a windows table made under `config`; None for one that labelling does not give.

    The words are compared as a whole with those of `reasons`: they are a name here, and nothing is read out of them.
    """
    return next((reason.kind for reason in reasons(config).values() if reason.words == words), None)


def cut(
    config: ExperimentConfig,
    station: str,
    first_minute: int,
    missing: np.ndarray,
    targets: pd.DataFrame,
    activity: pd.DataFrame,
) -> pd.DataFrame:
    """
    The candidate windows of one station, with what is missing and the largest Kp.

    Sampling `grid`: every multiple of the step since 1970 that lies in the record
    starts a window, so that all stations share one grid. Sampling `event_aligned`
    (the paper): one window before each target event, which ends so that its last
    sample lies at least `lead_gap_minutes` before the origin time, and quiet candidates
    at a regular step. A quiet candidate starts at a time of day drawn from those
    of the event windows: otherwise the phase of the daily variation would tell the
    label (all quiet windows would end at the same hour, earthquakes do not). So
    neighbouring quiet candidates may share minutes, by up to a day.

    Parameters
    ----------
    config : ExperimentConfig
    station : str
    first_minute : int
        First minute of the record, counted from 1970.
    missing : ndarray of bool, shape (n_minutes,)
        True where the record has no value.
    targets : DataFrame
        The target events of this station, sorted by time.
    activity : DataFrame
        The activity table.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, sorted by start. `label` is decided only for event windows (1) and quiet
        candidates (0); for the grid it is -1 until `labels.assign`. `rejected` holds the reasons 1 to 3.
    """
    length, step = config.windows.length_minutes, config.windows.step
    last_minute = first_minute + len(missing)
    if config.windows.sampling == "grid":
        starts = multiples(first_minute, last_minute, step)
        label = np.full(len(starts), UNKNOWN)
        event_id = np.full(len(starts), "", dtype=object)
    else:
        ends = event_window_ends(targets["origin_time"], config.windows.lead_gap_minutes)
        near = (ends > first_minute) & (ends - length < last_minute)
        before_events = ends[near] - length
        quiet = _quiet_starts(config, station, first_minute, last_minute, before_events)
        starts = np.concatenate([before_events, quiet])
        label = np.repeat([POSITIVE, NEGATIVE], [len(before_events), len(quiet)])
        event_id = np.concatenate([targets["event_id"].to_numpy(dtype=object)[near], np.full(len(quiet), "", object)])
    order = np.argsort(starts, kind="stable")
    out = frame(station, starts[order], length)
    out["label"] = label[order].astype(np.int8)
    out["event_id"] = pd.array(event_id[order], dtype="str")
    return measure(out, config, first_minute, missing, activity)


def frame(station: str, starts: np.ndarray, length_minutes: int) -> pd.DataFrame:
    """A windows table with nothing decided: `starts` are minutes since 1970."""
    n = len(starts)
    start, end = clock.of_minutes(starts), clock.of_minutes(starts + length_minutes)
    out = pd.DataFrame(
        {
            "window_id": np.arange(n, dtype=np.int64),
            "station": pd.array([station] * n, dtype="str"),
            "start": start,
            "end": end,
            "label": np.full(n, UNKNOWN, dtype=np.int8),
            "event_id": pd.array([""] * n, dtype="str"),
            "lead_days": np.full(n, np.nan),
            "magnitude": np.full(n, np.nan),
            "kp_max": np.full(n, np.nan),
            "missing_minutes": np.zeros(n, dtype=np.int64),
            "longest_gap_minutes": np.zeros(n, dtype=np.int64),
            "footprint_start": start,
            "footprint_end": end,
            "cluster": np.full(n, -1, dtype=np.int64),
            "rejected": pd.array([""] * n, dtype="str"),
            "split": pd.array([""] * n, dtype="str"),
        }
    )
    return out[list(COLUMNS)]


def measure(
    table: pd.DataFrame, config: ExperimentConfig, first_minute: int, missing: np.ndarray, activity: pd.DataFrame
) -> pd.DataFrame:
    """Fill in missing minutes, longest gap, largest Kp, and the reasons that follow from the data alone (1 to 3)."""
    table = table.copy()
    start, end = epoch_minutes(pd.DatetimeIndex(table["start"])), epoch_minutes(pd.DatetimeIndex(table["end"]))
    # What lies outside the record is missing too.
    before = max(0, first_minute - int(start.min())) if len(start) else 0
    after = max(0, int(end.max()) - first_minute - len(missing)) if len(end) else 0
    mask = np.pad(missing, (before, after), constant_values=True) if before or after else missing
    first, last = start - first_minute + before, end - first_minute + before
    table["missing_minutes"] = gaps.count(mask, first, last)
    table["longest_gap_minutes"] = gaps.longest_run(mask, first, last)
    table["kp_max"] = largest_kp(start, end, activity)
    table = reject(table, (start < first_minute) | (end > first_minute + len(missing)), INCOMPLETE)
    for broken in gap_reasons(table, config).values():
        table = give_reasons(table, broken)
    return table


def gap_reasons(table: pd.DataFrame, config: ExperimentConfig) -> dict[str, pd.Series]:
    """The reasons 2 and 3 for every measured window, whatever other rules it breaks; "" where it keeps the rule."""
    limits = config.windows
    long = table["longest_gap_minutes"] > limits.max_gap_minutes
    many = table["missing_minutes"] > limits.max_missing_fraction * limits.length_minutes
    given = reasons(config)
    return {
        "gap": long.map({True: given[ReasonKind.GAP].words, False: ""}),
        "missing": many.map({True: given[ReasonKind.MISSING].words, False: ""}),
    }


def reject(table: pd.DataFrame, where: np.ndarray, reason: str) -> pd.DataFrame:
    """The table with `reason` given to the rows `where` that have none yet."""
    return give_reasons(table, np.where(where, reason, ""))


def give_reasons(table: pd.DataFrame, given: pd.Series | np.ndarray) -> pd.DataFrame:
    """The table with a reason of its own ("" = none) for each row that has none yet."""
    rejected = table["rejected"].to_numpy(dtype=object)
    return table.assign(rejected=pd.array(np.where(rejected == "", given, rejected), dtype="str"))


def event_window_ends(origin_times: pd.Series | pd.DatetimeIndex, lead_gap_minutes: int) -> np.ndarray:
    """
    The end (exclusive, minutes since 1970) of the window before each event.

    A minute value stamped t averages the field from about t - 45 s to t + 45 s. So the minute of the
    origin time is never in the window, nor are `lead_gap_minutes` - 1 minutes before it.

    Examples
    --------
    For an event at 12:34:20 the last sample is that of 12:33:

    >>> end = event_window_ends(pd.DatetimeIndex(["1970-01-01T12:34:20Z"]), 1)
    >>> divmod(int(end[0]) - 1, 60)
    (12, 33)
    """
    return epoch_minutes(pd.DatetimeIndex(origin_times)) - (lead_gap_minutes - 1)


def multiples(first_minute: int, last_minute: int, step: int) -> np.ndarray:
    """The multiples of `step` (minutes since 1970) in [first_minute, last_minute)."""
    return np.arange(-(-first_minute // step) * step, last_minute, step, dtype=np.int64)


def largest_kp(start: np.ndarray, end: np.ndarray, activity: pd.DataFrame) -> np.ndarray:
    """
    The largest 3-hour Kp that overlaps each window.

    Parameters
    ----------
    start, end : ndarray of int, shape (n_windows,), minutes since 1970, half-open
    activity : DataFrame
        The activity table.

    Returns
    -------
    ndarray of float, shape (n_windows,)
        NaN where Kp is unknown for any part of the window.
    """
    out = np.full(len(start), np.nan)
    if len(start) == 0 or len(activity) == 0:
        return out
    interval = epoch_minutes(pd.DatetimeIndex(activity["time"])) // KP_MINUTES
    first, last = start // KP_MINUTES, -(-end // KP_MINUTES)
    origin, stop = int(first.min()), int(last.max())
    kp = np.full(stop - origin, np.nan)
    inside = (interval >= origin) & (interval < stop)
    kp[interval[inside] - origin] = activity["kp"].to_numpy(dtype=float)[inside]
    unknown = np.isnan(kp)
    known = gaps.count(unknown, first - origin, last - origin) == 0
    highest = gaps.range_maximum(np.where(unknown, -1.0, kp), first - origin, last - origin)
    out[known] = highest[known]
    return out


def union(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The union of half-open intervals as disjoint intervals, in order."""
    order = np.argsort(first, kind="stable")
    first, reach = first[order], np.maximum.accumulate(last[order])
    new = np.concatenate([[True], first[1:] > reach[:-1]])
    return first[new], reach[np.concatenate([new[1:], [True]])]


def n_overlapping(first: np.ndarray, last: np.ndarray, other_first: np.ndarray, other_last: np.ndarray) -> np.ndarray:
    """
    For each half-open interval, how many of the others overlap it: those begun before its end less those ended.

    >>> n_overlapping(np.array([0, 5]), np.array([5, 6]), np.array([1, 4]), np.array([2, 6])).tolist()
    [2, 1]
    """
    return np.searchsorted(np.sort(other_first), last, "left") - np.searchsorted(np.sort(other_last), first, "right")


def microseconds(values: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """UTC times as int64 microseconds since 1970, whatever the unit of the index."""
    index = pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None)
    return index.to_numpy().astype("datetime64[us]").astype(np.int64)


def _quiet_starts(
    config: ExperimentConfig, station: str, first_minute: int, last_minute: int, before_events: np.ndarray
) -> np.ndarray:
    """
    Starts of quiet candidates: one per step, at a time of day drawn from those of the event windows.

    Before `final_start` from those before it, so that the candidates there stay what they are when events come after.
    """
    days = multiples(first_minute, last_minute, config.windows.step)
    final_start = [clock.utc(config.split.final_start)] if config.split.final_start else []
    edge = epoch_minutes(pd.DatetimeIndex(final_start, tz="UTC"))
    origin = before_events + config.windows.length_minutes + config.windows.lead_gap_minutes - 1
    random = np.random.default_rng([config.labels.seed, *station.encode()])
    parts = zip(
        np.split(days, np.searchsorted(days, edge)),
        np.split(before_events, np.searchsorted(origin, edge)),
        strict=True,
    )
    starts = [_at_times_of_day(*part, random) for part in parts]
    chosen = np.unique(np.concatenate(starts))
    return chosen[(chosen >= first_minute) & (chosen < last_minute)]


def _at_times_of_day(days: np.ndarray, before_events: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The days at times of day drawn from those of the event windows; as they are where there is none."""
    if len(before_events) == 0:
        return days
    starts: np.ndarray = days - days % MINUTES_PER_DAY + random.choice(before_events % MINUTES_PER_DAY, size=len(days))
    return starts
