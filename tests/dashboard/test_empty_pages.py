"""What a page says that has nothing to show: it promises to fill itself only while something runs that fills it."""

import os
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from core import files
from core.data_folder import ROOT
from core.runs.runs import RunStore
from core.studies import jobs as core_jobs
from support.page_texts import said

HOME = ROOT / "dashboard" / "Home.py"
PROMISE = "this page fills by itself"
ALWAYS = ("map.py", "record.py", "coverage.py", "learning_curves.py", "paper.py", "forecast.py", "compare.py")


@pytest.fixture
def visit(monkeypatch):
    """Look at a page of a data folder as a visitor, with an environment."""

    def look(folder, view, **environment):
        for name, value in {"PRECURSOR_DATA": str(folder), "PRECURSOR_NO_DEMO": "1", **environment}.items():
            monkeypatch.setenv(name, value)
        app = AppTest.from_file(HOME, default_timeout=60).run()
        if view != "home.py":
            app.switch_page(f"views/{view}").run()
        assert not app.exception, [error.stack_trace for error in app.exception]
        return said(app)

    return look


@pytest.fixture
def running(monkeypatch):
    """Pretend that a job is in some state, and alive as long as it runs."""
    monkeypatch.setattr(core_jobs, "_alive", lambda pid, job_id: True)

    def pretend(folder, *arguments, state="running", created="2026-01-01T00:00:00+00:00"):
        job = folder / "jobs" / "20260101-000000-0000"
        job.mkdir(parents=True)
        about = {"arguments": list(arguments), "title": "A job", "created": created, "pid": os.getpid()}
        files.replace_json(job / "job.json", about)
        files.replace_json(job / "status.json", {"state": state, "done": 0, "total": 0, "pid": os.getpid()})

    return pretend


@pytest.mark.parametrize(
    ("job", "filled"),
    [
        (("demo",), set(ALWAYS) - {"paper.py"}),
        (("paper", "--quick"), {"paper.py"}),
        (("fetch", "minute", "DUR"), {"map.py", "record.py", "coverage.py"}),
        (("fetch", "activity"), set()),
        (("train", "x.toml"), {"map.py", "record.py", "coverage.py", "compare.py", "forecast.py"}),
        (("learning-curve", "x.toml"), {"learning_curves.py", "map.py", "record.py", "coverage.py"}),
        (("leak-demo",), set()),
    ],
)
def test_a_page_promises_to_fill_itself_only_while_a_job_runs_that_fills_it(visit, running, data_folder, job, filled):
    running(data_folder, *job)
    for view in ALWAYS:
        assert (PROMISE in visit(data_folder, view)) is (view in filled), view


@pytest.mark.parametrize("view", [*ALWAYS, "home.py", "explain.py", "verdict.py", "chance.py", "windows.py"])
def test_a_visitor_who_may_start_nothing_is_given_no_command_and_no_promise(visit, data_folder, view):
    text = visit(data_folder, view, PRECURSOR_READ_ONLY="1")
    assert "only its keeper can fill this page" in text
    assert ".venv/bin/precursor" not in text and PROMISE not in text and "Bring your own data" not in text


def test_where_runs_are_there_so_that_no_demo_starts_the_paper_and_the_gallery_promise_nothing(
    visit, full_folder, monkeypatch
):
    monkeypatch.delenv("PRECURSOR_NO_DEMO", raising=False)
    for view in ("paper.py", "chance.py", "explain.py"):
        text = visit(full_folder, view, PRECURSOR_NO_DEMO="")
        assert PROMISE not in text and ".venv/bin/precursor" in text


def test_a_demo_that_ended_does_not_promise_that_pages_still_fill(visit, running, data_folder):
    running(data_folder, "demo", state="cancelled")
    text = visit(data_folder, "home.py")
    assert "as it goes on" not in text and "stay empty until it is made again" in text


def test_a_running_demo_names_the_page_that_it_leaves_empty_and_the_command_to_those_who_may_use_it(
    visit, running, data_folder
):
    running(data_folder, "demo")
    text = visit(data_folder, "home.py")
    assert "every page but The paper" in text and "paper --quick" in text
    looking = visit(data_folder, "home.py", PRECURSOR_READ_ONLY="1")
    assert "every page but The paper" in looking and "paper --quick" not in looking


@pytest.mark.parametrize(
    ("created", "promised"), [("2020-01-01T00:00:00+00:00", True), ("2999-01-01T00:00:00+00:00", False)]
)
def test_a_run_that_waits_for_its_verdict_is_promised_one_by_the_job_that_made_it_only(
    visit, running, full_folder, tmp_path, created, promised
):
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    shutil.rmtree(folder / "assessments" / RunStore(folder).ids()[0])
    running(folder, "train", "x.toml", created=created)
    assert (PROMISE in visit(folder, "verdict.py")) is promised
