"""Background jobs: their state is on disk, and a claim to be running is checked."""

import os
import signal
import subprocess
import sys
import time

import pytest

from core import files
from core.errors import InputError
from core.experiments import jobs


def wait(job_id, folder, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = jobs.status(job_id, folder)
        if state["state"] in jobs.ENDED:
            return state
        time.sleep(0.1)
    raise AssertionError(f"still {jobs.status(job_id, folder)}")


def test_a_job_runs_to_its_end_and_keeps_its_log(data_folder):
    job = jobs.start(["stations"], "List stations", data_folder)
    assert wait(job, data_folder)["state"] == "finished"
    assert "DUR" in jobs.log_tail(job, data_folder, lines=100)
    assert jobs.running(data_folder) is None


def test_bad_input_ends_a_job_as_failed_with_the_sentence(data_folder):
    job = jobs.start(["show", "nothing"], "Show", data_folder)
    state = wait(job, data_folder)
    assert state["state"] == "failed"
    assert "No run with an id beginning 'nothing'" in state["message"]


def sleeper(folder):
    """A job folder whose process sleeps, as a training that takes long would."""
    job_folder = folder / "jobs" / "20260101-000000-0000"
    job_folder.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", job_folder.name])
    files.replace_json(job_folder / "job.json", {"title": "Sleep", "arguments": [], "created": "", "pid": process.pid})
    files.replace_json(job_folder / "status.json", {"state": "running", "pid": process.pid})
    return job_folder.name, process


def test_a_killed_job_is_crashed_not_running(data_folder):
    job, process = sleeper(data_folder)
    assert jobs.status(job, data_folder)["state"] == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert jobs.status(job, data_folder)["state"] == "crashed"


def test_one_job_runs_at_a_time(data_folder):
    _, process = sleeper(data_folder)
    try:
        with pytest.raises(InputError, match="Another job is running: Sleep"):
            jobs.start(["stations"], "Second", data_folder)
    finally:
        process.kill()
        process.wait()


def test_a_process_that_inherited_the_number_is_not_the_job(data_folder):
    job, process = sleeper(data_folder)
    process.kill()
    process.wait()
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        files.replace_json(data_folder / "jobs" / job / "status.json", {"state": "running", "pid": other.pid})
        assert jobs.status(job, data_folder)["state"] == "crashed"
    finally:
        other.kill()
        other.wait()


def test_start_once_starts_only_the_first_time(data_folder):
    first = jobs.start_once(["stations"], "First", data_folder)
    assert first is not None
    assert jobs.start_once(["stations"], "Second", data_folder) is None
    wait(first, data_folder)
    assert jobs.start_once(["stations"], "Third", data_folder) is None


@pytest.mark.parametrize("job_id", ["", "..", "../runs", "absent"])
def test_an_id_never_leads_out_of_the_folder(data_folder, job_id):
    (data_folder / "runs").mkdir()
    with pytest.raises(InputError, match="There is no job"):
        jobs.status(job_id, data_folder)


def test_cancel_is_heard(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0001"
    folder.mkdir(parents=True)
    progress = jobs.JobProgress(folder)
    assert not progress.should_stop()
    jobs.cancel(folder.name, data_folder)
    assert progress.should_stop()


def test_the_live_history_grows_epoch_by_epoch(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0002"
    folder.mkdir(parents=True)
    progress = jobs.JobProgress(folder)
    assert jobs.history(folder.name, data_folder).empty
    for epoch in (1, 2):
        progress.epoch({"epoch": epoch, "loss": 1 / epoch}, 5)
    assert jobs.history(folder.name, data_folder)["loss"].tolist() == [1.0, 0.5]
