"""What no gate can see stands beside each claim and on the page of the battery, and beside nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.judgement import verdict
from core.judgement.battery import results
from core.reporting import blind_spots, site, trust_words
from core.reporting.pages import trust
from support.made_findings import FAMILY, written


def numbers():
    """How often foreshocks that no list has fooled the instrument, as its battery says."""
    rows = [results.with_the_program().of(name) for name in ("unlisted-some", "unlisted-all")]
    return [f"{row.n_hits} of {row.n}" for row in rows]


@pytest.mark.parametrize("frozen", [True, False])
def test_a_claim_says_what_no_gate_can_see_with_the_numbers_of_the_simulation_and_its_one_seed(frozen):
    claim = written(frozen=frozen)
    told = " ".join(blind_spots.of_claim(claim, "run-7", 3))
    assert all(number in told for number in numbers()) and "too small for the catalogue" in told
    assert "one seed (3)" in told and "precursor explain run-7" in told and "shuffled labels" in told
    assert "no trained network plays" in told
    assert ("digest of the journal's line" in told) == frozen
    assert verdict.lint(told, claim.kind) == told


def test_what_is_no_claim_needs_no_such_list():
    for family in (replace(FAMILY, p_family=0.3), replace(FAMILY, p_family=0.3, smallest_p_family=0.2)):
        assert blind_spots.of_claim(written(family=family), "run-7", 3) == []


def test_the_page_and_the_document_of_the_battery_list_it_too():
    shipped = results.with_the_program()
    html, text = site.render(trust.page(shipped)), trust_words.document(shipped)
    for told in (html, text):
        assert blind_spots.TITLE in told and all(number in told for number in numbers())
