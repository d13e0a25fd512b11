"""Gates of a simulation: what tries cost, who adds to rivals, and who cannot pass."""

import functools
from types import SimpleNamespace

import numpy as np
import pytest

from core.evaluation.chance import families, skill
from core.evaluation.power import passing, planting, stretch
from core.evaluation.power.planting import Lasting
from core.vocabulary import Checked


@pytest.mark.parametrize("n_runs", [1, 5, 20, 100])
def test_the_largest_p_that_passes_is_the_one_of_sidak(n_runs):
    largest = passing.largest_p(functools.partial(passing.of_independent_runs, n_runs=n_runs))
    assert largest == pytest.approx(1 - 0.95 ** (1 / n_runs), rel=0.003)  # movements are counted: 1e-4 too hard


def test_where_even_the_smallest_p_fails_none_passes():
    assert passing.largest_p(lambda p: 0.2) == 0


def test_runs_that_know_nothing_of_each_other_cost_what_is_said_when_their_movements_are_compared():
    p, n_runs = np.array([0.001, 0.003, 0.01]), 20
    told = []
    for number in range(10):
        random = np.random.default_rng([7, number])
        world = stretch.made_up(random, 25, 365)
        runs = [world.scores]
        while len(runs) < n_runs:
            runs.append(stretch.made_up(random, 25, 365).scores)
        vectors = np.array([skill.normal_scores(skill.tested(scores, world.targets)) for scores in runs])
        told.append([families.best_of_family(each, vectors[0], vectors[1:]) for each in p])
    said = [passing.of_independent_runs(each, n_runs) for each in p]
    assert np.mean(told, axis=0) == pytest.approx(said, rel=0.12)


def test_with_fewer_than_ten_sequences_no_change_is_found_however_large():
    world = stretch.made_up(np.random.default_rng(1), 9, 1096)
    assert passing.p_alone_and_away(planting.planted(world, 0.99, Lasting.WEEK)) == 1
    enough = stretch.made_up(np.random.default_rng(1), 30, 1096)
    assert passing.p_alone_and_away(planting.planted(enough, 0.95, Lasting.WEEK)) < 0.001


def test_one_block_alone_promises_nothing_however_strong_a_change_is(monkeypatch):
    """A run whose target events lie in one block is untestable, and a simulation passed its worlds."""
    passed = SimpleNamespace(kind=Checked.PASSED)
    monkeypatch.setattr(passing.event_guard, "not_the_foreshocks", lambda *arguments: passed)
    world = planting.planted(stretch.made_up(np.random.default_rng(1), 14, 48), 0.99, Lasting.DAY)
    outcome = skill.tested(world.scores, world.targets)
    assert outcome.n_blocks == 1 and outcome.p < 0.05
    assert passing.p_alone_and_away(world) == 1


def test_scores_add_to_rivals_that_know_nothing_only_if_they_know_something():
    added = {0.5: 0, 0.9: 0}
    for number in range(8):
        world = stretch.made_up(np.random.default_rng([8, number]), 40, 1096)
        for auc in added:
            changed = planting.planted(world, auc, Lasting.DAY)
            added[auc] += passing.adds_to_rivals(changed, np.random.default_rng(number))
    assert added[0.5] <= 2 and added[0.9] >= 7
