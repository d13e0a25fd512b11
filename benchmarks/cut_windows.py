"""
Cutting and batching all weekly windows of 15 years of one station, against a plain loop in pandas.

Both start from the same record in memory (525,960 minutes a year, 1 % missing in
short gaps, a few long ones), filter it with the same causal high-pass, leave out
weeks with long gaps, fill the short ones, and go through all windows in batches of
32. Seconds are the best of three; memory is what is needed beside the record, in copies of it
(three components in float64). With --quick: three years.

Run: python benchmarks/cut_windows.py [--quick]
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pandas as pd
import rows
from scipy import signal

from core import clock
from core.config import from_dict
from core.labelling import windows
from core.labelling.window_set import WindowSet
from core.loading.record import minute
from core.processing import series
from core.processing.station_scale import StationScale

DAYS, QUICK_DAYS = 5_479, 1_096
WEEK = 7 * 1440
BATCH = 32
CONFIG = from_dict({"windows": {"length_minutes": WEEK}, "processing": {"record_filter": "highpass"}})
FIRST = int(minute.epoch_minutes(pd.DatetimeIndex(["2007-01-01"], tz="UTC"))[0])
NO_EVENTS = pd.DataFrame({"event_id": [], "origin_time": pd.DatetimeIndex([], tz="UTC")})
NO_KP = pd.DataFrame({"time": pd.DatetimeIndex([], tz="UTC"), "kp": []})
NO_SCALE = {"AAA": StationScale(median_nt=(0.0, 0.0, 0.0), scale_nt=(1.0, 1.0, 1.0))}


def record(n: int) -> minute.MinuteRecord:
    random = np.random.default_rng(1)
    values = np.full((n, 4), np.nan)
    day = 20 * np.sin(2 * np.pi * np.arange(n) / 1440)
    for c, level in enumerate((24000.0, 1500.0, 40000.0)):
        values[:, c] = level + day + random.normal(0, 1, n)
    for start in random.integers(0, n - 3, n // 200):
        values[start : start + random.integers(1, 4), :3] = np.nan
    for start in random.integers(0, n - 600, 40):
        values[start : start + 600, :3] = np.nan
    return minute.MinuteRecord("AAA", minute.on_grid(FIRST, values), "synthetic")


def ours(rec: minute.MinuteRecord) -> tuple[int, float]:
    """Cut, measure, filter, batch: what `dataset.build` and an epoch of training do for one station."""
    table = windows.cut(CONFIG, "AAA", series.first_minute(rec), series.missing(rec), NO_EVENTS, NO_KP)
    filtered = series.process(rec, CONFIG.processing, CONFIG.windows.max_gap_minutes)
    kept = np.flatnonzero((table["rejected"] == "").to_numpy())
    cut = WindowSet(table, CONFIG, {"AAA": filtered}, NO_EVENTS, NO_SCALE)
    total = 0.0
    for first in range(0, len(kept), BATCH):
        total += float(np.abs(cut.batch(kept[first : first + BATCH])).sum(dtype=np.float64))
    return len(kept), total


def naive(rec: minute.MinuteRecord) -> tuple[int, float]:
    """A loop over weeks in pandas that keeps every window, as a first version would."""
    sections = signal.butter(2, 1 / 100, "highpass", fs=1, output="sos")
    field = rec.field[["X", "Y", "Z"]]
    held = field.ffill(limit=3).bfill()
    filtered = held.apply(lambda x: signal.sosfilt(sections, x, zi=signal.sosfilt_zi(sections) * x.iloc[0])[0])
    filtered = filtered.where(field.notna())
    kept = []
    first = clock.of_minutes(windows.multiples(FIRST, FIRST + 1 + WEEK, WEEK))[0]
    for start in pd.date_range(first, field.index[-1] - pd.Timedelta(minutes=WEEK - 1), freq=f"{WEEK}min"):
        window = filtered.loc[start : start + pd.Timedelta(minutes=WEEK - 1)]
        gap = window.isna().any(axis=1)
        longest = gap.groupby((~gap).cumsum()).sum().max()
        if longest <= 3 and gap.mean() <= 0.05:
            kept.append(window.interpolate(limit_direction="both").to_numpy(dtype=np.float32).T)
    stacked = np.stack(kept)
    total = 0.0
    for i in range(0, len(stacked), BATCH):
        total += float(np.abs(stacked[i : i + BATCH]).sum(dtype=np.float64))
    return len(stacked), total


def best(function, rec, repeats: int) -> tuple[float, tuple[int, float]]:
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = function(rec)
        seconds.append(time.perf_counter() - began)
    return min(seconds), result


def peak_copies(function, rec) -> float:
    tracemalloc.start()
    function(rec)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / (len(rec.field) * 3 * 8)


def main() -> None:
    days = QUICK_DAYS if rows.parser(__doc__).parse_args().quick else DAYS
    rec = record(days * 1440)
    fast, (n, total) = best(ours, rec, 3)
    slow, (n_naive, total_naive) = best(naive, rec, 1)
    means = [sums / (kept * 3 * WEEK) for sums, kept in ((total, n), (total_naive, n_naive))]
    print(f"{n} windows kept, mean |value| {means[0]:.4f} nT; plain loop: {n_naive}, {means[1]:.4f} nT")
    rows.say(
        f"{n} windows of a week from {days:,} days",
        fast,
        slow,
        slow / fast,
        goal="ours < 1, memory < 3",
        memory=peak_copies(ours, rec),
        memory_unit="copies of the record",
        note=f"the loop needs {peak_copies(naive, rec):.1f} copies",
    )


if __name__ == "__main__":
    main()
