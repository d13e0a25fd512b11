"""Heads of the journals: lines that are gone are noticed against any document that was written beside them."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest

from core import stations, typed_documents
from core.chained_log import Head
from core.errors import InputError
from core.judgement import freeze, tries, verdicts
from core.judgement.freeze import NOT_FROZEN
from core.judgement.journals import journal_heads, witness
from core.judgement.plans import frozen_plan, plan_answers
from core.runs import environment
from support import made_findings
from support.fake_source import FIRST, STATIONS
from support.planned_days import Archive, config_of, note_try, run_of


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)
    monkeypatch.setattr(environment, "code_digest", lambda: "c0de")


@pytest.fixture
def folder(tmp_path):
    """Three tries in the journal, and two assessments that name its head when it held two and three of them."""
    for number in range(3):
        note_try(tmp_path, f"run-{number}", 40, 20, lift=3.0)
        if number:
            note_head(tmp_path, f"run-{number}")
    return tmp_path


def note_head(data_dir, run_id):
    """Of an assessment no more than what it says of the journals."""
    path = data_dir / "assessments" / run_id / "assessment.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    heads = [typed_documents.write(head) for head in journal_heads.now(data_dir)]
    path.write_text(json.dumps({"run_id": run_id, "heads": heads}))


def cut(data_dir, n_left, name="tested.jsonl"):
    """What somebody does who takes the last lines away."""
    path = data_dir / name
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:n_left]))


def family(data_dir, run_id="run-0", registration=NOT_FROZEN):
    tried = tries.read(data_dir).of(run_id, "test") or tries.read(data_dir).of(run_id, "final")
    run = run_of(config_of(), Archive(60), run_id=run_id)
    return verdicts.family_of(run, tried, made_findings.FINDINGS, registration, data_dir)


def test_a_journal_that_only_grew_has_lost_nothing(folder):
    note_try(folder, "run-3", 40, 20)
    assert journal_heads.lost(folder) == () and family(folder).lost == ""


def test_a_journal_whose_end_was_cut_off_is_told_by_any_document(folder):
    cut(folder, 2)
    (lost,) = journal_heads.lost(folder)
    assert lost.head.n_lines == 3
    told = family(folder)
    assert told.lost == lost.sentence and told.sentence.endswith(lost.sentence)
    assert "an assessment names its line 3" in told.lost and "how many runs scored this stretch" in told.lost
    (folder / "assessments" / "run-1" / "assessment.json").unlink()  # it names a line that is still there
    assert journal_heads.lost(folder) == (lost,)


def test_taking_away_one_of_the_documents_does_not_hide_it(folder):
    cut(folder, 1)
    (folder / "assessments" / "run-2" / "assessment.json").unlink()
    assert [each.head.n_lines for each in journal_heads.lost(folder)] == [2]


def test_a_journal_that_was_deleted_and_begun_anew_is_told(folder):
    (folder / "tested.jsonl").unlink()
    assert [each.head.n_lines for each in journal_heads.lost(folder)] == [3, 2]
    for number in range(5):
        note_try(folder, f"other-{number}", 40, 20)
    assert [each.head.n_lines for each in journal_heads.lost(folder)] == [3, 2]


def test_lines_that_were_made_anew_are_not_those_that_were_lost(folder):
    cut(folder, 2)
    note_try(folder, "run-2", 40, 20, lift=1.0)
    assert [each.head.n_lines for each in journal_heads.lost(folder)] == [3]


def test_a_new_document_goes_on_naming_what_is_lost(folder):
    cut(folder, 2)
    note_head(folder, "run-2")  # as whoever judges it anew
    assert [each.head.n_lines for each in journal_heads.lost(folder)] == [3]


def test_a_damaged_document_names_nothing_and_stops_nobody(folder):
    (folder / "assessments" / "run-2" / "assessment.json").write_text("{")
    (folder / "assessments" / "run-1" / "assessment.json").write_text('{"heads": [{"log": 3}]}')
    (folder / "assessments" / ".run-1.lock").write_text("")
    assert journal_heads.lost(folder) == ()


def test_a_folder_of_an_older_version_opens_and_says_that_nobody_can_tell(tmp_path, folder):
    assert journal_heads.unknown(folder) == ""
    for number in (1, 2):
        (folder / "assessments" / f"run-{number}" / "assessment.json").write_text("{}")
    assert family(folder).lost == "" and "no assessment or plan names their ends yet" in journal_heads.unknown(folder)


def test_a_claim_is_not_available_where_tries_are_gone_and_a_null_stays_one():
    lost = journal_heads.Lost("an assessment", Head("tested.jsonl", 57, "0a")).sentence
    paid = dataclasses.replace(made_findings.FAMILY, lost=lost)
    for frozen in (True, False):
        told = made_findings.written(family=paid, frozen=frozen)
        assert told.kind == "explained" and "how many tries it is the best of is not known" in told.headline
        assert lost in next(gate for gate in told.gates if gate.name == "chance").words and lost in told.tries
        assert [gate.name for gate in told.stopped_by] == ["chance"]
    assert made_findings.written(family=made_findings.FAMILY).kind == "detects"
    worse = dataclasses.replace(paid, p_family=0.4)
    assert made_findings.written(family=worse).kind == "null"


def test_plans_name_the_heads_and_none_is_frozen_for_the_past_of_a_cut_journal(folder):
    plan = freeze.freeze(config_of(), Archive(60), folder / "other")
    assert plan.heads == ()
    note_try(folder / "other", "far-1", 200, 20, at=[FIRST + pd.Timedelta(days=205)])
    config = config_of(test_fraction=0.3)
    later = freeze.freeze(config, Archive(60), folder / "other")
    digest = json.loads((folder / "other" / "tested.jsonl").read_text())["digest"]
    assert journal_heads.of_tries(later.heads).n_lines == 1
    assert f"had 1 line with the digest {digest}. Note that outside" in witness.to_be_noted(later)
    assert "names no line" in witness.to_be_noted(plan)
    (folder / "other" / "tested.jsonl").unlink()
    with pytest.raises(InputError, match=r"Lines of data/tested.jsonl are gone: a frozen plan names its line 1"):
        freeze.freeze(config_of(test_fraction=0.25), Archive(60), folder / "other")


def test_answers_that_were_cut_off_are_told_as_tries_are(tmp_path):
    plan = freeze.freeze(config_of(), Archive(80), tmp_path)
    note_try(tmp_path, "plan-11111111", 60, 20)
    freeze.answer(run_of(plan.config, Archive(80)), "test", tmp_path)
    note_head(tmp_path, "plan-11111111")
    assert plan_answers.first(plan.frozen_id, tmp_path) is not None and journal_heads.lost(tmp_path) == ()
    cut(tmp_path, 0, "frozen/answers.jsonl")
    (lost,) = journal_heads.lost(tmp_path)
    assert "which plans were answered before" in lost.sentence and "data/frozen/answers.jsonl" in lost.sentence
    cut(tmp_path, 0, "frozen/journal.jsonl")
    assert len(journal_heads.lost(tmp_path)) == 2 and frozen_plan.frozen(tmp_path) == []


def test_documents_are_read_once_as_long_as_nobody_changes_them(folder, monkeypatch):
    assert journal_heads.lost(folder) == ()
    monkeypatch.setattr(journal_heads.documents, "read_json", lambda path: pytest.fail("read again"))
    again = {name: lambda data_dir: pytest.fail("read again") for name in journal_heads.JOURNALS}
    monkeypatch.setattr(journal_heads, "JOURNALS", again)
    assert journal_heads.lost(folder) == ()
