"""The archive: minute data, catalogues and activity on disk; what `source.Source` is for real data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core import clock, jupyter
from core.errors import InputError
from core.loading.archive import rebuild
from core.loading.archive.store import Store
from core.loading.record.minute import MinuteRecord
from core.loading.record.source import Period

EVENT_COLUMNS = ["name", "n_events", "start", "end", "min_magnitude", "max_magnitude", "origin"]


class Archive(Store):
    """A store whose writers first take up what a killed one left half done, so that journal and archive agree."""

    def __repr__(self) -> str:
        try:
            stations, names = self.stations(), self._events.names()
        except (InputError, OSError):
            return f"<Archive {self.folder}: cannot be read>"
        parts = [f"minutes of {' '.join(stations)}"] if stations else []
        parts += [f"catalogues {' '.join(names)}"] if names else []
        parts += ["Kp"] if self._indices.path("kp").exists() else []
        return f"<Archive {self.folder}: {'synthetic, ' if self.synthetic else ''}{', '.join(parts) or 'empty'}>"

    def _repr_html_(self) -> str:
        heading = f"Archive {self.folder}"
        try:
            frames, times = [self.coverage(), self.catalogues()[EVENT_COLUMNS]], self.activity()["time"]
        except InputError as error:
            return jupyter.card(heading, sentences=[str(error)], synthetic=self.synthetic)
        tables = [jupyter.of_frame(frame) for frame in frames if len(frame)]
        span = f"{times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}" if len(times) else "none"
        return jupyter.card(heading, [("Kp", span)], tables, synthetic=self.synthetic)

    # Who asks an archive may name times by text, and stations in small letters; what it is built on is asked by code.

    def minute(self, station: str, start: Any = None, end: Any = None, as_of: Any = None) -> MinuteRecord:
        """As `Store.minute`; times are text too, in UTC unless they name a zone. Raises InputError if one is none."""
        return super().minute(station.upper(), *_period(start, end), clock.given(as_of, "as_of"))

    def gaps(self, station: str, min_minutes: int = 1, start: Any = None, end: Any = None) -> pd.DataFrame:
        """As `Store.gaps`, with times as for `minute`."""
        return super().gaps(station.upper(), min_minutes, *_period(start, end))

    def data_types(self, station: str, start: Any = None, end: Any = None) -> pd.DataFrame:
        """As `Store.data_types`, with times as for `minute`."""
        return super().data_types(station.upper(), *_period(start, end))

    def events(self, catalogue: str = "", as_of: Any = None) -> pd.DataFrame:
        """As `Store.events`, with a time as for `minute`."""
        return super().events(catalogue, clock.given(as_of, "as_of"))

    def events_period(self, catalogue: str = "", as_of: Any = None) -> Period:
        """As `Store.events_period`, with a time as for `minute`."""
        return super().events_period(catalogue, clock.given(as_of, "as_of"))

    def _finish(self, time: str) -> None:
        # Otherwise what it left would be stored later, and have another learning time than in a rebuilt archive.
        same = Store(self.folder, self._synthetic)
        same._writer = None  # this one holds the lock
        rebuild.finish(self.journal, same, time)  # what cannot be taken now, cannot later


def _period(start: Any, end: Any) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    return clock.given(start, "start"), clock.given(end, "end")
