"""
The visual language, defined once: colours with a meaning, the grid, the synthetic mark.

Cool hues are the magnetic field, warm hues are earthquakes, plum shades are the
splits, and grey is chance. Every colour has a light and a dark form with a
contrast of at least 3:1 on the page, and colours that meet in one figure stay
apart for colour-blind eyes (both are tests). Nothing is told by colour alone:
symbols, dashes and words say the same.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

Mode = Literal["light", "dark"]
Figure = go.Figure  # for who hands figures on and draws none

COLOURS: dict[str, tuple[str, str]] = {
    "x": ("#1f6fb2", "#5aabf0"),
    "y": ("#14a08d", "#83e6d6"),
    "z": ("#3b2f86", "#8a70ee"),
    "station": ("#15202b", "#f2f6fa"),
    "target_event": ("#bf3319", "#ff7a57"),
    "other_event": ("#9a8469", "#b8a68f"),
    "alarm": ("#a3157a", "#f08fd6"),
    "storm": ("#bd8500", "#f2c650"),
    "synthetic": ("#5b7600", "#bdd64e"),
    "chance": ("#858d97", "#8a94a0"),
    "train": ("#a478c2", "#8e62b0"),
    "validation": ("#7135a0", "#c493ea"),
    "test": ("#3b1159", "#eedcff"),
    # a positive window is one that a target event follows: the same thing, the same colour
    "positive": ("#bf3319", "#ff7a57"),
    "negative": ("#2d6788", "#7fb9e0"),
}

# Runs, reasons and other things without a meaning of their own, in this order.
SERIES: tuple[tuple[str, str], ...] = (
    ("#2a78bd", "#62aff2"),
    ("#c2570c", "#fb9a4b"),
    ("#0c7f70", "#4bcfbd"),
    ("#6b2fa0", "#c9a0ee"),
    ("#96690a", "#efcd6a"),
    ("#b02a80", "#f59ccf"),
    ("#4d7690", "#8fb4cc"),
    ("#5f7d12", "#b4cf52"),
    ("#8a3b12", "#ffb199"),
    ("#475569", "#cbd5e1"),
)

# Depth in km up to which an event's ring has a colour: the deeper, the bluer.
DEPTH_BINS: tuple[tuple[int, tuple[str, str]], ...] = (
    (10, ("#6e4a30", "#e9caa8")),
    (30, ("#83716a", "#c6bdb5")),
    (70, ("#7d8aa3", "#a3b4cc")),
    (150, ("#4f7fc4", "#79a6e6")),
    (10_000, ("#1557b8", "#4b8bf5")),
)

GRID = "rgba(128,140,150,0.22)"
FAINT = "rgba(128,140,150,0.14)"  # gaps, embargo, everything that is only the background of something else
MARK = "rgba(128,140,150,0.25)"  # the stretch that is spoken of
SYNTHETIC_WORDS = "SYNTHETIC DATA"
STAMP_PIXELS = 16
MARGIN = {"l": 68, "r": 16, "t": 30, "b": 48}


def colour(meaning: str, mode: Mode = "light") -> str:
    """The hex colour of a meaning in light or dark mode."""
    return COLOURS[meaning][_column(mode)]


def series(position: int, mode: Mode = "light") -> str:
    """The hex colour of the n-th of several equal things (runs, reasons)."""
    return SERIES[position % len(SERIES)][_column(mode)]


def fade(hex_colour: str, opacity: float) -> str:
    """
    The same colour, see-through.

    >>> fade("#1f6fb2", 0.5)
    'rgba(31,111,178,0.5)'
    """
    red, green, blue = (int(hex_colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def dark_of_light() -> dict[str, str]:
    """Each light colour with its dark form; a page of the static site recolours its figures with it."""
    return dict((*COLOURS.values(), *SERIES, *(pair for _, pair in DEPTH_BINS)))


def figure(
    traces: Sequence[Any] = (),
    *,
    height: int = 320,
    margin: Mapping[str, int] | None = None,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    A figure with the common look: no background, no title, mid-grey grid, legend above the plot.

    Parameters
    ----------
    traces : sequence of plotly traces
    height : int
        Pixels; the width is the page's.
    margin : mapping, optional
        Pixels l, r, t, b where they differ from the usual; the stamp gets its own room below.
    synthetic : bool
        True stamps the words "SYNTHETIC DATA" on the figure, so that they also survive a screenshot.
    """
    fig = go.Figure(list(traces))
    fig.update_layout(
        template="none",
        height=height,
        margin={**MARGIN, **(margin or {})},
        plot_bgcolor="rgba(0,0,0,0)",  # what lies behind the panels shows through; the paper is the page's
        font_size=12,
        hoverlabel_align="left",
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": GRID, "activecolor": colour("chance", mode)},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "title_text": ""},
    )
    fig.update_xaxes(**AXIS)
    fig.update_yaxes(**AXIS)
    if synthetic:
        stamp(fig, mode)
    return fig


AXIS: dict[str, Any] = {
    "gridcolor": GRID,
    "linecolor": GRID,
    "zeroline": False,
    "ticks": "",
    "separatethousands": True,
    "exponentformat": "none",
    "title_standoff": 8,
    "automargin": True,
}
# From 0 to 1, with room for half a dot at either end, on a phone too.
SHARES = [-0.04, 1.04]


def chance_line(mode: Mode = "light") -> dict[str, Any]:
    """The line style of chance: grey, dashed; used for nothing else."""
    return {"color": colour("chance", mode), "width": 1.5, "dash": "dash"}


def error_bars(table: pd.DataFrame, name: str, ink: str) -> dict[str, Any]:
    """The interval of a column, from its `_low` and `_high`, as plotly's `error_x` or `error_y`."""
    value, low, high = (table[f"{name}{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
    return {"array": high - value, "arrayminus": value - low, "color": ink, "thickness": 1.4, "width": 0}


def outline(edges: np.ndarray, heights: np.ndarray, shade: str, opacity: float) -> dict[str, Any]:
    """The options of a scatter trace that draw a histogram as a tinted outline: n + 1 edges, n heights."""
    return {
        "x": np.repeat(edges, 2),
        "y": np.concatenate([[0], np.repeat(heights, 2), [0]]),
        "mode": "lines",
        "fill": "tozeroy",
        "fillcolor": fade(shade, opacity),
    }


def percent(share: float) -> str:
    """
    A share in whole percent, where only everything is 100 and only nothing is 0.

    >>> [percent(share) for share in (0.5, 0.999, 1.0, 0.001)]
    ['50 %', '>99 %', '100 %', '<1 %']
    """
    if 0.995 <= share < 1:
        return ">99 %"
    if 0 < share < 0.005:
        return "<1 %"
    return f"{100 * share:.0f} %"


def stamp(fig: go.Figure, mode: Mode = "light") -> go.Figure:
    """Write "SYNTHETIC DATA" below the plot, at the right; returns the same figure, made higher for it."""
    bottom = int(fig.layout.margin.b) + STAMP_PIXELS
    fig.update_layout(height=fig.layout.height + STAMP_PIXELS, margin_b=bottom)
    return fig.add_annotation(
        text=SYNTHETIC_WORDS,
        name="synthetic",
        xref="paper",
        yref="paper",
        x=1,
        y=0,
        xanchor="right",
        yanchor="bottom",
        yshift=-bottom,
        showarrow=False,
        borderpad=2,
        font={"size": 10, "color": colour("synthetic", mode), "weight": 700},
    )


def words(value: Any) -> str:
    """Text from outside (place names, reasons, ids) so that plotly shows it as it is and makes no markup of it."""
    return html.escape(str(value), quote=False)


def times(values: Any) -> list[str]:
    """
    UTC times as plotly wants them: ISO text without a zone.

    >>> times(pd.DatetimeIndex(["2016-10-30T06:40:18Z"]))
    ['2016-10-30T06:40:18']
    """
    index = pd.DatetimeIndex(pd.to_datetime(values, utc=True)).tz_localize(None)
    texts: list[str] = np.datetime_as_string(index.to_numpy().astype("datetime64[s]")).tolist()
    return texts


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def note(fig: go.Figure, text: str, mode: Mode = "light") -> go.Figure:
    """Say in the middle of an empty figure why it is empty."""
    fig.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        showarrow=False,
        font_color=colour("chance", mode),
        font_size=14,
    )
    return fig.update_xaxes(visible=False).update_yaxes(visible=False)


def _column(mode: Mode) -> int:
    if mode not in ("light", "dark"):
        raise ValueError(f"mode {mode!r} is neither 'light' nor 'dark'")
    return 0 if mode == "light" else 1
