"""How convincing noise looks: the real catalogue among shifted ones, and one model under three splits."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

ACROSS = 4
PICTURE_PIXELS = 150


def gallery(
    items: pd.DataFrame, curves: pd.DataFrame, *, reveal: bool = False, synthetic: bool = False, mode: Mode = "light"
) -> go.Figure:
    """
    Small Molchan diagrams side by side; one is of the real catalogue, the others of shifted ones.

    Parameters
    ----------
    items : DataFrame
        item, real, ass; the order in which they hang.
    curves : DataFrame
        item, tau, nu.
    reveal : bool
        Mark the real one, and write the area skill score into each.
    synthetic : bool
        Stamp the figure.
    """
    down = math.ceil(len(items) / ACROSS)
    fig = theme.figure(
        height=60 + PICTURE_PIXELS * max(down, 1), margin={"l": 16, "b": 16}, synthetic=synthetic, mode=mode
    )
    if not len(items):
        return theme.note(fig, "the gallery is empty", mode)
    layout = {}
    for place, row in enumerate(theme.rows(items)):
        suffix = "" if place == 0 else str(place + 1)
        left, top = place % ACROSS / ACROSS, 1 - place // ACROSS / down
        common = {**theme.AXIS, "range": [-0.03, 1.03], "showticklabels": False, "fixedrange": True}
        layout[f"xaxis{suffix}"] = {**common, "domain": [left, left + 0.9 / ACROSS], "anchor": f"y{suffix}"}
        layout[f"yaxis{suffix}"] = {**common, "domain": [top - 0.82 / down, top - 0.02], "anchor": f"x{suffix}"}
        curve = curves[curves["item"] == row["item"]]
        shown = reveal and bool(row["real"])
        axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "showlegend": False, "hoverinfo": "skip"}
        ink = theme.colour("target_event" if shown else "test", mode)
        fig.add_traces(
            [
                go.Scatter(x=[0, 1], y=[1, 0], mode="lines", line=theme.chance_line(mode), **axes),
                go.Scatter(x=curve["tau"], y=curve["nu"], mode="lines", line={"color": ink, "width": 2}, **axes),
            ]
        )
        name = f"{place + 1}" + (f": {row['ass']:.2f}" if reveal else "") + (" the real one" if shown else "")
        fig.add_annotation(
            text=f"<b>{name}</b>" if shown else name,
            xref="paper",
            yref="paper",
            x=left + 0.88 / ACROSS,
            y=top - 0.04,
            xanchor="right",
            yanchor="top",
            showarrow=False,
            font_size=11,
        )
    return fig.update_layout(layout)


def leak(summary: pd.DataFrame, worlds: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """
    AUC of the same model on the same worlds without a precursor, under each split: every world and the mean.

    Parameters
    ----------
    summary : DataFrame
        method, auc, auc_low, auc_high, audit_ok.
    worlds : DataFrame
        method, world, auc.
    """
    fig = theme.figure(height=320, synthetic=True, mode=mode)
    ends = [-0.5, len(summary) - 0.5]
    fig.add_trace(
        go.Scatter(x=ends, y=[0.5, 0.5], mode="lines", line=theme.chance_line(mode), name="chance", hoverinfo="skip")
    )
    for place, row in enumerate(theme.rows(summary)):
        mine = worlds[worlds["method"] == row["method"]]
        ink = theme.colour("test" if row["audit_ok"] else "alarm", mode)
        spread = (mine["world"].rank(pct=True) - 0.5) * 0.5  # so that dots do not lie on each other
        fig.add_trace(
            go.Scatter(
                x=place + spread,
                y=mine["auc"],
                mode="markers",
                marker={"color": theme.fade(ink, 0.45), "size": 5},
                hovertemplate="a world: AUC %{y:.2f}<extra></extra>",
                showlegend=False,
            )
        )
        spread_words = f"{row['auc']:.2f} ({row['auc_low']:.2f} to {row['auc_high']:.2f})"
        words = f"{row['method']}: {spread_words}" + ("" if row["audit_ok"] else ", the audit says leak")
        fig.add_trace(
            go.Scatter(
                x=[place - 0.32, place + 0.32],
                y=[row["auc"], row["auc"]],
                mode="lines",
                line={"color": ink, "width": 3},
                name=words,
                hoverinfo="skip",
            )
        )
    fig.update_xaxes(
        tickvals=list(range(len(summary))), ticktext=[theme.words(m) for m in summary["method"]], range=ends
    )
    return fig.update_yaxes(title_text="AUC", range=theme.SHARES)
