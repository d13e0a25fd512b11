"""Small records, catalogues and Kp for the tests of the archive, and the state of its files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.loading.record.minute import MinuteRecord, on_grid

MIDNIGHT_2016 = 24_193_440  # epoch minutes; checked by the first test of test_archive.py


def record(values, data_type="definitive", first=MIDNIGHT_2016, station="DUR"):
    """A record from rows of X, Y, Z, F, or from single numbers that stand for all four."""
    rows = np.array([np.broadcast_to(value, 4) for value in values], dtype="float64")
    return MinuteRecord(station, on_grid(first, rows), data_type)


def parquet_state(folder):
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*.parquet"))
    }


def events(n, start="2010-01-01", source="test", **other):
    times = pd.date_range(start, periods=n, freq="D", tz="UTC")
    columns = {
        "event_id": [f"e{i}" for i in range(n)],
        "origin_time": times,
        "latitude_deg": 42.0,
        "longitude_deg": 13.0,
        "depth_km": 10.0,
        "magnitude": np.linspace(3, 5, n),
        "magnitude_type": "ML",
        "source": source,
    }
    return pd.DataFrame(columns | other)


def kp(values, start="2015-03-17", status="observed"):
    time = pd.date_range(start, periods=len(values), freq="3h", tz="UTC")
    return pd.DataFrame({"time": time, "kp": np.array(values, dtype=float), "ap": 4.0, "status": status})
