"""What chance would give, drawn in grey, and in it the one number that was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.judgement.findings import Primary
from core.judgement.summary import Summary
from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

N_BINS = 40


def hill(chance: pd.DataFrame, primary: Primary, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Chance as a grey hill, with the band in which it mostly stays, and what was seen as one line.

    Parameters
    ----------
    chance : DataFrame
        skill and share of all movements of the catalogue, the table `chance` of an assessment.
    primary : Primary
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=300, synthetic=synthetic, mode=mode)
    if primary.skill is None or not len(chance):
        return theme.note(fig, "no target event lies in time that can be judged", mode)
    values, share = chance["skill"].to_numpy(dtype=float), chance["share"].to_numpy(dtype=float)
    low, high = min(values.min(), primary.skill), max(values.max(), primary.skill)
    room = 0.06 * max(high - low, 0.02)
    edges = np.linspace(low - room, high + room, N_BINS + 1)
    percent = 100 * np.histogram(values, edges, weights=share)[0]
    grey, top = theme.colour("chance", mode), 1.08 * float(percent.max())
    if primary.band_low is not None and primary.band_high is not None:
        fig.add_vrect(
            x0=primary.band_low, x1=primary.band_high, fillcolor=theme.fade(grey, 0.12), line_width=0, layer="below"
        )
    fig.add_trace(
        go.Scatter(
            **theme.outline(edges, percent, grey, 0.25),
            line={"color": grey, "width": 1.2},
            name="chance: every turn of the catalogue (shaded: 95 %)",
            hovertemplate="%{x:.2f}: %{y:.1f} % of them<extra></extra>",
        )
    )
    fig.add_trace(
        go.Scatter(
            x=[primary.skill, primary.skill],
            y=[0, top],
            mode="lines",
            line={"color": theme.colour("test", mode), "width": 2.5},
            name=f"what was seen: {primary.skill:.2f}",
            hoverinfo="skip",
        )
    )
    fig.update_xaxes(title_text="Skill", range=[edges[0], edges[-1]])
    return fig.update_yaxes(title_text="% of turned catalogues", rangemode="tozero")


def null(
    draws: pd.DataFrame,
    observed: Mapping[str, Any],
    *,
    name: str = "Score",
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    The scores of many catalogues without meaning as a grey hill, and the score of the real one as a line.

    Parameters
    ----------
    draws : DataFrame
        value: the score of each fake catalogue.
    observed : mapping
        observed, null_low, null_high, p (NaN or None where there is none).
    name : str
        What the score is called.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=280, synthetic=synthetic, mode=mode)
    values = draws["value"].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    own = observed.get("observed")
    if not len(values) or own is None or pd.isna(own):
        return theme.note(fig, "there is no null distribution", mode)
    low, high = min(values.min(), own), max(values.max(), own)
    room = 0.06 * max(high - low, 0.02)
    edges = np.linspace(low - room, high + room, N_BINS + 1)
    share = 100 * np.histogram(values, edges)[0] / len(values)
    grey = theme.colour("chance", mode)
    fig.add_trace(
        go.Scatter(
            **theme.outline(edges, share, grey, 0.25),
            line={"color": grey, "width": 1.2},
            name=f"{len(values):,} catalogues without meaning",
            hovertemplate="%{x:.2f}: %{y:.1f} % of them<extra></extra>",
        )
    )
    p = observed.get("p")
    fig.add_trace(
        go.Scatter(
            x=[own, own],
            y=[0, 1.08 * share.max()],
            mode="lines",
            line={"color": theme.colour("test", mode), "width": 2.5},
            name=f"the real catalogue: {own:.2f}" + ("" if p is None or pd.isna(p) else f" (p = {p:.2g})"),
            hoverinfo="skip",
        )
    )
    fig.update_xaxes(title_text=theme.words(name), range=[edges[0], edges[-1]])
    return fig.update_yaxes(title_text="% of catalogues", rangemode="tozero")


def molchan(curve: pd.DataFrame, summary: Summary, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Missed targets against alarmed time; the diagonal is guessing, the bands are how far guessing strays.

    Parameters
    ----------
    curve : DataFrame
        tau, nu, hits, exact_low, exact_high, shift_low, shift_high (the latter NaN where time is too short to shift).
    summary : Summary
        ass with its interval, n_events and n_clusters are written into the figure.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=400, synthetic=synthetic, mode=mode)
    if not len(curve):
        return theme.note(fig, "no target event lies in time that can be judged", mode)
    grey, tau = theme.colour("chance", mode), curve["tau"].to_numpy(dtype=float)
    for kind, words, opacity in (
        ("exact", "guessing, independent events (95 %)", 0.16),
        ("shift", "guessing, clusters kept (95 %)", 0.22),
    ):
        low, high = (curve[f"{kind}_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
        if np.isfinite(low).any():
            fig.add_trace(
                go.Scatter(
                    x=np.concatenate([tau, tau[::-1]]),
                    y=np.concatenate([high, low[::-1]]),
                    fill="toself",
                    fillcolor=theme.fade(grey, opacity),
                    mode="lines",
                    line={"width": 1 if kind == "shift" else 0, "color": theme.fade(grey, 0.5), "dash": "dot"},
                    name=words,
                    hoverinfo="skip",
                )
            )
    diagonal: dict[str, Any] = {"x": [0, 1], "y": [1, 0], "mode": "lines", "line": theme.chance_line(mode)}
    fig.add_trace(go.Scatter(**diagonal, name="chance", hoverinfo="skip"))
    fig.add_trace(
        go.Scatter(
            x=tau,
            y=curve["nu"],
            customdata=curve["hits"],
            mode="lines",
            line={"color": theme.colour("test", mode), "width": 2, "shape": "hv"},
            name="this run",
            hovertemplate="%{x:.0%} of the time alarmed<br>%{y:.0%} of the events missed (%{customdata} hit)"
            "<extra></extra>",
        )
    )
    fig.add_annotation(
        text=_area_words(summary, mode), x=0.97, y=0.96, xanchor="right", yanchor="top", showarrow=False, align="right"
    )
    fig.update_xaxes(title_text="Share of time alarmed", range=theme.SHARES, constrain="domain", tickformat=".0%")
    return fig.update_yaxes(
        title_text="Share of target events missed",
        range=theme.SHARES,
        scaleanchor="x",
        constrain="domain",
        tickformat=".0%",
    )


def _area_words(summary: Summary, mode: Mode) -> str:
    area, low, high = summary.estimate("ass")
    if area is None:
        return "no area skill score"
    interval = "" if low is None or high is None else f"<br>{low:.2f} to {high:.2f} (95 % interval)"
    n, groups = summary.n_events, summary.n_clusters or 0
    shade = theme.colour("chance", mode)
    return (
        f"<b>Area skill {area:.2f}</b>{interval}<br><span style='color:{shade}'>chance 0.50</span>"
        f"<br>{n} events in {groups} groups"
    )
