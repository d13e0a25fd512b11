"""
The audit: do windows of different splits share anything, and does time alone tell the label?

A leak is a refusal for every split but the two that leak under their name (the paper's random one, and
the grouped one), for which it is reported on the run and on every page that shows it. A leak into
the final block is always a refusal.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from core import caveats, clock, typed_documents
from core.caveats import Caveat, CaveatKind
from core.config import DeclusteringConfig
from core.errors import InputError
from core.labelling import declustering, labels, windows
from core.labelling.splits import FINAL, LEAKY
from core.vocabulary import SPLITS

SEPARATED = 0.8  # an AUC of time alone beyond this, or below 1 - this, is said aloud


VERSION = 1  # of audit.json; without a version its warnings are bare sentences


class CheckName(enum.StrEnum):
    """What the audit looks for."""

    FOOTPRINTS = "footprints"
    MINUTES = "minutes"
    CLUSTERS = "clusters"
    DUPLICATES = "duplicates"
    IDENTICAL = "identical numbers"
    SCALING = "scaling"
    FILTER = "filter"


@dataclass(frozen=True)
class Check:
    """One thing that was looked for, whether none of it was found, and what was, in words."""

    name: CheckName
    passed: bool
    words: str


@dataclass(frozen=True)
class Audit:
    """
    What the audit of a set of windows found.

    ok: nothing is shared between splits. sentence: all this for a reader. method: of the split. n_windows: by split.
    n_shared_footprints: pairs of windows of different splits. n_shared_minutes: of the same station. n_duplicates:
    windows with a twin in another split. n_leaking: windows of validation, of test and of the final block that share
    anything with a split before them. closest_days: smallest distance of two footprints of different splits, 0 with a
    leak, None if there is none. n_identical, n_scaled_outside_train, n_acausal_minutes: see `audit_numbers.Numbers`.
    warnings: what a reader of the scores must know about the classes. A count is None where it was not looked at, as
    in documents of older versions.
    """

    ok: bool
    sentence: str
    method: str = ""
    n_windows: dict[str, int] = field(default_factory=dict)
    n_shared_footprints: int | None = None
    n_shared_clusters: int | None = None
    n_shared_minutes: int | None = None
    n_duplicates: int | None = None
    n_leaking: dict[str, int] = field(default_factory=dict)
    closest_days: float | None = None
    n_identical: int | None = None
    n_scaled_outside_train: int | None = None
    n_acausal_minutes: int | None = None
    warnings: tuple[Caveat, ...] = ()

    @property
    def checks(self) -> list[Check]:
        """Each check of times, events and numbers; what was not looked at is not listed."""
        rows = (
            (
                CheckName.FOOTPRINTS,
                self.n_shared_footprints,
                "pairs of windows of different splits depend on the same time",
            ),
            (CheckName.MINUTES, self.n_shared_minutes, "minutes of a record stand in windows of different splits"),
            (
                CheckName.CLUSTERS,
                self.n_shared_clusters,
                "event clusters, declustered sequences included, stand in different splits",
            ),
            (CheckName.DUPLICATES, self.n_duplicates, "windows stand in more than one split"),
            (CheckName.IDENTICAL, self.n_identical, "windows hold the same bytes as a window of another split"),
            (CheckName.SCALING, self.n_scaled_outside_train, "windows outside training had a part in the scale"),
            (CheckName.FILTER, self.n_acausal_minutes, "filtered minutes feel what comes after a window's end"),
        )
        return [Check(name, n == 0, f"{n} {words}.") for name, n, words in rows if n is not None]

    def to_dict(self) -> dict[str, Any]:
        """As it is kept in audit.json, with the checks in words beside the numbers."""
        return {
            **typed_documents.write(self, VERSION),
            "checks": [typed_documents.write(check) for check in self.checks],
        }

    @classmethod
    def from_dict(cls, document: object) -> Audit:
        """
        From audit.json.

        Raises
        ------
        OtherVersion
            If it was written by a newer version of the program.
        ValueError
            If it is no audit.
        """
        table = typed_documents.table_of(document)
        typed_documents.version_of(table, VERSION, "The leak audit")
        stored = caveats.write(caveats.read(table.get("warnings", [])))
        return typed_documents.read(cls, {**table, "warnings": stored})


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
        Of times and events; the numbers are looked at by `audit_numbers.check`, the classes by `warnings`.

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
    closest_days = _closest_days(list(by_split.values())) if ok else 0.0
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


def warnings(table: pd.DataFrame, events: pd.DataFrame, declustering_method: str = "none") -> list[Caveat]:
    """
    What a reader of the scores must know about the classes.

    * the start time of a window alone separates the classes, and which mainshock is behind it,
    * the aftershocks of one mainshock stand in several splits,
    * a station has windows of one class only, so that the station tells the label,
    * validation or test has one class only, so that some scores do not exist there,
    * positives have seen an earlier target event inside the window.

    `declustering_method` is the one that the clusters of the table are made with.
    """
    kept = table[(table["rejected"] == "") & (table["label"] >= 0)]
    sequence = _sequences(events)
    told = [*_separation(kept, sequence), *_divided(kept, sequence, declustering_method)]
    stations = [(str(code), rows["label"].unique()) for code, rows in kept.groupby("station")]
    for code, classes in stations:
        if len(stations) > 1 and len(classes) == 1:
            sentence = (
                f"All kept windows of {code} have label {classes[0]}: for them the station alone tells the label."
            )
            told.append(Caveat(CaveatKind.STATION_TELLS_LABEL, sentence))
    for split in ("validation", "test"):
        rows = kept[kept["split"] == split]
        if len(rows) and rows["label"].nunique() == 1:
            sentence = (
                f"All {len(rows)} {split} windows have label {rows['label'].iloc[0]}: "
                "AUC, MCC and a comparison of the classes do not exist there."
            )
            told.append(Caveat(CaveatKind.ONE_CLASS, sentence))
    positive = kept[kept["label"] == windows.POSITIVE]
    n_earlier = int(labels.earlier_events(positive, events).sum())
    if n_earlier:
        sentence = (
            f"{n_earlier} of {len(positive)} positive windows contain an earlier target event of their station: "
            "what the network finds there may be that event, not a precursor."
        )
        told.append(Caveat(CaveatKind.EARLIER_EVENTS, sentence))
    return told


def time_auc(start: np.ndarray, label: np.ndarray) -> float:
    """
    The AUC of the window's start time as a score for label 1 (Mann-Whitney, ties count half).

    Examples
    --------
    >>> time_auc(np.array([1, 2, 3, 4]), np.array([0, 0, 1, 1]))
    1.0
    """
    _, inverse, counts = np.unique(start, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n_positive = int((label == 1).sum())
    n_negative = len(label) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    wins = rank[label == 1].sum() - n_positive * (n_positive + 1) / 2
    return float(wins / (n_positive * n_negative))


def _sequences(events: pd.DataFrame) -> dict[str, str]:
    """The sequence of each target event, by the windows of Gardner & Knopoff (1974): its mainshock, in words."""
    targets = events[events["target"]].drop_duplicates("event_id")
    found = declustering.decluster(targets, DeclusteringConfig(method="gardner_knopoff"))
    main = targets.loc[found.index[found["is_mainshock"]]]
    words = {
        str(row.event_id): f"magnitude {row.magnitude:g} of {row.origin_time:%Y-%m-%d} ({row.event_id})"
        for row in main.itertuples()
    }
    return dict(zip(targets["event_id"].astype(str), found["mainshock_id"].map(words), strict=True))


def _divided(kept: pd.DataFrame, sequence: dict[str, str], method: str) -> list[Caveat]:
    """A caveat if positives of one sequence stand in several splits: how near, and after which mainshock."""
    used = kept[(kept["label"] == windows.POSITIVE) & kept["split"].isin((*SPLITS, FINAL))]
    main = used["event_id"].astype(str).map(sequence)
    found = []
    for words, rows in used.groupby(main):
        if rows["split"].nunique() > 1:
            found.append((len(rows), str(words), rows))
    if not found:
        return []
    _, words, rows = max(found, key=lambda item: item[:2])
    names = [name for name in (*SPLITS, FINAL) if (rows["split"] == name).any()]
    days = _closest_days([rows[rows["split"] == name] for name in names])
    more = (
        f" {len(found) - 1} more of them {'is' if len(found) == 2 else 'are'} divided like this."
        if len(found) > 1
        else ""
    )
    how = "declustering is off" if method == "none" else f"declustering: {method}"
    sentence = (
        f"The sequence of {words} does reach over several splits, {' and '.join(names)} ({how}): windows of it lie "
        f"{max(days or 0.0, 0.0):.1f} days apart, and aftershocks go on for longer than that, so what is learned from "
        "one split may hold in the next by this earthquake alone. Declustering by the windows of Gardner & Knopoff "
        f"keeps such a sequence in one split.{more}"
    )
    return [Caveat(CaveatKind.SEQUENCE_DIVIDED, sentence)]


def _separation(kept: pd.DataFrame, sequence: dict[str, str]) -> list[Caveat]:
    """A caveat if the start time of a window alone tells its class."""
    start = windows.microseconds(kept["start"])
    label = kept["label"].to_numpy()
    auc = time_auc(start, label)
    if not (auc > SEPARATED or auc < 1 - SEPARATED):
        return []
    positive, negative = start[label == windows.POSITIVE], start[label == windows.NEGATIVE]
    n, m = len(positive), len(negative)
    if positive.max() < negative.min():
        how = f"all {n} positives come before the first of {m} negatives"
    elif positive.min() > negative.max():
        how = f"all {n} positives come after the last of {m} negatives"
    else:
        how = f"{n} positives and {m} negatives lie at different times for the most part"
    main = kept.loc[label == windows.POSITIVE, "event_id"].astype(str).map(sequence).value_counts()
    whose = ""
    if len(main) and main.iloc[0] > max(1, n / 3):
        whose = f" {main.iloc[0]} of the {n} positives belong to the sequence of {main.index[0]}."
    sentence = (
        f"The classes are separated in time: {how}; the date alone tells them apart with AUC {auc:.2f} "
        f"(0.50 would be chance).{whose} A score of this run does not show that the field before an earthquake differs."
    )
    return [Caveat(CaveatKind.SEPARATED_IN_TIME, sentence)]


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


def _closest_days(parts: list[pd.DataFrame]) -> float | None:
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
