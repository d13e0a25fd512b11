"""The CSV list of INFP (NIEP, Romania): dateTime, magnitude, magnitude type, depth, latitude, longitude."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = {"datetime", "magnitude", "magnitudetype", "depth", "latitude", "longitude"}


def fits(names: set[str]) -> bool:
    """Whether a header with these plain names is of this format."""
    return names >= NEEDED


def read(path: Path) -> pd.DataFrame:
    """Read an INFP list, in any order, into the events table (`events.check`)."""
    return events(text.table(path))


def events(table: Table) -> pd.DataFrame:
    """The events table. The list has no identifiers; an event is named after its origin time."""
    return assembly.assemble(
        table,
        times=table.times(table.texts("datetime")),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=table.numbers("magnitude", *catalogue.MAGNITUDE),
        magnitude_type=table.texts("magnitudetype"),
        source=["INFP"] * len(table),
        ids=[""] * len(table),
        id_prefix="infp",
    )
