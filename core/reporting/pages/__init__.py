"""
The pages of the static site: one module per page, from stored things to a `Page`.

A page is plain content: words, tables, figures, and the CSV files beside
them. The templates in `core/reporting/templates` lay it out; `site.py` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True)
class Cell:
    """
    One cell of a table: text, and in grey beside it what chance gives; `href` makes it a link. missed: in red, a bar
    that was not held.
    """

    text: str
    note: str = ""
    href: str = ""
    number: bool = False
    missed: bool = False


@dataclass(frozen=True)
class Table:
    """A table with words for its columns; `csv` is the file that has the same numbers."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]
    csv: str = ""


@dataclass(frozen=True)
class Plot:
    """A figure with a fixed id, so that two builds of a page can be compared; `csv` is the file with its numbers."""

    id: str
    figure: go.Figure
    caption: str
    csv: str = ""


@dataclass(frozen=True)
class Page:
    """One HTML file: `content` is what its template shows, `files` are the CSV tables written beside it."""

    file: str
    title: str
    template: str
    content: dict[str, Any]
    synthetic: str = ""  # "all": everything on it is synthetic; "part": some of it, marked where it stands
    files: dict[str, pd.DataFrame] = field(default_factory=dict)


def number(text: str, note: str = "") -> Cell:
    """A cell with a number: it never breaks over two lines."""
    return Cell(text, note=note, number=True)


def csv_name(stem: str, synthetic: bool) -> str:
    """The name of a CSV file; it says so if the numbers are synthetic."""
    return f"{'synthetic-' if synthetic else ''}{stem}.csv"


def length_words(minutes: int) -> str:
    """
    A length of time in words.

    >>> length_words(60), length_words(10_080), length_words(90)
    ('1 hour', '7 days', '90 minutes')
    """
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes % size == 0:
            count = minutes // size
            return f"{count:,} {word}{'' if count == 1 else 's'}"
    raise AssertionError("every whole number divides by one")
