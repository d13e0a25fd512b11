"""The paper's figures, made again: every seed, the paper's choices beside the honest default, chance in grey."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.evaluation.scores import base_entropy
from core.reporting.figures import panels, theme
from core.reporting.figures.theme import Mode

CHOICES = {"paper": "the paper's choices", "honest": "the honest default"}
MARKS = {"paper": "diamond", "honest": "circle"}
MOST_LOSS = 5.0  # nats; seven times what a guess costs
DOT_PIXELS = 15
MOST_LEVEL = 5  # variants whose names stand level below a plot as wide as a phone
SLANTED_PIXELS = 48  # what slanted ones take more
CURVE_SHARE = 0.34  # of the height of the specification curve, above its dots


def history(
    table: pd.DataFrame, shares: Mapping[str, float], *, synthetic: bool = False, mode: Mode = "light"
) -> go.Figure:
    """
    Fig. 5: validation accuracy and loss over the epochs, the median over the seeds and the range as a band.

    Parameters
    ----------
    table : DataFrame
        choice, seed, epoch, validation_accuracy, validation_loss, validation_auc.
    shares : mapping
        Majority share of the validation windows by choice.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=640, synthetic=synthetic, mode=mode)
    table = table.dropna(subset=["validation_loss"])
    if not len(table):
        return theme.note(fig, "no score to show", mode)
    measures = {"validation_accuracy": "Accuracy", "validation_loss": "Loss", "validation_auc": "AUC"}
    panels.stack(fig, list(measures.values()))
    last = int(table["epoch"].max())
    for panel, measure in enumerate(measures):
        for choice, words in CHOICES.items():
            mine = table[table["choice"] == choice]
            if len(mine):
                fig.add_traces(_band(mine, measure, choice, words, panel, mode))
        for value, words in _chance(measure, shares):
            fig.add_trace(panels.chance_line([0.5, last + 0.5], value, words, panel, mode))
    _loss_axis(fig, 1, table["validation_loss"].to_numpy(dtype=float))
    fig.update_xaxes(range=[0.5, last + 0.5], tickformat="d", nticks=10)
    fig.layout[panels.axis("xaxis", 2)].title.text = "Epoch"
    return fig.update_layout(hovermode="x unified")


def variants(runs: pd.DataFrame, words: Sequence[str], *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Fig. 6 and 7, and the observatories: AUC, accuracy and loss of every variant, a dot per seed, a bar at the median.

    Parameters
    ----------
    runs : DataFrame
        choice, variant, seed, auc, accuracy, loss, majority_share, entropy, refused; the variants in the order of
        `words`.
    words : sequence of str
        What stands under each variant.
    synthetic : bool
        Stamp the figure.
    """
    slanted = len(words) > MOST_LEVEL
    room = SLANTED_PIXELS if slanted else 0
    fig = theme.figure(height=640 + room, margin={"b": theme.MARGIN["b"] + room}, synthetic=synthetic, mode=mode)
    names = list(dict.fromkeys(runs["variant"]))
    done = runs[runs["auc"].notna()]
    if not len(done):
        return theme.note(fig, "no score to show", mode)
    panels.stack(fig, ["AUC", "Accuracy", "Loss"])
    places = {name: place for place, name in enumerate(names)}
    for panel, measure in enumerate(("auc", "accuracy", "loss")):
        for choice, text in CHOICES.items():
            mine = done[done["choice"] == choice]
            if len(mine):
                fig.add_traces(_seeds(mine, measure, choice, text, places, panel, mode))
        fig.add_trace(_chance_of_variants(done, measure, places, panel, mode))
    ends = [-0.5, len(names) - 0.5]
    fig.update_xaxes(range=ends, tickvals=list(range(len(names))), ticktext=[theme.words(word) for word in words])
    if slanted:
        fig.update_xaxes(tickangle=-45)
    _loss_axis(fig, 2, done["loss"].to_numpy(dtype=float))
    for name in set(runs.loc[runs["refused"] != "", "variant"]) - set(done["variant"]):
        fig.add_annotation(
            x=places[name], y=0.5, text="refused", showarrow=False, font_color=theme.colour("chance", mode)
        )
    fig.layout.yaxis.range = theme.SHARES
    fig.layout[panels.axis("yaxis", 1)].range = theme.SHARES
    return fig


def specification(
    runs: pd.DataFrame, switches: Mapping[str, Sequence[str]], *, synthetic: bool = False, mode: Mode = "light"
) -> go.Figure:
    """
    The specification curve (Simonsohn et al. 2020): AUC of every setting, sorted, and below it which settings it had.

    Parameters
    ----------
    runs : DataFrame
        variant, auc, auc_low, auc_high, leak, dead, and a column with the position of each switch.
    switches : mapping
        The positions of each switch.
    synthetic : bool
        Stamp the figure.
    """
    lines = [(name, position) for name, options in switches.items() for position in options]
    fig = theme.figure(height=320 + DOT_PIXELS * len(lines), margin={"l": 172}, synthetic=synthetic, mode=mode)
    done = runs[runs["auc"].notna()].sort_values("auc", ignore_index=True)
    if not len(done):
        return theme.note(fig, "no score to show", mode)
    x = np.arange(len(done)) + 1
    grey = "rgba(128,140,150,0.75)"
    auc, low, high = (done[name].to_numpy(dtype=float) for name in ("auc", "auc_low", "auc_high"))
    leak, dead = done["leak"].to_numpy(dtype=bool), done["dead"].to_numpy(dtype=bool)
    for mask, symbol, name in (
        (~leak & ~dead, "circle", "AUC, 95 % interval"),
        (leak & ~dead, "diamond", "its split leaks"),
        (dead, "x-thin-open", "its output is a constant"),
    ):
        if mask.any():
            fig.add_trace(
                go.Scatter(
                    x=x[mask],
                    y=auc[mask],
                    mode="markers",
                    marker={"color": theme.colour("alarm" if symbol == "diamond" else "test", mode), "symbol": symbol},
                    error_y={
                        "array": (high - auc)[mask],
                        "arrayminus": (auc - low)[mask],
                        "color": grey,
                        "thickness": 1.2,
                        "width": 0,
                    },
                    name=name,
                    hovertext=[_setting(row) for row in theme.rows(done[mask])],
                    hoverinfo="text",
                )
            )
    ends = [0.3, len(done) + 0.7]
    fig.add_trace(
        go.Scatter(x=ends, y=[0.5, 0.5], mode="lines", line=theme.chance_line(mode), name="chance", hoverinfo="skip")
    )
    held = [(place, here) for place, (name, at) in enumerate(lines) for here in x[(done[name] == at).to_numpy()]]
    fig.add_trace(
        go.Scatter(
            x=[here for _, here in held],
            y=[place for place, _ in held],
            mode="markers",
            marker={"color": theme.colour("negative", mode), "size": 5, "symbol": "square"},
            showlegend=False,
            hoverinfo="skip",
            yaxis="y2",
        )
    )
    top = 1 - CURVE_SHARE
    labels = [f"{theme.words(name)}: {theme.words(at)}" for name, at in lines]
    return fig.update_layout(
        xaxis={**theme.AXIS, "range": ends, "title_text": "Settings, sorted by AUC", "anchor": "y2", "tickformat": "d"},
        yaxis={**theme.AXIS, "domain": [top + 0.02, 1], "range": theme.SHARES, "title_text": "AUC"},
        yaxis2={
            **theme.AXIS,
            "domain": [0, top - 0.02],
            "range": [len(lines) - 0.4, -0.6],
            "tickvals": list(range(len(lines))),
            "ticktext": labels,
            "tickfont_size": 10,
        },
    )


def _band(table: pd.DataFrame, measure: str, choice: str, words: str, panel: int, mode: Mode) -> list[go.Scatter]:
    grouped = table.groupby("epoch")[measure]
    low, middle, high = grouped.min(), grouped.median(), grouped.max()
    epochs, shade = middle.index.to_numpy(), _ink(choice, mode)
    n = table["seed"].nunique()
    return [
        go.Scatter(
            x=np.concatenate([epochs, epochs[::-1]]),
            y=np.concatenate([high.to_numpy(), low.to_numpy()[::-1]]),
            fill="toself",
            fillcolor=theme.fade(shade, 0.14),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=choice,
            **panels.on(panel),
        ),
        go.Scatter(
            x=epochs,
            y=middle,
            mode="lines",
            line={"color": shade, "width": 2, "dash": "solid" if choice == "honest" else "dot"},
            name=f"{words} ({n} seed{'' if n == 1 else 's'})",
            legendgroup=choice,
            showlegend=panel == 0,
            hovertemplate="%{y:.3f}",
            **panels.on(panel),
        ),
    ]


def _seeds(
    runs: pd.DataFrame, measure: str, choice: str, words: str, places: dict[str, int], panel: int, mode: Mode
) -> list[go.Scatter]:
    shade, beside = _ink(choice, mode), -0.14 if choice == "paper" else 0.14
    x = runs["variant"].map(places).to_numpy(dtype=float) + beside
    middle = runs.groupby("variant")[measure].median()
    bars = [(places[str(name)] + beside, float(value)) for name, value in middle.items() if math.isfinite(value)]
    text = [
        f"{words}, seed {row['seed']}: {measure} {row[measure]:.3f}<br>{int(row['n_train']):,} training windows, "
        f"{int(row['n']):,} judged, {int(row['n_positive']):,} of them positive"
        + ("<br>its output is a constant" if row["dead"] else "")
        for row in theme.rows(runs)
    ]
    return [
        go.Scatter(
            x=x,
            y=runs[measure].to_numpy(dtype=float),
            mode="markers",
            marker={"color": theme.fade(shade, 0.6), "size": 8, "symbol": MARKS[choice]},
            name=words,
            legendgroup=choice,
            showlegend=panel == 0,
            hovertext=text,
            hoverinfo="text",
            **panels.on(panel),
        ),
        go.Scatter(
            x=[end for place, _ in bars for end in (place - 0.1, place + 0.1, None)],
            y=[end for _, value in bars for end in (value, value, None)],
            mode="lines",
            line={"color": shade, "width": 2.5},
            showlegend=False,
            legendgroup=choice,
            hoverinfo="skip",
            **panels.on(panel),
        ),
    ]


def _chance_of_variants(runs: pd.DataFrame, measure: str, places: dict[str, int], panel: int, mode: Mode) -> go.Scatter:
    """A grey piece beside each variant's dots: 0.5, the majority share, the entropy of the class share."""
    column = {"accuracy": "majority_share", "loss": "entropy"}.get(measure)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for (variant, choice), part in runs.groupby(["variant", "choice"]):
        value = 0.5 if column is None else float(part[column].median())
        middle = places[str(variant)] + (-0.14 if choice == "paper" else 0.14)
        xs += [middle - 0.14, middle + 0.14, None]
        ys += [value, value, None]
    names = {"auc": "chance", "accuracy": "majority share", "loss": "entropy of the class share"}
    return go.Scatter(
        x=xs,
        y=ys,
        mode="lines",
        line=theme.chance_line(mode),
        name=names[measure],
        legendrank=2000,
        hoverinfo="skip",
        **panels.on(panel),
    )


def _loss_axis(fig: go.Figure, panel: int, losses: np.ndarray) -> None:
    """Every loss is on the axis; a few that ran away make it logarithmic, or the others would be a line at its foot."""
    high = float(np.nanmax(losses))
    axis = fig.layout[panels.axis("yaxis", panel)]
    if high <= MOST_LOSS:
        axis.range = [0, 1.08 * max(high, 1.0)]
    else:
        low = float(np.nanmin(losses))
        ticks = [digit * 10.0**power for power in range(-2, 7) for digit in (1, 2, 5)]
        ends = [math.log10(0.8 * min(low, 0.5)), math.log10(1.2 * high)]
        axis.update(type="log", range=ends, tickvals=ticks, ticktext=[f"{tick:,g}" for tick in ticks])


def _chance(measure: str, shares: Mapping[str, float]) -> list[tuple[float, str]]:
    if measure == "validation_auc":
        return [(0.5, "chance 0.500")]
    out = []
    for choice, share in shares.items():
        if math.isfinite(share):
            value = share if measure == "validation_accuracy" else base_entropy(share)
            word = "majority share" if measure == "validation_accuracy" else "entropy of the class share"
            out.append((value, f"{word} {value:.3f}: {CHOICES[choice]}"))
    return out


def _setting(row: dict[str, Any]) -> str:
    interval = "" if pd.isna(row["auc_low"]) else f" ({row['auc_low']:.2f} to {row['auc_high']:.2f})"
    return f"<b>{theme.words(row['variant'])}</b><br>AUC {row['auc']:.2f}{interval}; chance 0.50"


def _ink(choice: str, mode: Mode) -> str:
    return theme.series(1 if choice == "paper" else 0, mode)
