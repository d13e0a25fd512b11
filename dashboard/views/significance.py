"""Significance: could it be luck?"""

import pandas as pd
import streamlit as st

from core.reporting import sentences
from core.reporting.figures.judgement import chance, intervals
from dashboard import assessments, tables, widgets

NAMES = {"AUC": "AUC of the scan"}
SCAN_WORDS = (
    "AUC of the scan: over every moment of the judged period, not over the chosen windows; so it is not the AUC of the "
    "Verdict page."
)
HEADS = {
    "p": st.column_config.NumberColumn("p", format="%.3f"),
    "null_mean": st.column_config.NumberColumn("Chance, mean", format="%.3f"),
    "null_low": st.column_config.NumberColumn("Chance, low", format="%.3f"),
    "null_high": st.column_config.NumberColumn("Chance, high", format="%.3f"),
    "n_null": "Draws",
}

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
of_test = tests[tests["test"] == test]
if of_test["p"].isna().all():
    st.info("  \n".join(sentences.plain(sentence) for sentence in dict.fromkeys(of_test["sentence"].astype(str))))
else:
    for column, row in zip(st.columns(len(of_test)), of_test.to_dict("records"), strict=True):
        mine = draws[(draws["test"] == test) & (draws["statistic"] == row["statistic"])]
        name = NAMES.get(row["statistic"], row["statistic"][:1].upper() + row["statistic"][1:])
        with column:
            widgets.plot(
                chance.null(mine, row, name=name, **look),
                key=f"null_{len(mine)}_{row['statistic']}",
                alt=f"{name} of catalogues without meaning, and of the real one",
            )
            st.markdown(sentences.plain(str(row["sentence"])))
st.caption(SCAN_WORDS)
assessments.source_line(run, found)
tables.show(
    tests.drop(columns="sentence").assign(statistic=[NAMES.get(name, name) for name in tests["statistic"]]),
    columns=HEADS,
    alt="Every test with its null and its p value",
)
with st.expander("Every test in words"):
    alike = tests.groupby("sentence", sort=False)["test"].unique()
    st.markdown(
        "\n".join(f"- **{', '.join(map(str, of))}**: {sentences.plain(str(text))}" for text, of in alike.items())
    )
tables.download(tests, f"{run.run_id}_significance")

st.header("The best of many", anchor=False)
counted = assessments.said(run, found).multiple_testing
st.markdown(sentences.plain(counted.sentence))
numbers = {
    "Runs counted, on the same data": f"{counted.n_runs or 1:,}",
    "p of this run alone": tables.score(counted.p),
    "p as the best of these": tables.score(counted.p_best_of_all),
    "AUC that the best of so many reaches by luck": tables.score(counted.expected_best_auc),
}
for column, (label, value) in zip(st.columns(len(numbers)), numbers.items(), strict=True):
    with column.container(border=True, height="stretch"):  # a metric would cut its label
        st.caption(label)
        st.subheader(value, anchor=False)
st.caption(
    "Every run that was ever trained on the same data (the archive, or one synthetic world) counts, also one whose "
    "folder was deleted."
)

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
