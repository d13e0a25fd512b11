"""Turned blocks: the exact null of a sum over target events."""

import itertools

import numpy as np
import pandas as pd
import pytest

from core.evaluation.chance import turned_blocks
from core.evaluation.chance.turned_blocks import Null, Turned

DAY = 1440
FIRST = 91 * 100 * DAY  # a calendar border


def a_null(seed: int = 0, n_blocks: int = 3, n_turns: int = 13) -> Null:
    random = np.random.default_rng(seed)
    return Null([Turned(k, random.normal(size=n_turns)) for k in range(n_blocks)])


def test_the_distribution_is_that_of_every_movement_enumerated():
    null = a_null()
    sums = [np.round(one.sums / null.grid) for one in null.tables]
    every = np.array([sum(each) for each in itertools.product(*sums)])
    assert null.p_observed == pytest.approx(np.mean(every >= null.observed), abs=1e-12)
    assert null.p_smallest == pytest.approx(1 / 13**3, abs=1e-12)
    for number in (-900, 0, 350, 10**6):
        expected = max(np.mean(every >= number), turned_blocks.SMALLEST_P)
        assert float(null.p(number)) == pytest.approx(expected, abs=1e-12)
    for q in (0.025, 0.5, 0.975):
        assert null.quantile(q) == pytest.approx(np.quantile(every, q, method="inverted_cdf") * null.grid)
    assert null.mean == pytest.approx(np.mean(every) * null.grid, abs=3 * null.grid)
    assert null.sd == pytest.approx(np.std(every) * null.grid, rel=0.01)


def test_the_hill_of_chance_adds_up_to_one_and_has_the_mean_of_all_movements():
    null = a_null(1)
    sums, share = null.density()
    assert share.sum() == pytest.approx(1) and (sums * share).sum() == pytest.approx(null.mean, abs=3 * null.grid)


def test_smallest_p_stay_exact_far_below_the_rounding_of_one():
    assert a_null(2, n_blocks=30).p_smallest == pytest.approx(13.0**-30, rel=1e-6)


def test_blocks_stand_on_the_calendar_whatever_the_stretch():
    whole = turned_blocks.blocks(FIRST, 364, DAY)
    assert whole.border.tolist() == [0, 91, 182, 273, 364] and whole.number.tolist() == [100, 101, 102, 103]
    later = turned_blocks.blocks(FIRST + 100 * DAY, 264, DAY)
    assert later.border.tolist() == [0, 82, 173, 264] and later.number.tolist() == [101, 102, 103]


def test_a_short_piece_at_either_end_joins_its_neighbour():
    cut = turned_blocks.blocks(FIRST + 60 * DAY, 91 + 31 + 40, DAY)
    assert cut.border.tolist() == [0, 162] and cut.number.tolist() == [101]


def test_a_border_between_two_steps_belongs_to_the_later_one():
    cut = turned_blocks.blocks(FIRST - 90, 24 * 100, 60)  # the border lies 1.5 steps after the beginning
    assert cut.border[0] == 0 and cut.border[-1] == 2400
    assert turned_blocks.blocks(FIRST - 50 * DAY - 90, 24 * 150, 60).border[1] == 24 * 50 + 2


def turned(step, share=None, weight=None, days=91, unit=7):
    share = np.random.default_rng(5).random((1, days)) if share is None else share
    step = np.asarray(step)
    weight = np.ones(len(step)) if weight is None else np.asarray(weight)
    cut = turned_blocks.blocks(FIRST, days, DAY)
    return turned_blocks.turn(share, np.zeros(len(step), int), step, weight, cut, unit), share


def test_all_targets_of_a_block_turn_together_and_the_first_turn_is_as_observed():
    (one,), share = turned([0, 3, 90], weight=[1.0, 0.5, 0.5])
    assert len(one.sums) == 13
    for k in range(13):
        at = (np.array([0, 3, 90]) + 7 * k) % 91
        assert one.sums[k] == pytest.approx(((share[0, at] - 0.5) * [1, 0.5, 0.5]).sum())


def test_what_is_no_whole_unit_of_a_block_stays():
    (one,), share = turned([85], days=90)
    assert len(one.sums) == 12 and one.sums == pytest.approx(np.full(12, share[0, 85] - 0.5))


def test_a_turn_into_a_gap_takes_the_sum_of_the_next_turn_that_keeps_enough():
    share = np.random.default_rng(6).random((1, 91))
    share[0, 7:21] = np.nan
    (one,), _ = turned([0], share)
    assert one.sums[1] == one.sums[2] == one.sums[3] == pytest.approx(share[0, 21] - 0.5)


def test_a_sum_over_fewer_targets_is_scaled_to_the_variance_of_all():
    share = np.full((1, 91), 0.75)
    share[0, 7] = np.nan
    (one,), _ = turned([0, 1], share)
    assert one.sums[0] == pytest.approx(0.5) and one.sums[1] == pytest.approx(0.25 * np.sqrt(2))


def test_a_movement_has_one_number_for_all_stretches_that_hold_its_block():
    early, late = turned_blocks.numbered_turns(np.array([7, 8])), turned_blocks.numbered_turns(np.array([8, 9]))
    assert (early[:, 1] == late[:, 0]).all() and not (early[:, 0] == late[:, 1]).any()
    assert early.shape == (9999, 2)


def test_a_block_before_1970_has_movements_of_its_own():
    before = turned_blocks.numbered_turns(np.array([-8, 8]), 10)
    assert not (before[:, 0] == before[:, 1]).any()
    cut = turned_blocks.blocks(int(pd.Timestamp("1960-01-01").timestamp()) // 60, 364, DAY)
    assert (cut.number < 0).all()


def test_normal_scores_of_the_numbered_movements_are_standard_normal():
    z = a_null(3, n_blocks=4).normal_scores(turned_blocks.numbered_turns(np.arange(4))).astype(float)
    assert z.mean() == pytest.approx(0, abs=0.05) and z.std() == pytest.approx(1, abs=0.05)
