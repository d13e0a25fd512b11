"""
Hours that stand twice: raw X, Y and Z of one UT hour that are those of another hour, or of another station.

Equal are values as they are stored, in hundredths of a nanotesla, so that neither a filter nor the header of a file
hides a copy; a copy moved by whole hours is seen. One moved by minutes, or whose values were changed (another baseline,
noise, other gaps, one component), is altered: `altered_hours` finds it, and it counts as much as an equal one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core import clock
from core.loading.record import altered_hours, landmarks, minute
from core.loading.record.landmarks import Landmarks
from core.loading.record.minute import COMPONENTS, MinuteRecord, epoch_minutes
from core.loading.record.source import Source

COLUMNS = ("station", "start", "end", "equal_station", "equal_start", "equal_end", "n_hours", "altered")

HOUR = 60  # minutes
FEWEST_MINUTES = 30  # with X, Y and Z; an hour with fewer is set aside
FEWEST_CHANGES = 10  # from one minute to the next; a stuck or very coarse instrument repeats an hour by right
BRIDGED = 6  # hours between altered ones at the same distance that may be too calm to tell, and divide no run
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
    By the `marks` altered copies are recognised.
    """

    station: str
    hours: np.ndarray
    prints: np.ndarray
    n_poor: int = 0
    n_still: int = 0
    marks: Landmarks = field(default_factory=Landmarks)


@dataclass(frozen=True)
class Twins:
    """
    What stands twice, equal or altered. hours: group (a number that an hour and its copies share), station, hour (since
    1970, UTC). runs: one row for a stretch of hours, with `COLUMNS`; see `runs`.
    """

    hours: pd.DataFrame
    runs: pd.DataFrame


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
        if n_altered := int(self.table.loc[self.table["altered"] != "", "n_hours"].sum()):
            outcome += f" ({n_altered:,} of them altered)"
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
        landmarks.of_record(record),
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
    Every hour that has an equal, not only an altered copy.

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
        hours that stand more than twice each is compared with the earliest. altered is "" where the values are equal;
        else it names the components that are alike ("X Z"), and equal_start may lie within an hour.
    """
    return twins(parts).runs


def twins(parts: Iterable[HourPrints]) -> Twins:
    """What stands twice in these parts, equal or altered; what is equal is not told once more as altered."""
    parts = list(parts)
    members = equal_hours(parts)
    equal = _equal_runs(members)
    links = altered_hours.find([(part.station, part.marks) for part in parts])
    links = links[~(_in_a_group(links, members) | _in_a_run(links, equal))]
    table = pd.concat([equal, _altered_runs(links)], ignore_index=True) if len(links) else equal
    return Twins(_grouped(members, links), table.sort_values(["start", "station"], kind="stable", ignore_index=True))


def _in_a_group(links: pd.DataFrame, members: pd.DataFrame) -> np.ndarray:
    """Which altered hours lie whole hours from one that is their equal anyway."""
    group = members.set_index(["station", "hour"])["group"]
    of_one = group.reindex(pd.MultiIndex.from_arrays([links["station"], links["hour"]])).to_numpy()
    earlier = pd.MultiIndex.from_arrays([links["equal_station"], links["hour"] - links["lag"] // HOUR])
    same: np.ndarray = (of_one == group.reindex(earlier).to_numpy()) & (links["lag"] % HOUR == 0).to_numpy()
    return same


def _in_a_run(links: pd.DataFrame, equal: pd.DataFrame) -> np.ndarray:
    """Which altered hours lie in a run of equal ones at the same distance: too calm to be counted there."""
    inside = np.zeros(len(links), dtype=bool)
    spans = {name: epoch_minutes(pd.DatetimeIndex(equal[name])) for name in ("start", "end", "equal_start")}
    codes = equal["station"].to_numpy(), equal["equal_station"].to_numpy()
    lags = spans["start"] - spans["equal_start"]
    rows = {key: part for key, part in links.reset_index(drop=True).groupby(["station", "equal_station", "lag"])}
    for one, other, lag, start, end in zip(*codes, lags, spans["start"], spans["end"], strict=True):
        if (part := rows.get((one, other, lag))) is not None:
            minute_of = part["hour"] * HOUR
            inside[part.index[(minute_of >= start) & (minute_of < end)]] = True
    return inside


def _grouped(members: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Equal and altered hours with a number for each group; an altered one goes with the hour it shares most with."""
    equal = members[["group", "station", "hour"]]
    if links.empty:
        return equal
    there = pd.DataFrame(
        {"station": links["equal_station"], "hour": (links["hour"] * HOUR - links["lag"] + HOUR // 2) // HOUR}
    )
    sides = pd.concat([equal[["station", "hour"]], links[["station", "hour"]], there], ignore_index=True)
    node = sides.groupby(["station", "hour"], sort=False).ngroup().to_numpy()
    of_equal, of_link = node[: len(equal)], node[len(equal) :].reshape(2, -1)
    first = equal.assign(node=of_equal).groupby("group")["node"].transform("first").to_numpy(dtype=np.int64)
    one, other = np.concatenate([of_equal, of_link[0]]), np.concatenate([first, of_link[1]])
    n = int(node.max()) + 1
    group = connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(n, n)), directed=False)[1]
    return (
        sides.assign(group=group[node])
        .drop_duplicates(["station", "hour"])
        .sort_values(["group", "hour", "station"], ignore_index=True)[["group", "station", "hour"]]
    )


def _altered_runs(links: pd.DataFrame) -> pd.DataFrame:
    """Rows of `runs` for altered hours, each with the earliest of those that it is like."""
    begin = links["hour"] * HOUR - links["lag"]
    earliest = links.assign(begin=begin).sort_values("begin", kind="stable").drop_duplicates(["station", "hour"])
    series = ["station", "equal_station", "lag"]
    ordered = earliest.sort_values([*series, "hour"], ignore_index=True)
    same = ordered[series].eq(ordered[series].shift()).all(axis=1)
    run = (~(same & (ordered["hour"].diff() <= BRIDGED + 1))).cumsum()
    table = ordered.groupby(run, sort=False).agg(
        station=("station", "first"),
        equal_station=("equal_station", "first"),
        lag=("lag", "first"),
        first=("hour", "first"),
        last=("hour", "last"),
        n_hours=("hour", "size"),
        altered=("components", lambda each: " ".join(sorted(set(" ".join(each).split())))),
    )
    start, end = table["first"].to_numpy() * HOUR, (table["last"].to_numpy() + 1) * HOUR
    lag = table["lag"].to_numpy()
    times = {"start": start, "end": end, "equal_start": start - lag, "equal_end": end - lag}
    return table.assign(**{name: clock.of_minutes(minutes) for name, minutes in times.items()})[list(COLUMNS)]


def _equal_runs(members: pd.DataFrame) -> pd.DataFrame:
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
    return table.astype({"n_hours": "int64"}).assign(altered="")[list(COLUMNS)]


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
    what = f"holds, altered, {row['altered']} of" if row["altered"] else "holds the values of"
    return (
        f"{row['station']} {row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M} {what} "
        f"{row['equal_station']} {row['equal_start']:%Y-%m-%d %H:%M} to {row['equal_end']:%Y-%m-%d %H:%M} "
        f"({n:,} hour{'s' * (n > 1)})"
    )
