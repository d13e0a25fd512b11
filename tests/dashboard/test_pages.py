"""Every page opens without an exception, on an empty data folder and on a full one, and says what it must."""

import doctest
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import config as configs
from core import config_file, files
from core.forecasting.ledger import Forecast, Ledger
from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.reporting import glossary
from core.runs.runs import RunStore
from core.studies import jobs as core_jobs
from dashboard import options, span, tables, window_list
from support.page_texts import HOME, VIEWS, charts, go, words


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


def test_every_view_is_on_the_menu():
    menu = HOME.read_text(encoding="utf-8")
    assert len(VIEWS) >= 11
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


@pytest.mark.parametrize("view", ["home.py", "results.py", "compare.py", "windows.py", "forecast.py"])
def test_a_leaking_run_says_so_on_every_page_that_shows_it(full, full_folder, view):
    leaking = next(run_id for run_id in RunStore(full_folder).ids() if run_id.startswith("small-random"))
    go(full, view, run=leaking, configuration=f"run {leaking}", runs=leaking)
    assert "Leak:" in words(full)


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


def test_every_option_of_an_experiment_has_a_control_with_its_own_words(full):
    go(full, "train.py")
    shown = {widget.key: widget for kind in ("selectbox", "multiselect", "number_input", "text_input", "checkbox")
             for widget in getattr(full, kind)}  # fmt: skip
    for part in configs.parts():
        for name, _, _ in options.fields(part):
            assert options.key(part, name) in full.session_state, (part, name)
            says, control = options.explained(f"{part}.{name}"), shown.get(options.key(part, name))
            if control is not None:  # those of a synthetic world are hidden
                assert control.label == says.label_with_unit and says.reason in control.help


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
    written = config_file.load(Path(arguments[1]))
    assert (written.name, written.training.epochs) == ("mine", 3)


@pytest.mark.slow
def test_a_copy_to_look_at_starts_nothing(full, monkeypatch):
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    for view in VIEWS:
        go(full, view)
        labels = {button.label for button in full.button}
        assert not labels & {"Train", "Start", "Slide this run over the record", "Cancel this training"}, view


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

        st.write(widgets.choice("Letter", {"a": "First", "b": "Second", "c": "Third"}, "letter", "letter"))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert app.markdown[0].value == "a"
    app.selectbox[0].set_value("b").run()
    assert (app.markdown[0].value, list(app.query_params["letter"])) == ("b", ["b"])
    app.query_params["letter"] = "c"
    app.run()
    assert app.markdown[0].value == "c"
    app.query_params["letter"] = "nonsense"
    app.run()
    assert app.markdown[0].value == "c"
    assert app.warning[0].value == "There is no letter 'nonsense' here. Third is shown instead."


def test_the_run_that_was_chosen_stays_on_other_pages_until_another_is_chosen(full, full_folder):
    newest, older = RunStore(full_folder).ids()[:2]
    go(full, "results.py")
    assert full.selectbox(key="run").value == newest
    full.selectbox(key="run").set_value(older).run()
    assert "".join(full.query_params["run"]) == older
    for view in ("verdict.py", "significance.py", "chance.py", "audit.py", "explain.py", "forecast.py"):
        full.query_params.clear()  # as a click on the menu does
        go(full, view)
        assert full.selectbox(key="run").value == older, view
    full.query_params.clear()
    go(full, "windows.py")
    assert full.selectbox(key="configuration").value == f"run {older}"
    full.query_params.clear()
    go(full, "compare.py")
    assert full.multiselect(key="runs").value == [older, newest]
    assert full.selectbox(key="reference").value == older


def test_a_preset_shown_on_the_windows_page_leaves_the_run_of_the_other_pages_as_it_is(full, full_folder):
    older = RunStore(full_folder).ids()[1]
    go(full, "windows.py", run=older)
    full.selectbox(key="configuration").set_value("preset demo-honest").run()
    assert list(full.query_params) == ["configuration"]
    full.query_params.clear()
    go(full, "results.py")
    assert full.selectbox(key="run").value == older
    full.query_params.clear()
    go(full, "windows.py")
    assert full.selectbox(key="configuration").value == f"run {older}"


def test_a_run_of_a_study_that_an_address_asks_for_is_shown_and_kept(full_folder, tmp_path, monkeypatch):
    shutil.copytree(full_folder, tmp_path / "data")
    newest, older = RunStore(tmp_path / "data").ids()[:2]
    (tmp_path / "data" / "runs" / f"{older}.study.json").write_text('{"study": "a sweep"}')
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), "results.py")
    assert [option.split()[0] for option in app.selectbox(key="run").options] == [newest]
    go(app, "results.py", run=older)
    app.query_params.clear()
    assert go(app, "verdict.py").selectbox(key="run").value == older


def test_words_from_an_address_are_shown_and_not_interpreted(full):
    go(full, "results.py", run="![x](http://198.51.100.1/x.png)<b>")
    (said,) = [warning.value for warning in full.warning if "There is no run" in warning.value]
    assert "!\\[x\\](http" in said
    assert "\\<b>" in said


@pytest.mark.parametrize(
    ("file", "view"),
    [
        ("predictions.parquet", "home.py"),
        pytest.param("predictions.parquet", "compare.py", marks=pytest.mark.slow),
        pytest.param("predictions.parquet", "results.py", marks=pytest.mark.slow),
        pytest.param("environment.json", "results.py", marks=pytest.mark.slow),
        ("windows.parquet", "windows.py"),
    ],
)
def test_a_damaged_run_is_one_sentence_and_hosted_copies_name_no_folder(full_folder, tmp_path, monkeypatch, file, view):
    shutil.copytree(full_folder / "runs", tmp_path / "runs")
    for run_id in RunStore(tmp_path).ids():
        (tmp_path / "runs" / run_id / file).write_bytes(b"damaged")
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), view)
    assert file in "".join(error.value for error in app.error)
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), view)
    assert len(app.error) >= 1
    assert str(tmp_path) not in words(app)


def test_forecasts_from_synthetic_and_from_real_data_are_not_drawn_together(full, full_folder, tmp_path, monkeypatch):
    shutil.copytree(full_folder, tmp_path / "data")
    book = Ledger(tmp_path / "data" / "ledger.sqlite")
    (known,) = book.list().iloc[:1].to_dict("records")
    real = {name: known[name] for name in Forecast.__dataclass_fields__} | {"synthetic": False, "station": "ESK"}
    book.append([Forecast(**real)])
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "data"))
    go(full, "forecast.py")
    drawn = [json.dumps(chart) for chart in charts(full) if "valid 20" in json.dumps(chart)]
    assert ["ESK: probability" in chart for chart in drawn] == [True, False]
    assert "not the probability of an earthquake" in words(full)
    assert ["SYNTHETIC DATA" in chart for chart in drawn] == [False, True]


def real_archive(folder, code, days, present):
    """A real archive with one station that has recorded only on some of its days."""
    first = int(minute.epoch_minutes(pd.DatetimeIndex(["2016-01-01T00:00Z"]))[0])
    values = np.full((days * 1440, 4), np.nan)
    for day in present:
        values[day * 1440 : (day + 1) * 1440] = [24_000, 1_200, 40_300, 47_000]
    Archive(folder / "archive").store(MinuteRecord(code, minute.on_grid(first, values), "definitive"))


def test_the_train_page_opens_with_a_preset_that_can_be_trained_and_says_what_the_others_need(data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    real_archive(data_folder, "QQQ", days=3, present=[0, 1, 2])
    listed = {"event_id": ["a"], "origin_time": pd.to_datetime(["2016-01-02T00:00Z"]), "magnitude": 5.0}
    place = {"latitude_deg": 42.0, "longitude_deg": 14.0, "depth_km": 10.0, "magnitude_type": "mw", "source": "x"}
    Archive(data_folder / "archive").store_events("italy", pd.DataFrame({**listed, **place}), "x.csv")
    (data_folder / "experiments").mkdir()
    (data_folder / "experiments" / "quiet.toml").write_text('[data]\nstations = ["QQQ"]\ncatalogues = ["italy"]\n')
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), "train.py")
    assert app.selectbox(key="preset").value == "quiet"
    assert app.session_state["option_data_stations"] == ["QQQ"]
    needy = {"paper-mlr · needs MLR, catalogue romania", "mmb-tohoku · needs MMB, catalogue tohoku"}
    assert {"quiet · yours", "demo-honest", *needy} <= set(app.selectbox(key="preset").options)


def test_the_record_opens_where_something_was_recorded_last(data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    real_archive(data_folder, "DUR", days=400, present=[0, 1, 397, 399])
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), "record.py")
    (chart,) = charts(app)
    assert chart["layout"]["xaxis"]["range"] == ["2017-02-01T00:00:00", "2017-02-04T00:00:00"]  # days 397 to 399


@pytest.mark.parametrize("view", ["record.py", "coverage.py"])
def test_pages_of_a_station_open_on_the_one_with_most_data(data_folder, monkeypatch, view):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    real_archive(data_folder, "AIA", days=1, present=[0])
    real_archive(data_folder, "DUR", days=5, present=[0, 1, 2, 3, 4])
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), view)
    assert app.selectbox(key="station").value == "DUR"


def test_a_stretch_without_data_leads_to_the_nearest_data(data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    real_archive(data_folder, "DUR", days=100, present=[0, 1, 80, 99])
    app = AppTest.from_file(HOME, default_timeout=60).run()
    go(app, "record.py", **{"from": "2016-02-20T00:00", "to": "2016-02-22T00:00"})  # days 50 and 51
    assert "Nothing was recorded in this stretch." in words(app)
    next(button for button in app.button if button.label == "Go to the nearest data").click().run()
    (chart,) = charts(app)
    assert chart["layout"]["xaxis"]["range"] == ["2016-03-20T00:00:00", "2016-03-22T00:00:00"]  # day 80 begins on 21


def test_a_station_without_coordinates_has_a_record_and_the_map_names_it(data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    real_archive(data_folder, "QQQ", days=3, present=[0, 1, 2])
    app = go(AppTest.from_file(HOME, default_timeout=60).run(), "record.py")
    assert len(charts(app)) == 1
    assert "its credit is not known" in words(app)
    assert "QQQ" in words(go(app, "map.py"))


def test_real_data_are_shown_with_their_credit_and_synthetic_ones_without(full, data_folder, monkeypatch):
    for view, query in (("record.py", {"station": "DUR"}), ("map.py", {"map_station": "DUR"})):
        assert "We thank" not in words(go(full, view, **query))
    monkeypatch.setenv("PRECURSOR_DATA", str(data_folder))
    real_archive(data_folder, "DUR", days=3, present=[0, 1, 2])
    app = AppTest.from_file(HOME, default_timeout=60).run()
    for view, query in (("record.py", {"station": "DUR"}), ("map.py", {"map_station": "DUR"})):
        said = words(go(app, view, **query))
        assert "We thank Istituto Nazionale di Geofisica e Vulcanologia" in said, view
        assert "CC BY-NC 4.0" in said, view


def test_the_outcomes_listed_are_those_of_the_matrix(full, full_folder):
    go(full, "results.py")
    run = RunStore(full_folder).open(RunStore(full_folder).ids()[0])
    rows = run.predictions[run.predictions["split"] == "test"]
    alarms = int((rows["probability"] >= run.config.training.threshold).sum())
    full.pills(key="outcomes").set_value(["hit", "false alarm"]).run()
    if alarms == 0:
        assert "There is no such window." in words(full)
    else:
        listed = next(table.value for table in full.dataframe if "outcome" in table.value)
        assert len(listed) == alarms
        assert set(listed["outcome"]) <= {"hit", "false alarm"}


def test_stretches_of_time_stay_within_the_record():
    day = pd.Timedelta(days=1)
    start = pd.Timestamp("2016-01-01", tz="UTC")
    record = (start, start + 100 * day)
    assert span.around((start, start + day), 7, record) == (start, start + 7 * day)
    assert span.around((start, start + day), 365, record) == record
    assert span.moved((start + 5 * day, start + 15 * day), -1, record) == (start, start + 10 * day)
    assert span.moved((start + 85 * day, start + 95 * day), 1, record) == (start + 90 * day, start + 100 * day)
    assert span.cut((start - day, start + day), record) == (start, start + day)
    assert span.cut((start - 2 * day, start - day), record) is None


def test_a_scan_with_months_of_nothing_opens_with_its_latest_stretch():
    day = pd.Timedelta(days=1)
    start = pd.Timestamp("2003-01-01", tz="UTC") + day * np.r_[0:10, 300:310, 2000:2005]
    series = pd.DataFrame({"start": start, "end": start + day, "probability": 0.5})
    series.loc[8:9, "probability"] = np.nan  # at the end of the first stretch, because of gaps
    shown = span.scanned(series)
    assert list(shown)[:3] == ["2008-06-23 to 2008-06-28", "2003-10-28 to 2003-11-07", "2003-01-01 to 2003-01-09"]
    assert shown["the whole scan"] == (series["start"].iloc[0], series["end"].iloc[-1])
    assert next(iter(span.scanned(series.iloc[:10]))) == "the whole scan"
    series["probability"] = np.nan
    assert list(span.scanned(series)) == ["the whole scan"]


def test_the_glossary_stands_on_about_and_explains_the_words_where_they_occur(full):
    said = words(go(full, "about.py"))
    asked = "embargo footprint purge AUC MCC Kp nT alarm threshold cluster"
    for term in [*asked.split(), "majority share", "Brier score"]:
        assert f"- **{term}** · {glossary.TERMS[term]}" in said
    go(full, "results.py")
    assert {metric.label.split(" (")[0]: metric.help for metric in full.metric}["MCC"] == glossary.TERMS["MCC"]
    table = next(json.loads(each.proto.columns) for each in full.dataframe if "mcc" in each.value)
    assert table["mcc"]["help"] == glossary.TERMS["MCC"]


@pytest.mark.parametrize("module", [span, tables, window_list])
def test_the_examples_of_the_pages_parts_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
