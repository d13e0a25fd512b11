"""Simulations: the same numbers give the same worlds, and a stopped one stops."""

import functools

import numpy as np
import pytest

from core.evaluation.power import passing, simulation, stretch
from core.progress import Cancelled, Progress


def a_world(random):
    return stretch.made_up(random, 30, 1096)


def test_a_world_has_its_own_number_and_is_the_same_alone_and_among_others():
    several = simulation.worlds(a_world, range(3), (5,), (0.8,))
    assert np.array_equal(simulation.worlds(a_world, [2], (5,), (0.8,))[0], several[2])
    assert several.shape == (3, 2, 1) and len(np.unique(several)) > 1


def test_the_share_that_is_found_counts_the_worlds_below_what_the_family_asks():
    p = np.array([0.001, 0.004, 0.03, 1.0]).reshape(4, 1, 1)
    alone, of_ten = (functools.partial(passing.of_independent_runs, n_runs=n) for n in (1, 10))
    assert simulation.share_found(p, alone)[0, 0] == 0.75 and simulation.share_found(p, of_ten)[0, 0] == 0.5


def test_a_simulation_that_is_asked_to_stop_stops():
    class Stopped(Progress):
        def should_stop(self):
            return True

    with pytest.raises(Cancelled):
        simulation.worlds(a_world, range(3), (5,), progress=Stopped())
