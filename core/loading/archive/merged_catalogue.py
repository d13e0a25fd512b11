"""A catalogue made of stored ones, which says of which snapshots and by which rule."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.errors import InputError
from core.loading.archive.archive import Archive
from core.loading.archive.event_store import Snapshot
from core.loading.archive.journal import Recipe
from core.loading.catalogue.merge import merge
from core.loading.record.source import Period


def store(
    archive: Archive, name: str, references: Sequence[str], prefer_mw: bool = True, learned: pd.Timestamp | None = None
) -> list[str]:
    """
    Merge stored catalogues (see `merge.merge`) and store the result under a name.

    Its provenance names each member with its digest and the time it was stored. Its period reaches from the first
    beginning of a member's period to the last end.

    Parameters
    ----------
    archive : Archive
    name : str
    references : sequence of str
        NAME, NAME@TIME or NAME@DIGEST, the most trusted first.
    prefer_mw : bool
    learned : see `Archive.store`

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
        "merge",
        {
            "name": name,
            "members": [f"{each.name}@{each.digest}" for each in members],
            "retrieved": [each.retrieved.isoformat() for each in members],  # the digest changes with pyarrow's packing
            "prefer_mw": prefer_mw,
        },
    )
    said = archive.store_events(
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
    return [said, *merged.events.attrs["notes"], f"Covered: {covered}."]


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
