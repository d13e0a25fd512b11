"""Catalogues made of stored ones: several merged, one converted to Mw, one to which the events of a file are added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading.archive.event_store import Snapshot
from core.loading.archive.journal import Maker, Recipe
from core.loading.archive.store import Store
from core.loading.catalogue import events as events_table
from core.loading.catalogue import magnitudes
from core.loading.catalogue.merge import merge
from core.loading.formats import recognise
from core.loading.record.source import Period


def store_merged(
    archive: Store, name: str, references: Sequence[str], prefer_mw: bool = True, learned: pd.Timestamp | None = None
) -> list[str]:
    """
    Merge stored catalogues (see `merge.merge`) and store the result under a name.

    Its provenance names each member with its digest and the time it was stored. Its period reaches from the first
    beginning of a member's period to the last end.

    Parameters
    ----------
    archive : Store
    name : str
    references : sequence of str
        NAME, NAME@TIME or NAME@DIGEST, the most trusted first.
    prefer_mw : bool
    learned : see `Store.store`

    Returns
    -------
    list of str
        Sentences: what was stored, what was merged, and who covers what.

    Raises
    ------
    InputError
        If a catalogue is named twice or is not there, or there is a time between that none of them covers.
    """
    members = [archive.snapshot(reference) for reference in references]
    names = [member.name for member in members]
    if len(members) < 2 or len(set(names)) < len(names):
        raise InputError(f"Name two catalogues or more, each once; found {', '.join(references) or 'none'}.")
    if name in names:
        raise InputError(f"{name!r} is one of the catalogues to merge; store the merged one under a name of its own.")
    contents = {member.name: member.read() for member in members}
    start, end = _whole({each: period for each, (_, period) in contents.items()})
    merged = merge({each: events for each, (events, _) in contents.items()}, names, prefer_mw=prefer_mw)
    origin = "merge of " + ", ".join(f"{member.name} ({member.digest[:12]})" for member in members)
    origin += "; magnitude of the best type" if prefer_mw else "; magnitude with the place"
    recipe = Recipe(
        Maker.MERGE,
        {
            "name": name,
            "members": [f"{each.name}@{each.digest}" for each in members],
            "retrieved": [each.retrieved.isoformat() for each in members],  # the digest changes with pyarrow's packing
            "prefer_mw": prefer_mw,
        },
    )
    sentence = archive.store_events(
        name,
        merged.events,
        origin,
        start,
        end,
        recipe=recipe,
        learned=learned,
        merged_from=[_named(member) for member in members],
    )
    covered = "; ".join(f"{each} {a:%Y-%m-%d} to {b:%Y-%m-%d}" for each, (_, (a, b)) in contents.items())
    return [sentence, *merged.events.attrs["notes"], f"Covered: {covered}."]


def store_converted(archive: Store, name: str, reference: str, learned: pd.Timestamp | None = None) -> list[str]:
    """
    Store a stored catalogue with converted magnitudes under another name; it stays as it is itself.

    A magnitude that a relation converts (`magnitudes.mw_proxy`) is the proxy, and its type names the relation, such as
    "Mw (Scordilis 2006)"; every other magnitude is the native one.

    Parameters
    ----------
    archive : Store
    name : str
    reference : str
        NAME, NAME@TIME or NAME@DIGEST.
    learned : see `Store.store`

    Returns
    -------
    list of str
        Sentences: what was stored, and how many magnitudes each relation made.

    Raises
    ------
    InputError
        If there is no such catalogue, the name is its own, or no relation holds for any of its magnitudes.
    """
    member = archive.snapshot(reference)
    if name == member.name:
        raise InputError(f"{name!r} is the catalogue to convert; store the converted one under a name of its own.")
    events, (start, end) = member.read()
    table = magnitudes.mw_proxy(events)
    converted = ~table["mw_proxy_source"].isin(("", "native"))
    if not converted.any():
        raise InputError(f"{member.name}: no relation holds for any of its magnitudes; nothing was stored.")
    events.loc[converted, "magnitude"] = table.loc[converted, "mw_proxy"]
    events.loc[converted, "magnitude_type"] = "Mw (" + table.loc[converted, "mw_proxy_source"] + ")"
    relations = table.loc[converted, "mw_proxy_source"].value_counts().sort_index()
    counts = [f"{count} magnitudes by {source}" for source, count in relations.items()]
    native, unknown = ((table["mw_proxy_source"] == source).sum() for source in ("native", ""))
    notes = (f"{', '.join(counts)}; {native} are native Mw, {unknown} stay what they were.",)
    events.attrs["notes"] = notes
    retrieved = member.retrieved.isoformat()
    how = {"name": name, "member": f"{member.name}@{member.digest}", "retrieved": retrieved}
    recipe = Recipe(Maker.MW_PROXIES, how)
    sentence = archive.store_events(
        name,
        events,
        f"{member.name} ({member.digest[:12]}), magnitudes converted to Mw",
        start,
        end,
        recipe=recipe,
        learned=learned,
        merged_from=[{"name": member.name, "digest": member.digest, "retrieved": retrieved}],
    )
    return [sentence, *notes]


def store_added(
    archive: Store, name: str, path: Path, recipe: Recipe | None = None, learned: pd.Timestamp | None = None
) -> str:
    """
    Add the events of a file to a stored catalogue; a sentence says what changed.

    A revised event replaces its older version, none is removed, and the period that the catalogue covers grows to the
    newest event.

    Parameters
    ----------
    archive : Store
    name : str
        A stored catalogue.
    path : Path
    recipe, learned : see `Store.store`
        By default the recipe is this file.

    Raises
    ------
    InputError
        If there is no such catalogue, or the file is none.
    """
    new = recognise.read_events(path)
    recipe = recipe or Recipe(Maker.ADDED_EVENTS, {"name": name}, files=(path,))
    with archive.alone():  # or what another program adds meanwhile would be replaced
        return _add(archive, name, path, new, recipe, learned)


def _add(archive: Store, name: str, path: Path, new: pd.DataFrame, recipe: Recipe, learned: pd.Timestamp | None) -> str:
    old = archive.events(name)
    merged = pd.concat([old, new], ignore_index=True).drop_duplicates("event_id", keep="last")
    merged = events_table.check(merged)
    if merged.equals(events_table.check(old)):
        return f"{name}: every event was stored already."
    start, end = archive.events_period(name)
    start = min(start, merged["origin_time"].iloc[0])
    end = max(end, merged["origin_time"].iloc[-1] + pd.Timedelta(microseconds=1))
    archive.store_events(name, merged, path.name, start, end, recipe, learned)
    return (
        f"{name}: {len(merged) - len(old)} events added to {len(old)}; "
        f"it is now taken to cover {start:%Y-%m-%d} to {end:%Y-%m-%d %H:%M} without a break."
    )


def _named(member: Snapshot) -> dict[str, str]:
    return {"name": member.name, "digest": member.digest, "retrieved": member.retrieved.isoformat()}


def _whole(periods: dict[str, Period]) -> Period:
    """From the first beginning to the last end, if there is no time between that nobody covers."""
    ordered = sorted(periods.values())
    start, end = ordered[0]
    for first, last in ordered[1:]:
        if first > end:
            raise InputError(
                f"No catalogue covers {end:%Y-%m-%d %H:%M} to {first:%Y-%m-%d %H:%M}; the absence of events there "
                "would look like quiet. Merge catalogues that meet, or store one with its true --start and --end."
            )
        end = max(end, last)
    return start, end
