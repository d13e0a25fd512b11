"""
The files from which a stored data folder is filled: what observatories and agencies would publish, made up and small.

Two stretches of DUR, sixteen hours of each day. Numbers are in tenths of a nT, so that they pack well; nothing is real.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from support import iaga2002_text

# A file of the archive holds the minutes of a year from its first to its last: two stretches in two years are small,
# and yet the judged period between them is long enough to be shifted by a solar rotation.
STRETCHES = (("2016-10-08", "2016-10-20"), ("2017-01-05", "2017-01-12"))  # first and last day
HOURS = 16  # of each day, from midnight
EVENTS_A_DAY = 5  # of every second day
FIRST_TYPE_DAYS = ("2016-10-10", "2016-10-11")  # published as variation data before the definitive ones
CORRECTED_DAY = "2016-10-14"
STORM_DAYS = ("2016-10-13", "2017-01-09")
PLACE = (41.65, 14.466)
COMCAT = "time,latitude,longitude,depth,mag,magType,id,type"
FDSN = "#EventID|Time|Latitude|Longitude|Depth/km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude|EventType"
MAPPING = """\
station = "KOD"
time = "t"
time_format = "%Y-%m-%d %H:%M"
x = "x"
y = "y"
z = "z"
"""


def write(folder: Path) -> None:
    """
    Write every file into `folder`.

    first/ and later/ hold files of minutes, months/ zip archives of them, kod.csv minutes that need kod.toml;
    italy-early.csv, italy.csv and second.txt are catalogues, kp.csv and dst.txt indices.
    """
    for part in ("first", "months", "later"):
        (folder / part).mkdir(parents=True)
    random = np.random.default_rng(20161101)
    days = pd.DatetimeIndex([day for first, last in STRETCHES for day in pd.date_range(first, last)])
    record = {f"{day:%Y-%m-%d}": _field(day, random) for day in days}
    for day in FIRST_TYPE_DAYS:
        (folder / "first" / _name(day)).write_text(_minutes(day, record[day] + 0.7, "variation"))
    for month in sorted({day[:7] for day in record}):
        with zipfile.ZipFile(
            folder / "months" / f"dur{month}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9
        ) as packed:
            for day in (day for day in record if day.startswith(month)):
                entry = zipfile.ZipInfo(_name(day))
                entry.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(entry, _minutes(day, record[day], "definitive"))
    corrected = record[CORRECTED_DAY].copy()
    corrected[30:60, 0] += 2.5
    (folder / "later" / _name(CORRECTED_DAY)).write_text(_minutes(CORRECTED_DAY, corrected, "definitive"))
    _minutes_by_mapping(folder)
    _catalogues(folder, days, random)
    _indices(folder, days, random)


def _field(day: pd.Timestamp, random: np.random.Generator) -> np.ndarray:
    """X, Y, Z, F of the hours of a day, nT, shape (960, 4)."""
    minute = np.arange(60 * HOURS)
    slow = 8 * np.sin(2 * np.pi * (minute / 1440 + day.dayofyear / 27))
    xyz = np.array([24_500.0, 1_300.0, 39_300.0]) + np.outer(slow, [1.0, 0.5, -0.3])
    xyz = np.round(xyz + random.normal(0, 0.2, xyz.shape), 1)
    return np.column_stack([xyz, np.round(np.linalg.norm(xyz, axis=1), 1)])


def _name(day: str) -> str:
    return f"dur{day.replace('-', '')}min.min"


def _minutes(day: str, field: np.ndarray, data_type: str) -> str:
    rows = [iaga2002_text.line(day, f"{n // 60:02d}:{n % 60:02d}", values) for n, values in enumerate(field)]
    return iaga2002_text.file_text(rows, code="DUR", place=PLACE, data_type=data_type)


def _minutes_by_mapping(folder: Path) -> None:
    rows = [f"2016-10-08 00:{minute:02d},15000.{minute % 10},2000,49000" for minute in range(60)]
    (folder / "kod.csv").write_text("\n".join(["t,x,y,z", *rows]) + "\n")
    (folder / "kod.toml").write_text(MAPPING)


def _catalogues(folder: Path, days: pd.DatetimeIndex, random: np.random.Generator) -> None:
    """Earthquakes above magnitude 4 near DUR in the recorded hours of every second day; smaller ones at any time."""
    large = [
        day + pd.Timedelta(seconds=int(second))
        for day in days[::2]
        for second in random.integers(3600 + 600, 3600 * HOURS - 60, EVENTS_A_DAY)
    ]
    times = [*large, *(days + pd.to_timedelta(random.integers(0, 86_400, len(days)), unit="s"))]
    n = len(times)
    events = pd.DataFrame(
        {
            "time": times,
            "latitude": np.round(PLACE[0] + random.uniform(-1, 1, n), 3),
            "longitude": np.round(PLACE[1] + random.uniform(-1, 1, n), 3),
            "depth": np.round(random.uniform(5, 20, n), 1),
            "magnitude": np.round(np.where(np.arange(n) < len(large), 4.2, 2.6) + random.uniform(0, 1.2, n), 1),
        }
    ).sort_values("time", ignore_index=True)
    rows = [
        f"{event.time:%Y-%m-%dT%H:%M:%S}.000Z,{event.latitude},{event.longitude},{event.depth},{event.magnitude},mw,"
        f"us{event.Index:04d},earthquake"
        for event in events.itertuples()
    ]
    early = [rows[0].replace(",mw,", ",mb,"), *rows[1:-10]]  # a magnitude type is corrected and ten events are added
    (folder / "italy-early.csv").write_text("\n".join([COMCAT, *early]) + "\n")
    (folder / "italy.csv").write_text("\n".join([COMCAT, *rows]) + "\n")
    other = [
        f"{7000 + event.Index}|{event.time + pd.Timedelta(seconds=2):%Y-%m-%dT%H:%M:%S}|{event.latitude + 0.02:.3f}|"
        f"{event.longitude:.3f}|{event.depth}|MADEUP|MADEUP|MADEUP|{7000 + event.Index}|ML|{event.magnitude}|earthquake"
        for event in events.iloc[::3].itertuples()
    ]
    lonely = "9001|2016-10-09T05:00:00|42.100|14.000|9.0|MADEUP|MADEUP|MADEUP|9001|ML|4.4|earthquake"
    (folder / "second.txt").write_text("\n".join([FDSN, *other, lonely]) + "\n")


def _indices(folder: Path, days: pd.DatetimeIndex, random: np.random.Generator) -> None:
    names = [f"{day:%Y-%m-%d}" for day in days]
    kp = [[16 / 3] * 8 if day in STORM_DAYS else list(random.integers(0, 12, 8) / 3) for day in names]
    head = "Date," + ",".join(f"K_{hour:02d}" for hour in range(0, 24, 3)) + ",Kp_Sum"
    rows = [f"{day},{','.join(f'{x:.3f}' for x in row)},{sum(row):.3f}" for day, row in zip(names, kp, strict=True)]
    (folder / "kp.csv").write_text("\n".join([head, *rows]) + "\n")
    values = [random.integers(-30, 10, 24) for _ in range(10)]
    dst = [
        f"DST1610*{number:02d}  X220   0{''.join(f'{value:4d}' for value in row)}{round(row.mean()):4d}"
        for number, row in enumerate(values, 1)
    ]
    (folder / "dst.txt").write_text("\n".join(dst) + "\n")
