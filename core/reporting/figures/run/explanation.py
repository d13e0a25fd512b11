"""What a network looks at: a window with its attribution, beside the same of networks that cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

MOST_CELLS = 360  # along time; longer windows are shown as means (shading) and as lowest and highest value (lines)
LANE_PIXELS = 38
ROW_PIXELS = 40
LANES = ("X", "Y", "Z")
BY = {"hour": "Hour of the day (UT)", "place": "Place in the window, from its start to its end"}


def window(
    values: np.ndarray,
    maps: Mapping[str, np.ndarray],
    row: Mapping[str, Any],
    bursts: pd.DataFrame | None = None,
    *,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    The three components of a window as the network sees them, one block per map, shaded with the attributions.

    Warm shading speaks for label 1, cool shading against it; each map has its own scale. What a control also shades
    was not learned by the run.

    Parameters
    ----------
    values : ndarray, shape (3, n_minutes)
    maps : mapping of a name to ndarray, shape (3, n_minutes)
        The run's first.
    row : mapping
        start, end, and event_time (NaT without event).
    bursts : DataFrame, optional
        start, end of what was planted.
    synthetic : bool
        Stamp the figure.
    """
    n_blocks = len(maps)
    start, end = pd.Timestamp(row["start"]), pd.Timestamp(row["end"])
    length = end - start
    planted = bursts if bursts is not None and len(bursts) else None
    lanes = len(LANES) + (planted is not None)
    height = 40 + n_blocks * (lanes * LANE_PIXELS + 26) + 48
    fig = theme.figure(height=height, margin={"l": 64, "t": 8}, synthetic=synthetic, mode=mode)
    event = pd.Timestamp(row["event_time"])
    near = bool(event <= end + 0.1 * length)  # NaT compares as False
    last = max(end, event) + 0.01 * length if near else end
    title = 26 / (height - 56)
    for block, (name, shade) in enumerate(maps.items()):
        top = 1 - block / n_blocks
        suffix = "" if block == 0 else str(block + 1)
        fig.update_layout(
            {
                f"yaxis{suffix}": {
                    **theme.AXIS,
                    "domain": [top - 1 / n_blocks + 0.01, top - title],
                    "range": [lanes - 0.5, -0.5],
                    "tickvals": list(range(lanes)),
                    "ticktext": [*LANES, "planted"][:lanes],
                    "showgrid": False,
                    "fixedrange": True,
                }
            }
        )
        axes = {"xaxis": "x", "yaxis": f"y{suffix}", "showlegend": False}
        fig.add_trace(_shading(shade, start, length, mode, axes))
        fig.add_traces(_lines(values, start, length, mode, axes))
        if planted is not None:
            fig.add_trace(_bars(planted, start, end, mode, axes))
        if near:
            fig.add_trace(_event(event, lanes, mode, axes))
        said = "" if np.any(shade) else "  nothing in this window"
        said += "  target event: " + _later(event - end) if block == 0 and pd.notna(event) else ""
        fig.add_annotation(
            text=f"<b>{theme.words(name)}</b>{said}",
            xref="paper",
            yref="paper",
            x=0,
            y=top,
            xanchor="left",
            yanchor="top",
            showarrow=False,
            font_size=12,
        )
    fig.update_xaxes(type="date", range=theme.times([start, last]), anchor="free", position=0, title_text="UTC")
    return fig


def controls(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    How alike the run's maps and those of each control are, beside the grey range of chance.

    Parameters
    ----------
    table : DataFrame
        control, words, n, correlation, correlation_low, correlation_high, chance_low, chance_high.
    synthetic : bool
        Stamp the figure.
    """
    known = table[table["correlation"].notna()].reset_index(drop=True)
    fig = theme.figure(
        height=100 + ROW_PIXELS * max(len(known), 2), margin={"l": 16, "t": 34}, synthetic=synthetic, mode=mode
    )
    if not len(known):
        return theme.note(fig, "every map of the controls is flat", mode)
    y = np.arange(len(known))
    between = np.full((len(known), 3), np.nan)
    between[:, 0], between[:, 1] = known["chance_low"], known["chance_high"]
    fig.add_trace(
        go.Scatter(
            x=between.ravel(),
            y=np.repeat(y, 3),
            mode="lines",
            line={"color": theme.fade(theme.colour("chance", mode), 0.5), "width": 12},
            name="by chance",
            hoverinfo="skip",
        )
    )
    ink = theme.colour("test", mode)
    fig.add_trace(
        go.Scatter(
            x=known["correlation"],
            y=y,
            mode="markers",
            marker={"color": ink, "size": 9},
            error_x=theme.error_bars(known, "correlation", ink),
            name="Spearman's correlation, 95 % interval",
            hovertext=[
                f"{theme.words(row['words'])}<br>{row['correlation']:.2f} [{row['correlation_low']:.2f}, "
                f"{row['correlation_high']:.2f}]<br>by chance {row['chance_low']:.2f} to {row['chance_high']:.2f}<br>"
                f"{int(row['n'])} windows"
                for row in theme.rows(known)
            ],
            hoverinfo="text",
        )
    )
    for place, words in enumerate(known["words"]):
        fig.add_annotation(
            text=theme.words(words), xref="paper", x=0, xanchor="left", y=place - 0.36, showarrow=False, font_size=11
        )
    fig.update_yaxes(range=[len(known) - 0.5, -0.7], visible=False, fixedrange=True)
    lowest = min(-0.1, float(known[["correlation_low", "chance_low"]].min().min()))
    return fig.update_xaxes(
        range=[lowest - 0.04, theme.SHARES[1]], title_text="Spearman's correlation with the run's maps"
    )


def marginals(table: pd.DataFrame, by: str, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Where the size of the attributions lies, beside a network that looks everywhere alike (grey).

    Parameters
    ----------
    table : DataFrame
        by, name, share, share_low, share_high, expected.
    by : "hour" or "place"
    synthetic : bool
        Stamp the figure.
    """
    rows = table[table["by"] == by].sort_values("name")
    fig = theme.figure(height=280, synthetic=synthetic, mode=mode)
    if not len(rows):
        return theme.note(fig, "every map is flat", mode)
    ink = theme.colour("test", mode)
    fig.add_trace(
        go.Bar(
            x=rows["name"],
            y=rows["share"],
            marker_color=theme.fade(ink, 0.6),
            error_y=theme.error_bars(rows, "share", ink),
            name="share of the attributions, 95 % interval",
            hovertext=[
                f"{theme.percent(row['share'])} of the attributions<br>{theme.percent(row['expected'])} of the minutes"
                for row in theme.rows(rows)
            ],
            hoverinfo="text",
        )
    )
    fig.add_trace(
        go.Scatter(
            x=rows["name"],
            y=rows["expected"],
            mode="lines",
            line={**theme.chance_line(mode), "shape": "hvh"},
            name="share of the minutes",
            hoverinfo="skip",
        )
    )
    fig.update_yaxes(tickformat=".0%", rangemode="tozero")
    return fig.update_xaxes(title_text=BY[by], dtick=3 if by == "hour" else 1)


def _shading(
    shade: np.ndarray, start: pd.Timestamp, length: pd.Timedelta, mode: Mode, axes: dict[str, Any]
) -> go.Heatmap:
    cells = _cells(shade)
    cell = cells.shape[2] * (length / shade.shape[1]) / pd.Timedelta(milliseconds=1)
    means = np.nanmean(cells, axis=2)
    limit = float(np.quantile(np.abs(means), 0.99)) or float(np.abs(means).max()) or 1.0
    warm, cool = theme.colour("positive", mode), theme.colour("negative", mode)
    return go.Heatmap(
        z=means.astype(np.float32),
        x0=theme.times([start + pd.Timedelta(milliseconds=cell / 2)])[0],
        dx=cell,
        y=[0, 1, 2],
        zmin=-limit,
        zmax=limit,
        colorscale=[
            [0, theme.fade(cool, 0.85)],
            [0.5, theme.fade(theme.colour("chance", mode), 0)],
            [1, theme.fade(warm, 0.85)],
        ],
        showscale=False,
        hovertemplate="%{x|%Y-%m-%d %H:%M} UTC<br>%{z:+.4f} nats a minute<extra></extra>",
        **{key: value for key, value in axes.items() if key != "showlegend"},
    )


def _lines(
    values: np.ndarray, start: pd.Timestamp, length: pd.Timedelta, mode: Mode, axes: dict[str, Any]
) -> list[go.Scatter]:
    cells = _cells(values)
    if cells.shape[2] > 2:
        low, high = np.nanmin(cells, axis=2), np.nanmax(cells, axis=2)
        drawn = np.stack([low, high], axis=2).reshape(len(values), -1)
    else:
        drawn = values
    middle = np.median(values, axis=1, keepdims=True)
    limit = float(np.quantile(np.abs(values - middle), 0.999)) or 1.0
    scaled = np.clip((drawn - middle) / limit, -1, 1) * 0.45
    step = (cells.shape[2] / 2 if cells.shape[2] > 2 else 1) * (length / values.shape[1]) / pd.Timedelta(milliseconds=1)
    return [
        go.Scatter(
            x0=theme.times([start])[0],
            dx=step,
            y=(place - scaled[place]).astype(np.float32),  # the axis runs downwards
            mode="lines",
            line={"color": theme.colour("station", mode), "width": 1},
            hoverinfo="skip",
            **axes,
        )
        for place in range(3)
    ]


def _bars(bursts: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, mode: Mode, axes: dict[str, Any]) -> go.Scatter:
    x = np.full((len(bursts), 3), None, dtype=object)
    x[:, 0] = theme.times(bursts["start"].where(bursts["start"] > start, start))
    x[:, 1] = theme.times(bursts["end"].where(bursts["end"] < end, end))
    return go.Scatter(
        x=x.ravel(),
        y=np.tile([3, 3, np.nan], len(bursts)),
        mode="lines",
        line={"color": theme.colour("synthetic", mode), "width": 10},
        hovertext="planted burst",
        hoverinfo="text",
        **axes,
    )


def _event(event: pd.Timestamp, lanes: int, mode: Mode, axes: dict[str, Any]) -> go.Scatter:
    return go.Scatter(
        x=theme.times([event, event]),
        y=[-0.2, lanes - 0.5],
        mode="lines+markers",
        line={"color": theme.colour("target_event", mode), "width": 1.5, "dash": "dot"},
        marker={"symbol": "star", "size": [11, 0], "color": theme.colour("target_event", mode)},
        hovertext=f"target event, {event:%Y-%m-%d %H:%M} UTC",
        hoverinfo="text",
        **axes,
    )


def _cells(values: np.ndarray) -> np.ndarray:
    """Shape (3, n_cells, width), the last cell padded with NaN."""
    width = max(1, -(-values.shape[1] // MOST_CELLS))
    padded = np.pad(values.astype(np.float64), ((0, 0), (0, -values.shape[1] % width)), constant_values=np.nan)
    return padded.reshape(len(values), -1, width)


def _later(gap: pd.Timedelta) -> str:
    """How long after the window's end, in words."""
    minutes = gap / pd.Timedelta(minutes=1)
    if minutes < 90:
        return f"{minutes:.0f} minute{'' if round(minutes) == 1 else 's'} after the end"
    return f"{minutes / 60:.0f} hours after the end" if minutes < 2880 else f"{minutes / 1440:.0f} days after the end"
