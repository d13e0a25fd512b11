"""Worker processes: answers, refusals, deaths, replacement and an end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.data_folder import ROOT
from core.progress import Cancelled
from core.studies.workers import Local, Outcome, Place, Task


def task(name, *arguments) -> Task:
    return Task(f"tests.support.worker_tasks:{name}", list(arguments))


def ended(outcomes) -> dict[str, Outcome]:
    return {outcome.key: outcome for outcome in outcomes if outcome.state != "started"}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_every_task_is_answered_and_a_refusal_or_a_defect_stops_no_other():
    tasks = {"sum": task("add", 2, 3), "bad": task("refuse"), "defect": task("break_down"), "talk": task("chatter")}
    found = ended(Local(2).run(tasks, lambda: None))
    assert found["sum"].state == "finished" and found["sum"].result["sum"] == 5
    assert found["sum"].result["threads"] == "1" and found["sum"].result["pid"] != os.getpid()
    assert (found["bad"].state, found["bad"].error) == ("failed", "This config yields no window.")
    assert (found["defect"].state, found["defect"].error) == ("failed", "ZeroDivisionError: division by zero")
    assert found["talk"].result == {"said": True}


def test_a_worker_serves_several_tasks_and_is_then_replaced():
    tasks = {str(i): task("add", i, 0) for i in range(5)}
    found = ended(Local(1, runs_each=2).run(tasks, lambda: None))
    pids = [found[str(i)].result["pid"] for i in range(5)]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
    wait_for(lambda: not any(is_alive(pid) for pid in pids))


def test_what_a_dying_worker_did_is_given_to_the_next(tmp_path):
    found = ended(Local(1).run({"a": task("die", str(tmp_path), 2), "b": task("add", 1, 1)}, lambda: None))
    assert found["a"].state == "finished" and len(list(tmp_path.iterdir())) == 3
    assert found["b"].result["sum"] == 2


def test_a_task_that_always_takes_its_worker_down_fails_with_a_sentence(tmp_path):
    found = ended(Local(1).run({"a": task("die", str(tmp_path), 99), "b": task("add", 1, 1)}, lambda: None))
    assert found["a"].state == "failed" and "died 3 times" in found["a"].error
    assert found["b"].state == "finished"


def test_whoever_listens_to_the_epochs_can_stop_a_training():
    place = Place()
    try:
        outcome = place.do("a", task("count"), lambda row: row["epoch"] < 4)
    finally:
        place.close()
    assert outcome.result == {"stopped_at": 4}


def test_a_request_to_stop_ends_the_workers_at_once(tmp_path):
    def look():
        if len(list(tmp_path.iterdir())) == 2:
            raise Cancelled("Stopped.")

    tasks = {str(i): task("sleep", str(tmp_path), 600) for i in range(3)}
    with pytest.raises(Cancelled):
        list(Local(2).run(tasks, look))
    pids = [int(path.name) for path in tmp_path.iterdir()]
    assert len(pids) == 2
    wait_for(lambda: not any(is_alive(pid) for pid in pids))


def test_workers_end_when_the_process_that_started_them_is_killed(tmp_path):
    code = (
        "from core.studies.workers import Local, Task\n"
        f"list(Local(1).run({{'a': Task('tests.support.worker_tasks:sleep', [{str(tmp_path)!r}, 600])}}, lambda: None))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    wait_for(lambda: list(tmp_path.iterdir()))
    (pid,) = [int(path.name) for path in tmp_path.iterdir()]
    assert is_alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not is_alive(pid))
