"""The CSV list of KOERI (Kandilli Observatory, Turkey), with Turkish column names."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.loading.catalogue import events as catalogue
from core.loading.formats import text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

NEEDED = {"olustarihi", "oluszamani", "enlem", "boylam", "derinlik", "xm"}

# The order of preference: moment magnitude, then local, then surface and body wave, then duration. xM is the
# largest of them all; it is used only where nothing else is given.
MAGNITUDES = {"mw": "Mw", "ml": "ML", "ms": "Ms", "mb": "mb", "md": "MD", "xm": "xM"}
KINDS = {"sm": "suspected blast (Sm)"}

_DATE = re.compile(r"(\d{4})[./-](\d{2})[./-](\d{2})")


def fits(names: set[str]) -> bool:
    """Whether a header with these plain names is of this format."""
    return names >= NEEDED


def read(path: Path) -> pd.DataFrame:
    """Read a KOERI list, in any order, into the events table (`events.check`)."""
    return events(text.table(path))


def events(table: Table) -> pd.DataFrame:
    """
    The events table; suspected blasts (`Tip` Sm) are dropped and counted.

    A magnitude of 0.0 means "no value". The list is cut at the largest magnitude, so the
    preferred one may lie below its threshold.
    """
    dates = [_DATE.sub(r"\1-\2-\3", date) for date in table.texts("olustarihi")]
    stamps = [f"{date} {clock}" for date, clock in zip(dates, table.texts("oluszamani"), strict=True)]
    magnitude = np.full(len(table), np.nan)
    magnitude_type = np.full(len(table), "", dtype=object)
    for name, label in MAGNITUDES.items():
        values = table.numbers(name, *catalogue.MAGNITUDE)
        chosen = np.isnan(magnitude) & ~np.isnan(values) & (values != 0.0)
        magnitude[chosen] = values[chosen]
        magnitude_type[chosen] = label
    return assembly.assemble(
        table,
        times=table.times(stamps),
        latitude="enlem",
        longitude="boylam",
        depth="derinlik",
        magnitude=magnitude,
        magnitude_type=list(magnitude_type),
        source=["KOERI"] * len(table),
        ids=table.texts("depremkodu"),
        id_prefix="koeri",
        kinds=[KINDS.get(kind.casefold(), kind) for kind in table.texts("tip")],
    )
