"""Gaps against a brute-force loop and worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.processing import gaps

NAN = np.nan


def longest(values):
    best = run = 0
    for value in values:
        run = run + 1 if value else 0
        best = max(best, run)
    return best


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.data())
def test_counts_and_longest_runs_in_windows_are_those_of_a_loop(mask, data):
    mask = np.array(mask)
    edge = st.integers(0, len(mask))
    pairs = data.draw(st.lists(st.tuples(edge, edge), min_size=1, max_size=20))
    first, last = np.sort(np.array(pairs), axis=1).T
    assert gaps.longest_run(mask, first, last).tolist() == [
        longest(mask[a:b]) for a, b in zip(first, last, strict=True)
    ]
    assert gaps.count(mask, first, last).tolist() == [mask[a:b].sum() for a, b in zip(first, last, strict=True)]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=50), st.data())
def test_range_maximum_is_that_of_a_loop(values, data):
    values = np.array(values)
    first = np.array(data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=20)))
    last = np.array([data.draw(st.integers(a + 1, len(values))) for a in first])
    assert gaps.range_maximum(values, first, last).tolist() == [
        values[a:b].max() for a, b in zip(first, last, strict=True)
    ]


def test_an_empty_range_has_no_maximum():
    with pytest.raises(ValueError, match="empty range"):
        gaps.range_maximum(np.arange(3), np.array([1]), np.array([1]))


def test_the_papers_rule_fills_with_the_mean_of_the_component_over_the_window():
    batch = np.array([[[1.0, NAN, 3.0, 8.0], [5.0, 5.0, 5.0, 5.0], [NAN, NAN, NAN, 7.0]]])
    assert gaps.fill(batch, "paper_mean").tolist() == [
        [[1.0, 4.0, 3.0, 8.0], [5.0, 5.0, 5.0, 5.0], [7.0, 7.0, 7.0, 7.0]]
    ]


def test_the_linear_rule_draws_a_line_and_takes_the_nearest_value_at_the_edges():
    batch = np.array([[[NAN, 1.0, NAN, NAN, 4.0, NAN]]])
    assert gaps.fill(batch, "linear").tolist() == [[[1.0, 1.0, 2.0, 3.0, 4.0, 4.0]]]


def test_linear_filling_agrees_with_numpys_interpolation():
    random = np.random.default_rng(1)
    batch = random.normal(40000, 30, (5, 3, 200))
    batch[random.random(batch.shape) < 0.3] = NAN
    filled = gaps.fill(batch, "linear")
    for row, got in zip(batch.reshape(15, 200), filled.reshape(15, 200), strict=True):
        present = np.flatnonzero(~np.isnan(row))
        np.testing.assert_allclose(got, np.interp(np.arange(200), present, row[present]), rtol=1e-14)


@pytest.mark.parametrize("rule", ["paper_mean", "linear"])
def test_filling_changes_no_present_value_and_does_not_depend_on_the_rest_of_the_batch(rule):
    random = np.random.default_rng(2)
    batch = random.normal(40000, 30, (6, 3, 101))
    batch[random.random(batch.shape) < 0.2] = NAN
    filled = gaps.fill(batch, rule)
    assert not np.isnan(filled).any()
    assert np.array_equal(filled[~np.isnan(batch)], batch[~np.isnan(batch)])
    for i in range(6):
        assert np.array_equal(gaps.fill(batch[i : i + 1], rule)[0], filled[i])


def test_a_component_without_any_value_cannot_be_filled():
    batch = np.ones((1, 3, 10))
    batch[0, 1] = NAN
    with pytest.raises(ValueError, match="without a single value"):
        gaps.fill(batch, "linear")


def test_short_gaps_hold_the_last_value_and_long_ones_break_the_record_in_pieces():
    values = np.array([NAN, 1.0, NAN, NAN, 2.0, NAN, NAN, NAN, 3.0, NAN])
    held, first, last = gaps.hold_short(values, 2)
    assert np.array_equal(held, [NAN, 1.0, 1.0, 1.0, 2.0, NAN, NAN, NAN, 3.0, NAN], equal_nan=True)
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(1, 5), (8, 9)]
