"""
One catalogue of several: which entries are the same event, and whose place and magnitude are taken.

The order of trust is named by the caller, so the result depends on it and on the entries, never on the
order in which catalogues were loaded or rows were listed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.catalogue import magnitudes
from core.stations import great_circle_km

# Which catalogue to trust first, by region; for `priority`.
ORDER_OF_TRUST = {
    "italy": ("horus", "ingv", "isc", "emsc", "usgs"),
    "romania": ("romplus", "isc", "niep", "emsc"),
    "turkey": ("isc", "afad", "koeri", "emsc"),
}

# Two entries can be the same event if they differ by no more than this.
SECONDS = 16.0
NEAR_KM = 50.0
FAR_KM = 100.0  # where a depth is not known, or the event is so small that few stations located it
SMALL_MAGNITUDE = 3.5
MAGNITUDES = 1.0
# Two agencies that give one identifier mean one event, even where one of them revised it; other events that share an
# identifier, as numbered lists do, are days apart.
NAMED_SECONDS = 60.0

MEMBER_COLUMNS = (
    "event_id",
    "catalogue",
    "member_id",
    "origin_time",
    "magnitude",
    "magnitude_type",
    "seconds",
    "distance_km",
    "gives_place",
    "gives_magnitude",
)


@dataclass(frozen=True)
class Merged:
    """
    Several catalogues as one.

    `events` is an events table (`events.check`). `members` has a row for every entry of every catalogue, so no
    identifier is lost: the event it became, its own identifier, how far it lies from the entry that gives the place
    (`seconds`, `distance_km`), and whether it gave the place or the magnitude.
    """

    events: pd.DataFrame
    members: pd.DataFrame


def merge(catalogues: Mapping[str, pd.DataFrame], priority: Sequence[str], *, prefer_mw: bool = True) -> Merged:
    """
    Merge catalogues in an order of trust.

    The first catalogue is taken whole. Each following one is matched with what is there: entries that can be the same
    event (`same_event`) are paired greedily, the nearest first, one entry with one; the rest are new events. Time,
    place and identifier of an event are those of the most trusted catalogue that has it. Its magnitude is of the best
    type that any of them gives (Mw, then ML, Ms or mb, Md), of equals the most trusted; native values, never converted
    (for that see `magnitudes.mw_proxy`). Entries within one catalogue are never merged.

    Parameters
    ----------
    catalogues : mapping of name to events table
    priority : sequence of str
        All the names, the most trusted first.
    prefer_mw : bool
        If false, the magnitude comes with the place.

    Raises
    ------
    InputError
        If `priority` does not name each catalogue once, or a table is not sound.
    """
    if sorted(priority) != sorted(catalogues):
        raise InputError(
            f"The order of trust names {', '.join(priority) or 'nothing'}; it must name each catalogue once: "
            f"{', '.join(sorted(catalogues)) or 'there is none'}."
        )
    if not priority:
        raise InputError("There is no catalogue to merge.")
    known = pd.DataFrame()
    members = []
    for name in priority:
        entries = catalogue.check(catalogues[name]).assign(catalogue=name)
        event, seconds, distance = _events_of(known, entries)
        members.append(
            entries.assign(event=event, seconds=seconds, distance_km=distance, gives_place=np.isnan(seconds))
        )
        new = members[-1][members[-1]["gives_place"]]
        known = pd.concat([known, new]).sort_values(["origin_time", "event"], ignore_index=True)
    table = pd.concat(members, ignore_index=True)
    table[["seconds", "distance_km"]] = table[["seconds", "distance_km"]].fillna(0.0)
    return _assemble(table, list(priority), prefer_mw)


def by_trust(names: Iterable[str]) -> list[str]:
    """
    Names of catalogues, the most trusted first: those of `ORDER_OF_TRUST`, then the others in the order of their names.

    >>> by_trust(["usgs", "mine", "ingv"])
    ['ingv', 'usgs', 'mine']
    """
    order = list(dict.fromkeys(name for region in ORDER_OF_TRUST.values() for name in region))
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def rule_digest(names: Iterable[str]) -> str:
    """SHA-256 of the rule by which these catalogues are merged where none is named: it changes when the events do."""
    limits = (SECONDS, NEAR_KM, FAR_KM, SMALL_MAGNITUDE, MAGNITUDES, NAMED_SECONDS)
    return hashlib.sha256(json.dumps([by_trust(names), limits]).encode()).hexdigest()


def same_event(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """
    Pair the entries of two catalogues that can be the same event, each at most once, the nearest first.

    They can be if their origin times differ by at most 16 s, their epicentres by 50 km (100 km where either depth is
    unknown or either magnitude is below 3.5) and their magnitudes by 1.0. The nearest has the least
    (dt / 16 s)^2 + (d / 50 km)^2. Before all others, entries with one identifier are paired whose origin times differ
    by at most a minute.

    Parameters
    ----------
    a, b : events tables, sorted by origin time (`events.check`)

    Returns
    -------
    DataFrame
        Columns a, b (positions), seconds (b minus a), distance_km; sorted by a.
    """
    times_a, times_b = _microseconds(a), _microseconds(b)
    reach = int(NAMED_SECONDS * 1e6)
    first = np.searchsorted(times_a, times_b - reach, side="left")
    count = np.searchsorted(times_a, times_b + reach, side="right") - first
    in_b = np.repeat(np.arange(len(b)), count)
    in_a = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(len(in_b))
    seconds = (times_b[in_b] - times_a[in_a]) / 1e6
    one, other = a.iloc[in_a], b.iloc[in_b]
    places = (each[name] for each in (one, other) for name in ("latitude_deg", "longitude_deg"))
    distance = great_circle_km(*places)
    magnitude_a, magnitude_b = one["magnitude"].to_numpy(), other["magnitude"].to_numpy()
    loose = one["depth_km"].isna().to_numpy() | other["depth_km"].isna().to_numpy()
    loose |= np.minimum(magnitude_a, magnitude_b) < SMALL_MAGNITUDE
    alike = (np.abs(seconds) <= SECONDS) & (distance <= np.where(loose, FAR_KM, NEAR_KM))
    alike &= np.round(np.abs(magnitude_a - magnitude_b), 6) <= MAGNITUDES  # 4.1 - 3.1 is a little more than 1
    nearness = (seconds / SECONDS) ** 2 + (distance / NEAR_KM) ** 2
    named = one["event_id"].to_numpy() == other["event_id"].to_numpy()
    alike |= named
    nearness[named] = -1.0
    pairs = []
    used_a, used_b = np.zeros(len(a), dtype=bool), np.zeros(len(b), dtype=bool)
    candidates = np.flatnonzero(alike)
    for pair in candidates[np.lexsort((in_b[candidates], in_a[candidates], nearness[candidates]))]:
        if not used_a[in_a[pair]] and not used_b[in_b[pair]]:
            used_a[in_a[pair]] = used_b[in_b[pair]] = True
            pairs.append(pair)
    chosen = np.array(pairs, dtype=np.int64)
    found = pd.DataFrame(
        {"a": in_a[chosen], "b": in_b[chosen], "seconds": seconds[chosen], "distance_km": distance[chosen]}
    )
    return found.sort_values("a", ignore_index=True)


def _events_of(known: pd.DataFrame, entries: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of the event of each entry, and its distance from the known one; NaN where the event is new."""
    event = np.full(len(entries), -1, dtype=np.int64)
    seconds, distance = np.full(len(entries), np.nan), np.full(len(entries), np.nan)
    if len(known):
        pairs = same_event(known, entries)
        b = pairs["b"].to_numpy()
        event[b] = known["event"].to_numpy()[pairs["a"]]
        seconds[b], distance[b] = pairs["seconds"], pairs["distance_km"]
    new = event < 0
    event[new] = len(known) + np.arange(int(new.sum()))
    return event, seconds, distance


def _assemble(table: pd.DataFrame, priority: list[str], prefer_mw: bool) -> Merged:
    places = table[table["gives_place"]].set_index("event").sort_index()
    clash = places["event_id"].duplicated()  # in the order of trust, for events are numbered so
    names = places["event_id"].where(~clash, places["catalogue"] + "/" + places["event_id"])
    table["trust"] = table["catalogue"].map({name: place for place, name in enumerate(priority)})
    table["rank"] = [magnitudes.rank(each) if prefer_mw else 0 for each in table["magnitude_type"]]
    best = table.sort_values(["event", "rank", "trust"], kind="stable").drop_duplicates("event")
    table["gives_magnitude"] = table.index.isin(best.index)
    best = best.set_index("event")
    events = places.assign(event_id=names, magnitude=best["magnitude"], magnitude_type=best["magnitude_type"])
    members = table.rename(columns={"event_id": "member_id"})
    members["event_id"] = names.loc[table["event"]].to_numpy()
    members = members.sort_values(["origin_time", "trust", "member_id"], ignore_index=True)[list(MEMBER_COLUMNS)]
    shared = int((table.groupby("event").size() > 1).sum())
    notes = [f"{len(table)} entries of {len(priority)} catalogues are {len(events)} events; {shared} are in several."]
    elsewhere = int((best["catalogue"] != places["catalogue"]).sum())
    if elsewhere:
        notes.append(f"{elsewhere} events have a magnitude of a better type from another catalogue than their place.")
    if clash.any():
        notes.append(f"{int(clash.sum())} identifiers are used by two catalogues for different events.")
    events.attrs = {"notes": tuple(notes)}
    return Merged(catalogue.check(events), members)


def _microseconds(events: pd.DataFrame) -> np.ndarray:
    return np.asarray(pd.DatetimeIndex(events["origin_time"]).as_unit("us").asi8)
