"""The windows of a run one by one: a list to choose from, and the week of the chosen one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.reporting.figures.record import record as figures
from core.reporting.figures.run import confusion
from core.runs.runs import Run
from dashboard import address, loaders, tables, widgets

WEEK = pd.Timedelta(days=7)
OUTCOMES = [confusion.cell_words(name) for name in confusion.PLACES]


def cell_clicked() -> None:
    """A click on a cell of the confusion matrix lists its windows; a second one lists all again."""
    points = st.session_state["confusion"]["selection"]["points"]
    st.session_state["outcomes"] = [confusion.cell_words(point["customdata"][0]) for point in points[:1]]


def choose(rows: pd.DataFrame, threshold: float) -> pd.Series | None:
    """
    List windows, those with a high probability first, and return the chosen one with its `outcome`.

    Parameters
    ----------
    rows : DataFrame
        Predictions of one split.
    threshold : float
    """
    kinds = st.pills("Windows that are a", OUTCOMES, selection_mode="multi", key="outcomes")
    table = rows.assign(
        outcome=confusion.outcomes(rows["label"], rows["probability"], threshold),
        before=[lead_words(days) for days in rows["lead_days"]],
    )
    table = table[table["outcome"].isin(kinds)] if kinds else table
    table = table.sort_values("probability", ascending=False).reset_index(drop=True)
    if table.empty:
        st.info("There is no such window.")
        return None
    picked = tables.show(
        table[["station", "end", "probability", "outcome", "before"]],
        height=278,
        on_select="rerun",
        selection_mode="single-row-required",
        key="window",
        columns={
            "station": st.column_config.TextColumn("Station", width=60),
            "end": st.column_config.DatetimeColumn(
                "Window ends (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC", width=125
            ),
            "probability": st.column_config.ProgressColumn(
                "Probability", min_value=0, max_value=1, format="%.2f", width=95
            ),
            "outcome": st.column_config.TextColumn("Outcome", width=112),
            "before": st.column_config.TextColumn("Before", help="From its end to the target event", width=70),
        },
        alt="The windows of this split; choose one to see its week",
    )
    position = (picked["selection"]["rows"] or [0])[0]
    return table.iloc[position if position < len(table) else 0]


def week(run: Run, window: pd.Series, look: dict[str, Any]) -> None:
    """The record around a window, and a link to the same stretch on the Record page."""
    source = loaders.source_of(run.config)
    station = window["station"]
    if source is None or station not in source.stations():
        st.info(f"The minute data of {station} are no longer stored here, so the window cannot be drawn.")
        return
    middle = window["start"] + (window["end"] - window["start"]) / 2
    half = max(WEEK / 2, (window["end"] - window["start"]) * 0.75)
    start, end = middle - half, middle + half
    drawn = loaders.stretch(source, station, start, end, run.config.detectability)
    widgets.plot(
        figures.marked(figures.record(**drawn, **look), window["start"], window["end"], "window"),
        key="week",
        alt=f"The week around the window that ends {window['end']:%Y-%m-%d %H:%M}",
    )
    st.caption(
        f"{station}, the window from {window['start']:%Y-%m-%d %H:%M} to {window['end']:%Y-%m-%d %H:%M} UTC: "
        f"{window['outcome']}, probability {window['probability']:.2f}. Run **{run.run_id}**."
    )
    widgets.credit(source, station, drawn["events"])
    st.page_link(
        "views/record.py",
        label="Open this stretch on the Record page",
        icon=":material/show_chart:",
        query_params={
            **address.carried(),
            "source": source.folder.name,
            "station": station,
            "from": f"{start:%Y-%m-%dT%H:%M}",
            "to": f"{end:%Y-%m-%dT%H:%M}",
        },
    )


def lead_words(days: float) -> str:
    """
    A lead time in words; nothing if no event follows.

    >>> lead_words(0.02), lead_words(0.5), lead_words(3), lead_words(float("nan"))
    ('29 min', '12.0 h', '3.0 days', '')
    """
    if pd.isna(days):
        return ""
    if days < 1 / 12:
        return f"{days * 1440:.0f} min"
    return f"{days * 24:.1f} h" if days < 2 else f"{days:.1f} days"
