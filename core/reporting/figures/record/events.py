"""Earthquakes on a time axis: the words of their hover texts, markers, and lines through all panels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode


def words(events: pd.DataFrame) -> list[str]:
    """One hover text per event: what, when, where, and whether it is a target event or why not."""
    texts = []
    for row in theme.rows(events):
        lines = [f"<b>M {row['magnitude']:.1f}</b>, {pd.Timestamp(row['origin_time']):%Y-%m-%d %H:%M} UTC"]
        where = [
            template.format(row[key])
            for key, template in (("distance_km", "{:.0f} km away"), ("depth_km", "{:.0f} km deep"))
            if pd.notna(row.get(key))
        ]
        lines += [", ".join(where)] if where else []
        lines += [theme.words(row["place"])] if isinstance(row.get("place"), str) and row["place"] else []
        if "target" in row:
            reason = f": {theme.words(row['reason'])}" if row.get("reason") else ""
            lines.append("target event" if row["target"] else f"not a target event{reason}")
        texts.append("<br>".join(lines))
    return texts


def markers(events: pd.DataFrame, y: Any, axis: str, mode: Mode, legend: bool = True) -> list[go.Scatter]:
    """Two traces: target events as filled diamonds, other events as open circles, with hover texts."""
    target = is_target(events)
    texts = np.array(words(events), dtype=object)
    y = np.asarray(y, dtype=float)
    kinds = (
        (~target, "other event", "other_event", {"symbol": "circle-open", "size": 7, "line_width": 1.4}),
        (target, "target event", "target_event", {"symbol": "diamond", "size": 10}),
    )
    return [
        go.Scatter(
            x=theme.times(events["origin_time"][chosen]),
            y=y[chosen],
            yaxis=axis,
            mode="markers",
            name=name if "target" in events else "earthquake",
            marker={"color": theme.colour(meaning, mode), **marker},
            hovertext=texts[chosen],
            hoverinfo="text",
            showlegend=legend,
            legendgroup=name,
        )
        for chosen, name, meaning, marker in kinds
        if chosen.any()
    ]


def lines(events: pd.DataFrame, mode: Mode) -> go.Scatter:
    """
    A line through all panels at each target event, as ONE trace (one shape for each takes seconds to draw).

    It lies on the figure's first y axis, which must run from 0 to 1 over the whole height.
    """
    target = events[is_target(events)]
    x = np.full((len(target), 3), None, dtype=object)
    x[:, 0] = x[:, 1] = theme.times(target["origin_time"])
    opacity = float(np.clip(3.0 / np.sqrt(len(target) + 1), 0.12, 0.5))  # hundreds of lines must not hide the field
    return go.Scatter(
        x=x.ravel(),
        y=np.tile([0.0, 1.0, np.nan], len(target)),
        mode="lines",
        line={"width": 1, "color": theme.fade(theme.colour("target_event", mode), round(opacity, 2))},
        hoverinfo="skip",
        showlegend=False,
    )


def is_target(events: pd.DataFrame) -> np.ndarray:
    """Which events are target events of the station; none where the table does not say."""
    return events["target"].to_numpy(dtype=bool) if "target" in events else np.zeros(len(events), dtype=bool)
