"""
Start and follow background jobs from a page.

The work is a `precursor` process of its own and all its state is on disk
(`core.studies.jobs`): a page only reads files, so a reload or a second
viewer sees the same job.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import streamlit as st

from core.data_folder import data_dir
from core.errors import InputError
from core.reporting import sentences
from core.studies import jobs
from core.studies.job_documents import Job, JobState
from dashboard import loaders

WORDS = {
    JobState.STARTING: "is starting",
    JobState.RUNNING: "is running",
    JobState.FINISHED: "has finished",
    JobState.FAILED: "has failed",
    JobState.CANCELLED: "was cancelled",
    JobState.CRASHED: "ended unexpectedly",
    JobState.UNREADABLE: "cannot be read",
}

SHIPPED = {"README.md", "experiments", "geo", "mappings", "stations.toml"}  # what of `data/` is in the repository


def read_only() -> bool:
    """True on hosted copies (PRECURSOR_READ_ONLY=1): visitors look, and start nothing."""
    return os.environ.get("PRECURSOR_READ_ONLY", "") not in ("", "0")


def start_demo_once() -> None:
    """
    On a data folder that holds nothing, start the demo; one job for all visitors, and never a second time.

    A copy to look at may stand on the folder of somebody else: there it starts only if really nothing was kept yet.
    """
    if read_only() and not _is_new(data_dir()):
        return
    if os.environ.get("PRECURSOR_NO_DEMO", "") in ("", "0") and not loaders.anything():
        try:
            jobs.start_once(["demo"], "Demo: synthetic worlds and four runs", data_dir())
        except OSError as error:
            st.warning(
                f"The data folder cannot be written ({error.strerror}), so the demo was not started. Make it "
                "writable, or set PRECURSOR_DATA to another folder."
            )


def _is_new(folder: Path) -> bool:
    """True if a data folder holds nothing but what comes with the project."""
    return not folder.is_dir() or {path.name for path in folder.iterdir()} <= SHIPPED


def start(arguments: list[str], title: str) -> str | None:
    """Start a job and return its id; if that is not possible, say why on the page and return None."""
    try:
        return jobs.start(arguments, title, data_dir())
    except (InputError, OSError) as error:
        st.error(sentences.plain(str(error)))
        return None


def running() -> Job | None:
    """The job that is running now, if any."""
    return jobs.running(data_dir())


def filling(commands: Iterable[str]) -> Job | None:
    """The running job if its command begins like one of these, such as "fetch minute"; else None."""
    job = running()
    begins = [tuple(command.split()) for command in commands]
    return job if job and any(job.arguments[: len(parts)] == parts for parts in begins) else None


def since_it_began(moment: str) -> bool:
    """True if a job is running now that began before this moment (ISO 8601)."""
    job = running()
    return bool(job and job.created and pd.Timestamp(moment) >= pd.Timestamp(job.created))


def latest(*verbs: str) -> Job | None:
    """The newest job of some verbs, whatever its state."""
    return next((job for job in jobs.listed(data_dir()) if job.arguments and job.arguments[0] in verbs), None)


def in_words(job: Job) -> str:
    """What a job is doing, in one line."""
    count = f" ({job.done:,} of {job.total:,})" if job.total else ""
    return f"{job.stage or 'Getting ready'}{count}" + (f" · {job.message}" if job.message else "")


def show(job: Job) -> None:
    """Draw one job: title, stage in words and a bar while it runs; what happened when it has ended."""
    if not job.ended:
        share = min(1.0, job.done / job.total) if job.total else 0.0
        st.progress(share, text=f"**{job.title}** · {in_words(job)}")
    elif job.state == JobState.FINISHED:
        st.success(f"{job.title} has finished (started {job.created[:16].replace('T', ' ')} UTC).")
    elif job.state == JobState.CANCELLED:
        st.info(f"{job.title} was cancelled. What was done is kept; starting it again goes on from there.")
    else:
        why = "" if read_only() else sentences.plain(job.message)  # the end of a log names files and folders
        st.error(f"{job.title} {WORDS[job.state]}. {why}")


def follow() -> None:
    """
    Show the running job in the sidebar, and run the page again whenever there is something new to see.

    Nothing polls while nothing runs.
    """
    job = running()
    if job:
        st.fragment(_poll, run_every=2)(loaders.contents(), job.job_id)


def _poll(contents: str, job_id: str) -> None:
    job = running()
    if job is None or job.job_id != job_id or loaders.contents() != contents:
        st.rerun()
    st.caption("Running now")
    show(job)
