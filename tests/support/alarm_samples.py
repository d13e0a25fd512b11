"""A series of scores and the targets that it is judged by, as the tests of significance take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

START = pd.Timestamp("2010-01-01", tz="UTC")


@dataclass(frozen=True)
class Series:
    station: str
    first_minute: int
    step_minutes: int
    score: np.ndarray


def series_of(score, station="DUR", start=START, step_minutes=60) -> Series:
    return Series(station, int(start.timestamp() // 60), step_minutes, np.asarray(score, dtype=float))


def targets_at(minutes, station="DUR", cluster=None, start=START) -> pd.DataFrame:
    minutes = np.asarray(minutes)
    return pd.DataFrame(
        {
            "station": station,
            "event_id": [f"e{i}" for i in range(len(minutes))],
            "origin_time": start + pd.to_timedelta(minutes, unit="min"),
            "magnitude": 4.5,
            "cluster": np.arange(len(minutes)) if cluster is None else cluster,
        }
    )
