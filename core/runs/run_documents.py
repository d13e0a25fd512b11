"""
The JSON documents in a run's folder, checked: what must be in each, and of which kind. Faults are ValueErrors.

Each says the version of its form; those of before do not. Then scores.json was a bare list of rows, and scaling.json a
table by station.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core import documents, typed_documents
from core.processing.station_scale import StationScale
from core.runs.environment import RunEnvironment
from core.typed_documents import Moment, Versioned
from core.vocabulary import POOLED

SCORES_VERSION = SCALING_VERSION = 1


@dataclass(frozen=True)
class Began(Versioned):
    """began.json: when the first attempt at a run began (ISO time, UTC)."""

    began: Moment

    VERSION = 1
    CALLED = "The beginning of run {}"


@dataclass(frozen=True)
class Asker(Versioned):
    """The mark beside a run: which study asked for it as one of many."""

    study: str

    VERSION = 1
    CALLED = "The mark {} of a run"


def scored_split(scores: pd.DataFrame) -> str:
    """The split a run is judged by: test where there is one, else validation."""
    return "test" if "test" in set(scores["split"]) else "validation"


def began(path: Path) -> Began:
    """What began.json holds. Raises ValueError if it is no such document, OtherVersion if it is newer."""
    return Began.from_dict(documents.read_json(path), path.parent.stem)


def asker(path: Path) -> Asker:
    """What the mark of a study holds. Raises as `began`."""
    return Asker.from_dict(documents.read_json(path), path.name)


def environment(path: Path) -> RunEnvironment:
    """What environment.json holds. Raises as `began`."""
    return RunEnvironment.from_dict(documents.read_json(path), path.parent.name)


def scores(path: Path) -> pd.DataFrame:
    """scores.json as a table that holds the row by which the run is judged. Raises as `began`."""
    from core.evaluation.scores import COLUMNS, ScoreRow  # much that a list of no runs need not wait for

    content = documents.read_json(path, (dict, list))
    rows = content
    if isinstance(content, dict):
        typed_documents.version_of(content, SCORES_VERSION, f"The scores of run {path.parent.name}")
        documents.check_kinds(content, {"rows": list})
        rows = content["rows"]
    table = pd.DataFrame([typed_documents.read(ScoreRow, row) for row in rows], columns=COLUMNS)
    if not ((table["station"] == POOLED) & (table["split"] == scored_split(table))).any():
        raise ValueError("it holds no scores")
    numbers = table.columns.difference(["split", "station"])
    return table.assign(**{name: pd.to_numeric(table[name]) for name in numbers})  # None becomes NaN


def write_scores(table: pd.DataFrame) -> dict[str, Any]:
    """A table of scores as it is kept in scores.json."""
    from core.evaluation.scores import records

    return {"version": SCORES_VERSION, "program": typed_documents.program(), "rows": records(table)}


def scaling(path: Path) -> dict[str, StationScale]:
    """The scaling by station in scaling.json. Raises as `began`."""
    content = documents.read_json(path)
    by_station = content
    if "version" in content:
        typed_documents.version_of(content, SCALING_VERSION, f"The scaling of run {path.parent.name}")
        documents.check_kinds(content, {"stations": dict})
        by_station = content["stations"]
    return {str(code): typed_documents.read(StationScale, numbers) for code, numbers in by_station.items()}


def write_scaling(by_station: dict[str, StationScale]) -> dict[str, Any]:
    """The scaling of each station as it is kept in scaling.json; what was not learned is left out."""
    stations = {
        code: {name: value for name, value in typed_documents.write(scale).items() if value}
        for code, scale in by_station.items()
    }
    return {"version": SCALING_VERSION, "program": typed_documents.program(), "stations": stations}
