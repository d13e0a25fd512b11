"""
Reading a year of IAGA-2002 minutes: `iaga2002.read` against `pandas.read_csv` giving the same frame, and GeomagPy.

    python benchmarks/read_iaga2002.py [--quick]

Writes a made-up year (525,600 lines, 37 MB) and the same year as 365 daily files to a temporary folder, checks that
all ways give equal values, then times them in turns and takes the shortest times (other work on the machine only adds
to them). GeomagPy is no dependency of this project; without it its ratio is left out.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import rows

from core.loading.formats.minutes import iaga2002
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.stations import Station

STATION = Station("BNC", "Benchmark", 41.65, 14.466, 900.0, institute="Made up")
N_DAYS, FIRST_DAY = 365, 12053  # 2003


def main() -> None:
    rounds = 2 if rows.parser(__doc__).parse_args().quick else 7
    with tempfile.TemporaryDirectory() as folder:
        year, days = made_up_year(Path(folder))
        for title, paths, aim in (("one file, 525,600 lines", [year], 4), ("365 daily files", days, 5)):
            for path in (paths[0], paths[-1]):
                pd.testing.assert_frame_equal(iaga2002.read(path).field, by_pandas(path), check_freq=False)
            compare(title, paths, rounds, "pandas.read_csv", by_pandas, aim)
        if importlib.util.find_spec("magpy") is None:
            rows.absent("GeomagPy is not installed, so there is no ratio to it (pip install geomagpy).")
            return
        compare("one file, 525,600 lines", [year], min(rounds, 3), "GeomagPy", by_geomagpy, 20)
        theirs = by_geomagpy(days[0])
        if not np.allclose(theirs, iaga2002.read(days[0]).field.to_numpy().T, atol=0.006, equal_nan=True):
            raise SystemExit("iaga2002.read and GeomagPy do not agree")


def made_up_year(folder: Path) -> tuple[Path, list[Path]]:
    """Write the files: the field of southern Italy, a daily variation, noise, 0.4 % missing."""
    rng = np.random.default_rng(1)
    n = N_DAYS * 1440
    values = np.array([24600.0, 1650.0, 39700.0, 46734.0]) + rng.normal(0, 5, (n, 4)).cumsum(axis=0) * 0.01
    values += 20 * np.sin(2 * np.pi * np.arange(n) / 1440)[:, None]
    values[rng.random((n, 4)) < 0.004] = np.nan
    record = MinuteRecord("BNC", minute.on_grid(FIRST_DAY * 1440, values), "definitive")
    year = folder / "bnc2003dmin.min"
    iaga2002.write(record, year, STATION)
    days = []
    for day in range(N_DAYS):
        field = record.field.iloc[day * 1440 : (day + 1) * 1440]
        days.append(folder / f"bnc{field.index[0]:%Y%m%d}dmin.min")
        iaga2002.write(MinuteRecord("BNC", field, "definitive"), days[-1], STATION)
    return year, days


def by_pandas(path: Path) -> pd.DataFrame:
    """The same frame with pandas' C parser, and the quickest way we know from its strings to times."""
    with open(path) as file:
        n_header = next(i for i, line in enumerate(file, 1) if line.startswith("DATE"))
    names = ["date", "time", "doy", *minute.COLUMNS]
    table = pd.read_csv(path, sep=r"\s+", skiprows=n_header, header=None, names=names)
    field = table[list(minute.COLUMNS)]
    field = field.mask(field >= 88888.0)
    field.index = pd.to_datetime(table["date"] + "T" + table["time"], format="ISO8601", utc=True).rename("time")
    return field


def by_geomagpy(path: Path) -> np.ndarray:
    """The same values with GeomagPy's reader, shape (4, n_minutes)."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        from magpy.stream import read

        stream = read(str(path))
    return np.array([np.asarray(stream._get_column(key), float) for key in ("x", "y", "z", "f")])


def compare(
    title: str, paths: list[Path], rounds: int, peer: str, theirs: Callable[[Path], object], aim: float
) -> None:
    """Time `iaga2002.read` and a peer in turns, so that a change of the machine's load meets both."""
    seconds: dict[Callable[[Path], object], list[float]] = {iaga2002.read: [], theirs: []}
    for _ in range(rounds):
        for read, taken in seconds.items():
            start = time.perf_counter()
            for path in paths:
                read(path)
            taken.append(time.perf_counter() - start)
    fast, slow = map(min, seconds.values())
    rows.say(title, fast, slow, slow / fast, against=peer, goal=f"ratio >= {aim}")


if __name__ == "__main__":
    main()
