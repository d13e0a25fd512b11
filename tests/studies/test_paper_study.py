"""The paper done again: the switchboard, the plan, and a study that goes on where it stopped."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import config as configs
from core import config_file
from core.config import ExperimentConfig
from core.data_folder import ROOT
from core.errors import InputError
from core.progress import Cancelled, Progress
from core.reporting import site
from core.reporting.figures import theme
from core.reporting.figures.studies import paper as figures
from core.reporting.pages import paper as page
from core.runs import presets, sources
from core.runs.runs import RunStore
from core.studies import learning_curves, sweep
from core.studies.paper import gathered, plan, study, switches
from core.studies.workers import Local, Outcome

DEMO = config_file.load(ROOT / "data" / "experiments" / "demo-honest.toml")
SMALL_WORLD = configs.from_dict(
    {
        "name": "ground",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {"seed": 4, "start": "2016-01-01", "end": "2017-07-01", "events_per_year": 60.0},
    }
)
TINY = dataclasses.replace(
    plan.QUICK,
    seeds=1,
    epochs=1,
    long_epochs=1,
    per_length=((60, 1, 1),),
    fractions=(0.5, 1.0),
    repeats=1,
    n_random=1,
)


def preset(name: str) -> ExperimentConfig:
    return presets.find(name, ROOT / "data")


def test_the_papers_positions_are_the_papers_preset():
    known = preset("paper-pooled")
    made = configs.replace(switches.config("x", known, switches.PAPER, 10_080), training={"epochs": 50})
    assert made.id == known.id


def test_the_honest_positions_are_the_recommended_preset_but_for_the_length_of_training():
    known = preset("honest-default")
    made = switches.config("x", known, switches.HONEST, 1440)
    length = {"epochs": 30, "early_stopping_patience": 5}
    assert configs.replace(made, training=length).id == known.id


def test_every_inconsistency_has_a_switch_or_says_where_it_is_shown():
    table = switches.table()
    assert table["number"].tolist() == list(range(1, 25))
    for row in table.to_dict("records"):
        named = row["switch"].split(", ")
        assert row["switch"].startswith(switches.NOT_A_SETTING) or all(name in switches.SWITCHES for name in named)
    named = {name for row in table["switch"] for name in row.split(", ")}
    assert set(switches.SWITCHES) <= named


@pytest.mark.parametrize("name", switches.SWITCHES)
def test_each_position_of_a_switch_is_another_computation_and_can_be_read_back(name):
    for base in (switches.PAPER, switches.HONEST):
        found = set()
        for position in switches.SWITCHES[name].options:
            positions = {**base, name: position}
            made = switches.config("x", DEMO, positions, 60)
            found.add(made.id)
            assert switches.positions(made) == positions
        assert len(found) == len(switches.SWITCHES[name].options)


def test_an_unknown_switch_or_position_is_one_sentence():
    with pytest.raises(InputError, match="no position 'loud'"):
        switches.config("x", DEMO, {**switches.PAPER, "filter": "loud"}, 60)
    with pytest.raises(InputError, match="The switches are"):
        switches.config("x", DEMO, {**switches.PAPER, "colour": "red"}, 60)


def test_the_full_plan_holds_what_the_paper_reports_with_five_seeds_under_both_choices():
    planned = plan.runs(DEMO, plan.FULL)
    for choice in plan.CHOICES:
        mine = [one for one in planned if one.choice == choice]
        optimisers = [one for one in mine if one.experiment == "optimisers"]
        assert {one.config.training.optimizer for one in optimisers} == {"adam", "adagrad", "adamax", "sgd", "rmsprop"}
        lengths = [one for one in mine if one.experiment == "lengths"]
        assert {one.config.windows.length_minutes for one in lengths} == {60, 1440, 10_080, 43_200}
        assert all(one.config.training.epochs == 50 for one in mine if one.experiment == "fig5")
        places = {one.variant for one in mine if one.experiment == "stations"}
        assert places == {f"{s}, {f}" for s in ("all", "DUR", "IZN", "MLR") for f in ("filtered", "unfiltered")}
        for name in ("fig5", "optimisers", "rates", "layers", "lengths", "stations"):
            assert {one.seed for one in mine if one.experiment == name} == set(range(5))


def test_seeds_change_the_weights_the_quiet_windows_and_the_split():
    first, second = (switches.config("x", DEMO, switches.PAPER, 60, seed) for seed in (0, 1))
    for part in ("training", "labels", "split"):
        assert (getattr(first, part).seed, getattr(second, part).seed) == (0, 1)


def test_the_table_of_layers_is_table_2():
    # Petrescu & Moldovan (2022), Table 2: the parameters of each row that has any, and their sum
    table = gathered.network()
    assert table.loc[table["n_parameters"] > 0, "n_parameters"].tolist() == [320, 6_208, 12_352, 30_965_824, 130]
    assert table["n_parameters"].sum() == 30_984_834


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A data folder with the small world and nothing else."""
    folder = tmp_path_factory.mktemp("world")
    sources.open_source(SMALL_WORLD, folder)
    return folder


@pytest.fixture
def small(monkeypatch, world, tmp_path):
    """A data folder with the small world; trainings are made in this process."""
    (tmp_path / "worlds").symlink_to(world / "worlds")
    monkeypatch.setattr(study, "ground", lambda data_dir, synthetic=False: SMALL_WORLD)
    return tmp_path


class Here:
    """An engine that does the tasks in this process; `train` takes the place of each training."""

    def __init__(self, train=None):
        self.train, self.asked = train, []

    def run(self, tasks, look):
        for key, task in tasks.items():
            look()
            yield Outcome(key, "started")
            self.asked.append(configs.from_dict(task.arguments[0]))
            done = {"core.studies.sweep:train": sweep.train}.get(task.function, learning_curves.in_worker)
            try:
                result = self.train(self.asked[-1]) if self.train else done(*task.arguments, lambda row: True)
            except InputError as error:
                yield Outcome(key, "failed", str(error))
            else:
                yield Outcome(key, "finished", result=result)


def refuse(config):
    raise InputError("No quiet month.")


@pytest.mark.slow
def test_a_study_goes_on_where_it_stopped_and_trains_nothing_twice(small):
    class Stop(Progress):
        def __init__(self):
            self.asked = 0

        def should_stop(self):
            self.asked += 1
            return self.asked > 1

    with pytest.raises(Cancelled, match="Stopped after 1 of 2 trainings"):
        study.make(small, TINY, ["fig5"], progress=Stop(), engine=Here())
    first = study.stored(small)[0]
    assert first.document.n_done > 0
    assert len(RunStore(small).ids()) == 1
    made = study.make(small, TINY, ["fig5"], engine=(second := Here()))
    assert len(second.asked) == 1
    runs = made.table("runs")
    done = runs[runs["experiment"] == "fig5"]
    assert set(done["choice"]) == {"paper", "honest"}
    assert set(done["run_id"]) == set(RunStore(small).ids())
    assert done["auc"].between(0, 1).all()
    assert np.allclose(done["entropy"], -np.log(0.5), atol=0.1)
    again = study.make(small, TINY, ["fig5"], engine=Here(lambda config: pytest.fail("trained twice")))
    assert again.table("runs")["run_id"].tolist() == runs["run_id"].tolist()


@pytest.mark.slow
def test_worker_processes_make_the_learning_curves_and_they_are_made_once(small):
    made = study.make(small, TINY, ["fig8"], engine=Local(2))
    points = made.table("curves")
    assert points.groupby("choice").size().to_dict() == {"paper": 2, "honest": 2}  # two sizes, one repeat
    study.make(small, TINY, ["fig8"], engine=Here(lambda config: pytest.fail("made twice")))


def test_a_configuration_that_cannot_be_trained_is_kept_with_its_reason(small):
    made = study.make(small, TINY, ["fig7"], engine=Here(refuse))
    row = made.table("runs").query("experiment == 'lengths'").iloc[0]
    assert (row["run_id"], row["refused"]) == ("", "No quiet month.")
    assert made.document.n_refused > 0


def test_the_tables_of_a_study_fill_while_it_runs(small, monkeypatch):
    monkeypatch.setattr(study, "GATHER_EVERY_S", 0.0)
    seen = []

    def look_then_refuse(config):
        seen.append(sum(one.document.n_refused for one in study.stored(small)))
        raise InputError("No quiet month.")

    study.make(small, TINY, ["fig6"], engine=Here(look_then_refuse))
    assert seen[0] == 0
    assert seen[-1] > seen[1] > 0


def test_a_training_that_two_figures_share_is_asked_for_once(small):
    engine = Here(refuse)
    study.make(small, dataclasses.replace(TINY, per_length=((60, 1, 1), (1440, 1, 1))), ["fig5", "fig7"], engine=engine)
    assert [config.windows.length_minutes for config in engine.asked] == [60, 60, 1440, 1440]


def test_table_1_counts_the_events_of_the_files(small):
    made = study.make(small, TINY, ["planted"], engine=Here(lambda config: {}))
    table = made.table("stations").set_index("station")
    assert table.loc["DUR", "printed_n_events"] == 119
    assert 0 < table.loc["DUR", "n_events"] < 400
    assert table.loc["DUR", "max_magnitude"] > 4


def test_an_unknown_figure_is_one_sentence(small):
    with pytest.raises(InputError, match="no figure 'fig9'"):
        study.make(small, TINY, ["fig9"])


@pytest.fixture(scope="module")
def finished(world, tmp_path_factory):
    """A study of which Fig. 5 is finished and a week was refused; the rest is not made yet."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "worlds").symlink_to(world / "worlds")

    def train(config):
        if config.training.epochs == 2:
            raise InputError("No quiet week.")
        return sweep.train(config.as_dict(), str(folder), study.STUDY, lambda row: True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "ground", lambda data_dir, synthetic=False: SMALL_WORLD)
        study.make(folder, dataclasses.replace(TINY, per_length=((60, 1, 2),)), ["fig5", "fig7"], engine=Here(train))
    return folder


def test_the_static_page_shows_every_experiment_beside_what_the_paper_printed(finished):
    shown = page.page(study.stored(finished))
    html = site.render(shown)
    assert shown.synthetic == "all"
    for title in page.TITLES.values():
        assert title in html
    assert "0.664" in html
    assert "30,965,824" in html
    assert "No quiet week." in html
    assert "knowing only the class shares" in html


def test_the_dashboard_page_shows_a_study_and_without_one_the_command(finished, data_folder, monkeypatch):
    def opened():
        return AppTest.from_file(str(ROOT / "dashboard" / "views" / "paper.py"), default_timeout=60).run()

    empty = opened()
    assert not empty.exception
    assert any("paper --quick" in block.value for block in empty.code)
    monkeypatch.setenv("PRECURSOR_DATA", str(finished))
    full = opened()
    assert not full.exception
    assert {header.value for header in full.header} >= set(page.TITLES.values())
    assert len(full.get("plotly_chart")) == 6  # TINY's Fig. 5 is one epoch, and so its runs are those of others too
    assert any("ten minutes on two cores" in said.value for said in full.caption)


def test_what_is_not_trained_has_its_title_the_papers_sentence_and_one_line(finished):
    (made,) = study.stored(finished)
    shown = {one.key: one for one in page.sections(made)}
    assert [key for key, one in shown.items() if not one.figures] == ["lengths", "curves", "planted"]
    assert {tuple(shown[key].found) for key in ("lengths", "curves", "planted")} == {
        ("Nothing of this has been trained yet.",)
    }
    html = site.render(page.page([made]))
    assert 'id="paper-fig5"' in html and 'id="paper-planted"' not in html


def test_sentences_and_captions_say_which_windows_they_are_of(finished):
    fig5 = next(one for one in page.sections(study.stored(finished)[0]) if one.key == "fig5")
    assert fig5.captions[""].startswith("Validation windows of 1 hour, after each epoch.")
    assert fig5.found[0].startswith("Under the paper's choices, on validation windows of 1 hour: AUC")
    assert fig5.found[1].startswith("Under the honest default, on test windows of 1 hour: AUC")
    assert "need not agree with what the test windows say" in fig5.found[2]


def test_every_figure_has_chance_in_grey_and_the_specifications_are_sorted():
    table = pd.DataFrame({"variant": ["b", "a"], "auc": [0.9, 0.4], "auc_low": [0.8, 0.3], "auc_high": [1.0, 0.6]})
    table = table.assign(leak=[True, False], dead=False, split=["random", "blocked"])
    fig = figures.specification(table, {"split": ["random", "blocked"]}, synthetic=True)
    marks = {trace.name: trace for trace in fig.data if trace.name}
    assert list(marks["AUC, 95 % interval"].y) == [0.4]
    assert (list(marks["its split leaks"].x), list(marks["its split leaks"].y)) == ([2], [0.9])
    assert marks["chance"].line.color == theme.colour("chance")
    squares = fig.data[-1]
    # the worse one (1st) is blocked, the second row of the board; the better one (2nd) is random, the first row
    assert sorted(zip(squares.x, squares.y, strict=True)) == [(1, 1), (2, 0)]


def runs_of(**columns):
    """Four finished trainings: two of Fig. 5, of which one is above chance, and a planted one under each choice."""
    table = pd.DataFrame(
        {
            "experiment": ["fig5", "fig5", "planted", "planted"],
            "choice": ["paper", "honest", "paper", "honest"],
            "run_id": ["a", "b", "c", "d"],
            "auc": [0.5, 0.7, 0.52, 0.98],
            "auc_low": [0.4, 0.6, 0.4, 0.9],
            "leak": False,
            "dead": [True, False, True, False],
        }
    )
    return table.assign(**columns)


def test_the_headline_says_how_many_beat_chance_and_of_many_how_many_would_without_skill():
    above, planted = page.headline(runs_of())
    assert above == "Of 2 trainings whose split does not leak, 1 has a 95 % interval of the AUC above chance."
    many = pd.concat([runs_of(run_id=[f"{letter}{n}" for letter in "abcd"]) for n in range(10)])
    assert "above chance, 50.0%; without any skill 2.5 % would" in page.headline(many)[0]
    assert "0.52 under the paper's choices (1 of 1 with a constant output)" in planted
    assert "0.98 under the honest default (0 of 1" in planted


def test_a_split_that_leaks_is_no_skill_in_the_headline():
    assert "Of 1 trainings" in page.headline(runs_of(leak=[False, True, False, False]))[0]
    assert page.headline(runs_of(run_id="")) == []


def test_every_loss_is_on_the_axis_and_one_that_ran_away_makes_it_logarithmic():
    table = pd.DataFrame({"variant": ["a", "b"], "choice": "honest", "seed": 0, "auc": 0.5, "accuracy": 0.5})
    table = table.assign(majority_share=0.5, entropy=0.69, n_train=9, n=9, n_positive=4, dead=False, refused="")
    calm = figures.variants(table.assign(loss=[0.7, 1.9]), ["a", "b"]).layout.yaxis3
    assert calm.range[0] == 0 and calm.range[1] > 1.9
    wild = figures.variants(table.assign(loss=[0.7, 400.0]), ["a", "b"]).layout.yaxis3
    assert wild.type == "log"
    assert {"0.5", "1", "10"} <= set(wild.ticktext) and len(wild.ticktext) == len(wild.tickvals)
    assert 10 ** wild.range[0] < 0.7 and 10 ** wild.range[1] > 400


def test_many_names_are_slanted_and_get_room_for_it():
    def layout(n: int):
        names = [f"station {i}, unfiltered" for i in range(n)]
        row = {"choice": "honest", "seed": 0, "auc": 0.5, "accuracy": 0.5, "loss": 0.7, "majority_share": 0.5}
        table = pd.DataFrame([{**row, "variant": name, "entropy": 0.69, "refused": ""} for name in names])
        return figures.variants(table.assign(n_train=9, n=9, n_positive=4, dead=False), names).layout

    assert layout(5).xaxis3.tickangle is None and layout(8).xaxis3.tickangle == -45
    assert layout(8).margin.b > layout(5).margin.b


def test_a_variant_that_was_refused_says_so_in_the_figure():
    row = {"choice": "honest", "seed": 0, "auc": 0.5, "accuracy": 0.5, "loss": 0.7, "majority_share": 0.5}
    row |= {"entropy": 0.69, "n_train": 9, "n": 9, "n_positive": 4, "dead": False}
    table = pd.DataFrame([{**row, "variant": "60", "refused": ""}, {"variant": "43200", "refused": "No quiet month."}])
    said = [note.text for note in figures.variants(table, ["1 hour", "30 days"]).layout.annotations]
    assert "refused" in said
