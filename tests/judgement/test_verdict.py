"""The verdict: what may be said when, and that a null is said as loudly as anything else."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from core import typed_documents
from core.caveats import Caveat, CaveatKind
from core.evaluation.clocks.onset import OnsetKind
from core.evaluation.rivals.added_skill import Lacking
from core.judgement import verdict
from core.judgement.findings import Classical, Findings, Lead, OtherCatalogue
from core.judgement.gates import Gate, GateName
from core.judgement.verdict import VerdictKind
from core.labelling.audit import Audit
from core.reporting import verdict_words
from core.vocabulary import Checked
from support.made_findings import FAMILY, findings, written

NOT_CHECKED = {"kind": Checked.NOT_CHECKED, "p": None}
DIVIDED = Caveat(CaveatKind.SEQUENCE_DIVIDED, "The sequence of magnitude 6 does reach over several splits.")


def test_only_a_plan_that_was_frozen_before_detects_and_all_else_is_a_candidate():
    assert written().kind == "detects"
    exploratory = written(frozen=False)
    assert exploratory.kind == "candidate" and exploratory.exploratory
    assert exploratory.headline.startswith("A candidate, not a finding.")
    assert written(synthetic=True).kind == "detects"  # no gate makes an exception for made-up data
    assert written(synthetic=True, frozen=False).kind == "candidate"


def test_a_verdict_is_a_document_that_reads_back():
    stored = json.loads(json.dumps(typed_documents.write(written()), allow_nan=False))
    assert typed_documents.read(verdict.Verdict, stored) == written()


@pytest.mark.parametrize(
    ("change", "gate", "fault"),
    [
        ({"audit": Audit(False, "Leak: 3 of 9 windows share.", n_copied_hours=0)}, "no leak", "leak"),
        ({"audit": Audit(True, "No leak.", n_copied_hours=7)}, "no copied hours", "copied hours"),
        ({"dead": True}, "network alive", "network dead"),
        ({"found": findings(data_changed=True)}, "data unchanged", "data changed"),
        ({"found": findings(onset={"kind": OnsetKind.LATE, "lag_hours": -3.0})}, "clocks", "clocks disagree"),
        (
            {"found": findings(station_clock={"kind": Checked.FAILED, "n_off": 3, "lag_minutes": 60.0})},
            "clocks",
            "clocks disagree",
        ),
    ],
)
def test_what_breaks_a_run_leaves_no_result_whatever_its_score(change, gate, fault):
    found = written(**change)
    assert found.kind == "broken" and not found.is_result
    assert [each.name for each in found.gates if each.state == Checked.FAILED] == [gate]
    assert found.headline.startswith("No result.") and "say nothing about earthquakes" in found.headline
    assert verdict_words.in_a_cell(found) == f"no result: {fault}"


@pytest.mark.parametrize("name", list(GateName))
def test_every_gate_says_what_is_the_matter_and_not_the_reverse(name):
    gate = Gate(name, Checked.FAILED, "", "", "")
    assert gate.fault and not gate.fault.startswith(("no ", "neither"))
    assert gate.fault not in ("network alive", "data unchanged", "sequences whole")


@pytest.mark.parametrize("name", list(GateName))
def test_a_gate_that_was_not_checked_is_named_by_its_question_and_answers_it_neither_way(name):
    gate = Gate(name, Checked.NOT_CHECKED, "", "", "")
    assert gate.fault == f"{gate.question} not checked"
    assert not gate.question.startswith(("no ", "not ", "neither"))
    assert not {"alive", "dead", "unchanged", "changed", "disagree", "whole", "divided"} & set(gate.question.split())


def test_what_could_not_be_looked_at_is_named_without_its_reverse():
    unknown = written(
        found=findings(foreshocks={"kind": Checked.NOT_CHECKED, "p": None}), audit=Audit(True, "No leak."), frozen=False
    )
    assert verdict_words.in_a_cell(unknown) == (
        "explained otherwise: copied hours not checked, foreshocks or the shock not checked"
    )
    assert "(copied hours, foreshocks or the shock)" in unknown.headline
    assert unknown.not_tested[0] == "Copied hours: Copied hours of the record were not looked for."


def test_clocks_and_specificity_that_nobody_could_check_are_not_said_to_have_failed():
    onset = {"kind": OnsetKind.NOT_CHECKED, "lag_hours": None}
    found = findings(onset=onset, strict=NOT_CHECKED, specificity={"n_places": 0, "p": None})
    unknown = written(found=found, frozen=False)
    names = [sentence.split(":")[0] for sentence in unknown.not_tested]
    assert "Clocks" in names and "Specificity" in names
    assert not {"Clocks disagree", "Not specific"} & set(names)


def test_what_the_confounders_lacked_is_a_cause_that_is_known():
    scarce = findings(confounders={"kind": Checked.NOT_CHECKED, "low": None, "lacking": Lacking.JUDGED})
    stored = json.loads(json.dumps(typed_documents.write(scarce), allow_nan=False))
    assert typed_documents.read(Findings, stored) == scarce
    stored["confounders"]["lacking"] = "patience"
    with pytest.raises(ValueError, match="lacking"):
        typed_documents.read(Findings, stored)


def test_where_the_best_scores_could_not_pass_nothing_is_said_of_skill():
    found = written(family=replace(FAMILY, p_family=0.3, smallest_p_family=0.2))
    assert found.kind == "untestable" and not found.is_result
    assert found.headline.startswith("Cannot be told with 24 independent earthquakes.")
    assert "none shown" not in found.paragraph.lower() and found.could_have_seen == ""
    assert verdict_words.in_a_cell(found) == "cannot be told: 24 independent events"


def test_where_only_the_tries_leave_no_room_the_stretch_is_not_blamed():
    tried = replace(FAMILY, p_family=0.3, smallest_p_family=0.2, n_runs=41, n_unknown=40)
    found = written(family=tried)
    assert found.headline.startswith("Cannot be told after so many tries.")
    assert "as one of 41 runs that scored this stretch of time" in found.headline
    planned = written(family=replace(tried, plans=("plan-1",), n_runs=1))
    assert planned.headline.startswith("Cannot be told after so many tries.")
    assert "as one of 41 plans and deleted runs for this stretch of time" in planned.headline
    assert any("p = 0.2 as one of 41 plans and deleted runs" in gate.words for gate in planned.gates)
    short = written(family=replace(FAMILY, p_smallest=0.2, p_family=0.3, smallest_p_family=0.2))
    assert "could not have stood out from chance in this stretch of time" in short.headline


def test_no_event_is_a_kind_and_a_sentence():
    empty = {"n_targets": 0, "n_clusters": 0, "skill": None, "band_low": None, "band_high": None}
    found = written(findings(primary=empty), family=None)
    assert found.kind == "untestable" and found.headline.startswith("Cannot be told: no earthquake.")


def test_a_null_has_the_same_weight_and_does_not_promise_what_it_could_have_seen():
    null = written(findings(primary={"skill": 0.52, "p": 0.4}), replace(FAMILY, p=0.4, p_family=0.4, n_runs=3))
    assert null.kind == "null"
    assert null.headline == (
        "No precursor shown. Before 24 independent earthquakes the network's number stood higher than at 52 % of other "
        "times (by chance mostly 39 to 61 %), and luck alone does as well 4 times in 10. What a run like this would "
        "have seen has not been measured yet."
    )
    assert 0.7 < len(null.paragraph) / len(written().paragraph) < 1.3
    assert verdict_words.in_a_cell(null) == "no precursor shown: p 0.4 as the best of 3 runs"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"found": findings(foreshocks={"kind": Checked.FAILED, "p": 0.3})}, "may come from foreshocks"),
        ({"found": findings(foreshocks=NOT_CHECKED)}, "could not be checked"),
        ({"found": findings(confounders={"kind": Checked.FAILED, "low": -0.02})}, "may come from the season"),
        ({"found": findings(confounders={"kind": Checked.NOT_CHECKED, "low": None})}, "could not be checked"),
        ({"found": findings(specificity={"p": 0.6})}, "far earthquakes equally well"),
        ({"audit": Audit(True, "No leak.", n_copied_hours=0, warnings=(DIVIDED,))}, "may come from a sequence"),
        ({"audit": Audit(True, "No leak.")}, "could not be checked"),  # an old audit did not look for copied hours
        ({"found": findings(primary={"split": "validation"})}, "chosen on these very windows"),
    ],
)
def test_what_explains_a_score_or_could_not_be_looked_at_is_named_in_the_headline(change, words):
    for frozen in (True, False):
        found = written(**change, frozen=frozen)
        assert found.kind == "explained" and found.headline.startswith("Not a finding.")
        assert words in found.headline


def test_a_plan_whose_week_could_not_be_checked_is_a_candidate_at_best():
    found = written(findings(primary={"whole_days": 1}))
    assert found.kind == "candidate" and "too short to tell a habit of the week" in found.headline


def of_gate(found, name):
    return next(gate for gate in found.gates if gate.name == name)


UNKNOWN_TIMES = {"onset": {"kind": OnsetKind.NONE, "lag_hours": None}}
WRONG_FOR_SOME = {"timed": {"kind": Checked.FAILED, "p": 0.4}}  # the record confirms the stack, not what carries it


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("unsure", [UNKNOWN_TIMES, WRONG_FOR_SOME])
@pytest.mark.parametrize(
    ("strict", "words"),
    [
        ({"kind": Checked.FAILED, "p": 0.2}, "the shaking itself, where listed times are late by hours"),
        ({"p": 0.03}, "the shaking itself, where listed times are late by hours"),
        (NOT_CHECKED, "could not be checked whether other things explain it (late times)"),
    ],
)
def test_times_that_nothing_confirms_carry_no_claim_of_the_last_day(unsure, strict, words, frozen):
    """Unlike errors of the times pass for a precursor of hours: such a claim was a candidate."""
    found = written(findings(**unsure, strict=strict), frozen=frozen)
    assert found.kind == "explained" and words in found.headline
    assert GateName.LATE_TIMES in {gate.name for gate in found.stopped_by}
    assert of_gate(found, GateName.CLOCKS).state == Checked.NOT_CHECKED


@pytest.mark.parametrize("unsure", [UNKNOWN_TIMES, WRONG_FOR_SOME])
def test_a_claim_that_does_not_need_the_last_day_needs_no_confirmed_times(unsure):
    found = written(findings(**unsure, strict={"p": 0.001}))
    assert found.kind == "detects"
    assert "Without the last 24 hours before the catalogued times" in of_gate(found, GateName.LATE_TIMES).words


@pytest.mark.parametrize("unsure", [UNKNOWN_TIMES, WRONG_FOR_SOME])
def test_a_second_catalogue_confirms_times_that_the_record_cannot(unsure):
    second = OtherCatalogue("USGS", Checked.PASSED, 40, 0.4, 1.0)
    found = written(findings(**unsure, strict=NOT_CHECKED, catalogue_clock=second))
    assert found.kind == "detects" and of_gate(found, GateName.LATE_TIMES).passed


def test_findings_of_before_the_own_times_were_asked_say_so_and_claim_nothing_by_them():
    found = written(findings(timed=None, strict=NOT_CHECKED))
    assert found.kind == "explained"
    assert "assess the run again" in of_gate(found, GateName.CLOCKS).words


def test_an_early_catalogue_is_said_and_neither_broken_nor_confirmed():
    found = written(findings(onset={"kind": OnsetKind.EARLY, "lag_hours": 3.0}, strict=NOT_CHECKED))
    assert found.kind == "explained"
    assert "3 h after the events" in of_gate(found, GateName.CLOCKS).words


def test_what_the_data_cannot_offer_of_specificity_blocks_nothing_and_is_said():
    found = written(findings(specificity={"n_places": 4, "p": None}))
    assert found.kind == "detects"
    assert "4 comparable far places" in next(gate.words for gate in found.gates if gate.name == "specificity")


@pytest.mark.parametrize("frozen", [True, False])
def test_a_claim_names_the_specificity_that_nobody_could_look_at(frozen):
    unknown = written(findings(specificity={"n_places": 4, "p": None}), frozen=frozen).headline
    assert "nothing that was looked at explains it" in unknown
    assert "whether far earthquakes, other places or other years show the same could not be asked" in unknown
    assert "could not be asked" not in written(frozen=frozen).headline
    assert ", and nothing explains it" not in written(frozen=frozen).headline


def test_a_classical_measure_that_does_as_well_is_said_beside_the_claim_and_blocks_nothing():
    as_good = findings(classical=Classical(0.85, -0.05, 0.02))
    assert written(as_good).kind == "detects"
    assert written(as_good).beside == ("A classical measure of the same field does as well: no network is needed.",)
    assert written(as_good).beside[0] in written(as_good).paragraph
    assert written(findings(classical=Classical(0.6, 0.1, 0.2))).beside == ()


@pytest.mark.parametrize("frozen", [True, False])
def test_a_claim_says_what_chance_gives_this_catalogue_and_how_long_before(frozen):
    """Half was said to be chance where it lay at 0.56; that the number rose only hours before stood on another page."""
    late = findings(primary={"band_low": 0.43, "band_high": 0.73}, lead=Lead(4.0, 48.0))
    headline = written(late, frozen=frozen).headline
    assert "(by chance mostly 43 to 73 %)" in headline and "only in about the last 4 hours" in headline
    assert "half" not in headline
    early = written(findings(lead=Lead(48.0, 48.0)), frozen=frozen).headline
    assert "from 48 hours before them on or earlier" in early
    assert "hours" not in written(findings(lead=Lead(None, 48.0)), frozen=frozen).headline


def test_what_was_declared_has_no_witness_but_the_journal_and_the_claim_says_so():
    assert "(the journal kept here is the only witness)" in written(frozen=True).headline
    assert "witness" not in written(frozen=False).headline


WORST = findings(
    primary={"split": "validation"},
    foreshocks={"kind": Checked.FAILED, "p": 0.3},
    confounders={"kind": Checked.FAILED, "low": -0.02},
    specificity={"p": 0.6},
    classical=Classical(0.85, -0.05, 0.02),
    lead=Lead(4.0, 48.0),
)


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("synthetic", [True, False])
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"found": WORST, "audit": Audit(True, "No leak.", warnings=(DIVIDED,))}, "explained"),
        ({"found": replace(WORST, data_changed=True), "audit": Audit(False, "Leak."), "dead": True}, "broken"),
        ({"family": replace(FAMILY, p_family=0.3)}, "null"),
        ({"family": replace(FAMILY, p_family=0.3, smallest_p_family=0.2)}, "untestable"),
        ({"found": findings(specificity={"p": None}, classical=Classical(0.85, -0.05, 0.02))}, ""),
    ],
)
def test_the_paragraph_to_quote_has_at_most_120_words_and_names_every_gate_that_is_not_passed(
    change, kind, synthetic, frozen
):
    found = written(**change, frozen=frozen, synthetic=synthetic)
    assert found.kind == (kind or ("detects" if frozen else "candidate"))
    assert len(found.paragraph.split()) <= 120
    assert found.paragraph.startswith(found.headline) and all(each in found.paragraph for each in found.beside)
    if kind != "explained":  # its headline names what explains it, and fills the paragraph
        assert f"of {len(found.gates)} gates passed" in found.paragraph
        assert all(gate.question in found.paragraph for gate in found.gates if not gate.passed)


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("synthetic", [True, False])
def test_the_answer_is_at_most_three_sentences_and_knows_no_statistics(frozen, synthetic):
    cases = [
        written(frozen=frozen, synthetic=synthetic),
        written(family=replace(FAMILY, p_family=0.2), frozen=frozen, synthetic=synthetic),
        written(family=replace(FAMILY, smallest_p_family=0.2), frozen=frozen, synthetic=synthetic),
        written(findings(foreshocks=NOT_CHECKED), frozen=frozen, synthetic=synthetic),
        written(dead=True, frozen=frozen, synthetic=synthetic),
    ]
    for found in cases:
        own = found.headline.removeprefix("Made-up data. ")
        assert len(re.findall(r"[.!?](?:\s|$)", own)) <= 3, own
        assert not re.search(r"\b(p =|AUC|null|sigma|percentile|bootstrap|Holm)\b", own), own
        assert found.headline.startswith("Made-up data. ") is synthetic
        assert len(found.gates) == len(GateName) and all(gate.words for gate in found.gates)


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
def test_claims_need_a_plan_that_passed_every_gate(text):
    assert verdict.lint(text, VerdictKind.DETECTS) == text
    for kind in set(VerdictKind) - {VerdictKind.DETECTS}:
        with pytest.raises(verdict.ClaimError, match="but the verdict is"):
            verdict.lint(text, kind)


@pytest.mark.parametrize(
    "text", ["No skill above chance.", "There is no effect.", "no precursors", "No precursor shown."]
)
def test_the_absence_of_skill_is_not_claimed_where_none_could_be_tested(text):
    for kind in (VerdictKind.UNTESTABLE, VerdictKind.BROKEN):
        with pytest.raises(verdict.ClaimError, match="nothing could be tested"):
            verdict.lint(text, kind)
    assert verdict.lint(text, VerdictKind.NULL) == text


@pytest.mark.parametrize("text", ["It predicts earthquakes.", "The proof is here.", "a prediction", "guaranteed"])
def test_some_words_no_verdict_allows(text):
    for kind in VerdictKind:
        with pytest.raises(verdict.ClaimError, match="no verdict allows"):
            verdict.lint(text, kind)


def test_what_the_diagnosis_says_of_a_dead_network_can_be_printed():
    import pandas as pd

    from core.training import diagnosis

    epochs = pd.DataFrame({"epoch": [1, 2], "active_units": 0, "output_sd": 0.0, "validation_accuracy": 0.5})
    found = diagnosis.diagnose(epochs, 64)
    sentence = found["sentence"] if isinstance(found, dict) else found.sentence
    for kind in VerdictKind:
        assert verdict.lint(str(sentence), kind)
