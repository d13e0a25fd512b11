"""What a reader sees who comes for the first time: answers in words, caveats that are short and never hidden."""

import html
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from core.caveats import as_text
from core.errors import InputError
from core.evaluation import tested_runs
from core.judgement import assessment, null_gallery
from core.judgement.verdict import VerdictKind
from core.reporting import glossary, sentences, site, verdict_words
from core.reporting.pages import chance
from core.reporting.pages.run import run_file
from core.runs import sources
from core.runs.runs import RunStore
from core.studies import leak_demonstrator
from dashboard import jobs
from support.page_texts import said, visit


@pytest.fixture(scope="module")
def leaking(full_folder):
    return next(run_id for run_id in RunStore(full_folder).ids() if run_id.startswith("small-random"))


@pytest.mark.parametrize("view", ["results.py", "evaluation.py", "significance.py", "forecast.py", "chance.py"])
def test_caveats_are_one_line_that_names_the_leak_and_opens_to_every_sentence(full_folder, leaking, monkeypatch, view):
    app = visit(full_folder, monkeypatch, view, run=leaking)
    (folded,) = [each for each in app.expander if "to keep in mind" in each.label]
    assert "leak" in folded.label and not folded.proto.expanded
    inside = "\n".join(str(element.value) for element in folded.markdown)
    told = as_text(RunStore(full_folder).open(leaking).caveats)
    assert len(told) > 1 and all(sentences.plain(sentence) in inside for sentence in told)
    assert not any("Leak:" in str(warning.value) for warning in app.warning)


@pytest.mark.parametrize("view", ["audit.py", "verdict.py"])
def test_the_verdict_and_the_audit_say_every_caveat_in_full(full_folder, leaking, monkeypatch, view):
    shown = "\n".join(str(warning.value) for warning in visit(full_folder, monkeypatch, view, run=leaking).warning)
    assert all(sentences.plain(sentence) in shown for sentence in as_text(RunStore(full_folder).open(leaking).caveats))


def judged(folder):
    store = RunStore(folder)
    found = {run_id: assessment.open(folder, run_id) for run_id in store.ids()}
    return {run_id: assessment.verdict_of(store.open(run_id), one, folder) for run_id, one in found.items()}


def test_home_and_the_site_state_the_verdict_of_each_run(full_folder, monkeypatch):
    expected = {run_id: verdict_words.in_a_cell(now) for run_id, now in judged(full_folder).items()}
    for view in ("home.py", "compare.py"):
        table = visit(full_folder, monkeypatch, view).dataframe[0].value.set_index("run_id")["verdict"]
        assert table.to_dict() == expected
    index = next(page for page in site.pages(full_folder) if page.file == "index.html")
    rows = {row[0].text: row[1] for row in index.content["runs"].rows}
    assert {run_id: cell.text for run_id, cell in rows.items()} == expected
    assert all(cell.href == f"judgement-{run_id}.html" for run_id, cell in rows.items())


def test_the_site_says_no_caveat_twice_on_its_first_page(full_folder):
    index = next(page for page in site.pages(full_folder) if page.file == "index.html")
    told = " ".join(text for _, text in index.content["caveats"])
    store = RunStore(full_folder)
    every = {line for run_id in store.ids() for line in as_text(store.open(run_id).caveats)}
    assert every and all(told.count(line) == 1 for line in every)
    assert "leak" in index.content["in_mind"]


def test_the_verdict_page_begins_with_a_plain_answer(full_folder, monkeypatch):
    for run_id, now in judged(full_folder).items():
        app = visit(full_folder, monkeypatch, "verdict.py", run=run_id)
        answer = sentences.plain(verdict_words.answer(now))
        assert app.header[0].value == (answer if now.is_result else f":gray[{answer}]")


def test_every_kind_of_verdict_has_its_answer_and_its_cell(full_folder):
    verdict = next(iter(judged(full_folder).values()))
    cells = {verdict_words.in_a_cell(replace(verdict, kind=kind)) for kind in VerdictKind}
    assert len(cells) == len(VerdictKind) == len(set(verdict_words.VERDICTS.values()))


def test_where_many_older_runs_leave_no_room_every_page_says_so_and_none_says_no_skill(
    full_folder, monkeypatch, tmp_path
):
    """Runs that an older version noted kept no normal scores: each costs one more p."""
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    run = next(run for run in map(RunStore(folder).open, RunStore(folder).ids()) if run.config.name == "small-random")
    for k in range(40):
        key = sources.data_key(run.config)
        line = tested_runs.of_training(f"deleted-{k}", "deleted", True, 0.5, 0.4, 0.6, key)
        tested_runs.note_trained(folder, line)
    now = assessment.verdict_of(run, assessment.open(folder, run.run_id), folder)
    assert now.family.n_unknown == 40 and now.kind in ("untestable", "broken", "null")
    cell = verdict_words.in_a_cell(now)
    for view in ("home.py", "compare.py"):
        table = visit(folder, monkeypatch, view).dataframe[0].value.set_index("run_id")["verdict"]
        assert table[run.run_id] == cell
    pages = {page.file: page for page in site.pages(folder)}
    assert cell in site.render(pages["index.html"])


def test_where_no_p_value_exists_the_sentence_stands_once_and_no_empty_chart(full_folder, monkeypatch):
    run_id = RunStore(full_folder).ids()[0]
    tests = assessment.open(full_folder, run_id).table("significance")
    app = visit(full_folder, monkeypatch, "significance.py", run=run_id)
    for test in tests["test"].unique():
        app.segmented_control(key="test").set_value(test).run()
        mine = tests[tests["test"] == test]
        n_hills = sum("catalogues without meaning" in str(chart.proto.spec) for chart in app.get("plotly_chart"))
        if mine["p"].isna().all():
            assert sum(sentences.plain(mine["sentence"].iloc[0]) in str(info.value) for info in app.info) == 1
            assert n_hills == 0
        else:
            assert n_hills == len(mine)
    assert "AUC of the scan" in set(app.dataframe[0].value["statistic"]) and tests["p"].isna().any()


def test_a_gallery_that_cannot_be_made_says_why_in_place_of_a_button(full_folder, monkeypatch, tmp_path):
    run_id = RunStore(full_folder).ids()[0]
    run, found = RunStore(full_folder).open(run_id), assessment.open(full_folder, run_id)
    why_not = null_gallery.refusal(run, found)
    with pytest.raises(InputError, match="Nor is there a gallery"):
        null_gallery.make(run, found, tmp_path)
    app = visit(full_folder, monkeypatch, "chance.py", run=run_id)
    assert sentences.plain(why_not) in said(app) and why_not
    assert not any("gallery" in button.label for button in app.button)


def test_the_leak_demonstration_prints_the_spread_and_says_what_is_wrong_with_grouped(
    full_folder, monkeypatch, tmp_path
):
    folder = tmp_path / "data"
    shutil.copytree(full_folder, folder)
    made = leak_demonstrator.make(folder, n_worlds=3)
    text = said(visit(folder, monkeypatch, "chance.py"))
    for row in made.summary.to_dict("records"):
        assert f"AUC {row['auc']:.2f}, in most worlds {row['auc_low']:.2f} to {row['auc_high']:.2f}" in text
    assert "above chance in nearly all of them random" in text


def test_the_site_shows_how_chance_looks_and_folds_the_answer_away(full_folder, tmp_path):
    demo = leak_demonstrator.make(tmp_path, n_worlds=2)
    items = pd.DataFrame({"item": [0, 1], "real": [False, True], "shift_days": [40.0, 0.0], "ass": [0.6, 0.5]})
    curves = pd.DataFrame({"item": [0, 0, 1, 1], "tau": [0.0, 1, 0, 1], "nu": [1.0, 0, 1, 0]})
    made = null_gallery.Gallery(items, curves, pd.DataFrame(), null_gallery.Document("small-1", True, 1, 0, ""))
    html = site.render(chance.page({"small-1": made}, demo))
    question, answer = html.split("<details><summary>Show the real one</summary>")
    assert "the real one" not in question.split('id="gallery-small-1-question"')[1].lower()
    assert "1 of the 1 catalogues without meaning do as well" in answer and "2: 0.50 the real one" in answer
    for row in demo.summary.to_dict("records"):
        assert f"{row['auc_low']:.2f} to {row['auc_high']:.2f}" in html and row["audit"].replace("'", "&#39;") in html
    nothing = site.render(chance.page({}, None))
    assert "precursor null-gallery" in nothing and "precursor leak-demo" in nothing


def test_the_audit_says_how_well_the_date_alone_tells_the_classes_apart(full_folder, monkeypatch):
    run = RunStore(full_folder).open(RunStore(full_folder).ids()[0])
    kept = run.windows[(run.windows["rejected"] == "") & (run.windows["label"] >= 0)]
    late, early = (kept.loc[kept["label"] == label, "start"].to_numpy() for label in (1, 0))
    pairs = (late[:, None] > early[None]).mean() + 0.5 * (late[:, None] == early[None]).mean()
    text = said(visit(full_folder, monkeypatch, "audit.py", run=run.run_id))
    assert f"tells the classes apart with AUC **{pairs:.2f}**" in text


def test_a_learning_curve_is_started_with_ten_repeats_and_the_epochs_of_its_configuration(full_folder, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda command, title: started.append(command))
    app = visit(full_folder, monkeypatch, "learning_curves.py")
    next(button for button in app.button if button.label == "Start").click().run()
    ((verb, _, *options),) = started
    assert (verb, options) == ("learning-curve", ["--repeats", "10"])


@pytest.mark.parametrize(
    "term", ["area skill", "confounder", "gate", "independent event", "p value", "circular shift", "dead network"]
)
def test_the_words_of_the_verdict_stand_in_the_glossary_in_the_order_of_the_alphabet(term):
    assert term in glossary.TERMS
    assert list(glossary.TERMS) == sorted(glossary.TERMS, key=str.lower)


def test_a_run_begins_with_its_verdict_and_not_with_what_its_auc_looks_like(full_folder, monkeypatch):
    pages = {page.file: page for page in site.pages(full_folder)}
    told = judged(full_folder)
    for run_id, now in told.items():
        written = re.search(r'<p class="lead">(.*?)</p>', site.render(pages[run_file(run_id)]))
        assert html.unescape(written[1]) == now.headline
        text = "\n".join(str(each.value) for each in visit(full_folder, monkeypatch, "results.py", run=run_id).markdown)
        assert sentences.plain(now.headline) in text
        if not now.is_result:
            assert "no skill" not in (written[1] + text).lower()


def test_a_run_that_was_not_assessed_claims_nothing(full_folder, data_folder, monkeypatch):
    shutil.copytree(full_folder, data_folder, dirs_exist_ok=True)
    shutil.rmtree(data_folder / "assessments")
    pages = {page.file: page for page in site.pages(data_folder)}
    for run_id in RunStore(data_folder).ids():
        lead = re.search(r'<p class="lead">(.*?)</p>', site.render(pages[run_file(run_id)]))[1]
        text = "\n".join(str(each.value) for each in visit(data_folder, monkeypatch, "results.py", run=run_id).markdown)
        for told in (lead, text):
            assert "not judged yet" in told and "no skill" not in told.lower()
