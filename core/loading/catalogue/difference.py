"""What changed between two versions of a catalogue: events that came, went, or were revised."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.loading.catalogue import events
from core.loading.catalogue.merge import same_event

COLUMNS = ("change", "event_id", "origin_time", "latitude_deg", "longitude_deg", "depth_km", "magnitude", "what")

# How a revised value is written.
_FORMATS = {
    "origin_time": "{:%Y-%m-%dT%H:%M:%S.%fZ}",
    "latitude_deg": "{:.4f}",
    "longitude_deg": "{:.4f}",
    "depth_km": "{:g}",
    "magnitude": "{:g}",
}


def catalogue_diff(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """
    Compare two versions of a catalogue, or two catalogues.

    Events are the same if their identifiers are; of the others, those that `merge.same_event` pairs are one event
    whose identifier changed (lists without identifiers name events after their origin time, which is revised).

    Parameters
    ----------
    before, after : events tables (`events.check`)

    Returns
    -------
    DataFrame
        One row per event that differs, by origin time, columns `COLUMNS`: change ("added", "removed", "changed"), then
        the values of `after` (of `before` if removed), and `what`, for a changed event every value that is not the
        same, old and new. No rows if nothing changed.
    """
    before, after = events.check(before), events.check(after)
    old = before.set_index("event_id", drop=False)
    new = after.set_index("event_id", drop=False)
    gone = before[~before["event_id"].isin(after["event_id"])].reset_index(drop=True)
    come = after[~after["event_id"].isin(before["event_id"])].reset_index(drop=True)
    renamed = same_event(gone, come)
    ids = after.loc[after["event_id"].isin(before["event_id"]), "event_id"].tolist()
    pairs = [(name, name) for name in ids]
    pairs += list(zip(gone["event_id"].iloc[renamed["a"]], come["event_id"].iloc[renamed["b"]], strict=True))
    left, right = old.loc[[a for a, _ in pairs]], new.loc[[b for _, b in pairs]]
    rows = [
        come.drop(index=renamed["b"].tolist()).assign(change="added", what=""),
        gone.drop(index=renamed["a"].tolist()).assign(change="removed", what=""),
        _changed(left.reset_index(drop=True), right.reset_index(drop=True)),
    ]
    table = pd.concat(rows, ignore_index=True)
    return table.sort_values(["origin_time", "event_id", "change"], ignore_index=True)[list(COLUMNS)]


def _changed(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    differs = pd.DataFrame(
        {
            name: ((left[name] != right[name]) & ~(left[name].isna() & right[name].isna())).to_numpy(dtype=bool)
            for name in events.COLUMNS
        }
    )
    rows = np.flatnonzero(differs.any(axis=1))
    what = []
    for row in rows:
        names = [name for name in events.COLUMNS if differs[name].iloc[row]]
        parts = (
            f"{name} {_said(name, left[name].iloc[row])} -> {_said(name, right[name].iloc[row])}" for name in names
        )
        what.append("; ".join(parts))
    return right.iloc[rows].assign(change="changed", what=what)


def _said(name: str, value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]  # a cell of a column
        return "unknown"
    return _FORMATS.get(name, "{}").format(value) or "none"
