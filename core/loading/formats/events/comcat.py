"""USGS ComCat CSV (earthquake.usgs.gov, `format=csv`)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = {"time", "latitude", "longitude", "depth", "mag"}


def fits(names: set[str]) -> bool:
    """Whether a header with these plain names is of this format."""
    return names >= NEEDED


def read(path: Path) -> pd.DataFrame:
    """Read a ComCat CSV file, in any order, into the events table (`events.check`)."""
    return events(text.table(path))


def events(table: Table) -> pd.DataFrame:
    """The events table; rows whose `type` is not earthquake are dropped and counted."""
    return assembly.assemble(
        table,
        times=table.times(table.texts("time")),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=table.numbers("mag", *catalogue.MAGNITUDE),
        magnitude_type=table.texts("magtype"),
        source=["USGS ComCat"] * len(table),
        ids=table.texts("id"),
        id_prefix="comcat",
        kinds=table.texts("type"),
        updated=table.texts("updated"),
    )
