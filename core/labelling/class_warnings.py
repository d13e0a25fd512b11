"""What a reader of the scores must know about the classes: time, a station or a sequence may tell the label."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.caveats import Caveat, CaveatKind
from core.config import DeclusteringConfig
from core.labelling import declustering, labels, leakage, windows
from core.labelling.splits import FINAL
from core.vocabulary import SPLITS

SEPARATED = 0.8  # an AUC of time alone beyond this, or below 1 - this, is said aloud


def check(table: pd.DataFrame, events: pd.DataFrame, declustering_method: str = "none") -> list[Caveat]:
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
    days = leakage.smallest_distance_days([rows[rows["split"] == name] for name in names])
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
