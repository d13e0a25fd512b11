"""Own times: the record confirms those origin times at which it begins to be disturbed, one by one."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.chance import skill
from core.evaluation.clocks import disturbance, own_times
from support.shaken_worlds import DAY, FIRST, HOUR, catalogue, minutes

DAYS = 182


@pytest.fixture(scope="module")
def world():
    """The disturbance of half a year in which 24 earthquakes shake the sensor, and their true minutes."""
    random = np.random.default_rng(5)
    shocks = np.sort(random.choice(np.arange(4, DAYS - 4, 3), 24, replace=False)) * DAY + random.integers(0, DAY, 24)
    series = disturbance.series("AAA", FIRST, minutes(random, DAYS, shocks, 10))
    return skill.on_one_axis([series]), shocks


def test_right_times_are_confirmed_and_late_ones_are_not(world):
    tens, shocks = world
    late = np.arange(len(shocks)) % 3 == 0
    confirmed = own_times.confirmed(tens, catalogue(shocks + late * 12 * HOUR))
    assert confirmed[~late].mean() > 0.7 and confirmed[late].mean() < 0.4


def test_an_hour_of_a_catalogue_that_is_late_is_enough_to_confirm_few(world):
    tens, shocks = world
    assert own_times.confirmed(tens, catalogue(shocks + 3 * HOUR)).mean() < 0.4


def test_times_chosen_at_random_are_confirmed_as_rarely_as_is_said(world):
    tens, _ = world
    minutes_of = np.random.default_rng(1).integers(4 * DAY, (DAYS - 4) * DAY, 2000)
    assert 0.1 <= own_times.confirmed(tens, catalogue(minutes_of)).mean() <= 0.2  # one in seven is what is said


def test_where_no_record_is_nothing_is_confirmed(world):
    tens, shocks = world
    elsewhere = pd.concat([catalogue(shocks, station="BBB"), catalogue([-5 * DAY])])
    assert not own_times.confirmed(tens, elsewhere).any()
    assert own_times.confirmed(tens, catalogue([])).shape == (0,)
