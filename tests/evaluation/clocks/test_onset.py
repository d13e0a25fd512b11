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


def test_the_same_record_and_catalogue_give_the_same_p_at_every_call():
    series, shocks = shaken(0, noisy_hours=1)
    assert seen(series, catalogue(shocks)) == seen(series, catalogue(shocks))


def test_steepness_is_what_comes_after_less_what_was_before_by_hand():
    share = np.array([[0.0, 1.0, np.nan, 0.5, 0.25, 1.0]])
    steepness = onset._steepness(share, 2)[0]  # weights 4/5 and 1/5; the gap at 2 is too much of what weighs most
    assert np.isnan(steepness[[0, 1, 2, 3, 5]]).all()
    assert steepness[4] == pytest.approx((0.8 * 0.25 + 0.2 * 1.0) - 0.5)
