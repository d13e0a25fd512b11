"""
Hours that stand twice: raw X, Y and Z of one UT hour that are those of another hour, or of another station.

Compared are values as they are stored, in hundredths of a nanotesla, so that neither a filter nor the header of a file
hides a copy. A copy moved by whole hours is seen. One moved by minutes within the hour, or whose values were changed
(another baseline, other units, noise, other gaps), is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core.loading.record import minute
from core.loading.record.minute import COMPONENTS, MinuteRecord, epoch_minutes
from core.loading.record.source import Source

COLUMNS = ("station", "start", "end", "equal_station", "equal_start", "equal_end", "n_hours")

HOUR = 60  # minutes
FEWEST_MINUTES = 30  # with X, Y and Z; an hour with fewer is set aside
FEWEST_CHANGES = 10  # from one minute to the next; a stuck or very coarse instrument repeats an hour by right
_PER_NT = 100  # finer than any instrument; what a conversion leaves in the last bits is rounded away
_MISSING = np.iinfo(np.int64).min
_WEIGHTS = np.random.default_rng(0).integers(0, 2**63, HOUR * len(COMPONENTS), dtype=np.uint64) * np.uint64(
    2
) + np.uint64(1)


@dataclass(frozen=True)
class HourPrints:
    """
    What the hours of a station are recognised by.

    `hours` counts hours since 1970 (UTC), ascending, int64; `prints` is a number for each, uint64: equal values have
    equal numbers, and that others do is as likely as once in 10^9 for fifteen years of three stations. Both have shape
    (n_hours,). Set aside, and in neither, are `n_poor` hours with too few minutes and `n_still` that hardly change.
    """

    station: str
    hours: np.ndarray
    prints: np.ndarray
    n_poor: int = 0
    n_still: int = 0


@dataclass(frozen=True)
class Copies:
    """The `runs` of hours that stand twice, and how many hours were compared or set aside."""

    table: pd.DataFrame
    n_compared: int
    n_poor: int
    n_still: int

    def sentence(self) -> str:
        """How many hours stand twice, and of how many that cannot be told."""
        n_hours = int(self.table["n_hours"].sum())
        several = "hours" if n_hours > 1 else "hour"
        outcome = f"{n_hours:,} {several} hold the values of other hours" if n_hours else "No hour stands twice"
        return (
            f"{outcome}, of {self.n_compared:,} compared; set aside: {self.n_poor:,} with less than {FEWEST_MINUTES} "
            f"minutes and {self.n_still:,} that hardly change."
        )


def of_record(record: MinuteRecord) -> HourPrints:
    """The prints of the whole UT hours that lie in a record; an hour without any value is not even set aside."""
    first = int(epoch_minutes(pd.DatetimeIndex(record.field.index[:1]))[0]) if len(record.field) else 0
    skip = -first % HOUR
    n_hours = max((len(record.field) - skip) // HOUR, 0)
    rows = slice(skip, skip + HOUR * n_hours)
    values = np.empty((n_hours, len(COMPONENTS), HOUR), dtype=np.int64)
    present = np.ones((n_hours, HOUR), dtype=bool)
    for row, name in enumerate(COMPONENTS):
        nanotesla = record.field[name].to_numpy()[rows].reshape(n_hours, HOUR)
        known = np.isfinite(nanotesla)
        values[:, row] = np.where(known, np.rint(np.where(known, nanotesla, 0.0) * _PER_NT), _MISSING)
        present &= known
    both = present[:, 1:] & present[:, :-1]
    n_changes = ((values[:, :, 1:] != values[:, :, :-1]).any(axis=1) & both).sum(axis=1)
    n_present = present.sum(axis=1)
    enough = n_present >= FEWEST_MINUTES
    told = enough & (n_changes >= FEWEST_CHANGES)
    flat = values[told].reshape(-1, len(_WEIGHTS)).view(np.uint64)
    hours = (first + skip) // HOUR + np.flatnonzero(told)
    return HourPrints(
        record.station,
        hours.astype(np.int64),
        flat @ _WEIGHTS,
        int(((n_present > 0) & ~enough).sum()),
        int((enough & ~told).sum()),
    )


def of_source(source: Source, codes: Sequence[str] | None = None) -> list[HourPrints]:
    """The prints of whole stations (all of the source by default), read year by year."""
    parts: list[HourPrints] = []
    for code in source.stations() if codes is None else codes:
        period = source.period(code)
        for first, last in minute.years(*period) if period else []:
            parts.append(of_record(source.minute(code, first, last)))
    return parts


def find(source: Source) -> Copies:
    """What stands twice in a whole archive, over all its stations; raises as `Source.minute`."""
    parts = of_source(source)
    return Copies(
        runs(parts),
        sum(len(part.hours) for part in parts),
        sum(part.n_poor for part in parts),
        sum(part.n_still for part in parts),
    )


def equal_hours(parts: Iterable[HourPrints]) -> pd.DataFrame:
    """
    Every hour that has an equal.

    Returns
    -------
    DataFrame
        group (a number that equal hours share), station, hour (since 1970, UTC) and rank (of the hour among those of
        its station that were compared), the earliest of each group first.
    """
    by_station: dict[str, list[HourPrints]] = {}
    for part in parts:
        by_station.setdefault(part.station, []).append(part)
    codes = sorted(by_station)
    hours = [np.concatenate([part.hours for part in by_station[code]]) for code in codes]
    prints = [np.concatenate([part.prints for part in by_station[code]]) for code in codes]
    if not codes:
        return pd.DataFrame({"group": [], "station": [], "hour": [], "rank": []})
    _, group, count = np.unique(np.concatenate(prints), return_inverse=True, return_counts=True)
    table = pd.DataFrame(
        {
            "group": group,
            "station": np.repeat(codes, [len(part) for part in hours]),
            "hour": np.concatenate(hours),
            "rank": np.concatenate([np.argsort(np.argsort(part)) for part in hours]),
        }
    )
    return table[count[group] > 1].sort_values(["group", "hour", "station"], ignore_index=True)


def runs(parts: Iterable[HourPrints]) -> pd.DataFrame:
    """
    Stretches of hours that stand twice.

    Returns
    -------
    DataFrame
        One row a run with `COLUMNS`: [start, end) of `station` holds, hour by hour, what [equal_start, equal_end) of
        `equal_station` holds, which is earlier (or the same hours of another station); n_hours of it were compared. Of
        hours that stand more than twice each is compared with the earliest.
    """
    members = equal_hours(parts)
    earliest = members.drop_duplicates("group").set_index("group")
    copies = members[members["group"].duplicated()]
    whose = earliest.loc[copies["group"]]
    pairs = copies.assign(
        equal_station=whose["station"].to_numpy(),
        equal_hour=whose["hour"].to_numpy(),
        equal_rank=whose["rank"].to_numpy(),
    ).sort_values(["station", "rank"], ignore_index=True)
    ahead = pairs[["rank", "equal_rank"]].diff().eq(1).all(axis=1)
    same = pairs[["station", "equal_station"]].eq(pairs[["station", "equal_station"]].shift()).all(axis=1)
    # Where hours were set aside in one of the two and not in the other, the ranks part company and a new row begins.
    steady = (pairs["hour"] - pairs["equal_hour"]).diff().eq(0)
    run = (~(ahead & same & steady)).cumsum()
    grouped = pairs.groupby(run, sort=False)
    table = grouped.agg(
        station=("station", "first"),
        start=("hour", "first"),
        end=("hour", "last"),
        equal_station=("equal_station", "first"),
        equal_start=("equal_hour", "first"),
        equal_end=("equal_hour", "last"),
        n_hours=("hour", "size"),
    )
    for name in ("start", "end", "equal_start", "equal_end"):
        hours = table[name].to_numpy(dtype=np.int64) + name.endswith("end")
        table[name] = clock.of_minutes(HOUR * hours)
    table = table.astype({"n_hours": "int64"}).sort_values(["start", "station"], kind="stable", ignore_index=True)
    return table[list(COLUMNS)]


def of_station(table: pd.DataFrame, station: str) -> pd.DataFrame:
    """The rows of `runs` that concern a station, each as seen from it: it is `station` in all of them."""
    there = table[table["equal_station"] == station]
    turned = there.rename(
        columns={
            "station": "equal_station",
            "start": "equal_start",
            "end": "equal_end",
            "equal_station": "station",
            "equal_start": "start",
            "equal_end": "end",
        }
    )
    both = pd.concat([table[table["station"] == station], turned[list(COLUMNS)]], ignore_index=True)
    return both.sort_values(["start", "equal_start"], kind="stable", ignore_index=True)


def sentence(row: pd.Series) -> str:
    """A row of `runs` in words."""
    n = int(row["n_hours"])
    return (
        f"{row['station']} {row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M} holds the values of "
        f"{row['equal_station']} {row['equal_start']:%Y-%m-%d %H:%M} to {row['equal_end']:%Y-%m-%d %H:%M} "
        f"({n:,} hour{'s' * (n > 1)})"
    )
