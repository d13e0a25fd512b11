"""Sentences for people: on standard output, or beside it on standard error, as plain text that is never cut."""

from __future__ import annotations

from typing import Any

from rich.console import Console


def terminal(**options: Any) -> Console:
    """A terminal that takes text as it is: no markup, no colours for numbers."""
    return Console(highlight=False, markup=False, emoji=False, **options)  # "[data]" and ":x:" are text


def say(*sentences: str) -> None:
    """Print plain sentences."""
    for sentence in sentences:
        terminal(soft_wrap=True).print(sentence)


def warn(*sentences: str) -> None:
    """Print plain sentences beside the output, where they do not get into a table or into JSON."""
    for sentence in sentences:
        terminal(stderr=True, soft_wrap=True).print(sentence)


def counted(number: int, what: str) -> str:
    """
    A number of things in words.

    >>> counted(1, "file"), counted(2_000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
