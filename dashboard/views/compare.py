"""Compare: runs side by side, with chance in grey."""

from functools import partial

import pandas as pd
import streamlit as st

from core.reporting import sentences
from core.reporting.figures.judgement import differences
from core.reporting.figures.run import curves
from dashboard import address, assessments, loaders, options, sweeps, tables, widgets

MOST = 12
MEASURES = {"auc": "AUC", "accuracy": "Accuracy", "loss": "Loss"}

widgets.page_head("Compare", "Which choices change the result, and does any run leave chance behind?")
if sweeps.wanted():
    sweeps.section()
    st.stop()
widgets.damaged_runs()
first = address.wanted("run")
runs = widgets.runs([first, *st.query_params.get_all("runs")])
if runs.empty:
    widgets.no_runs()
    widgets.studies()
    st.stop()
if first and first not in set(runs["run_id"]):
    widgets.no_such("run", first, "Every other run")
ids = sorted(runs["run_id"], key=lambda run_id: run_id != first)  # the run chosen before leads, the rest newest first
address.add({"run": first} if first in ids else {}, "run")
chosen = st.multiselect("Runs", ids, default=ids[:MOST], key="runs", bind="query-params")
widgets.studies()
if not chosen:
    st.info("Choose at least one run above.")
    st.stop()
table = runs[runs["run_id"].isin(chosen)]
widgets.synthetic_badge(bool(table["synthetic"].any()))
look = {"synthetic": bool(table["synthetic"].any()), "mode": widgets.mode()}
widgets.plot(
    curves.compare(assessments.as_judged(table), **look),
    key="auc",
    alt="AUC with its interval beside chance, and accuracy beside the majority share",
)
tables.runs_to_open(
    table,
    key="compared",
    alt="The chosen runs; choose one to open it",
    bound=("runs", "reference", "show", "sweep"),
)
st.caption(
    "Choose a row to open its run. The more runs are compared, the less the best of them means: about one run in 40 "
    "without any skill lies above chance by luck alone."
)
tables.download(table, "runs")
widgets.caveats_of(table)
if len(chosen) > 1:
    st.header("Paired differences", anchor=False)
    reference = st.selectbox("Held against", chosen, key="reference", bind="query-params")
    pairs = loaders.comparison(reference, tuple(run_id for run_id in chosen if run_id != reference))
    widgets.plot(
        differences.differences(pairs, **look),
        key="differences",
        alt=f"Difference of the AUC of each run and that of {reference}, with its interval, beside no difference",
    )
    for sentence in pairs["words"]:
        st.markdown(f"- {sentences.plain(sentence)}")
    st.caption(
        "On the windows by which both runs are judged. Stretches of time and events are drawn together, the same for "
        "both runs, so that what is easy or hard for both cancels."
    )
st.header("Training, overlaid", anchor=False)
measure = st.segmented_control(
    "Measure", list(MEASURES), format_func=MEASURES.get, default="auc", key="measure", required=True
)
histories = {run_id: loaders.run(run_id).history for run_id in chosen}
shares = {run_id: loaders.majority_share(run_id) for run_id in chosen}
widgets.plot(
    curves.history(histories, majority_share=shares, measures=(measure,), **look),
    key="overlaid",
    alt=f"{MEASURES[measure]} over the epochs of the chosen runs",
)
st.caption("Validation windows solid, training windows dotted, in grey what knowing only the class shares gives.")
st.header("What differs", anchor=False)
settings = pd.DataFrame(
    {run_id: pd.Series(tables.flat(loaders.run(run_id).config.as_dict()), dtype=object) for run_id in chosen}
)
settings = settings.drop(index=["name", "description"])
differing = settings[settings.nunique(axis=1, dropna=False) > 1]
if len(chosen) > 1 and len(differing):
    shown = differing.apply(lambda row: row.map(partial(options.value_words, row.name)), axis=1)
    shown.index = shown.index.map(sweeps.option_words)
    tables.show(
        shown.reset_index(names="option"),
        columns={run_id: run_id for run_id in chosen},
        height="content",
        alt="Options in which the chosen runs differ",
    )
else:
    st.caption(
        "The configurations of these runs do not differ." if len(chosen) > 1 else "Choose two runs to see what differs."
    )
