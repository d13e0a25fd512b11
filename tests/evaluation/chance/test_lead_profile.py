"""Lead profile: skill some hours before the events and after them."""

import math

import numpy as np
import pandas as pd
import pytest

from core.evaluation.chance import lead_profile, skill
from core.evaluation.chance.skill import Scores
from support.shaken_worlds import DAY, FIRST, HOUR, catalogue


def planted():
    """Hourly scores that are high from four to two hours before each of 24 events, which come at half past."""
    random = np.random.default_rng(0)
    at = np.sort(random.choice(np.arange(100, 8600, 50), 24, replace=False))
    score = random.normal(size=(1, 364 * 24))
    for hour in at:
        score[0, hour - 4 : hour - 1] += 4
    return Scores(("AAA",), FIRST, HOUR, score), catalogue(at * HOUR + 30)


def test_the_profile_stands_out_at_the_hours_at_which_the_score_is_high_and_nowhere_else():
    profile = lead_profile.table(*planted()).set_index("hours_before")
    assert profile.index.tolist() == sorted([0.25, 0.5, 1, 2, 4, 8, 16, 24, 48, 0], reverse=True) + [
        -0.25, -0.5, -1, -2, -4, -8, -16, -24, -48,
    ]  # fmt: skip
    high = profile["skill"] > profile["band_high"]
    assert high[[4.0, 2.0]].all() and not high[[48.0, 1.0, 0.0, -1.0, -2.0, -4.0, -48.0]].any()
    assert profile["skill"][[4.0, 2.0]].min() > 0.9
    assert (profile["n_targets"] == 24).all() and (profile["n_clusters"] == 24).all()


def test_at_no_lead_the_profile_is_the_primary_test():
    scores, targets = planted()
    row = lead_profile.table(scores, targets).set_index("hours_before").loc[0.0]
    outcome = skill.tested(scores, targets)
    assert (row["skill"], row["band_low"], row["band_high"]) == pytest.approx((outcome.skill, *outcome.band))


def test_events_whose_earlier_time_lies_before_the_scores_are_left_out_of_that_lead():
    scores, _ = planted()
    profile = lead_profile.table(scores, catalogue([3 * HOUR, 50 * DAY])).set_index("hours_before")["n_targets"]
    assert (profile[4.0], profile[2.0]) == (1, 2)
    none = lead_profile.table(scores, catalogue([]))
    assert none["skill"].isna().all() and (none["n_targets"] == 0).all() and len(none) == 19


def test_the_table_has_its_columns_also_without_scores():
    scores, targets = planted()
    empty = Scores(("AAA",), FIRST, HOUR, np.full_like(scores.score, np.nan))
    profile = lead_profile.table(empty, targets)
    assert profile.columns.tolist() == lead_profile.COLUMNS and isinstance(profile, pd.DataFrame)
    assert profile[["skill", "band_low", "band_high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("above_hours", "expected"),
    [
        ([0, 0.25, 0.5, 1, 2, 4], 4.0),
        ([0, 0.25, 16], 0.25),  # what stands out again long before is another thing
        ([0], 0.0),
        (list(lead_profile.LEADS_HOURS), 48.0),
    ],
)
def test_a_score_stands_out_from_the_longest_lead_up_to_which_it_always_does(above_hours, expected):
    hours = [*lead_profile.LEADS_HOURS, -1.0, -4.0]
    profile = pd.DataFrame({"hours_before": hours, "band_high": 0.7})
    profile["skill"] = [0.9 if hour in above_hours or hour < 0 else 0.6 for hour in hours]
    assert lead_profile.stands_out_from_hours(profile) == expected


def test_a_score_that_does_not_stand_out_at_the_events_has_no_lead_whatever_it_did_before():
    profile = pd.DataFrame({"hours_before": [0.0, 1.0, 2.0], "skill": [0.6, 0.9, 0.9], "band_high": 0.7})
    assert math.isnan(lead_profile.stands_out_from_hours(profile))
    empty = profile.assign(skill=math.nan, band_high=math.nan)
    assert math.isnan(lead_profile.stands_out_from_hours(empty))
