"""
A scan with shared work against `model.predict` on windows that stand in memory.

Both give the probability of every hourly window of a week (and of a day) with
the network of Table 2. Ours is the whole of `scan.scan` but for reading: it plans,
transforms the weights, runs over a record of 15 years with gaps (--quick: four years), and
goes the plain way where it must. `model.predict` gets a few hundred of the same
windows, cut beforehand, and its time is multiplied: all of them would need 16 GB.
The two take turns; the ratio of processor time holds beside other work too. Memory is
the largest of the whole process. Run with

    python benchmarks/scan.py [--quick]
"""

from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd
import rows

SAMPLE = 192  # windows given to model.predict
START = pd.Timestamp("2010-01-01", tz="UTC")


def window_set(n_minutes: int, n_days: int) -> tuple[object, np.ndarray]:
    """Hourly windows over noise with short and long gaps; and the rows that have a probability."""
    from core import config as configs
    from core.labelling.window_set import WindowSet
    from core.processing import gaps
    from core.processing.series import Series
    from core.processing.station_scale import StationScale

    random = np.random.default_rng(0)
    n = n_days * 1440
    field = random.standard_normal((3, n), dtype=np.float32)
    for begin in random.integers(0, n - 3, n // 3000):
        field[:, begin : begin + random.integers(1, 4)] = np.nan
    field[:, n // 3 : n // 3 + 300] = np.nan
    begins = np.arange(0, n - n_minutes + 1, 60)
    missing = np.isnan(field).any(axis=0)
    table = pd.DataFrame({"station": "DUR", "start": START + pd.to_timedelta(begins, unit="min"), "label": -1})
    table["missing_minutes"] = gaps.count(missing, begins, begins + n_minutes)
    long = gaps.longest_run(missing, begins, begins + n_minutes) > 3
    table = table.assign(split="", rejected=np.where(long, "gap", ""))
    config = configs.from_dict({"windows": {"length_minutes": n_minutes}})
    scaling = {"DUR": StationScale((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))}
    series = Series("DUR", int(START.timestamp()) // 60, field, np.zeros(3))
    return WindowSet(table, config, {"DUR": series}, pd.DataFrame(), scaling), np.flatnonzero(~long)


def timed(function):
    """What a function gives, and its wall and processor seconds."""
    clocks = time.perf_counter(), time.process_time()
    result = function()
    return result, np.array([time.perf_counter() - clocks[0], time.process_time() - clocks[1]])


def case(n_minutes: int, n_days: int, rounds: int, goal: str) -> None:
    from core.config import NetworkConfig
    from core.training import fit, network, shared_scan

    windows, known = window_set(n_minutes, n_days)
    model = network.build(NetworkConfig(), n_minutes, seed=1)
    sample = known[np.linspace(0, len(known) - 1, SAMPLE).astype(int)]
    x = windows.batch(sample)[..., np.newaxis]

    def ours() -> np.ndarray:
        plan = shared_scan.plan(model, windows, known, 60)
        probability = np.full(len(windows.table), np.nan)
        for part, values in shared_scan.probabilities(plan):
            probability[part] = values
        rest = known[np.isnan(probability[known])]
        probability[rest] = fit.predict(model, windows, rest)
        return probability

    model.predict(x, batch_size=64, verbose=0)  # builds the graph
    seconds = {"ours": [], "predict": []}
    for _ in range(rounds):
        probability, used = timed(ours)
        seconds["ours"].append(used)
        outputs, used = timed(lambda: model.predict(x, batch_size=64, verbose=0))
        seconds["predict"].append(used / SAMPLE)
    predicted, whole = np.min(seconds["predict"], axis=0) * len(known), np.min(seconds["ours"], axis=0)
    wall, processor = predicted / whole
    off = np.abs(probability[sample] - outputs[:, 1]).max()
    rows.say(
        f"{n_minutes}-minute windows, hourly, {n_days:,} days ({len(known):,} windows)",
        whole[0],
        predicted[0],
        wall,
        goal=goal,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        note=f"ratio of processor time {processor:.1f}, probabilities differ by {off:.0e} at most",
    )


if __name__ == "__main__":
    quick = rows.parser(__doc__).parse_args().quick
    for n_minutes, goal in ((10080, "ratio >= 25, memory < 4"), (1440, "")):
        case(n_minutes, 1461 if quick else 5479, 1 if quick else 2, goal)
