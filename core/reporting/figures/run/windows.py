"""Windows: what was cut, why others were rejected, and what the network sees."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.reporting.figures import theme
from core.reporting.figures.theme import Mode
from core.vocabulary import SPLITS

MOST_REASONS = 12
MOST_SEGMENTS = 4000
MOST_BARS_SEEN = 500  # side by side: what is shorter is drawn this short, or it could not be seen

LABEL_WORDS = {1: "positive", 0: "negative", -1: "unknown"}


def rejections(table: pd.DataFrame, *, storm: str = "", synthetic: bool = False, mode: Mode = "light") -> go.Figure:
    """
    How many candidate windows were kept, and how many were rejected for which reason.

    Parameters
    ----------
    table : DataFrame
        The windows table: label, rejected ("" = kept).
    storm : str
        The reason that gets the colour of storms; see `labelling.windows.storm_words`.
    synthetic : bool
        Stamp the figure.
    """
    if not len(table):
        return theme.note(theme.figure(height=200, synthetic=synthetic, mode=mode), "no candidate windows", mode)
    kept = table["rejected"] == ""
    bars = [
        (f"kept, {word}", int((kept & (table["label"] == label)).sum()), theme.colour(meaning, mode))
        for label, word, meaning in (
            (1, "positive", "positive"),
            (0, "negative", "negative"),
            (-1, "unknown", "chance"),
        )
    ]
    bars = [bar for bar in bars if bar[1] or bar[0] != "kept, unknown"]
    reasons = table.loc[~kept, "rejected"].value_counts()
    grey, shade = theme.fade(theme.colour("chance", mode), 0.6), theme.colour("storm", mode)
    bars += [
        (theme.words(reason), int(count), shade if reason == storm else grey)
        for reason, count in reasons.iloc[:MOST_REASONS].items()
    ]
    if len(reasons) > MOST_REASONS:
        bars.append((f"{len(reasons) - MOST_REASONS} other reasons", int(reasons.iloc[MOST_REASONS:].sum()), grey))
    names, counts, fills = zip(*bars, strict=True)
    fig = theme.figure(height=70 + 30 * len(bars), margin={"t": 10, "l": 20, "r": 30}, synthetic=synthetic, mode=mode)
    fig.add_trace(
        go.Bar(
            x=counts,
            y=[_wrapped(name) for name in names],
            orientation="h",
            marker_color=fills,
            text=[f"{count:,}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{name}: {count:,} of {len(table):,} candidate windows" for name, count, _ in bars],
            hoverinfo="text",
            width=0.62,
        )
    )
    fig.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True, ticksuffix="  ")
    return fig.update_xaxes(title_text="Windows", range=[0, max(counts) * 1.2 or 1], nticks=4, tickangle=0)


def timeline(
    table: pd.DataFrame,
    *,
    colour_by: Literal["split", "label", "rejection"] = "split",
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    Every window as a bar on the time axis, one lane per station: positive above, negative between, rejected below.

    Parameters
    ----------
    table : DataFrame
        The windows table: station, start, end, label, split, rejected, and where known event_id, lead_days.
    colour_by : "split", "label" or "rejection"
        What the colours say. The place within the lane always says the label.
    synthetic : bool
        Stamp the figure.

    Notes
    -----
    Beyond a few thousand windows, neighbours that share lane and colour are drawn as one bar.
    """
    stations = list(dict.fromkeys(table["station"])) if len(table) else []
    fig = theme.figure(height=110 + 74 * max(len(stations), 1), synthetic=synthetic, mode=mode)
    if not stations:
        return theme.note(fig, "no candidate windows", mode)
    kept = (table["rejected"] == "").to_numpy()
    label = table["label"].to_numpy(dtype=int)
    lane = np.select([~kept, label == 1, label == 0], [0.27, -0.27, 0.0], 0.27)
    rows = table.assign(
        y=table["station"].map({station: i for i, station in enumerate(stations)}).to_numpy() + lane,
        kind=_kinds(table, colour_by),
    )
    shortest = (table["end"].max() - table["start"].min()) / MOST_BARS_SEEN
    for kind, shade in _kind_colours(rows["kind"], colour_by, mode):
        chosen = rows[rows["kind"] == kind]
        fig.add_trace(_bars(_merged(chosen) if len(table) > MOST_SEGMENTS else chosen, kind, shade, shortest))
    lanes = [
        (i - 0.27, "positive", i, f"<b>{name}</b>  negative", i + 0.27, "rejected") for i, name in enumerate(stations)
    ]
    fig.update_yaxes(
        tickvals=[place for lane in lanes for place in lane[::2]],
        ticktext=[word for lane in lanes for word in lane[1::2]],
        tickfont_size=10,
        range=[len(stations) - 0.5, -0.5],
        showgrid=False,
        fixedrange=True,
    )
    return fig.update_xaxes(type="date")


def gallery(
    batch: np.ndarray,
    table: pd.DataFrame,
    *,
    style: Literal["lines", "image"] = "lines",
    columns: int = 3,
    points: int = 400,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    Small multiples of windows as the network sees them: processed, gap-filled, normalised.

    Parameters
    ----------
    batch : ndarray, shape (n_windows, 3, n_minutes)
        What `WindowSet.batch` returned.
    table : DataFrame, n_windows rows
        The same rows of the windows table: station, start, label, and where known lead_days, magnitude, probability.
    style : "lines" or "image"
        Three lines, or the greyscale picture of 3 rows that the convolution slides over.
    columns : int
        Windows beside each other.
    points : int
        Longer windows are reduced to this many pairs of lowest and highest value (lines) or means (image).
    synthetic : bool
        Stamp the figure.
    """
    n = len(batch)
    n_rows = max(1, -(-n // columns))
    tile = 180 if style == "lines" else 140
    fig = theme.figure(
        height=50 + tile * n_rows, margin={"l": 26, "r": 8, "t": 4, "b": 30}, synthetic=synthetic, mode=mode
    )
    if n == 0:
        return theme.note(fig, "no windows to show", mode)
    limit = float(np.quantile(np.abs(batch), 0.999)) or 1.0
    gap_x, gap_y = 0.03, 60 / (tile * n_rows)  # room for three lines of words
    width, height = (1 - gap_x * (columns - 1)) / columns, (1 - gap_y * n_rows) / n_rows
    layout: dict[str, Any] = {"showlegend": False}
    for position, row in enumerate(theme.rows(table)):
        left = (position % columns) * (width + gap_x)
        top = 1 - (position // columns) * (height + gap_y) - gap_y
        suffix = "" if position == 0 else str(position + 1)
        hours = batch.shape[2] / 60
        unit, length = ("days", hours / 24) if hours >= 72 else ("hours", hours)
        bottom_row = position + columns >= n
        layout[f"xaxis{suffix}"] = {
            **theme.AXIS,
            "domain": [left, left + width],
            "anchor": f"y{suffix}",
            "range": [0, length],
            "nticks": 4,
            "showticklabels": bottom_row,
            "ticksuffix": f" {unit[0]}",
            "tickfont_size": 10,
        }
        names = {"tickvals": [-2, 0, 2], "range": [3.1, -3.1]} if style == "lines" else {"tickvals": [0, 1, 2]}
        layout[f"yaxis{suffix}"] = {
            **theme.AXIS,
            "domain": [max(top - height, 0.0), top],
            "anchor": f"x{suffix}",
            "fixedrange": True,
            "showgrid": False,
            "showticklabels": position % columns == 0,
            "automargin": False,
            **({"autorange": "reversed"} if style == "image" else {}),
            **names,
            "ticktext": ["X", "Y", "Z"],
        }
        axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        draw = _as_lines if style == "lines" else _as_image
        fig.add_traces(draw(np.asarray(batch[position], dtype=np.float32), length, limit, points, axes, mode))
        fig.add_annotation(
            text=_caption(row, mode),
            xref="paper",
            yref="paper",
            x=left,
            y=top,
            xanchor="left",
            yanchor="bottom",
            align="left",
            showarrow=False,
            font_size=11,
        )
    return fig.update_layout(layout)


def used(table: pd.DataFrame, station: str) -> pd.DataFrame:
    """
    The stretches of a station's record that a run was trained, validated or tested on.

    Parameters
    ----------
    table : DataFrame
        The windows table: station, start, end, split, rejected.
    station : str

    Returns
    -------
    DataFrame
        start, end, split; windows that touch or overlap are one stretch.
    """
    kept = table[(table["station"] == station) & (table["rejected"] == "") & table["split"].isin(SPLITS)]
    parts = [_merged(rows.assign(y=0)).assign(split=split) for split, rows in kept.groupby("split")]
    every = pd.concat(parts) if parts else kept
    return every[["start", "end", "split"]].sort_values("start", ignore_index=True)


def _wrapped(name: str, most: int = 30) -> str:
    words, lines = name.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def _kinds(table: pd.DataFrame, colour_by: str) -> np.ndarray:
    rejected = table["rejected"].astype(str).to_numpy()
    if colour_by == "rejection":
        return np.where(rejected == "", "kept", rejected)
    if colour_by == "label":
        words = table["label"].map(LABEL_WORDS).fillna("unknown").to_numpy()
    elif colour_by == "split":
        words = np.where(table["split"] == "", "unused", table["split"].astype(str))
    else:
        raise ValueError(f"colour_by {colour_by!r} is none of split, label, rejection")
    return np.where(rejected == "", words, "rejected")


def _kind_colours(kinds: pd.Series, colour_by: str, mode: Mode) -> list[tuple[str, str]]:
    grey = theme.fade(theme.colour("chance", mode), 0.7)
    if colour_by == "rejection":
        reasons = kinds[kinds != "kept"].value_counts().index.tolist()
        kept = [("kept", theme.colour("station", mode))] if (kinds == "kept").any() else []
        return kept + [(reason, theme.series(i, mode)) for i, reason in enumerate(reasons)]
    known = list(SPLITS) if colour_by == "split" else ["positive", "negative"]
    coloured = [(kind, theme.colour(kind, mode)) for kind in known if (kinds == kind).any()]
    others = sorted(set(kinds) - set(known) - {"rejected"})
    rejected = [("rejected", theme.fade(theme.colour("chance", mode), 0.3))] if (kinds == "rejected").any() else []
    return coloured + [(kind, grey) for kind in others] + rejected


def _merged(rows: pd.DataFrame) -> pd.DataFrame:
    # neighbours in one lane that touch or overlap become one bar; `n_windows` remembers how many
    rows = rows.sort_values(["y", "start"])
    latest = rows.groupby("y")["end"].cummax().shift()
    new = (rows["y"] != rows["y"].shift()) | (rows["start"] > latest)
    grouped = rows.groupby(new.cumsum())
    return grouped.agg(
        station=("station", "first"),
        y=("y", "first"),
        start=("start", "min"),
        end=("end", "max"),
        n_windows=("y", "size"),
    )


def _bars(rows: pd.DataFrame, kind: str, shade: str, shortest: pd.Timedelta) -> go.Scatter:
    n = len(rows)
    x = np.full((n, 3), None, dtype=object)
    x[:, 0] = theme.times(rows["start"])
    x[:, 1] = theme.times(rows["end"].where(rows["end"] - rows["start"] >= shortest, rows["start"] + shortest))
    y = np.full((n, 3), np.nan)
    y[:, 0] = y[:, 1] = rows["y"]
    hover = np.full((n, 3), "", dtype=object)
    hover[:, 0] = hover[:, 1] = [_bar_words(row, kind) for row in theme.rows(rows)]
    return go.Scatter(
        x=x.ravel(),
        y=y.ravel(),
        mode="lines",
        line={"color": shade, "width": 13, "simplify": False},  # else bars shorter than a pixel vanish
        hovertext=hover.ravel(),
        hoverinfo="text",
        name=theme.words(kind),
    )


def _bar_words(row: dict[str, Any], kind: str) -> str:
    lines = [
        f"{row['station']}, {theme.words(kind)}",
        f"{row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M} UTC",
    ]
    if "n_windows" in row:
        lines.append(f"{row['n_windows']:,} windows")
    elif row.get("rejected"):
        lines.append(theme.words(row["rejected"]))
    if row.get("label") == 1 and pd.notna(row.get("lead_days")):
        lines.append(f"{row['lead_days']:.1f} days before a target event")
    return "<br>".join(lines)


def _caption(row: dict[str, Any], mode: Mode) -> str:
    word = LABEL_WORDS.get(int(row["label"]), "unknown")
    shade = theme.colour(word if word != "unknown" else "chance", mode)
    symbol = {"positive": "◆", "negative": "○"}.get(word, "?")
    lines = [f"<span style='color:{shade}'>{symbol}</span> <b>{word}</b> {theme.words(row['station'])}"]
    lines.append(f"{row['start']:%Y-%m-%d %H:%M}")
    more = [f"before M {row['magnitude']:.1f}"] if word == "positive" and pd.notna(row.get("magnitude")) else []
    more += [f"p = {row['probability']:.2f}"] if pd.notna(row.get("probability")) else []
    return "<br>".join([*lines, ", ".join(more) or " "])


def _reduced(values: np.ndarray, points: int) -> tuple[np.ndarray, int]:
    # cells of equal width, the last one padded with its own last value
    width = max(1, -(-values.shape[1] // points))
    short = -values.shape[1] % width
    padded = np.pad(values, ((0, 0), (0, short)), mode="edge") if short else values
    return padded.reshape(len(values), -1, width), width


def _as_lines(
    values: np.ndarray, length: float, limit: float, points: int, axes: dict[str, str], mode: Mode
) -> list[go.Scatter]:
    cells, width = _reduced(values, points)
    if width > 2:
        drawn = np.stack([cells.min(axis=2), cells.max(axis=2)], axis=2).reshape(len(values), -1)
    else:
        drawn = values
    scaled = np.clip(drawn / limit, -1.25, 1.25) * 0.9
    return [
        go.Scatter(
            x0=0,
            dx=length / scaled.shape[1],
            # each row has its own level, X on top; the y axis runs downwards, so up is minus
            y=(np.float32(2 * (position - 1)) - scaled[position]).astype(np.float32),
            mode="lines",
            line={"color": theme.colour(name, mode), "width": 1},
            hoverinfo="skip",
            **axes,
        )
        for position, name in enumerate(("x", "y", "z"))
    ]


def _as_image(
    values: np.ndarray, length: float, limit: float, points: int, axes: dict[str, str], _mode: Mode
) -> list[go.Heatmap]:
    cells = _reduced(values, points)[0]
    means = cells.mean(axis=2)
    return [
        go.Heatmap(
            z=means.astype(np.float32),
            x0=length / means.shape[1] / 2,
            dx=length / means.shape[1],
            y=[0, 1, 2],
            zmin=-limit,
            zmax=limit,
            colorscale="Greys_r",  # a picture: the same in light and dark
            showscale=False,
            hoverinfo="skip",
            **axes,
        )
    ]
