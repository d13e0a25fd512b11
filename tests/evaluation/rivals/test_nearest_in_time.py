"""The nearest times of each moment, against a loop over all of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.rivals import nearest_in_time


def by_hand(times: np.ndarray, moment: float, k: int) -> list[int]:
    """Every time that is no farther than the k-th nearest."""
    distance = np.abs(times - moment)
    return np.flatnonzero(distance <= np.sort(distance)[k - 1]).tolist()


@pytest.mark.parametrize("k", [1, 2, 7, 40])
def test_the_k_nearest_and_all_that_are_as_far_as_the_last_of_them_by_brute_force(k):
    random = np.random.default_rng(k)
    times = np.sort(random.integers(0, 30, 40) / 4)  # many stand twice, and many are equally far on both sides
    moments = np.concatenate([random.integers(-4, 36, 60) / 4, [-100.0, 100.0]])
    first, last = nearest_in_time.reach(times, moments, k)
    for moment, begin, end in zip(moments, first, last, strict=True):
        assert list(range(begin, end)) == by_hand(times, moment, k)


def test_no_moment_has_no_neighbours():
    first, last = nearest_in_time.reach(np.array([1.0, 2.0]), np.empty(0), 2)
    assert first.tolist() == last.tolist() == []
