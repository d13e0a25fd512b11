"""Evaluation: how good are the probabilities, at which stations, when, and in what space weather?"""

import streamlit as st

from core.reporting import score_words, sentences
from core.reporting.figures.judgement import chance, intervals, reliability
from dashboard import assessments, tables, widgets

PARTS = {"station": "Station", "block": "Stretch of time", "kp": "Kp"}
NUMBERS = {
    "average_precision": ("Average precision", "average_precision_chance"),
    "brier_skill": ("Brier skill", None),
    "brier_skill_calibrated": ("Brier skill, calibrated", None),
    "log_skill_calibrated": ("Log skill, calibrated", None),
    "information_gain": ("Information gain per event", None),
}

run, found = assessments.head("Evaluation", "How good are the probabilities: where, when, and beside which rivals?")
summary, look = found.summary, {"synthetic": run.synthetic, "mode": widgets.mode()}
share = summary.n_positive / summary.n

st.header("Beside simpler models", anchor=False)
card = found.table("scorecard")
widgets.plot(intervals.scorecard(card, **look), key="scorecard", alt="AUC of the network and of simpler models")
assessments.source_line(run, found, "each simpler model learned from the same training windows")
if ahead := score_words.rivals_ahead(card):
    st.markdown(sentences.plain(ahead))
with st.expander("Every model in full words"):
    tables.show(
        card[["words", "auc", "auc_low", "auc_high", "difference", "difference_low", "difference_high"]],
        columns={
            "words": "Model",
            "difference": "Network minus it",
            "difference_low": "low",
            "difference_high": "high",
        },
        alt="Every model with its words",
    )
tables.download(card, f"{run.run_id}_scorecard")

st.header("Alarms in time", anchor=False)
left, right = st.columns([3, 2])
with left:
    curve = found.table("molchan")
    widgets.plot(
        chance.molchan(curve, summary, **look),
        key="molchan",
        alt="Share of events missed against share of time alarmed, with the bands of guessing",
    )
    assessments.source_line(run, found)
    tables.download(curve, f"{run.run_id}_molchan")
with right:
    st.markdown(
        "The more time is alarmed, the fewer events are missed. Guessing runs along the diagonal; a useful alarm stays "
        "well below it, outside the grey bands."
    )
    if summary.tau is not None:
        st.metric(
            f"At the threshold {summary.threshold:.2f}",
            f"{summary.hits:,} of {summary.n_events:,} events",
            f"alarm on {100 * summary.tau:.0f} % of the time",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )

st.header("Probabilities", anchor=False)
left, right = st.columns(2)
with left:
    widgets.plot(
        reliability.reliability(found.table("reliability"), base_rate=share, **look),
        key="reliability",
        alt="Observed share of positives against the probability given",
    )
    st.caption(f"Calibration: {summary.calibration}.")
with right:
    widgets.plot(
        reliability.precision_recall(
            found.table("precision_recall"),
            base_rate=share,
            average_precision=summary.average_precision,
            **look,
        ),
        key="precision_recall",
        alt="Precision against recall, with the share of positives as chance",
    )
columns = [column for _ in range(2) for column in st.columns(3)]
for column, (name, (label, chance_name)) in zip(columns, NUMBERS.items(), strict=False):
    by_chance = summary.estimate(chance_name).value if chance_name else 0.0
    assessments.card(column, label, summary.estimate(name), by_chance or 0.0)
columns[-1].metric(
    "Windows",
    f"{summary.n:,}",
    f"{summary.n_positive:,} positive",
    border=True,
    height="stretch",
    delta_color="off",
    delta_arrow="off",
)
if summary.information_gain is not None:
    st.caption(score_words.information_gain(summary))
st.caption("Below each number its 95 % interval. A skill of 0 is that of always saying the share of positives.")
assessments.source_line(run, found)

st.header("In parts", anchor=False)
strata = found.table("strata")
by = st.segmented_control("By", list(PARTS), format_func=PARTS.get, default="station", key="part", required=True)
part = strata[strata["by"] == by]
widgets.plot(intervals.strata(part, **look), key="strata", alt=f"AUC by {PARTS[by].lower()}")
assessments.source_line(run, found, "one part in twenty lies away from chance by luck alone")
tables.show(part.drop(columns="by"), alt=f"Scores by {PARTS[by].lower()}")
tables.download(strata, f"{run.run_id}_parts")
