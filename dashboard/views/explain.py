"""Explain: what the network of a run looks at, never without networks that cannot know."""

from typing import Any

import pandas as pd
import streamlit as st

from core.data_folder import data_dir
from core.judgement import explanation
from core.judgement.explanation import Explanation
from core.reporting import sentences
from core.reporting.figures.run import explanation as figures
from core.training import attribution
from dashboard import jobs, tables, widgets, window_list

METHODS = {"integrated_gradients": "Integrated gradients", "occlusion": "Occlusion", "grad_cam": "Grad-CAM"}


def make(methods: list[str]) -> None:
    """Offer to make the explanations that are not there yet."""
    if jobs.read_only():
        return
    for method in methods:
        title = f"Make it by {METHODS[method]}"
        if st.button(title, disabled=bool(jobs.running()), icon=":material/play_arrow:", key=f"make_{method}"):
            jobs.start(["explain", run.run_id, "--method", method], f"Explanation of {run.run_id}")
            st.rerun()
    if methods:
        widgets.why_greyed()


def one_window(made: Explanation) -> None:
    """The shown window that the reader chooses, with the maps of the run and of its controls."""
    shown = made.table("windows").query("shown").reset_index(drop=True)
    names = {
        str(row["window_id"]): f"{row['why']}: {row['station']}, ends {row['end']:%Y-%m-%d %H:%M}, "
        f"probability {row['probability']:.2f}"
        for row in shown.to_dict("records")
    }
    chosen = widgets.choice("Window", names, "window", "window")
    place = list(names).index(chosen)
    row = shown.iloc[place]
    bursts = made.table("bursts")
    widgets.plot(
        figures.window(
            made.maps["values"][place],
            {name: made.maps[name][place] for name in (explanation.REAL, explanation.RANDOM, explanation.SHUFFLED)},
            row,
            bursts[bursts["window_id"] == row["window_id"]],
            **look,
        ),
        key="window_maps",
        alt=f"The window that ends {row['end']:%Y-%m-%d %H:%M}, shaded with what moved the run and its controls",
    )
    kind = "positive" if row["label"] == 1 else "negative"
    lead = (row["event_time"] - row["end"]) / pd.Timedelta(days=1)
    before = f", {window_list.lead_words(lead)} before its target event" if pd.notna(lead) else ""
    widgets.run_caption(
        run,
        f"{kind} window of {row['station']}{before}, {row['split']}. Warm shading speaks for a positive window, cool "
        "against it; each block has its own scale. What a control also shades, the run has not learned",
    )


def all_windows(made: Explanation) -> None:
    """What holds for all explained windows, chance beside it."""
    st.header("Do the controls look at the same?", anchor=False)
    controls = made.table("controls")
    widgets.plot(
        figures.controls(controls, **look), key="controls", alt="Correlation of the run's maps with each control's"
    )
    widgets.run_caption(run, "where a control lies far right of the grey range, the map shows the input, not learning")
    tables.download(controls, f"{run.run_id}_{made.method}_controls")
    pointing = made.table("pointing")
    if pointing["n"].any():
        st.header("Does it point at what was planted?", anchor=False)
        tables.show(pointing, alt="The pointing game")
        widgets.run_caption(run, "covered: the share of the window in a burst, which a minute picked at random hits")
    st.header("Where in the day, and where in the window?", anchor=False)
    where = made.table("marginals")
    for by, alt in (("hour", "Attribution by hour of the day"), ("place", "Attribution by place in the window")):
        widgets.plot(figures.marginals(where, by, **look), key=f"marginal_{by}", alt=alt)
    gap = where[where["by"] == "gap"]
    if len(gap):
        share, expected = gap["share"].iloc[0], gap["expected"].iloc[0]
        st.markdown(f"Filled gaps hold {share:.2%} of the attributions and {expected:.2%} of the minutes.")
    widgets.run_caption(run, "in grey: a network that looks everywhere alike")
    tables.download(where, f"{run.run_id}_{made.method}_marginals")


widgets.page_head("Explain", "What does the network look at?")
run = widgets.run_picker(first=lambda run_id: bool(explanation.stored(data_dir(), run_id)), mark="explained")
if run is None:
    st.stop()
widgets.caveats(run)
look: dict[str, Any] = {"synthetic": run.synthetic, "mode": widgets.mode()}
stored = explanation.stored(data_dir(), run.run_id)
damaged = explanation.damaged(data_dir(), run.run_id)
for why in damaged.values():
    widgets.problem(why)
if not stored and damaged:
    make(list(damaged))
    st.stop()
if not stored:
    command = f"explain {run.run_id}"
    widgets.empty(f"Run {run.run_id} has not been explained yet.", f"precursor {command}", filled_by=(command,))
    make(list(attribution.METHODS[:1]))
    st.stop()
method = widgets.choice("Method", {name: METHODS[name] for name in stored}, "method", "method")
found = stored[method]
st.caption(sentences.plain(found.document.words))
st.warning(sentences.plain(explanation.STANDING), icon=":material/warning:")
st.markdown("\n".join(f"- {sentences.plain(sentence)}" for sentence in found.document.sentences[1:]))
st.header("One window", anchor=False)
one_window(found)
all_windows(found)
make([name for name in attribution.METHODS if name not in stored])
