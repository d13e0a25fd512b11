"""Verdict: is there skill, and how sure is that?"""

import streamlit as st

from core.judgement.summary import Score
from core.judgement.verdict import VerdictKind
from core.reporting import sentences, verdict_words
from core.reporting.figures.judgement import intervals
from dashboard import address, assessments, widgets

MARKS = {True: ":material/check_circle: passed", False: ":material/radio_button_unchecked: not passed"}


def headline() -> None:
    """The verdict in one sentence, the same size whatever it says; in grey where nothing could be tested."""
    with st.container(border=True):
        st.markdown(f"**{verdict_words.answer(verdict)}**")
        sentence = sentences.plain(verdict.headline)
        st.header(f":gray[{sentence}]" if verdict.kind == VerdictKind.UNTESTABLE else sentence, anchor=False)
        st.markdown(sentences.plain(verdict.could_have_seen))
    assessments.source_line(run, found)


def figures() -> None:
    """The four numbers that a referee asks for first, interval and chance beside each."""
    columns = st.columns(4)
    assessments.card(columns[0], "AUC", summary.score("auc"), 0.5, help="0.5 is chance, 1 is perfect.")
    assessments.card(
        columns[1],
        "Area skill",
        summary.score("ass"),
        0.5,
        help="Of the Molchan diagram: how much of the time has a lower probability than the moments of the events.",
    )
    best = card_table[card_table["model"] == "best_confounder"]
    names = ["difference", "difference_low", "difference_high"]
    numbers = best[names].astype(object).where(best[names].notna(), None).to_numpy().tolist()
    assessments.card(
        columns[2],
        "Beyond the confounder",
        Score(*numbers[0]) if numbers else Score(None, None, None),
        0.0,
        help="AUC of the network minus that of the best model that knows no field: date, hour, season, Kp, gaps.",
    )
    columns[3].metric(
        "Target events",
        f"{summary.n_events:,}",
        f"{summary.n_clusters or 0:,} independent",
        border=True,
        height="stretch",
        delta_color="off",
        delta_arrow="off",
    )


def gates() -> None:
    """Every gate with what it asks and what was found, and what was not asked."""
    st.subheader("The gates", anchor=False)
    st.markdown(
        "Only a run that passes every gate may be called more than chance. One that does not is a result all the same."
    )
    st.markdown(
        "\n".join(
            f"- {MARKS[gate.passed]} · **{sentences.plain(gate.name)}**: {sentences.plain(gate.words)}"
            for gate in verdict.gates
        )
    )
    st.markdown(sentences.plain(verdict.registration.words))
    with st.expander("What was not tested"):
        st.markdown("\n".join(f"- {sentences.plain(sentence)}" for sentence in verdict.not_tested))
    with st.expander("In one paragraph, to quote"):
        st.markdown(sentences.plain(verdict.paragraph))


run, found = assessments.head("Verdict", "Is there skill, and how sure is that?", True)
summary, verdict = found.summary, assessments.said(run, found).verdict
card_table = found.table("scorecard")
headline()
figures()
st.caption("Below each score its 95 % interval.")
gates()
st.subheader("Beside simpler models", anchor=False)
widgets.plot(
    intervals.scorecard(
        card_table[card_table["model"].isin(intervals.ESSENCE)], synthetic=run.synthetic, mode=widgets.mode()
    ),
    key="scorecard",
    alt="AUC of the network, of the best model that knows no field, of ULF statistics, and of a constant answer",
)
assessments.source_line(run, found, "grey: chance; every model is on the page Evaluation")
left, right = st.columns(2)
same = address.carried()
left.page_link(
    "views/evaluation.py", label="How good are the probabilities?", icon=":material/insights:", query_params=same
)
right.page_link("views/significance.py", label="Could it be luck?", icon=":material/casino:", query_params=same)
