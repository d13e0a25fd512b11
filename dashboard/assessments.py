"""The stored judgement of a run, as the pages need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.data_folder import data_dir
from core.errors import InputError
from core.evaluation.estimate import Estimate
from core.judgement import assessment
from core.judgement.assessment import Assessment
from core.judgement.verdict import Verdict
from core.reporting import judged_scores, tables, verdict_words
from core.runs.runs import Run
from dashboard import jobs, widgets


def of(run_id: str) -> Assessment | None:
    """The assessment of a run, read once for all viewers; None if there is none yet."""
    own, final = (assessment.place(data_dir(), run_id, split) / "assessment.json" for split in ("", "final"))
    paths = (own, final, data_dir() / "frozen" / "journal.jsonl")
    moments = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
    return _of(str(data_dir()), run_id, moments) if own.exists() or final.exists() else None


@st.cache_resource(max_entries=40, show_spinner=False)
def _of(folder: str, run_id: str, moments: tuple[int, ...]) -> Assessment | None:
    return assessment.open(Path(folder), run_id)


def needed(run: Run) -> Assessment:
    """The assessment of a run, or an empty state that makes it, and the end of the page; also of one by older rules."""
    found = of(run.run_id)
    if found is None or found.document.outdated:
        command = f"assess {run.run_id}"
        # What trains a run assesses it too; but a run that was there before the job is none of its own.
        makers = widgets.BRINGS_RUNS if jobs.since_it_began(run.status.created) else ()
        what = f"Run {run.run_id} has not been assessed yet." if found is None else verdict_words.ASSESS_AGAIN
        widgets.empty(what, f"precursor {command}", filled_by=(command, *makers))
        if not jobs.read_only() and st.button("Assess it now", icon=":material/gavel:", disabled=bool(jobs.running())):
            jobs.start(["assess", run.run_id], f"Assessment of {run.run_id}")
            st.rerun()
        st.stop()
    return found


def verdict(run: Run, found: Assessment) -> Verdict:
    """The verdict as of now: runs tried since the assessment count."""
    return assessment.verdict_of(run, found, data_dir())


def kind(run: Run) -> str:
    """The verdict of a run in a few words, for a cell of a table; the run's own pages say what of it is damaged."""
    try:
        stored = of(run.run_id)
        if stored is None:
            return verdict_words.NOT_ASSESSED
        if stored.document.outdated:
            return verdict_words.OUTDATED
        return verdict_words.in_a_cell(verdict(run, stored))
    except InputError:
        return verdict_words.UNREADABLE


def as_judged(listed: pd.DataFrame) -> pd.DataFrame:
    """The list of runs with the scores that belong to their verdicts; what is damaged keeps those of the run."""
    scores = {}
    for run_id in map(str, listed["run_id"]):
        try:
            stored = of(run_id)
            if stored is not None and not stored.document.outdated:
                scores[run_id] = judged_scores.of(stored.document)
        except InputError:
            continue  # the verdict beside it says so
    return judged_scores.as_judged(listed, scores)


def judged_on_other_windows(run: Run, split: str) -> str:
    """Which windows the verdict is of, in a sentence, where those shown are others; "" elsewhere."""
    try:
        stored = of(run.run_id)
    except InputError:
        return ""
    if stored is None or stored.document.outdated:
        return ""
    return judged_scores.other_windows(judged_scores.of(stored.document), split)


def headline(run: Run) -> str | None:
    """The first sentences of a run's verdict; None without one, or with a damaged one, which is said."""
    try:
        stored = of(run.run_id)
        return None if stored is None or stored.document.outdated else verdict(run, stored).headline
    except InputError as error:
        widgets.problem(error)
        return None


def head(title: str, question: str, in_full: bool = False) -> tuple[Run, Assessment]:
    """What the pages about one run begin with: the question, the run, what to keep in mind, its assessment."""
    widgets.page_head(title, question)
    run = widgets.run_picker()
    if run is None:
        st.stop()
    found = needed(run)
    widgets.caveats(run, found.caveats, in_full)
    return run, found


def source_line(run: Run, found: Assessment, what: str = "") -> None:
    """Which run, which windows, and when it was judged."""
    made = found.document.created[:16].replace("T", " ")
    judged = f"{found.document.judged_split} windows"
    st.caption(f"Run **{run.run_id}**, {judged}, assessed {made} UTC" + (f"; {what}" if what else ""))


def card(place: Any, label: str, number: Estimate, chance: float, help: str | None = None, grey: bool = False) -> None:
    """A number, and below it its 95 % interval and what chance gives; grey where it stands for nothing."""
    between = "" if number.low is None or number.high is None else f"{number.low:.2f} to {number.high:.2f}, "
    place.metric(
        label,
        tables.DASH if number.value is None else f":gray[{number.value:.2f}]" if grey else f"{number.value:.2f}",
        f"{between}chance {chance:.2f}",
        help=help,
        border=True,
        height="stretch",
        delta_color="off",
        delta_arrow="off",
    )
