"""Forecasts: a scan under the field it was made from, and the ledger on the time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.credits import GEOGRAPHIC_LABELS
from core.reporting.figures import theme
from core.reporting.figures.record import events as quakes
from core.reporting.figures.record.record import Envelope, record
from core.reporting.figures.theme import Mode


def scan(
    series: pd.DataFrame,
    *,
    threshold: float,
    events: pd.DataFrame | None = None,
    envelopes: Envelope | None = None,
    activity: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    use: pd.DataFrame | None = None,
    chance: float | None = None,
    span: tuple[Any, Any] | None = None,
    labels: Sequence[str] = GEOGRAPHIC_LABELS,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    The probability of a run sliding over a record, alarms highlighted, under the field and the events.

    Parameters
    ----------
    series : DataFrame
        start, end, probability, rejected (as `scan.scan` returns it); where a window was rejected the line breaks.
    threshold : float
        An alarm is a probability at or above it.
    events, envelopes, activity, gaps, use, span, labels
        As for `record.record`; each may be left out.
    chance : float, optional
        The base rate, drawn in grey.
    synthetic : bool
        Stamp the figure.
    """
    if not len(series):
        return theme.note(theme.figure(height=200, synthetic=synthetic, mode=mode), "nothing scanned yet", mode)
    return record(
        envelopes,
        events=events,
        activity=activity,
        gaps=gaps,
        use=use,
        scan=series,
        threshold=threshold,
        chance=chance,
        span=span,
        labels=labels,
        synthetic=synthetic,
        mode=mode,
    )


def ledger(
    table: pd.DataFrame, *, events: pd.DataFrame | None = None, synthetic: bool = False, mode: Mode = "light"
) -> go.Figure:
    """
    Each forecast as a bar over its period of validity at the height of the network's number; retrospective ones hollow.

    Parameters
    ----------
    table : DataFrame
        issued_at, station, valid_from, valid_until, probability, threshold, retrospective
        (as `Ledger.list` returns it).
    events : DataFrame, optional
        Target events that came (origin_time, magnitude), drawn at the top.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=320, synthetic=synthetic, mode=mode)
    if not len(table):
        return theme.note(fig, "no forecast has been written down yet", mode)
    alarm = (table["probability"] >= table["threshold"]).to_numpy()
    late = table["retrospective"].to_numpy(dtype=bool)
    kinds = (
        (alarm & ~late, "alarm", theme.colour("alarm", mode), "solid"),
        (~alarm & ~late, "no alarm", theme.colour("negative", mode), "solid"),
        (alarm & late, "alarm, retrospective", theme.colour("alarm", mode), "dot"),
        (~alarm & late, "no alarm, retrospective", theme.colour("negative", mode), "dot"),
    )
    for chosen, name, shade, dash in kinds:
        if chosen.any():
            fig.add_trace(_validity(table[chosen], name, shade, dash))
    for level in sorted(set(table["threshold"].round(6))):
        fig.add_shape(
            type="line",
            xref="x domain",
            x0=0,
            x1=1,
            y0=level,
            y1=level,
            layer="below",
            line={"color": theme.colour("alarm", mode), "width": 1, "dash": "dash"},
        )
    if events is not None and len(events):
        fig.add_traces(quakes.markers(events, np.full(len(events), 1.04), "y", mode))
    fig.update_xaxes(type="date")
    return fig.update_yaxes(title_text="Network's number", range=[-0.03, 1.09], nticks=6)


def _validity(rows: pd.DataFrame, name: str, shade: str, dash: str) -> go.Scatter:
    n = len(rows)
    x = np.full((n, 3), None, dtype=object)
    x[:, 0], x[:, 1] = theme.times(rows["valid_from"]), theme.times(rows["valid_until"])
    y = np.full((n, 3), np.nan)
    y[:, 0] = y[:, 1] = rows["probability"]
    hover = np.full((n, 3), "", dtype=object)
    hover[:, 0] = hover[:, 1] = [
        f"{theme.words(row['station'])}: probability {row['probability']:.2f} by the network, uncorrected; {name}<br>"
        f"valid {row['valid_from']:%Y-%m-%d %H:%M} to {row['valid_until']:%Y-%m-%d %H:%M} UTC<br>"
        f"issued {row['issued_at']:%Y-%m-%d %H:%M} UTC"
        for row in theme.rows(rows)
    ]
    return go.Scatter(
        x=x.ravel(),
        y=y.ravel(),
        mode="lines",
        line={"color": shade, "width": 4, "dash": dash, "simplify": False},
        hovertext=hover.ravel(),
        hoverinfo="text",
        name=name,
    )
