"""Hourly means, WDC or IAGA-2002, for display; they are no minute data and are not stored as such."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.formats.minutes import wdc
from core.loading.formats.minutes.iaga2002 import header
from core.loading.formats.minutes.iaga2002 import rows as iaga2002_rows
from core.loading.record.minute import ABSOLUTE

HEAD_BYTES = 65_536


def read(path: Path) -> pd.DataFrame:
    """
    Read a file of hourly means, gzipped or not; the format is found from the content.

    Returns
    -------
    DataFrame
        Index `time` (UTC, the start of the hour that was averaged); a float64 column per element in the order of the
        file: nT, and degrees for D and I; NaN where missing. `attrs` has the `station`.

    Raises
    ------
    InputError
        With file and line: another format, no hourly means, cut off, damaged, two stations.
    """
    path = Path(path)
    data = unpacking.read(path)
    head = bytes(data[:HEAD_BYTES])
    if header.looks_like(head):
        return _iaga2002(data, path.name)
    if wdc.looks_hourly(head):
        return wdc.read_hourly(path)
    begin = head.decode("latin-1").strip()[:40]
    raise InputError(
        f"{path.name}, line 1: this is no file of hourly means; it begins with {begin!r}. Known are those of the WDC "
        "and of IAGA-2002."
    )


def _iaga2002(data: memoryview, name: str) -> pd.DataFrame:
    found = header.blocks(data, name)
    elements, where = found[0].elements, f"{name}, line {found[0].first_line}"
    if any(block.elements != elements for block in found):
        raise InputError(f"{name}: the columns change inside the file. Split it there.")
    rows = [iaga2002_rows.parse(data, b.start, b.stop, len(elements), b.first_line, name) for b in found]
    minutes = np.concatenate([each.minutes for each in rows])
    steps = np.diff(minutes)
    if (steps == 1).any():
        raise InputError(f"{where}: this is minute data, no hourly means. Store it with `precursor ingest FILE`.")
    # A mean is stamped with the middle of its hour, or by some with its start.
    if (steps <= 0).any() or (steps % 60).any() or minutes[0] % 60 not in (0, 30) or not (steps == 60).any():
        raise InputError(f"{where}: the times are not those of hourly means, one an hour, at hh:30 or hh:00.")
    notes: list[str] = []
    station = header.station(found, name, notes)
    # The angle from which a declination is counted that is not absolute.
    base = found[0].declination_base_minutes or 0.0
    if header.data_type(found, name, notes) in ABSOLUTE:
        base = 0.0
    values = np.concatenate([each.values for each in rows], axis=1)
    columns = {
        element: (column + (base if element == "D" else 0.0)) / 60 if element in "DI" else column
        for element, column in zip(elements, values, strict=True)
        if element != "NUL"
    }
    index = pd.DatetimeIndex((minutes // 60).astype("datetime64[h]").astype("datetime64[us]"), tz="UTC", name="time")
    frame = pd.DataFrame(columns, index)
    frame.attrs["station"] = station
    return frame
