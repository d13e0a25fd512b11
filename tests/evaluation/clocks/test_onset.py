"""Onset: the record says when the shaking began, and so if the catalogue is late."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.evaluation.chance import skill
from core.evaluation.clocks import disturbance, onset
from core.evaluation.clocks.onset import OnsetKind
from support.shaken_worlds import DAY, FIRST, HOUR, catalogue, minutes

DAYS = 182


def shaken(seed, n=24, noisy_hours=10, station="AAA"):
    """The disturbance of half a year with n earthquakes at least three days apart, and their true minutes."""
    random = np.random.default_rng(seed)
    shocks = np.sort(random.choice(np.arange(4, DAYS - 4, 3), n, replace=False)) * DAY + random.integers(0, DAY, n)
    field = minutes(random, DAYS, shocks if noisy_hours else (), noisy_hours)
    return disturbance.series(station, FIRST, field), shocks


def seen(series, events):
    return onset.tested(skill.on_one_axis([series]), events)


@pytest.mark.parametrize(("late_hours", "kind"), [
    (3, OnsetKind.LATE), (12, OnsetKind.LATE), (1, OnsetKind.LATE), (0, OnsetKind.CONFIRMED), (-3, OnsetKind.EARLY),
])  # fmt: skip
def test_a_catalogue_three_hours_late_is_broken_and_one_that_is_right_is_confirmed(late_hours, kind):
    series, shocks = shaken(0)
    outcome = seen(series, catalogue(shocks + late_hours * HOUR))
    assert outcome.kind is kind and outcome.p <= 0.01 and outcome.n_events == 24
    assert outcome.lag_hours == pytest.approx(-late_hours, abs=0.4)


def test_a_record_that_earthquakes_do_not_shake_says_nothing_of_the_clock():
    worlds = [shaken(seed, noisy_hours=0) for seed in range(3)]
    outcomes = [seen(series, catalogue(shocks)) for series, shocks in worlds]
    assert [outcome.kind for outcome in outcomes] == [OnsetKind.NONE] * 3
    assert all(outcome.p > 0.01 and np.isnan(outcome.lag_hours) for outcome in outcomes)


def test_too_few_events_are_not_checked():
    series, shocks = shaken(0)
    outcome = seen(series, catalogue(shocks[: onset.FEWEST_EVENTS - 1] + 3 * HOUR))
    assert outcome.kind is OnsetKind.NOT_CHECKED and np.isnan(outcome.p)
    assert outcome.n_events == onset.FEWEST_EVENTS - 1
    assert seen(series, catalogue([])).kind is OnsetKind.NOT_CHECKED


def test_an_event_less_than_two_days_after_another_of_its_station_is_not_the_first():
    events = catalogue([0, 48 * HOUR, 97 * HOUR])
    other = catalogue([10 * HOUR], station="BBB")
    first = onset.first_events(pd.concat([events, other]))
    assert first["station"].tolist() == ["AAA", "BBB", "AAA"]
    assert first["origin_time"].tolist() == [
        events["origin_time"][0],
        other["origin_time"][0],
        events["origin_time"][2],
    ]


def test_a_stack_over_two_stations_is_the_mean_of_all_their_events():
    one, shocks = shaken(0, n=12)
    two, others = shaken(1, n=12, station="BBB")
    both = skill.on_one_axis([one, two])
    events = pd.concat([catalogue(shocks + 3 * HOUR), catalogue(others + 3 * HOUR, station="BBB")])
    outcome = onset.tested(both, events)
    assert outcome.kind is OnsetKind.LATE and outcome.n_events == 24


def test_an_hour_of_shaking_at_a_right_clock_is_not_called_late():
    outcomes = []
    for seed in range(3):
        series, shocks = shaken(seed, noisy_hours=1)
        outcomes.append(seen(series, catalogue(shocks)))
    assert [outcome.kind for outcome in outcomes] == [OnsetKind.CONFIRMED] * 3
    assert all(abs(outcome.lag_hours) <= 1 for outcome in outcomes)


def test_a_lost_record_after_the_shocks_is_no_event_of_the_stack():
    series, shocks = shaken(0)
    score = series.score.copy()
    for shock in shocks[:20]:
        score[shock // HOUR * 6 : shock // HOUR * 6 + 36] = np.nan
    outcome = seen(dataclasses.replace(series, score=score), catalogue(shocks))
    assert outcome.n_events == 4 and outcome.kind is OnsetKind.NOT_CHECKED


def test_a_record_that_is_lost_after_most_events_shows_no_onset_by_that():
    outcomes = []
    for seed in range(5):
        series, shocks = shaken(seed, n=40, noisy_hours=0)
        for shock in shocks[::5] // 10:  # the few that are left would scatter most
            for lost in range(1, 5):
                at = shocks[np.searchsorted(shocks // 10, shock) + lost] // 10 + 12
                series.score[at : at + 240] = np.nan
        outcomes.append(seen(series, catalogue(shocks)))
    assert [outcome.kind for outcome in outcomes] == [OnsetKind.NONE] * 5


def test_the_same_record_and_catalogue_give_the_same_p_at_every_call():
    series, shocks = shaken(0, noisy_hours=1)
    assert seen(series, catalogue(shocks)) == seen(series, catalogue(shocks))


def test_steepness_is_what_comes_after_less_what_was_before_by_hand():
    n = 60 * 24 * 6  # as long as a window of local ranks: a share is the rank among all
    random = np.random.default_rng(0)
    share = (random.permutation(n) + 0.5) / n
    scores = skill.Scores(("AAA",), FIRST, HOUR, share[None, :1440])
    steep = onset.steepness(scores).score[0]
    rank = (np.argsort(np.argsort(share[:1440])) + 0.5) / 1440
    expected = (
        16 * (rank[20] - rank[19]) + 9 * (rank[21] - rank[18]) + 4 * (rank[22] - rank[17]) + rank[23] - rank[16]
    ) / 30
    assert steep[20] == pytest.approx(expected)
    assert np.isnan(steep[:4]).all() and np.isnan(steep[-3:]).all() and np.isfinite(steep[4:-3]).all()


def test_steps_with_half_of_the_weight_missing_have_no_steepness():
    score = np.random.default_rng(0).normal(size=(1, 1440))
    score[0, 700] = np.nan
    steep = onset.steepness(skill.Scores(("AAA",), FIRST, HOUR, score)).score[0]
    assert np.flatnonzero(np.isnan(steep[4:-3])).tolist() == [700 - 4, 701 - 4]  # 16 of 30 are those next to it


def test_a_clock_that_is_three_hours_off_for_a_third_of_the_time_is_broken_though_the_stack_is_right():
    series, shocks = shaken(0, n=50)
    late = np.where(np.arange(50) < 17, 3 * HOUR, 0)
    outcome = seen(series, catalogue(shocks + late))
    assert outcome.kind is OnsetKind.LATE and outcome.lag_hours == -3 and outcome.n_events >= 45
    assert outcome.n_parts == 6 and 1 <= outcome.n_late <= 3
    right = seen(series, catalogue(shocks))
    assert right.kind is OnsetKind.CONFIRMED and (right.n_parts, right.n_late) == (6, 0)


def test_parts_are_of_a_station_each_and_none_is_smaller_than_can_be_checked():
    events = pd.concat([catalogue(np.arange(30) * 3 * DAY), catalogue(np.arange(9) * 3 * DAY, station="BBB")])
    few = catalogue(np.arange(5) * 3 * DAY, station="CCC")
    stretches = onset.parts(pd.concat([events, few]))
    assert [(set(table["station"]), len(table)) for table in stretches] == [({"AAA"}, 10)] * 3 + [({"BBB"}, 9)]
    assert onset.parts(catalogue(np.arange(15) * 3 * DAY)) == []
