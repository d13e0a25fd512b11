"""Significance: could it be luck?"""

import pandas as pd
import streamlit as st

from core.reporting import words
from core.reporting.figures import chance, intervals
from dashboard import assessments, tables, widgets

run, found = assessments.head("Significance", "Could it be luck?")
look = {"synthetic": run.synthetic, "mode": widgets.mode()}
tests, draws = found.table("significance"), found.table("null_draws")

st.header("Against catalogues without meaning", anchor=False)
st.markdown(
    "The magnetic record stays as it is and the earthquakes are moved, all together, so that they keep their clusters "
    "and lose their meaning. What such catalogues score is the grey hill; the real catalogue is the line."
)
known = list(dict.fromkeys(tests["test"]))
test = st.segmented_control("Test", known, default=known[0], key="test", required=True)
statistics = list(dict.fromkeys(tests.loc[tests["test"] == test, "statistic"]))
for column, statistic in zip(st.columns(max(len(statistics), 1)), statistics, strict=False):
    row = tests[(tests["test"] == test) & (tests["statistic"] == statistic)].iloc[0].to_dict()
    mine = draws[(draws["test"] == test) & (draws["statistic"] == statistic)]
    name = statistic[:1].upper() + statistic[1:]
    with column:
        widgets.plot(
            chance.null(mine, row, name=name, **look),
            key=f"null_{len(mine)}_{statistic}",
            alt=f"{name} of catalogues without meaning, and of the real one",
        )
        st.markdown(words.plain(str(row["sentence"])))
assessments.source_line(run, found)
tables.show(tests, alt="Every test with its null and its p value")
tables.download(tests, f"{run.run_id}_significance")

st.header("The best of many", anchor=False)
counted = assessments.said(run, found)["multiple_testing"]
st.markdown(words.plain(str(counted.get("sentence", ""))))
numbers = {
    "Runs counted in this data folder": f"{int(counted.get('n_runs') or 1):,}",
    "p of this run alone": tables.score(counted.get("p")),
    "p as the best of all": tables.score(counted.get("p_best_of_all")),
    "AUC that the best of so many reaches by luck": tables.score(counted.get("expected_best_auc")),
}
for column, (label, value) in zip(st.columns(len(numbers)), numbers.items(), strict=True):
    column.metric(label, value, border=True, height="stretch")
st.caption("Every run that was ever trained counts, also one whose folder was deleted.")

st.header("Moved away from the events", anchor=False)
st.markdown(
    "The same network looks at windows that end earlier and earlier before the same events. A score that falls to "
    "chance at once was the score of what comes right before the event: foreshocks, for instance."
)
moved = found.table("window_shift")
widgets.plot(
    intervals.window_shift(moved, **look), key="window_shift", alt="AUC of windows that end earlier before the events"
)
assessments.source_line(run, found)
tables.download(pd.DataFrame(moved), f"{run.run_id}_window_shift")
