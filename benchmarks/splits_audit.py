"""
Splitting and auditing 100,000 windows, against a plain pandas loop.

Three stations, windows of an hour every hour, a week of validity, 2,000 target events of which half are aftershocks.
Both sides give every window its split by the same rules (blocks, purge, embargo, one home per cluster) and count the
pairs of windows of different splits that depend on the same time. The plain loop goes through the windows one by one
with comparisons in pandas, and must give the same; of the 100,000 it does a part, and its time is multiplied.

Run: python benchmarks/splits_audit.py [--quick]
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import rows

from core import clock
from core.config import from_dict
from core.labelling import leakage, splits, windows

N_WINDOWS = 100_000
N_EVENTS = 2_000
STATIONS = ("DUR", "IZN", "MLR")
HOUR = 60
CONFIG = from_dict(
    {"windows": {"length_minutes": HOUR}, "labels": {"horizon_days": 7, "class_ratio": "natural"}, "split": {}}
)


def made_up(n_windows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labelled windows of three stations in a row of hours, and the events behind the positives."""
    random = np.random.default_rng(1)
    per_station = n_windows // len(STATIONS) + 1
    table = pd.concat(
        [windows.frame(code, np.arange(per_station) * HOUR, HOUR) for code in STATIONS], ignore_index=True
    ).iloc[:n_windows]
    span = per_station * HOUR
    n_events = max(20, N_EVENTS * n_windows // N_WINDOWS)
    first = random.uniform(0, span, n_events // 2)
    origin = np.sort(np.concatenate([first, first + random.exponential(3 * 1440, len(first))]))
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(origin))],
            "origin_time": clock.of_minutes(origin.astype(np.int64)),
            "station": random.choice(STATIONS, len(origin)),
            "target": True,
            "group": random.integers(0, len(origin) // 2, len(origin)),
        }
    )
    chosen = random.random(len(table)) < 0.1
    event = np.where(chosen, random.choice(events["event_id"].to_numpy(dtype=object), len(table)), "")
    ends = table["end"] + pd.Timedelta(days=7)
    return table.assign(label=chosen.astype(np.int8), event_id=pd.array(event, dtype="str"), footprint_end=ends), events


def ours(table: pd.DataFrame) -> tuple[np.ndarray, int]:
    split = splits.assign(table, CONFIG)
    return split["split"].to_numpy(dtype=object), leakage.check(split, "random").n_shared_footprints


def plain_split(table: pd.DataFrame) -> np.ndarray:
    """The split of each window, window by window."""
    ordered = table.sort_values("start", kind="stable")["start"]
    edges = [ordered.iloc[int(share * len(table) * (1 + 1e-9))] for share in (0.6, 0.8)]
    embargo = pd.Timedelta(minutes=splits.embargo_minutes(CONFIG))
    split = pd.Series("embargo", index=table.index, dtype=object)
    for i, row in table.iterrows():
        if row["footprint_end"] <= edges[0]:
            split[i] = "train"
        elif row["footprint_start"] >= edges[0] + embargo and row["footprint_end"] <= edges[1]:
            split[i] = "validation"
        elif row["footprint_start"] >= edges[1] + embargo:
            split[i] = "test"
    for _, members in table[table["cluster"] >= 0].groupby("cluster"):
        placed = split[members.index][lambda s: s != "embargo"]
        if len(placed):
            counts = placed.value_counts()
            home = next(name for name in splits.SPLITS if counts.get(name, 0) == counts.max())
            split[placed.index[placed != home]] = "embargo"
    return split.to_numpy(dtype=object)


def plain_shared(table: pd.DataFrame, split: np.ndarray, n_looked_at: int) -> int:
    """How often one of the first windows, taken one by one, depends on the same time as one of another split."""
    kept = table[split != "embargo"].assign(split=split[split != "embargo"])
    shared = 0
    for _, row in kept.iloc[:n_looked_at].iterrows():
        others = kept[kept["split"] != row["split"]]
        meets = (others["footprint_start"] < row["footprint_end"]) & (others["footprint_end"] > row["footprint_start"])
        shared += int(meets.sum())
    return shared


def timed(function, *arguments):
    began = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - began, result


def main() -> None:
    n_small, n_pairs = (600, 20) if rows.parser(__doc__).parse_args().quick else (3_000, 200)
    small, events = made_up(n_small)
    small = splits.clusters(small, events, CONFIG)
    fast, (split, shared) = min((timed(ours, small) for _ in range(3)), key=lambda pair: pair[0])
    splitting, plain = timed(plain_split, small)
    auditing, pairs = timed(plain_shared, small, plain, n_small)
    if (split != plain).any() or shared != pairs // 2:
        raise SystemExit("The plain loop splits otherwise.")
    rows.say(f"{n_small:,} windows", fast, splitting + auditing, (splitting + auditing) / fast)

    table, events = made_up(N_WINDOWS)
    numbering, table = timed(splits.clusters, table, events, CONFIG)
    seconds, (split, shared) = min((timed(ours, table) for _ in range(3)), key=lambda pair: pair[0])
    counts = ", ".join(f"{(split == name).sum():,} {name}" for name in (*splits.SPLITS, splits.EMBARGO))
    print(f"{N_WINDOWS:,} windows: {counts}; {shared} shared footprints; clusters numbered in {numbering:.2f} s")
    auditing, _ = timed(plain_shared, table, split, n_pairs)
    loop = splitting * N_WINDOWS / n_small + auditing * int((split != splits.EMBARGO).sum()) / n_pairs
    note = f"the loop's time is that of {n_pairs} windows audited among all, multiplied"
    rows.say(f"{N_WINDOWS:,} windows", seconds, loop, loop / seconds, goal="ours < 1", note=note)


if __name__ == "__main__":
    main()
