"""What program 0.1.0 wrote before documents had versions is read; `old_documents` holds files that it made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import caveats, files
from core.errors import InputError
from core.judgement import assessment, explanation
from core.judgement.explanation import Explanation
from core.reporting import marks
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


def test_an_old_assessment_keeps_its_numbers_and_its_verdict_no_longer_stands(judged):
    found = assessment.open(judged, "small-25ecf8a6")
    assert found is not None
    document = found.document
    assert [caveat.kind for caveat in document.caveats] == [
        "synthetic",
        "splits_near",
        "sequence_divided",
        "earlier_events",
    ]
    assert document.summary.auc == 0.5866666666666667 and document.summary.scan_rejected["gap longer than 3 min"] == 68
    assert document.outdated and document.verdict is None and document.findings is None
    run = SimpleNamespace(run_id="small-25ecf8a6")
    with pytest.raises(InputError, match="judged by an older version of the program.*precursor assess small-25ecf8a6"):
        assessment.verdict_of(run, found, judged)


def test_an_assessment_of_a_newer_program_is_refused_and_a_damaged_one_is_one_sentence(judged):
    path = judged / "assessments" / "small-25ecf8a6" / "assessment.json"
    files.replace_json(path, {**old("assessment.json"), "version": 9, "program": "3.1"})
    with pytest.raises(InputError, match=r"^The assessment of run small-25ecf8a6 has version 9.*Install version 3\.1"):
        assessment.open(judged, "small-25ecf8a6")
    files.replace_json(path, {**old("assessment.json"), "version": 3, "verdict": {"kind": "null"}})
    with pytest.raises(InputError, match="assessment.json cannot be used .it has no 'findings'.*precursor assess"):
        assessment.open(judged, "small-25ecf8a6")


def test_an_explanation_of_a_newer_program_costs_its_own_method_only(tmp_path):
    folder = tmp_path / "explanations" / "small-25ecf8a6"
    caveat = {"kind": "synthetic", "sentence": "Synthetic data."}
    options = {
        "attribution": {"method": "occlusion", "baseline": "level"},
        "n_windows": 3,
        "window_ids": [7],
        "seed": 5,
    }
    written = {
        "version": 2, "run_id": "small-25ecf8a6", "created": "2026-11-30T16:52:50+00:00", "words": "Occlusion.",
        "sentences": ["A.", "B."], "caveats": [caveat], "options": options, "seeds": ["small-25ecf8a6"],
        "shuffled": {"epochs": 3, "auc": 0.5},
    }  # fmt: skip
    files.replace_json(folder / "occlusion" / "explanation.json", written)
    files.replace_json(folder / "grad_cam" / "explanation.json", {**written, "version": 3, "program": "9.0"})
    (occlusion,) = explanation.stored(tmp_path, "small-25ecf8a6").values()
    assert occlusion.method == "occlusion" and occlusion.document.options.window_ids == (7,)
    assert occlusion.document.options.attribution.baseline == "level" and occlusion.document.shuffled.epochs == 3
    (why,) = explanation.damaged(tmp_path, "small-25ecf8a6").values()
    assert why.startswith("The explanation of run small-25ecf8a6 has version 3") and "Install version 9.0" in why
    files.replace_json(folder / "grad_cam" / "explanation.json", {**written, "options": {"attribution": {"steps": 0}}})
    assert "at least 1 step" in explanation.damaged(tmp_path, "small-25ecf8a6")["grad_cam"]


def test_an_old_explanation_keeps_its_caveats(tmp_path):
    sentence = "Synthetic data: this run says something about the method, nothing about the Earth."
    written = {"version": 1, "created": "2026-11-30T16:52:50+00:00", "words": "", "sentences": []}
    files.replace_json(tmp_path / "explanation.json", {**written, "caveats": [sentence]})
    (caveat,) = Explanation("small-25ecf8a6", "occlusion", tmp_path).caveats
    assert caveat.kind == "synthetic" and caveat.sentence == sentence
