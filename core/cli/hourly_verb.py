"""`precursor hourly`: a look at a file of hourly means, which are no minute data and are not stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core.cli.app import Data, Json, app
from core.cli.terminal.console import say
from core.cli.terminal.tables import show


@app.command()
def hourly(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of hourly means (WDC, IAGA-2002).")],
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Show a file of hourly means (WDC or IAGA-2002), month by month.

    Hourly means are no minute data: nothing is stored. D and I are in degrees, the other elements in nT.
    """
    from core.loading.formats.minutes import hourly as hourly_means

    means = hourly_means.read(file)
    months = means.groupby(pd.DatetimeIndex(means.index).strftime("%Y-%m"))
    table = months.mean().round(3)
    table.insert(0, "n_hours", months.size())
    table.insert(1, "n_missing", months.apply(lambda part: int(part.isna().any(axis=1).sum())))
    show(table.rename_axis("month").reset_index(), json)
    if not json:
        say(f"{means.attrs['station']}: {len(means)} hours; means of what is there. Nothing was stored.")
