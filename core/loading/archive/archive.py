"""The archive: minute data, catalogues and activity on disk; what `source.Source` is for real data."""

from __future__ import annotations

from core.loading.archive import rebuild
from core.loading.archive.store import Store


class Archive(Store):
    """A store whose writers first take up what a killed one left half done, so that journal and archive agree."""

    def _finish(self, time: str) -> None:
        # Otherwise what it left would be stored later, and have another learning time than in a rebuilt archive.
        same = Store(self.folder, self._synthetic)
        same._writer = None  # this one holds the lock
        rebuild.finish(self.journal, same, time)  # what cannot be taken now, cannot later
