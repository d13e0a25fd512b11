"""Windows: what was cut, why windows were rejected, and what the network sees."""

import numpy as np
import pandas as pd
import streamlit as st

from core.config import ExperimentConfig
from core.errors import InputError
from core.reporting.figures import windows as figures
from dashboard import loaders, widgets

COLOURS = {"split": "split", "label": "label", "rejection": "reason of rejection"}
PER_KIND = 6


def choices() -> dict[str, ExperimentConfig]:
    """Every configuration that can be shown: those of finished runs, then the presets, fitting ones first."""
    found = {f"run {run_id}": loaders.run(run_id).config for run_id in loaders.runs()["run_id"]}
    archive = widgets.source() is not None and not widgets.source().synthetic
    presets = {}
    for name in loaders.presets():
        try:
            presets[f"preset {name}"] = loaders.preset(name)
        except InputError as error:
            st.warning(str(error))
    fitting = {name: config for name, config in presets.items() if (config.data.source == "archive") == archive}
    return {**found, **fitting, **presets}


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Kept windows by station, split and label."""
    kept = table[table["rejected"] == ""].assign(label=table["label"].map({1: "positive", 0: "negative"}))
    wide = kept.groupby(["station", "split", "label"]).size().unstack(fill_value=0)
    return wide.reindex(columns=["positive", "negative"], fill_value=0).reset_index()


def gallery(windows: object) -> None:
    """Some kept windows of each label, drawn anew at each click, as the network sees them."""
    table = windows.table
    seed = st.session_state.setdefault("gallery_seed", 0)
    if st.button("Other windows", icon=":material/casino:"):
        seed = st.session_state["gallery_seed"] = seed + 1
    style = st.segmented_control(
        "Drawn as",
        ["lines", "image"],
        default="lines",
        key="style",
        required=True,
        help="image: the picture of three rows that the convolution slides over.",
    )
    random = np.random.default_rng(seed)
    rows = []
    for label in (1, 0):
        kept = np.flatnonzero(((table["rejected"] == "") & (table["label"] == label)).to_numpy())
        rows += sorted(random.choice(kept, size=min(PER_KIND, len(kept)), replace=False))
    if rows:
        figure = figures.gallery(windows.batch(np.array(rows)), table.iloc[rows], style=style, **look)
        widgets.plot(figure, key="gallery", alt="Positive and negative windows as the network sees them")
    st.caption("Each row is scaled as in training: no units, X above Y above Z. Positive: a target event follows.")


widgets.page_head(
    "Windows", "What was cut out of the record, what was thrown away and why, and what does the network see?"
)
if not loaders.anything():
    widgets.no_data()
    st.stop()
configurations = choices()
chosen = st.selectbox("Configuration", list(configurations), key="configuration", bind="query-params")
config = configurations[chosen]
run = loaders.run(chosen.removeprefix("run ")) if chosen.startswith("run ") else None
if run is not None:
    widgets.caveats(run)
else:
    widgets.synthetic_badge(config.data.source == "synthetic")
look = {"synthetic": config.data.source == "synthetic", "mode": widgets.mode()}
try:
    source = loaders.source_of(config)
    if source is None:
        widgets.empty(
            "The synthetic world of this configuration has not been made yet.",
            f".venv/bin/precursor train {config.name}",
        )
        st.stop()
    windows = loaders.windows(config, source)
except InputError as error:
    st.info(str(error))
    st.stop()
table = run.windows if run is not None else windows.table
where = f"Run **{run.run_id}**" if run is not None else f"Configuration **{config.name}**, not trained yet"

kept = table["rejected"] == ""
cards = st.columns(4)
for card, (label, n) in zip(
    cards,
    {
        "Candidates": len(table),
        "Kept": int(kept.sum()),
        "Positive": int((kept & (table["label"] == 1)).sum()),
        "Negative": int((kept & (table["label"] == 0)).sum()),
    }.items(),
    strict=True,
):
    card.metric(label, f"{n:,}", border=True)
st.caption(where)
left, right = st.columns([3, 2])
with left:
    st.subheader("Kept and rejected", anchor=False)
    widgets.plot(
        figures.rejections(table, **look), key="rejections", alt="Number of windows kept, and rejected by reason"
    )
with right:
    st.subheader("Kept, by station and split", anchor=False)
    widgets.table(counts(table), alt="Kept windows by station, split and label")
    st.markdown(str(windows.audit.get("sentence", "")))
st.caption(where)
st.subheader("In time", anchor=False)
colour_by = st.segmented_control(
    "Coloured by", list(COLOURS), format_func=COLOURS.get, default="split", key="colour_by", required=True
)
widgets.plot(
    figures.timeline(table, colour_by=colour_by, **look),
    key="timeline",
    alt="Every window on the time axis, one lane per station",
)
st.caption(f"{where}. In each lane: positive above, negative in the middle, rejected below.")
st.subheader("As the network sees them", anchor=False)
if run is not None and not windows.table["rejected"].equals(run.windows["rejected"]):
    st.info("The stored data have changed since this run was made: these are the windows it would see today.")
gallery(windows)
st.caption(where)
widgets.download(table, f"windows_{config.name}", "Download the windows table")
