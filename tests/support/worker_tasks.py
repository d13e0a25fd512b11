"""What the tests of workers let them do; a worker finds it as `tests.support.worker_tasks`."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from core.errors import InputError


def add(a, b, report):
    """An answer, and who gave it."""
    return {"sum": a + b, "pid": os.getpid(), "threads": os.environ["TF_NUM_INTRAOP_THREADS"]}


def refuse(report):
    """Bad input."""
    raise InputError("This config yields no window.")


def break_down(report):
    """A defect."""
    raise ZeroDivisionError("division by zero")


def die(folder, times, report):
    """Take the whole worker down, the first few times."""
    started = Path(folder) / f"{os.getpid()}"
    started.touch()
    if len(list(Path(folder).iterdir())) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"pid": os.getpid()}


def sleep(folder, seconds, report):
    """Say who works, and take long."""
    (Path(folder) / f"{os.getpid()}").touch()
    time.sleep(seconds)
    return {"pid": os.getpid()}


def count(report):
    """Report one epoch after the other until somebody says stop."""
    for epoch in range(100):
        if not report({"epoch": epoch}):
            return {"stopped_at": epoch}
    return {"stopped_at": None}


def chatter(report):
    """Print into what would be the answers."""
    print("a line that is no answer", flush=True)
    os.write(1, b"nor is this\n")
    return {"said": True}


def data(report):
    """Which data folder a worker uses."""
    from core.data_folder import data_dir

    return {"data": str(data_dir())}
