"""
Controls: which quiet windows are the negatives, and the storm rule that must hold for both classes.

`random` draws them. `matched` takes for each positive a quiet window of the same station and block of time that
agrees with it in year, season, UT hour and Kp. Where none is left, the demands are given up one by one, in the order
of `LEVELS`: the year first, since a block of time bounds it anyway; Kp last, since it is what the field itself feels.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import LabelsConfig
from core.labelling import windows

# What a pair agrees in, the strictest first.
LEVELS = (
    ("year", "season", "hour", "kp"),
    ("season", "hour", "kp"),
    ("hour", "kp"),
    ("kp",),
    (),
)
KP_MAXIMUM = 9.0
KP_TOLERANCE = 0.01  # thirds are written 4.667 or 4.67 or 14/3; all mean 5-


def exclude_storms(table: pd.DataFrame, config: LabelsConfig) -> pd.DataFrame:
    """
    Reject windows with a 3-hour Kp at or above `storm_kp`, and those whose Kp is unknown.

    `storm_rule` both: whatever the label. negatives (the paper): windows with label 0 only,
    which makes Kp alone tell the classes apart. none, or a Kp above 9: nothing is rejected.
    """
    if config.storm_rule == "none" or config.storm_kp > KP_MAXIMUM:
        return table
    judged = np.ones(len(table), dtype=bool)
    if config.storm_rule == "negatives":
        judged = (table["label"] == windows.NEGATIVE).to_numpy()
    kp = table["kp_max"].to_numpy()
    table = windows.reject(table, judged & np.isnan(kp), windows.OUTSIDE_KP)
    return windows.reject(table, judged & (kp >= config.storm_kp - KP_TOLERANCE), windows.storm_words(config))


def choose(table: pd.DataFrame, config: LabelsConfig) -> pd.DataFrame:
    """
    Choose the negatives, station by station and split by split.

    `class_ratio` balanced: all positives, and as many negatives, drawn at random
    (the paper: "a similar number") or matched with the positives; natural: all of both. A negative that is not
    drawn keeps its row and loses its split.

    A draw over all blocks of time at once would tie them together: a station with many
    positives in training would have few in test, and whoever knows the station alone would
    score below chance there. So where the blocks are known, each gets its own draw, from its
    own windows only. Before a split is assigned (the paper's order), a station is one group.

    Parameters
    ----------
    table : DataFrame
        Windows of one or more stations.
    config : LabelsConfig

    Returns
    -------
    DataFrame
        With the reason "not drawn".
    """
    if config.class_ratio == "natural":
        return table
    label, usable = table["label"].to_numpy(), (table["rejected"] == "").to_numpy()
    group = (table["station"] + " " + table["split"]).to_numpy(dtype=object)
    kinds = traits(table) if config.controls == "matched" else None
    not_drawn = np.zeros(len(table), dtype=bool)
    for name in dict.fromkeys(group[usable]):
        here = usable & (group == name)
        negatives, positives = (
            np.flatnonzero(here & (label == value)) for value in (windows.NEGATIVE, windows.POSITIVE)
        )
        surplus = len(negatives) - len(positives)
        if surplus <= 0:
            continue
        random = np.random.default_rng([config.seed, 1, *name.encode()])
        if kinds is None:
            not_drawn[random.choice(negatives, size=surplus, replace=False)] = True
        else:
            _, matched, _ = _pairs(kinds, positives, random.permutation(negatives))
            not_drawn[np.setdiff1d(negatives, matched)] = True
    split = table["split"].mask(pd.Series(not_drawn, index=table.index), "")
    return windows.reject(table, not_drawn, windows.NOT_DRAWN).assign(split=split)


def matching(table: pd.DataFrame) -> pd.DataFrame:
    """
    How well the kept negatives match the kept positives, station by station and split by split.

    It counts pairs as `choose` makes them; so for matched controls these are the pairs that were made, and for others
    it says what the draw achieved.

    Parameters
    ----------
    table : DataFrame
        A finished windows table.

    Returns
    -------
    DataFrame
        station, split, agree_in (such as "year, season, hour, kp", at last "nothing"; "no negative" for positives
        without a partner) and n; one row for each that occurs.
    """
    kept = table[(table["rejected"] == "") & ~table["split"].isin(["", "embargo"])].reset_index(drop=True)
    kinds, rows = traits(kept), []
    for (station, split), part in kept.groupby(["station", "split"], sort=True):
        index = part.index.to_numpy()
        label = part["label"].to_numpy()
        positives = index[label == windows.POSITIVE]
        _, _, level = _pairs(kinds, positives, index[label == windows.NEGATIVE])
        found = [(", ".join(names) or "nothing", int((level == k).sum())) for k, names in enumerate(LEVELS)]
        found.append(("no negative", len(positives) - len(level)))
        rows += [(str(station), str(split), words, n) for words, n in found if n]
    return pd.DataFrame(rows, columns=["station", "split", "agree_in", "n"])


def matching_sentence(table: pd.DataFrame) -> str:
    """What `matching` found, in a sentence; "" without positives."""
    found = matching(table).groupby("agree_in")["n"].sum()
    if not len(found):
        return ""
    order = [", ".join(names) or "nothing" for names in LEVELS] + ["no negative"]
    parts = [f"{found[words]} in {words}" for words in order[:-1] if words in found.index]
    alone = f"; {found['no negative']} have none" if "no negative" in found.index else ""
    text = f"Of {found.sum()} positive windows, the quiet partner agrees with {'; with '.join(parts)}{alone}."
    return text.replace("hour", "UT hour").replace("kp", "Kp")


def traits(table: pd.DataFrame) -> pd.DataFrame:
    """Year, season (December to February, and so on), UT hour of the start, and the largest Kp in whole steps."""
    start = pd.DatetimeIndex(table["start"])
    return pd.DataFrame(
        {
            "year": start.year,
            "season": start.month % 12 // 3,
            "hour": start.hour,
            "kp": np.floor(table["kp_max"].fillna(-1.0) + KP_TOLERANCE).astype(np.int64).to_numpy(),
        }
    )


def _pairs(
    kinds: pd.DataFrame, positives: np.ndarray, negatives: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Pair positives with negatives, each used once, at the strictest level of agreement there is.

    Returns the positives and negatives of the pairs, and the position in `LEVELS` at which each was made.
    """
    made: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for level, names in enumerate(LEVELS):
        if not len(positives) or not len(negatives):
            break
        both = kinds.iloc[np.concatenate([positives, negatives])]
        key = both.groupby(list(names), sort=False).ngroup().to_numpy() if names else np.zeros(len(both), np.int64)
        own, other = key[: len(positives)], key[len(positives) :]
        # The k-th positive with a key takes the k-th negative with the same key.
        here, there = own * len(both) + _rank_within(own), other * len(both) + _rank_within(other)
        _, first, second = np.intersect1d(here, there, return_indices=True)
        made.append((positives[first], negatives[second], np.full(len(first), level)))
        positives, negatives = np.delete(positives, first), np.delete(negatives, second)
    if not made:
        return np.array([], np.int64), np.array([], np.int64), np.array([], np.int64)
    left, right, levels = (np.concatenate(column) for column in zip(*made, strict=True))
    return left, right, levels


def _rank_within(key: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... among equal values, in their order."""
    order = np.argsort(key, kind="stable")
    begins = np.concatenate([[True], key[order][1:] != key[order][:-1]])
    position = np.arange(len(key))
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = position - np.maximum.accumulate(np.where(begins, position, 0))
    return rank


def weights(table: pd.DataFrame, config: LabelsConfig) -> np.ndarray:
    """
    How much each window counts before the negatives are chosen: a negative, the chance that it will be drawn.

    Parameters
    ----------
    table : DataFrame
        Usable windows of one or more stations.
    config : LabelsConfig

    Returns
    -------
    ndarray of float, shape (n_windows,)
        In [0, 1]; all 1 for the natural class ratio, and where there is no positive at all.
    """
    positive = (table["label"] == windows.POSITIVE).to_numpy()
    weight = np.ones(len(table))
    if config.class_ratio == "natural" or not positive.any():
        return weight
    for code in table["station"].unique():
        here = (table["station"] == code).to_numpy()
        n_positive, n_negative = int((here & positive).sum()), int((here & ~positive).sum())
        weight[here & ~positive] = min(1.0, n_positive / max(n_negative, 1))
    return weight
