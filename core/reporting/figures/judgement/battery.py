"""The rows of the battery: how often each trick works, its interval, and the bar that it is held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.judgement.battery.results import RowState
from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

ROW_PIXELS = 36
ROOM = 0.03  # of the axis, for half a dot
LIMIT = (RowState.LIMIT, "test", "diamond")


def rates(table: pd.DataFrame, *, synthetic: bool = True, mode: Mode = "light") -> go.Figure:
    """
    One row a trick, the first at the top; a row that misses its bar has another colour and another symbol.

    Parameters
    ----------
    table : DataFrame
        trick, n, rate, low, high, bar, outcome, as `trust_words.numbers` gives them.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=110 + ROW_PIXELS * len(table), margin={"l": 16}, synthetic=synthetic, mode=mode)
    if not len(table):
        return theme.note(fig, "no row has been run yet", mode)
    places = pd.Series(np.arange(len(table)), index=table.index)
    for state, name, symbol in ((RowState.HELD, "test", "circle"), (RowState.RED, "target_event", "x"), LIMIT):
        shown = table[table["outcome"] == state]
        if len(shown):
            fig.add_trace(_dots(shown, places[shown.index], state.value, theme.colour(name, mode), symbol))
    held = table[table["bar"].notna()]
    bars = go.Scatter(
        x=held["bar"],
        y=places[held.index],
        mode="markers",
        marker={"symbol": "line-ns", "size": 9, "line": {"width": 2, "color": theme.colour("chance", mode)}},
        name="the bar",
        hovertext=[f"bar {100 * bar:.1f} %" for bar in held["bar"]],
        hoverinfo="text",
    )
    fig.add_trace(bars)
    for place, name in zip(places.tolist(), table["trick"], strict=True):
        fig.add_annotation(
            text=theme.words(name), xref="paper", x=0, y=place - 0.36, xanchor="left", showarrow=False, font_size=11
        )
    fig.update_xaxes(range=_ends(table), title_text="Share of the worlds, exact 95 % interval", tickformat=".0%")
    return fig.update_yaxes(showticklabels=False, range=[len(table) - 0.4, -0.8], fixedrange=True)


def _ends(table: pd.DataFrame) -> list[float]:
    """Of the axis: every interval and every bar, with room for half a dot beside them; small shares begin at 0."""
    drawn = table[["rate", "low", "high", "bar"]].to_numpy(dtype=float)
    most = min(1.0, 1.15 * float(np.nanmax(drawn)))
    least = 0.0 if most < 0.5 else max(0.0, float(np.nanmin(drawn)) - 0.05)
    room = ROOM * (most - least)
    return [least - room, most + room]


def _dots(shown: pd.DataFrame, places: pd.Series, name: str, ink: str, symbol: str) -> go.Scatter:
    ends = shown.rename(columns={"low": "rate_low", "high": "rate_high"})
    return go.Scatter(
        x=shown["rate"],
        y=places,
        mode="markers",
        marker={"color": ink, "size": 9, "symbol": symbol},
        error_x=theme.error_bars(ends, "rate", ink),
        name=name,
        hovertext=[
            f"{theme.words(row['trick'])}: {100 * row['rate']:.1f} % of {row['n']:,} worlds"
            for row in shown.to_dict("records")
        ],
        hoverinfo="text",
    )
