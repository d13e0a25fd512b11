"""Home: what this is, what data there are, and what came out of the latest runs."""

import streamlit as st

from core import commands
from core.reporting.figures.record import coverage
from core.reporting.figures.run import curves
from core.studies.job_documents import JobState
from dashboard import assessments, jobs, loaders, tables, widgets

LATEST = 8
DEMO_ENDED = "**The demo** has ended. The pages that it did not fill stay empty until it is made again."


def demo_words() -> str:
    """What a running demo fills and, for those who may start it, what fills the rest."""
    paper = f" The paper page is filled by `{commands.typed('precursor paper --quick')}`, in about ten minutes more."
    return (
        "**The demo** makes synthetic worlds on this machine, without a network, and trains on them, so that every "
        "page but The paper has something to show. It takes a few minutes; those pages fill as it goes on."
        + ("" if jobs.read_only() else paper)
    )


def progress() -> None:
    """The first job of a new data folder, large; the sidebar shows later ones."""
    job = jobs.running() or jobs.latest("demo")
    if job is None or (job.state == JobState.FINISHED and len(loaders.runs())):
        return
    is_demo = job.arguments[:1] == ("demo",)
    with st.container(border=True):
        st.markdown((DEMO_ENDED if job.ended else demo_words()) if is_demo else "**Work in progress**")
        jobs.show(job)
        went_wrong = job.state in (JobState.FAILED, JobState.CRASHED, JobState.CANCELLED)
        may_retry = is_demo and went_wrong and not jobs.read_only()
        if may_retry and st.button("Try the demo again", icon=":material/replay:") and jobs.start(["demo"], job.title):
            st.rerun()


widgets.page_head(
    "Geomagnetic Precursor Lab",
    "Does the Earth's magnetic field change before earthquakes? This lab lets a small neural network look for such a "
    "change, keeps it from cheating, and shows chance beside every score.",
)
widgets.synthetic_badge(widgets.anything_synthetic())
st.fragment(progress, run_every=2 if jobs.running() else None)()

st.header("Latest runs", anchor=False)
runs = widgets.runs()
widgets.damaged_runs()
if runs.empty:
    widgets.no_runs()
else:
    latest = assessments.as_judged(runs.head(LATEST))
    widgets.plot(
        curves.compare(latest, synthetic=bool(latest["synthetic"].all()), mode=widgets.mode()),
        key="runs",
        alt="AUC with its interval beside chance, and accuracy beside the majority share, of the latest runs",
    )
    tables.runs_to_open(latest, key="latest", alt="The latest runs; choose one to open it")
    st.caption(
        "Choose a row to open its run. AUC 0.5 is chance, and about one run in 40 without any skill lies above its "
        "interval by luck alone: the verdict says what may be said of a run. The majority share is the accuracy of "
        "always giving the same answer. Hollow dots: the run leaks, or its network died."
    )
    widgets.caveats_of(latest)
widgets.studies()

st.header("Data", anchor=False)
source = widgets.source()
if source is None:
    widgets.empty("There is no minute data yet.", filled_by=widgets.BRINGS_MINUTES)
else:
    table = loaders.coverage(source)
    widgets.plot(
        coverage.coverage(table, synthetic=source.synthetic, mode=widgets.mode()),
        key="coverage",
        alt="Share of minutes present, station by year",
    )
    st.caption(f"{widgets.source_words()}: share of all minutes of the year that are present, station by year.")
    tables.download(table, "coverage")
if not loaders.archive().stations() and not jobs.read_only():
    st.markdown("Bring your own data: minute files of an observatory, an earthquake catalogue, the activity index Kp.")
    st.code(
        commands.typed(
            "precursor ingest FILES_OR_FOLDERS\nprecursor catalogue CATALOGUE_FILE\nprecursor activity KP_FILE"
        ),
        language="bash",
    )
