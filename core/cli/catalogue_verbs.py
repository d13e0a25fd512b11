"""`precursor catalogue`: store a catalogue, list what is stored, compare and merge; every snapshot is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from typer.core import TyperGroup

from core.cli.app import Data, Json, app, folder, moment
from core.cli.terminal.console import counted, say, warn
from core.cli.terminal.tables import show
from core.errors import InputError
from core.lab.lab import Lab
from core.loading.archive import derived_catalogues, soundness
from core.loading.archive.archive import Archive
from core.loading.catalogue.difference import catalogue_diff
from core.loading.formats import recognise

SHOWN = ["name", "n_events", "start", "end", "min_magnitude", "max_magnitude", "origin"]


class _StoreByDefault(TyperGroup):
    """`precursor catalogue FILE` is `precursor catalogue store FILE`; `./diff` is a file of that name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = [word for i, word in enumerate(args) if not word.startswith("-") and args[i - 1 : i] != ["--data"]]
        if "--help" not in args and (not words or words[0] not in self.commands):
            args = ["store", *args]
        return super().parse_args(ctx, args)


catalogue = typer.Typer(
    name="catalogue",
    cls=_StoreByDefault,
    help="Store an earthquake catalogue (`precursor catalogue FILE`), or list the stored ones; compare and merge them.",
)
app.add_typer(catalogue)

Reference = Annotated[
    str,
    typer.Argument(help="A stored catalogue (NAME, NAME@TIME, NAME@DIGEST) or a file.", metavar="A"),
]


@catalogue.callback()
def _shared(data: Data = None) -> None:
    """Store an earthquake catalogue (`precursor catalogue FILE`), or list the stored ones; compare and merge them."""


@catalogue.command()
def store(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A catalogue file; without it, list what is stored.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name to store it under; default: from the file name.")] = "",
    start: Annotated[str, typer.Option(help="Where its coverage begins, if before its first event.")] = "",
    end: Annotated[str, typer.Option(help="Where its coverage ends, if after its last event.")] = "",
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="How to read any other CSV list: a TOML file, or the name of one in data/mappings, such as "
            "events_koeri_live."
        ),
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Store an earthquake catalogue; the one that had the name is kept. Without FILE: list the stored ones.

    Read are QuakeML, FDSN text, ISF, lists of USGS, EMSC, INGV, ISC, KOERI, AFAD, INFP and CSEP (CSV or JSON), HORUS,
    ROMPLUS, and any CSV with --mapping.
    """
    archive = Archive(folder(only_looks=file is None) / "archive")
    if file is not None:
        period = moment(start, "--start"), moment(end, "--end")
        sentences = Lab(folder()).add_catalogue(file, name, *period, mapping or "")
        if not json:
            say(*sentences)
    listed = archive.catalogues()
    warn(*soundness.lost_origins(archive.folder)["events"])
    show(
        listed if json else listed[SHOWN],
        json,
        empty="No catalogue is stored. `precursor catalogue FILE` stores one.",
    )


@catalogue.command()
def history(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    data: Data = None,
    json: Json = False,
) -> None:
    """List every snapshot of a catalogue, oldest first: when it was stored, from what, its digest."""
    archive = Archive(folder(only_looks=True) / "archive")
    table = archive.history(name)
    warn(*soundness.lost_origins(archive.folder)["events"])
    if not json:
        table = table.assign(digest=table["digest"].str[:12])
    show(table if json else table[["retrieved", "digest", *SHOWN[1:]]], json)


@catalogue.command()
def diff(
    before: Reference,
    after: Annotated[str, typer.Argument(help="What to compare it with.", metavar="B")],
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Say which events were added, removed and changed from A to B, and what changed of each.

    A and B are stored catalogues (italy is what is stored now, italy@2026-11-01 what was known then, italy@1f0c9a the
    snapshot with that digest) or files.
    """
    archive = Archive(folder(only_looks=True) / "archive")
    old, new = _events(archive, before), _events(archive, after)
    table = catalogue_diff(old, new)
    show(table, json, empty="Nothing changed.")
    if not json:
        numbers = table["change"].value_counts()
        said = ", ".join(f"{numbers.get(change, 0)} {change}" for change in ("added", "removed", "changed"))
        same = len(new) - int(numbers.get("added", 0)) - int(numbers.get("changed", 0))
        say(f"{said}; {counted(same, 'event')} the same.")


@catalogue.command()
def merge(
    members: Annotated[list[str], typer.Argument(help="Stored catalogues, the most trusted first.", metavar="A B...")],
    name: Annotated[str, typer.Option(help="Name to store the merged catalogue under.")],
    prefer_mw: Annotated[
        bool,
        typer.Option(
            "--prefer-mw/--magnitude-of-place",
            help="Take the magnitude of the best type (Mw, ML, Ms and mb, Md) that any of them has, or that of the "
            "catalogue that gives the place.",
        ),
    ] = True,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Make one catalogue of several and store it; the members stay as they are.

    Two entries are one event if they are within 16 s, 50 km (100 km if small or of unknown depth) and 1 magnitude of
    each other, or have one identifier and are within a minute. Its time, place and identifier are those of the most
    trusted catalogue that has it.
    """
    archive = Archive(folder(only_looks=True) / "archive")
    sentences = derived_catalogues.store_merged(archive, name, members, prefer_mw)
    if not json:
        say(*sentences)
    listed = archive.catalogues()
    listed = listed[listed["name"] == name]
    show(listed if json else listed[SHOWN], json)


@catalogue.command()
def convert(
    member: Annotated[str, typer.Argument(help="A stored catalogue.", metavar="A")],
    name: Annotated[str, typer.Option(help="Name to store the converted catalogue under.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Store a catalogue again with magnitudes converted to Mw; A itself stays as it is.

    Ms and mb by Scordilis (2006), ML by Gruenthal et al. (2009, made for Europe), each only in the range it was made
    for; the magnitude type names the relation. What no relation converts keeps its magnitude.
    """
    archive = Archive(folder(only_looks=True) / "archive")
    sentences = derived_catalogues.store_converted(archive, name, member)
    if not json:
        say(*sentences)
    listed = archive.catalogues()
    listed = listed[listed["name"] == name]
    show(listed if json else listed[SHOWN], json)


def _events(archive: Archive, reference: str) -> pd.DataFrame:
    """The events of a stored catalogue or of a file."""
    stored = archive.catalogues()["name"].tolist()
    if reference.partition("@")[0] in stored:
        return archive.snapshot(reference).read()[0]
    if Path(reference).is_file():
        return recognise.read_events(Path(reference))
    raise InputError(
        f"There is neither a stored catalogue nor a file {reference!r}. Stored: {', '.join(stored) or 'nothing yet'}."
    )
