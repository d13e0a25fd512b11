"""Background jobs: their state is on disk, and a claim to be running is checked."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest

from core import clock, files
from core.errors import InputError
from core.studies import jobs


def wait(job_id, folder, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = jobs.status(job_id, folder)
        if state.ended:
            return state
        time.sleep(0.1)
    raise AssertionError(f"still {jobs.status(job_id, folder)}")


def _said(folder):
    """What status.json holds; nothing before it is there."""
    path = folder / "status.json"
    return json.loads(path.read_text()) if path.exists() else {}


def test_a_job_runs_to_its_end_and_keeps_its_log(data_folder):
    job = jobs.start(["stations"], "List stations", data_folder)
    assert wait(job, data_folder).state == "finished"
    assert "DUR" in jobs.log_tail(job, data_folder, lines=100)
    assert jobs.running(data_folder) is None


def test_bad_input_ends_a_job_as_failed_with_the_sentence(data_folder):
    job = jobs.start(["show", "nothing"], "Show", data_folder)
    state = wait(job, data_folder)
    assert state.state == "failed"
    assert "No run with an id beginning 'nothing'" in state.message


def sleeper(folder):
    """A job folder whose process sleeps, as a training that takes long would."""
    job_folder = folder / "jobs" / "20260101-000000-0000"
    job_folder.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", job_folder.name])
    files.replace_json(job_folder / "job.json", {"title": "Sleep", "arguments": [], "created": "", "pid": process.pid})
    files.replace_json(job_folder / "status.json", {"state": "running", "pid": process.pid})
    return job_folder.name, process


@pytest.mark.parametrize(("seconds_ago", "state"), [(0, "running"), (3600, "crashed")])
def test_a_process_that_has_no_arguments_yet_is_a_job_that_starts(data_folder, monkeypatch, seconds_ago, state):
    """Between the start of a program and its arguments Linux shows an empty command: that was told as a crash."""
    job, process = sleeper(data_folder)
    created = (clock.now() - timedelta(seconds=seconds_ago)).isoformat()
    document = {"title": "Sleep", "arguments": [], "created": created, "pid": process.pid}
    files.replace_json(data_folder / "jobs" / job / "job.json", document)
    monkeypatch.setattr(jobs, "_command", lambda pid: "")
    assert jobs.status(job, data_folder).state == state
    process.kill()
    process.wait()


def test_a_killed_job_is_crashed_not_running(data_folder):
    job, process = sleeper(data_folder)
    assert jobs.status(job, data_folder).state == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert jobs.status(job, data_folder).state == "crashed"


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
        assert jobs.status(job, data_folder).state == "crashed"
    finally:
        other.kill()
        other.wait()


def test_start_once_starts_only_the_first_time(data_folder):
    first = jobs.start_once(["stations"], "First", data_folder)
    assert first is not None
    assert jobs.start_once(["stations"], "Second", data_folder) is None
    wait(first, data_folder)
    assert jobs.start_once(["stations"], "Third", data_folder) is None


def _start_once(folder, begin, started) -> None:
    begin.wait()
    started.put(jobs.start_once(["stations"], "First visit", folder))


def test_of_two_first_visits_at_the_same_moment_one_starts_the_job(data_folder):
    context = get_context("spawn")
    begin, started = context.Barrier(2), context.Queue()
    visits = [context.Process(target=_start_once, args=(data_folder, begin, started)) for _ in range(2)]
    for visit in visits:
        visit.start()
    answers = [started.get(timeout=60) for _ in visits]
    for visit in visits:
        visit.join()
    (job,) = [answer for answer in answers if answer]
    assert [each.job_id for each in jobs.listed(data_folder)] == [job]
    assert wait(job, data_folder).state == "finished"


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


def test_the_history_of_a_job_is_that_of_its_present_training(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0003"
    progress = jobs.JobProgress(folder)
    for epoch, loss in ((1, 0.7), (2, 0.6), (3, 0.5), (2, 0.61)):  # a kill made epoch 2 come again
        progress.epoch({"epoch": epoch, "loss": loss}, 4)
    assert jobs.history(folder.name, data_folder)["loss"].tolist() == [0.7, 0.61]
    progress.epoch({"epoch": 1, "loss": 0.9}, 4)  # the next run of a demo
    assert jobs.history(folder.name, data_folder).to_dict("records") == [{"epoch": 1, "loss": 0.9}]


def test_batches_show_between_two_epochs(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0004"
    progress = jobs.JobProgress(folder)
    progress.stage("Training", 2, 5)
    progress._written -= 2 * jobs.HEARTBEAT_S  # the clock has gone on
    progress.batch(7, 9)
    status = _said(folder)
    assert (status["stage"], status["done"], status["message"]) == ("Training", 2, "batch 7 of 9")
    progress.epoch({"epoch": 3, "loss": 0.7}, 5)
    progress.stage("Training", 3, 5)
    progress.end("finished")
    assert _said(folder)["message"] == ""


def test_a_job_that_cannot_be_written_down_is_not_started(data_folder, monkeypatch):
    def full(path, value):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "replace_json", full)
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda *_, **__: pytest.fail("a process that nobody can see"))
    with pytest.raises(OSError, match="No space left"):
        jobs.start(["stations"], "List", data_folder)


def test_a_job_is_starting_until_its_process_is_known_and_then_crashed(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0005"
    folder.mkdir(parents=True)
    now = datetime.now(UTC)
    files.replace_json(folder / "job.json", {"title": "New", "arguments": [], "created": now.isoformat()})
    assert jobs.status(folder.name, data_folder).state == "starting"
    old = (now - timedelta(minutes=1)).isoformat()
    files.replace_json(folder / "job.json", {"title": "Old", "arguments": [], "created": old})
    assert jobs.status(folder.name, data_folder).state == "crashed"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"title": "From an older version"}'])
def test_a_damaged_job_folder_does_not_stop_the_others_from_being_listed(data_folder, content):
    folder = data_folder / "jobs" / "20260101-000000-0006"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(content)
    (job,) = jobs.listed(data_folder)
    assert job.state == "crashed" and job.title and job.arguments == ()
    assert jobs.running(data_folder) is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_is_told_to_end_by_the_machine_was_cancelled(data_folder, number):
    """A command that waits, as a long training would, in the frame that every verb has."""
    folder = data_folder / "jobs" / "20260101-000000-0007"
    folder.mkdir(parents=True)
    code = (
        "import signal, sys, time\n"
        # A shell starts background work with SIGINT ignored, and a child inherits that.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from core.cli import app, main\n"
        "from core.cli.app import watched\n"
        "@app.command()\n"
        "def wait():\n"
        "    with watched() as progress:\n"
        "        progress.stage('Waiting')\n"
        "        time.sleep(60)\n"
        f"sys.argv = ['precursor', '--job', {str(folder)!r}, 'wait']\n"
        "main()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while _said(folder).get("stage") != "Waiting" and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(number)
    _, words = process.communicate(timeout=30)
    assert process.returncode == 130
    assert words.strip() == "Stopped. What was complete is kept."
    status = _said(folder)
    assert (status["state"], status["message"]) == ("cancelled", words.strip())


def test_the_documents_of_a_job_hold_what_is_said_and_the_version_of_their_form(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0008"
    progress = jobs.JobProgress(folder)
    stored = _said(folder)
    assert set(stored) == {"state", "pid", "heartbeat", "version", "program"}
    assert (stored["state"], stored["pid"], stored["version"]) == ("running", os.getpid(), 1)
    progress.stage("Training", 2, 5)
    progress.result(run_id="some-run")
    progress.result(sweep_id="some-sweep")
    names = ("stage", "done", "total", "message", "run_id", "sweep_id")
    assert [_said(folder)[name] for name in names] == ["Training", 2, 5, "", "some-run", "some-sweep"]


def test_a_fact_of_another_kind_is_not_known_and_costs_no_other(data_folder):
    folder = data_folder / "jobs" / "20260101-000000-0009"
    folder.mkdir(parents=True)
    files.replace_json(folder / "job.json", {"title": 3, "arguments": ["demo"], "created": "", "pid": -1})
    files.replace_json(folder / "status.json", {"state": "finished", "done": "x", "stage": "Scoring", "version": 0})
    job = jobs.status(folder.name, data_folder)
    assert (job.title, job.arguments, job.pid) == ("A job", ("demo",), None)
    assert (job.state, job.done, job.stage) == ("finished", 0, "Scoring")
