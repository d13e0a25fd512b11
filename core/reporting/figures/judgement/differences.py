"""Paired differences between runs, with their intervals, and the grey line of no difference."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

ROW_PIXELS = 40
LETTERS = 60


def differences(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    How much the AUC of each run exceeds that of one of them, on the windows they share.

    Parameters
    ----------
    table : DataFrame
        run, difference, difference_low, difference_high, words, as `judgement.comparison.table` returns it; runs
        without a difference are left out.
    synthetic : bool
        Stamp the figure.
    """
    known = table[table["difference"].notna()]
    fig = theme.figure(height=110 + ROW_PIXELS * len(known), margin={"l": 16}, synthetic=synthetic, mode=mode)
    if not len(known):
        return theme.note(fig, "they share no judged windows", mode)
    ends = known[["difference", "difference_low", "difference_high"]].to_numpy(dtype=float)
    places, ink = np.arange(len(known)), theme.colour("test", mode)
    reach = 1.1 * float(np.nanmax(np.abs(ends), initial=0.1))
    fig.add_traces(
        [
            go.Scatter(
                x=[0, 0, None] * len(known),  # below each name, not through it
                y=[end for place in range(len(known)) for end in (place - 0.12, place + 0.42, None)],
                mode="lines",
                line=theme.chance_line(mode),
                name="no difference",
                hoverinfo="skip",
            ),
            go.Scatter(
                x=known["difference"],
                y=places,
                mode="markers",
                marker={"color": ink, "size": 10},
                error_x=theme.error_bars(known, "difference", ink),
                name="difference of AUC, 95 % interval",
                hovertext=["<br>".join(textwrap.wrap(theme.words(text), LETTERS)) for text in known["words"]],
                hoverinfo="text",
            ),
        ]
    )
    for place, name in zip(places.tolist(), known["run"], strict=True):
        fig.add_annotation(
            text=theme.words(name), xref="paper", x=0, y=place - 0.36, xanchor="left", showarrow=False, font_size=11
        )
    fig.update_xaxes(range=[-reach, reach], title_text="AUC less that of the chosen run", nticks=7)
    return fig.update_yaxes(showticklabels=False, range=[len(known) - 0.4, -0.8], fixedrange=True)
