"""How chance looks: find the real catalogue among shifted ones, and see a leak make skill out of nothing."""

import streamlit as st

from core.data_folder import data_dir
from core.judgement import null_gallery
from core.reporting import sentences
from core.reporting.figures.judgement import gallery
from core.reporting.pages import chance
from core.studies import leak_demonstrator
from dashboard import assessments, jobs, tables, widgets


def make(what: str, command: list[str], title: str, demo_too: bool = False) -> None:
    """Say how the missing thing is made, and offer to make it; `demo_too`: the demo makes it as well."""
    by = " ".join(command)
    widgets.empty(what, f"precursor {by}", filled_by=(by, "demo") if demo_too else (by,))
    if not jobs.read_only() and st.button(title, disabled=bool(jobs.running()), icon=":material/play_arrow:"):
        jobs.start(command, title)
        st.rerun()


def find_the_real_one() -> None:
    """The gallery of the chosen run."""
    hung = null_gallery.stored(data_dir(), run.run_id)
    if hung is None:
        refused = null_gallery.refusal(run, found)
        if refused:
            st.info(sentences.plain(refused))
            return
        make("The gallery of this run has not been made yet.", ["null-gallery", run.run_id], "Make the gallery")
        return
    n = len(hung.items)
    st.markdown(f"{chance.gallery_words(n)} **Which one is real?**")
    reveal = st.toggle("Show the real one", key="reveal")
    widgets.plot(
        gallery.gallery(hung.items, hung.curves, reveal=reveal, synthetic=run.synthetic, mode=widgets.mode()),
        key="gallery",
        alt=f"{n} small diagrams of missed events against alarmed time; one is of the real catalogue",
    )
    if reveal:
        st.markdown(f"**{chance.answer_words(hung)}**")
        tables.show(hung.items.drop(columns="words"), alt="The pictures, with how far each was shifted")
    widgets.run_caption(run, "lower left is better, the grey diagonal is guessing")


def leak() -> None:
    """Three splits of the same worlds."""
    demo = leak_demonstrator.stored(data_dir())
    if demo is None:
        make("The leak demonstration has not been made yet.", ["leak-demo"], "Make the leak demonstration", True)
        return
    widgets.synthetic_badge(True)
    widgets.plot(
        gallery.leak(demo.summary, demo.worlds, mode=widgets.mode()),
        key="leak",
        alt="AUC under a random, a grouped and a blocked split, in worlds without a precursor",
    )
    st.markdown(chance.leak_outcome(demo))
    for row in demo.summary.to_dict("records"):
        mean = f"AUC {row['auc']:.2f}, in most worlds {row['auc_low']:.2f} to {row['auc_high']:.2f}"
        st.markdown(f"- **{row['method']}** ({sentences.plain(row['words'])}): {mean}. {sentences.plain(row['audit'])}")
    made = demo.created[:16].replace("T", " ")
    st.caption(f"Leak demonstration of {len(demo.worlds['world'].unique())} worlds, made {made} UTC; chance is 0.50.")


widgets.page_head(chance.TITLE, chance.QUESTION)
st.header("Find the real one", anchor=False)
run = widgets.run_picker()
if run is not None:
    widgets.caveats(run)
    found = assessments.needed(run)
    with widgets.place():
        find_the_real_one()
st.header("A leak makes skill out of nothing", anchor=False)
st.markdown(chance.LEAK_WORDS)
with widgets.place():
    leak()
