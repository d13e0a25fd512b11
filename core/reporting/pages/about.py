"""Method, limits, the paper, and whose data and shapes these are."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata

from core.loading.archive.archive import Archive
from core.reporting import sentences, tables
from core.reporting.pages import Cell, Page, Table, number
from core.reporting.pages.record import known


def page(sources: Mapping[str, Archive]) -> Page:
    """Credits are built from what the sources hold: every station and every catalogue is named."""
    real = {name: archive for name, archive in sources.items() if not archive.synthetic}
    codes = sorted({code for archive in real.values() for code in archive.stations()})
    stations = [station for code in codes if (station := known(code))]
    content = {
        "stations": [
            [
                Cell(station.code),
                Cell(station.name),
                Cell(station.institute or tables.DASH),
                Cell(station.credit or tables.DASH),
                Cell(station.licence or "not stated"),
            ]
            for station in stations
        ],
        "unknown": [code for code in codes if known(code) is None],
        "catalogues": catalogues(real),
        "worlds": [name for key, name in sentences.sources(sources).items() if sources[key].synthetic],
        "version": metadata.version("geomag-precursor-lab"),
    }
    return Page("about.html", "About", "about.html.j2", content)


def catalogues(sources: Mapping[str, Archive]) -> Table | None:
    """Where each stored catalogue came from, and when."""
    rows = [
        [
            Cell(row["name"]),
            number(f"{row['n_events']:,}"),
            Cell(f"{tables.moment(row['start'])} to {tables.moment(row['end'])}"),
            Cell(str(row["origin"]) or "not known"),
            Cell(tables.moment(row["retrieved"])),
        ]
        for archive in sources.values()
        for row in archive.catalogues().to_dict("records")
    ]
    head = ["Catalogue", "Events", "Period (UTC)", "From", "Stored (UTC)"]
    return Table("Earthquake catalogues", head, rows) if rows else None
