"""Curves of training and scoring, each with chance drawn in grey beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.evaluation.scores import base_entropy
from core.reporting.figures import panels, theme
from core.reporting.figures.theme import Mode
from core.vocabulary import SPLITS


def history(
    history: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    majority_share: float | Mapping[str, float] | None = None,
    measures: Sequence[str] = ("accuracy", "loss"),
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    Accuracy and loss over the epochs, training and validation, above each other.

    Parameters
    ----------
    history : DataFrame, or mapping of a run's name to its DataFrame
        epoch, loss, accuracy, auc and the same with `validation_` before it. Several runs are overlaid: a colour
        each, validation solid, training dotted.
    majority_share : float, or mapping of a run's name to it, optional
        Share of the larger class of the validation windows: the accuracy of always giving the same answer. Its
        entropy is the loss of knowing nothing.
    measures : sequence of "accuracy", "loss", "auc"
        The panels, from the top.
    synthetic : bool
        Stamp the figure.

    Returns
    -------
    plotly Figure
    """
    runs = {"": history} if isinstance(history, pd.DataFrame) else dict(history)
    shares = majority_share if isinstance(majority_share, Mapping) else {"": majority_share}
    fig = theme.figure(height=60 + 210 * len(measures) + 12 * len(runs), synthetic=synthetic, mode=mode)
    if not any(len(table) for table in runs.values()):
        return theme.note(fig, "no epoch has ended yet", mode)
    last = max(int(table["epoch"].max()) for table in runs.values() if len(table))
    panels.stack(fig, [measure.upper() if measure == "auc" else measure.capitalize() for measure in measures])
    for panel, measure in enumerate(measures):
        for number, (name, table) in enumerate(runs.items()):
            fig.add_traces(_training_lines(table, measure, name, number, panel, mode))
        for value, words in _knowing_nothing(measure, shares):
            fig.add_trace(panels.chance_line([0.5, last + 0.5], value, words, panel, mode))
    fig.update_xaxes(range=[0.5, last + 0.5] if last > 1 else [0.5, 1.5], nticks=10, tickformat="d")
    if last <= 10:
        fig.update_xaxes(dtick=1, tick0=1)
    fig.layout[panels.axis("xaxis", len(measures) - 1)].title.text = "Epoch"
    return fig.update_layout(hovermode="x unified")


def roc(
    table: pd.DataFrame,
    *,
    auc: float | None = None,
    low: float | None = None,
    high: float | None = None,
    threshold: float | None = None,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    Hit rate against false alarm rate, the diagonal of chance, and the area with its interval in words.

    Parameters
    ----------
    table : DataFrame
        false_alarm_rate, hit_rate, threshold (as `scores.roc` returns it).
    auc, low, high : float, optional
        Area under the curve and its 95 % interval.
    threshold : float, optional
        Mark the point of the curve that this threshold gives.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=380, synthetic=synthetic, mode=mode)
    if not len(table):
        return theme.note(fig, "needs windows of both classes", mode)
    fig.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line=theme.chance_line(mode),
            name="chance",
            hoverinfo="skip",
        )
    )
    fig.add_trace(
        go.Scatter(
            x=table["false_alarm_rate"],
            y=table["hit_rate"],
            customdata=table["threshold"],
            mode="lines",
            line={"color": theme.colour("test", mode), "width": 2, "shape": "hv"},
            name="this run",
            hovertemplate="threshold %{customdata:.2f}<br>hit rate %{y:.0%}<br>"
            "false alarm rate %{x:.0%}<extra></extra>",
        )
    )
    if threshold is not None:
        at = table[table["threshold"] >= threshold].iloc[-1:]
        fig.add_trace(
            go.Scatter(
                x=at["false_alarm_rate"],
                y=at["hit_rate"],
                mode="markers",
                marker={"color": theme.colour("alarm", mode), "size": 10},
                name=f"threshold {threshold:.2f}",
                hoverinfo="skip",
            )
        )
    if auc is not None:
        interval = "" if low is None or high is None or np.isnan([low, high]).any() else f"<br>{low:.2f} to {high:.2f}"
        words = f"<b>AUC {auc:.2f}</b>{interval}" + ("<br>(95 % interval)" if interval else "")
        chance = f"<br><span style='color:{theme.colour('chance', mode)}'>chance 0.50</span>"
        fig.add_annotation(
            text=words + chance, x=0.97, y=0.06, xanchor="right", yanchor="bottom", showarrow=False, align="right"
        )
    fig.update_layout(legend={"x": 0.5, "xanchor": "center"})
    fig.update_xaxes(title_text="False alarm rate", range=theme.SHARES, constrain="domain")
    return fig.update_yaxes(title_text="Hit rate", range=theme.SHARES, scaleanchor="x", constrain="domain")


def learning_curve(points: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Accuracy and loss against the number of training windows: every repeat, the median, and the range.

    Parameters
    ----------
    points : DataFrame
        n_windows, train_accuracy, validation_accuracy, train_loss, validation_loss, majority_share; one row per
        size and repeat.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=480, synthetic=synthetic, mode=mode)
    if not len(points):
        return theme.note(fig, "no size has been trained yet", mode)
    panels.stack(fig, ["Accuracy", "Loss"])
    sizes = np.sort(points["n_windows"].unique())
    ends = [sizes[0] / 1.15, sizes[-1] * 1.15]
    for panel, measure in enumerate(("accuracy", "loss")):
        for split in SPLITS[:2]:
            fig.add_traces(panels.repeats(points, f"{split}_{measure}", split, panel, mode))
        share = float(points["majority_share"].median())
        value, word = (
            (share, "majority share") if measure == "accuracy" else (base_entropy(share), "entropy of the class share")
        )
        fig.add_trace(panels.chance_line(ends, value, f"{word} {value:.3f}", panel, mode))
    fig.update_xaxes(type="log", range=np.log10(ends).tolist(), tickvals=sizes, ticktext=[f"{n:,}" for n in sizes])
    fig.layout.xaxis2.title.text = "Training windows"
    return fig


def compare(runs: pd.DataFrame, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Runs side by side: AUC with its interval beside chance, and accuracy beside the majority share.

    Parameters
    ----------
    runs : DataFrame
        run_id, auc, auc_low, auc_high, accuracy, majority_share, and where known scored_split, synthetic, dead,
        leak (as `RunStore.list` returns it). The first row is drawn at the top.
    synthetic : bool
        Stamp the figure (rows that are synthetic say so in any case).
    """
    fig = theme.figure(height=130 + 46 * max(len(runs), 1), margin={"l": 16}, synthetic=synthetic, mode=mode)
    if not len(runs):
        return theme.note(fig, "no runs yet", mode)
    measured = ["auc", "auc_low", "auc_high", "accuracy", "majority_share"]
    runs = runs.assign(**{name: pd.to_numeric(runs[name]) for name in measured})  # None, from JSON, is NaN
    rows = theme.rows(runs)
    position = list(range(len(rows)))
    ink, grey = theme.colour("test", mode), theme.colour("chance", mode)
    doubtful = [bool(row.get("dead")) or bool(row.get("leak")) for row in rows]
    dot = {"color": ink, "size": 10, "symbol": ["circle-open" if doubt else "circle" for doubt in doubtful]}
    tick = {"color": grey, "size": 16, "symbol": "line-ns-open", "line_width": 2}
    auc, accuracy, share = (runs[name].to_numpy(dtype=float) for name in ("auc", "accuracy", "majority_share"))
    words = [_run_words(row) for row in rows]
    # beside each run's dot, and between its name and that of the next
    chance = {"x": [0.5, 0.5, None] * len(rows), "y": [end for i in position for end in (i - 0.2, i + 0.4, None)]}
    fig.add_traces(
        [
            go.Scatter(**chance, mode="lines", line=theme.chance_line(mode), name="chance", hoverinfo="skip"),
            _dots(auc, "AUC, 95 % interval", dot, words, error_x=theme.error_bars(runs, "auc", ink)),
            _dots(share, "majority share", tick, [f"majority share {value:.3f}" for value in share], xaxis="x2"),
            _dots(accuracy, "accuracy", {**dot, "symbol": "square"}, words, xaxis="x2"),
        ]
    )
    for place, row in zip(position, rows, strict=True):
        fig.add_annotation(
            text=_run_label(row),
            xref="paper",
            x=0,
            y=place - 0.4,
            xanchor="left",
            yanchor="middle",
            showarrow=False,
            font_size=11,
        )
    least = np.nanmin([*accuracy, *share, 0.45]) - 0.05
    fig.update_layout(
        xaxis={**theme.AXIS, "domain": [0, 0.56], "range": theme.SHARES, "title_text": "AUC", "nticks": 5},
        xaxis2={
            **theme.AXIS,
            "domain": [0.64, 1],
            "anchor": "y",
            "range": [least, theme.SHARES[1]],
            "title_text": "Accuracy",
            "nticks": 4,
            "tickangle": 0,
        },
        yaxis={**theme.AXIS, "tickvals": position, "showticklabels": False, "range": [len(rows) - 0.5, -0.75]},
    )
    return fig.update_yaxes(fixedrange=True)


def probabilities(
    predictions: pd.DataFrame,
    *,
    threshold: float = 0.5,
    split: str = "test",
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    How the probabilities of positive and of negative windows are spread; without skill both look the same.

    Parameters
    ----------
    predictions : DataFrame
        label (0 or 1), probability, split.
    threshold : float
        Drawn as the line of alarm.
    split : str
        Which windows.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=300, synthetic=synthetic, mode=mode)
    shown = predictions[predictions["split"] == split]
    if not len(shown):
        return theme.note(fig, f"no {split} windows", mode)
    edges = np.linspace(0, 1, 26)
    highest = 0.0
    for label, meaning in ((1, "positive"), (0, "negative")):
        values = shown.loc[shown["label"] == label, "probability"].to_numpy(dtype=float)
        counts = np.histogram(values, edges)[0]
        shares = 100 * counts / max(len(values), 1)
        highest = max(highest, float(shares.max()))
        shade = theme.colour(meaning, mode)
        fig.add_trace(
            go.Scatter(
                **theme.outline(edges, shares, shade, 0.14),
                line={"color": shade, "width": 1.6, "dash": "solid" if label else "dash"},
                name=f"{meaning} windows ({len(values):,})",
                hovertemplate="%{y:.0f} % of these windows<extra></extra>",
            )
        )
    fig.add_trace(
        go.Scatter(
            x=[threshold] * 2,
            y=[0, highest * 1.08],
            mode="lines",
            line={"color": theme.colour("alarm", mode), "width": 1.4, "dash": "dash"},
            name=f"threshold {threshold:.2f}",
            hoverinfo="skip",
        )
    )
    fig.update_xaxes(title_text="Probability given by the network", range=[-0.01, 1.01])
    return fig.update_yaxes(title_text="% of the class", rangemode="tozero")


def _knowing_nothing(measure: str, shares: Mapping[str, float | None]) -> list[tuple[float, str]]:
    # what a network reaches that knows only the class shares, and its name; runs with equal shares have one line
    if measure == "auc":
        return [(0.5, "chance 0.500")]
    values: dict[float, tuple[float, list[str]]] = {}
    for run, share in shares.items():
        if share is not None and not np.isnan(share):
            value = share if measure == "accuracy" else base_entropy(share)
            values.setdefault(round(value, 3), (value, []))[1].append(theme.words(run))
    word = "majority share" if measure == "accuracy" else "entropy of the class share"
    several = len(values) > 1
    return [
        (value, f"{word} {value:.3f}" + (f": {', '.join(runs)}" if several else "")) for value, runs in values.values()
    ]


def _training_lines(
    table: pd.DataFrame, measure: str, run: str, number: int, panel: int, mode: Mode
) -> list[go.Scatter]:
    traces = []
    for split in SPLITS[:2]:
        column = measure if split == "train" else f"validation_{measure}"
        if column not in table or table[column].isna().all():
            continue
        shade = theme.series(number, mode) if run else theme.colour(split, mode)
        name = theme.words(run) or split  # of several runs one line stands in the legend, and hides or shows both
        traces.append(
            go.Scatter(
                x=table["epoch"],
                y=table[column].to_numpy(dtype=np.float32),
                mode="lines+markers" if len(table) < 3 else "lines",
                line={"color": shade, "width": 2 if split == "validation" else 1.5, "dash": panels.dash(split)},
                name=name,
                legendgroup=name,
                showlegend=panel == 0 and (not run or split == "validation"),
                hovertemplate=f"{split} %{{y:.3f}}" if run else "%{y:.3f}",
                **panels.on(panel),
            )
        )
    return traces


def _dots(x: np.ndarray, name: str, marker: dict[str, Any], words: list[str], **options: Any) -> go.Scatter:
    y = list(range(len(x)))
    return go.Scatter(x=x, y=y, name=name, marker=marker, mode="markers", hovertext=words, hoverinfo="text", **options)


def _run_label(row: Mapping[str, Any]) -> str:
    remarks = [word for key, word in (("synthetic", "synthetic"), ("leak", "leaks"), ("dead", "dead")) if row.get(key)]
    return " · ".join([f"<b>{theme.words(row['run_id'])}</b>", *remarks])


def _run_words(row: Mapping[str, Any]) -> str:
    lines = [f"<b>{theme.words(row['run_id'])}</b>"]
    interval = "" if pd.isna(row["auc_low"]) else f" ({row['auc_low']:.2f} to {row['auc_high']:.2f})"
    lines.append("no AUC: one class only" if pd.isna(row["auc"]) else f"AUC {row['auc']:.2f}{interval}; chance 0.50")
    if pd.notna(row["accuracy"]):
        lines.append(f"accuracy {row['accuracy']:.3f}; majority share {row['majority_share']:.3f}")
    if row.get("scored_split"):
        lines.append(f"scored on the {row['scored_split']} windows")
    if row.get("dead"):
        lines.append("the network died: its output is a constant")
    if row.get("leak"):
        lines.append("its windows leak from training into scoring")
    if row.get("synthetic"):
        lines.append("synthetic data")
    return "<br>".join(lines)
