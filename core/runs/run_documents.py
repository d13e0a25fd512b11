"""The JSON documents in a run's folder, checked: what must be in each, and of which kind. Faults are ValueErrors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from core import documents
from core.runs import kept
from core.vocabulary import POOLED

STATUS: kept.Kinds = {
    "created": str,
    "seconds": float,
    "synthetic": bool,
    "source": str,
    "parent": str,
    "dead": bool,
    "dead_sentence": str,
}
AUDIT: kept.Kinds = {
    "ok": bool,
    "sentence": str,
    "closest_days": (float, type(None)),
    "warnings": list,
    "checks": list,
    "n_windows": dict,
    "n_leaking": dict,
}


def scored_split(scores: pd.DataFrame) -> str:
    """The split a run is judged by: test where there is one, else validation."""
    return "test" if "test" in set(scores["split"]) else "validation"


def threads(path: Path) -> dict[str, str]:
    """The settings of threads in environment.json."""
    found = documents.read_json(path)["threads"]
    if not isinstance(found, dict) or not all(isinstance(n, str) and n.isdecimal() for n in found.values()):
        raise ValueError("its settings of threads are not numbers")
    return found


def status(path: Path) -> dict[str, Any]:
    """status.json, with a time that is one."""
    found = kept.document(STATUS, {"began": str})(path)
    for key in ("created", "began"):
        if key in found and pd.isna(pd.Timestamp(found[key])):
            raise ValueError(f"its {key!r} is no time")
    return found


def scores(path: Path) -> pd.DataFrame:
    """scores.json as a table that holds the row by which the run is judged."""
    from core.evaluation.scores import COLUMNS  # brings much with it that a list of no runs need not wait for

    table = pd.DataFrame(documents.read_json(path, list), columns=COLUMNS)
    if not ((table["station"] == POOLED) & (table["split"] == scored_split(table))).any():
        raise ValueError("it holds no scores")
    numbers = table.columns.difference(["split", "station"])
    return table.assign(**{name: pd.to_numeric(table[name]) for name in numbers})  # None becomes NaN
