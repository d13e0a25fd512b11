"""
Fifteen years of one station from the archive into memory, against `pandas.read_parquet` of one file of the same values.

    python benchmarks/read_archive.py [--quick]

Writes a made-up station (7,889,760 minutes, 252 MB of X, Y, Z, F) to a temporary folder, a fifth of it replaced once so
that there is a history, checks that both ways give equal values, times them in turns and takes the best of seven. Then
reads the station in a fresh process: memory is how far it grew, as a multiple of the data. With --quick: three years.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import rows

from core.loading.archive.archive import Archive
from core.loading.archive.year_file import year_minutes
from core.loading.record.minute import COLUMNS, MinuteRecord, on_grid

YEARS, QUICK_YEARS = range(2005, 2020), range(2005, 2008)
ROUNDS = 7


def main() -> None:
    parser = rows.parser(__doc__)
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        print(growth(arguments.memory))
        return
    years = QUICK_YEARS if arguments.quick else YEARS
    with tempfile.TemporaryDirectory() as folder:
        archive, single = Archive(Path(folder, "archive")), Path(folder, "one.parquet")
        made_up(archive, years)
        field = archive.minute("BNC").field
        field.to_parquet(single)
        pd.testing.assert_frame_equal(pd.read_parquet(single), field, check_freq=False)
        n_bytes = field.to_numpy().nbytes
        del field
        ways: tuple[Callable[[], object], ...] = (lambda: archive.minute("BNC"), lambda: pd.read_parquet(single))
        seconds: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for way, taken in zip(ways, seconds, strict=True):
                begin = time.perf_counter()
                way()
                taken.append(time.perf_counter() - begin)
        ours, peer = map(min, seconds)
        command = [sys.executable, __file__, "--memory", str(archive.folder)]
        grown = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        rows.say(
            f"{len(years)} years of one station, {n_bytes / 1e6:.0f} MB",
            ours,
            peer,
            peer / ours,
            goal="ours < 0.3, memory < 3",
            memory=grown / n_bytes,
            memory_unit="times the data",
        )


def made_up(archive: Archive, years: range) -> None:
    """Store the years: a random walk around the field of southern Italy in hundredths of a nT, 0.5 % missing."""
    rng = np.random.default_rng(1)
    for year in years:
        first, end = year_minutes(year)
        values = np.array([24_600.0, 1_650.0, 39_700.0, 46_734.0]) + rng.normal(0, 0.3, (end - first, 4)).cumsum(axis=0)
        values[rng.random(len(values)) < 0.005] = np.nan
        values = values.round(2)
        archive.store(MinuteRecord("BNC", on_grid(first, values), "provisional"))
        if year % 5 == 0:
            archive.store(MinuteRecord("BNC", on_grid(first, values + 0.01), "definitive"))


def growth(folder: Path) -> int:
    """Bytes by which the peak memory of this process grows while the station is read."""
    archive = Archive(folder)
    start = pd.Timestamp(year=YEARS[0], month=1, day=1, tz="UTC")
    archive.minute("BNC", start, start + pd.Timedelta(days=1))  # libraries are loaded by a first small read
    before = peak_bytes()
    record = archive.minute("BNC")
    assert tuple(record.field.columns) == COLUMNS
    return peak_bytes() - before


def peak_bytes() -> int:
    """The most memory that this process ever had (Linux; `getrusage` would count the process that started it)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main()
