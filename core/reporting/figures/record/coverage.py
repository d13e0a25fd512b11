"""How complete the archive is: station by year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

MOST_YEARS = 16  # beside each other with numbers in the cells
DOT = "·"


def coverage(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Station by year, tinted by the share of minutes present, with the percentage in the cell.

    Parameters
    ----------
    table : DataFrame
        station, year, n_minutes, n_present (as `Archive.coverage` returns it); rows of the same station and year are
        added.
    synthetic : bool
        Stamp the figure.
    """
    if not len(table):
        return theme.note(theme.figure(height=200, synthetic=synthetic, mode=mode), "no minute data stored yet", mode)
    total = table.groupby(["station", "year"])[["n_minutes", "n_present"]].sum()
    years, broken = _years(table["year"])
    stations = sorted(table["station"].unique())
    shares = np.full((len(stations), len(years)), np.nan)
    words = np.full(shares.shape, "", dtype=object)
    hover = np.full(shares.shape, "no data", dtype=object)
    for row in theme.rows(total.reset_index()):
        station, year = row["station"], int(row["year"])
        at = stations.index(station), years.index(str(year))
        shares[at] = row["n_present"] / max(row["n_minutes"], 1)
        words[at] = theme.percent(shares[at]).removesuffix(" %")
        hover[at] = (
            f"{station} {year}: {row['n_present']:,} of {row['n_minutes']:,} minutes ({theme.percent(shares[at])})"
        )
    fig = theme.figure(
        height=92 + (30 if len(stations) <= 12 else 22) * len(stations),
        margin={"l": 48, "r": 8, "t": 8, "b": 48},
        synthetic=synthetic,
        mode=mode,
    )
    shade = theme.series(0, mode)
    # the tint stays see-through, so that the text can keep the page's own colour in light and dark
    fig.add_trace(
        go.Heatmap(
            x=years,
            y=stations,
            z=shares,
            text=words,
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.fade(shade, 0.14)], [1, theme.fade(shade, 0.45)]],
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    if len(years) <= MOST_YEARS:
        fig.add_trace(
            go.Scatter(
                x=np.tile(years, len(stations)),
                y=np.repeat(stations, len(years)),
                text=words.ravel(),
                mode="text",
                textfont_size=11 if len(years) <= 12 else 9,
                hoverinfo="skip",
                showlegend=False,
            )
        )
    fig.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=years,
        showgrid=False,
        title_text="% of the minutes of the year" + (" (… = years without data)" if broken else ""),
        nticks=min(len(years), 8),
        tickangle=0,
        range=[-0.5, len(years) - 0.5],
    )
    if len(years) <= MOST_YEARS:
        names = [year if year.strip(DOT) else "…" for year in years]
        fig.update_xaxes(tickvals=years, ticktext=names, tickangle=0 if len(years) <= 8 else -60)
    return fig.update_yaxes(
        showgrid=False,
        type="category",
        categoryorder="array",
        categoryarray=stations,
        range=[len(stations) - 0.5, -0.5],
        fixedrange=True,
    )


def _years(stored: pd.Series) -> tuple[list[str], bool]:
    # every year from first to last; if they are too many for numbers, holes of more than one year become a dot
    first, last = int(stored.min()), int(stored.max())
    if last - first < MOST_YEARS:
        return [str(year) for year in range(first, last + 1)], False
    years: list[str] = []
    for year in range(first, last + 1):
        if year in set(stored):
            years.append(str(year))
        elif years[-1].strip(DOT):
            years.append(DOT * (1 + sum(not y.strip(DOT) for y in years)))  # each hole a category of its own
    return years, any(not year.strip(DOT) for year in years)
