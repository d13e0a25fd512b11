"""
Every run that was ever trained: the journal `data/tested.jsonl`, which only grows.

A line when a run was trained; `judgement.tries` adds one when it scored a stretch. It outlives the run's folder. Each
line names the data (`sources.data_key`); lines of an earlier version do not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import documents, files
from core.chained_log import ChainedLog

VERSION = 1  # of a line; the oldest have none
TRAINED, JUDGED = "trained", "judged"

_NUMBER = (float, type(None))
_OF_ANY: documents.Kinds = {"kind": str, "run_id": str, "synthetic": bool}
_OF_KIND: dict[str, documents.Kinds] = {
    TRAINED: {"name": str, "auc": _NUMBER, "auc_low": _NUMBER, "auc_high": _NUMBER},
    JUDGED: {"observed": _NUMBER, "p": _NUMBER, "null": list, "shared": str},
}


@dataclass(frozen=True)
class Trained:
    """A run was trained: its AUC with its interval, None where none exists; data: "" if they are not known."""

    run_id: str
    name: str
    synthetic: bool
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    data: str = ""
    time: str = ""  # ISO, UTC; "" as long as it is not written down


@dataclass(frozen=True)
class Judged:
    """
    An earlier version judged a run by circular shifts; what came out stands in the line and counts no more.

    data, time: as in `Trained`.
    """

    run_id: str
    synthetic: bool
    data: str = ""
    time: str = ""


def lines(data_dir: Path) -> list[Trained | Judged]:
    """
    Every line of the journal, oldest first.

    Raises
    ------
    InputError
        If a line is damaged, was changed after it was written, or is of a newer form.
    """
    return [_line(table) for table in journal(data_dir).entries() if table["kind"] in _OF_KIND]


def note(data_dir: Path, line: Trained) -> None:
    """Add a line; the journal gives it its time. Raises InputError as `lines`."""
    table: dict[str, Any] = {"kind": TRAINED, **dataclasses.asdict(line)}
    del table["time"]
    journal(data_dir).append(table)


def note_trained(data_dir: Path, line: Trained) -> None:
    """
    Write down that a run was trained.

    A run stands there once, and once more if its data were not known before.
    """
    if line.run_id not in trained_before(lines(data_dir), with_data=bool(line.data)):
        note(data_dir, line)


def of_training(
    run_id: str, name: str, synthetic: bool, auc: float, low: float, high: float, data: str = ""
) -> Trained:
    """The line about a run that was trained, from its AUC and the interval of it; NaN: it does not exist."""
    return Trained(run_id, name, bool(synthetic), files.plain(auc), files.plain(low), files.plain(high), data)


def trained_before(noted: Iterable[Trained | Judged], with_data: bool = True) -> set[str]:
    """The runs whose training stands in these lines; with_data: those whose data are named too."""
    return {line.run_id for line in noted if isinstance(line, Trained) and (line.data or not with_data)}


def journal(data_dir: Path) -> ChainedLog:
    """The journal of a data folder, with the lines that other rooms add."""
    return ChainedLog(data_dir / "tested.jsonl", _check, VERSION)


def _line(table: dict[str, Any]) -> Trained | Judged:
    """A line that `_check` let through."""
    kind = Trained if table["kind"] == TRAINED else Judged
    return kind(**{each.name: table[each.name] for each in dataclasses.fields(kind) if each.name in table})


def _check(line: dict[str, Any]) -> None:
    """Refuse a line whose values are of another kind; an earlier version did not write `data`."""
    documents.check_kinds({"data": "", **line}, {**_OF_ANY, "data": str})
    documents.check_kinds(line, _OF_KIND.get(line["kind"], {}))
    if line["kind"] != JUDGED:
        return
    if line["p"] is not None and not 0 <= line["p"] <= 1:
        raise ValueError(f"its 'p' is {line['p']}, not between 0 and 1")
    if not all(documents.of_kind(value, float) for value in line["null"]):
        raise ValueError("its 'null' holds something else than numbers")
