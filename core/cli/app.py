"""The typer application, the options that verbs share, and how tables and progress are shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from core.config import data_dir
from core.errors import InputError
from core.experiments.jobs import JobProgress
from core.experiments.progress import Cancelled, Progress

app = typer.Typer(
    name="precursor",
    help="Ask honestly whether the Earth's magnetic field changes before earthquakes.",
    epilog="First steps: `precursor demo` needs no data. With your own: `ingest` minute files, store a `catalogue` and "
    "the `activity` index, `preview` a config, `train` it, and `show` the run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

_job: JobProgress | None = None


def _use_data(folder: Path | None) -> Path | None:
    if folder is not None:
        os.environ["PRECURSOR_DATA"] = str(folder.expanduser().resolve())
    return folder


def _use_job(folder: Path | None) -> Path | None:
    global _job
    if folder is not None:
        _job = JobProgress(folder)
        os.nice(5)  # the pages go first; fewer threads would do that too, but give other last bits
    return folder


Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", callback=_use_data, is_eager=True, help="Data folder (or set PRECURSOR_DATA)."
    ),
]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run id, or its beginning; `precursor runs` lists them.")]
Json = Annotated[bool, typer.Option("--json", help="Print the table as JSON.")]


@app.callback()
def _shared(
    data: Data = None,
    job: Annotated[Path | None, typer.Option("--job", hidden=True, callback=_use_job)] = None,
) -> None:
    """A research record, not an alert service."""


def job_progress() -> JobProgress | None:
    """The job this process runs as, if a page or another process started it."""
    return _job


@contextmanager
def watched() -> Iterator[Progress]:
    """
    The progress listener of this process: a job's folder, or a bar in the terminal.

    Ctrl-C ends the work as a request to cancel does, but at once.
    """
    try:
        if _job is not None:
            yield _job
        else:
            with _bars() as bars:
                yield TerminalProgress(bars)
    except KeyboardInterrupt:
        raise Cancelled("Stopped. What was complete is kept.") from None


def _bars() -> Bars:
    console = Console(stderr=True)
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


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

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        self._losses = f"loss {row['loss']:.3f}, "
        if row["validation_loss"] == row["validation_loss"]:  # NaN without validation windows
            self._losses += f"validation {row['validation_loss']:.3f}, "
        self.stage("Training", int(row["epoch"]), epochs)


def say(*sentences: str) -> None:
    """Print plain sentences."""
    for sentence in sentences:
        _console(soft_wrap=True).print(sentence)


def warn(*sentences: str) -> None:
    """Print plain sentences beside the output, where they do not get into a table or into JSON."""
    for sentence in sentences:
        _console(stderr=True, soft_wrap=True).print(sentence)


def show(table: pd.DataFrame, as_json: bool, title: str = "", empty: str = "Nothing to show.") -> None:
    """Print a table for people, or as JSON records for machines."""
    if as_json:
        _console(soft_wrap=True).print(json.dumps(records(table), indent=1))
        return
    if table.empty:
        say(empty)
        return
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name in table.columns:
        numeric = pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name])
        grid.add_column(str(name).replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in table.itertuples(index=False):
        grid.add_row(*[_cell(value) for value in row])
    folds = _console().is_terminal  # into a pipe or a file: never
    _console(width=None if folds else 10_000).print(grid)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON-ready dictionaries: ISO times, None for what is missing."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.astype(object).to_dict("records")]


def moment(text: str, option: str) -> pd.Timestamp | None:
    """The time that an option gives, UTC unless it names a zone; None if it is empty."""
    if not text:
        return None
    try:
        time = pd.Timestamp(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a time such as 2011-03-15 or 2011-03-15T12:00.") from None
    return time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")


def folder() -> Path:
    """The data folder of this call; made if it is not there."""
    path = data_dir()
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; the data folder (--data or PRECURSOR_DATA) must be a folder.")
    path.mkdir(parents=True, exist_ok=True)
    return path


def _console(**options: Any) -> Console:
    return Console(highlight=False, markup=False, emoji=False, **options)  # "[data]" and ":x:" are text


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
        # A probability of 0.0003 is not 0.
        number = float(value)
        return f"{number:.1g}" if 0 < abs(number) < 0.0005 else f"{number:.3f}".rstrip("0").rstrip(".")
    return str(value)
