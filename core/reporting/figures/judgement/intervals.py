"""Named numbers with their intervals below each other, and the grey line of chance through all of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode

ROW_PIXELS = 34
LABEL_LETTERS = 46  # a longer name goes on in the hover text
SHORT = {  # what the models are called in the figure; the full words are in the hover text and in the table
    "network": "The network",
    "majority": "Always the same answer",
    "climatology": "Calendar month",
    "date": "Date: nearest in time",
    "trend": "Date: trend",
    "season": "Day of the year",
    "hour": "UT hour",
    "kp": "Largest Kp",
    "station": "Station",
    "gaps": "Gaps",
    "metadata": "All of these together",
    "recent_events": "Events, last 30 days",
    "catalogue_rate": "Catalogue's rate (ETAS)",
    "best_confounder": "Best, chosen before",
    "ulf": "ULF statistics",
}
GROUPS = {"confounder": "What knows no field", "baseline": "What sees the same field"}
ESSENCE = ("network", "best_confounder", "ulf", "majority")  # the rows that the verdict page shows


def scorecard(card: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    AUC of the network and of every model that knows less, and how much the network exceeds each.

    Parameters
    ----------
    card : DataFrame
        model, kind (network, confounder, baseline), words, n, auc, auc_low, auc_high, difference, difference_low,
        difference_high; the network is drawn at the top, the others in the groups `GROUPS`.
    synthetic : bool
        Stamp the figure.
    """
    card, places, heads = _grouped(card)
    height = len(card) + len(heads)
    fig = _figure(height, synthetic, mode)
    if not len(card):
        return theme.note(fig, "no model was compared", mode)
    rows = theme.rows(card)
    own = card["kind"].eq("network").to_numpy()
    ink = np.where(own, theme.colour("test", mode), theme.colour("negative", mode))
    symbol = np.where(own, "circle", "diamond")
    fig.add_traces(
        [
            _through(0.5, places, "chance", mode),
            _dots(card, "auc", places, ink, symbol, [_model_words(row) for row in rows], "AUC, 95 % interval"),
            _through(0.0, places, "no difference", mode, "x2"),
            _dots(card, "difference", places, ink, symbol, [_model_words(row) for row in rows], "", "x2"),
        ]
    )
    reach = float(np.nanmax(np.abs(card[["difference_low", "difference_high", "difference"]].to_numpy()), initial=0.1))
    fig.update_layout(
        xaxis={**theme.AXIS, "domain": [0.0, 0.56], "range": theme.SHARES, "title_text": "AUC", "nticks": 6},
        xaxis2={
            **theme.AXIS,
            "domain": [0.62, 1.0],
            "anchor": "y",
            "range": [-1.1 * reach, 1.1 * reach],
            "title_text": "Network minus it",
            "nticks": 4,
        },
    )
    names = [SHORT.get(str(row["model"]), str(row["words"])) for row in rows]
    _names(fig, [*names, *heads.values()], [*places, *heads], [*own, *[True] * len(heads)])
    return fig.update_layout(yaxis_range=[height - 0.4, -0.75], yaxis_tickvals=places)


def _grouped(card: pd.DataFrame) -> tuple[pd.DataFrame, list[int], dict[int, str]]:
    """The card in groups: the network, what knows no field, what sees the same field; places of rows and headings."""
    # always the same answer has no field either, whatever the table calls it
    group = card["kind"].mask(card["model"].eq("majority"), "confounder")
    network = card[card["kind"].eq("network")]
    parts, places = [network], list(range(len(network)))
    heads: dict[int, str] = {}
    for kind, words in GROUPS.items():
        part = card[group.eq(kind)]
        if len(part):
            below = len(places) + len(heads)
            heads[below] = words
            places += range(below + 1, below + 1 + len(part))
            parts.append(part)
    return pd.concat(parts, ignore_index=True), places, heads


def strata(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    AUC of each part of the judged windows: stations, blocks of time, ranges of Kp.

    Parameters
    ----------
    table : DataFrame
        by, name, n, n_positive, auc, auc_low, auc_high.
    synthetic : bool
        Stamp the figure.
    """
    fig = _figure(len(table), synthetic, mode)
    if not len(table):
        return theme.note(fig, "no part has windows of both classes", mode)
    words = [
        f"<b>{theme.words(row['name'])}</b><br>{int(row['n']):,} windows, {int(row['n_positive']):,} positive<br>"
        + _with_interval("AUC", row["auc"], row["auc_low"], row["auc_high"])
        for row in theme.rows(table)
    ]
    ink = np.full(len(table), theme.colour("test", mode))
    places = list(range(len(table)))
    fig.add_trace(_through(0.5, places, "chance", mode))
    fig.add_trace(_dots(table, "auc", places, ink, np.full(len(table), "circle"), words, "AUC, 95 % interval"))
    fig.update_xaxes(range=theme.SHARES, title_text="AUC", nticks=6)
    _names(fig, table["name"].astype(str).tolist(), places, [False] * len(table))
    return fig.update_layout(yaxis_range=[len(table) - 0.4, -0.75], yaxis_tickvals=places)


def lead_profile(table: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    The skill of the scores that were in force some hours before the events and after them; chance as a grey band.

    Parameters
    ----------
    table : DataFrame
        hours_before, skill, band_low, band_high, n_clusters.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=320, synthetic=synthetic, mode=mode)
    known = table[table["skill"].notna()].sort_values("hours_before", ascending=False)
    if not len(known):
        return theme.note(fig, "no target event lies in time that can be judged", mode)
    hours = -known["hours_before"].to_numpy(dtype=float)
    grey, ink = theme.colour("chance", mode), theme.colour("test", mode)
    low, high = (known[name].to_numpy(dtype=float) for name in ("band_low", "band_high"))
    fig.add_trace(
        go.Scatter(
            x=np.concatenate([hours, hours[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=theme.fade(grey, 0.22),
            mode="lines",
            line={"width": 0},
            name="chance (95 %)",
            hoverinfo="skip",
        )
    )
    fig.add_trace(
        go.Scatter(
            x=[hours.min(), hours.max()],
            y=[0.5, 0.5],
            mode="lines",
            line=theme.chance_line(mode),
            name="chance 0.50",
            hoverinfo="skip",
        )
    )
    words = [
        f"{abs(hour):g} h {'before' if hour < 0 else 'after'}<br>skill {row['skill']:.2f}"
        f"<br>{int(row['n_clusters']):,} independent events"
        for hour, row in zip(hours, theme.rows(known), strict=True)
    ]
    fig.add_trace(
        go.Scatter(
            x=hours,
            y=known["skill"],
            mode="lines+markers",
            line={"color": ink, "width": 1.5, "dash": "dot"},
            marker={"color": ink, "size": 7},
            name="skill",
            hovertext=words,
            hoverinfo="text",
        )
    )
    fig.add_vline(x=0, line={"color": grey, "width": 1, "dash": "dot"})
    fig.update_xaxes(title_text="Hours from the earthquakes (before: negative)")
    return fig.update_yaxes(title_text="Skill (chance: the grey band)")


def _figure(n_rows: int, synthetic: bool, mode: Mode) -> go.Figure:
    margin = {"l": 16, "t": 34}
    return theme.figure(height=100 + ROW_PIXELS * max(n_rows, 2), margin=margin, synthetic=synthetic, mode=mode)


def _names(fig: go.Figure, names: Sequence[str], places: Sequence[int], strong: Sequence[bool]) -> None:
    """Each row's name above its dot, at the left, so that it needs no margin and fits on a phone."""
    for name, place, bold in zip(names, places, strong, strict=True):
        short = theme.words(textwrap.shorten(name, LABEL_LETTERS, placeholder="…"))
        fig.add_annotation(
            text=f"<b>{short}</b>" if bold else short,
            xref="paper",
            x=0,
            y=place - 0.32,
            xanchor="left",
            yanchor="middle",
            showarrow=False,
            font_size=11,
        )
    fig.update_layout(yaxis={**theme.AXIS, "showticklabels": False, "fixedrange": True})


def _through(value: float, places: Sequence[int], name: str, mode: Mode, axis: str = "x") -> go.Scatter:
    # below each name, not through it
    return go.Scatter(
        x=[value, value, None] * len(places),
        y=[end for i in places for end in (i - 0.12, i + 0.42, None)],
        mode="lines",
        line=theme.chance_line(mode),
        name=name,
        hoverinfo="skip",
        showlegend=axis == "x",
        xaxis=axis,
    )


def _dots(
    table: pd.DataFrame,
    column: str,
    places: Sequence[int],
    ink: np.ndarray,
    symbol: np.ndarray,
    words: list[str],
    name: str,
    axis: str = "x",
) -> go.Scatter:
    grey = "rgba(128,140,150,0.75)"
    return go.Scatter(
        x=table[column].to_numpy(dtype=float),
        y=np.asarray(places) + 0.12,
        mode="markers",
        marker={"color": ink, "symbol": symbol, "size": 9},
        error_x=theme.error_bars(table, column, grey),
        name=name,
        showlegend=bool(name),
        hovertext=words,
        hoverinfo="text",
        xaxis=axis,
    )


def _model_words(row: dict[str, Any]) -> str:
    lines = [
        f"<b>{'<br>'.join(textwrap.wrap(theme.words(row['words']), 60))}</b>",
        _with_interval("AUC", row["auc"], row["auc_low"], row["auc_high"]) + "; chance 0.50",
    ]
    if row["kind"] != "network" and not pd.isna(row["difference"]):
        between = (row["difference"], row["difference_low"], row["difference_high"])
        lines.append(_with_interval("network minus this model", *between, sign="+"))
    return "<br>".join(lines)


def _with_interval(name: str, value: float, low: float, high: float, sign: str = "") -> str:
    if pd.isna(value):
        return f"{name}: not defined here"
    interval = "" if pd.isna(low) or pd.isna(high) else f" (95 %: {low:{sign}.2f} to {high:{sign}.2f})"
    return f"{name} {value:{sign}.2f}{interval}"
