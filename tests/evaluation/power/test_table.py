"""The stored table of power: what it holds, what lies in between, and where it ends."""

import functools
import itertools
import math

import numpy as np
import pytest

from core.evaluation.power import make_table, passing, simulation, table
from core.evaluation.power.planting import Lasting
from core.evaluation.power.table import Power

STORED = table.stored()
NODES = list(itertools.product(STORED.n_clusters, STORED.days, STORED.n_runs))


def counted(n_clusters, days, n_runs, lasting):
    at = [
        list(each).index(value)
        for each, value in zip(
            (STORED.n_clusters, STORED.days, STORED.n_runs, STORED.lasting),
            (n_clusters, days, n_runs, lasting),
            strict=True,
        )
    ]
    return STORED.counts()[tuple(at)]


def test_the_table_covers_what_it_says_with_the_number_of_worlds_of_each_cell():
    assert STORED.n_clusters[0] <= 10 and STORED.n_clusters[-1] >= 100
    assert STORED.days[0] <= 183 and STORED.days[-1] >= 3652 and STORED.n_runs == (1, 5, 20, 100)
    assert STORED.auc[0] == 0.55 and STORED.auc[-1] == 0.95 and STORED.n_worlds >= 50
    assert STORED.counts().min() >= 0 and STORED.counts().max() <= STORED.n_worlds
    assert STORED.made_by == f"python -m {make_table.__name__}"


@pytest.mark.parametrize("lasting", list(Lasting))
def test_at_a_node_the_share_is_the_one_that_was_counted(lasting):
    for node in NODES:
        power = table.read(*node)
        assert power.shares(lasting) * STORED.n_worlds == pytest.approx(counted(*node, lasting), abs=1e-6)


def test_between_nodes_the_share_lies_between_those_of_the_nodes():
    for (few, many), days in itertools.product(itertools.pairwise(STORED.n_clusters), STORED.days):
        power = table.read((few + many) // 2, days, 5)
        ends = np.sort([counted(n, days, 5, Lasting.DAY) / STORED.n_worlds for n in (few, many)], axis=0)
        assert (power.shares(Lasting.DAY) >= ends[0] - 1e-9).all() and (
            power.shares(Lasting.DAY) <= ends[1] + 1e-9
        ).all()


@pytest.mark.parametrize(
    ("n_clusters", "days", "n_runs"), [(101, 365, 1), (24, 100, 1), (24, 3700, 1), (24, 365, 101), (24, 365, 0)]
)
def test_outside_the_table_nothing_is_said(n_clusters, days, n_runs):
    assert table.read(n_clusters, days, n_runs) is None


def test_with_fewer_events_than_the_gate_against_foreshocks_asks_for_nothing_is_found():
    assert table.read(9, 365, 1).share_week == (0.0,) * len(STORED.auc)
    assert math.isnan(table.read(3, 5000, 1).smallest_auc(Lasting.DAY))


def test_the_more_tries_the_less_is_found():
    counts = STORED.counts()
    assert (np.diff(counts, axis=2) <= 0).all()


def test_the_size_that_is_found_in_eight_of_ten_cases_is_interpolated():
    power = Power(24, 365, 1, (0.6, 0.7, 0.8), (0.1, 0.7, 0.9), (0.1, 0.2, 0.3), 100)
    assert power.smallest_auc(Lasting.DAY) == pytest.approx(0.75)
    assert math.isnan(power.smallest_auc(Lasting.WEEK))
    assert power.smallest_auc(Lasting.DAY, 0.05) == 0.6


def test_a_size_outside_the_table_is_refused():
    with pytest.raises(ValueError, match=r"0\.55 to 0\.95"):
        table.at_auc(table.read(24, 365, 1), 0.97, Lasting.DAY)


def standard_errors(power, lasting):
    """Of the shares; with a world added to each side, so that none is 0."""
    share = (power.shares(lasting) * power.n_worlds + 1) / (power.n_worlds + 2)
    return np.sqrt(share * (1 - share) / power.n_worlds)


SPARSE_DAYS = 20  # from one sequence to the next; nearer ones leave hardly a step that is free of events


def test_more_events_find_more_within_what_so_few_worlds_can_tell():
    pairs = itertools.product(STORED.days, STORED.n_runs, Lasting, itertools.pairwise(STORED.n_clusters))
    compared = [each for each in pairs if each[0] / each[3][1] >= SPARSE_DAYS]
    assert len(compared) > 40
    for days, n_runs, lasting, (few, many) in compared:
        less, more = table.read(few, days, n_runs), table.read(many, days, n_runs)
        error = np.hypot(standard_errors(less, lasting), standard_errors(more, lasting))
        assert (more.shares(lasting)[:3] >= less.shares(lasting)[:3] - 3 * error[:3]).all(), (days, n_runs, few)


def test_larger_changes_are_found_more_often_within_what_so_few_worlds_can_tell():
    # The largest are not: what stands so high before targets makes the small events near them look as if they knew.
    for node, lasting in itertools.product(NODES, Lasting):
        power = table.read(*node)
        share, error = power.shares(lasting)[:4], standard_errors(power, lasting)[:4]
        assert (np.diff(share) >= -3 * np.hypot(error[:-1], error[1:])).all(), (node, lasting)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_clusters", "days", "n_runs", "auc"),
    [
        (12, 250, 1, 0.8),
        (20, 600, 3, 0.7),
        (35, 730, 10, 0.6),
        (70, 300, 2, 0.8),
        (18, 2000, 50, 0.75),
        (80, 500, 8, 0.9),
        (60, 1500, 1, 0.7),
        (40, 2700, 1, 0.75),
    ],
)
def test_a_point_between_the_nodes_simulated_anew_agrees_within_three_standard_errors(n_clusters, days, n_runs, auc):
    n_worlds, power = 60, table.read(n_clusters, days, n_runs)

    def make(random):
        return make_table.stretch.made_up(random, n_clusters, days, simulation.SMALL_EVENTS)

    p = simulation.worlds(make, range(n_worlds), (1, n_clusters, days), (auc,))
    anew = simulation.share_found(p, functools.partial(passing.of_independent_runs, n_runs=n_runs))[:, 0]
    for lasting, share in zip(Lasting, anew, strict=True):
        told = table.at_auc(power, auc, lasting)
        errors = [
            math.sqrt((n * s + 1) * (n * (1 - s) + 1)) / (n + 2) / math.sqrt(n)
            for n, s in ((n_worlds, share), (STORED.n_worlds, told))
        ]
        assert abs(share - told) <= 3 * math.hypot(*errors), lasting
