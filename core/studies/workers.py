"""
Worker processes: each does one thing at a time, on one thread, and is replaced before it grows too large.

keras keeps the weights and the optimiser of every network that was trained in a process (70 MB for windows of a day,
400 MB for a week), whatever is deleted; so many trainings need processes that come and go. A worker that dies is
replaced, and its work is given to the new one, which goes on from the last checkpoint. A worker ends with the process
that started it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypedDict, final

from core.data_folder import ROOT, data_dir
from core.errors import InputError

TRIES = 3  # a run that takes its worker down so often is given up
RUNS_EACH = 8  # a new process costs the import of TensorFlow, some seconds
MEMORY_MB = 2048  # a worker that has used more than this is replaced after the run
# The same bits on any number of workers need the same number of threads in each.
ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
}

Epoch = dict[str, float]  # a line of a training's history
Report = Callable[[Epoch], bool]  # told of each epoch; False: stop here
Result = dict[str, str | float | bool | None]  # what a task's function answers: JSON-ready facts by name


@dataclass(frozen=True)
class Task:
    """Work for a worker: a function by its name, "package.module:function", and JSON-ready arguments."""

    function: str
    arguments: list[object]


@dataclass(frozen=True)
class Outcome:
    """What became of a task: started, finished or failed; a failure in one sentence, what came back in `result`."""

    key: str
    state: str
    error: str = ""
    seconds: float = 0.0
    result: Result = field(default_factory=dict)


class Question(TypedDict):
    """A line to a worker: what to do."""

    function: str
    arguments: list[object]


class GoOn(TypedDict):
    """A line to a worker that has told of an epoch: whether it may go on."""

    go_on: bool


@final
class Told(TypedDict):
    """A line from a worker: an epoch has ended, and it waits for a `GoOn`."""

    epoch: Epoch


@final
class Answer(TypedDict):
    """A line from a worker: its task is finished or failed; memory_mb: the most that it has held so far."""

    state: str
    error: str
    seconds: float
    result: Result
    memory_mb: float


class Engine(Protocol):
    """Whatever gets tasks done: `Local` processes here, or a cluster (cluster.py)."""

    def run(self, tasks: dict[str, Task], look: Callable[[], None]) -> Iterator[Outcome]:
        """Outcomes as they come; `look` is called about twice a second and may raise to end it all."""


class Died(Exception):
    """A worker ended without an answer."""


class Worker:
    """A child process that answers tasks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.studies.workers"],
            cwd=ROOT,
            # Its working folder is another, and so might be the data folder.
            env={**os.environ, "PRECURSOR_DATA": str(data_dir()), **ONE_THREAD, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C is for the parent, which then closes its workers
        )
        self.pid = self._process.pid

    def ask(self, task: Task, report: Report | None = None) -> Answer:
        """
        The answer to a task; `report` is told of each epoch.

        Raises
        ------
        Died
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._send({"function": task.function, "arguments": task.arguments})
            for line in self._process.stdout:
                heard: Told | Answer = json.loads(line)
                if "epoch" not in heard:
                    return heard
                self._send({"go_on": report is None or report(heard["epoch"])})
        except (OSError, ValueError):  # a pipe that is broken or closed, half a line
            pass
        raise Died(f"exit code {self._process.wait()}")

    def close(self) -> None:
        """End the process; what it has written so far stays."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def _send(self, message: Question | GoOn) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()


class Place:
    """A place where one worker at a time works; a new one comes where it died or has grown."""

    def __init__(self, runs_each: int = RUNS_EACH) -> None:
        self._runs_each, self._served, self.closed = runs_each, 0, False
        self._worker: Worker | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that works here now."""
        return self._worker.pid if self._worker else None

    def do(self, key: str, task: Task, report: Report | None = None) -> Outcome:
        """The outcome of a task, after up to three tries where the worker dies."""
        for _ in range(TRIES):
            worker = self._present()
            if worker is None:
                break
            try:
                answer = worker.ask(task, report)
            except Died as death:
                last = str(death)
                self._leave()
                continue
            self._served += 1
            if self._served >= self._runs_each or answer["memory_mb"] > MEMORY_MB:
                self._leave()
            return Outcome(key, answer["state"], answer["error"], answer["seconds"], answer["result"])
        if self.closed:
            return Outcome(key, "failed", "Stopped.")
        error = f"Its worker process died {TRIES} times ({last}). The memory may be full: take fewer workers."
        return Outcome(key, "failed", error)

    def close(self) -> None:
        """End the worker, and let none come after it."""
        self.closed = True
        self._leave()

    def _present(self) -> Worker | None:
        with self._lock:
            if self._worker is None and not self.closed:
                self._worker, self._served = Worker(), 0
            return None if self.closed else self._worker

    def _leave(self) -> None:
        with self._lock:
            if self._worker is not None:
                self._worker.close()
            self._worker = None


class Local:
    """Worker processes on this machine."""

    def __init__(self, n_workers: int = 0, runs_each: int = RUNS_EACH) -> None:
        self.places = [Place(runs_each) for _ in range(n_workers or os.cpu_count() or 1)]

    def run(
        self, tasks: dict[str, Task], look: Callable[[], None], report: Callable[[str], Report] | None = None
    ) -> Iterator[Outcome]:
        """Outcomes as they come; see `Engine`. `report` gives, by a task's key, who is told of its epochs."""
        todo, outcomes = deque(tasks.items()), queue.SimpleQueue[Outcome]()

        def work(place: Place) -> None:
            while True:
                try:
                    key, task = todo.popleft()
                except IndexError:
                    return
                outcomes.put(Outcome(key, "started"))
                outcomes.put(place.do(key, task, report(key) if report else None))

        for place in self.places[: len(tasks)]:
            threading.Thread(target=work, args=(place,), daemon=True).start()
        left = len(tasks)
        try:
            while left:
                look()
                with contextlib.suppress(queue.Empty):
                    outcome = outcomes.get(timeout=0.5)
                    left -= outcome.state != "started"
                    yield outcome
        finally:
            todo.clear()
            for place in self.places:
                place.close()


def serve() -> None:
    """Answer the tasks that come as lines on standard input, until it ends; then end at once, whatever is under way."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(1)  # the parent is gone; locks and files are left as a kill leaves them, which is safe

    def send(message: Told | Answer) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    def report(row: Epoch) -> bool:
        send({"epoch": row})
        reply: GoOn = json.loads(lines.get())
        return reply["go_on"]

    threading.Thread(target=read, daemon=True).start()
    while True:
        question: Question = json.loads(lines.get())
        started = time.monotonic()
        error, result = _done(question, report)
        state, seconds = "failed" if error else "finished", time.monotonic() - started
        send({"state": state, "error": error, "seconds": seconds, "result": result, "memory_mb": _memory_mb()})


def _done(question: Question, report: Report) -> tuple[str, Result]:
    """Do a task: why it failed, "" if it did not, and what its function answered."""
    module, _, name = question["function"].partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
        return "", function(*question["arguments"], report)
    except InputError as error:
        return str(error), {}
    except MemoryError:
        return "The memory is full. Take fewer workers, or a smaller batch_size.", {}
    except Exception as error:  # one run of many: the others go on, and this one keeps what it said
        return " ".join(f"{type(error).__name__}: {error}".split())[:500], {}


def _memory_mb() -> float:
    """The most memory that this process has held; 0 where the system does not say."""
    # On Linux getrusage counts what the parent held when it started this process.
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


if __name__ == "__main__":
    serve()
