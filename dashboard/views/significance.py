"""Significance: could it be luck?"""

import pandas as pd
import streamlit as st

from core.judgement.gates import GateName
from core.reporting import score_words, sentences
from core.reporting.figures.judgement import chance, intervals
from core.reporting.tables import p_value
from dashboard import assessments, tables, widgets

NAMES = {"AUC": "AUC of the scan"}
SCAN_WORDS = (
    "AUC of the scan: over every moment of the judged period, not over the chosen windows; so it is not the AUC of the "
    "Verdict page."
)
HEADS = {
    "p": st.column_config.NumberColumn("p", format="%.2g"),
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
    "The magnetic record stays as it is. The earthquakes are turned within blocks of 91 days, all together, so that "
    "they keep their sequences, their hours and their weekdays, and lose their meaning. What such catalogues reach is "
    "the grey hill; the real catalogue is the line."
)
verdict = assessments.verdict(run, found)
widgets.plot(
    chance.hill(found.table("chance"), verdict.primary, **look),
    key="hill",
    alt="The skill of catalogues without meaning, and of the real one",
)
st.caption(score_words.where_chance_lies(found.table("chance"), verdict.primary))
asked = [gate for gate in verdict.gates if gate.name in (GateName.RESOLUTION, GateName.CHANCE)]
st.markdown("\n\n".join(sentences.plain(gate.words) for gate in asked))
assessments.source_line(run, found)

st.header("Other ways to move the catalogue", anchor=False)
st.markdown("They describe the scores, and no gate asks for them: under drifts and seasons their p is too small.")
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
if verdict.family is None:
    st.markdown("No target event lies in the judged stretch: there is nothing to correct.")
else:
    st.markdown(sentences.plain(verdict.tries or "No score could have told itself from chance here."))
    numbers = {
        "Runs known to this journal on this stretch": f"{verdict.family.n_runs:,}",
        "p of this run alone": p_value(verdict.family.p),
        "p as one of these": p_value(verdict.family.p_family),
        "Smallest p that these could reach": p_value(verdict.family.smallest_p_family),
    }
    for column, (label, value) in zip(st.columns(len(numbers)), numbers.items(), strict=True):
        with column.container(border=True, height="stretch"):  # a metric would cut its label
            st.caption(label)
            st.subheader(value, anchor=False)
    st.caption("Every run that scored a day of this stretch counts, also one whose folder was deleted.")

st.header("When does it rise?", anchor=False)
st.markdown(
    "The scores that were in force some hours before the earthquakes, and after them. This describes: a sensor that "
    "earthquakes shake rises after them, and that is nobody's fault."
)
profile = found.table("lead_profile")
widgets.plot(
    intervals.lead_profile(profile, **look), key="lead_profile", alt="Skill from two days before to two days after"
)
assessments.source_line(run, found)
tables.download(pd.DataFrame(profile), f"{run.run_id}_lead_profile")
