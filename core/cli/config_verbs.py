"""`precursor config`: a new experiment with every option explained, and the list of all options."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from core import commands, config_template, files
from core.cli.app import Data, Json, app, folder
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.errors import InputError
from core.runs import presets

config = typer.Typer(
    name="config",
    help="Begin an experiment of your own: a file with every option explained; list all options.",
    no_args_is_help=True,
)
app.add_typer(config)


@config.callback()
def _shared(data: Data = None) -> None:
    """Begin an experiment of your own: a file with every option explained; list all options."""


@config.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, - and _.")],
    like: Annotated[str, typer.Option(help="The config whose values it begins with.")] = "honest-default",
    data: Data = None,
) -> None:
    """
    Write a config with every option explained into the data folder, to be changed in an editor.

    It is called by its name from then on: `precursor preview NAME`. Nothing that is there is replaced.
    """
    home = folder()
    config = dataclasses.replace(presets.find(like, home), name=name, description=f"My own, begun like {like}")
    if name in presets.listed(home):
        raise InputError(f"There is a config {name!r} already, {presets.listed(home)[name]}. Take another name.")
    path = home / "experiments" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    files.replace_text(path, config_template.text(config))
    say(
        f"{path} holds every option with what it does, as {like} has them.",
        f"Change it in an editor, then: {commands.typed(f'precursor preview {name}')}",
    )


@config.command("options")
def list_options(
    section: Annotated[str, typer.Argument(metavar="[SECTION]", help="Of one section alone, such as windows.")] = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """List every option of a config: its default, what it may be, what it does and why."""
    show(config_template.table(section), json)
