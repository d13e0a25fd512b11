"""Search: the test block stays unseen, trials follow from the seed, and a stopped search goes on."""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.cli import sweep_verbs
from core.errors import InputError
from core.labelling import dataset
from core.progress import Cancelled, Progress
from core.runs import sources
from core.studies import search, vary
from core.studies.workers import Outcome
from core.typed_documents import OtherVersion
from support.tiny_study import TINY

RATES = {"training": {"learning_rate": {"low": 1e-5, "high": 1e-1, "log": True}, "optimizer": ["adam", "sgd"]}}


def plan(n=8, **tables) -> vary.Plan:
    return vary.from_dict({**TINY, "vary": RATES, "search": {"n": n, **tables}}, Path("nowhere"))


class Inline:
    """A place that works in this process."""

    def __init__(self) -> None:
        self.closed = False

    def do(self, key, task, report):
        module, _, name = task.function.partition(":")
        try:
            return Outcome(
                key, "finished", result=getattr(importlib.import_module(module), name)(*task.arguments, report)
            )
        except InputError as error:
            return Outcome(key, "failed", str(error))

    def close(self):
        self.closed = True


@pytest.fixture
def made_up(monkeypatch):
    """A score that is best at a learning rate of 0.001 and needs no training; the learning rates that were tried."""
    optuna = pytest.importorskip("optuna", reason="the extra search is not installed")
    pytest.importorskip("sqlalchemy", reason="the extra search is not installed")
    tried = []

    def judged(config, source, folder, report):
        rate = config.training.learning_rate
        tried.append(rate)
        if rate > 0.05:
            raise InputError("The steps are too long.")
        value = 0.9 - 0.1 * abs(math.log10(rate) + 3) - 0.05 * (config.training.optimizer == "sgd")
        for epoch in (1, 2, 3):
            if not report({"epoch": epoch, "validation_auc": value}):
                return {"validation_auc": value, "epochs": epoch, "pruned": True}
        return {"validation_auc": value, "epochs": 3, "pruned": False}

    monkeypatch.setattr(search, "judged", judged)
    monkeypatch.setattr(search, "Place", Inline)
    won = lambda config, *rest: types.SimpleNamespace(run_id="winner", config=config)  # noqa: E731
    monkeypatch.setattr(search.pipeline, "run", won)
    monkeypatch.setattr(search.sources, "open_source", lambda *rest: None)
    monkeypatch.setattr(search.sources, "digests", lambda *rest: {})
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return tried


class StopAfter(Progress):
    """Stops once so many trials have ended."""

    def __init__(self, n: int) -> None:
        self.n, self.done = n, -1

    def stage(self, name, done=0, total=0, message=""):
        self.done = done if name == search.STAGE else -1

    def should_stop(self):
        return self.done >= self.n


class Spoilt:
    """A source whose field is another one from a time on."""

    def __init__(self, source, start) -> None:
        self._source, self._start = source, start

    def __getattr__(self, name):
        return getattr(self._source, name)

    def minute(self, station, start=None, end=None):
        record = self._source.minute(station, start, end)
        field = record.field.copy()
        late = field.index >= self._start
        values = field.loc[late].to_numpy()
        field.loc[late] = 3 * values + np.random.default_rng(0).normal(size=values.shape)
        return dataclasses.replace(record, field=field)


@pytest.mark.slow
def test_a_trial_is_worth_the_same_whatever_the_test_block_holds(tmp_path):
    config = configs.from_dict(TINY)
    source = sources.open_source(config, tmp_path)
    windows = dataset.build(config, source)
    seen = windows.table[windows.table["split"].isin(["train", "validation"]) & (windows.table["rejected"] == "")]
    tested = windows.table.iloc[windows.rows("test")]
    start = tested["start"].min()
    assert seen["end"].max() <= start  # time was cut into blocks, and the test block is the last
    honest = search.judged(config, source, tmp_path / "a", lambda row: True)
    spoilt = search.judged(config, Spoilt(source, start), tmp_path / "b", lambda row: True)
    assert honest == spoilt and 0 <= honest["validation_auc"] <= 1 and honest["epochs"] == 1
    other = search.judged(config, Spoilt(source, seen["start"].min()), tmp_path / "c", lambda row: True)
    assert other != honest  # what it may see does count


def test_a_trial_that_asks_for_test_windows_is_refused(tmp_path):
    config = configs.from_dict(TINY)
    windows = dataset.build(config, sources.open_source(config, tmp_path))
    allowed = search.NoTest(windows)
    rows = windows.rows("test")
    with pytest.raises(ValueError, match="asked for the test windows"):
        allowed.rows("test")
    for ask in (allowed.labels, allowed.batch):
        with pytest.raises(ValueError, match="not its own"):
            ask(rows[:1])


def test_a_search_finds_the_best_learning_rate_and_the_seed_decides_all(made_up, tmp_path):
    found = search.run(plan(14), tmp_path / "a")
    assert len(found.trials) == 14 and set(found.trials["state"]) <= {"complete", "pruned", "fail"}
    best = found.trials.loc[found.trials["validation_auc"].idxmax()]
    assert found.winner.config.training.learning_rate == pytest.approx(best["training.learning_rate"])
    assert 10**-3.5 < best["training.learning_rate"] < 10**-2.5 and best["training.optimizer"] == "adam"
    again = search.run(plan(14), tmp_path / "b")
    pd.testing.assert_frame_equal(again.trials, found.trials)
    other = search.run(plan(14, seed=1), tmp_path / "a")
    assert other.search_id != found.search_id and not other.trials.equals(found.trials)
    assert "chance is 0.5" in found.sentences[0] and "winner" in found.sentences[1]


def test_of_trials_that_are_alike_the_first_is_taken_and_it_is_said(made_up, monkeypatch, tmp_path):
    monkeypatch.setattr(search, "judged", lambda *rest: {"validation_auc": 0.75, "epochs": 1, "pruned": False})
    found = search.run(plan(4), tmp_path)
    assert found.winner.config.training.learning_rate == found.trials["training.learning_rate"].iloc[0]
    assert "4 trials share it to the last digit; the first of them, trial 1, was taken." in found.sentences[0]


def test_a_trial_that_was_stopped_early_is_not_the_best_whatever_it_promised():
    trials = pd.DataFrame({"trial": [1, 2], "state": ["pruned", "complete"], "validation_auc": [0.9, 0.7]})
    said = search.Search("s", Path("s"), trials, types.SimpleNamespace(run_id="winner")).sentences[0]
    assert said.startswith("The best of 2 trials is trial 2, with a validation AUC of 0.70.") and "share" not in said


def test_a_search_prints_no_two_columns_of_one_name(precursor, monkeypatch, tmp_path):
    (tmp_path / "plan.toml").write_text('base = "demo-honest"\nvary.training.epochs = [1, 2]\n')
    columns = ["trial", "training.epochs", "world.seed", "training.seed", "state", "validation_auc", "epochs"]
    trials = pd.DataFrame([[1, 2, 0, 0, "complete", 0.7, 1]], columns=columns)
    found = search.Search("s", tmp_path, trials, types.SimpleNamespace(run_id="winner"))
    monkeypatch.setattr(search, "run", lambda *rest: found)
    monkeypatch.setattr(sweep_verbs, "show_run", lambda run_id: None)
    code, out, _ = precursor("search", tmp_path / "plan.toml")
    (heads,) = [line.split("\t") for line in out.splitlines() if line.startswith("trial\t")]
    assert code == 0
    assert heads == ["trial", "epochs", "world.seed", "training.seed", "state", "validation AUC", "epochs trained"]


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(made_up, tmp_path):
    whole = search.run(plan(10), tmp_path / "whole")
    with pytest.raises(Cancelled, match=r"of 10 trials\. The same command goes on"):
        search.run(plan(10), tmp_path / "parts", StopAfter(0))
    part = search.run(plan(4), tmp_path / "parts")  # as far as it came, or to the fourth
    rest = search.run(plan(10), tmp_path / "parts")
    assert part.search_id == rest.search_id
    pd.testing.assert_frame_equal(rest.trials, whole.trials)
    n_tried = len(made_up)
    search.run(plan(10), tmp_path / "parts")
    assert len(made_up) == n_tried  # nothing is tried twice


def test_a_search_of_a_newer_program_is_refused_before_a_trial_and_one_of_before_goes_on(made_up, tmp_path):
    first = search.run(plan(3), tmp_path)
    path, n_tried = first.folder / "search.json", len(made_up)
    stored = json.loads(path.read_text())
    assert (stored.pop("version"), set(stored)) == (1, {"plan", "best", "program"})
    for content in ({**stored, "version": 2, "program": "9.0"}, {"plan": {}, "best": {}}):
        path.write_text(json.dumps(content))
        if "version" not in content:
            assert search.run(plan(4), tmp_path).search_id == first.search_id
            continue
        with pytest.raises(OtherVersion, match="has version 2 of its form.*Install version 9.0 of the program"):
            search.run(plan(4), tmp_path)
        assert len(made_up) == n_tried and json.loads(path.read_text()) == content
    assert len(made_up) == n_tried + 1


def test_trials_that_fall_behind_are_stopped_early_unless_told_not_to(made_up, tmp_path):
    pruned = search.run(plan(14), tmp_path).trials
    assert (pruned["state"] == "pruned").any()
    assert (pruned.loc[pruned["state"] == "pruned", "epochs"] < 3).all()
    assert not (pruned["state"][: search.WARM_UP_TRIALS] == "pruned").any()
    every = search.run(plan(14, prune=False), tmp_path).trials
    assert (every["state"] != "pruned").all()


def test_several_workers_share_one_search(made_up, tmp_path):
    found = search.run(plan(12), tmp_path, n_workers=3)
    assert len(found.trials) == 12 and len(made_up) == 12


def test_a_search_of_which_every_trial_fails_says_why(made_up, tmp_path):
    steep = {**TINY, "vary": {"training": {"learning_rate": [0.1, 0.2]}}, "search": {"n": 3}}
    with pytest.raises(InputError, match="No trial could be trained. The first said: The steps are too long"):
        search.run(vary.from_dict(steep, tmp_path), tmp_path)


def test_without_optuna_there_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r"package optuna is not installed.*'\.\[search\]'"):
        search.run(plan(), tmp_path)
