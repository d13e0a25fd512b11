"""A sweep: the score of every run against one of the options that were varied, and the grey line of chance."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import panels, theme
from core.reporting.figures.theme import Mode

SHIFT = 0.12  # validation and test dots stand beside each other


def sweep(runs: pd.DataFrame, option: str, title: str, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    AUC of each finished run on validation windows and on the windows it is judged by, by the value of one option.

    Parameters
    ----------
    runs : DataFrame
        run_id, state, auc, validation_auc, scored_split, and a column named `option`; as `sweep.Sweep.runs`.
    option : str
        The column whose values are spread along the axis, in the order in which they come.
    title : str
        The option in words.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=360, synthetic=synthetic, mode=mode)
    done = runs[runs["state"] == "finished"]
    if not done["auc"].notna().any():
        return theme.note(fig, "no run has a score yet", mode)
    panels.stack(fig, ["AUC"])
    values = list(dict.fromkeys(runs[option]))
    place = done[option].map(values.index).to_numpy(dtype=float)
    judged = str(done["scored_split"].iloc[0])
    shown = (
        [("validation_auc", "validation")]
        if judged == "validation"
        else [
            ("validation_auc", "validation"),
            ("auc", judged),
        ]
    )
    for column, split in shown:
        at = place + (0 if len(shown) == 1 else SHIFT if split == judged else -SHIFT)
        shade = theme.colour(split, mode)
        fig.add_trace(
            go.Scatter(
                x=at,
                y=done[column],
                mode="markers",
                marker={
                    "color": theme.fade(shade, 0.7),
                    "size": 8,
                    "symbol": "circle" if split == judged else "circle-open",
                },
                name=f"{split}: a run each",
                hovertext=[
                    f"{theme.words(row.run_id)}<br>{split} AUC {getattr(row, column):.3f}" for row in done.itertuples()
                ],
                hoverinfo="text",
            )
        )
        median = done[column].groupby(at).median()
        fig.add_trace(
            go.Scatter(
                x=median.index.to_numpy(),
                y=median,
                mode="markers",
                marker={"color": shade, "size": 18, "symbol": "line-ew-open", "line_width": 3},
                name=f"{split}: median",
                hovertemplate="median %{y:.3f}<extra></extra>",
            )
        )
    ends = [-0.5, len(values) - 0.5]
    fig.add_trace(panels.chance_line(ends, 0.5, "chance 0.50", 0, mode))
    fig.update_xaxes(
        range=ends,
        tickvals=list(range(len(values))),
        ticktext=[theme.words(value) for value in values],
        title_text=theme.words(title),
    )
    return fig.update_yaxes(range=theme.SHARES)
