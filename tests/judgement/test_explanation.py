"""What a run looks at: chosen windows, controls that cannot know, and what was really planted."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.cli import main
from core.errors import InputError
from core.judgement import control_networks, explained_windows, explanation
from core.labelling import dataset
from core.runs import pipeline
from core.runs.runs import Run, RunStore
from core.runs.sources import open_source, precursors
from core.synthesis.world import World
from core.training import attribution, network

PLANTED = configs.from_dict(
    {
        "name": "planted",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {
            **{"seed": 4, "start": "2016-01-01", "end": "2016-04-01", "events_per_year": 400.0, "gap_fraction": 0.01},
            **{"precursor_amplitude_nt": 60.0, "precursor_lead_hours": 0.75, "precursor_duration_hours": 1.0},
        },
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 60, "sampling": "event_aligned"},
        "labels": {"quiet_margin_days": 0.25},
        "network": {"filters": 4, "dense": 8},
        "training": {"epochs": 2, "learning_rate": 0.003},
    }
)
QUICK = explanation.Options(attribution.Options(steps=4), n_windows=4)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data folder with two runs that differ in nothing but the seed of training; the older is explained."""
    folder = tmp_path_factory.mktemp("explained")
    source = open_source(PLANTED, folder)
    pipeline.run(PLANTED, source, RunStore(folder))
    pipeline.run(configs.replace(PLANTED, training={"seed": 1}), source, RunStore(folder))
    return folder


@pytest.fixture(scope="module")
def run(home):
    return next(one for one in map(RunStore(home).open, RunStore(home).ids()) if one.config.training.seed != 1)


@pytest.fixture(scope="module")
def made(home, run):
    return explanation.explain(run, open_source(run.config, home), home, QUICK)


def test_an_explanation_has_its_controls_and_chance_beside_every_number(made, run):
    controls, layers = made.table("controls"), [n.split("/")[0] for n in network.named_weights(_model(run))]
    assert controls["control"].tolist() == ["seed", *["cascade"] * (len(set(layers)) - 1), "random", "shuffled"]
    assert (controls["chance_low"] <= controls["chance"]).all() and (controls["n"] > 0).all()
    pointing = made.table("pointing").set_index("maps")
    assert pointing.index.tolist() == ["the run", "random weights", "shuffled labels"]
    assert (pointing["covered"] > 0).all() and (pointing["covered"] < 1).all()
    hours = made.table("marginals").query("by == 'hour'")
    assert hours["share"].sum() == pytest.approx(1) and hours["expected"].sum() == pytest.approx(1)
    assert made.document.sentences[0].startswith("Exploratory. What a network looks at is not a cause")
    assert len(made.document.seeds) == 2


def _model(run):
    return control_networks.trained(run)


def test_the_maps_are_those_of_the_windows_and_the_mean_over_seeds(made, run, home):
    shown = made.table("windows").query("shown")
    cut = explained_windows.cut(run, open_source(run.config, home))
    position = [int(np.flatnonzero(run.windows["window_id"] == i)[0]) for i in shown["window_id"]]
    np.testing.assert_array_equal(made.maps["values"], cut.batch(position))
    maps = [
        attribution.attribute(_model(one), cut.batch(position), QUICK.attribution)
        for one in map(RunStore(home).open, made.document.seeds)
    ]
    np.testing.assert_allclose(made.maps["the run"], (maps[0] + maps[1]) / 2, atol=1e-5)
    assert not np.allclose(maps[0], maps[1], atol=1e-3)


def test_a_damaged_run_beside_does_not_keep_a_run_from_being_explained(home, run, tmp_path, caplog):
    shutil.copytree(home / "runs", tmp_path / "runs")
    (same,) = control_networks.other_seeds(run, RunStore(tmp_path))
    shutil.copytree(home / "runs" / run.run_id, tmp_path / "runs" / "torn-1")
    (tmp_path / "runs" / "torn-1" / "config.json").write_text("{", encoding="utf-8")
    assert [one.run_id for one in control_networks.other_seeds(run, RunStore(tmp_path))] == [same.run_id]
    assert "Run torn-1: config.json cannot be used" in caplog.text


def test_windows_are_cut_again_bit_by_bit_as_in_training(run, home):
    source = open_source(run.config, home)
    again, first = explained_windows.cut(run, source), dataset.build(run.config, source)
    rows = first.rows("test")
    np.testing.assert_array_equal(again.batch(rows), first.batch(rows))


def test_shown_are_the_surest_windows_and_counted_are_no_matter_how_sure(run):
    chosen = explained_windows.choose(run, n_windows=6)
    test = run.predictions.query("split == 'test'")
    best = chosen[chosen["why"] == "highest probability"]
    assert best["probability"].max() == test["probability"].max()
    misses = chosen[chosen["why"] == "miss"]
    assert (misses["label"] == 1).all() and (misses["probability"] < run.config.training.threshold).all()
    assert chosen.loc[chosen["shown"] & (chosen["cluster"] >= 0), "cluster"].is_unique
    counted = chosen[chosen["counted"]]
    assert counted["label"].value_counts().to_dict() == {0: 6, 1: 6}
    for label in (0, 1):
        starts = test.loc[test["label"] == label, "start"]
        assert counted.loc[counted["label"] == label, "start"].agg(["min", "max"]).tolist() == [
            starts.min(),
            starts.max(),
        ]
    asked = run.predictions.query("split == 'train'")["window_id"].iloc[0]
    assert explained_windows.choose(run, 1, (int(asked),)).set_index("window_id").loc[asked, "why"] == "asked for"
    with pytest.raises(InputError, match="no prediction for window 999999"):
        explained_windows.choose(run, 1, (999999,))


def test_planted_minutes_are_those_of_the_worlds_manifest(run, home):
    manifest = World(run.config.world, ("DUR",)).precursors
    found = precursors(open_source(run.config, home))
    assert len(found) and (found["start"].tolist(), found["end"].tolist()) == (
        manifest["start"].tolist(),
        manifest["end"].tolist(),
    )
    chosen = explained_windows.choose(run, n_windows=5)
    planted = explained_windows.planted(chosen, found, 60)
    for (_, window), mask in zip(chosen.iterrows(), planted, strict=True):
        minutes = pd.date_range(window["start"], periods=60, freq="min")
        wanted = [((manifest["start"] <= t) & (t < manifest["end"])).any() for t in minutes]
        assert mask.tolist() == wanted
    assert 0 < planted[(chosen["label"] == 1).to_numpy()].mean() < 1


def test_the_cascade_loses_one_layer_at_a_time_from_the_output_backwards(run):
    model, lost = _model(run), []
    before = {name: np.array(value) for name, value in network.arrays(network.named_weights(model)).items()}
    kernels = [name for name in before if name.endswith("kernel")]
    for layer, changed in control_networks.random_weights(run, model, seed=0):
        lost.append(layer)
        now = network.arrays(network.named_weights(changed))
        different = {name.split("/")[0] for name in kernels if not np.array_equal(now[name], before[name])}
        assert different == set(lost)
    assert lost == [name.split("/")[0] for name in reversed(kernels)]


def test_shuffled_labels_keep_the_classes_and_nothing_else(run, home):
    cut = explained_windows.cut(run, open_source(run.config, home))
    shuffled, rows = control_networks.ShuffledLabels(cut, seed=1), cut.rows("train")
    assert shuffled.labels(rows).sum() == cut.labels(rows).sum()
    assert 0.3 < (shuffled.labels(rows) == cut.labels(rows)).mean() < 0.7


def test_what_cannot_be_explained_is_a_sentence(run, home, made):
    source = open_source(run.config, home)
    dead = Run(run.run_id, run.folder)
    dead.__dict__["status"] = replace(run.status, dead=True, dead_sentence="All units are off.")
    with pytest.raises(InputError, match="nothing to explain in run .* All units are off"):
        explanation.explain(dead, source, home, QUICK)
    other = Run(run.run_id, run.folder)
    other.__dict__["digests"] = {**run.digests, "activity/kp": "0"}
    with pytest.raises(InputError, match="data of run .* have changed"):
        explanation.explain(other, source, home, QUICK)


def test_without_its_last_file_an_explanation_is_absent(run, home, made, tmp_path):
    assert list(explanation.stored(home, run.run_id)) == ["integrated_gradients"]
    (tmp_path / "explanations" / run.run_id / "occlusion").mkdir(parents=True)
    assert explanation.stored(tmp_path, run.run_id) == {}
    broken = replace(made, folder=tmp_path)
    with pytest.raises(InputError, match="windows.parquet cannot be used .it is missing"):
        broken.table("windows")


def test_tables_and_maps_of_a_newer_explanation_are_not_given_under_an_older_document(run, made, tmp_path):
    folder = tmp_path / "explanations" / run.run_id / made.method
    shutil.copytree(made.folder, folder)
    reader = explanation.stored(tmp_path, run.run_id)[made.method]
    document = json.loads((folder / "explanation.json").read_text())
    (folder / "explanation.json").write_text(json.dumps(document | {"created": "2026-02-01T00:00:00+00:00"}))
    for read in (lambda: reader.table("windows"), lambda: reader.maps):
        with pytest.raises(InputError, match="was made anew while it was read"):
            read()
    reader = explanation.stored(tmp_path, run.run_id)[made.method]
    assert len(reader.table("windows")) and reader.maps


def test_sentences_say_when_a_control_looks_like_the_run(made):
    tables = {name: made.table(name) for name in ("controls", "pointing")}
    alike = dict.fromkeys(("correlation_low", "correlation", "correlation_high"), 0.8)
    unlike = dict.fromkeys(("correlation_low", "correlation", "correlation_high"), 0.0)
    apart = {"chance_low": -0.1, "chance_high": 0.1, "n": 5}
    said = explanation.sentences({**tables, "controls": tables["controls"].assign(**alike, **apart)}, True, 3, 0.6, 1)
    assert "not from what was learned" in said[1] and "not from what was learned" in said[2] and "One seed" in said[4]
    said = explanation.sentences({**tables, "controls": tables["controls"].assign(**unlike, **apart)}, False, 3, 0.6, 2)
    assert "no more alike than chance" in said[1] and said[-1] == explanation.NOT_PLANTED
    flat = {"controls": tables["controls"].assign(n=0), "pointing": tables["pointing"].assign(mass=np.nan, gain=np.nan)}
    said = explanation.sentences(flat, True, 3, 0.6, 2)
    assert "both more than flat" in said[1] and said[-1].endswith("the run's maps are flat.") and "nan" not in said[-1]


@pytest.mark.slow
def test_the_verb_says_it_in_words_and_as_json(run, home, monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setenv("PRECURSOR_DATA", str(home))
        monkeypatch.setattr(sys, "argv", ["precursor", "explain", run.run_id, *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    code, out, _ = call("--method", "grad_cam", "--n", "2", "--json")
    assert code == 0 and {row["table"] for row in json.loads(out)} == {"controls", "pointing", "marginals"}
    assert (home / "explanations" / run.run_id / "grad_cam" / "explanation.json").exists()
    code, out, err = call("--method", "saliency")
    assert code == 2 and "Methods: integrated_gradients, occlusion, grad_cam" in out + err


@pytest.mark.slow
def test_the_page_and_the_site_show_the_stored_numbers_beside_the_controls(run, home, made, monkeypatch):
    from streamlit.testing.v1 import AppTest

    from core.data_folder import ROOT
    from core.reporting import site

    monkeypatch.setenv("PRECURSOR_DATA", str(home))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=60).run()
    app.query_params["run"] = run.run_id
    app.switch_page("views/explain.py").run()
    assert not app.exception, [error.stack_trace for error in app.exception]
    text = "\n".join(str(e.value) for kind in (app.markdown, app.warning) for e in kind).replace("\\", "")
    assert all(sentence in text for sentence in made.document.sentences)
    other = next(run_id for run_id in RunStore(home).ids() if run_id != run.run_id)
    afresh = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=60).run()
    afresh.switch_page("views/explain.py").run()
    picker = afresh.selectbox(key="run")
    assert picker.value == run.run_id
    assert [option.endswith("explained") for option in picker.options] == [True] + [False] * (len(picker.options) - 1)
    app.query_params["run"] = other
    app.run()
    assert f".venv/bin/precursor explain {other}" in [code.value for code in app.code]

    pages = {page.file: page for page in site.pages(home)}
    html = site.render(pages[f"explanation-{run.run_id}.html"])
    assert explanation.STANDING in html and "random weights" in html
    assert f'href="explanation-{run.run_id}.html"' in site.render(pages[f"run-{run.run_id}.html"])
    assert f"explanation-{other}.html" not in pages


def test_the_figure_shades_each_minute_where_it_is():
    from core.reporting.figures.run import explanation as figures

    start = pd.Timestamp("2016-03-01", tz="UTC")
    row = {"start": start, "end": start + pd.Timedelta(days=7), "event_time": start + pd.Timedelta(days=9)}
    shade = np.zeros((3, 10080), dtype=np.float32)
    shade[1, 5000:5020] = 2.0
    bursts = pd.DataFrame({"start": [start - pd.Timedelta(hours=1)], "end": [start + pd.Timedelta(hours=2)]})
    values = np.random.default_rng(1).normal(size=shade.shape)
    fig = figures.window(values, {"the run": shade, "flat": 0 * shade}, row, bursts, synthetic=True)
    heat, flat = (trace for trace in fig.data if trace.type == "heatmap")
    component, cell = np.unravel_index(np.argmax(heat.z), heat.z.shape)
    at = pd.Timestamp(heat.x0) + pd.Timedelta(milliseconds=heat.dx * int(cell))
    assert component == 1 and abs(at - pd.Timestamp("2016-03-04 11:30")) < pd.Timedelta(minutes=30)
    assert not flat.z.any()
    notes = [note.text for note in fig.layout.annotations]
    assert "<b>the run</b>  target event: 2 days after the end" in notes
    assert "<b>flat</b>  nothing in this window" in notes and "SYNTHETIC DATA" in notes
    bar = next(trace for trace in fig.data if trace.hovertext == "planted burst")
    assert bar.x[0] == "2016-03-01T00:00:00" and bar.x[1] == "2016-03-01T02:00:00"
