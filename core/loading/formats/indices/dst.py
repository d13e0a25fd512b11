"""Hourly Dst of WDC Kyoto: the WDC record of 120 characters, one day a line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import text

COLUMNS = ("time", "dst_nt", "status")
STATUSES = {"0": "quick look", "1": "provisional", "2": "final"}  # character 14 of a record
MISSING = 9999
LENGTH = 120  # characters of a record
CENTURIES = {"  ": 19, "18": 18, "19": 19, "20": 20}  # characters 15-16; blank means 19 by the format

_RECORD = re.compile(r"DST\d\d[ \d]\d\*")


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is of this format."""
    return bool(_RECORD.match(head.lstrip()))


def read(path: Path) -> pd.DataFrame:
    """
    Read a Dst file of WDC Kyoto.

    Returns
    -------
    DataFrame
        The columns time (start of each hour, UTC), dst_nt (float64, nT) and status (final, provisional, quick look),
        sorted. Hours without a value are dropped and counted in `attrs["notes"]`.

    Raises
    ------
    InputError
        With the line, if a record is cut off, has no possible date, or a day comes twice.
    """
    path = Path(path)
    content = text.read_text(path, needs_line_end=False)  # a record is complete if it has its length
    if not looks_like(content):
        raise InputError(
            f"{path.name}: this is no Dst file; it begins with {content.strip()[:40]!r}, expected records such as "
            "'DST0601*01  X220   0 -19 -12 ...' of WDC Kyoto."
        )
    dates, values, status, lines = [], [], [], []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        if not _RECORD.match(line):
            raise InputError(f"{where}: found {line[:20]!r}, expected a record that begins with DSTyymm*dd.")
        if len(line.rstrip()) != LENGTH:
            raise InputError(
                f"{where}: the record has {len(line.rstrip())} characters, expected {LENGTH}. "
                "The file may be cut off; fetch it again."
            )
        century, version = CENTURIES.get(line[14:16]), STATUSES.get(line[13])
        if century is None or version is None:
            raise InputError(f"{where}: found {line[12:16]!r} in columns 13-16, expected version and century (X220).")
        try:
            base = int(line[16:20]) * 100
            hours = [int(line[20 + 4 * hour : 24 + 4 * hour]) for hour in range(24)]
        except ValueError:
            raise InputError(f"{where}: a value of Dst is not a whole number.") from None
        dates.append(f"{century}{line[3:5]}-{line[5:7]}-{line[8:10]}".replace(" ", "0"))
        values.append([np.nan if hour == MISSING else base + hour for hour in hours])
        status.append(version)
        lines.append(number)
    table = text.Table(path.name, {"date": dates}, lines)
    days = table.times([f"{date}T00:00:00" for date in dates])
    if days.has_duplicates:
        table.fail(int(days.duplicated().argmax()), "this day is in the file twice.")
    hour = np.tile(np.arange(24), len(days))
    frame = pd.DataFrame(
        {
            "time": np.repeat(days, 24) + pd.to_timedelta(hour, unit="h"),
            "dst_nt": np.array(values, dtype="float64").ravel(),
            "status": np.repeat(np.array(status, dtype=object), 24),
        }
    )
    n_missing = int(frame["dst_nt"].isna().sum())
    frame = check(frame[frame["dst_nt"].notna()])
    frame.attrs["notes"] = (f"{n_missing} hours dropped: no value.",) if n_missing else ()
    return frame


def check(frame: pd.DataFrame) -> pd.DataFrame:
    """
    The Dst table, sorted by time, if its content is sound: hours in UTC, each once; -2500 to 500 nT.

    Raises
    ------
    InputError
        If a column is absent, a time is repeated, off the hour or without zone, or a value is impossible.
    """
    absent = [name for name in COLUMNS if name not in frame.columns]
    if absent:
        raise InputError(f"The Dst table lacks the column {absent[0]}; it needs {', '.join(COLUMNS)}.")
    table = frame.loc[:, list(COLUMNS)].reset_index(drop=True)
    if not isinstance(table["time"].dtype, pd.DatetimeTZDtype):
        raise InputError("The times of the Dst table have no time zone; they must be in UTC.")
    table["time"] = table["time"].dt.tz_convert("UTC").dt.as_unit("us")
    table["dst_nt"] = table["dst_nt"].astype("float64")
    table["status"] = table["status"].astype("str")
    for name, sound, expected in (
        ("time", table["time"] == table["time"].dt.floor("h"), "full hours"),
        ("time", ~table["time"].duplicated(), "each hour once"),
        ("dst_nt", table["dst_nt"].between(-2500, 500), "-2500 to 500 nT"),
    ):
        if not sound.all():
            row = table.loc[~sound].iloc[0]
            raise InputError(f"Dst at {row['time']}: {name} is {row[name]}, expected {expected}.")
    return table.sort_values("time", ignore_index=True)
