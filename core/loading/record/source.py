"""The small protocol that both the archive and a synthetic world answer."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from core.loading.record.minute import MinuteRecord

Period = tuple[pd.Timestamp, pd.Timestamp]  # half-open [start, end), UTC


class Source(Protocol):
    """Where minute data, events and activity come from; nothing downstream can tell which."""

    @property
    def synthetic(self) -> bool:
        """True if the data are made up; then everything made from them is marked so."""

    def stations(self) -> list[str]:
        """Codes of the stations that have minute data, sorted."""

    def period(self, station: str) -> Period | None:
        """First minute and one past the last of a station; None if it has no data."""

    def minute(self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> MinuteRecord:
        """
        Minute data on the full grid of [start, end); minutes without data are NaN.

        None means the station's own first or last minute. Raises InputError if the station has no data.
        """

    def events(self, catalogue: str = "") -> pd.DataFrame:
        """
        The events table (columns in `events.COLUMNS`), sorted by time; "" merges all catalogues.

        Raises InputError if there is no such catalogue, or none at all.
        """

    def events_period(self, catalogue: str = "") -> Period:
        """The period the catalogue covers; outside it, the absence of events is unknown, not quiet."""

    def activity(self) -> pd.DataFrame:
        """The activity table: time (start of 3 h, UTC), kp (thirds), ap, status; empty if there is none."""

    def digests(self, station_codes: list[str], catalogues: list[str]) -> dict[str, str]:
        """SHA-256 of each input that a run depends on, by name ("minute/DUR", "events/italy", "activity/kp")."""
