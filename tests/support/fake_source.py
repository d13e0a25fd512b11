"""A source held in memory: two stations on the equator, whatever field, events and Kp a test wants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.record import minute
from core.stations import Station

FIRST = pd.Timestamp("2016-01-01", tz="UTC")
STATIONS = {"AAA": Station("AAA", "Alpha", 0.0, 0.0), "BBB": Station("BBB", "Beta", 0.0, 1.0)}


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def events_table(rows: list[tuple[str, str]] | list[pd.Timestamp], magnitude: float = 5.0) -> pd.DataFrame:
    """Events at latitude 0, longitude 0.5 (56 km from both stations), 10 km deep, at the given times."""
    origin = pd.DatetimeIndex(rows).tz_localize("UTC") if rows and isinstance(rows[0], str) else pd.DatetimeIndex(rows)
    n = len(origin)
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(n)],
            "origin_time": origin if n else pd.DatetimeIndex([], tz="UTC"),
            "latitude_deg": np.zeros(n),
            "longitude_deg": np.full(n, 0.5),
            "depth_km": np.full(n, 10.0),
            "magnitude": np.full(n, magnitude),
            "magnitude_type": ["mw"] * n,
            "source": ["fake"] * n,
        }
    )


def activity_table(start: pd.Timestamp, n_days: int, kp: float = 1.0) -> pd.DataFrame:
    time = pd.date_range(start, periods=8 * n_days, freq="3h")
    return pd.DataFrame({"time": time, "kp": kp, "ap": 4.0, "status": "definitive"})


def field(n_minutes: int, seed: int = 0) -> np.ndarray:
    """A field of three components in nT: level, daily variation and noise, shape (n_minutes, 3)."""
    random = np.random.default_rng(seed)
    level = np.array([24000.0, 1500.0, 40000.0])
    day = 20 * np.sin(2 * np.pi * np.arange(n_minutes) / 1440)[:, None]
    return level + day + random.normal(0, 1, (n_minutes, 3))


class FakeSource:
    """Answers the protocol of `core.loading.record.source.Source`."""

    synthetic = True

    def __init__(
        self,
        values: dict[str, np.ndarray],
        events: pd.DataFrame,
        coverage: tuple[pd.Timestamp, pd.Timestamp] | None = None,
        activity: pd.DataFrame | None = None,
        first: dict[str, pd.Timestamp] | None = None,
    ) -> None:
        self.values, self._events = values, events
        self.first = {code: (first or {}).get(code, FIRST) for code in values}
        self.coverage = coverage or (utc("1990-01-01"), utc("2030-01-01"))
        self._activity = activity if activity is not None else activity_table(utc("2015-12-01"), 800)

    def stations(self):
        return sorted(self.values)

    def period(self, station):
        if station not in self.values:
            return None
        first = self.first[station]
        return first, first + pd.Timedelta(minutes=len(self.values[station]))

    def minute(self, station, start=None, end=None):
        period = self.period(station)
        if period is None:
            raise InputError(f"no data of {station}")
        first, last = start or period[0], end or period[1]
        i0 = int((first - period[0]) / pd.Timedelta(minutes=1))
        n = int((last - first) / pd.Timedelta(minutes=1))
        rows = np.full((n, 4), np.nan)
        rows[:, :3] = self.values[station][i0 : i0 + n]
        number = int(minute.epoch_minutes(pd.DatetimeIndex([first]))[0])
        return minute.MinuteRecord(station, minute.on_grid(number, rows), "synthetic")

    def events(self, catalogue=""):
        return self._events

    def events_period(self, catalogue=""):
        return self.coverage

    def activity(self):
        return self._activity

    def digests(self, station_codes, catalogues):
        return {}
