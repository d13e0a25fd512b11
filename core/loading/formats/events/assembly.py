"""The last step of every reader of a catalogue: the rows of a file become the events table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.loading.catalogue.events import DEPTH_KM, EARTHQUAKES, check, counted
from core.loading.formats.nothing import NothingInItError
from core.loading.formats.text import Table


def assemble(
    table: Table,
    *,
    times: pd.DatetimeIndex,
    latitude: str,
    longitude: str,
    depth: str,
    magnitude: np.ndarray,
    magnitude_type: Sequence[str],
    source: Sequence[str],
    ids: Sequence[str],
    id_prefix: str,
    kinds: Sequence[str] | None = None,
    updated: Sequence[str] | None = None,
) -> pd.DataFrame:
    """
    Make the events table of the parsed rows of a file; what every reader ends with.

    Dropped, and counted in `attrs["notes"]`: rows that are not earthquakes, rows without a magnitude, rows that repeat
    another, rows that repeat an identifier (the latest `updated` is kept, or the earliest origin time).

    Parameters
    ----------
    table : Table
    times : DatetimeIndex, shape (n_rows,), UTC
    latitude, longitude, depth : names of columns of `table`, degrees and km
    magnitude : ndarray, shape (n_rows,), NaN where unknown
    magnitude_type, source : sequences of str, shape (n_rows,)
    ids : sequence of str, shape (n_rows,)
        "" where the file gives none; then the name is `id_prefix` and the origin time.
    kinds : sequence of str, optional
        What each row is; anything but `EARTHQUAKES` is dropped.
    updated : sequence of str, optional
        When each row was last changed, in a form that sorts as text.

    Raises
    ------
    NothingInItError
        If no row is left.
    InputError
        With the line of the first value that is missing, no number or impossible.
    """
    rows = pd.DataFrame(
        {
            "event_id": pd.Series(list(ids), dtype="str"),
            "origin_time": times,
            "latitude_deg": table.numbers(latitude, -90, 90, required=True),
            "longitude_deg": table.numbers(longitude, -180, 360, required=True),
            "depth_km": table.numbers(depth, *DEPTH_KM),
            "magnitude": magnitude,
            "magnitude_type": pd.Series(list(magnitude_type), dtype="str"),
            "source": pd.Series(list(source), dtype="str"),
        }
    )
    rows["updated"] = pd.Series(list(updated) if updated is not None else [""] * len(rows), dtype="str")
    notes = []
    if kinds is not None:
        others = Counter(kind for kind in kinds if kind.casefold() not in EARTHQUAKES)
        rows = rows[np.array([kind.casefold() in EARTHQUAKES for kind in kinds], dtype=bool)]
        if others:
            names = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
            notes.append(f"{_rows(others.total())} dropped: not earthquakes ({names}).")
    unknown = int(rows["magnitude"].isna().sum())
    if unknown:
        rows = rows[rows["magnitude"].notna()]
        notes.append(f"{_rows(unknown)} dropped: no magnitude.")
    n_rows = len(rows)
    rows = rows.drop_duplicates()
    if len(rows) < n_rows:
        notes.append(f"{_rows(n_rows - len(rows))} dropped: the same as another row.")
    # From here nothing may depend on the order of the rows in the file.
    place = ["origin_time", "latitude_deg", "longitude_deg", "depth_km", "magnitude", "magnitude_type", "source"]
    rows = rows.sort_values(place, kind="stable").sort_values("updated", ascending=False, kind="stable")
    named = rows["event_id"] != ""
    repeated = rows["event_id"].duplicated() & named
    if repeated.any():
        kept = "the latest version" if updated is not None else "the earliest origin time"
        example = rows.loc[repeated, "event_id"].iloc[0]
        count = int(repeated.sum())
        notes.append(f"{_rows(count)} dropped: the identifier repeats, as {example} does; {kept} was kept.")
        rows = rows[~repeated]
    rows = rows.assign(event_id=_named(rows, id_prefix))
    rows.attrs["notes"] = tuple(notes)
    if rows.empty:
        words = f"{table.file}: holds no earthquake with a magnitude. {' '.join(notes)}".rstrip()
        raise NothingInItError(words, tuple(notes))
    return check(rows)


def _named(rows: pd.DataFrame, prefix: str) -> pd.Series:
    # Origin time to the millisecond, so that the name survives a longer list; -2, -3 tell apart events of one instant.
    ids = rows["event_id"].copy()
    unnamed = ids == ""
    stamps = prefix + rows.loc[unnamed, "origin_time"].dt.strftime("%Y%m%d%H%M%S%f").str[:-3]
    again = stamps.groupby(stamps).cumcount() + 1
    ids[unnamed] = stamps.where(again == 1, stamps + "-" + again.astype("str"))
    return ids


def _rows(count: int) -> str:
    return counted(count, "row")
