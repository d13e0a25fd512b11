"""Pages that judge a run: each number is that of the stored assessment, a null is said in full, nothing is invented."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
import tomli_w

from core import config as configs
from core.judgement import assessment, null_gallery
from core.judgement.power import expected
from core.labelling import class_balance, dataset
from core.reporting import site
from core.reporting.pages import chance, judgement
from core.runs.runs import RunStore
from core.runs.sources import open_source
from core.studies import leak_demonstrator
from core.vocabulary import Checked
from dashboard import jobs
from support import full_data
from support.made_findings import FAMILY
from support.page_texts import said, visit

JUDGING = ("verdict.py", "evaluation.py", "significance.py")


@pytest.fixture(scope="module")
def ids(full_folder):
    return RunStore(full_folder).ids()


@pytest.mark.parametrize("view", JUDGING)
def test_each_page_names_the_run_the_windows_and_when_it_was_judged(full_folder, ids, monkeypatch, view):
    for run_id in ids:
        found = assessment.open(full_folder, run_id)
        text = said(visit(full_folder, monkeypatch, view, run=run_id))
        made = found.document.created[:16].replace("T", " ")
        assert f"Run **{run_id}**, {found.document.judged_split} windows, assessed {made} UTC" in text


def test_the_verdict_page_says_the_answer_every_gate_and_what_could_have_been_seen(full_folder, ids, monkeypatch):
    run, found = RunStore(full_folder).open(ids[0]), assessment.open(full_folder, ids[0])
    verdict = assessment.verdict_of(run, found, full_folder)
    app = visit(full_folder, monkeypatch, "verdict.py", run=ids[0])
    text = said(app).replace("\\", "")
    assert verdict.answer in app.header[0].value and verdict.could_have_seen in text
    assert verdict.headline.partition(verdict.answer)[2].strip() in text
    assert all(f"**{gate.name}**" in text and gate.words in text for gate in verdict.gates)
    assert verdict.registration.words in text
    for state in Checked:
        assert text.count(f": {state} · ") == sum(gate.state == state for gate in verdict.gates)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Independent events"] == f"{verdict.primary.n_clusters:,}"
    assert f"{verdict.primary.skill:.2f}" in metrics["Skill"]


@pytest.mark.slow
def test_a_run_without_an_assessment_gets_the_command_and_no_number(full_folder, ids, monkeypatch, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    shutil.rmtree(folder / "assessments")
    for view in JUDGING:
        app = visit(folder, monkeypatch, view, run=ids[0])
        assert f"precursor assess {ids[0]}" in said(app)
        assert not app.metric and not app.get("plotly_chart")


def test_the_null_on_the_significance_page_is_that_of_the_stored_draws(full_folder, ids, monkeypatch):
    found = assessment.open(full_folder, ids[0])
    tests = found.table("significance")
    app = visit(full_folder, monkeypatch, "significance.py", run=ids[0])
    first = tests[tests["test"] == tests["test"].iloc[0]]
    text = said(app).replace("\\", "")
    assert all(sentence in text for sentence in first["sentence"])
    verdict = assessment.verdict_of(RunStore(full_folder).open(ids[0]), found, full_folder)
    assert verdict.tries in text  # nothing where no score could have passed


def test_a_small_p_is_shown_with_its_digits_and_never_as_nothing(full_folder, ids, monkeypatch):
    """Three cards of the page Significance showed p = 2.5e-06 as 0.00, and the site as 0.000."""
    family = replace(FAMILY, p=2.5e-06, p_family=7.5e-05, smallest_p_family=1.2e-05)
    stored = assessment.verdict_of
    monkeypatch.setattr(assessment, "verdict_of", lambda *given: replace(stored(*given), family=family))
    app = visit(full_folder, monkeypatch, "significance.py", run=ids[0])
    cards = [each.value for each in app.subheader]
    assert {"2.5e-06", "7.5e-05", "1.2e-05"} <= set(cards) and "0.00" not in cards
    row = {"test": "a", "statistic": "AUC", "observed": 0.9, "null_mean": 0.5, "null_low": 0.4, "null_high": 0.6}
    table = judgement.tests_table(pd.DataFrame([{**row, "p": 0.0002, "sentence": ""}]), "a.csv")
    assert table.rows[0][3].text == "0.0002"


def test_the_audit_page_counts_every_kept_window_of_the_run(full_folder, ids, monkeypatch):
    run = RunStore(full_folder).open(ids[0])
    app = visit(full_folder, monkeypatch, "audit.py", run=ids[0])
    table = app.dataframe[1].value
    kept = run.windows[(run.windows["rejected"] == "") & (run.windows["label"] >= 0)]
    assert table["n_positive"].sum() == (kept["label"] == 1).sum()
    assert table["n_negative"].sum() == (kept["label"] == 0).sum()
    assert set(app.dataframe[0].value["by"]) == set(class_balance.KINDS)
    assert run.audit.sentence[:40] in said(app)


def test_the_site_has_a_page_with_the_verdict_of_each_assessed_run(full_folder, ids):
    pages = {page.file: page for page in site.pages(full_folder)}
    for run_id in ids:
        verdict = assessment.open(full_folder, run_id).document.verdict
        html = site.render(pages[f"judgement-{run_id}.html"])
        assert verdict.headline.replace("'", "&#39;") in html and "Made-up data" in html
        assert f"judgement-{run_id}.html" in site.render(pages[f"run-{run_id}.html"])
        stored = assessment.open(full_folder, run_id).table("scorecard")
        (name,) = (name for name in pages[f"judgement-{run_id}.html"].files if "scorecard" in name)
        assert pages[f"judgement-{run_id}.html"].files[name].equals(stored) and name.startswith("synthetic-")
        assert json.dumps(verdict.gates[0].name).strip('"') in html
        assert verdict.registration.words in html


def test_the_gallery_hides_the_real_catalogue_until_it_is_asked_for(full_folder, ids, monkeypatch, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    run = next(RunStore(folder).open(run_id) for run_id in ids if run_id.startswith("small-random"))
    items = pd.DataFrame({"item": [0, 1], "real": [False, True], "shift_days": [40.0, 0.0], "ass": [0.6, 0.5]})
    curves = pd.DataFrame({"item": [0, 0, 1, 1], "tau": [0.0, 1, 0, 1], "nu": [1.0, 0, 1, 0]})
    made = null_gallery.Gallery(
        items.assign(words="", p=0.5, n_events=3), curves, pd.DataFrame(), null_gallery.Document("", True, 1, 0, "")
    )
    monkeypatch.setattr(null_gallery, "stored", lambda data_dir, run_id: made)
    app = visit(folder, monkeypatch, "chance.py", run=run.run_id)
    hidden = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert "the real one" not in json.dumps(hidden)
    app.toggle(key="reveal").set_value(True).run()
    shown = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert "2: 0.50 the real one" in json.dumps(shown)
    assert "1 of the 1 catalogues without meaning do as well as the real one or better" in said(app)


def test_the_leak_demonstration_shows_each_split_with_the_words_of_the_audit(full_folder, monkeypatch, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    demo = leak_demonstrator.make(folder, n_worlds=3)
    text = said(visit(folder, monkeypatch, "chance.py")).replace("\\", "")
    assert all(sentence in text for sentence in demo.summary["audit"])
    assert set(demo.summary["method"]) == {"random", "grouped", "blocked"}
    assert chance.leak_outcome(demo) in text


def test_what_the_leak_demonstration_shows_is_told_by_its_numbers_and_not_by_heart():
    """The page said that only the random split looks skilful, whatever the worlds had shown."""
    summary = pd.DataFrame(
        {"method": ["random", "grouped", "blocked"], "auc_low": [0.6, 0.51, 0.4], "audit_ok": [False, True, True]}
    )
    demo = leak_demonstrator.Demonstration(summary, pd.DataFrame({"world": [0, 1, 1]}), pd.DataFrame(), "")
    assert chance.leak_outcome(demo) == (
        "In 2 worlds: above chance in nearly all of them random, grouped; found leaking by the audit random."
    )


def test_results_and_verdict_give_one_interval_for_one_score(full_folder, ids):
    for run_id in ids:
        run, found = RunStore(full_folder).open(run_id), assessment.open(full_folder, run_id)
        split = found.document.judged_split
        pooled = run.scores[(run.scores["split"] == split) & (run.scores["station"] == "all")].iloc[0]
        for name in ("auc", "auc_low", "auc_high"):
            assert pooled[name] == pytest.approx(getattr(found.summary, name))


def test_every_page_of_a_run_leads_to_its_configuration_and_the_digests_of_its_inputs(full_folder, ids):
    pages = {page.file: page for page in site.pages(full_folder)}
    for run_id in ids:
        run = RunStore(full_folder).open(run_id)
        html = site.render(pages[f"run-{run_id}.html"])
        assert run.config.id[:12] in html and all(digest in html for digest in run.digests.values())
        assert run.config.id[:12] in site.render(pages[f"judgement-{run_id}.html"])


def test_the_verdict_page_starts_the_runs_own_simulation_as_a_job(full_folder, ids, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda arguments, title: started.append(arguments))
    judged = next(run_id for run_id in ids if assessment.open(full_folder, run_id).document.judged_split == "test")
    app = visit(full_folder, monkeypatch, "verdict.py", run=judged)
    (button,) = [each for each in app.button if each.label == "Simulate it for this run"]
    button.click().run()
    assert started == [["power", judged]]
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    assert "Simulate it for this run" not in [each.label for each in app.run().button]


def test_the_train_page_says_what_a_run_could_find_before_it_is_started(full_folder, monkeypatch, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    (folder / "experiments").mkdir(exist_ok=True)
    (folder / "experiments" / "small.toml").write_text(tomli_w.dumps(full_data.SMALL))
    app = visit(folder, monkeypatch, "train.py")
    app.selectbox(key="preset").set_value("small").run()
    next(button for button in app.button if button.label == "Preview").click().run()
    assert not app.exception
    text = said(app).replace("\\", "")
    config = configs.from_dict(full_data.SMALL)
    could = expected.expected(config, dataset.preview(config, open_source(config, folder)), folder)
    assert could.sentences and all(sentence in text for sentence in could.sentences)
