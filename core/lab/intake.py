"""How data come into a lab: files that one has, and what services give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.lab.folder import LabFolder, Time, here

if TYPE_CHECKING:
    import pandas as pd

    from core.loading.archive.fetching import Fetched
    from core.loading.formats.minutes.columns import Mapping


class Intake(LabFolder):
    """Stores files and downloads in the archive, with recipes, so that it can be made again; see `Lab`."""

    @here
    def ingest(
        self,
        paths: str | Path | Sequence[str | Path],
        mapping: str | Path = "",
        station: str = "",
        average: str = "",
        rotate: bool = False,
        keep: bool = True,
    ) -> pd.DataFrame:
        """
        Read minute files into the archive; the format is found from the content.

        Parameters
        ----------
        paths : str, Path, or a sequence of them
            Files, zip archives, or folders that are searched to the bottom.
        mapping : str or Path
            How to read CSV files: a TOML file, or the name of one.
        station, average, rotate, keep : see `core.loading.archive.ingest.ingest`

        Returns
        -------
        DataFrame
            A row per file: file, outcome ("stored", "unchanged", "refused"), kind, station, n_rows, first, last,
            n_missing, message.

        Raises
        ------
        InputError
            If there is no file, or no such mapping. A file that cannot be used is a row.
        """
        from core.loading.archive.ingest import ingest

        given = [Path(path).expanduser() for path in ([paths] if isinstance(paths, str | Path) else paths)]
        report = ingest(
            given,
            self.archive,
            mapping=_minute_mapping(mapping, self.folder) if str(mapping) else None,
            station=station,
            on_progress=lambda done, total: self.progress.stage("Reading files", done, total),
            average=average,
            rotate=rotate,
            keep=keep,
        )
        if report.empty:
            names = ", ".join(map(str, given))
            raise InputError(f"{names}: there is no file in it (names that begin with a dot aside).")
        return report

    @here
    def add_catalogue(
        self, path: str | Path, name: str = "", start: Time = "", end: Time = "", mapping: str | Path = ""
    ) -> list[str]:
        """
        Store a catalogue file under a name (default: from the file's), and say in sentences what changed.

        Parameters
        ----------
        path : str or Path
        name : str
        start, end : time
            What it covers, half-open; default: from its first event to its last.
        mapping : str or Path
            How to read any other CSV list: a TOML file, or the name of one.

        Raises
        ------
        InputError
            If the file is no catalogue, or a line of it cannot be used.
        """
        from core import clock, shipped
        from core.loading.archive.ingest import store_catalogue
        from core.loading.formats.events import by_mapping

        chosen = None
        if str(mapping):
            chosen = by_mapping.load_mapping(shipped.find("mappings", "mapping", mapping, self.folder))
        period = clock.given(start, "start"), clock.given(end, "end")
        _, sentence, events = store_catalogue(self.archive, Path(path).expanduser(), name, *period, chosen)
        return [sentence, *events.attrs.get("notes", ())]

    @here
    def add_index(self, path: str | Path) -> list[str]:
        """Store a file of Kp or Dst, and say in sentences what changed. Raises InputError if it is none of them."""
        from core.loading.archive.ingest import store_index

        sentence, values = store_index(self.archive, Path(path).expanduser())
        return [sentence, *values.attrs.get("notes", ())]

    @here
    def download(
        self,
        station: str,
        start: Time,
        end: Time = "",
        data_type: str = "definitive",
        service: str = "hapi",
        rotate: bool = False,
        again: bool = False,
    ) -> Fetched:
        """
        Fetch minutes of a station, with a recipe for each part; parameters as `core.loading.archive.fetching.minutes`.

        Raises
        ------
        InputError
            If what is asked for does not exist. Months that fail are rows; the same call again asks for them.
        """
        from core.loading.archive import fetching

        period, kind = (start, end), (data_type, service)
        return fetching.minutes(
            self.archive, station, *period, *kind, rotate=rotate, again=again, progress=self.progress
        )

    @here
    def fetch_all(
        self,
        stations: str | Sequence[str],
        start: Time,
        end: Time = "",
        data_type: str = "best",
        events: str = "EMSC",
        min_magnitude: float = 3.0,
        radius_km: float = 1000.0,
        again: bool = False,
    ) -> Fetched:
        """
        Fetch minutes, a catalogue around the stations and Kp; parameters as `core.loading.archive.fetch_all.fetch_all`.

        Raises
        ------
        InputError
            If what is asked for does not exist. What fails is a row; the same call again asks for it.
        """
        from core.loading.archive.fetch_all import fetch_all

        asked = (stations, start, end, data_type, events, min_magnitude, radius_km)
        return fetch_all(self.archive, *asked, again=again, progress=self.progress)


def _minute_mapping(name: str | Path, folder: Path) -> Mapping:
    from core import shipped
    from core.loading.formats.minutes import columns

    return columns.load_mapping(shipped.find("mappings", "mapping", name, folder))
