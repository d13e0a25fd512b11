"""What is stored of a station: year by month, and the days of one year; colour and letter say the data type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_EMPTY_YEARS = 3  # of a longer hole the years get no row

# Letters say the same as the colours, which are those of the magnetic field: cool.
LETTERS = {"definitive": "D", "quasi-definitive": "Q", "provisional": "P", "variation": "V", "synthetic": "S"}
_SERIES = {"definitive": 0, "quasi-definitive": 2, "provisional": 3, "variation": 6}
_FAINTEST, _FULL = 0.16, 0.5  # the tint of one minute and of all: also 0.3 % of a year is seen

_MONTH_PIXELS, _DAY_PIXELS = 34, 20


def colour(data_type: str, mode: Mode = "light") -> str:
    """The hex colour of a data type."""
    return theme.series(_SERIES[data_type], mode) if data_type in _SERIES else theme.colour("synthetic", mode)


def months(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    A row per year, a column per month, with the percentage of minutes present and the letter of the data type.

    Parameters
    ----------
    table : DataFrame
        month, n_minutes, n_present, data_type, data_types (as `coverage.months` returns it).
    synthetic : bool
        Stamp the figure.
    """
    if not len(table):
        return theme.note(theme.figure(height=200, synthetic=synthetic, mode=mode), "no minute data stored yet", mode)
    years = _years(table["month"].dt.year)
    shape = (len(years), 12)
    cells = _Cells(shape)
    for row in theme.rows(table):
        at = years.index(int(row["month"].year)), int(row["month"].month) - 1
        share = row["n_present"] / row["n_minutes"]
        percent = theme.percent(share).removesuffix(" %")
        cells.fill(
            at,
            share,
            row["data_type"],
            f"{percent}<br>{LETTERS[row['data_type']]}",
            f"{row['month']:%B %Y}: {row['n_present']:,} of {row['n_minutes']:,} minutes, {row['data_types']}",
        )
    fig = _figure(shape[0] * _MONTH_PIXELS, synthetic, mode)
    fig.add_traces(cells.traces(list(MONTHS), [str(year) for year in years], 10, mode))
    return _axes(fig, list(MONTHS), [str(year) for year in years])


def days(table: pd.DataFrame, year: int, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    The days of a year: a row per month, a column per day; a day with one minute is seen as well as a full one.

    Parameters
    ----------
    table : DataFrame
        day, n_minutes, n_present, data_type (as `coverage.days` returns it).
    year : int
    synthetic : bool
        Stamp the figure.
    """
    shown = table[table["day"].dt.year == year]
    cells = _Cells((12, 31))
    for day in pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D"):
        cells.hover[day.month - 1, day.day - 1] = f"{day:%Y-%m-%d}: no data"
    several = shown["data_type"].nunique() > 1
    for row in theme.rows(shown):
        share = row["n_present"] / row["n_minutes"]
        cells.fill(
            (row["day"].month - 1, row["day"].day - 1),
            share,
            row["data_type"],
            LETTERS[row["data_type"]] if several else "",
            f"{row['day']:%Y-%m-%d}: {row['n_present']:,} of {row['n_minutes']:,} minutes, {row['data_type']}",
        )
    numbers = [str(day) for day in range(1, 32)]
    fig = _figure(12 * _DAY_PIXELS, synthetic, mode)
    fig.add_traces(cells.traces(numbers, list(MONTHS), 9, mode))
    _axes(fig, numbers, list(MONTHS))
    return fig.update_xaxes(tickvals=["1", "5", "10", "15", "20", "25", "30"])


class _Cells:
    """The cells of a calendar: share present (NaN without data), data type, words, and what hovering says."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.share = np.full(shape, np.nan)
        self.data_type = np.full(shape, "", dtype=object)
        self.words = np.full(shape, "", dtype=object)
        self.hover = np.full(shape, "", dtype=object)

    def fill(self, at: tuple[int, int], share: float, data_type: str, words: str, hover: str) -> None:
        self.share[at], self.data_type[at], self.words[at], self.hover[at] = share, data_type, words, hover

    def traces(self, x: list[str], y: list[str], size: int, mode: Mode) -> list[Any]:
        """One heatmap per data type, one for the cells without data, and the entries of the legend."""
        empty = np.where((self.data_type == "") & (self.hover != ""), 1.0, np.nan)
        drawn: list[Any] = [_heat(x, y, empty, self.hover, [[0, theme.FAINT], [1, theme.FAINT]])]
        for data_type in [name for name in LETTERS if (self.data_type == name).any()]:
            shade = colour(data_type, mode)
            scale = [[0, theme.fade(shade, _FAINTEST)], [1, theme.fade(shade, _FULL)]]
            share = np.where(self.data_type == data_type, self.share, np.nan)
            drawn.append(_heat(x, y, share, self.hover, scale))
            marker = {"symbol": "square", "size": 11, "color": theme.fade(shade, _FULL)}
            name = f"{LETTERS[data_type]} {data_type}"
            drawn.append(go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=name, showlegend=True))
        if (self.words != "").any():  # text of a trace of its own has the page's colour, in light and dark
            words = {"text": self.words.ravel(), "mode": "text", "textfont_size": size, "hoverinfo": "skip"}
            drawn.append(go.Scatter(x=np.tile(x, len(y)), y=np.repeat(y, len(x)), showlegend=False, **words))
        return drawn


def _heat(x: list[str], y: list[str], z: np.ndarray, hover: Any, scale: list[Any]) -> go.Heatmap:
    return go.Heatmap(
        x=x,
        y=y,
        z=z,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        zmin=0,
        zmax=1,
        colorscale=scale,
        showscale=False,
        xgap=2,
        ygap=2,
    )


def _figure(inner: int, synthetic: bool, mode: Mode) -> go.Figure:
    margin = {"l": 44, "r": 8, "t": 30, "b": 26}
    return theme.figure(height=inner + margin["t"] + margin["b"], margin=margin, synthetic=synthetic, mode=mode)


def _axes(fig: go.Figure, x: list[str], y: list[str]) -> go.Figure:
    common = {"showgrid": False, "type": "category", "categoryorder": "array", "fixedrange": True}
    fig.update_xaxes(**common, categoryarray=x, range=[-0.5, len(x) - 0.5], tickangle=0)
    return fig.update_yaxes(**common, categoryarray=y, range=[len(y) - 0.5, -0.5], tickvals=y)


def _years(found: pd.Series) -> list[int]:
    # every year from first to last, but of a long hole only a row would be left that says nothing
    known = sorted({int(year) for year in found})
    years = known[:1]
    for year in known[1:]:
        if year - years[-1] - 1 <= MOST_EMPTY_YEARS:
            years.extend(range(years[-1] + 1, year))
        years.append(year)
    return years
