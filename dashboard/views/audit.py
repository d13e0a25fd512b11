"""Dataset audit: are the classes alike in everything but the earthquakes, and does anything leak?"""

import streamlit as st

from core.labelling import class_balance, class_warnings, windows
from core.reporting import sentences
from core.reporting.figures.run import class_balance as figures
from dashboard import tables, widgets

SPLITS = {"all": "All splits", "train": "Training", "validation": "Validation", "test": "Test"}

widgets.page_head("Dataset audit", "Are both classes alike in everything but the earthquakes, and does anything leak?")
run = widgets.run_picker()
if run is None:
    st.stop()
widgets.caveats(run, in_full=True)
look = {"synthetic": run.synthetic, "mode": widgets.mode()}
st.header("Does anything leak?", anchor=False)
st.markdown(f"**{sentences.plain(run.audit.sentence)}**")
with st.expander("Everything the audit counted"):
    st.json(run.audit.to_dict())
widgets.run_caption(run, "as audited before training")

st.header("Are the classes alike?", anchor=False)
st.markdown(
    "Whatever differs between the windows before earthquakes and quiet ones can be learned in place of a precursor: "
    "the season, the hour, the storms, the gaps. Distance 0 means spread alike, 1 nothing in common; beside it what "
    "chance alone would give."
)
split = st.segmented_control("Windows", list(SPLITS), format_func=SPLITS.get, default="all", key="part", required=True)
table = run.windows if split == "all" else run.windows[run.windows["split"] == split]
counts = class_balance.counts(table)
if counts.empty:
    st.info("This split has no windows.")
    st.stop()
kept = table[(table["rejected"] == "") & (table["label"] >= 0)]
date_auc = class_warnings.time_auc(windows.microseconds(kept["start"]), kept["label"].to_numpy())
if date_auc == date_auc:  # there is none where a class is absent
    st.markdown(f"The date alone, early to late, tells the classes apart with AUC **{date_auc:.2f}**; chance is 0.50.")
apart = class_balance.distance(counts)
tables.show(
    apart,
    columns={
        "by": "Told by",
        "distance": st.column_config.NumberColumn("Distance of the classes", format="%.2f"),
        "by_chance": st.column_config.NumberColumn("By chance", format="%.2f"),
    },
    alt="How far the classes are apart by each confounder",
)
widgets.run_caption(run, f"{SPLITS[split].lower()}; windows of one stretch of time depend on each other")
by = st.selectbox("Told by", class_balance.KINDS, key="kind")
widgets.plot(figures.composition(counts, by, **look), key="composition", alt=f"Share of each class by {by}")
tables.show(counts[counts["by"] == by].drop(columns="by"), alt=f"Windows of each class by {by}")
tables.download(counts, f"{run.run_id}_composition")
