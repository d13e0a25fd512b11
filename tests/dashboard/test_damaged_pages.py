"""Damaged documents of the data folder: every page says a sentence in their place, and none shows a traceback."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from core import files
from support import document_damage, study_documents
from support.document_damage import DAMAGES
from support.page_texts import HOME, go, words

JOB = "20260101-000000-0000"
# By document, the pages that read it (Home and the sidebar are on the way to all of them) and words they then say.
PAGES = {
    "worlds/*/world.json": (["map.py", "windows.py"], "world.json cannot be used"),
    "runs/*/status.json": (["results.py", "compare.py"], "status.json cannot be used"),
    "runs/*/audit.json": (["results.py", "audit.py"], "audit.json cannot be used"),
    "assessments/*/assessment.json": (["verdict.py", "evaluation.py"], "assessment.json cannot be used"),
    "learning_curves/*/status.json": (["learning_curves.py"], "cannot be used"),
    "tested.jsonl": (["verdict.py"], ""),
    f"jobs/{JOB}/status.json": (["train.py"], ""),
    f"jobs/{JOB}/job.json": (["train.py"], ""),
    "experiments/own.toml": (["train.py", "windows.py"], ""),
}


@pytest.fixture
def data(full_folder, tmp_path, monkeypatch):
    folder = document_damage.linked_copy(full_folder, tmp_path / "data")
    (folder / "jobs" / JOB).mkdir(parents=True)
    (folder / "experiments").mkdir()
    files.replace_json(
        folder / "jobs" / JOB / "job.json", {"arguments": ["demo"], "title": "x", "created": "", "pid": 1}
    )
    files.replace_json(folder / "jobs" / JOB / "status.json", {"state": "running", "pid": 1})
    monkeypatch.setenv("PRECURSOR_DATA", str(folder))
    return folder


@pytest.mark.parametrize("damage", ["lists in lists", "not UTF-8", "a list"])
@pytest.mark.parametrize("document", PAGES)
def test_a_page_says_a_sentence_in_place_of_a_damaged_document(data, document, damage):
    views, expected = PAGES[document]
    for path in [*data.glob(document)] or [data / document]:
        document_damage.put(path, DAMAGES[damage])
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    for view in views:
        visitor.switch_page(f"views/{view}").run()
        assert not visitor.exception, [error.stack_trace for error in visitor.exception]
        said = words(visitor) + "\n".join(error.value for error in visitor.sidebar.error)
        assert expected.lower() in said.lower(), (view, said)


@pytest.mark.parametrize("view", ["home.py", "compare.py", "results.py"])
def test_a_damaged_assessment_costs_a_list_of_runs_one_cell_and_results_its_verdict(data, view):
    paths = sorted(data.glob("assessments/*/assessment.json"))
    document_damage.put(paths[0], DAMAGES["a list"])
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    visitor.query_params["run"] = paths[0].parent.name
    visitor.switch_page(f"views/{view}").run()
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    if view == "results.py":
        said = words(visitor)
        assert "not judged yet" in said and "assessment.json cannot be used" in said
        return
    verdicts = visitor.dataframe[0].value.set_index("run_id")["verdict"]
    assert verdicts[paths[0].parent.name] == "cannot be read"
    assert set(verdicts) > {"cannot be read"}


@pytest.mark.parametrize("content", [b"[1]", b'{"version": 99, "program": "9.0"}'])
def test_a_gallery_that_cannot_be_read_costs_its_own_place_and_not_the_page(data, content):
    run_id = sorted(data.glob("assessments/*/assessment.json"))[0].parent.name
    (data / "null_gallery" / run_id).mkdir(parents=True, exist_ok=True)
    document_damage.put(data / "null_gallery" / run_id / "gallery.json", content)
    visitor = visit(run_id, "chance.py")
    assert any("gallery" in error.value for error in visitor.error)
    assert "A leak makes skill out of nothing" in [header.value for header in visitor.header]
    assert any("leak" in text.value.lower() for text in visitor.markdown)


def test_an_explanation_that_cannot_be_read_costs_its_own_method_and_not_the_page(data):
    run_id = sorted(data.glob("assessments/*/assessment.json"))[0].parent.name
    path = data / "explanations" / run_id / "occlusion" / "explanation.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 99, "program": "9.0"}')
    visitor = visit(run_id, "explain.py")
    assert [error.value for error in visitor.error if "Install version 9" in error.value.replace("\\", "")]
    assert any(button.label == "Make it by Occlusion" for button in visitor.button)
    other = next(path.name for path in data.glob("runs/*") if path.is_dir() and path.name != run_id)
    assert not visit(other, "explain.py").error


def visit(run_id, view):
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    visitor.query_params["run"] = run_id
    visitor.switch_page(f"views/{view}").run()
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    return visitor


def test_a_job_with_a_state_that_does_not_exist_and_impossible_numbers_is_shown(data):
    status = {"state": "asleep", "pid": 10**30, "done": "x", "total": -5, "message": [1], "stage": {}}
    (data / "jobs" / JOB / "status.json").write_text(json.dumps(status))
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]


@pytest.mark.parametrize("folder", ["~nobody-of-this-name/x", "/proc/x", "/dev/null/x"])
def test_a_data_folder_that_cannot_be_is_a_sentence_on_the_page(monkeypatch, folder):
    monkeypatch.setenv("PRECURSOR_DATA", folder)
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    assert "data folder" in words(visitor)


@pytest.mark.parametrize(
    ("put", "view", "shown"),
    [
        (study_documents.put_curve, "learning_curves.py", "Learning curve"),
        (study_documents.put_sweep, "compare.py", "Sweep **before**"),
        (study_documents.put_paper, "paper.py", "It takes about ten minutes on two cores"),
    ],
)
def test_a_study_of_a_newer_program_is_one_sentence_on_its_page_and_the_others_are_shown(data, put, view, shown):
    if put is not study_documents.put_paper:
        put(data, "before")
    put(data, "later", version=2, program="9.0")
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    go(visitor, view, show="Sweeps")
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    said = words(visitor)
    assert said.count("Install version 9.0 of the program or a newer one") == 1 and shown in said
    assert "yet" not in said


def test_with_nothing_but_a_sweep_of_a_newer_program_compare_says_so(data):
    study_documents.put_sweep(data, "later", version=2, program="9.0")
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    go(visitor, "compare.py", show="Sweeps")
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    assert "Sweep later has version 2 of its form" in words(visitor)


def test_a_leak_demonstration_of_a_newer_program_is_one_sentence_on_the_page_of_chance(data):
    path = data / "leak_demo" / "leak_demo.json"
    files.replace_json(path, {"created": "2126-01-01T00:00:00+00:00", "version": 2, "program": "9.0"})
    visitor = AppTest.from_file(HOME, default_timeout=60).run()
    go(visitor, "chance.py")
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    assert words(visitor).count("The leak demonstration has version 2 of its form") == 1
    assert "Find the real one" in [each.value for each in visitor.header]


def test_a_job_of_a_newer_program_that_runs_is_shown_with_its_sentence(data):
    folder = data / "jobs" / JOB
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", JOB], stdin=subprocess.PIPE)
    try:
        files.replace_json(folder / "status.json", {"pid": process.pid, "version": 2, "program": "9.0"})
        visitor = AppTest.from_file(HOME, default_timeout=60).run()
        assert not visitor.exception, [error.stack_trace for error in visitor.exception]
        assert f"Job {JOB} has version 2 of its form" in "\n".join(each.text for each in visitor.get("progress"))
    finally:
        process.communicate()
