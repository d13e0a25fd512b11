"""
The typer application, whose verbs are imported when they are called, and the options that verbs share.

`precursor --help` needs neither pandas nor what imports it: such modules are imported here only where a verb asks for
what they do, and tables are shown by `core.cli.terminal.tables`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from core.cli.verbs import VERBS
from core.data_folder import data_dir, is_named, refuse_file, which
from core.errors import InputError
from core.progress import Cancelled, Progress

if TYPE_CHECKING:
    import pandas as pd

    from core.studies.jobs import JobProgress


class _Waiting(TyperCommand):
    """Stands in the list of verbs for one whose module is imported only when it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **options: Any) -> Any:
        command = loaded(str(self.name))
        _spare(command, parent)
        return command.make_context(info_name, args, parent, **options)


class _Verbs(TyperGroup):
    """The verbs of the table in its order, and after them what was registered besides."""

    def __init__(self, *, commands: dict[str, Any], **options: Any) -> None:
        waiting = {name: _Waiting(name, help=verb.sentence) for name, verb in VERBS.items()}
        super().__init__(commands={**waiting, **commands}, **options)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _spare(self, ctx)
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="precursor",
    cls=_Verbs,
    help="Ask honestly whether the Earth's magnetic field changes before earthquakes.",
    epilog="First steps: `precursor demo` needs no data. With real ones: `fetch all`, or `ingest` minute files and "
    "store a `catalogue` and the `activity` index; then `preview` a config, `train` it, and `show` the run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

INTERRUPTED = "Stopped. What was complete is kept."

_job: JobProgress | None = None
_verb = ""
_says_where = False


def _use_data(context: typer.Context, folder: Path | None) -> Path | None:
    if folder is not None:
        os.environ["PRECURSOR_DATA"] = str(folder)
        os.environ["PRECURSOR_DATA"] = str(data_dir())
    if _says_where and not getattr(context.command, "commands", None):  # not of a group: its verb may still name one
        from core.cli.terminal.console import warn

        warn(which())
    return folder


def _use_job(folder: Path | None) -> Path | None:
    global _job
    if folder is not None:
        from core.studies.jobs import JobProgress

        _job = JobProgress(folder)
        os.nice(5)  # the pages go first; fewer threads would do that too, but give other last bits
    return folder


def loaded(verb: str) -> Any:
    """The command that a verb of the table is, with its options and, for some, its own verbs; imports its module."""
    importlib.import_module(f"core.cli.{VERBS[verb].module}")
    return get_command(app).commands[verb]  # type: ignore[attr-defined]  # of a group


def _spare(command: Any, context: Any) -> None:
    """
    Spare a command the check of what was not given and is None then; `--help`, which every verb has, is such an option.

    typer has even None checked by pydantic, whose import takes a tenth of the time of `precursor runs`.
    """
    for option in command.get_params(context):
        if option.default is None and option.nargs == 1 and not (option.required or option.multiple):
            option.process_value = partial(_processed, option, option.process_value)


def _processed(option: Any, check: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    if value is not None:
        return check(context, value)
    return option.callback(context, option, None) if option.callback else None


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
        from core.cli.terminal.console import say

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
            from core.cli.terminal import progress

            with progress.watching() as listener:
                yield listener
    except KeyboardInterrupt as interrupt:
        raise Cancelled(INTERRUPTED) from interrupt


def moment(text: str, option: str) -> pd.Timestamp | None:
    """The time that an option gives; see `clock.given`."""
    from core import clock

    return clock.given(text, option)


def folder(only_looks: bool = False, may_be_absent: bool = False) -> Path:
    """
    The data folder of this call; made if it is not there, unless the verb only looks.

    With `may_be_absent` a folder that nobody named need not be there: the verb has something to say without it.
    """
    path = data_dir()
    refuse_file(path)
    if not path.exists() and (only_looks or (_verb in VERBS and VERBS[_verb].needs_folder)):
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
