"""Is a record sound, month by month: spikes and steps, deltaF, and the declination against IGRF."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

TOLERANCE_DEG = 1.0  # beyond it the frame is in question

_PIXELS, _SPACE = 104, 26


def quality(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Panels on one axis of months; what cannot be computed has no panel.

    Parameters
    ----------
    table : DataFrame
        month, n_spikes, n_steps, delta_f_median_nt, delta_f_mad_nt, declination_deg, igrf_deg (as
        `quality.summary` returns it).
    synthetic : bool
        Stamp the figure.
    """
    if not len(table):
        return theme.note(theme.figure(height=200, synthetic=synthetic, mode=mode), "no minute data stored yet", mode)
    off = (table["declination_deg"] - table["igrf_deg"] + 180.0) % 360.0 - 180.0
    rows = ["Found, a month"]
    rows += ["deltaF, nT"] if table["delta_f_median_nt"].notna().any() else []
    rows += ["D − IGRF, °"] if off.notna().any() else []
    month = theme.times(table["month"] + pd.Timedelta(days=14))
    height = len(rows) * _PIXELS + (len(rows) - 1) * _SPACE
    fig = theme.figure(height=height + theme.MARGIN["t"] + theme.MARGIN["b"], synthetic=synthetic, mode=mode)
    axes = {name: f"y{position + 1 if position else ''}" for position, name in enumerate(rows)}
    _lay_out(fig, rows, height, table["month"])
    width = 20 * 86_400_000
    for name, column, shade, pattern in (
        ("spikes", "n_spikes", theme.series(0, mode), ""),
        ("steps", "n_steps", theme.series(1, mode), "/"),
    ):
        fig.add_trace(
            go.Bar(
                x=month,
                y=table[column].to_numpy(),
                width=width,
                name=name,
                marker={"color": shade, "line_width": 0, "pattern_shape": pattern},
                hovertemplate="%{y:,} " + name + " in %{x|%B %Y}<extra></extra>",
            )
        )
    if "deltaF, nT" in axes:
        fig.add_trace(
            go.Scatter(
                x=month,
                y=table["delta_f_median_nt"].to_numpy(),
                error_y={"array": table["delta_f_mad_nt"].to_numpy(), "width": 2, "thickness": 1.2},
                yaxis=axes["deltaF, nT"],
                mode="markers",
                marker={"color": theme.colour("station", mode), "size": 6},
                name="deltaF: median ± its scatter",
                hovertemplate="deltaF %{y:.2f} nT in %{x|%B %Y}<extra></extra>",
            )
        )
    if "D − IGRF, °" in axes:
        odd = (off.abs() > TOLERANCE_DEG).to_numpy()
        fig.add_trace(
            go.Scatter(
                x=month,
                y=off.to_numpy(),
                yaxis=axes["D − IGRF, °"],
                mode="markers",
                marker={
                    "color": np.where(odd, theme.colour("alarm", mode), theme.colour("y", mode)).tolist(),
                    "symbol": np.where(odd, "x", "circle").tolist(),
                    "size": 7,
                },
                name="declination less IGRF (×: more than 1°)",
                customdata=table["frame"].map(theme.words).to_numpy(),
                hovertemplate="%{y:+.2f}° in %{x|%B %Y}: %{customdata}<extra></extra>",
            )
        )
        axis = axes["D − IGRF, °"]
        low, high = min(float(off.min()) - 0.2, -1.4), max(float(off.max()) + 0.2, 1.4)
        fig.update_layout({axis.replace("y", "yaxis"): {"range": [low, high], "nticks": 5}})
        fig.add_shape(
            type="rect", xref="paper", x0=0, x1=1, yref=axis, y0=-TOLERANCE_DEG, y1=TOLERANCE_DEG,
            fillcolor=theme.FAINT, line_width=0, layer="below",
        )  # fmt: skip
    return fig.update_layout(barmode="stack")


def _lay_out(fig: go.Figure, rows: list[str], height: int, months: pd.Series) -> None:
    layout: dict[str, Any] = {}
    top = 1.0
    for position, name in enumerate(rows):
        bottom = max(top - _PIXELS / height, 0.0)
        layout[f"yaxis{position + 1 if position else ''}"] = {
            **theme.AXIS,
            "domain": [bottom, top],
            "anchor": "x",
            "title_text": name,
            "title_font_size": 11,
            "tickfont_size": 10,
            "automargin": False,
            "nticks": 4,
            "rangemode": "tozero" if position == 0 else "normal",
        }
        top = bottom - _SPACE / height
    ends = [months.min() - pd.Timedelta(days=3), months.max() + pd.Timedelta(days=34)]
    layout["xaxis"] = {
        **theme.AXIS,
        "type": "date",
        "range": theme.times(ends),
        "anchor": f"y{len(rows) if len(rows) > 1 else ''}",
    }
    if ends[1] - ends[0] < pd.Timedelta(days=200):
        layout["xaxis"] |= {"dtick": "M1", "tickformat": "%b\n%Y"}
    fig.update_layout(layout)
