"""
The Molchan diagram under 10,000 circular shifts of 15 years of hourly scores, and 10,000 cluster bootstrap draws of
an AUC, against plain loops.

The loops do a part of the shifts and draws in the same run, must give the same numbers, and their time is multiplied.
Seconds of ours are the best of three (with --quick, of one).

Run: python benchmarks/molchan.py [--quick]
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import rows

from core import clock
from core.evaluation import bootstrap, molchan, significance
from core.evaluation.alarm_series import AlarmSeries
from core.training import measures

HOURS = 15 * 8766
N_TARGETS = 300
N_DRAWS = 10_000
N_LOOP, QUICK_LOOP = 20, 5
N_WINDOWS, N_GROUPS = 5_000, 780  # 15 years of weeks in stretches of a week
FIRST = 24_000_000


def world() -> tuple[AlarmSeries, pd.DataFrame]:
    random = np.random.default_rng(1)
    score = random.random(HOURS)
    score[random.random(HOURS) < 0.1] = np.nan
    cells = np.sort(random.integers(0, HOURS, N_TARGETS))
    origin = clock.of_minutes(FIRST + 60 * cells)
    targets = pd.DataFrame({"station": "AAA", "origin_time": origin, "cluster": np.arange(N_TARGETS)})
    return AlarmSeries("AAA", FIRST, 60, score), targets


def loop(series: AlarmSeries, targets: pd.DataFrame, shifts: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """nu at each tau, shift after shift, target after target."""
    known = np.sort(series.score[~np.isnan(series.score)])
    limits = [known[min(len(known) - 1, round((1 - share) * len(known)))] for share in tau]
    cells = [int(cell) for cell in series.cells(targets["origin_time"])]
    out = []
    for shift in shifts:
        found = [series.score[(cell + shift) % len(series.score)] for cell in cells]
        found = [score for score in found if score == score]
        out.append([sum(score < limit for score in found) / len(found) for limit in limits])
    return np.array(out)


def windows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    label = random.integers(0, 2, N_WINDOWS)
    return label, random.random(N_WINDOWS) + 0.1 * label, np.sort(random.integers(0, N_GROUPS, N_WINDOWS))


def loop_auc(label: np.ndarray, score: np.ndarray, group: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """The AUC of each draw from a copy of its rows."""
    members = [np.flatnonzero(group == g) for g in range(taken.shape[1])]
    out = []
    for counts in taken:
        taken_rows = np.concatenate([np.repeat(members[g], int(c)) for g, c in enumerate(counts) if c])
        out.append(measures.auc(label[taken_rows], score[taken_rows] / 2))
    return np.array(out)


def best(function: Callable[[], object], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def main() -> None:
    quick = rows.parser(__doc__).parse_args().quick
    repeats, n_loop = (1, QUICK_LOOP) if quick else (3, N_LOOP)
    series, targets = world()
    curve = best(lambda: molchan.curve([series], targets, n_shifts=N_DRAWS), repeats)
    table = molchan.curve([series], targets, n_shifts=n_loop)
    shifts = significance.shifts(significance.ranked([series]), 0, n_loop)
    began = time.perf_counter()
    plain = loop(series, targets, shifts, table["tau"].to_numpy())
    curve_loop = (time.perf_counter() - began) / n_loop * N_DRAWS
    off = np.abs(np.quantile(plain, 0.975, axis=0) - table["shift_high"]).max()
    case = f"Molchan diagram, {N_DRAWS:,} shifts of {HOURS:,} hours, {N_TARGETS} targets"
    rows.say(case, curve, curve_loop, curve_loop / curve, note=f"bands differ by {off:.0e} at most")

    label, score, group = windows()
    taken = bootstrap.draws(N_GROUPS, N_DRAWS, 0)
    auc = best(lambda: bootstrap.auc_draws(label, score, group, bootstrap.draws(N_GROUPS, N_DRAWS, 0)), repeats)
    began = time.perf_counter()
    plain = loop_auc(label, score, group, taken[:n_loop])
    auc_loop = (time.perf_counter() - began) / n_loop * N_DRAWS
    off = np.abs(plain - bootstrap.auc_draws(label, score, group, taken[:n_loop])).max()
    case = f"AUC, {N_DRAWS:,} draws of {N_GROUPS} groups of {N_WINDOWS:,} windows"
    rows.say(case, auc, auc_loop, auc_loop / auc, note=f"values differ by {off:.0e} at most")
    both = curve + auc
    rows.say("both together", both, curve_loop + auc_loop, (curve_loop + auc_loop) / both, goal="ours < 5")


if __name__ == "__main__":
    main()
