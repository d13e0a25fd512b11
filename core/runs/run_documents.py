"""The JSON documents in a run's folder, checked: what must be in each, and of which kind. Faults are ValueErrors."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core import documents
from core.vocabulary import POOLED


def scored_split(scores: pd.DataFrame) -> str:
    """The split a run is judged by: test where there is one, else validation."""
    return "test" if "test" in set(scores["split"]) else "validation"


def threads(path: Path) -> dict[str, str]:
    """The settings of threads in environment.json."""
    found = documents.read_json(path)["threads"]
    if not isinstance(found, dict) or not all(isinstance(n, str) and n.isdecimal() for n in found.values()):
        raise ValueError("its settings of threads are not numbers")
    return found


def scores(path: Path) -> pd.DataFrame:
    """scores.json as a table that holds the row by which the run is judged."""
    from core.evaluation.scores import COLUMNS  # brings much with it that a list of no runs need not wait for

    table = pd.DataFrame(documents.read_json(path, list), columns=COLUMNS)
    if not ((table["station"] == POOLED) & (table["split"] == scored_split(table))).any():
        raise ValueError("it holds no scores")
    numbers = table.columns.difference(["split", "station"])
    return table.assign(**{name: pd.to_numeric(table[name]) for name in numbers})  # None becomes NaN
