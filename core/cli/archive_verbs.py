"""`precursor archive`: gaps and revisions of the minute data, a check of every byte, and the archive made again."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from typing import Annotated

import pandas as pd
import typer

from core import clock, files
from core.cli.app import Data, Json, app, folder, moment, watched
from core.cli.terminal.console import counted, say, warn
from core.cli.terminal.tables import show
from core.errors import InputError
from core.loading.archive.archive import Archive

archive = typer.Typer(
    name="archive",
    help="What is missing and what was replaced in the minute data; check every byte; make the archive again.",
    no_args_is_help=True,
)
app.add_typer(archive)

Station = Annotated[str, typer.Argument(help="IAGA code, such as DUR.", metavar="STATION")]


@archive.callback()
def _shared(data: Data = None) -> None:
    """What is missing and what was replaced in the minute data; check every byte; make the archive again."""


@archive.command()
def gaps(
    station: Station,
    min_minutes: Annotated[int, typer.Option(help="Leave out what is shorter.", min=1)] = 60,
    start: Annotated[str, typer.Option(help="Where to begin; default: the first minute with a value.")] = "",
    end: Annotated[str, typer.Option(help="Where to end; default: the last minute with a value.")] = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """List the stretches without X, Y or Z."""
    table = Archive(folder() / "archive").gaps(
        station.upper(), min_minutes, moment(start, "--start"), moment(end, "--end")
    )
    show(table, json, empty=f"No stretch of {counted(min_minutes, 'minute')} or more is missing.")
    if len(table) and not json:
        say(f"{counted(len(table), 'gap')}, {counted(int(table['n_minutes'].sum()), 'minute')} in all.")


@archive.command()
def revisions(station: Station, data: Data = None, json: Json = False) -> None:
    """List which minutes got other values later, from a better data type or a correction, and by how much."""
    table = Archive(folder() / "archive").revisions(station.upper())
    show(table, json, empty="No value was ever replaced.")


@archive.command()
def check(data: Data = None, json: Json = False) -> None:
    """
    Read every byte of the archive and of raw/, and name every file that is damaged or missing.

    Nothing is written. What a writer left unfinished is named; `precursor archive rebuild`, or the next verb that
    stores something, finishes it. If all files are sound, hours that stand twice, under two dates or two stations, are
    named, altered copies too; they are no damage, and the exit status stays 0.
    """
    from core.loading.record import copied_hours

    stored = Archive(folder() / "archive")
    table = stored.check()
    if len(table):
        show(table, json, empty="")
        raise typer.Exit(1)
    copies = copied_hours.find(stored)
    rows = [
        (
            str(stored.folder / "minute" / row["station"] / f"{row['start'].year:04d}.parquet"),
            copied_hours.sentence(row),
        )
        for _, row in copies.table.iterrows()
    ]
    whole = "Every file is as it was stored."
    show(pd.DataFrame(rows, columns=list(table.columns)), json, empty=whole)
    if rows:
        warn(f"{whole} The same values stand under two dates or two stations; find out which are true.")
    if copies.n_compared:
        warn(copies.sentence())


@archive.command()
def rebuild(
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the rebuilt archive in place of one that differs; the old is kept.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Make the archive again from the bytes in raw/ and compare it with the one there is.

    What came in with --no-raw, or before raw/ had a journal, is not in it. An archive that is there is never touched
    without --replace, and then moved aside.
    """
    from core.loading.archive.rebuild import compare, rebuild

    home = folder()
    old, new = home / "archive", home / "archive.rebuilt"
    files.refuse_way_out(new)
    journal = Archive(old).journal
    if not journal.steps():
        raise InputError(f"{journal.path} names nothing that was stored, so there is nothing to rebuild from.")
    with watched() as progress, Archive(old).alone() if old.exists() else nullcontext():
        if new.exists():  # left by a run that was stopped
            shutil.rmtree(new)
        problems = rebuild(journal, Archive(new), lambda done, total: progress.stage("Rebuilding", done, total))
        problems += journal.damaged_lines()
        new.mkdir(exist_ok=True)
        table = compare(old, new)
        differs = bool((table["outcome"] != "same").any())
        put = not old.exists() or (replace and differs)
        if put:
            if old.exists():
                aside = home / f"archive.before-{clock.now():%Y%m%dT%H%M%SZ}"
                old.rename(aside)
                warn(f"The archive of before is kept in {aside}.")
            new.rename(old)
        else:
            shutil.rmtree(new)
    show(table if json else table[table["outcome"] != "same"], json, empty="")
    numbers = table["outcome"].value_counts()
    warn(*problems, f"{counted(len(table), 'file')}: " + ", ".join(f"{n} {what}" for what, n in numbers.items()) + ".")
    if put:
        warn(f"{old} was made again.")
    elif differs:
        lost = int(numbers.get("missing", 0))
        loss = f", which lacks {counted(lost, 'file')} that cannot be made from raw/," if lost else ""
        warn(f"{old} is not what raw/ gives. It was left as it is; --replace puts the rebuilt one{loss} in its place.")
    else:
        warn(f"{old} is, byte for byte, what raw/ gives.")
    if problems or (differs and not put):
        raise typer.Exit(1)
