"""CSEP CSV, the catalogue format of pyCSEP: lon, lat, mag, time_string, depth, catalog_id, event_id."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = {"lon", "lat", "mag", "timestring", "depth"}


def fits(names: set[str]) -> bool:
    """Whether a header with these plain names is of this format."""
    return names >= NEEDED


def read(path: Path) -> pd.DataFrame:
    """Read a CSEP CSV file into the events table (`events.check`)."""
    return events(text.table(path))


def events(table: Table) -> pd.DataFrame:
    """The events table. The format has no magnitude type, so `magnitude_type` is empty."""
    simulations = set(table.texts("catalogid"))
    if len(simulations) > 1:
        raise InputError(
            f"{table.file}: holds {len(simulations)} simulated catalogues (column catalog_id), "
            "expected one catalogue of observed earthquakes."
        )
    return assembly.assemble(
        table,
        times=table.times(table.texts("timestring")),
        latitude="lat",
        longitude="lon",
        depth="depth",
        magnitude=table.numbers("mag", *catalogue.MAGNITUDE),
        magnitude_type=[""] * len(table),
        source=["CSEP"] * len(table),
        ids=table.texts("eventid"),
        id_prefix="csep",
    )
