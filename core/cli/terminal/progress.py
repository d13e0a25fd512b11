"""How a verb shows what it is doing: a bar in a terminal, a line a minute where its words go to a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from core import clock
from core.progress import Progress


@contextmanager
def watching() -> Iterator[Progress]:
    """The listener that suits where standard error goes."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield LogProgress()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        yield TerminalProgress(bars)


class TerminalProgress(Progress):
    """One bar per stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._stage = ""
        self._task: Any = None
        self._losses = ""

    def stage(self, name: str, done: int = 0, total: int = 0, message: str = "") -> None:
        if name != self._stage:
            self._stage = name
            if self._task is not None:
                self._bars.update(self._task, visible=False)
            self._task = self._bars.add_task(name, total=total or None, note=message)
        self._bars.update(self._task, completed=done, total=total or None)
        if message:
            self._bars.update(self._task, note=message)

    def batch(self, done: int, total: int) -> None:
        self._bars.update(self._task, note=f"{self._losses}batch {done} of {total}")

    def epoch(self, row: dict[str, float], epochs: int) -> None:
        self._losses = f"loss {row['loss']:.3f}, "
        if row["validation_loss"] == row["validation_loss"]:  # NaN without validation windows
            self._losses += f"validation {row['validation_loss']:.3f}, "
        self.stage("Training", int(row["epoch"]), epochs)


class LogProgress(Progress):
    """For a file that somebody reads hours later: after a minute a line, and then one a minute."""

    EVERY_S = 60.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said_at = clock()

    def stage(self, name: str, done: int = 0, total: int = 0, message: str = "") -> None:
        if self._clock() - self._said_at < self.EVERY_S:
            return
        self._said_at = self._clock()
        count = f" {done:,} of {total:,}" if total else ""
        typer.echo(f"{clock.now():%Y-%m-%d %H:%M} {name}{count}{'; ' if message else ''}{message}", err=True)

    def epoch(self, row: dict[str, float], epochs: int) -> None:
        self.stage("Training, epoch", int(row["epoch"]), epochs, f"loss {row['loss']:.3f}")
