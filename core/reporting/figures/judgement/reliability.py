"""Is a probability of 0.7 followed by an event in seven cases of ten? And precision against the share found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

KINDS = ((False, "as the network says it", "circle-open", "dot"), (True, "calibrated", "circle", "solid"))


def reliability(
    table: pd.DataFrame, *, base_rate: float | None = None, synthetic: bool = False, mode: Mode = "light"
) -> go.Figure:
    """
    Observed share of positives against the probability given, in bins, with intervals; on the diagonal both agree.

    Parameters
    ----------
    table : DataFrame
        calibrated (bool), n, mean_probability, observed, observed_low, observed_high; one row per bin.
    base_rate : float, optional
        The share of positives among all windows: what always saying it would give, in grey.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=380, synthetic=synthetic, mode=mode)
    filled = table[table["n"] > 0]
    if not len(filled):
        return theme.note(fig, "no windows", mode)
    if base_rate is not None:
        line = theme.chance_line(mode)
        words = f"share of positives {base_rate:.2f}"
        fig.add_trace(go.Scatter(x=[0, 1], y=[base_rate] * 2, mode="lines", line=line, name=words, hoverinfo="skip"))
    grid = {"color": theme.colour("chance", mode), "width": 1}
    fig.add_trace(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=grid, name="both agree", hoverinfo="skip"))
    for calibrated, words, symbol, dash in KINDS:
        part = filled[filled["calibrated"] == calibrated]
        if not len(part):
            continue
        ink = theme.colour("test" if calibrated else "validation", mode)
        fig.add_trace(
            go.Scatter(
                x=part["mean_probability"],
                y=part["observed"],
                customdata=part["n"],
                mode="lines+markers",
                line={"color": ink, "width": 1.5, "dash": dash},
                marker={"color": ink, "symbol": symbol, "size": 9},
                error_y=theme.error_bars(part, "observed", ink),
                name=words,
                hovertemplate="said %{x:.2f}, observed %{y:.2f}<br>%{customdata} windows<extra></extra>",
            )
        )
    fig.update_xaxes(title_text="Probability given", range=theme.SHARES)
    return fig.update_yaxes(title_text="Share that was positive", range=theme.SHARES)


def precision_recall(
    table: pd.DataFrame,
    *,
    base_rate: float,
    average_precision: float | None = None,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    Share of alarms that were right against share of positives found; the share of positives is chance.

    Parameters
    ----------
    table : DataFrame
        recall, precision, threshold.
    base_rate : float
        The share of positives.
    average_precision : float, optional
        Written beside the curve.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=380, synthetic=synthetic, mode=mode)
    if not len(table):
        return theme.note(fig, "needs windows of both classes", mode)
    chance = {"x": [0, 1], "y": [base_rate, base_rate], "mode": "lines", "line": theme.chance_line(mode)}
    fig.add_trace(go.Scatter(**chance, name=f"chance {base_rate:.2f}", hoverinfo="skip"))
    fig.add_trace(
        go.Scatter(
            x=table["recall"],
            y=table["precision"],
            customdata=table["threshold"],
            mode="lines",
            line={"color": theme.colour("test", mode), "width": 2},
            name="this run",
            hovertemplate="threshold %{customdata:.2f}<br>precision %{y:.0%}<br>found %{x:.0%}<extra></extra>",
        )
    )
    if average_precision is not None and np.isfinite(average_precision):
        shade = theme.colour("chance", mode)
        fig.add_annotation(
            text=f"<b>Average precision {average_precision:.2f}</b><br>"
            f"<span style='color:{shade}'>chance {base_rate:.2f}</span>",
            x=0.97,
            y=0.97,
            xanchor="right",
            yanchor="top",
            showarrow=False,
            align="right",
        )
    fig.update_xaxes(title_text="Share of positives found (recall)", range=theme.SHARES)
    return fig.update_yaxes(title_text="Share of alarms that were right", range=theme.SHARES)
