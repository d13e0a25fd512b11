"""
Hours that are nearly those of another date: moved by minutes, lifted, rounded, with noise or gaps, or in one component.

Landmarks that share a number (`landmarks`) say where to look. What decides is a comparison of the changes from minute
to minute over a whole hour (`likeness`): they must go together far more closely than chance would have it, in large
changes and in small ones, and given how much the changes of each hour resemble themselves. So neither a jump, nor a
wave, nor a calm hour of few values is a copy. Beside an hour that is one, others at the same distance need less.

What two stations measure at the same time, or within a day, is alike by right and is not compared. A copy that was
turned by more than some 30 degrees, run backwards or smoothed is not seen, nor is one under noise or in steps as large
as the field's own changes; nor is one of less than a whole UT hour.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.loading.record.landmarks import MISSING, N_KEYS, Landmarks
from core.loading.record.minute import COMPONENTS

COLUMNS = ("station", "hour", "equal_station", "lag", "components")

HOUR = 60  # minutes
FEWEST_MINUTES = 30  # with a change in both
LEAST_ALIKE = 0.8  # correlation of the changes, up to its sign
# In standard deviations of the correlation. Of real hours that are no copies the most are at 5 in observatories, and at
# 8 in an instrument that disturbs itself each quarter of an hour.
LEAST_CERTAIN = 10.0
LEAST_BESIDE = 4.0  # the same of the hour before or after a copy, or of another component
APART = 1440  # minutes between two stations
OUTLYING = 3.0  # mean changes; what is more counts as that
COMPARED = 3  # landmarks with the same number, with the ones that follow
CLOSEST = 0.97  # no correlation counts for more, or a pattern of few changes would be certain
MOST_UNLIKE = 40  # of the 192 sides of planes; of changes that correlate by 0.85, some 35 are
_LONGEST_WAVE = 30  # minutes over which changes may resemble themselves
_TOGETHER = 50_000  # hours compared at a time

Series = tuple[str, Landmarks]  # of a station


def find(series: Sequence[Series]) -> pd.DataFrame:
    """
    Hours that nearly stand twice.

    Parameters
    ----------
    series : sequence of (station, Landmarks)
        Parts of one station do not overlap.

    Returns
    -------
    DataFrame
        One row for an hour and a stretch like it, with `COLUMNS`: the UT `hour` (since 1970) of `station`, and the 60
        minutes that begin `lag` minutes before it at `equal_station`, lag > 0; components is "X" or "X Z", those of the
        hour that are alike. Sorted by station, equal_station, lag and hour.
    """
    stations = sorted({station for station, _ in series})
    order = sorted(range(len(series)), key=lambda number: (series[number][0], series[number][1].first))
    comparison = _Comparison([series[number] for number in order], stations)
    tasks = comparison.suspected()
    copies = fresh = tasks[comparison.certainty(tasks) >= LEAST_CERTAIN]
    while len(fresh):
        # An hour that has an equal needs no second: of a day that recurs each day all pairs would be compared.
        fresh = _of_new_hours(comparison.beside(fresh), copies)
        fresh = fresh[comparison.certainty(fresh) >= LEAST_BESIDE]
        copies = _sorted(np.concatenate([copies, fresh]))
    return comparison.table(copies)


# A task is a row of five numbers: a later part and its component, an earlier part and its component, then the hour of
# the later part, and the lag.
_LATER, _OF_LATER, _EARLIER, _OF_EARLIER, _HOUR, _LAG = range(6)


class _Comparison:
    def __init__(self, series: list[Series], stations: list[str]) -> None:
        self.stations = stations
        self.station = np.array([stations.index(code) for code, _ in series], dtype=np.int64)
        self.parts = [marks for _, marks in series]
        self.first = np.array([marks.first for marks in self.parts], dtype=np.int64)

    def suspected(self) -> np.ndarray:
        """The tasks that landmarks with a number in common suggest, shape (n, 6)."""
        n = [len(marks.row) for marks in self.parts]
        part = np.repeat(np.arange(len(n)), n)
        component = np.concatenate([np.empty(0, dtype=np.int64), *(marks.component for marks in self.parts)])
        minute = np.concatenate([np.empty(0, dtype=np.int64), *(marks.row + marks.first for marks in self.parts)])
        keys = np.concatenate([np.empty((0, N_KEYS), dtype=np.uint32), *(marks.keys for marks in self.parts)])
        by_series = np.lexsort((minute, component, self.station[part]))
        part, component, minute, keys = (column[by_series] for column in (part, component, minute, keys))
        pairs = np.sort(np.concatenate([self._sharing(keys, number, part, minute) for number in range(N_KEYS)]))
        one, other = np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], max(len(part), 1))
        later = np.where(minute[one] > minute[other], one, other)
        earlier = one + other - later
        tasks = (part[later], component[later], part[earlier], component[earlier])
        return _sorted(np.stack([*tasks, minute[later] // HOUR, minute[later] - minute[earlier]], axis=1))

    def _sharing(self, keys: np.ndarray, number: int, part: np.ndarray, minute: np.ndarray) -> np.ndarray:
        """
        Pairs of landmarks with one key in common and most of the others nearly, far enough apart; of many with the same
        key each with those that follow. A pair is the first times the number of landmarks, plus the second.
        """
        order = np.argsort(keys[:, number], kind="stable")
        key = keys[order, number]
        pairs = []
        for distance in range(1, COMPARED + 1):
            same = np.flatnonzero(key[:-distance] == key[distance:])
            before, after = order[same], order[same + distance]
            least = np.where(self.station[part[before]] == self.station[part[after]], HOUR, APART)
            far = np.abs(minute[before] - minute[after]) >= least
            before, after = before[far], after[far]
            near = np.bitwise_count(keys[before] ^ keys[after]).sum(axis=1) <= MOST_UNLIKE
            pairs.append(before[near] * len(part) + after[near])
        return np.concatenate(pairs)

    def certainty(self, tasks: np.ndarray) -> np.ndarray:
        """How certainly the hours of each task are alike, as `likeness` says, shape (n,)."""
        parts = [self._certainty(tasks[begin : begin + _TOGETHER]) for begin in range(0, len(tasks), _TOGETHER)]
        return np.concatenate([np.empty(0), *parts])

    def _certainty(self, tasks: np.ndarray) -> np.ndarray:
        begin = tasks[:, _HOUR] * HOUR
        later = self._hours(tasks[:, _LATER], tasks[:, _OF_LATER], begin)
        earlier = self._hours(tasks[:, _EARLIER], tasks[:, _OF_EARLIER], begin - tasks[:, _LAG])
        return likeness(later, earlier)

    def _hours(self, part: np.ndarray, component: np.ndarray, begin: np.ndarray) -> np.ndarray:
        """The changes of 60 minutes from each epoch minute on, shape (n, 60)."""
        hours = np.full((len(part), HOUR), MISSING)
        for number in np.unique(part):
            here = np.flatnonzero(part == number)
            changes = self.parts[number].changes
            rows = (begin[here] - self.first[number])[:, None] + np.arange(HOUR)
            inside = (rows >= 0) & (rows < changes.shape[1])
            values = changes[component[here, None], np.clip(rows, 0, changes.shape[1] - 1)]
            hours[here] = np.where(inside, values, MISSING)
        return hours

    def beside(self, tasks: np.ndarray) -> np.ndarray:
        """The hours before and after at the same lag, and the other components of the same hours."""
        others = []
        for step in (-1, 1):
            moved = tasks.copy()
            moved[:, _HOUR] += step
            others.append(moved)
        straight = tasks[tasks[:, _OF_LATER] == tasks[:, _OF_EARLIER]]
        for component in range(len(COMPONENTS)):
            other = straight.copy()
            other[:, _OF_LATER] = other[:, _OF_EARLIER] = component
            others.append(other)
        return _sorted(np.concatenate(others))

    def table(self, copies: np.ndarray) -> pd.DataFrame:
        """What `find` returns."""
        names = np.array(self.stations, dtype=object)
        rows = pd.DataFrame(
            {
                "station": names[self.station[copies[:, _LATER]]],
                "hour": copies[:, _HOUR],
                "equal_station": names[self.station[copies[:, _EARLIER]]],
                "lag": copies[:, _LAG],
                "components": copies[:, _OF_LATER],
            }
        ).drop_duplicates()
        by = ["station", "equal_station", "lag", "hour"]
        letters = np.array(COMPONENTS, dtype=object)[rows.sort_values([*by, "components"])["components"]]
        rows = rows.sort_values([*by, "components"], ignore_index=True).assign(components=letters)
        named = rows.groupby(by, as_index=False).agg(components=("components", " ".join))
        return named[list(COLUMNS)]


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """
    How certainly the changes of hours are alike.

    Parameters
    ----------
    one, other : ndarray of int16, shape (n, 60)
        Changes; `MISSING` where there is none.

    Returns
    -------
    ndarray, shape (n,)
        The correlation up to its sign in its standard deviations, given how far the changes of each hour go with those
        of the minutes before, and how few of them make up the whole. Changes count at most as much as their lower
        quartile, so that all minutes must agree. 0 with less than `FEWEST_MINUTES`, or if the correlation of changes up
        to `OUTLYING` is less than `LEAST_ALIKE`.
    """
    known = (one != MISSING) & (other != MISSING)
    n = known.sum(axis=1)
    large = _correlation(*(_standard(each, known, OUTLYING * _mean_size(each, known)) for each in (one, other)))
    likely = np.flatnonzero((large >= LEAST_ALIKE) & (n >= FEWEST_MINUTES))
    one, other, known, n = one[likely], other[likely], known[likely], n[likely]
    a, b = (_standard(each, known, _usual_size(each, known)) for each in (one, other))
    small = _correlation(a, b)
    few = [
        3 / np.maximum((each**4).sum(axis=1), 3 / HOUR) for each in (a, b)
    ]  # as many as there are, of normal changes
    independent = np.minimum.reduce([n, *few]) / _memory(a, b)
    result = np.zeros(len(large))
    result[likely] = np.arctanh(np.minimum(small, CLOSEST)) * np.sqrt(np.maximum(independent - 3, 0))
    return result


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    correlation: np.ndarray = np.abs((one * other).sum(axis=1))
    return correlation


def _memory(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """By how much fewer than there are the changes of two hours count, since they go with those of minutes before."""
    common = np.zeros(len(one))
    for lag in range(1, _LONGEST_WAVE + 1):
        common += _correlation_in_time(one, lag) * _correlation_in_time(other, lag)
        common -= (HOUR - lag) / HOUR**2  # what independent changes would have
    return 1 + 2 * np.maximum(common, 0)


def _correlation_in_time(values: np.ndarray, lag: int) -> np.ndarray:
    correlation: np.ndarray = (values[:, lag:] * values[:, :-lag]).sum(axis=1)
    return correlation


def _mean_size(changes: np.ndarray, known: np.ndarray) -> np.ndarray:
    size = np.where(known, np.abs(changes.astype(np.float32)), 0)
    mean: np.ndarray = size.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return mean


def _usual_size(changes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The lower quartile of those that are not nothing; at most so much of each counts, lest a few be the whole."""
    size = np.sort(np.where(known, np.abs(changes.astype(np.float32)), 0), axis=1)
    n = (size > 0).sum(axis=1)
    usual: np.ndarray = size[np.arange(len(size)), np.minimum(HOUR - n + n // 4, HOUR - 1)]
    return usual


def _standard(changes: np.ndarray, known: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Within limits of either sign, without mean, the sum of squares 1 (0 where nothing changes)."""
    values = np.clip(np.where(known, changes, 0).astype(np.float32), -limit[:, None], limit[:, None])
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    values = np.where(known, values - values.sum(axis=1, keepdims=True) / n, 0)
    length = np.sqrt((values**2).sum(axis=1, keepdims=True))
    standard: np.ndarray = values / np.where(length > 0, length, 1)
    return standard


def _sorted(tasks: np.ndarray) -> np.ndarray:
    """Tasks in order, each once."""
    tasks = tasks[np.lexsort(tasks.T[::-1])]
    fresh = np.ones(len(tasks), dtype=bool)
    fresh[1:] = (tasks[1:] != tasks[:-1]).any(axis=1)
    once: np.ndarray = tasks[fresh]
    return once


def _of_new_hours(tasks: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Tasks of hours of a component that no copy is of."""
    hours = np.concatenate([copies, tasks])[:, [_LATER, _OF_LATER, _HOUR]]
    number = np.unique(hours, axis=0, return_inverse=True)[1].ravel()
    rest: np.ndarray = tasks[~np.isin(number[len(copies) :], number[: len(copies)])]
    return rest
