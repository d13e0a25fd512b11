"""How both classes are spread over years, seasons, hours, activity, gaps and stations: alike, or told apart by that."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode


def composition(counts: pd.DataFrame, by: str, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    The share of each class in every part of one kind, side by side.

    Parameters
    ----------
    counts : DataFrame
        by, part, n_positive, n_negative, share_positive, share_negative (as `class_balance.counts` returns it).
    by : str
        The kind that is drawn.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=260, synthetic=synthetic, mode=mode)
    part = counts[counts["by"] == by]
    if not len(part):
        return theme.note(fig, "no windows are kept", mode)
    for meaning, pattern in (("positive", ""), ("negative", "/")):
        shade = theme.colour(meaning, mode)
        fig.add_trace(
            go.Bar(
                x=[theme.words(name) for name in part["part"]],
                y=100 * part[f"share_{meaning}"],
                customdata=part[f"n_{meaning}"],
                name=f"{meaning} windows",
                marker={
                    "color": shade,
                    "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.7)", "size": 6},
                },
                hovertemplate=f"%{{customdata:,}} {meaning} windows, %{{y:.0f}} % of them<extra></extra>",
            )
        )
    fig.update_layout(barmode="group", bargap=0.3)
    fig.update_xaxes(type="category", title_text=theme.words(by[:1].upper() + by[1:]))
    return fig.update_yaxes(title_text="% of the class", rangemode="tozero")
