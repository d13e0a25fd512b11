"""Compare: runs side by side, with chance in grey."""

import pandas as pd
import streamlit as st

from core.reporting.figures import curves
from dashboard import loaders, widgets

MOST = 12

widgets.page_head("Compare", "Which choices change the result, and does any run leave chance behind?")
runs = loaders.runs()
if runs.empty:
    widgets.no_runs()
    st.stop()
ids = list(runs["run_id"])
chosen = st.multiselect("Runs", ids, default=ids[:MOST], key="runs", bind="query-params")
if not chosen:
    st.info("Choose at least one run above.")
    st.stop()
table = runs[runs["run_id"].isin(chosen)]
widgets.synthetic_badge(bool(table["synthetic"].any()))
sentences: dict[str, list[str]] = {}
for run_id in table["run_id"]:
    for sentence in loaders.run(run_id).caveats:
        sentences.setdefault(sentence, []).append(run_id)
for sentence, ids_concerned in sentences.items():
    st.warning(f"{sentence} ({', '.join(ids_concerned)})", icon=":material/warning:")
look = {"synthetic": bool(table["synthetic"].any()), "mode": widgets.mode()}
widgets.plot(
    curves.compare(table, **look),
    key="auc",
    alt="AUC with its interval beside chance, and accuracy beside the majority share",
)
widgets.table(widgets.runs_table(table), alt="The chosen runs")
widgets.download(table, "runs")
st.header("Training, overlaid", anchor=False)
measure = st.segmented_control("Measure", ["auc", "accuracy", "loss"], default="auc", key="measure", required=True)
histories = {run_id: loaders.run(run_id).history for run_id in chosen}
widgets.plot(
    curves.history(histories, measures=(measure,), **look),
    key="overlaid",
    alt=f"{measure} over the epochs of the chosen runs",
)
st.caption("Validation solid, training dotted. " + "Runs " + ", ".join(f"**{run_id}**" for run_id in chosen))
st.header("What differs", anchor=False)
settings = pd.DataFrame({run_id: widgets.flat(loaders.run(run_id).config.as_dict()) for run_id in chosen})
differing = settings[settings.nunique(axis=1, dropna=False) > 1]
if len(chosen) > 1 and len(differing):
    widgets.table(
        differing.reset_index(names="option"),
        columns={run_id: run_id for run_id in chosen},
        alt="Options in which the chosen runs differ",
    )
else:
    st.caption(
        "The configurations of these runs do not differ." if len(chosen) > 1 else "Choose two runs to see what differs."
    )
