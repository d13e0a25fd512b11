"""Every page opens without an exception, on an empty data folder and on a full one, and says what it must."""

import json
import os
import subprocess
import sys
from pathlib import Path

import full_data
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import config as configs
from core import files
from core.config import ROOT
from core.experiments import jobs as core_jobs
from core.experiments.runs import RunStore
from dashboard import options, widgets

HOME = ROOT / "dashboard" / "Home.py"
VIEWS = sorted(path.name for path in (ROOT / "dashboard" / "views").glob("*.py"))


@pytest.fixture(scope="module")
def full_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    full_data.make(folder)
    return folder


@pytest.fixture
def empty(data_folder, monkeypatch):
    """A visitor of an empty data folder on which no demo starts."""
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    return AppTest.from_file(HOME, default_timeout=60).run()


@pytest.fixture
def full(full_folder, monkeypatch):
    """A visitor of a data folder that holds everything."""
    monkeypatch.setenv("PRECURSOR_DATA", str(full_folder))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    return AppTest.from_file(HOME, default_timeout=60).run()


def go(app, view, **query):
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"views/{view}").run()
    assert not app.exception, [error.stack_trace for error in app.exception]
    assert len(app.title) == 1
    return app


def words(app):
    """Everything the page says in text."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def charts(app):
    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


def test_every_view_is_on_the_menu():
    menu = HOME.read_text(encoding="utf-8")
    assert len(VIEWS) == 10
    assert all(f'"views/{name}"' in menu for name in VIEWS)


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_without_data_opens_and_says_what_to_do(empty, view):
    said = words(go(empty, view))
    assert "A research record, not an alert service." in said
    if view != "about.py":
        assert ".venv/bin/precursor" in said


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_with_data_opens_and_marks_what_is_synthetic(full, view):
    go(full, view)
    assert "SYNTHETIC DATA" in "\n".join(str(element.value) for element in full.sidebar.markdown)
    if view != "about.py":
        assert "SYNTHETIC DATA" in "\n".join(str(element.value) for element in full.main.markdown)
    for chart in charts(full):
        assert "SYNTHETIC DATA" in json.dumps(chart["layout"].get("annotations", []))


@pytest.mark.parametrize("view", ["results.py", "compare.py", "windows.py", "forecast.py"])
def test_a_leaking_run_says_so_on_every_page_that_shows_it(full, full_folder, view):
    leaking = next(run_id for run_id in RunStore(full_folder).ids() if run_id.startswith("small-random"))
    go(full, view, run=leaking, configuration=f"run {leaking}", runs=leaking)
    assert any("Leak:" in warning.value for warning in full.warning)


@pytest.mark.parametrize("view", ["results.py", "windows.py", "forecast.py", "compare.py", "home.py"])
def test_numbers_stand_beside_the_run_they_came_from(full, full_folder, view):
    go(full, view)
    newest = RunStore(full_folder).ids()[0]
    tables = "\n".join(table.value.to_csv() for table in full.dataframe)
    assert newest in words(full) + tables


def test_first_visits_to_an_empty_folder_start_the_demo_once(data_folder, monkeypatch):
    monkeypatch.delenv("PRECURSOR_NO_DEMO", raising=False)
    started = []

    def spawn(arguments, title, folder):
        started.append(arguments)
        job = folder / "jobs" / "20260101-000000-0000"
        job.mkdir(parents=True)
        status = {"state": "running", "stage": "Making the synthetic world", "done": 1, "total": 4, "pid": os.getpid()}
        files.replace_json(
            job / "job.json", {"arguments": arguments, "title": title, "created": "", "pid": os.getpid()}
        )
        files.replace_json(job / "status.json", status)
        return job.name

    monkeypatch.setattr(core_jobs, "_spawn", spawn)
    monkeypatch.setattr(core_jobs, "_alive", lambda pid, job_id: True)
    app = AppTest.from_file(HOME, default_timeout=60).run()
    go(app, "map.py")
    go(AppTest.from_file(HOME, default_timeout=60).run(), "record.py")
    assert started == [["demo"]]
    progress = app.get("progress")
    assert "Making the synthetic world (1 of 4)" in progress[0].proto.text
    assert progress[0].proto.value == 25


def test_a_demo_that_failed_is_not_started_again_by_itself(data_folder, monkeypatch):
    monkeypatch.delenv("PRECURSOR_NO_DEMO", raising=False)
    job = data_folder / "jobs" / "20260101-000000-0000"
    job.mkdir(parents=True)
    files.replace_json(job / "job.json", {"arguments": ["demo"], "title": "Demo", "created": "", "pid": 0})
    files.replace_json(job / "status.json", {"state": "failed", "message": "The disk is full."})
    monkeypatch.setattr(core_jobs, "_spawn", lambda *_: pytest.fail("it was started again"))
    app = AppTest.from_file(HOME, default_timeout=60).run()
    assert "The disk is full." in words(app)
    assert [button.label for button in app.button] == ["Try the demo again"]


def test_the_threshold_recomputes_the_confusion_matrix_from_the_stored_predictions(full, full_folder):
    go(full, "results.py")
    run = RunStore(full_folder).open(RunStore(full_folder).ids()[0])
    rows = run.predictions[run.predictions["split"] == "test"]
    full.slider(key=f"threshold_{run.run_id}").set_value(0.0).run()
    matrix = next(chart for chart in charts(full) if chart["data"] and chart["data"][0]["type"] == "heatmap")
    positives = int((rows["label"] == 1).sum())
    assert f"{positives:,}" in json.dumps(matrix)
    scores = next(table.value for table in full.dataframe if "recall" in table.value)
    assert scores["recall"].iloc[0] == 1.0
    assert scores["false_alarm_rate"].iloc[0] == 1.0


def test_a_chosen_station_stands_on_the_map_with_its_circle_and_its_target_events(full):
    go(full, "map.py", map_station="IZN")
    deck = json.loads(full.get("deck_gl_json_chart")[0].proto.json)
    layers = {layer["id"]: layer for layer in deck["layers"]}
    assert {row["code"] for row in layers["stations"]["data"]} == {"DUR", "IZN"}
    assert len(layers["circles"]["data"]) == 1
    assert "target events" in words(full)
    assert deck["mapStyle"].startswith("app/static/")


def test_the_record_page_shows_the_stretch_that_its_address_asks_for(full):
    go(full, "record.py", **{"station": "IZN", "from": "2016-03-01T00:00", "to": "2016-03-02T00:00"})
    (chart,) = charts(full)
    assert chart["layout"]["xaxis"]["range"][0].startswith("2016-03-01")
    lines = [trace for trace in chart["data"] if trace.get("hovertemplate", "").endswith("nT")]
    assert len(lines) == 3
    full.pills(key="components").set_value(["Z"]).run()
    (chart,) = charts(full)
    assert len([trace for trace in chart["data"] if trace.get("hovertemplate", "").endswith("nT")]) == 1


def test_an_address_that_asks_for_nonsense_shows_something_sensible(full):
    go(full, "record.py", **{"station": "../..", "from": "yesterday", "to": "2016-13-45"})
    assert full.selectbox(key="station").value == "DUR"
    go(full, "results.py", run="no-such-run")
    assert "There is no run 'no-such-run' here" in words(full)


def test_every_option_of_an_experiment_has_a_control_and_words(full):
    go(full, "train.py")
    for part in options.PARTS:
        for name, _, _ in options.fields(part):
            assert (part, name) in options.WORDS
            assert options.key(part, name) in full.session_state, (part, name)
    parts = set(configs.ExperimentConfig().as_dict()) - {"name", "description"}
    assert set(options.PARTS) == parts
    assert {key for key in options.WORDS if key[0] not in parts} == set()


def test_an_impossible_option_is_one_sentence_not_a_traceback(full):
    go(full, "train.py")
    full.number_input(key="option_processing_highpass_period_minutes").set_value(0.8).run()
    assert not full.exception
    assert "the filter cannot exist on minute data" in full.error[0].value
    assert "Train" not in [button.label for button in full.button]


def test_the_page_says_how_many_parameters_are_trained_and_what_the_papers_division_does(full):
    go(full, "train.py")
    full.number_input(key="option_windows_length_minutes").set_value(10080).run()
    assert "30,984,834 parameters" in words(full)
    full.selectbox(key="option_processing_normalisation").set_value("paper").run()
    assert "AUC 0.46 to 0.50" in words(full)


def test_training_starts_as_a_job_with_the_configuration_on_the_page(full, monkeypatch):
    asked = []
    monkeypatch.setattr(core_jobs, "_spawn", lambda arguments, title, folder: asked.append(arguments) or "job")
    go(full, "train.py")
    full.text_input(key="option_name").set_value("mine").run()
    full.number_input(key="option_training_epochs").set_value(3).run()
    next(button for button in full.button if button.label == "Train").click().run()
    assert not full.exception
    (arguments,) = asked
    assert arguments[0] == "train"
    written = configs.load(Path(arguments[1]))
    assert (written.name, written.training.epochs) == ("mine", 3)


def test_a_copy_to_look_at_starts_nothing(full, monkeypatch):
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    for view in VIEWS:
        go(full, view)
        labels = {button.label for button in full.button}
        assert not labels & {"Train", "Start", "Slide this run over the record", "Cancel this training"}, view


def test_a_download_cannot_act_as_a_formula_of_a_spreadsheet():
    table = pd.DataFrame({"=name": ["=1+1", "+a", "-b", "@c", "\td", "plain"], "value": [-1.5, 2, 3, 4, 5, 6]})
    lines = widgets.safe_csv(table).splitlines()
    assert lines[0] == "'=name,value"
    assert lines[1] == "'=1+1,-1.5"
    assert [line[0] for line in lines[2:6]] == ["'"] * 4
    assert lines[-1] == "plain,6.0"


def test_the_server_process_never_loads_the_training_libraries(full_folder):
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(HOME)!r}, default_timeout=60).run()\n"
        f"for view in {VIEWS!r}:\n"
        "    assert not app.switch_page(f'views/{view}').run().exception, view\n"
        "print(sorted({'tensorflow', 'keras', 'sklearn'} & set(sys.modules)))\n"
    )
    environment = {**os.environ, "PRECURSOR_DATA": str(full_folder), "PRECURSOR_NO_DEMO": "1"}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.strip().endswith("[]")


def test_a_followed_link_wins_over_what_was_chosen_before():
    def page():
        import streamlit as st

        from dashboard import widgets

        st.write(widgets.choice("Letter", {"a": "First", "b": "Second", "c": "Third"}, "letter"))

    app = AppTest.from_function(page).run()
    assert (app.markdown[0].value, list(app.query_params["letter"])) == ("a", ["a"])
    app.selectbox[0].set_value("b").run()
    assert (app.markdown[0].value, list(app.query_params["letter"])) == ("b", ["b"])
    app.query_params["letter"] = "c"
    app.run()
    assert app.markdown[0].value == "c"
    app.query_params["letter"] = "nonsense"
    app.run()
    assert (app.markdown[0].value, list(app.query_params["letter"])) == ("c", ["c"])
