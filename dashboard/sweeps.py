"""The part of the Compare page that shows a sweep: its runs against an option that was varied, chance in grey."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.config import data_dir
from core.experiments import sweep
from core.reporting.figures import sweep as figure
from dashboard import tables, widgets


def section(option_words: Callable[[str], str]) -> None:
    """Choose a sweep and an option, and see every run; nothing where there is no sweep."""
    stored = {each.sweep_id: each for each in sweep.stored(data_dir())}
    if not stored:
        return
    st.header("Sweeps", anchor=False)
    shown = stored[st.selectbox("Sweep", list(stored), key="sweep", bind="query-params")]
    option = st.selectbox("Along the axis", shown.varied, format_func=option_words, key="along")
    widgets.plot(
        figure.sweep(shown.runs, option, option_words(option), synthetic=shown.synthetic, mode=widgets.mode()),
        key="sweep_runs",
        alt="AUC of every run of the sweep against the option that was varied, beside chance",
    )
    st.caption(f"Sweep **{shown.sweep_id}**. " + " ".join(shown.sentences(data_dir())))
    named = shown.runs.rename(columns={key: option_words(key) for key in shown.varied})
    tables.show(named, alt="Every run of the sweep, with its state and its scores")
    tables.download(shown.runs, shown.sweep_id)
