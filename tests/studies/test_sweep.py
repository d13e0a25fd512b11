"""Sweeps: which runs a file asks for, what is skipped, what is kept of failures, and what the table says."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import json
import os
import shutil
import signal
import time
from pathlib import Path

import pandas as pd
import pytest
import tomli_w

from core import config as configs
from core.data_folder import ROOT
from core.errors import InputError
from core.evaluation import multiple_testing
from core.progress import Cancelled, Progress
from core.runs import pipeline, sources
from core.runs.runs import RunStore
from core.studies import sweep, vary
from core.studies.workers import Local, Outcome
from core.typed_documents import OtherVersion
from support.tiny_study import TINY

RATES = {"vary": {"training": {"learning_rate": [0.001, 0.0001], "optimizer": ["adam", "sgd", "adamax"]}}}


def plan(**tables) -> vary.Plan:
    return vary.from_dict({**TINY, **tables}, Path("nowhere"))


def asked(made: vary.Plan) -> list[tuple]:
    return [tuple(settings.values()) for settings, _ in vary.expand(made)]


class Here:
    """An engine that trains in this process, and counts."""

    def __init__(self) -> None:
        self.trained = []

    def run(self, tasks, look):
        for key, task in tasks.items():
            look()
            yield Outcome(key, "started")
            module, _, name = task.function.partition(":")
            try:
                result = getattr(importlib.import_module(module), name)(*task.arguments, lambda row: True)
                yield Outcome(key, "finished", result=result)
            except InputError as error:
                yield Outcome(key, "failed", str(error))
            self.trained.append(key)


class Watching(Progress):
    """Remembers what it was told, and stops after so many runs."""

    def __init__(self, stop_at: int = 99) -> None:
        self.stop_at, self.done = stop_at, []

    def stage(self, name, done=0, total=0, message=""):
        if name == sweep.STAGE:
            self.done.append((done, total, message))

    def should_stop(self):
        return bool(self.done) and self.done[-1][0] >= self.stop_at


def test_a_grid_is_every_combination_in_the_order_of_the_file():
    assert asked(plan(**RATES)) == [
        (0.001, "adam"),
        (0.001, "sgd"),
        (0.001, "adamax"),
        (0.0001, "adam"),
        (0.0001, "sgd"),
        (0.0001, "adamax"),
    ]
    for settings, config in vary.expand(plan(**RATES)):
        assert config.training.learning_rate == settings["training.learning_rate"]
        assert config.training.optimizer == settings["training.optimizer"]
        assert config.windows.length_minutes == 60
    assert vary.expand(plan(**RATES))[1][1].description == "learning_rate = 0.001, optimizer = sgd"


def test_dotted_keys_are_nested_keys(tmp_path):
    nested, dotted = tmp_path / "nested.toml", tmp_path / "dotted.toml"
    nested.write_text("name = 'x'\n[vary.windows]\nlength_minutes = [60, 1440]\n[vary.training]\nseed = [1, 2]\n")
    dotted.write_text("name = 'x'\n[vary]\nwindows.length_minutes = [60, 1440]\n'training.seed' = [1, 2]\n")
    assert vary.load(str(nested), tmp_path) == vary.load(str(dotted), tmp_path)
    assert asked(vary.load(str(nested), tmp_path)) == [(60, 1), (60, 2), (1440, 1), (1440, 2)]


def test_each_combination_is_trained_with_each_seed_and_equal_requests_are_one_run():
    made = vary.expand(plan(vary={"training": {"learning_rate": [0.1, 0.1, 0.2]}}, sweep={"seeds": 3}))
    assert [(c.training.learning_rate, c.training.seed) for _, c in made] == [
        (rate, seed) for rate in (0.1, 0.2) for seed in (0, 1, 2)
    ]
    assert len({config.id for _, config in made}) == 6


def test_draws_come_from_the_lists_and_ranges_and_from_the_seed_alone():
    options = {"training": {"learning_rate": {"low": 1e-5, "high": 1e-2, "log": True}, "optimizer": ["adam", "sgd"]}}
    options["network"] = {"layers": {"low": 2, "high": 4}}
    drawn = [asked(plan(vary=options, sweep={"method": "random", "n": 40, "seed": seed})) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2] and len(drawn[0]) == 40
    rates, optimizers, layers = zip(*drawn[0], strict=True)
    assert all(1e-5 <= rate <= 1e-2 for rate in rates)
    assert 10 < sum(rate < 10**-3.5 for rate in rates) < 30  # each factor of ten alike: the middle is at 10^-3.5
    assert set(optimizers) == {"adam", "sgd"} and set(layers) == {2, 3, 4}
    few = asked(plan(**RATES, sweep={"method": "random", "n": 50}))
    assert sorted(few) == sorted(asked(plan(**RATES)))  # no combination twice; there are six


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({}, "It has no \\[vary\\]"),
        (
            {"vary": {"training": {"rate": [1]}}},
            "Unknown option 'rate' in \\[vary.training\\]. Options are: optimizer,",
        ),
        ({"vary": {"trainings": {"seed": [1]}}}, "Unknown section 'trainings' in \\[vary\\]. Sections are: data,"),
        ({"vary": {"name": ["a"]}}, "Unknown section 'name'"),
        ({"vary": {"training": {"seed": 3}}}, "training.seed = 3 must be a list of values"),
        ({"vary": {"training": {"seed": []}}}, "must be a list of values"),
        ({"vary": {"training": [1]}}, "must be a table"),
        ({"vary": {"training": {"learning_rate": {"low": 1}}}}, "a range with low and high"),
        ({"vary": {"training": {"learning_rate": {"low": 1, "high": 1}}}}, "range from 1 to 1 is empty"),
        ({"vary": {"training": {"learning_rate": {"low": 1e-5, "high": 1}}}}, "a grid needs a list"),
        ({"vary": {"training": {"optimizer": ["adam", "adma"]}}}, "With optimizer = adma: optimizer = 'adma'"),
        ({"vary": {"training": {"seed": [1, 2]}}, "sweep": {"seeds": 3}}, "Give one of them"),
        ({**RATES, "sweep": {"method": "random"}}, '"random" needs n'),
        ({**RATES, "sweep": {"repeats": 3}}, "Unknown option 'repeats' in \\[sweep\\]"),
        ({**RATES, "trainnig": {}}, "Unknown option 'trainnig'"),
        (
            {"vary": {"training": {"seed": list(range(200)), "epochs": list(range(1, 200))}}},
            "asks for 39,800 combinations",
        ),
    ],
)
def test_what_cannot_be_swept_is_one_sentence(tables, words):
    with pytest.raises(InputError, match=words):
        vary.expand(plan(**tables))


def test_a_file_that_is_not_there_or_no_toml_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no file nothing with options to vary.*paper-optimisers"):
        vary.load("nothing", tmp_path)
    (tmp_path / "bad.toml").write_text("[vary")
    with pytest.raises(InputError, match=r"bad\.toml, line 1: this is not TOML"):
        vary.load(str(tmp_path / "bad.toml"), tmp_path)


def test_the_sweep_of_the_paper_has_its_45_runs(tmp_path):
    made = vary.expand(vary.load("paper-optimisers", tmp_path))
    assert len(made) == 5 * 3 * 3 == len({config.id for _, config in made})
    assert {config.processing.normalisation for _, config in made} == {"paper"}  # of its base, demo-paper


def test_every_file_that_comes_with_the_project_can_be_used(tmp_path):
    files = sorted((ROOT / "data" / "experiments" / "sweeps").glob("*.toml"))
    plans = {path.stem: vary.load(path.stem, tmp_path) for path in files}
    assert {"paper-optimisers", "demo-search"} <= set(plans)
    drawn = dataclasses.replace(plans["demo-search"], sweep=vary.SweepOptions("random", n=20))
    settings, configs = zip(*vary.expand(drawn), strict=True)
    assert all(isinstance(each["network.filters"], int) and 4 <= each["network.filters"] <= 32 for each in settings)
    assert len(configs) == 20


# No earthquake of the world is stronger than 9.5: the second run has nothing to train on.
HALF = {**TINY, "vary": {"detectability": {"min_magnitude": [3.5, 9.5]}}}


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> sweep.Sweep:
    """A sweep of which one run is finished and one has failed."""
    folder = tmp_path_factory.mktemp("swept")
    return sweep.run(vary.from_dict(HALF, folder), folder, engine=Here())


@pytest.fixture
def copied(swept, data_folder) -> Path:
    """A data folder with that sweep."""
    shutil.copytree(swept.folder.parents[1], data_folder, dirs_exist_ok=True)
    return data_folder


def test_the_table_has_the_scores_of_each_run_and_the_error_of_what_failed(swept):
    assert swept.runs["state"].tolist() == ["finished", "failed"]
    assert swept.runs["detectability.min_magnitude"].tolist() == [3.5, 9.5]
    assert swept.runs["error"][0] == "" and "label 1" in swept.runs["error"][1]
    folder = swept.folder.parents[1]
    run = RunStore(folder).open(swept.runs["run_id"][0])
    pooled = run.scores.query("station == 'all'").set_index("split")
    found = swept.runs.iloc[0]
    assert (found["auc"], found["validation_auc"]) == pytest.approx((pooled.auc["test"], pooled.auc["validation"]))
    assert found["scored_split"] == "test" and swept.synthetic
    assert multiple_testing.ledger(folder).n_trained == 1  # each run that was trained counts
    said = " ".join(swept.sentences(folder))
    assert "Chance is an AUC of 0.5" in said and "1 of 2 runs failed" in said


def test_what_is_finished_is_skipped_and_what_failed_is_tried_again(swept, copied):
    again = Here()
    repeated = sweep.run(vary.from_dict(HALF, copied), copied, engine=again)
    assert again.trained == [swept.runs["run_id"][1]]
    pd.testing.assert_frame_equal(repeated.runs, swept.runs)
    assert [each.sweep_id for each in sweep.stored(copied)] == [swept.sweep_id]


def test_a_run_of_a_sweep_is_the_sweeps_until_the_user_asks_for_it_himself(swept, copied):
    store, finished = RunStore(copied), swept.runs["run_id"][0]
    assert store.studies()[finished] == "sweep"
    assert store.list()["study"].tolist() == ["sweep"]
    before = {path: path.read_bytes() for path in (store.folder / finished).iterdir()}
    config = configs.from_dict(TINY)
    again = pipeline.run(config, sources.open_source(config, copied), store)
    assert again.run_id == finished and store.list()["study"].tolist() == [""]
    assert {path: path.read_bytes() for path in (store.folder / finished).iterdir()} == before
    sweep.run(vary.from_dict(HALF, copied), copied, engine=Here())
    assert store.list()["study"].tolist() == [""]  # and stays his, whoever asks later
    assert multiple_testing.ledger(copied).n_trained == 1


@pytest.mark.slow
def test_a_cancelled_sweep_goes_on_and_tells_how_far_it_is(copied):
    wanted, first, second = plan(vary={"training": {"seed": [0, 1, 2]}}), Here(), Here()  # seed 0 is finished already
    with pytest.raises(Cancelled, match="Stopped after 2 of 3 runs"):
        sweep.run(wanted, copied, Watching(stop_at=2), first)
    assert sorted(sweep.stored(copied)[0].runs["state"]) == ["finished", "finished", "waiting"]
    watching = Watching()
    made = sweep.run(wanted, copied, watching, second)
    assert (made.runs["state"] == "finished").all()
    assert (len(first.trained), len(second.trained)) == (1, 1)
    assert [(done, total) for done, total, _ in watching.done] == [(2, 3)]
    settings = made.settings()
    assert settings["n_runs"].tolist() == [3]
    assert settings[["auc", "auc_lowest", "auc_highest"]].iloc[0].tolist() == pytest.approx(
        [made.runs["auc"].mean(), made.runs["auc"].min(), made.runs["auc"].max()]
    )
    assert any("best of 3 runs means little" in sentence for sentence in made.sentences(copied))


def test_the_verb_prints_chance_beside_the_table(precursor, copied):
    path = copied / "tiny.toml"
    path.write_text(tomli_w.dumps({**TINY, "vary": {"detectability": {"min_magnitude": [3.5]}}}))
    code, out, _ = precursor("sweep", path)
    assert code == 0 and "finished" in out and "min_magnitude" in out.replace(" ", "_")
    assert "Chance is an AUC of 0.5" in out
    path.write_text(tomli_w.dumps({**TINY, "vary": {"training": {"sede": [1]}}}))
    code, _, err = precursor("sweep", path)
    assert code == 2 and "tiny.toml: Unknown option 'sede'" in err


@pytest.mark.slow
def test_a_sweep_survives_the_death_of_a_worker_and_gives_the_same_bits(tmp_path):
    wanted = plan(vary={"training": {"learning_rate": [0.001, 0.0001]}}, sweep={"seeds": 2})
    calm, killed = Local(2), Local(2)
    expected = sweep.run(wanted, tmp_path / "calm", engine=calm)
    deaths = []

    class Killing(Watching):
        def should_stop(self):
            pid = killed.places[0].pid
            if not deaths and pid and list((tmp_path / "killed" / "runs").glob("*.partial")):
                deaths.append(pid)
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.1)
            return False

    made = sweep.run(wanted, tmp_path / "killed", Killing(), killed)
    assert len(deaths) == 1
    assert made.runs["state"].tolist() == ["finished"] * 4
    pd.testing.assert_frame_equal(made.runs.drop(columns="seconds"), expected.runs.drop(columns="seconds"))


@pytest.mark.parametrize("method", ["grid", "random"])
def test_a_date_may_be_varied_and_is_kept_as_text(tmp_path, method):
    sweep_table = "" if method == "grid" else "[sweep]\nmethod = 'random'\nn = 2\n"
    (tmp_path / "dates.toml").write_text(
        f'base = "demo-honest"\n{sweep_table}[vary.world]\nstart = [2014-01-01, 2015-01-01]\n'
    )
    made = vary.load(str(tmp_path / "dates.toml"), tmp_path)
    assert sorted(config.world.start for _, config in vary.expand(made)) == ["2014-01-01", "2015-01-01"]
    assert json.loads(json.dumps(made.as_dict()))["vary"] == {"world.start": ["2014-01-01", "2015-01-01"]}


@pytest.mark.parametrize("values", [[{"a": 1}], [[1, 2]], [datetime.time(12)], [None]])
def test_what_no_option_can_be_is_named_with_the_option(values):
    with pytest.raises(InputError, match=r"\[vary\] training\.epochs lists .*, expected true or false, a number"):
        plan(vary={"training": {"epochs": values}})


def test_a_range_of_whole_numbers_that_no_whole_number_reaches_is_one_sentence():
    with pytest.raises(InputError, match=r"training\.epochs = -1e\+308 to 1e\+308 goes beyond the whole numbers"):
        plan(vary={"training": {"epochs": {"low": -1e308, "high": 1e308}}}, sweep={"method": "random", "n": 1})


def test_a_sweep_of_a_newer_program_is_refused_before_a_run_is_trained_and_costs_no_other(copied, swept):
    folder = copied / "sweeps" / "newer-12345678"
    shutil.copytree(copied / "sweeps" / swept.sweep_id, folder)
    document = json.loads((folder / "sweep.json").read_text())
    (folder / "sweep.json").write_text(json.dumps({**document, "version": 2, "program": "9.0"}))
    seen = sweep.on_shelf(copied)
    assert [each.sweep_id for each in seen.there] == [swept.sweep_id]
    assert "Install version 9.0 of the program or a newer one" in seen.refused["newer-12345678"]
    stored = copied / "sweeps" / swept.sweep_id / "sweep.json"
    shutil.copy(folder / "sweep.json", stored)
    before, engine = stored.read_bytes(), Here()
    with pytest.raises(OtherVersion, match=f"Sweep {swept.sweep_id} has version 2 of its form"):
        sweep.run(vary.from_dict(HALF, copied), copied, engine=engine)
    assert engine.trained == [] and stored.read_bytes() == before


@pytest.mark.parametrize("content", ["", "[]", '{"varied": 3}'])
def test_the_command_given_again_mends_a_damaged_sweep_as_its_sentence_promises(copied, swept, content):
    path = copied / "sweeps" / swept.sweep_id / "sweep.json"
    path.write_text(content)
    with pytest.raises(InputError, match="Give its command again; finished runs are kept"):
        sweep.open(copied, swept.sweep_id)
    made = sweep.run(vary.from_dict(HALF, copied), copied, engine=Here())
    pd.testing.assert_frame_equal(made.runs, swept.runs)
    assert json.loads(path.read_text())["version"] == 1


def test_a_sweep_of_before_is_read_and_its_document_left_as_it_is(copied, swept):
    path = copied / "sweeps" / swept.sweep_id / "sweep.json"
    document = json.loads(path.read_text())
    del document["version"], document["program"]
    path.write_text(json.dumps(document))
    before = path.read_bytes()
    made = sweep.run(vary.from_dict(HALF, copied), copied, engine=Here())
    assert made.document == swept.document and path.read_bytes() == before
