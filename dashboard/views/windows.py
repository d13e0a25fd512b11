"""Windows: what was cut, why windows were rejected, and what the network sees."""

import numpy as np
import pandas as pd
import streamlit as st

from core.config import ExperimentConfig
from core.data_folder import data_dir
from core.errors import InputError
from core.judgement.power.expected import expected
from core.labelling.window_set import WindowSet
from core.labelling.windows import NOT_DRAWN, storm_words
from core.reporting import sentences
from core.reporting.figures.run import windows as figures
from dashboard import address, loaders, options, tables, widgets

COLOURS = {"split": "split", "label": "label", "rejection": "reason of rejection"}
PER_KIND = 6


def choices() -> dict[str, ExperimentConfig]:
    """Every configuration that can be shown: those of finished runs, then the presets, fitting ones first."""
    asked = address.kept("run")
    found = {f"run {run_id}": loaders.run(run_id).config for run_id in widgets.runs([asked])["run_id"]}
    archive = widgets.source() is not None and not widgets.source().synthetic
    presets = {}
    for name in loaders.presets():
        try:
            presets[f"preset {name}"] = loaders.preset(name)
        except InputError as error:
            widgets.problem(error)
    fitting = {name: config for name, config in presets.items() if (config.data.source == "archive") == archive}
    return {**found, **fitting, **presets}


def asked_for() -> str:
    """The configuration that the address asks for, else that of the run chosen last; "" if neither says anything."""
    kind, _, name = address.asked("configuration").partition(" ")
    if kind == "run":  # as addresses named a run before they all said run=...
        address.keep("run", name)
        return f"run {name}"
    if kind:
        return address.asked("configuration")
    run_id = address.wanted("run")
    return f"run {run_id}" if run_id else ""


def picked() -> None:
    """Another configuration was chosen: a run holds for the other pages too, a preset only here."""
    kind, _, name = (st.session_state["configuration"] or "").partition(" ")
    if kind == "run":
        address.pick("run", name, drop=("configuration",))
    elif kind == "preset":
        address.pick("configuration", f"preset {name}", drop=("run",))


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Kept windows by station, split and label."""
    kept = table[table["rejected"] == ""].assign(label=table["label"].map({1: "positive", 0: "negative"}))
    wide = kept.groupby(["station", "split", "label"]).size().unstack(fill_value=0)
    return wide.reindex(columns=["positive", "negative"], fill_value=0).reset_index()


def cut_anew(config: ExperimentConfig) -> WindowSet | None:
    """The windows that a configuration yields from what is stored now; if that is not possible, say why."""
    try:
        source = loaders.source_of(config)
        if source is not None:
            return loaders.windows(config, source)
        widgets.empty("The synthetic world of this configuration is not stored here.", f"precursor train {config.name}")
    except InputError as error:
        widgets.problem(error)
    return None


def summary(table: pd.DataFrame, audit: str) -> None:
    """How many windows there are, why others are not, and where they lie in time."""
    kept = table["rejected"] == ""
    cards = {
        "Candidates": len(table),
        "Kept": int(kept.sum()),
        "Positive": int((kept & (table["label"] == 1)).sum()),
        "Negative": int((kept & (table["label"] == 0)).sum()),
    }
    for card, (label, n) in zip(st.columns(4), cards.items(), strict=True):
        card.metric(label, f"{n:,}", border=True)
    left, right = st.columns([3, 2])
    with left:
        st.header("Kept and rejected", anchor=False)
        widgets.plot(
            figures.rejections(table, storm=storm_words(config.labels), **look),
            key="rejections",
            alt="Number of windows kept, and rejected by reason",
        )
        if (table["rejected"] == NOT_DRAWN).any():
            st.caption("Not drawn: quiet windows that were not needed, because both classes should be equally many.")
    with right:
        st.header("Kept, by station and split", anchor=False)
        tables.show(counts(table), alt="Kept windows by station, split and label")
        st.markdown(sentences.plain(audit))
    st.caption(where)
    st.header("In time", anchor=False)
    colour_by = st.segmented_control(
        "Coloured by", list(COLOURS), format_func=COLOURS.get, default="split", key="colour_by", required=True
    )
    widgets.plot(
        figures.timeline(table, colour_by=colour_by, **look),
        key="timeline",
        alt="Every window on the time axis, one lane per station",
    )
    st.caption(f"{where}. In each lane: positive above, negative in the middle, rejected below.")
    tables.download(table, f"windows_{config.name}", "Download the windows table")


def gallery(windows: WindowSet) -> None:
    """Some kept windows of each label, drawn anew at each click, as the network sees them."""
    table = windows.table
    seed = st.session_state.setdefault("gallery_seed", 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        style = st.segmented_control(
            "Drawn as",
            ["lines", "image"],
            default="lines",
            key="style",
            required=True,
            help="image: the picture of three rows that the convolution slides over.",
        )
        if st.button("Other windows", icon=":material/casino:"):
            seed = st.session_state["gallery_seed"] = seed + 1
    random = np.random.default_rng(seed)
    rows = []
    for label in (1, 0):
        kept = np.flatnonzero(((table["rejected"] == "") & (table["label"] == label)).to_numpy())
        rows += sorted(random.choice(kept, size=min(PER_KIND, len(kept)), replace=False))
    if rows:
        figure = figures.gallery(windows.batch(np.array(rows)), table.iloc[rows], style=style, **look)
        widgets.plot(figure, key="gallery", alt="Positive and negative windows as the network sees them")
    st.caption(
        f"{where}. Each window is drawn as the network gets it: X above Y above Z, after filter and scaling, so "
        "without units. Positive: a target event of the magnitude given follows. The question is whether the two "
        "kinds differ."
    )
    note = options.explained("processing.normalisation").notes.get(config.processing.normalisation)
    if note:
        st.info(f"The lines are flat because the network gets no more than that. {note}")


FEASIBLE = {
    "independent": "Independent events: what is left when a sequence counts once",
    "stretches": "What each split holds",
    "power": "Share of simulated cases in which a change above so large a share of other times is found",
    "costs": "What each rule costs: windows that break it, and those that break nothing else",
    "overlaps": "Windows that share minutes with another",
    "laws": "Targets and positive windows inside the published laws of detectability",
    "matching": "What a positive window and its quiet partner agree in",
}


def feasible() -> None:
    """What a run could find, what each rule costs, and what overlaps."""
    try:
        source = loaders.source_of(config)
        found = loaders.preview(config, source) if source is not None else None
    except InputError as error:
        widgets.problem(error)
        return
    if found is None:
        return
    try:
        could = expected(config, found, data_dir())
    except InputError as error:
        widgets.problem(error)
        return
    for sentence in [*found.sentences[-2:], *could.sentences]:
        st.markdown(f"**{sentences.plain(sentence)}**")
    stored = found.tables() | {"power": could.table}
    for name, title in FEASIBLE.items():
        if len(stored[name]):
            with st.expander(title, expanded=name == "independent"):
                tables.show(stored[name], alt=title)
    st.caption(f"Configuration **{config.name}**, counted from the data stored now")


widgets.page_head(
    "Windows", "What was cut out of the record, what was thrown away and why, and what does the network see?"
)
if not loaders.anything():
    widgets.no_data()
    st.stop()
wanted = asked_for()
if address.asked("configuration"):
    address.carry_run()
configurations = choices()
if wanted not in ("", *configurations):
    widgets.no_such(*(wanted.split(" ", 1) if " " in wanted else ("configuration", wanted)))
chosen = widgets.listed("Configuration", {name: name for name in configurations}, wanted, "configuration", picked)
widgets.studies()
if chosen is None:
    st.stop()
config = configurations[chosen]
look = {"synthetic": config.data.source == "synthetic", "mode": widgets.mode()}
if chosen.startswith("run "):
    run = loaders.run(chosen.removeprefix("run "))
    address.keep("run", run.run_id)
    address.add({} if address.asked("configuration") else {"run": run.run_id}, "run")
    where = f"Run **{run.run_id}**"
    widgets.caveats(run)
    summary(run.windows, run.audit.sentence)
    st.header("As the network sees them", anchor=False)
    windows = cut_anew(config)
    if windows is not None and not windows.table["rejected"].equals(run.windows["rejected"]):
        st.info(
            "The stored data or this program have changed since this run was made: drawn is what it would see today."
        )
else:
    where = f"Configuration **{config.name}**, not trained yet"
    widgets.synthetic_badge(look["synthetic"])
    windows = cut_anew(config)
    if windows is not None:
        summary(windows.table, windows.audit.sentence)
        st.header("As the network sees them", anchor=False)
if windows is not None:
    gallery(windows)
    st.header("What could this show?", anchor=False)
    feasible()
