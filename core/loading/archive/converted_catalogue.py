"""A catalogue made of a stored one whose magnitudes are, where a relation holds, proxies of Mw with their source."""

from __future__ import annotations

import pandas as pd

from core.errors import InputError
from core.loading.archive.archive import Archive
from core.loading.archive.journal import Recipe
from core.loading.catalogue import magnitudes

READER = "Mw proxies"


def store(archive: Archive, name: str, reference: str, learned: pd.Timestamp | None = None) -> list[str]:
    """
    Store a stored catalogue with converted magnitudes under another name; it stays as it is itself.

    A magnitude that a relation converts (`magnitudes.mw_proxy`) is the proxy, and its type names the relation, such as
    "Mw (Scordilis 2006)"; every other magnitude is the native one.

    Parameters
    ----------
    archive : Archive
    name : str
    reference : str
        NAME, NAME@TIME or NAME@DIGEST.
    learned : see `Archive.store`

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
    made = ~table["mw_proxy_source"].isin(("", "native"))
    if not made.any():
        raise InputError(f"{member.name}: no relation holds for any of its magnitudes; nothing was stored.")
    events.loc[made, "magnitude"] = table.loc[made, "mw_proxy"]
    events.loc[made, "magnitude_type"] = "Mw (" + table.loc[made, "mw_proxy_source"] + ")"
    relations = table.loc[made, "mw_proxy_source"].value_counts().sort_index()
    counts = [f"{count} magnitudes by {source}" for source, count in relations.items()]
    native, unknown = ((table["mw_proxy_source"] == source).sum() for source in ("native", ""))
    notes = (f"{', '.join(counts)}; {native} are native Mw, {unknown} stay what they were.",)
    events.attrs["notes"] = notes
    retrieved = member.retrieved.isoformat()
    recipe = Recipe(READER, {"name": name, "member": f"{member.name}@{member.digest}", "retrieved": retrieved})
    said = archive.store_events(
        name,
        events,
        f"{member.name} ({member.digest[:12]}), magnitudes converted to Mw",
        start,
        end,
        recipe=recipe,
        learned=learned,
        merged_from=[{"name": member.name, "digest": member.digest, "retrieved": retrieved}],
    )
    return [said, *notes]
