"""Caveats: their kind says what they are about, and their sentence may be reworded."""

from __future__ import annotations

import json

import pytest

from core import caveats, files
from core.caveats import Caveat, CaveatKind
from core.errors import InputError
from core.labelling.audit import Audit
from core.reporting import marks
from core.runs.runs import Run

# Sentences as program 0.1.0 wrote them into audit.json and assessment.json, where caveats had no kinds.
OLD = {
    "Synthetic data: this run says something about the method, nothing about the Earth.": "synthetic",
    "Leak: 10 of 35 validation windows share minutes or an event cluster with training windows; scores under this "
    "split cannot be trusted.": "leak",
    "Windows of different splits lie as little as 21.1 hours apart. They share nothing, but an aftershock sequence or "
    "a storm lasts longer than that: what the network learned of one can help it with the next.": "splits_near",
    "The classes are separated in time: all 4 positives come after the last of 6 negatives; the date alone tells them "
    "apart with AUC 1.00 (0.50 would be chance). 4 of the 4 positives belong to the sequence of magnitude 6.1 of "
    "1970-04-14 (e1). A score of this run does not show that the field before an earthquake differs.": (
        "separated_in_time"
    ),
    "The sequence of magnitude 5.6 of 2016-05-19 (syn000299) does reach over several splits, train and validation "
    "(declustering is off): windows of it lie 10.5 days apart.": "sequence_divided",
    "All kept windows of IZN have label 0: for them the station alone tells the label.": "station_tells_label",
    "All 9 test windows have label 1: AUC, MCC and a comparison of the classes do not exist there.": "one_class",
    "1 of 88 positive windows contain an earlier target event of their station: what the network finds there may be "
    "that event, not a precursor.": "earlier_events",
    "The smallest event in the catalogue of DUR has magnitude 4.5, but targets are events above magnitude 4 within 200 "
    "km: smaller ones may be missing from the list, and windows before them count as quiet.": "thin_catalogue",
    "Of 88 positive windows, the quiet partner agrees with 80 in year, season, UT hour, Kp; 8 have none.": "matching",
    "12 validation and test windows are withheld: the run's ancestors learned from their time or their "
    "earthquakes.": "withheld",
    "IZN has no training window: it is scaled with the mean of the other stations.": "scale_borrowed",
    "The stored data have changed since this run was made (minute/DUR): the scan of its judged period and the target "
    "events in it come from the new data, the probabilities of its windows from the old.": "data_changed",
    "The network is dead: since epoch 2 no window activates any of the 64 hidden units, so the output is a constant "
    "and its validation accuracy (0.500) is the share of one class.": "dead",
    "The output is a constant: in the last 3 epochs the probabilities of different windows had a standard deviation "
    "below 0.001.": "dead",
    "Mind this.": "other",
}


@pytest.mark.parametrize(("sentence", "kind"), OLD.items())
def test_the_sentences_of_documents_without_kinds_get_the_kind_that_they_were_written_for(sentence, kind):
    assert caveats.read([sentence]) == (Caveat(CaveatKind(kind), sentence),)


NEWER = {"copied_hours"}  # kinds that no document without kinds can hold


def test_every_kind_of_their_time_is_met_in_old_documents():
    assert set(OLD.values()) | NEWER == {str(kind) for kind in CaveatKind} and not set(OLD.values()) & NEWER


def test_caveats_come_back_from_json_and_their_words_decide_nothing():
    told = [Caveat(kind, "Leak: the output is a constant, separated in time.") for kind in CaveatKind]
    stored = json.loads(json.dumps(caveats.write(told)))
    assert caveats.read(stored) == tuple(told)
    assert [each["kind"] for each in stored] == [str(kind) for kind in CaveatKind]


@pytest.mark.parametrize("damaged", ["text", {}, None, [3], [{"kind": "leak"}], [{"kind": "hole", "sentence": "A."}]])
def test_damaged_caveats_are_an_error(damaged):
    with pytest.raises(ValueError):
        caveats.read(damaged)


def test_marks_follow_from_the_kinds_the_worst_first_and_the_others_are_counted():
    told = [Caveat(kind, "Reworded.") for kind in ("synthetic", "dead", "matching", "leak", "withheld")]
    told = [Caveat(CaveatKind(each.kind), each.sentence) for each in told]
    assert marks.of(told) == ["leak", "dead", "2 more"]
    assert marks.of([Caveat(CaveatKind.MATCHING, "Leak: none.")]) == ["1"]
    assert marks.in_mind(told) == "5 things to keep in mind: synthetic, leak, dead, 2 more"


# audit.json as program 0.1.0 wrote it.
OLD_AUDIT = {
    "checks": [{"name": "footprints", "passed": False, "words": "12 pairs of windows depend on the same time."}],
    "closest_days": 0.0,
    "method": "random",
    "n_acausal_minutes": 0,
    "n_duplicates": 0,
    "n_identical": 0,
    "n_leaking": {"test": 0, "validation": 10},
    "n_scaled_outside_train": 0,
    "n_shared_clusters": 1,
    "n_shared_footprints": 12,
    "n_shared_minutes": 0,
    "n_windows": {"test": 0, "train": 141, "validation": 35},
    "ok": False,
    "sentence": "Leak: 10 of 35 validation windows share minutes or an event cluster with training windows.",
    "warnings": ["1 of 88 positive windows contain an earlier target event of their station: it may be that event."],
}


def test_an_audit_without_kinds_is_read_and_written_anew_nothing_of_it_is_lost():
    audit = Audit.from_dict(OLD_AUDIT)
    assert not audit.ok and [each.kind for each in audit.warnings] == ["earlier_events"]
    new = json.loads(json.dumps(audit.to_dict(), allow_nan=False))
    assert Audit.from_dict(new) == audit and new["version"] == 1
    kept = {key: value for key, value in new.items() if key in OLD_AUDIT and key not in ("warnings", "checks")}
    assert kept == {key: value for key, value in OLD_AUDIT.items() if key not in ("warnings", "checks")}
    assert [each["sentence"] for each in new["warnings"]] == OLD_AUDIT["warnings"]
    failed = [(check["name"], check["words"]) for check in new["checks"] if not check["passed"]]
    assert [name for name, _ in failed] == ["footprints", "clusters"] and failed[0][1].startswith("12 pairs")


def test_an_audit_of_a_newer_program_is_refused_with_what_is_needed(tmp_path):
    files.replace_json(tmp_path / "audit.json", {**OLD_AUDIT, "version": 9, "program": "2.0"})
    with pytest.raises(InputError) as refused:
        _ = Run("trial-0001", tmp_path).audit
    assert str(refused.value).startswith("The leak audit has version 9 of its form")
    assert str(refused.value).endswith("Install version 2.0 of the program or a newer one.")


def test_a_damaged_audit_is_one_sentence_that_names_run_and_file(tmp_path):
    files.replace_json(tmp_path / "audit.json", {**OLD_AUDIT, "ok": "perhaps"})
    with pytest.raises(InputError, match="Run trial-0001: audit.json cannot be used .'ok' cannot be 'perhaps'"):
        _ = Run("trial-0001", tmp_path).audit
