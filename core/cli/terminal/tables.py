"""Tables for people, for pipes and for machines: columns that fit the terminal, tabs, or JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import typer
from rich.cells import cell_len

from core.cli.terminal import console
from core.reporting import tables

SPACE = 2  # between the columns of a table, as rich draws it without a box
MOST_LINES = 6
# What stands in capitals in a heading although its column does not.
ACRONYMS = {"auc": "AUC", "mcc": "MCC", "kp": "Kp", "utc": "UTC", "roc": "ROC"}


def show(table: pd.DataFrame, as_json: bool, title: str = "", empty: str = "Nothing to show.") -> None:
    """
    Print a table: for people in columns, into a pipe or a file with tabs between them, for machines as JSON records.

    Nothing is cut: of a table that is too wide for the terminal, words break between words and nowhere else; if that
    is not enough, each row becomes a few lines that begin with its first cell.
    """
    if as_json:
        console.terminal(soft_wrap=True).print(json.dumps(records(table), indent=1))
        return
    if table.empty:
        console.say(empty)
        return
    table = tables.in_words(table)
    heads = [head(str(name)) for name in table.columns]
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    terminal = console.terminal()
    if not terminal.is_terminal:
        for line in [*([[title]] if title else []), heads, *rows]:
            typer.echo("\t".join(" ".join(cell.split()) for cell in line))  # rich would make spaces of tabs
        return
    from rich.padding import Padding  # rich draws on terminals only; a pipe does not wait for it
    from rich.table import Table

    widths = _widths([heads, *rows], terminal.width)
    if widths is None:
        if title:
            terminal.print(title, style="italic")
        for first, *others in rows:
            terminal.print(first, style="bold", soft_wrap=True)
            told = " · ".join(f"{name} {cell}" for name, cell in zip(heads[1:], others, strict=True) if cell)
            terminal.print(Padding(told, (0, 0, 0, 2)))
        return
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name, words, width in zip(table.columns, heads, widths, strict=True):
        numeric = pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name])
        grid.add_column(words, justify="right" if numeric else "left", overflow="fold", width=width)
    for row in rows:
        grid.add_row(*row)
    terminal.print(grid)


def _widths(lines: list[list[str]], room: int) -> list[int] | None:
    """How wide each column is so that all fit and no word breaks; None if they cannot, or only in tall rows."""
    columns = list(zip(*lines, strict=True))
    wanted = [max(map(cell_len, cells)) for cells in columns]
    widths = [max(cell_len(word) for cell in cells for word in cell.split(" ")) for cells in columns]
    spare = room - sum(widths) - SPACE * (len(widths) - 1)
    while spare > 0 and widths != wanted:
        missing = [full - width for full, width in zip(wanted, widths, strict=True)]
        widths[missing.index(max(missing))] += 1
        spare -= 1
    tall = any(full > MOST_LINES * width for full, width in zip(wanted, widths, strict=True))
    return None if spare < 0 or tall else widths


def head(name: str) -> str:
    """
    A column's name as a heading.

    >>> head("auc_low"), head("n_windows"), head("n"), head("run_id")
    ('AUC low', 'windows', 'number', 'run id')
    """
    return (
        "number" if name == "n" else " ".join(ACRONYMS.get(word, word) for word in name.removeprefix("n_").split("_"))
    )


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON-ready dictionaries: ISO times, None for what is missing."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.astype(object).to_dict("records")]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def _cell(value: Any) -> str:
    if value is None or value is pd.NaT or value is pd.NA:
        return "-"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            return "-"
        # A probability of 0.0003 is not 0, and a learning rate of 0.00117 is not 0.001.
        number = float(value)
        return f"{number:.3g}" if 0 < abs(number) < 0.1 else f"{number:.3f}".rstrip("0").rstrip(".")
    return str(value)
