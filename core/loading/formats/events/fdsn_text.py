"""FDSN event text (`format=text` of any FDSN event service): columns separated by bars."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = {"eventid", "time", "latitude", "longitude", "magnitude"}

_LONG_ID = re.compile(r"[?&]eventId=(\w+)")


def fits(names: set[str]) -> bool:
    """Whether a header with these plain names is of this format."""
    return names >= NEEDED


def read(path: Path) -> pd.DataFrame:
    """Read an FDSN text file into the events table (`events.check`)."""
    return events(text.table(path))


def events(table: Table) -> pd.DataFrame:
    """
    The events table; rows whose EventType is not an earthquake are dropped and counted.

    Times without a zone are UTC (the standard says so). INGV writes identifiers as `smi:...?eventId=33778101`: the
    number is kept, so that both spellings are one event.
    """
    authors, contributors = table.texts("author"), table.texts("contributor")
    return assembly.assemble(
        table,
        times=table.times(table.texts("time")),
        latitude="latitude",
        longitude="longitude",
        depth="depth/km" if "depth/km" in table.columns else "depth",
        magnitude=table.numbers("magnitude", *catalogue.MAGNITUDE),
        magnitude_type=table.texts("magtype"),
        source=[author or contributor or "FDSN" for author, contributor in zip(authors, contributors, strict=True)],
        ids=[found[1] if (found := _LONG_ID.search(name)) else name for name in table.texts("eventid")],
        id_prefix="fdsn",
        kinds=table.texts("eventtype"),
    )
