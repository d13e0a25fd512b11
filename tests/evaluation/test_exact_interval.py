"""The exact interval of a share."""

import pytest
from scipy.stats import binomtest

from core.evaluation import exact


@pytest.mark.parametrize(("n_hits", "n"), [(0, 45), (5, 45), (45, 45), (17, 400), (1, 3)])
def test_the_interval_is_that_of_scipys_exact_test(n_hits, n):
    other = binomtest(n_hits, n).proportion_ci(0.95, method="exact")
    assert exact.interval(n_hits, n) == pytest.approx((other.low, other.high), abs=1e-12)


def test_without_a_trial_nothing_is_known():
    assert exact.interval(0, 0) == (0.0, 1.0)
