"""Verdict: is there skill, and how sure is that?"""

import streamlit as st

from core.data_folder import data_dir
from core.evaluation.estimate import Estimate
from core.evaluation.power import words
from core.judgement.power import kept
from core.reporting import blind_spots, score_words, sentences, tables, trust_words, verdict_words
from core.reporting.figures.judgement import chance, intervals
from core.vocabulary import Checked
from dashboard import address, assessments, jobs, widgets

MARKS = {
    Checked.PASSED: ":material/check_circle: passed",
    Checked.FAILED: ":material/cancel: failed",
    Checked.NOT_CHECKED: ":material/radio_button_unchecked: not checked",
}


def headline() -> None:
    """The answer first, the same size whatever it says; in grey where the numbers stand for nothing."""
    with st.container(border=True):
        answer = sentences.plain(verdict_words.answer(verdict))
        st.header(answer if verdict.is_result else f":gray[{answer}]", anchor=False)
        rest = verdict.headline.partition(verdict.answer)[2].strip()
        st.markdown(" ".join(sentences.plain(sentence) for sentence in (rest, *verdict.beside) if sentence))
    assessments.source_line(run, found)


def figures() -> None:
    """Chance as the grey hill with one line for what was seen, and the numbers that a referee asks for first."""
    widgets.plot(
        chance.hill(found.table("chance"), verdict.primary, synthetic=run.synthetic, mode=widgets.mode()),
        key="hill",
        alt="What catalogues without meaning reach, and what the real one does",
    )
    st.caption(score_words.where_chance_lies(found.table("chance"), verdict.primary))
    columns = st.columns(4)
    primary, family = verdict.primary, verdict.family
    number = Estimate(primary.skill, primary.interval_low, primary.interval_high)
    help_words = (
        "The share of other times of the same two months with a lower score, mean over the events, each sequence once."
    )
    by_chance = score_words.middle_of_chance(found.table("chance")) if primary.n_targets else 0.5
    assessments.card(columns[0], "Skill", number, by_chance, help=help_words, grey=not verdict.is_result)
    of_family = "" if family is None or family.n_runs == 1 else f"as the best of {family.n_runs:,}"
    p = tables.p_value(None if family is None else family.p_family)
    for column, label, value, below in (
        (columns[1], "p against chance", p, of_family or "at most 0.05 is asked for"),
        (columns[2], "Independent events", f"{primary.n_clusters:,}", f"{primary.n_targets:,} target events"),
        (columns[3], "Judged stretch", f"{primary.days:,.0f} days", f"{primary.split} windows"),
    ):
        column.metric(label, value, below, border=True, height="stretch", delta_color="off", delta_arrow="off")


def gates() -> None:
    """Every gate with its number and its bar, and what was not asked."""
    st.subheader("What would have to be true for it to be wrong", anchor=False)
    st.markdown(
        "A finding needs every gate. One that could not be looked at has not been passed; a run that fails one is a "
        "result all the same."
    )
    st.markdown(
        "\n".join(
            f"- {MARKS[gate.state]} · **{sentences.plain(gate.name)}**"
            + (f" · {sentences.plain(gate.number)}" if gate.number else "")
            + (f" (asked: {sentences.plain(gate.bar)})" if gate.bar else "")
            + f"  \n  {sentences.plain(gate.words)}"
            for gate in verdict.gates
        )
    )
    for words_of_plan in filter(None, (verdict.registration.words, verdict.opened)):
        st.markdown(sentences.plain(words_of_plan))
    could_have_seen()
    unseen = blind_spots.of_claim(verdict, run.run_id, run.config.training.seed)
    if unseen:
        widgets.bullets(blind_spots.TITLE, unseen)
        links = (("explain.py", "A control on shuffled labels"), ("trust.py", trust_words.TITLE))
        for column, (view, label) in zip(st.columns(2), links, strict=True):
            column.page_link(f"views/{view}", label=label, query_params=address.carried())
    with st.expander("What was not tested"):
        st.markdown("\n".join(f"- {sentences.plain(sentence)}" for sentence in verdict.not_tested))
    with st.expander("In one paragraph, to quote"):
        st.markdown(sentences.plain(verdict.paragraph))


def could_have_seen() -> None:
    """How large a change the run would have found, where that comes from, and a way to simulate it for this run."""
    st.markdown(sentences.plain(verdict.could_have_seen))
    document = found.document
    if verdict.family is None or document.findings is None or document.tried is None:
        return
    power = kept.of(document.findings, verdict.family, document.tried.draws, data_dir())
    if words.source(power):
        st.caption(sentences.plain(words.source(power)))
    if (power is None or not power.simulated) and not jobs.read_only():
        label, what = (
            "Simulate it for this run",
            "Changes of known size in its own scores, through the gates of a verdict: minutes",
        )
        if st.button(label, icon=":material/science:", help=what, disabled=bool(jobs.running())):
            jobs.start(["power", run.run_id], f"Simulation of what {run.run_id} could have seen")
            st.rerun()


run, found = assessments.head("Verdict", "Is there skill, and how sure is that?", True)
verdict = assessments.verdict(run, found)
card_table = found.table("scorecard")
headline()
figures()
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
if ahead := score_words.rivals_ahead(card_table):
    st.markdown(sentences.plain(ahead))
left, right = st.columns(2)
same = address.carried()
left.page_link(
    "views/evaluation.py", label="How good are the probabilities?", icon=":material/insights:", query_params=same
)
right.page_link("views/significance.py", label="Could it be luck?", icon=":material/casino:", query_params=same)
