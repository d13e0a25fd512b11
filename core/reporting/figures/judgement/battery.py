"""The rows of the battery: how often each trick works, its interval, and the bar that it is held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.judgement.battery.results import RowState
from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

ROW_PIXELS = 36


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
    for state, name, symbol in ((RowState.HELD, "test", "circle"), (RowState.RED, "target_event", "x")):
        shown = table[table["outcome"] == state]
        if len(shown):
            fig.add_trace(_dots(shown, places[shown.index], state.value, theme.colour(name, mode), symbol))
    bars = go.Scatter(
        x=table["bar"],
        y=places,
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": theme.colour("chance", mode)}},
        name="the bar",
        hovertext=[f"bar {100 * bar:.1f} %" for bar in table["bar"]],
        hoverinfo="text",
    )
    fig.add_trace(bars)
    for place, name in zip(places.tolist(), table["trick"], strict=True):
        fig.add_annotation(
            text=theme.words(name), xref="paper", x=0, y=place - 0.36, xanchor="left", showarrow=False, font_size=11
        )
    most = min(1.0, 1.15 * float(table[["high", "bar"]].to_numpy().max()))
    least = min(0.0, float(table["low"].min())) if most < 0.5 else float(max(0.0, table["low"].min() - 0.05))
    fig.update_xaxes(
        range=[least, most + 0.01], title_text="Share of the worlds, exact 95 % interval", tickformat=".0%"
    )
    return fig.update_yaxes(showticklabels=False, range=[len(table) - 0.4, -0.8], fixedrange=True)


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
