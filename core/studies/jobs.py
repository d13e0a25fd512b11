"""
Background jobs: `precursor` processes whose whole state is a folder on disk.

Whoever watches only reads files, so a reload, a second viewer or a restart of
the server loses nothing. `data/jobs/<job_id>/` holds job.json (what was asked),
status.json (rewritten as the work goes on), history.csv, log.txt, and a file
`cancel` once somebody has asked for the job to stop.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from core import clock, files
from core.data_folder import ROOT
from core.errors import InputError
from core.progress import Progress
from core.studies import job_documents
from core.studies.job_documents import Job, JobState, Request, Standing
from core.typed_documents import OtherVersion

STARTING_S = 10.0  # a job this young may not have its process yet
HEARTBEAT_S = 0.5  # status.json is rewritten at most this often within a stage


class JobProgress(Progress):
    """Writes progress into a job's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = 0.0
        self._standing = Standing(JobState.RUNNING, os.getpid())
        self._write()

    def stage(self, name: str, done: int = 0, total: int = 0, message: str = "") -> None:
        changed = name != self._standing.stage
        self._standing = dataclasses.replace(
            self._standing, stage=name, done=int(done), total=int(total), message=message
        )
        self._write(at_once=changed)

    def batch(self, done: int, total: int) -> None:
        self._standing = dataclasses.replace(self._standing, message=f"batch {done} of {total}")
        self._write(at_once=False)

    def epoch(self, row: dict[str, float], epochs: int) -> None:
        earlier = _read_history(self.folder)
        if len(earlier):  # an epoch that comes again, or the first one of the job's next training, takes its place anew
            earlier = earlier[earlier["epoch"] < row["epoch"]]
        table = pd.concat([earlier, pd.DataFrame([row])]) if len(earlier) else pd.DataFrame([row])
        files.replace_text(self.folder / "history.csv", table.to_csv(index=False, lineterminator="\n"))
        self._standing = dataclasses.replace(self._standing, epoch=int(row["epoch"]), epochs=int(epochs))
        self._write()

    def result(self, run_id: str = "", sweep_id: str = "") -> None:
        before = self._standing
        self._standing = dataclasses.replace(
            before, run_id=run_id or before.run_id, sweep_id=sweep_id or before.sweep_id
        )
        self._write()

    def should_stop(self) -> bool:
        return (self.folder / "cancel").exists()

    def end(self, state: str, message: str = "") -> None:
        """Write the job's last state: finished, failed or cancelled."""
        self._standing = dataclasses.replace(self._standing, state=JobState(state), message=message)
        self._write()

    def _write(self, at_once: bool = True) -> None:
        if not at_once and time.monotonic() - self._written < HEARTBEAT_S:
            return
        self._written = time.monotonic()
        self._standing = dataclasses.replace(self._standing, heartbeat=clock.stamp())
        job_documents.write(self.folder / "status.json", self._standing)


def start(arguments: list[str], title: str, data_dir: Path) -> str:
    """
    Start `precursor ARGUMENTS` as a process of its own; one job runs at a time.

    Returns
    -------
    str
        The job's id.

    Raises
    ------
    InputError
        If another job is running.
    """
    with _starting(data_dir):
        busy = running(data_dir)
        if busy:
            raise InputError(f"Another job is running: {busy.title}. Wait for it to end, or cancel it first.")
        return _spawn(arguments, title, data_dir)


def start_once(arguments: list[str], title: str, data_dir: Path) -> str | None:
    """Start a job unless this data folder has ever had one; None if it has."""
    with _starting(data_dir):
        return None if listed(data_dir) else _spawn(arguments, title, data_dir)


def listed(data_dir: Path) -> list[Job]:
    """Every job, newest first."""
    folder = data_dir / "jobs"
    names = (
        sorted((p.name for p in folder.iterdir() if (p / "job.json").exists()), reverse=True) if folder.is_dir() else []
    )
    there = []
    for name in names:
        with contextlib.suppress(InputError):  # a folder that this program did not make, by its name, or that is gone
            there.append(status(name, data_dir))
    return there


def running(data_dir: Path) -> Job | None:
    """The job that is running now, or None."""
    return next((job for job in listed(data_dir) if not job.ended), None)


def status(job_id: str, data_dir: Path) -> Job:
    """
    What a job says of itself, and whether to believe it.

    A job that claims to run although its process is gone is `crashed`; its message is then the end of its log. One of a
    newer version of the program is `unreadable`, or runs if its process does; its message is the sentence that says so.

    Raises
    ------
    InputError
        If there is no such job.
    """
    folder = _folder(job_id, data_dir)
    try:
        return _status(job_id, folder, data_dir)
    except OtherVersion as newer:
        pids = {job_documents.process_in(folder / name) for name in ("job.json", "status.json")}
        runs = any(_alive(pid, job_id) for pid in pids)
        standing = Standing(JobState.RUNNING if runs else JobState.UNREADABLE, message=str(newer))
        return job_documents.job(job_id, Request(), standing)


def _status(job_id: str, folder: Path, data_dir: Path) -> Job:
    request = job_documents.read(folder / "job.json", Request, job_id)
    told = _told(folder, job_id, request)
    if told.ended or _alive(told.pid, job_id) or _is_new(request, told.pid):
        return told
    told = _told(folder, job_id, request)  # it may have ended between the two looks
    if told.ended:
        return told
    why = log_tail(job_id, data_dir) or "The process is gone and left no log."
    return dataclasses.replace(told, state=JobState.CRASHED, message=why)


def _told(folder: Path, job_id: str, request: Request) -> Job:
    """What a job's two documents say."""
    return job_documents.job(job_id, request, job_documents.read(folder / "status.json", Standing, job_id))


def cancel(job_id: str, data_dir: Path) -> None:
    """Ask a job to stop; it does so at its next batch and keeps what it has."""
    mark = _folder(job_id, data_dir) / "cancel"
    files.refuse_way_out(mark, data_dir)
    mark.touch()


def history(job_id: str, data_dir: Path) -> pd.DataFrame:
    """The training history so far; empty before the first epoch has ended."""
    return _read_history(_folder(job_id, data_dir))


def log_tail(job_id: str, data_dir: Path, lines: int = 20) -> str:
    """The last lines that the process printed."""
    try:
        text = (_folder(job_id, data_dir) / "log.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def _spawn(arguments: list[str], title: str, data_dir: Path) -> str:
    job_id = f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = data_dir / "jobs" / job_id
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "core", "--data", str(data_dir), "--job", str(folder), *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    request = Request(tuple(arguments), title, clock.stamp())
    job_documents.write(folder / "job.json", request)  # first, so that no process runs that nobody can see
    with open(folder / "log.txt", "wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    job_documents.write(folder / "job.json", dataclasses.replace(request, pid=process.pid))
    return job_id


@contextmanager
def _starting(data_dir: Path) -> Iterator[None]:
    with files.claimed(data_dir / "jobs" / ".lock", "Another job is being started. Try again.", timeout_s=30):
        yield


def _folder(job_id: str, data_dir: Path) -> Path:
    folder = files.child(data_dir / "jobs", job_id, f"There is no job {job_id!r}")
    if not folder.is_dir():
        raise InputError(f"There is no job {job_id!r}.")
    return folder


def _read_history(folder: Path) -> pd.DataFrame:
    try:
        history = pd.read_csv(folder / "history.csv")
    except (OSError, ValueError, OverflowError):
        return pd.DataFrame()
    numbers = history.select_dtypes("number")
    return history if {"epoch", "loss"} <= set(numbers) else pd.DataFrame()


def _is_new(request: Request, pid: int | None) -> bool:
    """True in the moments between a job's folder, its process, and the arguments of that process."""
    try:
        age = clock.now() - datetime.fromisoformat(request.created)
    except (ValueError, TypeError):  # TypeError: a time without a zone
        return False
    return age < timedelta(seconds=STARTING_S) and (request.pid is None or bool(pid and _command(pid) == ""))


def _alive(pid: int | None, job_id: str) -> bool:
    if not pid:
        return False
    try:  # a child of this process that has ended stays a zombie until it is waited for
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    return job_id in (_command(pid) or "")  # a recycled pid, of other arguments, is not mistaken for the job


def _command(pid: int) -> str | None:
    """The command of a process: "" while the system sets it up or when it has ended, None if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return None
        told = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
        return told.stdout or None
