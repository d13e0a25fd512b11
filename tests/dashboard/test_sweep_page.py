"""Sweeps on the pages: asked for on Train with the number of runs before them, shown on Compare with chance."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import files
from core.reporting.tables import harmless
from core.runs.runs import RunStore
from core.studies import jobs as core_jobs
from core.studies import vary
from core.studies.sweep import FACTS
from dashboard import options, sweeps, tables
from support.page_texts import HOME, charts, go, words


def test_a_sweep_is_shown_with_chance_and_what_the_best_of_many_means(full_folder, data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    shutil.copytree(full_folder, data_folder, dirs_exist_ok=True)
    rows = [
        ["a-1", 0.01, "finished", "", 2.0, "test", 0.4, 0.2, 0.6, 0.7, 0.5, 0.5],
        ["a-2", 0.001, "finished", "", 2.0, "test", 0.6, 0.4, 0.8, 0.5, 0.5, 0.5],
        ["a-3", 0.0001, "failed", "This config yields no window.", *[None] * 8],
    ]
    table = pd.DataFrame(rows, columns=["run_id", "training.learning_rate", *FACTS])
    folder = data_folder / "sweeps" / "a-12345678"
    folder.mkdir(parents=True)
    table.to_csv(folder / "runs.csv", index=False)
    document = {"created": "2026-01-01T00:00:00+00:00", "varied": ["training.learning_rate"], "synthetic": True}
    files.replace_json(folder / "sweep.json", {**document, "plan": {}})
    app = AppTest.from_file(HOME, default_timeout=60).run()
    go(app, "compare.py", show="Sweeps", sweep="a-12345678")
    said = words(app)
    assert "a-12345678" in said and "Chance is an AUC of 0.5" in said
    assert "best of 2 runs means little" in said and "1 of 3 runs failed" in said
    figure = charts(app)[-1]
    assert "chance 0.50" in json.dumps(figure["data"]) and "SYNTHETIC DATA" in json.dumps(figure["layout"])
    assert "This config yields no window." in "\n".join(each.value.to_csv() for each in app.dataframe)


@pytest.fixture
def full(full_folder, data_folder, monkeypatch):
    """A visitor of a copy of a full data folder, and what jobs were asked for."""
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    shutil.copytree(full_folder, data_folder, dirs_exist_ok=True)
    app = AppTest.from_file(HOME, default_timeout=60).run()
    app.asked = []
    monkeypatch.setattr(core_jobs, "_spawn", lambda arguments, title, folder: app.asked.append(arguments) or "job")
    return app


def captions(app):
    return " ".join(each.value for each in app.caption)


def button(app, label):
    return next((each for each in app.button if each.label == label), None)


def test_the_page_says_how_many_runs_a_sweep_makes_and_how_large_before_it_starts_as_a_file(full, data_folder):
    go(full, "train.py")
    assert "Choose what to vary." in words(full) and button(full, "Start these runs") is None
    full.selectbox(key="preset").set_value("demo-honest").run()
    full.multiselect(key="varied").set_value(["training.optimizer", "windows.length_minutes"]).run()
    full.multiselect(key="values_training_optimizer").set_value(["adam", "sgd"]).run()
    full.multiselect(key="values_windows_length_minutes").set_value([60, 10080]).run()
    full.number_input(key="seeds").set_value(3).run()
    said = words(full)
    assert "**12 runs** (2 values × 2 values × 3 seeds)" in said
    assert "**203,394 to 30,984,834 parameters**" in said  # as Table 2 has them, see test_network
    button(full, "Start these runs").click().run()
    assert not full.exception
    ((verb, name),) = full.asked
    assert verb == "sweep" and f".venv/bin/precursor sweep {name}" in words(full) and "demo-honest-plan-" in name
    made = vary.expand(vary.load(name, data_folder))
    assert [(c.training.optimizer, c.windows.length_minutes, c.training.seed) for _, c in made] == [
        (optimizer, length, seed) for optimizer in ("adam", "sgd") for length in (60, 10080) for seed in (0, 1, 2)
    ]
    assert {c.labels.horizon_days for _, c in made} == {3.0}  # of demo-honest


def test_choices_that_make_no_sweep_are_one_sentence(full):
    go(full, "train.py")
    full.multiselect(key="varied").set_value(["network.layers"]).run()
    full.multiselect(key="values_network_layers").set_value([3]).run()
    assert "Choose at least two values of Network: Convolutions." in words(full)
    assert button(full, "Start these runs") is None
    full.number_input(key="option_windows_length_minutes").set_value(16).run()
    full.multiselect(key="values_network_layers").set_value([3, 4]).run()
    assert not full.exception and len(full.error) == 1 and button(full, "Start these runs") is None


def test_a_value_of_ones_own_is_trained_and_a_bad_one_is_one_sentence(full, data_folder):
    go(full, "train.py")
    full.multiselect(key="varied").set_value(["training.learning_rate"]).run()
    full.multiselect(key="values_training_learning_rate").set_value([0.001, "0.002", "2e-3"]).run()
    assert "**2 runs**" in words(full)
    button(full, "Start these runs").click().run()
    made = vary.expand(vary.load(full.asked[0][1], data_folder))
    assert [config.training.learning_rate for _, config in made] == [0.001, 0.002]
    full.multiselect(key="values_training_learning_rate").set_value([0.001, "fast"]).run()
    assert not full.exception and [each.value for each in full.error] == [
        "Training: Learning rate: 'fast' is not a number."
    ]
    full.multiselect(key="varied").set_value(["network.layers"]).run()
    full.multiselect(key="values_network_layers").set_value([2, "2.5"]).run()
    assert [each.value for each in full.error] == ["Network: Convolutions: '2.5' is not a whole number."]


def test_small_numbers_are_not_rounded_away_and_texts_on_screen_have_no_escapes(full, data_folder):
    assert tables.number_format("x", pd.Series([0.01, 0.0001, None])) == "%.4g"
    assert tables.number_format("x", pd.Series([0.512, 0.0, 1e-17])) == "%.3f"  # what is zero but for rounding
    assert options.value_words("training.learning_rate", 0.00117814487193765) == "0.001178"
    assert options.value_words("split.embargo_days", -1.0) == "automatic"
    assert harmless(pd.DataFrame({"a": ["-1.0", "=1+1", "-1+cmd"]}))["a"].tolist() == ["-1.0", "'=1+1", "'-1+cmd"]
    go(full, "compare.py")
    differing = next(each.value for each in full.dataframe if "option" in each.value).set_index("option")
    leaking = next(name for name in differing.columns if name.startswith("small-random"))
    assert differing.loc["Split: Method", leaking] == "random"
    assert differing.loc["Split: Test fraction", leaking] == "0"


def test_a_copy_to_look_at_offers_no_sweep(full, monkeypatch):
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    go(full, "train.py")
    assert "varied" not in full.session_state


def test_a_running_sweep_says_how_long_it_takes_and_can_be_cancelled(full, data_folder, monkeypatch):
    job = data_folder / "jobs" / "20260101-000000-0000"
    job.mkdir(parents=True)
    files.replace_json(job / "job.json", {"arguments": ["sweep", "demo-search"], "title": "Sweep x", "created": ""})
    status = {"state": "running", "stage": "Training the runs of the sweep", "done": 3, "total": 12, "pid": 1}
    files.replace_json(job / "status.json", {**status, "message": "2 running, about 4 min left", "sweep_id": "x-1"})
    monkeypatch.setattr(core_jobs, "_alive", lambda pid, job_id: True)
    go(full, "train.py")
    shown = " ".join(each.proto.text for each in full.get("progress"))
    assert "(3 of 12) · 2 running, about 4 min left" in shown
    assert "precursor sweep demo-search" in words(full)
    assert "See the runs of sweep x-1" in [each.proto.label for each in full.get("page_link")]
    assert button(full, "Train").disabled and "A job is running (Sweep x)" in captions(full)
    button(full, "Cancel this sweep").click().run()
    assert (job / "cancel").exists()


def test_every_option_of_the_short_list_is_one_of_a_configuration_and_has_two_values():
    for setting, values in sweeps.VALUES.items():
        part, _, name = setting.partition(".")
        assert sweeps.option_words(setting)
        assert values or "Literal" in str(next(hint for each, hint, _ in options.fields(part) if each == name))


def test_runs_of_studies_are_left_out_of_lists_until_they_are_wanted_and_links_to_them_work(full, data_folder):
    store = RunStore(data_folder)
    theirs = next(name for name in store.ids() if name.startswith("small-random"))
    store.note_asker(theirs, "paper", first=True)
    listed = "List the 1 run that a study made (1 paper) too"
    go(full, "home.py")
    assert theirs not in "".join(each.value.to_csv() for each in full.dataframe)
    assert [each.label for each in full.toggle] == [listed]
    go(full, "results.py")
    assert not any(theirs in each for each in full.selectbox(key="run").options)
    go(full, "results.py", run=theirs)
    assert full.selectbox(key="run").value == theirs
    go(full, "compare.py", runs=theirs)
    assert full.multiselect(key="runs").value == [theirs]
    del full.query_params["run"], full.query_params["runs"]
    for view in ("home.py", "windows.py", "results.py"):
        go(full, view)
        if view == "home.py":  # the choice holds for every page
            full.toggle(key="studies").set_value(True).run()
        shown = [each.value.to_csv() for each in full.dataframe] + [str(each.options) for each in full.selectbox]
        assert theirs in "".join(shown), view
