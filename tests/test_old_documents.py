"""What program 0.1.0 wrote before documents had versions is read; `old_documents` holds files that it made."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core import caveats, files, typed_documents
from core.errors import InputError
from core.judgement import assessment
from core.judgement.explanation import Explanation
from core.reporting import marks, verdict_words
from core.runs.runs import Run

OLD = Path(__file__).parent / "old_documents"


def old(name: str) -> dict:
    return json.loads((OLD / name).read_text(encoding="utf-8"))


@pytest.fixture
def judged(tmp_path) -> Path:
    """A data folder with the assessment of an old run."""
    folder = tmp_path / "assessments" / "small-25ecf8a6"
    folder.mkdir(parents=True)
    shutil.copy(OLD / "assessment.json", folder)
    return tmp_path


def test_an_old_run_has_its_kinds_of_caveats_and_its_marks(tmp_path):
    for name in ("audit.json", "status.json"):
        shutil.copy(OLD / name, tmp_path)
    run = Run("small-random-0efcd65a", tmp_path)
    assert [caveat.kind for caveat in run.caveats] == ["synthetic", "leak", "sequence_divided", "earlier_events"]
    assert marks.of(run.caveats) == ["leak", "earlier events inside", "1 more"]
    assert caveats.as_text(run.caveats)[1:] == [old("audit.json")["sentence"], *old("audit.json")["warnings"]]
    assert run.status.created == "2026-11-30T16:52:50+00:00" and not run.status.dead
    assert run.audit.n_leaking == {"test": 0, "validation": 10}


def test_an_old_assessment_is_read_whole_and_nothing_of_it_is_lost_when_it_is_written_anew(judged):
    found = assessment.open(judged, "small-25ecf8a6")
    assert found is not None
    document = found.document
    assert [caveat.kind for caveat in document.caveats] == [
        "synthetic",
        "splits_near",
        "sequence_divided",
        "earlier_events",
    ]
    assert document.verdict.kind == "null" and not document.verdict.detects
    assert {gate.name for gate in document.verdict.gates if gate.passed} == {
        "leak audit",
        "network alive",
        "same data",
    }
    assert document.summary.auc == 0.5866666666666667 and document.summary.scan_rejected["gap longer than 3 min"] == 68
    assert document.multiple_testing.n_runs == 2 and document.verdict.registration.state == "exploratory"
    again = json.loads(json.dumps(document.to_dict(), allow_nan=False))
    assert again.pop("version") == assessment.VERSION and again.pop("program") == typed_documents.program()
    again["caveats"] = [caveat["sentence"] for caveat in again["caveats"]]
    assert [again["verdict"].pop(new) for new in ("n_clusters", "resolution")] == [None, None]
    before = old("assessment.json")
    assert before.pop("version") == 1 and again == before


def test_an_old_assessment_that_could_not_be_tested_keeps_its_numbers(judged):
    """As 0.1.0 wrote them between the kind `untestable` and the second version of the form."""
    path = judged / "assessments" / "small-25ecf8a6" / "assessment.json"
    room = {
        "n_draws": 999, "n_unlike": 310.0, "n_runs": 16, "most_runs": 15, "smallest_p": 1 / 311,
        "smallest_p_of_best": 0.0502, "leaves_room": False,
    }  # fmt: skip
    stored = old("assessment.json")
    verdict = {**stored["verdict"], "kind": "untestable", "n_clusters": 14, "resolution": room}
    files.replace_json(path, {**stored, "verdict": verdict})
    found = assessment.open(judged, "small-25ecf8a6")
    assert found is not None
    document = found.document
    assert document.verdict.kind == "untestable" and document.verdict.n_clusters == 14
    assert typed_documents.write(document.verdict)["resolution"] == room
    tried = replace(document.multiple_testing, p_best_of_all=0.06, n_runs=16)
    assert verdict_words.in_a_cell(document.verdict, tried) == "cannot be tested: 310 unlike shifts, 16 runs"


def test_an_assessment_of_a_newer_program_is_refused_and_a_damaged_one_is_one_sentence(judged):
    path = judged / "assessments" / "small-25ecf8a6" / "assessment.json"
    files.replace_json(path, {**old("assessment.json"), "version": 9, "program": "3.1"})
    with pytest.raises(InputError, match=r"^The assessment of run small-25ecf8a6 has version 9.*Install version 3\.1"):
        assessment.open(judged, "small-25ecf8a6")
    files.replace_json(path, {**old("assessment.json"), "verdict": {"kind": "null"}})
    with pytest.raises(InputError, match="assessment.json cannot be used .it has no 'headline'.*precursor assess"):
        assessment.open(judged, "small-25ecf8a6")


def test_an_old_explanation_keeps_its_caveats(tmp_path):
    sentence = "Synthetic data: this run says something about the method, nothing about the Earth."
    written = {"version": 1, "created": "2026-11-30T16:52:50+00:00", "words": "", "sentences": []}
    files.replace_json(tmp_path / "explanation.json", {**written, "caveats": [sentence]})
    (caveat,) = Explanation("small-25ecf8a6", "occlusion", tmp_path).caveats
    assert caveat.kind == "synthetic" and caveat.sentence == sentence
