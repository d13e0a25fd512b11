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
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from core import clock
from core.cli import progress
from core.data_folder import data_dir, is_named, which
from core.errors import InputError
from core.progress import Cancelled, Progress
from core.reporting import tables
from core.studies.jobs import JobProgress

app = typer.Typer(
    name="precursor",
    help="Ask honestly whether the Earth's magnetic field changes before earthquakes.",
    epilog="First steps: `precursor demo` needs no data. With real ones: `fetch all`, or `ingest` minute files and "
    "store a `catalogue` and the `activity` index; then `preview` a config, `train` it, and `show` the run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

INTERRUPTED = "Stopped. What was complete is kept."
SPACE = 2  # between the columns of a table, as rich draws it without a box
MOST_LINES = 6
# What stands in capitals in a heading although its column does not.
ACRONYMS = {"auc": "AUC", "mcc": "MCC", "kp": "Kp", "utc": "UTC", "roc": "ROC"}
# Verbs that look at what is there, or want a run of it; a data folder that is not there is then a slip of the pen.
LOOKING = (
    "stations", "coverage", "archive", "quality", "runs", "show", "ledger", "site", "verdict", "compare", "export",
    "scan", "update", "assess", "refit", "open-final", "null-gallery", "explain", "reproduce",
)  # fmt: skip

_job: JobProgress | None = None
_verb = ""
_says_where = False


def _use_data(context: typer.Context, folder: Path | None) -> Path | None:
    if folder is not None:
        os.environ["PRECURSOR_DATA"] = str(folder)
        os.environ["PRECURSOR_DATA"] = str(data_dir())
    if _says_where and not getattr(context.command, "commands", None):  # not of a group: its verb may still name one
        warn(which())
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


@app.callback(invoke_without_command=True)
def _shared(
    context: typer.Context,
    data: Data = None,
    where: Annotated[
        bool,
        typer.Option("--where", help="Say first which data folder the verb uses, and why; without a verb, only that."),
    ] = False,
    job: Annotated[Path | None, typer.Option("--job", hidden=True, callback=_use_job)] = None,
) -> None:
    """A research record, not an alert service."""
    global _verb, _says_where
    _verb, _says_where = context.invoked_subcommand or "", where
    if not _verb and where:
        say(which())
    elif not _verb:
        context.fail("Missing command.")


def job_progress() -> JobProgress | None:
    """The job this process runs as, if a page or another process started it."""
    return _job


@contextmanager
def watched() -> Iterator[Progress]:
    """
    The progress listener of this process: a job's folder, a bar in the terminal, or lines in a log file.

    Ctrl-C ends the work as a request to cancel does, but at once.
    """
    try:
        if _job is not None:
            yield _job
        else:
            with progress.watching() as listener:
                yield listener
    except KeyboardInterrupt as interrupt:
        raise Cancelled(INTERRUPTED) from interrupt


def say(*sentences: str) -> None:
    """Print plain sentences."""
    for sentence in sentences:
        _console(soft_wrap=True).print(sentence)


def warn(*sentences: str) -> None:
    """Print plain sentences beside the output, where they do not get into a table or into JSON."""
    for sentence in sentences:
        _console(stderr=True, soft_wrap=True).print(sentence)


def show(table: pd.DataFrame, as_json: bool, title: str = "", empty: str = "Nothing to show.") -> None:
    """
    Print a table: for people in columns, into a pipe or a file with tabs between them, for machines as JSON records.

    Nothing is cut: of a table that is too wide for the terminal, words break between words and nowhere else; if that
    is not enough, each row becomes a few lines that begin with its first cell.
    """
    if as_json:
        _console(soft_wrap=True).print(json.dumps(records(table), indent=1))
        return
    if table.empty:
        say(empty)
        return
    table = tables.in_words(table)
    heads = [head(str(name)) for name in table.columns]
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    console = _console()
    if not console.is_terminal:
        for line in [*([[title]] if title else []), heads, *rows]:
            typer.echo("\t".join(" ".join(cell.split()) for cell in line))  # rich would make spaces of tabs
        return
    widths = _widths([heads, *rows], console.width)
    if widths is None:
        if title:
            console.print(title, style="italic")
        for first, *others in rows:
            console.print(first, style="bold", soft_wrap=True)
            told = " · ".join(f"{name} {cell}" for name, cell in zip(heads[1:], others, strict=True) if cell)
            console.print(Padding(told, (0, 0, 0, 2)))
        return
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name, words, width in zip(table.columns, heads, widths, strict=True):
        numeric = pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name])
        grid.add_column(words, justify="right" if numeric else "left", overflow="fold", width=width)
    for row in rows:
        grid.add_row(*row)
    console.print(grid)


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


def counted(number: int, what: str) -> str:
    """
    A number of things in words.

    >>> counted(1, "file"), counted(2_000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON-ready dictionaries: ISO times, None for what is missing."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.astype(object).to_dict("records")]


def moment(text: str, option: str) -> pd.Timestamp | None:
    """The time that an option gives, UTC unless it names a zone; None if it is empty."""
    if not text:
        return None
    try:
        return clock.utc(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a time such as 2011-03-15 or 2011-03-15T12:00.") from None


def folder(only_looks: bool = False, may_be_absent: bool = False) -> Path:
    """
    The data folder of this call; made if it is not there, unless the verb only looks.

    With `may_be_absent` a folder that nobody named need not be there: the verb has something to say without it.
    """
    path = data_dir()
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; the data folder (--data or PRECURSOR_DATA) must be a folder.")
    if not path.exists() and (only_looks or _verb in LOOKING):
        if may_be_absent and not is_named():
            return path
        slip = "Is its name (--data or PRECURSOR_DATA) spelt as you meant it?"
        slip = slip if is_named() else "Is this the working folder that you meant? --data names another data folder."
        raise InputError(
            f"There is no folder {path}. {slip} Verbs that store something, such as ingest or demo, make a new one."
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The data folder {path} (--data or PRECURSOR_DATA) cannot be made ({error.strerror}). Choose another."
        ) from None
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
        # A probability of 0.0003 is not 0, and a learning rate of 0.00117 is not 0.001.
        number = float(value)
        return f"{number:.3g}" if 0 < abs(number) < 0.1 else f"{number:.3f}".rstrip("0").rstrip(".")
    return str(value)
