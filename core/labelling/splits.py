"""
Splits: which windows train, validate and test.

`blocked` (default) cuts time into train | validation | test, or into `n_blocks` of which one tests and the one before
it (of the first, the last) validates, at instants that hold for all stations. It leaves out what would leak across:
windows whose footprint crosses a boundary, windows that open less than the embargo after it, and windows of an event
cluster that is at home in another block. They get the split "embargo": counted and shown, not used.

`leave_one_station_out` is the same, and besides the test block holds windows of the test station only, the others
none of it. So what is tested is a station never seen, at a time never seen: an earthquake or a storm that all stations
feel is on one side only. A station left out of training but tested at the same time would share both.

`random` is the paper's 80/20, `grouped` deals out whole event clusters; neighbours in time fall on both sides of
either, and `leakage.check` says how many. A `final` block, the last of time, is cut off before anything else. Where its
beginning is given (`final_start`), what lies before it depends on nothing after it: more data only make it longer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core import clock
from core.caveats import Caveat, CaveatKind
from core.clock import MINUTE_US
from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.errors import InputError
from core.labelling import controls, windows
from core.labelling.windows import ReasonKind
from core.vocabulary import SPLITS

EMBARGO = "embargo"
FINAL = "final"  # a last block of time, opened once; never scored when a run is trained
LEAKY = ("random", "grouped")  # methods that may leak, under their name only
REST = "rest"  # all that comes before the final block


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
    Give each positive window the cluster of its event; see `event_clusters`.

    Returns
    -------
    DataFrame
        With `cluster`; -1 for windows without an event.
    """
    targets = events["target"].to_numpy(dtype=bool)
    identifier, cluster = events["event_id"].to_numpy(dtype=object), event_clusters(events, config)
    own = table["event_id"].to_numpy(dtype=object)
    of_event = dict(zip(identifier[targets], cluster[targets].tolist(), strict=True))
    return table.assign(cluster=np.array([of_event.get(e, -1) for e in own], dtype=np.int64))


def event_clusters(events: pd.DataFrame, config: ExperimentConfig) -> np.ndarray:
    """
    The cluster of each target event: what is one piece of evidence. -1 for events that are not targets.

    A cluster is a connected component of target events, of all stations together: two are linked
    when they are the same event (same id), when their origin times are less than one footprint apart
    (`footprint_minutes`), wherever they are, or when declustering puts them into one group. So an aftershock never
    tests what its mainshock trained.

    Parameters
    ----------
    events : DataFrame
        The detectability tables of all stations, one below the other; a column `group` is that of declustering.
    config : ExperimentConfig

    Returns
    -------
    ndarray of int, shape (n_events,)
        Counted from 0 in the order of time.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    out = np.full(len(events), -1, dtype=np.int64)
    chosen = np.flatnonzero(events["target"].to_numpy(dtype=bool))
    if len(chosen) == 0:
        return out
    chosen = chosen[np.argsort(windows.microseconds(events["origin_time"].iloc[chosen]), kind="stable")]
    targets = events.iloc[chosen]
    near = np.flatnonzero(np.diff(windows.microseconds(targets["origin_time"])) < footprint_minutes(config) * MINUTE_US)
    pairs = [(near, near + 1), _alike(targets["event_id"].to_numpy(dtype=object).astype(str))]
    if "group" in targets:
        pairs.append(_alike(targets["group"].to_numpy()))
    links = tuple(np.concatenate(ends) for ends in zip(*pairs, strict=True))
    graph = coo_array((np.ones(len(links[0])), links), shape=(len(targets), len(targets)))
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)
    out[chosen] = np.argsort(np.argsort(first))[component]
    return out


def _alike(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of positions that chain all equal values together."""
    _, same = np.unique(values, return_inverse=True)
    order = np.argsort(same, kind="stable")
    repeated = np.flatnonzero(np.diff(same[order]) == 0)
    return order[repeated], order[repeated + 1]


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
        With `split`: "train", "validation", "test", "final", "embargo"; "" for rejected rows.
    """
    kept = np.flatnonzero((table["rejected"] == "").to_numpy())
    split = np.full(len(table), "", dtype=object)
    if len(kept):
        rows = table.iloc[kept]
        split[kept] = _dealt(rows, config) if config.split.method in LEAKY else _blocked(rows, config)
    return table.assign(split=pd.array(split, dtype="str"))


def withhold(table: pd.DataFrame, learned: pd.DataFrame) -> tuple[pd.DataFrame, list[Caveat]]:
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
    caveats : list of Caveat
        What a reader should know; empty if nothing was moved.
    """
    split = table["split"].to_numpy(dtype=object, copy=True)
    trained = learned[learned["split"] == "train"]
    events = set(trained["event_id"]) - {""}
    clusters_seen = set(table.loc[table["event_id"].isin(events), "cluster"]) - {-1}
    seen = _overlaps(table, trained) | table["cluster"].isin(clusters_seen).to_numpy()
    withheld = (seen & np.isin(split, (*SPLITS[1:], FINAL))) | (
        _overlaps(table, learned) & np.isin(split, ("test", FINAL))
    )
    if not withheld.any():
        return table, []
    split[withheld] = EMBARGO
    sentence = (
        f"{withheld.sum()} validation and test windows are withheld: the run's ancestors learned from their time or "
        "their earthquakes."
    )
    return table.assign(split=pd.array(split, dtype="str")), [Caveat(CaveatKind.WITHHELD, sentence)]


def _overlaps(table: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Which windows share a moment of their footprint with any of the others, of whatever station."""
    first, last = windows.microseconds(others["footprint_start"]), windows.microseconds(others["footprint_end"])
    own_first, own_last = windows.microseconds(table["footprint_start"]), windows.microseconds(table["footprint_end"])
    return windows.n_overlapping(own_first, own_last, first, last) > 0


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
        candidates = f"{len(table)} candidate windows, {targets_sentence}"
        raise InputError(f"No training window has label 1: {candidates}. {_advice(table, config)}")
    has_test = config.split.test_fraction > 0 or config.split.n_blocks > 0
    needed = [*(SPLITS if has_test else SPLITS[:2]), *([FINAL] if config.split.has_final else [])]
    for split in needed:
        if not (kept["split"] == split).any():
            embargo = int((kept["split"] == EMBARGO).sum())
            raise InputError(
                f"The {split} split has no window: {len(kept)} windows are kept, of which {embargo} fell to "
                f"the embargo between the blocks. {_elsewhere(config)}Use more data, shorter windows or a smaller "
                "embargo_days, or change the fractions or n_blocks."
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


def _elsewhere(config: ExperimentConfig) -> str:
    """What else a window must be besides in the right block of time."""
    if config.split.method != "leave_one_station_out":
        return ""
    return f"Test windows are those of {config.split.test_station}, all others those of the other stations. "


def _dealt(rows: pd.DataFrame, config: ExperimentConfig) -> np.ndarray:
    """Windows (the paper), or whole event clusters and single quiet windows, dealt out at random in time."""
    split = np.full(len(rows), REST, dtype=object)
    if config.split.final_fraction:
        split = _in_blocks(rows, [REST, FINAL], [1 - config.split.final_fraction], config)
    dealt = np.flatnonzero(split == REST)
    n = len(dealt)
    n_validation, n_test = (round(f * n) for f in (config.split.validation_fraction, config.split.test_fraction))
    random = np.random.default_rng(config.split.seed)
    if config.split.method == "random":
        names = np.repeat(["validation", "test", "train"], [n_validation, n_test, n - n_validation - n_test])
        split[dealt] = random.permutation(names.astype(object))
        return split
    cluster = rows["cluster"].to_numpy()[dealt]
    _, group = np.unique(np.where(cluster >= 0, cluster, -1 - np.arange(n)), return_inverse=True)
    order = random.permutation(group.max() + 1) if n else np.array([], dtype=np.int64)
    reached = np.cumsum(np.bincount(group)[order]) if n else order
    share = np.empty(len(order), dtype=object)
    share[order] = np.where(
        reached <= n_validation, "validation", np.where(reached <= n_validation + n_test, "test", "train")
    )
    split[dealt] = share[group]
    return split


def _blocked(rows: pd.DataFrame, config: ExperimentConfig) -> np.ndarray:
    names, shares = _plan(config)
    split = _up_to(config.split.final_start, rows, names, shares, config)
    if config.split.method == "leave_one_station_out":
        own, tested = (rows["station"] == config.split.test_station).to_numpy(), np.isin(split, ("test", FINAL))
        split = np.where(own == tested, split, EMBARGO).astype(object)
    return split


def _up_to(
    final_start: str, rows: pd.DataFrame, names: list[str], shares: list[float], config: ExperimentConfig
) -> np.ndarray:
    """As `_in_blocks`, of the windows before `final_start` alone; those after it are the final block. "" = all."""
    if not final_start:
        return _in_blocks(rows, names, shares, config)
    edge = clock.utc(final_start)
    before = np.flatnonzero((rows["footprint_end"] <= edge).to_numpy())
    split = np.full(len(rows), EMBARGO, dtype=object)
    if len(before):
        split[before] = _in_blocks(rows.iloc[before], names, shares, config)
    cluster = rows["cluster"].to_numpy()
    at_home_before = np.isin(cluster, np.setdiff1d(cluster[before], -1))
    split[(rows["footprint_start"] >= edge).to_numpy() & ~at_home_before] = FINAL
    return split


def _plan(config: ExperimentConfig) -> tuple[list[str], list[float]]:
    """The blocks of time in order, and the share of all windows at which each but the first begins."""
    chosen, before_final = config.split, 1 - config.split.final_fraction
    if chosen.n_blocks:
        n, test = chosen.n_blocks, chosen.test_block % chosen.n_blocks
        names = ["train"] * n
        names[test], names[test - 1] = "test", "validation"
        shares = [k / n for k in range(1, n)]
    else:
        names = list(SPLITS)
        shares = [1 - chosen.validation_fraction - chosen.test_fraction, 1 - chosen.test_fraction]
        if chosen.test_fraction == 0:
            names, shares = names[:2], shares[:1]
    joined = [k for k in range(1, len(names)) if names[k] != names[k - 1]]  # between two training blocks nothing leaks
    names, shares = [names[0], *(names[k] for k in joined)], [shares[k - 1] * before_final for k in joined]
    return (names, shares) if before_final == 1 else ([*names, FINAL], [*shares, before_final])


def _in_blocks(rows: pd.DataFrame, names: list[str], shares: list[float], config: ExperimentConfig) -> np.ndarray:
    """The name of the block of time in which each window lies with its whole footprint, else the embargo."""
    start = windows.microseconds(rows["start"])
    order = np.argsort(start, kind="stable")
    start, counted = start[order], np.cumsum(controls.weights(rows, config.labels)[order])
    # A boundary is the start of the first window of the later block.
    reached = np.searchsorted(counted, np.array(shares) * counted[-1] * (1 + 1e-9), side="right")
    edges = start[np.minimum(reached, len(start) - 1)]
    first, last = windows.microseconds(rows["footprint_start"]), windows.microseconds(rows["footprint_end"])
    opens = np.concatenate([[np.iinfo(np.int64).min], edges + embargo_minutes(config) * MINUTE_US])
    closes = np.concatenate([edges, [np.iinfo(np.int64).max]])
    split = np.full(len(rows), EMBARGO, dtype=object)
    for name, begin, end in zip(names, opens, closes, strict=True):
        split[(first >= begin) & (last <= end)] = name
    return _one_home_per_cluster(split, rows["cluster"].to_numpy())


def _one_home_per_cluster(split: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """A cluster stays where most of its windows are (the first named, if equal); the others go to the embargo."""
    placed = np.flatnonzero((cluster >= 0) & (split != EMBARGO))
    if len(placed) == 0:
        return split
    names = (*SPLITS, REST, FINAL)
    block = np.array([names.index(s) for s in split[placed]])
    count = np.zeros((cluster.max() + 1, len(names)), dtype=np.int64)
    np.add.at(count, (cluster[placed], block), 1)
    home = count.argmax(axis=1)
    split = split.copy()
    split[placed[block != home[cluster[placed]]]] = EMBARGO
    return split


REMEDIES = {
    ReasonKind.INCOMPLETE: "Use shorter windows or more data",
    ReasonKind.GAP: "Raise max_gap_minutes or use shorter windows",
    ReasonKind.MISSING: "Raise max_missing_fraction or use shorter windows",
    ReasonKind.OUTSIDE_CATALOGUE: "Use a catalogue that covers the record, or declare its coverage when it is stored",
    ReasonKind.OUTSIDE_KP: 'Ingest Kp for this period, or set storm_rule to "none"',
    ReasonKind.STORM: "Raise storm_kp",
}
LOOK = "`precursor preview` says what each rule costs"  # of a reason that no option alone takes away


def _advice(table: pd.DataFrame, config: ExperimentConfig) -> str:
    """What to change when no positive window is kept, from the commonest reason why they were rejected."""
    positive = table[table["label"] == windows.POSITIVE]
    if len(positive) == 0:
        unknown = int((table["rejected"] == windows.OUTSIDE_CATALOGUE).sum())
        outside = f" {unknown} windows lie outside the catalogue's period." if unknown else ""
        return f"Lower min_magnitude or raise max_distance_km.{outside}"
    counts = positive["rejected"].value_counts()
    reason = str(counts.index[0])
    kind = windows.kind_of(reason, config)
    remedy = REMEDIES.get(kind, LOOK) if kind is not None else LOOK
    return f"All {len(positive)} positive windows were rejected, {counts.iloc[0]} of them: {reason}. {remedy}."
