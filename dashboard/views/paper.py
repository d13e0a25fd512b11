"""The paper: each of its experiments done again, beside what it printed."""

import streamlit as st

from core.data_folder import data_dir
from core.reporting import sentences
from core.reporting.pages import paper
from core.studies.paper import study as studies
from core.studies.paper import switches
from dashboard import jobs, tables, widgets

COMMAND = ["paper", "--quick"]

widgets.page_head(
    "The paper",
    "What comes out when every experiment of the paper is done again, under its choices and under the honest default?",
)
st.caption(f"{paper.SOURCE}. None of its figures is copied; its numbers are given in words.")
seen = studies.on_shelf(data_dir())
stored = {study.study_id: study for study in seen.there}
widgets.refused(seen.refused.values())


def start() -> None:
    """Offer to do the quick study."""
    if jobs.read_only():
        return
    wanted = st.button("Do the quick study", disabled=bool(jobs.running()), icon=":material/play_arrow:")
    st.caption("It takes about ten minutes on two cores, and goes on with what is there: nothing is trained twice.")
    widgets.why_greyed()
    if wanted and jobs.start(COMMAND, "The paper done again, quickly"):
        st.rerun()


if not stored:
    widgets.synthetic_badge(widgets.anything_synthetic())
    if not seen.refused:
        command = "precursor " + " ".join(COMMAND)
        widgets.empty("The paper has not been done again here yet.", command, filled_by=COMMAND[:1])
    start()
    st.header("The switchboard", anchor=False)
    tables.show(switches.table(), alt="The paper's inconsistencies, and the setting of each")
    st.stop()
study = stored[st.selectbox("Study", list(stored), key="study", bind="query-params")]
document, runs = study.document, study.table("runs")
widgets.synthetic_badge(study.synthetic)
st.caption(
    f"Study **{study.study_id}**, stations {', '.join(document.stations)}, made "
    f"{document.created[:16].replace('T', ' ')} UTC: {document.n_done} of {document.n_planned} trainings are "
    f"there, {document.n_refused} were refused."
)
for sentence in paper.headline(runs):
    st.markdown(f"**{sentences.plain(sentence)}**")
if document.left_out:
    st.info("\n".join(f"- {sentences.plain(sentence)}" for sentence in document.left_out))
if document.n_done + document.n_refused < document.n_planned:
    start()
st.header("Stations (Table 1)", anchor=False)
tables.show(study.table("stations"), alt="Stations from the files, and as the paper prints them")
st.header("The network (Table 2)", anchor=False)
tables.show(study.table("network"), alt="The layers of the network and their parameters, for windows of a week")
st.caption("The paper's total is 30,984,834 parameters; 99.94 % of them stand in one layer.")
for section in paper.sections(study, widgets.mode()):
    st.header(section.title, anchor=False)
    st.markdown(sentences.plain(section.printed))
    for sentence in section.found:
        st.markdown(f"**{sentences.plain(sentence)}**")
    for choice, figure in section.figures.items():
        widgets.plot(figure, key=f"{section.key}{choice}", alt=section.alt)
        st.caption(section.captions[choice])
    if section.key == "switches":
        tables.show(switches.table(), alt="The paper's inconsistencies, and the setting of each")
st.header("Every experiment", anchor=False)
tables.show(paper.summary(runs), alt="Medians over the seeds of every experiment")
st.caption("AUC: median of the seeds, with the lowest and the highest. Under Results its runs are listed on request.")
tables.download(runs, f"paper-{study.study_id}")
refused = paper.refusals(runs)
if refused:
    with st.expander("What could not be trained, and why"):
        st.markdown("\n".join(f"- {sentences.plain(sentence)}" for sentence in refused))
