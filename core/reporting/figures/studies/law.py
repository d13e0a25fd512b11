"""Would more data help? The score against the size of the training set, and the law fitted to it, if one may be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.evaluation.power_law import PowerLaw
from core.reporting.figures import panels, theme
from core.reporting.figures.theme import Mode


def law(points: pd.DataFrame, fitted: PowerLaw, *, synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    Validation AUC of every repeat, median and range; and the fitted law with its interval and extrapolation.

    Parameters
    ----------
    points : DataFrame
        n_windows and validation_auc; one row per size and repeat.
    fitted : PowerLaw
        Its curve and extrapolation are empty where the data do not support a law.
    synthetic : bool
        Stamp the figure.
    """
    fig = theme.figure(height=360, synthetic=synthetic, mode=mode)
    if not points["validation_auc"].notna().any():
        return theme.note(fig, "no size has a score yet", mode)
    panels.stack(fig, ["Validation AUC"])
    sizes = np.sort(points["n_windows"].unique())
    curve, further = (pd.DataFrame(list(part)) for part in (fitted.curve, fitted.extrapolation))
    last = float(further["n_windows"].max()) if len(further) else float(sizes[-1])
    ends = [sizes[0] / 1.15, last * 1.15]
    fig.add_traces(panels.repeats(points, "validation_auc", "validation", 0, mode))
    if len(curve):
        fig.add_traces(_band(pd.concat([curve, further]), mode))
        fig.add_trace(_line(curve, "fitted law, 95 % interval", "solid", mode))
        fig.add_trace(_line(pd.concat([curve.iloc[-1:], further]), "extrapolated", "dot", mode))
    fig.add_trace(panels.chance_line(ends, 0.5, "chance 0.50", 0, mode))
    ticks = [*sizes, *further.get("n_windows", [])]
    fig.update_xaxes(
        type="log",
        range=np.log10(ends).tolist(),
        tickvals=ticks,
        ticktext=[f"{n:,.0f}" for n in ticks],
        title_text="Training windows",
    )
    return fig


def _line(table: pd.DataFrame, name: str, dash: str, mode: Mode) -> go.Scatter:
    several = "multiple" in table
    return go.Scatter(
        x=table["n_windows"],
        y=table["y"],
        mode="lines+markers" if several else "lines",
        line={"color": theme.colour("test", mode), "width": 2, "dash": dash},
        marker_size=7,
        customdata=table[["y_low", "y_high"]],
        name=name,
        hovertemplate="%{x:,.0f} windows: AUC %{y:.2f} (95 %: %{customdata[0]:.2f} to %{customdata[1]:.2f})"
        "<extra></extra>",
    )


def _band(table: pd.DataFrame, mode: Mode) -> list[go.Scatter]:
    x, low, high = (table[name].to_numpy(dtype=float) for name in ("n_windows", "y_low", "y_high"))
    return [
        go.Scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=theme.fade(theme.colour("test", mode), 0.12),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
    ]
