"""
Do windows of different splits share anything?

A leak is a refusal for every split but the two that leak under their name (the paper's random one, and
the grouped one), for which it is reported on the run and on every page that shows it. A leak into
the final block is always a refusal.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from core import clock
from core.errors import InputError
from core.labelling import labels, windows
from core.labelling.audit import Audit
from core.labelling.splits import FINAL, LEAKY
from core.vocabulary import SPLITS


def check(table: pd.DataFrame, method: str) -> Audit:
    """
    Look for anything shared between training, validation and test windows.

    Footprints are compared across all stations, because one earthquake, and one
    magnetic storm, is seen by all of them. The cost is that of a few sorts.

    Parameters
    ----------
    table : DataFrame
        The windows table with splits; rejected and embargoed rows do not count.
    method : str
        The method of the split; only "random" and "grouped" may leak, and neither into the final block.

    Returns
    -------
    Audit
        Of times and events; the numbers are looked at by `audit_numbers.check`, the classes by `class_warnings`.

    Raises
    ------
    InputError
        If there is a leak, unless the method may leak.
    """
    names = (*SPLITS, FINAL) if (table["split"] == FINAL).any() else SPLITS
    kept = table[table["split"].isin(names) & (table["rejected"] == "")]
    by_split = {name: kept[kept["split"] == name] for name in names}
    pairs = list(combinations(names, 2))
    shared_clusters = [_clusters(by_split[a]) & _clusters(by_split[b]) for a, b in pairs]
    n_windows = {name: len(rows) for name, rows in by_split.items()}
    n_shared_footprints = sum(_overlapping_pairs(by_split[a], by_split[b]) for a, b in pairs)
    n_shared_clusters = len(set().union(*shared_clusters))
    n_shared_minutes = sum(_shared_minutes(by_split[a], by_split[b]) for a, b in pairs)
    n_duplicates = _duplicates(kept)
    n_leaking = {
        "validation": _leaking(by_split["validation"], by_split["train"]),
        "test": _leaking(by_split["test"], pd.concat([by_split["train"], by_split["validation"]])),
    }
    if FINAL in names:
        n_leaking[FINAL] = _leaking(by_split[FINAL], pd.concat([by_split[name] for name in SPLITS]))
    ok = not (n_shared_footprints or n_shared_clusters or n_shared_minutes or n_duplicates)
    closest_days = smallest_distance_days(list(by_split.values())) if ok else 0.0
    sentence = _sound(closest_days) if ok else _leak(n_leaking, n_windows)
    if not ok and (method not in LEAKY or n_leaking.get(FINAL)):
        raise InputError(
            f'{sentence} Only split.method = "random", the paper\'s, and "grouped" may leak, and no method '
            "into the final block."
        )
    return Audit(
        ok=ok,
        method=method,
        n_windows=n_windows,
        n_shared_footprints=n_shared_footprints,
        n_shared_clusters=n_shared_clusters,
        n_shared_minutes=n_shared_minutes,
        n_duplicates=n_duplicates,
        n_leaking=n_leaking,
        closest_days=closest_days,
        sentence=sentence,
    )


def _sound(days: float | None) -> str:
    """That nothing is shared, and how near the splits come to each other."""
    nearest = ""
    if days is not None:
        nearest = f"; the nearest lie {f'{days:.1f} days' if days >= 1 else f'{24 * days:.1f} hours'} apart"
    return f"No leak: no window shares a minute or an event with another split, its label's days included{nearest}."


def _leak(n_leaking: dict[str, int], n_windows: dict[str, int]) -> str:
    """How many windows leak in the split where it is worst."""
    split = max(n_leaking, key=lambda name: n_leaking[name] / max(n_windows[name], 1))
    before = {"validation": "training windows", "test": "training or validation windows"}
    others = before.get(split, "windows before the final block")
    return (
        f"Leak: {n_leaking[split]} of {n_windows[split]} {split} windows share minutes or an event "
        f"cluster with {others}; scores under this split cannot be trusted."
    )


def _clusters(rows: pd.DataFrame) -> set[int]:
    return set(rows.loc[rows["cluster"] >= 0, "cluster"].tolist())


def _footprints(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return windows.microseconds(rows["footprint_start"]), windows.microseconds(rows["footprint_end"])


def _overlapping_pairs(a: pd.DataFrame, b: pd.DataFrame) -> int:
    return int(windows.n_overlapping(*_footprints(a), *_footprints(b)).sum())


def _leaking(rows: pd.DataFrame, others: pd.DataFrame) -> int:
    """How many of `rows` share a footprint or a cluster with any of `others`."""
    overlap = windows.n_overlapping(*_footprints(rows), *_footprints(others)) > 0
    return int((overlap | rows["cluster"].isin(_clusters(others)).to_numpy()).sum())


def _duplicates(kept: pd.DataFrame) -> int:
    """Windows of the same station and start that stand in more than one split."""
    splits_of = kept.groupby(["station", "start"])["split"].transform("nunique")
    return int((splits_of > 1).sum())


def _shared_minutes(a: pd.DataFrame, b: pd.DataFrame) -> int:
    """Minutes of the record, station by station, that lie in windows of both."""
    total = 0
    for station in sorted(set(a["station"]) & set(b["station"])):
        parts = [_union(rows[rows["station"] == station]) for rows in (a, b)]
        both = _length(*windows.union(*(np.concatenate(edge) for edge in zip(*parts, strict=True))))
        total += sum(_length(*part) for part in parts) - both
    return total // clock.MINUTE_US


def _union(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return windows.union(windows.microseconds(rows["start"]), windows.microseconds(rows["end"]))


def _length(first: np.ndarray, last: np.ndarray) -> int:
    return int((last - first).sum())


def smallest_distance_days(parts: list[pd.DataFrame]) -> float | None:
    """The smallest distance between footprints of different splits, which do not overlap."""
    first, last = (np.concatenate(edge) for edge in zip(*map(_footprints, parts), strict=True))
    split = np.repeat(np.arange(len(parts)), [len(rows) for rows in parts])
    order = np.argsort(first, kind="stable")
    first, last, split = first[order], last[order], split[order]
    # Footprints of one split may nest, so compare with the latest end so far within the run of the split before.
    change = np.flatnonzero(split[1:] != split[:-1]) + 1
    if len(change) == 0:
        return None
    reach = np.maximum.accumulate(last)
    return float((first[change] - reach[change - 1]).min() / labels.DAY)
