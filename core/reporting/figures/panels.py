"""Panels above each other, the grey line of chance, and repeats with their median and range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode


def axis(kind: str, panel: int) -> str:
    """The layout's name of a panel's axis: xaxis, xaxis2, ..."""
    return kind if panel == 0 else f"{kind}{panel + 1}"


def stack(fig: go.Figure, titles: Sequence[str]) -> None:
    """Give a figure panels above each other with matching x axes; only the lowest shows tick labels."""
    n = len(titles)
    space = 0.09
    size = (1 - space * (n - 1)) / n
    layout: dict[str, Any] = {}
    for panel, title in enumerate(titles):
        top = 1 - panel * (size + space)
        suffix = "" if panel == 0 else str(panel + 1)
        layout[axis("xaxis", panel)] = {
            **theme.AXIS,
            "anchor": f"y{suffix}",
            "matches": None if panel == 0 else "x",
            "showticklabels": panel == n - 1,
        }
        layout[axis("yaxis", panel)] = {
            **theme.AXIS,
            "anchor": f"x{suffix}",
            "domain": [max(top - size, 0.0), top],
            "title_text": title,
        }
    fig.update_layout(layout)


def on(panel: int) -> dict[str, str]:
    """The two options that put a trace into a panel."""
    return {"xaxis": axis("x", panel), "yaxis": axis("y", panel)}


def chance_line(x: Sequence[float], value: float, text: str, panel: int, mode: Mode) -> go.Scatter:
    """A grey level; its name stands in the legend, because results of this kind lie close to it."""
    return go.Scatter(
        x=list(x),
        y=[value, value],
        mode="lines",
        line=theme.chance_line(mode),
        name=text,
        legendrank=2000,
        hoverinfo="skip",
        **on(panel),
    )


def dash(split: str) -> str:
    """Validation is solid, training dotted, so that the two are told apart without colours."""
    return "solid" if split == "validation" else "dot"


def repeats(points: pd.DataFrame, column: str, split: str, panel: int, mode: Mode) -> list[go.Scatter]:
    """Every repeat as a dot, the median as a line, and the range from lowest to highest as a band, per size."""
    table = points.dropna(subset=[column])
    grouped = table.groupby("n_windows")[column]
    shade = theme.colour(split, mode)
    low, median, high = grouped.min(), grouped.median(), grouped.max()
    count = grouped.size()
    sizes = median.index.to_numpy()
    band = go.Scatter(
        x=np.concatenate([sizes, sizes[::-1]]),
        y=np.concatenate([high.to_numpy(), low.to_numpy()[::-1]]),
        fill="toself",
        fillcolor=theme.fade(shade, 0.14),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=split,
        **on(panel),
    )
    middle = go.Scatter(
        x=sizes,
        y=median,
        mode="lines",
        line={"color": shade, "width": 2, "dash": dash(split)},
        name=f"{split}: median and range",
        legendgroup=split,
        showlegend=panel == 0,
        hovertext=[
            f"{split}: median {median[n]:.3f}, from {low[n]:.3f} to {high[n]:.3f} ({count[n]} repeats of {n:,} windows)"
            for n in sizes
        ],
        hoverinfo="text",
        **on(panel),
    )
    dots = go.Scatter(
        x=table["n_windows"],
        y=table[column],
        mode="markers",
        marker={
            "color": theme.fade(shade, 0.55),
            "size": 5,
            "symbol": "circle" if split == "validation" else "circle-open",
        },
        hoverinfo="skip",
        showlegend=False,
        legendgroup=split,
        **on(panel),
    )
    return [band, dots, middle]
