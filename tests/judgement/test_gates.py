"""The words of the gates: each says what was looked at, and why where it was not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.caveats import Caveat, CaveatKind
from core.evaluation.clocks.onset import OnsetKind
from core.evaluation.rivals.added_skill import Lacking
from core.judgement.findings import OtherCatalogue, Rival
from core.judgement.gates import Gate
from core.labelling.audit import Audit
from core.vocabulary import Checked
from support.made_findings import FAMILY, findings, written

HOPELESS = replace(FAMILY, p=0.7, p_smallest=0.02, p_family=0.95, smallest_p_family=0.08, n_runs=3)


def gate(name: str, family=FAMILY, **parts) -> Gate:
    return next(each for each in written(findings(**parts), family).gates if each.name == name)


def test_where_no_score_could_have_passed_nothing_is_said_of_chance():
    verdict = written(findings(primary={"skill": 0.47}), HOPELESS)
    asked = next(each for each in verdict.gates if each.name == "chance")
    assert (asked.state, asked.number) == (Checked.NOT_CHECKED, "")
    assert "0.47" not in verdict.paragraph and "0.95" not in verdict.paragraph and verdict.tries == ""


def test_the_sameness_of_the_data_is_said_of_the_time_at_which_they_were_compared():
    """An archive grows: what came later was not compared, and does not change what was judged."""
    assert gate("data unchanged").words == "When the run was judged, the stored data were those that it was made from."
    changed = gate("data unchanged", data_changed=True).words
    assert (
        changed
        == "When the run was judged, the stored data were no longer those that it was made from: train it again."
    )


def test_a_station_clock_that_is_off_is_said_with_the_months_that_were_compared():
    off = {"kind": Checked.FAILED, "n_months": 60, "n_right": 11, "n_off": 1, "station": "DUR", "against": "IZN"}
    told = gate("clocks", station_clock={**off, "lag_minutes": 60.0})
    assert told.state == Checked.FAILED
    assert "DUR is +60 min off against IZN in 1 of the 12 months that could be compared, of 60;" in told.words
    assert "chance makes fewer than 2 in 1,000" in told.words


def test_a_null_says_how_many_tries_its_p_pays_for():
    null = replace(FAMILY, p=0.4, p_family=0.6, n_runs=3)
    assert "p = 0.4 becomes 0.6" in written(findings(), null).tries


def test_a_plan_is_advised_only_where_it_would_leave_room():
    assert "A plan frozen before its data, or a longer judged stretch" in gate("resolution", HOPELESS).words
    alone = replace(FAMILY, p=1.0, p_smallest=1.0, p_family=1.0, smallest_p_family=1.0)
    words = gate("resolution", alone).words
    assert "plan" not in words and words.endswith("A longer judged stretch with events in more blocks leaves room.")


def test_one_block_of_time_is_untestable_however_small_its_p():
    one_block = {"n_blocks": 1, "whole_days": 1, "days": 85.0}
    small = replace(FAMILY, p=0.011, p_smallest=0.011, p_family=0.011, smallest_p_family=0.011)
    verdict = written(findings(primary=one_block), small)
    assert verdict.kind == "untestable"
    resolution, asked = (gate(name, small, primary=one_block) for name in ("resolution", "chance"))
    assert (resolution.state, resolution.number, resolution.bar) == (Checked.FAILED, "1 block", "2 blocks at least")
    assert "within one a drift cannot be told from skill" in resolution.words
    assert asked.state == Checked.NOT_CHECKED and "plan" not in resolution.words
    assert written(findings(primary={**one_block, "n_blocks": 2}), small).kind == "candidate"


def test_the_number_of_the_clocks_is_that_of_the_clock_that_fails():
    none = {"kind": OnsetKind.NONE, "lag_hours": None}
    late = gate("clocks", onset=none, catalogue_clock=OtherCatalogue("usgs", Checked.FAILED, 43, 10_800.0, 0.0))
    assert (late.number, late.bar) == ("+3 h", "within 1 min")
    assert "by +3 h (none of 43 events in both agrees to a minute" in late.words
    between = findings(onset=none, catalogue_clock=OtherCatalogue("usgs", Checked.FAILED, 43, 10_800.0, 0.0))
    assert "clocks of record, stations and earthquake catalogues do not all agree" in written(between).headline
    off = gate("clocks", onset=none, station_clock={"kind": Checked.FAILED, "n_off": 3, "lag_minutes": -60.0})
    assert (off.number, off.bar) == ("-60 min", "within 1 min")
    assert gate("clocks").bar == "within 1 h"


@pytest.mark.parametrize("lacking", [Lacking.TRAINING, Lacking.JUDGED])
def test_too_few_windows_for_the_rivals_are_said_as_windows(lacking):
    unmeasured = {"kind": Checked.NOT_CHECKED, "low": None, "rivals": (), "lacking": lacking}
    assert gate("confounders", confounders=unmeasured).words.startswith(
        f"Too few independent {lacking.value} windows of a class: what date, hour,"
    )


def test_a_record_with_too_few_earthquakes_is_not_said_to_be_unshaken():
    few = {"kind": OnsetKind.NOT_CHECKED, "lag_hours": None, "p": None, "n_events": 3}
    words = gate("clocks", onset=few).words
    assert "Only 3 first events of sequences have a record around them, 8 are needed" in words
    assert "shows no onset" not in words
    assert "No first event of a sequence has a record" in gate("clocks", onset={**few, "n_events": 0}).words
    assert "shows no onset" in gate("clocks", onset={**few, "kind": OnsetKind.NONE, "n_events": 40}).words


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (None, "No second catalogue is at hand"),
        (OtherCatalogue("usgs", Checked.NOT_CHECKED, 0, None, None), "No second catalogue has any of these events"),
        (
            OtherCatalogue("usgs", Checked.NOT_CHECKED, 5, 1.0, 1.0),
            "The catalogue usgs has too few of the same events (5)",
        ),
        (
            OtherCatalogue("usgs", Checked.NOT_CHECKED, 40, 0.0, 1.0, True),
            "The catalogue usgs repeats the times of this one",
        ),
        (OtherCatalogue("usgs", Checked.NOT_CHECKED, 40, 31.0, 1.0), "by +31 s (40 events in both): too much"),
        (OtherCatalogue("usgs", Checked.NOT_CHECKED, 40, 0.0, 0.8), "in 20 % of 40 events in both, without a system"),
        (OtherCatalogue("usgs", Checked.FAILED, 40, 0.0, 0.6), "by +0 s (60 % of 40 events in both agree to a minute"),
        (OtherCatalogue("usgs", Checked.PASSED, 40, 1.0, 1.0), "from those of usgs by +1 s (40 events in both)."),
    ],
)
def test_what_a_second_catalogue_says_of_the_clock_is_told_as_it_is(other, words):
    assert words in gate("clocks", catalogue_clock=other).words


REMOTE = {"remote": "KAK", "remote_low": 0.12, "remote_high": 0.4, "remote_km": 9747.0}


def test_specificity_is_not_checked_where_the_data_offer_nothing_and_says_what_would_be_needed():
    asked = gate("specificity", specificity={"n_places": 6, "p": None})
    assert (asked.state, asked.number) == (Checked.NOT_CHECKED, "")
    for words in (
        "offers 6 comparable far places; 20 are needed",
        "No observatory outside the circles",
        "no whole year",
    ):
        assert words in asked.words


def test_each_part_of_specificity_that_was_looked_at_has_its_number_and_its_bar():
    asked = gate("specificity", specificity={**REMOTE, "n_years": 22, "p_years": 0.0455})
    assert asked.state == Checked.PASSED
    assert asked.number == "p = 0.01; lower end +0.12; p = 0.045 by year"
    assert asked.bar == "p at most 0.05; lower end above 0"


@pytest.mark.parametrize(
    "part", [{"p": 0.2}, {**REMOTE, "remote_low": -0.1}, {"n_years": 25, "p_years": 0.4}, {**REMOTE, "remote_low": 0.0}]
)
def test_one_part_of_specificity_that_fails_explains_the_score(part):
    found = written(findings(specificity=part))
    assert found.kind == "explained" and "that other places or other years show alike" in found.headline


PERFECT = Rival("trees", 0.5, 0.1, 0.1, 0.1)


def test_a_rival_that_learned_nothing_is_said_so_and_has_no_interval_of_no_width():
    words = gate("confounders", confounders={"rivals": (PERFECT,)}).words
    assert "trees learned nothing" in words and "[" not in words
    assert "this gate says little here" in words
    other = Rival("logistic", 0.62, 0.2, 0.12, 0.3)
    both = gate("confounders", confounders={"rivals": (PERFECT, other)}).words
    assert "logistic 0.62, with the network +0.20 [+0.12, +0.30]" in both and "says little" not in both


def test_a_network_that_changes_nothing_beside_a_rival_is_said_so_without_an_interval():
    dead = gate("confounders", confounders={"rivals": (Rival("logistic", 0.44, 0.0, 0.0, 0.0),)}).words
    assert "logistic 0.44, with the network the same" in dead and "[" not in dead


@pytest.mark.parametrize(
    ("family", "words"),
    [
        (replace(FAMILY, p_family=1e-4, n_runs=5), "That is 0.0001, the smallest p that 9,999 turns can show."),
        (
            replace(FAMILY, p=1e-5, p_family=1e-4 + 7e-5, n_runs=9, n_unknown=7),
            "the smallest p that 9,999 turns can show, plus 7 times its own p",
        ),
        (replace(FAMILY, p=1e-9, p_family=1e-9), "the smallest p that these blocks can show"),
    ],
)
def test_a_p_at_its_floor_is_called_one(family, words):
    asked = gate("chance", family)
    assert words in asked.words and asked.number.endswith("(floor)")
    higher = gate("chance", replace(family, p_family=0.0123))
    assert "smallest" not in higher.words and higher.number == "p = 0.012"


def test_the_p_of_the_records_onset_and_of_far_places_are_called_floors_where_they_are():
    assert "(p = 0.001, the smallest that 999 turns can show)" in gate("clocks").words
    assert "smallest" not in gate("clocks", onset={"p": 0.002}).words
    places = gate("specificity", specificity={"n_places": 24, "p": 0.04}).words
    assert "p = 0.04, the smallest that 24 places can show" in places
    assert "smallest" not in gate("specificity", specificity={"n_places": 24, "p": 0.08}).words


def test_the_gate_of_chance_names_the_chance_of_this_catalogue_and_not_a_half():
    words = gate("chance", primary={"band_low": 0.43, "band_high": 0.73}).words
    assert "0.43 to 0.73" in words and "0.5 = chance" not in words


def test_months_in_which_no_clock_could_be_compared_are_counted_and_explained():
    some = {"kind": Checked.PASSED, "n_months": 51, "n_right": 23}
    assert (
        "in 23 of 51 months. 28 months were not checked: no other observatory"
        in gate("clocks", station_clock=some).words
    )
    off = {"kind": Checked.FAILED, "n_months": 10, "n_right": 4, "n_off": 5, "lag_minutes": 60.0}
    assert "1 month was not checked: no other observatory has a record of it" in gate("clocks", station_clock=off).words
    assert "not checked" not in gate("clocks").words


def test_no_leak_does_not_deny_the_sequences_that_another_gate_finds_divided():
    """ "no window shares ... an event" stood two lines above "the sequence reaches over several splits"."""
    caveat = Caveat(CaveatKind.SEQUENCE_DIVIDED, "The sequence of magnitude 6 does reach over several splits.")
    audit = Audit(True, "No leak: no window shares an event.", n_copied_hours=0, warnings=(caveat,))
    leak = written(audit=audit).gates[0]
    assert "'sequences whole': not all do." in leak.words and "one catalogued earthquake" in leak.words
    assert "sequences whole" not in written().gates[0].words
