"""
Splits: which windows train, validate and test.

`blocked` (default) cuts time into train | validation | test at instants that hold
for all stations, and leaves out what would leak across: windows whose footprint
crosses a boundary, windows that open less than the embargo after it, and windows of
an event cluster that is at home in another block. They get the split "embargo":
counted and shown, not used. `random` is the paper's 80/20; neighbours in time
fall on both sides, and `audit.check` says how many.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.errors import InputError
from core.labelling import controls, windows
from core.labelling.labels import MINUTE

SPLITS = ("train", "validation", "test")
EMBARGO = "embargo"
FINAL = "final"  # a last block of time, opened once; never scored when a run is trained


def footprint_minutes(config: ExperimentConfig) -> int:
    """Length of a window and of what its label depends on after it; the reach of a cluster in time."""
    if config.windows.sampling == "grid":
        after = config.labels.latency_minutes + round(config.labels.horizon_days * MINUTES_PER_DAY)
    else:
        after = max(config.windows.lead_gap_minutes, round(config.labels.quiet_margin_days * MINUTES_PER_DAY))
    return config.windows.length_minutes + after


def embargo_minutes(config: ExperimentConfig) -> int:
    """The extra distance between blocks; -1 days means one window length."""
    days = config.split.embargo_days
    return config.windows.length_minutes if days < 0 else round(days * MINUTES_PER_DAY)


def clusters(table: pd.DataFrame, events: pd.DataFrame, config: ExperimentConfig) -> pd.DataFrame:
    """
    Number the event clusters and give each positive window that of its event.

    A cluster is a connected component of target events, of all stations together: two are linked
    when they are the same event (same id) or their origin times are less than one footprint apart
    (`footprint_minutes`), wherever they are. So an aftershock never tests what its mainshock trained.

    Parameters
    ----------
    table : DataFrame
        Labelled windows.
    events : DataFrame
        The detectability tables of all stations, one below the other.
    config : ExperimentConfig

    Returns
    -------
    DataFrame
        With `cluster`, counted from 0 in the order of time; -1 for windows without an event.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    targets = events[events["target"]].sort_values("origin_time", kind="stable")
    if len(targets) == 0:
        return table.assign(cluster=np.full(len(table), -1))
    origins = windows.microseconds(targets["origin_time"])
    near = np.flatnonzero(np.diff(origins) < footprint_minutes(config) * MINUTE)
    _, same = np.unique(targets["event_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
    by_id = np.argsort(same, kind="stable")
    repeated = np.flatnonzero(np.diff(same[by_id]) == 0)
    links = (np.concatenate([near, by_id[repeated]]), np.concatenate([near + 1, by_id[repeated + 1]]))
    graph = coo_array((np.ones(len(links[0])), links), shape=(len(targets), len(targets)))
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)
    number = np.argsort(np.argsort(first))[component]
    of_event = dict(zip(targets["event_id"].to_numpy(dtype=object), number.tolist(), strict=True))
    return table.assign(cluster=np.array([of_event.get(e, -1) for e in table["event_id"]], dtype=np.int64))


def assign(table: pd.DataFrame, config: ExperimentConfig) -> pd.DataFrame:
    """
    Give every kept window its split.

    Parameters
    ----------
    table : DataFrame
        Labelled windows of all stations, with clusters.
    config : ExperimentConfig

    Returns
    -------
    DataFrame
        With `split`: "train", "validation", "test", "embargo"; "" for rejected rows.
    """
    kept = np.flatnonzero((table["rejected"] == "").to_numpy())
    split = np.full(len(table), "", dtype=object)
    if len(kept):
        rows = table.iloc[kept]
        split[kept] = _random(rows, config) if config.split.method == "random" else _blocked(rows, config)
    return table.assign(split=pd.array(split, dtype="str"))


def withhold(table: pd.DataFrame, learned: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """
    Move validation and test windows that an ancestor of the run has learned from to the embargo.

    A run that starts from old weights remembers what shaped them: the ancestors' training windows, and, where early
    stopping chose the weights, their validation windows. A window whose footprint overlaps that of a training window,
    or whose event cluster was trained on, is not unseen; a test window that overlaps one of the validation windows is
    not either.

    Parameters
    ----------
    table : DataFrame
        With clusters and splits.
    learned : DataFrame
        The windows of the ancestors: footprint_start, footprint_end, event_id, split ("train", "validation").

    Returns
    -------
    table : DataFrame
    sentences : list of str
        What a reader should know; empty if nothing was moved.
    """
    split = table["split"].to_numpy(dtype=object, copy=True)
    trained = learned[learned["split"] == "train"]
    events = set(trained["event_id"]) - {""}
    clusters_seen = set(table.loc[table["event_id"].isin(events), "cluster"]) - {-1}
    seen = _overlaps(table, trained) | table["cluster"].isin(clusters_seen).to_numpy()
    withheld = (seen & np.isin(split, SPLITS[1:])) | (_overlaps(table, learned) & (split == "test"))
    if not withheld.any():
        return table, []
    split[withheld] = EMBARGO
    sentence = (
        f"{withheld.sum()} validation and test windows are withheld: the run's ancestors learned from their time or "
        "their earthquakes."
    )
    return table.assign(split=pd.array(split, dtype="str")), [sentence]


def _overlaps(table: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Which windows share a moment of their footprint with any of the others, of whatever station."""
    first, last = windows.microseconds(others["footprint_start"]), windows.microseconds(others["footprint_end"])
    own_first, own_last = windows.microseconds(table["footprint_start"]), windows.microseconds(table["footprint_end"])
    return np.searchsorted(np.sort(first), own_last, "left") > np.searchsorted(np.sort(last), own_first, "right")


def require(table: pd.DataFrame, targets_sentence: str, config: ExperimentConfig) -> None:
    """
    Refuse a labelled table that cannot be trained on or validated.

    Parameters
    ----------
    table : DataFrame
        With splits.
    targets_sentence : str
        How many target events there are, for the message: "0 target events ... of DUR".
    config : ExperimentConfig

    Raises
    ------
    InputError
        If a split has no window, or the training windows have one class only.
    """
    kept = table[table["rejected"] == ""]
    if not (kept["label"] == windows.POSITIVE).any():
        raise InputError(
            f"No training window has label 1: {len(table)} candidate windows, {targets_sentence}. {_advice(table)}"
        )
    needed = SPLITS if config.split.test_fraction > 0 else SPLITS[:2]
    for split in needed:
        if not (kept["split"] == split).any():
            embargo = int((kept["split"] == EMBARGO).sum())
            raise InputError(
                f"The {split} split has no window: {len(kept)} windows are kept, of which {embargo} fell to "
                "the embargo between the blocks. Use more data, shorter windows or a smaller embargo_days, or change "
                "validation_fraction and test_fraction."
            )
    train = kept[kept["split"] == "train"]
    for label in (windows.POSITIVE, windows.NEGATIVE):
        if not (train["label"] == label).any():
            found = int((kept["label"] == label).sum())
            raise InputError(
                f"No training window has label {label}: {len(train)} training windows, {targets_sentence}; the {found} "
                f"kept windows with label {label} lie in other blocks of time. "
                "Change validation_fraction and test_fraction, or use a longer period."
            )


def _random(rows: pd.DataFrame, config: ExperimentConfig) -> np.ndarray:
    """The paper's split: windows are dealt out at random, whatever their time."""
    n = len(rows)
    n_validation = round(config.split.validation_fraction * n)
    n_test = round(config.split.test_fraction * n)
    dealt = np.repeat(["validation", "test", "train"], [n_validation, n_test, n - n_validation - n_test]).astype(object)
    return np.random.default_rng(config.split.seed).permutation(dealt)


def _blocked(rows: pd.DataFrame, config: ExperimentConfig) -> np.ndarray:
    start = windows.microseconds(rows["start"])
    order = np.argsort(start, kind="stable")
    start, counted = start[order], np.cumsum(controls.weights(rows, config.labels)[order])
    first, last = windows.microseconds(rows["footprint_start"]), windows.microseconds(rows["footprint_end"])
    share = (1 - config.split.validation_fraction - config.split.test_fraction, 1 - config.split.test_fraction)
    # A boundary is the start of the first window of the later block; with no test block the second one never comes.
    reached = np.searchsorted(counted, np.array(share) * counted[-1] * (1 + 1e-9), side="right")
    edges = start[np.minimum(reached, len(start) - 1)]
    if config.split.test_fraction == 0:
        edges[1] = np.iinfo(np.int64).max
    embargo = embargo_minutes(config) * MINUTE
    split = np.full(len(rows), EMBARGO, dtype=object)
    split[last <= edges[0]] = "train"
    split[(first >= edges[0] + embargo) & (last <= edges[1])] = "validation"
    if config.split.test_fraction > 0:
        split[first >= edges[1] + embargo] = "test"
    return _one_home_per_cluster(split, rows["cluster"].to_numpy())


def _one_home_per_cluster(split: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """A cluster stays where most of its windows are (the earlier block, if equal); the others go to the embargo."""
    placed = np.flatnonzero((cluster >= 0) & (split != EMBARGO))
    if len(placed) == 0:
        return split
    block = np.array([SPLITS.index(s) for s in split[placed]])
    count = np.zeros((cluster.max() + 1, len(SPLITS)), dtype=np.int64)
    np.add.at(count, (cluster[placed], block), 1)
    home = count.argmax(axis=1)
    split = split.copy()
    split[placed[block != home[cluster[placed]]]] = EMBARGO
    return split


def _advice(table: pd.DataFrame) -> str:
    """What to change when no positive window is kept, from the commonest reason why they were rejected."""
    positive = table[table["label"] == windows.POSITIVE]
    if len(positive) == 0:
        unknown = int((table["rejected"] == windows.OUTSIDE_CATALOGUE).sum())
        outside = f" {unknown} windows lie outside the catalogue's period." if unknown else ""
        return f"Lower min_magnitude or raise max_distance_km.{outside}"
    reasons = positive["rejected"].value_counts()
    reason = str(reasons.index[0])
    remedy = {
        "incomplete": "Use shorter windows or more data",
        "gap": "Raise max_gap_minutes or use shorter windows",
        "more": "Raise max_missing_fraction or use shorter windows",
        "outside the catalogue": "Use a catalogue that covers the record, or declare its coverage when it is stored",
        "outside the Kp": 'Ingest Kp for this period, or set storm_rule to "none"',
        "storm": "Raise storm_kp",
    }
    words = next(words for beginning, words in remedy.items() if reason.startswith(beginning))
    return f"All {len(positive)} positive windows were rejected, {reasons.iloc[0]} of them: {reason}. {words}."
