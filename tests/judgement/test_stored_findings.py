"""Findings that were changed on disk: what a gate needs is there and within its range, or the document is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core import typed_documents
from core.errors import InputError
from core.evaluation.clocks.onset import OnsetKind
from core.judgement import assessment
from core.judgement.findings import Findings, OtherCatalogue, RecordClock, Specificity
from core.judgement.summary import Summary
from core.judgement.tries import Try
from core.labelling.audit import Audit
from core.reporting import site
from core.vocabulary import Checked
from support import document_damage, made_findings

WHOLE = replace(
    made_findings.FINDINGS,
    catalogue_clock=OtherCatalogue("usgs", Checked.FAILED, 30, 3600.0, 0.1),
    onset=RecordClock(OnsetKind.LATE, -3.0, 0.001, 40, 3, 1),
    specificity=Specificity(40, 0.01, "CLF", 0.1, 0.3, 900.0, 5, 0.02),
)
TRIED = Try("run-1", "run", False, "d", "test", ("SUA",), "2016-01-01T00:00:00+00:00", "2017-01-01", 0.1, 0.01, "", "")


def places(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value within tables and lists."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def changed(table: Any, path: tuple[Any, ...], value: object) -> Any:
    table = copy.deepcopy(table)
    inner = table
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return table


@pytest.mark.parametrize("path", list(places(typed_documents.write(WHOLE))), ids=lambda path: ".".join(map(str, path)))
def test_nothing_in_place_of_a_finding_is_refused_or_still_makes_whole_sentences(path):
    try:
        found = typed_documents.read(Findings, changed(typed_documents.write(WHOLE), path, None))
    except ValueError as fault:
        assert str(path[-1] if isinstance(path[-1], str) else path[-2]) in str(fault)
        return
    told = made_findings.written(found)
    words = " ".join([told.paragraph, *told.not_tested, *(gate.number for gate in told.gates)])
    assert "None" not in words and "nan" not in words.split()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("foreshocks", "p"), None),
        (("foreshocks", "m_clean"), None),
        (("primary", "skill"), None),
        (("primary", "band_low"), None),
        (("primary", "band_high"), None),
        (("primary", "p"), -5),
        (("primary", "p"), 1.5),
        (("primary", "n_clusters"), -5),
        (("primary", "days"), -1),
        (("primary", "skill"), 7),
        (("onset", "p"), None),
        (("onset", "lag_hours"), None),
        (("onset", "n_events"), -1),
        (("station_clock", "n_months"), -1),
        (("catalogue_clock", "offset_seconds"), None),
        (("catalogue_clock", "share_near"), None),
        (("catalogue_clock", "share_near"), 1.2),
        (("specificity", "p"), 2),
        (("specificity", "remote_high"), None),
        (("confounders", "low"), None),
        (("confounders", "rivals", 0, "auc"), 55),
    ],
)
def test_what_a_gate_would_quote_must_be_there_and_within_its_range(path, value):
    with pytest.raises(ValueError, match=f"'{path[-1]}'"):
        typed_documents.read(Findings, changed(typed_documents.write(WHOLE), path, value))


def test_findings_of_a_stretch_without_an_earthquake_need_no_skill():
    nothing = {"n_targets": 0, "n_clusters": 0, "skill": None, "band_low": None, "band_high": None, "p": 1.0}
    table = typed_documents.write(WHOLE)
    assert typed_documents.read(Findings, {**table, "primary": {**table["primary"], **nothing}}).primary.skill is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("start", "xx"), ("end", "2020-13-45"), ("end", ""), ("p", -5), ("p_smallest", 2), ("time", "x")],
)
def test_a_try_has_times_and_a_p_between_0_and_1(name, value):
    with pytest.raises(ValueError, match=f"'{name}'"):
        typed_documents.read(Try, {**typed_documents.write(TRIED), name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("n", -5), ("auc", 1.5), ("exact_p", -5), ("tau", 2), ("threshold", -1), ("hits", -1)]
)
def test_the_numbers_of_a_summary_are_within_their_ranges(name, value):
    with pytest.raises(ValueError, match=f"'{name}'"):
        typed_documents.read(Summary, {"n": 3, "n_positive": 1, "threshold": 0.5, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_shared_footprints", -5),
        ("n_copied_hours", -1),
        ("closest_days", -0.5),
        ("n_windows", {"train": -1}),
        ("n_leaking", {"test": -1}),
    ],
)
def test_an_audit_counts_nothing_below_0(name, value):
    with pytest.raises(ValueError, match=f"'{name}'"):
        Audit.from_dict({"ok": True, "sentence": "No leak.", "version": 1, name: value})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("findings", "foreshocks", "p"), None),
        (("findings", "primary", "p"), -5),
        (("tried", "start"), "xx"),
        (("created",), "yesterday"),
    ],
)
def test_such_a_document_costs_its_own_run_and_says_how_it_is_made_again(full_folder, tmp_path, path, value):
    data = document_damage.linked_copy(full_folder, tmp_path / "copy")
    stored = sorted(data.glob("assessments/*/assessment.json"))[0]
    run_id = stored.parent.name
    table = json.loads(stored.read_text())
    document_damage.put(stored, json.dumps(changed(table, path, value)).encode())
    with pytest.raises(InputError) as refusal:
        assessment.open(data, run_id)
    assert f"assessment.json cannot be used ('{path[-1]}'" in str(refusal.value)
    assert f"`precursor assess {run_id}`" in str(refusal.value)
    pages = {page.file: site.render(page) for page in site.pages(data, every=True)}
    assert f"cannot be read: {run_id}." in pages["index.html"]
    assert any(name.startswith("judgement-") and run_id not in name for name in pages)
