"""The record of one station: three components over time, with events, Kp, gaps and, if wanted, a scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.credits import GEOGRAPHIC_LABELS
from core.reporting.figures import theme
from core.reporting.figures.record import events as quakes
from core.reporting.figures.theme import Mode
from core.vocabulary import SPLITS

Envelope = tuple[np.datetime64, int, np.ndarray]

COMPONENTS = ("x", "y", "z")

_PIXELS = {"events": 54, "component": 124, "kp": 54, "use": 14, "scan": 124}
_SPACE = 12
_MOST_BARS = 1500
_MOST_GAPS = 2000


def record(
    envelopes: Envelope | None,
    *,
    events: pd.DataFrame | None = None,
    activity: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    extra: Envelope | None = None,
    names: tuple[str, str] = ("as recorded", "filtered"),
    labels: Sequence[str] = GEOGRAPHIC_LABELS,
    components: Sequence[str] = COMPONENTS,
    centre: bool = False,
    use: pd.DataFrame | None = None,
    scan: pd.DataFrame | None = None,
    joined: bool = True,
    threshold: float | None = None,
    chance: float | None = None,
    storm_kp: float = 4.667,
    span: tuple[Any, Any] | None = None,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    Panels that share one time axis: events, X, Y, Z, Kp, and the probabilities of a scan.

    Parameters
    ----------
    envelopes : (x0, dx_ms, y) or None
        As `reporting.envelope.envelope` returns it, y in nT with shape (3, n_points); None leaves the field out.
    events : DataFrame, optional
        origin_time and magnitude; and where known distance_km, depth_km, target (bool), reason, place.
    activity : DataFrame, optional
        time (start of 3 h), kp. Bars at or above `storm_kp` have the colour of storms.
    gaps : DataFrame, optional
        start, end: shaded over all panels (see `reporting.envelope.gaps`).
    extra : (x0, dx_ms, y), optional
        A second set of lines in the same panels, for instance the filtered field.
    names : (str, str)
        What the two sets are called in the legend; shown only if there are two.
    labels : three str
        Names of the three components.
    components : sequence of "x", "y", "z"
        Which of the three to draw.
    centre : bool
        Subtract each line's median (the axis then says so), to lay a filtered record over a raw one.
    use : DataFrame, optional
        start, end, split: a ribbon that says which stretches a run was trained and judged on; the panel of the scan
        is shaded from the first to the last window of each stretch that it was trained on.
    scan : DataFrame, optional
        start, end, probability, rejected: drawn at the end of each window, when it would have been known.
    joined : bool
        Windows of a scan follow each other and are a line, which breaks where one is missing; single windows
        (False) are points.
    threshold, chance : float, optional
        In the panel of the scan: the alarm threshold, and the base rate in grey.
    span : (start, end), optional
        What to show; default: what the envelopes cover.
    synthetic : bool
        Stamp the figure.

    Returns
    -------
    plotly Figure
    """
    events, activity, gaps, use, scan = (_or_none(table) for table in (events, activity, gaps, use, scan))
    rows = [] if events is None else ["events"]
    rows += [] if envelopes is None else [name for name in COMPONENTS if name in components]
    rows += [] if activity is None else ["kp"]
    rows += [] if use is None else ["use"]
    rows += [] if scan is None else ["scan"]
    if not rows:
        return theme.note(
            theme.figure(height=200, synthetic=synthetic, mode=mode), "nothing recorded in this period", mode
        )
    axes = {row: f"y{position + 2}" for position, row in enumerate(rows)}
    start, end = span or _span(envelopes, scan, activity, events)
    fig = theme.figure(height=_height(rows), synthetic=synthetic, mode=mode)
    _lay_out(fig, rows, start, end, mode)
    if gaps is not None:
        fig.add_trace(_gap_shading(gaps))
    if events is not None:
        fig.add_trace(quakes.lines(events, mode))
        fig.add_traces(quakes.markers(events, events["magnitude"], axes["events"], mode))
        low, high = float(events["magnitude"].min()), float(events["magnitude"].max())
        fig.update_layout({_long(axes["events"]): {"title_text": "M", "range": [low - 0.7, high + 0.7], "nticks": 3}})
    if envelopes is not None:
        for position, component in enumerate(COMPONENTS):
            if component not in components:
                continue
            fig.add_traces(_lines(position, axes[component], envelopes, extra, names, labels, centre, mode))
            if not np.isfinite(envelopes[2][position]).any():
                fig.update_layout({_long(axes[component]): {"showticklabels": False}})  # of a scale without a line
            title = f"{labels[position]}{' − median' if centre else ''}, nT"
            fig.update_layout({_long(axes[component]): {"title_text": title, "nticks": 5}})
    if activity is not None:
        fig.add_traces(_kp_bars(activity, start, end, axes["kp"], storm_kp, mode))
        fig.update_layout({_long(axes["kp"]): {"title_text": "Kp", "range": [0, 9.2], "tickvals": [0, 5, 9]}})
    if use is not None:
        fig.add_traces(_used(use, axes["use"], mode))
        fig.update_layout({_long(axes["use"]): {"range": [0, 1], "showticklabels": False, "showgrid": False}})
    if scan is not None:
        if use is not None:
            fig.add_traces(_trained(use, axes["scan"], mode))
        fig.add_traces(_probability(scan, axes["scan"], joined, threshold, chance, theme.times([start, end]), mode))
        fig.update_layout({_long(axes["scan"]): {"title_text": "Probability", "range": [-0.02, 1.04], "nticks": 3}})
    return fig


def marked(figure: go.Figure, start: Any, end: Any, words: str) -> go.Figure:
    """The same figure with one stretch of time marked, and what it is."""
    first, last = theme.times([start, end])
    return figure.add_vrect(
        x0=first,
        x1=last,
        line_width=0,
        layer="below",
        fillcolor=theme.MARK,
        annotation_text=words,
        annotation_position="top left",
    )


def _used(use: pd.DataFrame, axis: str, mode: Mode) -> list[go.Scatter]:
    traces = []
    for split in SPLITS:
        rows = use[use["split"] == split]
        x = np.full((len(rows), 3), None, dtype=object)
        x[:, 0], x[:, 1] = theme.times(rows["start"]), theme.times(rows["end"])
        traces.append(
            go.Scatter(
                x=x.ravel(),
                y=np.tile([0.5, 0.5, np.nan], len(rows)),
                yaxis=axis,
                mode="lines",
                line={"width": 10, "color": theme.colour(split, mode), "simplify": False},
                name=split,
                hovertemplate=f"{split}<extra></extra>",
                showlegend=bool(len(rows)),
            )
        )
    return traces


def _trained(use: pd.DataFrame, axis: str, mode: Mode) -> list[go.Scatter]:
    """The stretches from the first to the last of the training windows that no other window comes between."""
    order = use.sort_values("start")
    stretch = (order["split"] != order["split"].shift()).cumsum()
    blocks = order.groupby(stretch).agg(split=("split", "first"), start=("start", "min"), end=("end", "max"))
    blocks = blocks[blocks["split"] == "train"]
    if blocks.empty:
        return []
    return [_shading(blocks, axis, theme.fade(theme.colour("train", mode), 0.22), "trained here")]


def _probability(
    scan: pd.DataFrame,
    axis: str,
    joined: bool,
    threshold: float | None,
    chance: float | None,
    ends: list[str],
    mode: Mode,
) -> list[go.Scatter]:
    scan = scan.sort_values("end")
    when = np.array(theme.times(scan["end"]))
    probability = scan["probability"].to_numpy(dtype=float)
    x, y = when, probability
    if joined and len(scan) > 2:
        step = scan["end"].diff()
        holes = np.flatnonzero((step > 1.5 * step.median()).to_numpy())
        x, y = np.insert(x, holes, x[holes - 1]), np.insert(y, holes, np.nan)
    style: dict[str, Any] = (
        {"mode": "lines", "line": {"width": 1.3, "color": theme.colour("station", mode), "shape": "hv"}}
        if joined
        else {"mode": "markers", "marker": {"size": 5, "color": theme.colour("station", mode), "symbol": "circle-open"}}
    )
    traces = [
        go.Scatter(
            x=x,
            y=y.astype(np.float32),
            yaxis=axis,
            name="probability" if joined else "window",
            hovertemplate="probability %{y:.2f}<extra></extra>",
            showlegend=not joined,
            **style,
        )
    ]
    if chance is not None:
        traces.append(_level(ends, chance, axis, "chance", "dash", f"base rate {chance:.2f}", mode))
    if threshold is not None:
        traces.append(_level(ends, threshold, axis, "alarm", "dash", f"threshold {threshold:.2f}", mode))
        alarm = probability >= threshold
        if alarm.any():
            traces.append(
                go.Scatter(
                    x=when[alarm],
                    y=probability[alarm].astype(np.float32),
                    yaxis=axis,
                    mode="markers",
                    name="alarm",
                    marker={"color": theme.colour("alarm", mode), "size": 5 if joined else 7, "symbol": "diamond"},
                    hovertemplate="alarm: probability %{y:.2f}<extra></extra>",
                )
            )
    return traces


def _level(ends: list[str], value: float, axis: str, meaning: str, dash: str, name: str, mode: Mode) -> go.Scatter:
    line = {"width": 1.2, "dash": dash, "color": theme.colour(meaning, mode)}
    return go.Scatter(x=ends, y=[value, value], yaxis=axis, mode="lines", line=line, name=name, hoverinfo="skip")


def _or_none(table: pd.DataFrame | None) -> pd.DataFrame | None:
    return table if table is not None and len(table) else None


def _long(axis: str) -> str:
    return axis.replace("y", "yaxis", 1)


def _span(
    envelopes: Envelope | None, scan: pd.DataFrame | None, activity: pd.DataFrame | None, events: pd.DataFrame | None
) -> tuple[pd.Timestamp, pd.Timestamp]:
    if envelopes is not None:
        x0, dx_ms, y = envelopes
        start = pd.Timestamp(x0, tz="UTC")
        return start, start + pd.Timedelta(milliseconds=dx_ms) * max(y.shape[1], 1)
    if scan is not None:
        return scan["start"].min(), scan["end"].max()
    times = activity["time"] if activity is not None else events["origin_time"] if events is not None else None
    assert times is not None, "record() leaves before when there is nothing to show"
    return times.min(), times.max() + pd.Timedelta(hours=3)


def _size(row: str) -> int:
    return _PIXELS["component" if row in COMPONENTS else row]


def _height(rows: list[str]) -> int:
    return sum(map(_size, rows)) + _SPACE * (len(rows) - 1) + theme.MARGIN["t"] + theme.MARGIN["b"]


def _lay_out(fig: go.Figure, rows: list[str], start: Any, end: Any, mode: Mode) -> None:
    # Axis y spans all panels and is drawn first: what lies on it (event lines, gaps) stands behind the data and
    # catches no clicks. Each panel has its own y axis, all share x.
    inner = sum(map(_size, rows)) + _SPACE * (len(rows) - 1)
    layout: dict[str, Any] = {
        "yaxis": {**theme.AXIS, "domain": [0, 1], "range": [0, 1], "visible": False, "fixedrange": True}
    }
    top = 1.0
    for position, row in enumerate(rows):
        bottom = top - _size(row) / inner
        layout[f"yaxis{position + 2}"] = {
            **theme.AXIS,
            "domain": [max(bottom, 0.0), top],
            "anchor": "x",
            "title_font_size": 11,
            "tickfont_size": 10,
            "automargin": False,
            "fixedrange": row not in COMPONENTS,
        }
        top = bottom - _SPACE / inner
    layout["xaxis"] = {
        **theme.AXIS,
        "type": "date",
        "range": theme.times([start, end]),
        "anchor": f"y{len(rows) + 1}",
        "hoverformat": "%Y-%m-%d %H:%M UTC",
        "gridcolor": theme.FAINT,  # drawn twice where panels lie over the first axis
        "spikecolor": theme.colour("chance", mode),
        "spikethickness": 1,
        "spikedash": "dot",
    }
    layout["hovermode"] = "x unified"
    layout["hoversubplots"] = "axis"
    layout["hoverdistance"] = 12
    fig.update_layout(layout)


def _lines(
    position: int,
    axis: str,
    main: Envelope,
    extra: Envelope | None,
    names: tuple[str, str],
    labels: Sequence[str],
    centre: bool,
    mode: Mode,
) -> list[go.Scatter]:
    shade = theme.colour(COMPONENTS[position], mode)
    sets = [(main, names[0], theme.fade(shade, 0.45), 1.0)] if extra is not None else [(main, names[0], shade, 1.0)]
    if extra is not None:
        sets.append((extra, names[1], shade, 1.3))
    traces = []
    for (x0, dx_ms, y), name, line_colour, width in sets:
        values = np.asarray(y[position], dtype=np.float32)
        if centre and not np.isnan(values).all():
            values = values - np.float32(np.nanmedian(values))
        word = labels[position].split()[0] + (f", {name}" if extra is not None else "")
        traces.append(
            go.Scatter(
                x0=str(x0),
                dx=dx_ms,
                y=values,
                yaxis=axis,
                mode="lines",
                line={"width": width, "color": line_colour},
                name=word,
                hovertemplate="%{y:,.1f} nT",
                showlegend=extra is not None and position == 0,
            )
        )
    return traces


def _gap_shading(gaps: pd.DataFrame) -> go.Scatter:
    longest = (gaps["end"] - gaps["start"]).sort_values(ascending=False).index[:_MOST_GAPS].sort_values()
    trace = _shading(gaps.loc[longest], "y", theme.FAINT, "no data")
    return trace.update(legendrank=2000)


def _shading(stretches: pd.DataFrame, axis: str, fill: str, name: str) -> go.Scatter:
    # all stretches as one trace: a shape for each takes seconds to draw
    x = np.full((len(stretches), 5), None, dtype=object)
    start, end = theme.times(stretches["start"]), theme.times(stretches["end"])
    x[:, 0] = x[:, 1] = start
    x[:, 2] = x[:, 3] = end
    return go.Scatter(
        x=x.ravel(),
        y=np.tile([0.0, 1.0, 1.0, 0.0, np.nan], len(stretches)),
        yaxis=axis,
        fill="toself",
        fillcolor=fill,
        mode="lines",
        line={"width": 0, "simplify": False},
        name=name,
        hoverinfo="skip",
    )


def _kp_bars(activity: pd.DataFrame, start: Any, end: Any, axis: str, storm_kp: float, mode: Mode) -> list[go.Bar]:
    start, end = pd.to_datetime([start, end], utc=True)
    shown = activity[(activity["time"] > start - pd.Timedelta(hours=3)) & (activity["time"] < end)]
    shown = shown.dropna(subset=["kp"])
    per_bar = max(1, -(-len(shown) // _MOST_BARS))
    # several 3-hour values in one bar: the highest, so that no storm disappears by zooming out
    groups = np.arange(len(shown)) // per_bar
    table = shown.groupby(groups).agg(time=("time", "first"), kp=("kp", "max"))
    width = per_bar * 3 * 3_600_000
    storm = (table["kp"] >= storm_kp - 1e-6).to_numpy()
    highest = "highest Kp" if per_bar > 1 else "Kp"
    kinds = (
        (~storm, "Kp", theme.fade(theme.colour("chance", mode), 0.55)),
        (storm, "storm", theme.colour("storm", mode)),
    )
    return [
        go.Bar(
            x=theme.times(table["time"][chosen] + pd.Timedelta(milliseconds=width / 2)),
            y=table["kp"].to_numpy(dtype=np.float32)[chosen],
            yaxis=axis,
            width=width,
            marker={"color": fill, "line_width": 0},
            name=f"{name} ≥ {storm_kp:.1f}" if name == "storm" else name,
            hovertemplate=highest + " %{y:.1f}<extra></extra>",
            showlegend=name == "storm",
        )
        for chosen, name, fill in kinds
        if chosen.any()
    ]
