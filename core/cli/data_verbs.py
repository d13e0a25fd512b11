"""Verbs that fill and show the archive: stations, ingest, activity, coverage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core import shipped
from core import stations as station_table
from core.cli.app import Data, Json, app, folder, watched
from core.cli.terminal.console import counted, say, warn
from core.cli.terminal.tables import show
from core.lab.lab import Lab
from core.loading.archive import soundness
from core.loading.archive.archive import Archive


@app.command()
def stations(
    credits: Annotated[
        bool, typer.Option("--credits", help="The acknowledgement and the licence of each station with data here.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the known stations, which have minute data here, whose the data are, and which entries are your own."""
    present = set(Archive(folder(may_be_absent=True) / "archive").stations())
    own = station_table.own()
    rows = [
        {
            "code": station.code,
            "name": station.name,
            "latitude_deg": station.latitude_deg,
            "longitude_deg": station.longitude_deg,
            "institute": station.institute,
            "stored": station.code in present,
            "whose": "yours" if station.code in own else "the project's",
            "licence": station.licence,
            "credit": station.credit,
        }
        for station in station_table.table().values()
    ]
    table = pd.DataFrame(rows)
    if json:
        show(table, True)
    elif credits:
        for station in station_table.table().values():
            if station.code in present:
                whose = station.credit or station.institute or "not stated"
                say(f"{station.code}: {whose} Licence: {station.licence or 'not stated'}.")
        for code in sorted(present - set(table["code"])):
            say(f"{code}: not in data/stations.toml; its credit is not known.")
    else:
        show(table.drop(columns=["licence", "credit"]), False)
        for path in dict.fromkeys(own.values()):
            say(_of_yours(path, [code for code in own if own[code] == path]))


def _of_yours(path: Path, codes: list[str]) -> str:
    """Which stations a file of the user's gives, and what follows; `path` may be the checkout's tracked copy."""
    if path.parent != shipped.folder():
        return f"{', '.join(codes)}: yours, from {path}, which lies over what comes with the project."
    return (
        f"{', '.join(codes)}: yours, because {path} is changed: an update of the project may clash with it. A "
        "stations.toml in a data folder elsewhere (--data or PRECURSOR_DATA) lies over it, and no update meets it."
    )


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Minute files, zip archives or folders of them.", metavar="FILES...")
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="How to read CSV files: a TOML file, or the name of one in data/mappings.")
    ] = None,
    station: Annotated[str, typer.Option(help="Refuse files of any other station.")] = "",
    average: Annotated[
        str,
        typer.Option(
            help="Average files of seconds to minutes: gaussian (the filter of INTERMAGNET) or box (60 s). "
            "Without it they are refused."
        ),
    ] = "",
    rotate: Annotated[
        bool,
        typer.Option(
            "--rotate-to-geographic",
            help="Turn data in the frame of the magnetic meridian by the IGRF declination; without it they are stored "
            "as they are, and the report says so.",
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep-raw/--no-raw",
            help="Keep a copy of each file in raw/, from which `precursor archive rebuild` makes the archive again; "
            "--no-raw saves the disk space.",
        ),
    ] = True,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Read minute files into the archive; the format is found from the content.

    Read are IAGA-2002, IMFV1.22, WDC, INTERMAGNET's binary archive (IAF), ImagCDF and MagPy's CDF (both with the extra
    `cdf`), and CSV with --mapping; each also within gz and zip.

    A file that cannot be used is listed with the reason and does not stop the
    others. Ingesting a file twice changes nothing.
    """
    with watched() as progress:
        report = Lab(folder(), progress).ingest(paths, mapping or "", station, average, rotate, keep)
    refused = report[report["outcome"] == "refused"]
    if json:
        show(report, True)
    elif len(report) <= 30:
        show(report.assign(file=report["file"].map(lambda name: Path(name).name)), False, empty="No files were found.")
    else:
        by_station = report.groupby(["station", "outcome"], sort=False).agg(
            files=("file", "size"), n_rows=("n_rows", "sum"), first=("first", "min"), last=("last", "max")
        )
        show(by_station.reset_index(), False)
        if len(refused):
            show(refused[["file", "message"]], False, title="Refused")
    if not json:
        counts = report["outcome"].value_counts()
        say(", ".join(f"{counted(n, 'file')} {outcome}" for outcome, n in counts.items()) + "." if len(report) else "")
    if len(refused):
        raise typer.Exit(2 if len(refused) == len(report) else 1)


@app.command()
def activity(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A Kp or Dst file; without it, say what is stored.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Store the activity index Kp (CelesTrak SW-All, GFZ) or Dst (Kyoto), or say what is stored."""
    archive = Archive(folder(only_looks=file is None) / "archive")
    if file is not None:
        sentences = Lab(folder()).add_index(file)
        if not json:
            say(*sentences)
    rows = []
    for label, table, value in (("Kp", archive.activity(), "kp"), ("Dst", archive.dst(), "dst_nt")):
        if len(table):
            rows.append(
                {
                    "index": label,
                    "n_values": int(table[value].notna().sum()),
                    "first": table["time"].iloc[0],
                    "last": table["time"].iloc[-1],
                    "largest": max(table[value].dropna(), key=abs, default=float("nan")),  # of Dst the deepest
                }
            )
    warn(*soundness.lost_origins(archive.folder)["activity"])
    show(pd.DataFrame(rows), json, empty="No activity index is stored. `precursor activity FILE` stores one.")


@app.command()
def coverage(
    figure: Annotated[
        Path | None, typer.Option(help="Also write an HTML file with a calendar of months and data types per station.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """How complete the minute data are: station x year, in percent of all minutes."""
    archive = Archive(folder() / "archive")
    table = archive.coverage()
    if figure is not None and len(table):
        from core import files
        from core.reporting import calendar_file

        files.replace_text(figure, calendar_file.html(archive))
        warn(f"Wrote {figure}; open it in a browser.")
    if json or table.empty:
        show(table, json, empty="The archive holds no minute data. `precursor fetch` or `precursor ingest` adds some.")
        return
    percent = (100 * table["present_fraction"]).map(lambda value: f"{value:.1f} %")
    wide = table.assign(percent=percent).pivot(index="station", columns="year", values="percent").fillna("-")
    show(wide.reset_index(), False)
    types = table.groupby("station")["data_type"].agg(
        lambda kinds: ", ".join(dict.fromkeys(", ".join(kinds).split(", ")))
    )
    show(types.reset_index(), False, title="\nData types")
