"""The confusion matrix in words, with what chance would have put into each cell."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.evaluation.cells import Cells
from core.reporting.figures import theme
from core.reporting.figures.theme import Mode
from core.vocabulary import CELLS

# (row, column) of each cell: rows are what happened, columns what was forecast
PLACES = dict(
    zip(CELLS, ((0, 0, "Hit"), (0, 1, "Miss"), (1, 0, "False alarm"), (1, 1, "Correct negative")), strict=True)
)


def outcomes(label: Any, probability: Any, threshold: float) -> np.ndarray:
    """
    The cell of each window in words.

    >>> outcomes([1, 1, 0, 0], [0.5, 0.4, 0.9, 0.1], 0.5).tolist()
    ['hit', 'miss', 'false alarm', 'correct negative']
    """
    alarm, positive = np.asarray(probability) >= threshold, np.asarray(label) == 1
    words = [cell_words(name) for name in CELLS]
    return np.select([positive & alarm, positive, alarm], words[:3], words[3])


def cell_words(name: str) -> str:
    """A cell's name in words, for lists."""
    return PLACES[name][2].lower()


def matrix(cells: Cells, *, threshold: float | None = None, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Four cells with words, counts and shares; in grey what the same number of alarms thrown at random would give.

    Parameters
    ----------
    cells : Cells
    threshold : float, optional
        Named under the columns.
    synthetic : bool
        Stamp the figure.

    Returns
    -------
    plotly Figure
        One heatmap trace per row, z = share of the row, and over each cell an unseen marker with customdata = name of
        the cell: a page can react to a click on a marker, but not on a heatmap.

    Notes
    -----
    The tint of a cell is its share of its row. By chance: row total times column total over the grand total, the
    expected count when alarms and events know nothing of each other.
    """
    number = dataclasses.asdict(cells)
    rows, columns, total = (cells.positives, cells.negatives), (cells.alarms, cells.quiet), cells.total
    fig = theme.figure(height=358, margin={"l": 20, "r": 8, "t": 54, "b": 8}, synthetic=synthetic, mode=mode)
    if total == 0:
        return theme.note(fig, "no windows to score", mode)
    limit = "" if threshold is None else f" (≥ {threshold:.2f})"
    column_words = [f"alarm{limit}", "no alarm"]
    row_words = [f"<b>target event<br>followed</b><br>{rows[0]:,} windows", f"<b>quiet</b><br>{rows[1]:,} windows"]
    for row, meaning in enumerate(("positive", "negative")):
        shade = theme.colour(meaning, mode)
        names = [name for name, place in PLACES.items() if place[0] == row]
        fig.add_trace(
            go.Heatmap(
                x=[0, 1],
                y=[row],
                z=[[_share(number[name], rows[row]) for name in names]],
                hoverinfo="skip",
                zmin=0,
                zmax=1,
                colorscale=[[0, theme.fade(shade, 0.06)], [1, theme.fade(shade, 0.5)]],
                showscale=False,
                xgap=4,
                ygap=4,
            )
        )
    fig.add_trace(
        go.Scatter(
            x=[column for _, column, _ in PLACES.values()],
            y=[row for row, _, _ in PLACES.values()],
            mode="markers",
            marker={"size": 96, "symbol": "square", "opacity": 0},
            selected_marker_opacity=0,
            unselected_marker_opacity=0,
            customdata=[[name] for name in CELLS],
            hoverinfo="none",  # "skip" would take the clicks away too; the cells say everything
            showlegend=False,
        )
    )
    for name, (row, column, word) in PLACES.items():
        share = _share(number[name], rows[row])
        chance = rows[row] * columns[column] / total
        for text, shift, size, opacity in (
            (word, 40, 12, 1),
            (f"<b>{number[name]:,}</b>", 13, 24, 1),
            (f"{theme.percent(share)} of the row", -16, 12, 1),
            (f"by chance {chance:,.0f}", -42, 12, 0.65),
        ):
            # the page's own text colour, faded: grey that stays readable on the tints of both modes
            fig.add_annotation(
                x=column, y=row, text=text, yshift=shift, font_size=size, opacity=opacity, showarrow=False
            )
    fig.update_xaxes(
        tickvals=[0, 1], ticktext=column_words, side="top", showgrid=False, range=[-0.5, 1.5], fixedrange=True
    )
    fig.update_yaxes(
        tickvals=[0, 1], ticktext=row_words, autorange=False, range=[1.5, -0.5], showgrid=False, fixedrange=True
    )
    return fig


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0
