"""Disturbance: the largest change from minute to minute, step by step."""

import numpy as np
import pytest

from core.evaluation.chance import skill
from core.evaluation.clocks import disturbance
from support.shaken_worlds import FIRST, HOUR

NAN = np.nan


def test_the_largest_change_of_either_component_belongs_to_the_step_of_its_later_minute():
    field = np.zeros((30, 2))
    field[10:, 0] = -3.0  # from minute 9 to minute 10
    field[25, 1] = 2.0
    tens = disturbance.series("AAA", FIRST, field, 10)
    assert (tens.first_minute, tens.step_minutes, tens.score.tolist()) == (FIRST, 10, [0.0, 3.0, 2.0])


def test_steps_begin_on_the_clock_whenever_the_record_does():
    tens = disturbance.series("AAA", FIRST + 57, np.arange(20.0)[:, None], 10)
    assert tens.first_minute == FIRST + 50 and len(tens.score) == 3
    assert np.isnan(tens.score[0]) and tens.score[1:].tolist() == [1.0, 1.0]


def test_a_step_of_which_more_than_half_is_missing_has_none_and_no_change_leads_over_a_gap():
    field = np.zeros((30, 2))
    field[4:10] = NAN
    field[10:] = 50.0  # another level after the gap
    field[15:, 1] = NAN  # the other component is enough
    tens = disturbance.series("AAA", FIRST, field, 10).score
    assert np.isnan(tens[0]) and tens[1:].tolist() == [0.0, 0.0]
    assert np.isnan(disturbance.series("AAA", FIRST, field[:, :0], 10).score).all()


def test_the_disturbance_of_an_hour_is_that_of_its_minutes():
    random = np.random.default_rng(0)
    field = random.normal(size=(600, 2))
    axis = skill.on_one_axis([disturbance.series("AAA", FIRST + 20, field, 10)])
    hours = disturbance.hourly(axis)
    expected = disturbance.series("AAA", FIRST + 20, field, HOUR)
    assert (hours.first_minute, hours.step_minutes) == (expected.first_minute, HOUR)
    assert hours.score[0] == pytest.approx(expected.score, nan_ok=True)
