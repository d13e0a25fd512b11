"""The verdict: what may be said when, and that a null is said as loudly as anything else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import typed_documents
from core.caveats import Caveat, CaveatKind
from core.evaluation import multiple_testing, significance
from core.evaluation.multiple_testing import MultipleTesting
from core.evaluation.resolution import Resolution
from core.judgement import refit, verdict
from core.judgement.final_block import BlockState, FinalBlock
from core.judgement.freeze import NOT_FROZEN, Registration, RegistrationState
from core.judgement.summary import Summary
from core.labelling.audit import Audit
from core.reporting import verdict_words
from core.runs.status import Status

FROZEN = Registration(RegistrationState.PRE_REGISTERED, "Frozen before the run.")
NULL_SUMMARY = {
    "auc": 0.51, "auc_low": 0.42, "auc_high": 0.60, "ass": 0.52, "ass_low": 0.44, "ass_high": 0.59,
    "n_events": 60, "n_clusters": 37,
}  # fmt: skip
STRONG_SUMMARY = NULL_SUMMARY | {
    "auc": 0.9,
    "auc_low": 0.85,
    "auc_high": 0.95,
    "ass": 0.88,
    "ass_low": 0.82,
    "ass_high": 0.93,
}


def inputs(summary=STRONG_SUMMARY, p=0.003, margin=0.2, shifted=0.7, ok=True, dead=False, synthetic=False, frozen=True):
    """Everything passes, unless an argument says otherwise."""
    test = {
        "test": "circular shift", "statistic": "area skill score", "observed": 0.88, "null_mean": 0.5,
        "null_low": 0.4, "null_high": 0.6, "n_null": 999, "p": p, "sentence": "The judged period is too short.",
    }  # fmt: skip
    moved = {
        "shift_days": [0.0, 1.0],
        "auc": [0.9, shifted + 0.05],
        "auc_low": [0.85, shifted],
        "auc_high": [0.95, 0.9],
        "n": [60, 50],
    }
    card = {
        "model": ["network", "best_confounder"], "kind": ["network", "confounder"],
        "words": ["", "chosen on validation"], "auc": [0.9, 0.6],
        "difference": [None, margin + 0.1], "difference_low": [None, margin], "difference_high": [None, margin + 0.2],
    }  # fmt: skip
    return {
        "summary": Summary(100, 50, 0.5, **summary),
        "scorecard": pd.DataFrame(card),
        "tests": pd.DataFrame([test]),
        "window_shift": pd.DataFrame(moved),
        "audit": Audit(ok, "No leak: windows share nothing." if ok else "Leak: 3 of 9 windows share."),
        "tried": MultipleTesting(n_runs=3, p_best_of_all=p, sentence="3 runs were trained in this store."),
        "status": Status("2026-01-01", 1.0, synthetic, "archive", "", dead, "The network is dead."),
        "registration": FROZEN if frozen else NOT_FROZEN,
        "final": FinalBlock(BlockState.NONE, "No final block was set aside for this run."),
        "room": Resolution(0 if p is None else 999, n_runs=3),
    }


def test_a_run_that_passes_every_gate_detects():
    found = verdict.write(**inputs())
    assert found.detects and found.kind == "detects"
    assert found.headline.startswith("The network detects a change before target events: area skill score 0.88")
    assert all(gate.passed for gate in found.gates)
    assert [gate.name for gate in found.gates] == [
        "adjusted p", "interval", "window shift", "confounder margin", "leak audit", "network alive",
        "same data",
    ]  # fmt: skip
    stored = json.loads(json.dumps(typed_documents.write(found), allow_nan=False))
    assert typed_documents.read(verdict.Verdict, stored) == found


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"p": 0.2}, "adjusted p"),
        ({"p": None}, "adjusted p"),
        ({"summary": STRONG_SUMMARY | {"auc_low": 0.49}}, "interval"),
        ({"summary": STRONG_SUMMARY | {"auc_low": None}}, "interval"),
        ({"shifted": 0.45}, "window shift"),
        ({"margin": -0.01}, "confounder margin"),
        ({"margin": float("nan")}, "confounder margin"),
        ({"ok": False}, "leak audit"),
        ({"dead": True}, "network alive"),
        ({"summary": STRONG_SUMMARY | {"data_changed": True}}, "same data"),
    ],
)
def test_one_gate_that_fails_takes_the_word_away(change, gate):
    found = verdict.write(**inputs(**change))
    assert not found.detects
    assert [g.name for g in found.gates if not g.passed] == [gate]
    for text in (found.headline, found.paragraph):
        assert "detects" not in text
    if gate not in ("adjusted p", "interval"):
        assert "Better than chance, but no finding" in found.headline and gate in found.headline


def test_a_null_has_the_same_weight_and_does_not_promise_what_it_could_have_seen():
    null = verdict.write(**inputs(NULL_SUMMARY, p=0.4, margin=-0.1, shifted=0.4))
    strong = verdict.write(**inputs())
    assert null.kind == "null"
    assert null.headline == (
        "No skill above chance could be shown: area skill score 0.52 [0.44, 0.59], p = 0.4 as the best of 3 runs "
        "on these data, 37 independent events."
    )
    assert null.could_have_seen == "What this run could have seen is not known yet."
    assert "stood out" not in null.paragraph and verdict_words.answer(null) == (
        "None shown. 37 independent events were judged."
    )
    assert null.could_have_seen in null.paragraph
    assert 0.8 < len(null.paragraph) / len(strong.paragraph) < 1.2


@pytest.mark.parametrize(
    ("n_same", "n_other", "cell"),
    [
        (1, 13, "detects"),
        (5, 9, "detects"),  # 1 - 0.991^5 = 0.044
        (6, 8, "no skill shown: p 0.053 as the best of 6 runs"),  # 1 - 0.991^6 = 0.0528
        (14, 0, "no skill shown: p 0.12 as the best of 14 runs"),  # 1 - 0.991^14 = 0.1189
    ],
)
def test_a_cell_says_detects_or_why_not_and_runs_on_other_data_change_nothing(tmp_path, n_same, n_other, cell):
    for k in range(n_same + n_other):
        data = "world A" if k < n_same else "world B"
        multiple_testing.note_trained(tmp_path, f"run{k}", "run", True, 0.97, 0.93, 1.0, data)
    multiple_testing.note_judged(tmp_path, "run0", True, 0.9, 0.009, data="world A")
    tried = multiple_testing.ledger(tmp_path, "run0")
    said = verdict.write(**{**inputs(synthetic=True), "tried": tried})
    assert verdict_words.in_a_cell(said, tried) == cell


@pytest.mark.parametrize(
    ("change", "n_runs", "cell"),
    [
        ({"p": 0.2}, 1, "no skill shown: p 0.2"),
        ({"p": None}, 9, "cannot be tested: no p value"),
        ({"summary": STRONG_SUMMARY | {"auc_low": 0.49}}, 9, "no skill shown: no interval of the AUC above 0.5"),
        ({"summary": STRONG_SUMMARY | {"auc_low": None}}, 9, "no skill shown: no interval of the AUC above 0.5"),
        ({"margin": -0.01}, 9, "above chance, no finding"),
    ],
)
def test_a_null_says_in_its_cell_which_test_it_failed(change, n_runs, cell):
    given = inputs(**change)
    tried = replace(given["tried"], n_runs=n_runs)
    assert verdict_words.in_a_cell(verdict.write(**{**given, "tried": tried}), tried) == cell


@pytest.mark.parametrize(("kind", "auc", "detects"), [("confounder", 0.9, False), ("baseline", 0.95, True)])
def test_a_confounder_that_was_not_chosen_may_not_do_as_well_as_the_network(kind, auc, detects):
    changed = inputs()
    rival = {"model": "kp", "kind": kind, "words": "Kp", "auc": auc, "difference": 0.9 - auc}
    changed["scorecard"] = pd.concat([changed["scorecard"], pd.DataFrame([rival])])
    found = verdict.write(**changed)
    assert found.detects is detects
    assert ("does no better than kp" in found.paragraph) is not detects
    if not detects:
        assert [g.name for g in found.gates if not g.passed] == ["confounder margin"]


@pytest.mark.parametrize("change", [{"p": 0.2}, {"summary": STRONG_SUMMARY | {"auc_low": 0.49}}])
def test_where_one_of_the_two_tests_of_chance_passes_it_is_a_null_that_does_not_claim_the_absence_of_skill(change):
    found = verdict.write(**inputs(**change))
    assert found.kind == "null" and found.headline.startswith("No skill above chance could be shown: ")


def test_made_up_data_are_said_first_and_so_is_what_was_not_declared():
    assert verdict.write(**inputs(synthetic=True)).headline.startswith("Synthetic data. The network detects")
    found = verdict.write(**inputs(synthetic=True, frozen=False))
    assert found.headline.startswith("Synthetic data. Exploratory. The network detects")
    assert found.exploratory and found.detects
    assert "this configuration was not frozen before the run" in found.paragraph
    assert not verdict.write(**inputs()).exploratory
    assert "Frozen before the run." in verdict.write(**inputs()).paragraph


def test_a_period_too_short_for_a_p_value_is_a_sentence_and_no_claim():
    found = verdict.write(**inputs(p=None))
    assert "no p value" not in found.headline and found.kind == "untestable"
    few = verdict.write(**inputs(NULL_SUMMARY, p=None))
    assert few.headline.startswith("Skill cannot be tested. ") and few.kind == "untestable"
    assert "The judged period is too short." in found.paragraph
    assert any("too short" in sentence for sentence in found.not_tested)


def test_a_run_without_a_score_is_not_judged():
    found = verdict.write(**inputs({}, p=None))
    assert found.kind == "unjudged" and "cannot be judged" in found.headline
    assert found.could_have_seen == "What this run could have seen is not known yet."


@pytest.mark.parametrize(
    "text",
    [
        "The network detects a change.",
        "A precursor was detected in Italy.",
        "A significant result.",
        "This is evidence of a change.",
        "Detection of anomalies",
        "We discovered something.",
    ],
)
def test_claims_need_all_gates(text):
    with pytest.raises(verdict.ClaimError, match="not every gate passes"):
        verdict.lint(text, detects=False)
    assert verdict.lint(text, detects=True) == text


@pytest.mark.parametrize(
    "text", ["No skill above chance.", "There is no effect.", "no precursors", "Nothing was found."]
)
def test_the_absence_of_skill_is_not_claimed_where_none_could_be_tested(text):
    with pytest.raises(verdict.ClaimError, match="nothing could be tested"):
        verdict.lint(text, detects=False, testable=False)
    assert verdict.lint(text, detects=False) == text


@pytest.mark.parametrize(
    "text", ["It predicts earthquakes.", "The proof is here.", "This confirms it.", "a prediction"]
)
def test_some_words_no_gate_allows(text):
    for detects in (True, False):
        with pytest.raises(verdict.ClaimError, match="no gate allows it"):
            verdict.lint(text, detects)


def test_plain_sentences_are_left_alone():
    plain = "Detectability limits of 200 km; no skill above chance; the uncertainty is 0.1."
    assert verdict.lint(plain, detects=False) == plain


def test_what_the_diagnosis_says_of_a_dead_network_can_be_printed():
    from core.training import diagnosis

    epochs = pd.DataFrame({"epoch": [1, 2], "active_units": 0, "output_sd": 0.0, "validation_accuracy": 0.5})
    sentence = diagnosis.diagnose(epochs, 64)["sentence"]
    changed = inputs(dead=True)
    changed["status"] = replace(changed["status"], dead_sentence=sentence)
    assert sentence in verdict.write(**changed).paragraph


def test_a_divided_sequence_and_equal_ulf_statistics_are_said_beside_the_gate_that_they_concern():
    given = inputs()
    divided = "Aftershocks of 2016-10-03 stand in train and test, their windows 40 days apart."
    other = Caveat(CaveatKind.OTHER, "The sequence of something else.")
    given["audit"] = replace(given["audit"], warnings=(other, Caveat(CaveatKind.SEQUENCE_DIVIDED, divided)))
    ulf = {"model": "ulf", "kind": "baseline", "words": "classical", "auc": 0.93}
    given["scorecard"] = pd.concat([given["scorecard"], pd.DataFrame([ulf])], ignore_index=True)
    found = verdict.write(**given)
    words = {gate.name: gate.words for gate in found.gates}
    assert words["leak audit"].endswith(divided) and "something else" not in words["leak audit"]
    assert words["confounder margin"].endswith("Classical ULF statistics of the same windows do as well (AUC 0.93).")
    assert found.detects and divided in found.paragraph


@pytest.mark.parametrize("name", ["detection-1", "evidence-of-skill", "predicts-all"])
def test_what_somebody_called_a_run_or_what_is_stored_is_no_claim_of_the_program(name):
    given = inputs(NULL_SUMMARY, p=0.4)
    given["tried"] = replace(given["tried"], sentence=f"p = 0.2 of run {name} becomes 0.4 as the best of 3 runs.")
    given["audit"] = replace(given["audit"], sentence="No leak; that is certain.")
    given["registration"] = replace(given["registration"], words=f"Pre-registered: frozen as {name}-0123abcd.")
    found = verdict.write(**given)
    assert name in found.paragraph and "that is certain" in found.paragraph and found.kind == "null"


def test_whether_a_network_was_trained_on_shifted_catalogues_follows_from_the_test_and_not_from_its_sentence():
    given, untrained = inputs(), "no network was trained on them"
    given["tests"]["sentence"] = "No network was trained again."
    assert any(untrained in sentence for sentence in verdict.write(**given).not_tested)
    again = significance.judged(refit.TEST, significance.AUC, 0.6, np.linspace(0.4, 0.6, 99))
    given["tests"] = pd.concat([given["tests"], pd.DataFrame([again])], ignore_index=True)
    assert not any(untrained in sentence for sentence in verdict.write(**given).not_tested)
