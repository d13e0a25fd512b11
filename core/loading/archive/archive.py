"""The archive: minute data, catalogues and activity on disk; what `source.Source` is for real data."""

from __future__ import annotations

from core import jupyter
from core.errors import InputError
from core.loading.archive import rebuild
from core.loading.archive.store import Store

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

    def _finish(self, time: str) -> None:
        # Otherwise what it left would be stored later, and have another learning time than in a rebuilt archive.
        same = Store(self.folder, self._synthetic)
        same._writer = None  # this one holds the lock
        rebuild.finish(self.journal, same, time)  # what cannot be taken now, cannot later
