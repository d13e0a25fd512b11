"""The words beside scores say where chance lies for this catalogue, who is ahead, and what a gain is made of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from core.judgement.summary import Summary
from core.reporting import score_words
from support.made_findings import PRIMARY


def hill(middle):
    return pd.DataFrame({"skill": [middle - 0.1, middle, middle + 0.2], "share": [0.4, 0.4, 0.2]})


def test_a_hill_that_is_not_centred_on_a_half_is_said_so_with_its_middle_and_the_reason():
    """ "0.5 = chance" stood below a hill around 0.56."""
    told = score_words.where_chance_lies(hill(0.56), PRIMARY)
    assert "chance lies at 0.56" in told and "not at 0.50" in told
    assert "its hour and its day of the week" in told and "above the average" in told
    by_day = score_words.where_chance_lies(hill(0.44), replace(PRIMARY, whole_days=1))
    assert "chance lies at 0.44" in by_day and "day of the week" not in by_day and "below the average" in by_day


def test_a_hill_around_a_half_needs_no_reason_and_none_has_no_words():
    assert score_words.where_chance_lies(hill(0.5), PRIMARY).startswith("For this catalogue chance lies at 0.50")
    assert "hour" not in score_words.where_chance_lies(hill(0.5), PRIMARY)
    assert score_words.where_chance_lies(pd.DataFrame({"skill": [], "share": []}), PRIMARY) == ""


def card(**auc):
    return pd.DataFrame({"model": list(auc), "words": [f"the {name} model" for name in auc], "auc": auc.values()})


def test_rivals_that_beat_the_network_are_named_the_best_first():
    ahead = score_words.rivals_ahead(card(network=0.55, catalogue_rate=0.63, ulf=0.7, hour=0.5, best_confounder=0.63))
    assert ahead == "Ahead of the network (AUC 0.55): the ulf model (0.70); the catalogue_rate model (0.63)."
    assert score_words.rivals_ahead(card(network=0.7, catalogue_rate=0.63)) == ""
    many = score_words.rivals_ahead(card(network=0.1, a=0.2, b=0.3, c=0.4, d=0.5, e=0.6))
    assert many.endswith("the c model (0.40); and 2 more.")


def test_a_gain_of_minus_16_is_taken_apart_into_the_events_expected_and_the_rates_at_the_events():
    """(513.7 - 31.4) / 22 = 21.92 nats lost by expecting too many, -16.43 + 21.92 = +5.49 at the events."""
    told = score_words.information_gain(
        Summary(
            n=46, n_positive=23, threshold=0.5, information_gain=-16.434, expected=513.68, expected_climatology=31.41,
            n_events_forecast=22,
        )
    )  # fmt: skip
    assert "expected 514 events where that rate expected 31, and 22 came" in told
    assert "costs 21.9 an event" in told and "add +5.5" in told and "Below 0 it does worse" in told


@pytest.mark.parametrize("missing", ["information_gain", "expected", "n_events_forecast"])
def test_a_gain_that_does_not_exist_has_no_words(missing):
    whole = Summary(46, 23, 0.5, information_gain=0.3, expected=20.0, expected_climatology=30.0, n_events_forecast=22)
    assert "earns 0.5 an event" in score_words.information_gain(whole)
    assert score_words.information_gain(replace(whole, **{missing: None})) == ""
