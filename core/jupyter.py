"""
How a thing shows itself in a notebook: a heading, facts, small tables and sentences as HTML, all of it escaped.

Classes that a notebook meets have a `__repr__` of one line and, for Jupyter, a `_repr_html_` that is a `card`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 30  # of a table; a card is a look and no listing
MADE_UP = "SYNTHETIC DATA"
_CELL = "padding:0.15em 0.8em 0.15em 0;text-align:left;vertical-align:top"


def card(
    heading: str,
    facts: Iterable[tuple[str, str]] = (),
    tables: Iterable[str] = (),
    sentences: Iterable[str] = (),
    synthetic: bool = False,
) -> str:
    """
    A small piece of HTML that fits a light and a dark page.

    Parameters
    ----------
    heading : str
    facts : iterable of pairs of str
        What it is called, and what it is.
    tables : iterable of str
        As `table` and `of_frame` make them.
    sentences : iterable of str
    synthetic : bool
        The data are made up: the card says so.

    Examples
    --------
    >>> card("A < B", facts=[("x", "1 & 2")]).count("&lt;")
    1
    """
    mark = f" <span style='border:1px solid;padding:0 0.4em;font-size:0.8em'>{MADE_UP}</span>" if synthetic else ""
    parts = [f"<div><strong>{html.escape(heading)}</strong>{mark}"]
    pairs = [[name, value] for name, value in facts if value]
    parts += [table([], pairs)] if pairs else []
    parts += tables
    parts += [f"<p style='margin:0.3em 0'>{html.escape(each)}</p>" for each in sentences]
    return "\n".join([*parts, "</div>"])


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of texts; of more than `MOST_ROWS` rows the last line says how many are left out."""
    line = "<tr>" + "".join(f"<th style='{_CELL}'>{html.escape(name)}</th>" for name in head) + "</tr>"
    body = [
        "<tr>" + "".join(f"<td style='{_CELL}'>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows[:MOST_ROWS]
    ]
    left_out = len(rows) - MOST_ROWS
    body += [f"<tr><td style='{_CELL}'>and {left_out} more</td></tr>"] if left_out > 0 else []
    return "\n".join(["<table>", *([line] if head else []), *body, "</table>"])


def of_frame(frame: pd.DataFrame) -> str:
    """A DataFrame as such a table: times to the minute, numbers to three places, what is missing as a dash."""
    names = [str(name) for name in frame.columns]
    return table(names, [[_shown(value) for value in row] for row in frame.itertuples(index=False)])


def counted(n: int, noun: str) -> str:
    """
    A number and its noun.

    >>> counted(1, "run"), counted(1200, "window")
    ('1 run', '1,200 windows')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _shown(value: Any) -> str:
    if value is None or value != value:  # NaN and NaT are not equal to themselves
        return "-"
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
