"""
What a benchmark says: each ratio as a line for people and, for `report.py`, as a row of data.

    rows.say("1 week", 104, 62, 104 / 62, "windows/s", against="model.fit", goal="ratio >= 1.6", memory=2.1)
    rows.absent("PyTorch is not installed, so there is no ratio to it (pip install torch).")

A goal stands beside its case: "ratio >= 1.6", "ours < 5" (in the row's unit), "memory <= 3", or several with commas.
With `--quick` the cases are smaller, and no goal is judged.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import sys
from pathlib import Path
from typing import Any

QUICK = "--quick"
FILE = "BENCHMARK_ROWS"  # the environment variable that names the file of data
SIGNS = {
    ">=": (operator.ge, "at least"),
    "<=": (operator.le, "at most"),
    ">": (operator.gt, "above"),
    "<": (operator.lt, "under"),
}


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Command-line options of a benchmark: its docstring is the help, and `--quick` is there."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(QUICK, action="store_true", help="smaller cases, to see that all works")
    return made


def say(
    case: str,
    ours: float,
    peer: float | None = None,
    ratio: float | None = None,
    unit: str = "s",
    *,
    against: str = "",
    goal: str = "",
    memory: float | None = None,
    memory_unit: str = "GiB",
    note: str = "",
) -> None:
    """
    Print one measurement and keep it as data.

    Parameters
    ----------
    case : str
        What was measured: "365 daily files".
    ours, peer : float
        In `unit`; None where there is no peer.
    ratio : float, optional
        How many times better ours is; above 1 is better.
    against : str
        The peer's name, where the benchmark has more than one.
    goal : str
        Conditions on "ours", "ratio" or "memory".
    memory : float, optional
        Ours, in `memory_unit`.
    note : str
        What a reader should know of this row: "largest difference 4e-7".
    """
    numbers = {"ours": ours, "peer": peer, "ratio": ratio, "memory": memory}
    row: dict[str, Any] = {name: None if value is None else float(value) for name, value in numbers.items()}
    row |= {"case": case, "unit": unit, "against": against, "memory_unit": memory_unit, "note": note}
    row["goal"] = "" if QUICK in sys.argv else goal
    judged = "; ".join(verdicts(row))
    parts = [f"ours {quantity(row['ours'], unit)}"]
    if row["peer"] is not None:
        parts.append(f"{against or 'peer'} {quantity(row['peer'], unit)}")
    if row["ratio"] is not None:
        parts.append(f"ratio {number(row['ratio'])}")
    if row["memory"] is not None:
        parts.append(f"memory {quantity(row['memory'], memory_unit)}")
    print(f"{case}: {', '.join(parts)}{f'; {note}' if note else ''}{f' ({judged})' if judged else ''}", flush=True)
    _keep(row)


def absent(reason: str) -> None:
    """Print and keep why something could not be measured, in a sentence."""
    print(reason, flush=True)
    _keep({"absent": reason})


def verdicts(row: dict[str, Any]) -> list[str]:
    """
    The goals of a row in words, each met or not.

    >>> verdicts({"goal": "ratio >= 4, ours < 1", "ratio": 4.2, "ours": 1.5, "unit": "s"})
    ['ratio at least 4: met', 'ours under 1 s: not met']
    """
    said = []
    for goal in filter(None, row["goal"].split(",")):
        name, sign, limit = goal.split()
        holds, word = SIGNS[sign]
        unit = {"ours": row.get("unit", ""), "memory": row.get("memory_unit", "")}.get(name, "")
        met = "not measured" if row[name] is None else "met" if holds(row[name], float(limit)) else "not met"
        said.append(f"{name} {word} {limit} {unit}".rstrip() + f": {met}")
    return said


def quantity(value: float, unit: str) -> str:
    """
    A number with its unit.

    >>> quantity(0.4567, "s"), quantity(6383.4, "windows/s")
    ('0.457 s', '6,383 windows/s')
    """
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")


def _keep(row: dict[str, Any]) -> None:
    """Add a line to the file of data, at once: what was measured before a failure is not lost."""
    if FILE in os.environ:
        with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, allow_nan=False) + "\n")
