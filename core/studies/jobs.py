"""
Background jobs: `precursor` processes whose whole state is a folder on disk.

Whoever watches only reads files, so a reload, a second viewer or a restart of
the server loses nothing. `data/jobs/<job_id>/` holds job.json (what was asked),
status.json (rewritten as the work goes on), history.csv, log.txt, and a file
`cancel` once somebody has asked for the job to stop.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock, documents, files
from core.data_folder import ROOT
from core.documents import DocumentError
from core.errors import InputError
from core.progress import Progress

ENDED = ("finished", "failed", "cancelled", "crashed")
NOTHING_KNOWN: dict[str, Any] = {"arguments": [], "title": "A job", "created": "", "pid": None}
# Of job.json and status.json, the facts that are read; a fact of another kind is not known.
KINDS: dict[str, type] = {
    "arguments": list,
    "title": str,
    "created": str,
    "pid": int,
    "state": str,
    "stage": str,
    "message": str,
    "heartbeat": str,
    "done": int,
    "total": int,
    "epoch": int,
    "epochs": int,
    "run_id": str,
}
LARGEST_NUMBER = 2**31 - 1  # of a process, on any system
STARTING_S = 10.0  # a job this young may not have its process yet
HEARTBEAT_S = 0.5  # status.json is rewritten at most this often within a stage


class JobProgress(Progress):
    """Writes progress into a job's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = 0.0
        self._status: dict[str, Any] = {"state": "running", "pid": os.getpid()}
        self._write()

    def stage(self, name: str, done: int = 0, total: int = 0, message: str = "") -> None:
        changed = name != self._status.get("stage")
        self._status.update(stage=name, done=int(done), total=int(total), message=message)
        self._write(at_once=changed)

    def batch(self, done: int, total: int) -> None:
        self._status.update(message=f"batch {done} of {total}")
        self._write(at_once=False)

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        earlier = _read_history(self.folder)
        if len(earlier):  # an epoch that comes again, or the first one of the job's next training, takes its place anew
            earlier = earlier[earlier["epoch"] < row["epoch"]]
        table = pd.concat([earlier, pd.DataFrame([row])]) if len(earlier) else pd.DataFrame([row])
        files.replace_text(self.folder / "history.csv", table.to_csv(index=False, lineterminator="\n"))
        self._status.update(epoch=int(row["epoch"]), epochs=int(epochs))
        self._write()

    def result(self, **facts: Any) -> None:
        self._status.update(facts)
        self._write()

    def should_stop(self) -> bool:
        return (self.folder / "cancel").exists()

    def end(self, state: str, message: str = "") -> None:
        """Write the job's last state: finished, failed or cancelled."""
        self._status.update(state=state, message=message)
        self._write()

    def _write(self, at_once: bool = True) -> None:
        if not at_once and time.monotonic() - self._written < HEARTBEAT_S:
            return
        self._written = time.monotonic()
        self._status["heartbeat"] = clock.stamp()
        files.replace_json(self.folder / "status.json", self._status)


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
            raise InputError(f"Another job is running: {busy['title']}. Wait for it to end, or cancel it first.")
        return _spawn(arguments, title, data_dir)


def start_once(arguments: list[str], title: str, data_dir: Path) -> str | None:
    """Start a job unless this data folder has ever had one; None if it has."""
    with _starting(data_dir):
        return None if listed(data_dir) else _spawn(arguments, title, data_dir)


def listed(data_dir: Path) -> list[dict[str, Any]]:
    """Every job's status, newest first."""
    folder = data_dir / "jobs"
    names = (
        sorted((p.name for p in folder.iterdir() if (p / "job.json").exists()), reverse=True) if folder.is_dir() else []
    )
    found = []
    for name in names:
        with contextlib.suppress(InputError):  # a folder that this program did not make, by its name, or that is gone
            found.append(status(name, data_dir))
    return found


def running(data_dir: Path) -> dict[str, Any] | None:
    """The job that is running now, or None."""
    return next((job for job in listed(data_dir) if job["state"] not in ENDED), None)


def status(job_id: str, data_dir: Path) -> dict[str, Any]:
    """
    What a job says of itself, and whether to believe it.

    A job that claims to run although its process is gone is `crashed`; its
    message is then the end of its log.
    """
    folder = _folder(job_id, data_dir)
    job = {**NOTHING_KNOWN, **_read(folder / "job.json")}  # what is damaged is not known
    state = {"state": "starting", "pid": job["pid"], **_read(folder / "status.json")}
    if state["state"] not in ENDED and not _alive(state["pid"], job_id) and not _is_new(job):
        state = {**state, **_read(folder / "status.json")}  # it may have ended between the two looks
        if state["state"] not in ENDED:
            state.update(state="crashed", message=log_tail(job_id, data_dir) or "The process is gone and left no log.")
    return {**job, **state, "job_id": job_id}


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
    job_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = data_dir / "jobs" / job_id
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "core", "--data", str(data_dir), "--job", str(folder), *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    job = {"arguments": arguments, "title": title, "created": clock.stamp()}
    files.replace_json(folder / "job.json", job)  # first, so that no process runs that nobody can see
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
    files.replace_json(folder / "job.json", {**job, "pid": process.pid})
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


def _read(path: Path) -> dict[str, Any]:
    """The facts of a job's document, without those that are not of their kind; none if it cannot be read."""
    try:
        facts = documents.read_json(path)
    except DocumentError:
        return {}
    return {key: value for key, value in facts.items() if key not in KINDS or _sound(key, value)}


def _sound(key: str, value: Any) -> bool:
    if not documents.of_kind(value, KINDS[key]):
        return False
    if KINDS[key] is int:
        return bool(0 <= value <= LARGEST_NUMBER)
    if key == "state":
        return value in ("starting", "running", *ENDED)
    return key != "arguments" or all(isinstance(word, str) for word in value)


def _is_new(job: dict[str, Any]) -> bool:
    """True in the moment between a job's folder and its process."""
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(job["created"])
    except (ValueError, TypeError):  # TypeError: a time without a zone
        return False
    return job["pid"] is None and age < timedelta(seconds=STARTING_S)


def _alive(pid: int | None, job_id: str) -> bool:
    if not pid:
        return False
    try:  # a child of this process that has ended stays a zombie until it is waited for
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        found = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
        command = found.stdout
    return job_id in command  # the id stands in the arguments, so a recycled pid is not mistaken for the job
