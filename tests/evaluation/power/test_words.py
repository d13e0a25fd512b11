"""The sentence on what a stretch of time could show."""

import pytest

from core.evaluation.power import words
from core.evaluation.power.table import Power
from core.judgement import verdict
from core.judgement.verdict import VerdictKind

AUC = (0.55, 0.65, 0.75, 0.85, 0.95)
STRONG, WEAK = (0.1, 0.4, 0.8, 1.0, 1.0), (0.0, 0.1, 0.2, 0.3, 0.36)


def said(day, week, tense=words.DONE, n_clusters=24):
    return words.sentence(Power(n_clusters, 365.0, 5, AUC, day, week, 100), n_clusters, tense)


def test_a_change_that_is_found_in_eight_of_ten_cases_is_named_by_the_times_that_it_stands_above():
    assert said(STRONG, (0.0, 0.3, 0.6, 0.8, 0.9)) == (
        "A run like this would have found a change that lifts the network's number above 85 % of other times, in the "
        "last day before an earthquake or the whole last week, in 8 of 10 cases; weaker ones would mostly have been "
        "missed."
    )
    assert said(STRONG, STRONG, words.AHEAD).startswith("Such a run would find a change that lifts")


def test_what_is_found_only_if_it_is_short_is_said_so():
    assert said(STRONG, WEAK).endswith(
        "in the last day before an earthquake that lifts the network's number above 75 % of other times in 8 of 10 "
        "cases, but one in the last week, however large, in 3 of 10 at most."
    )


def test_where_even_the_largest_change_is_mostly_missed_the_best_share_is_said():
    assert said(WEAK, WEAK).startswith(
        "Even a change that lifts the network's number above 95 % of other times before earthquakes would have been "
        "found in 3 of 10 cases at most"
    )


def test_too_few_earthquakes_and_a_stretch_outside_the_table_say_so():
    assert "with fewer than 10 independent earthquakes, and there are only 4" in said(WEAK, WEAK, n_clusters=4)
    assert "outside the table" in words.sentence(None, 24, words.DONE)
    assert words.source(None) == ""


@pytest.mark.parametrize("tense", [words.DONE, words.AHEAD])
@pytest.mark.parametrize("kind", list(VerdictKind))
def test_no_verdict_forbids_a_word_of_it(kind, tense):
    for text in (said(STRONG, STRONG, tense), said(STRONG, WEAK, tense), said(WEAK, WEAK, tense), words.outside()):
        assert verdict.lint(text, kind) == text
    assert verdict.lint(said(WEAK, WEAK, tense, 0), kind) and verdict.lint(words.CHOSEN_ON, kind)
