"""Benjamini and Hochberg, Sidak and Wilson: the numbers that statsmodels gave once, recorded."""

import numpy as np
import pytest

from core.evaluation import calibration, multiple_testing
from support import recorded

RECORDED = recorded.values("multiple_tests_of_statsmodels")


@pytest.mark.parametrize("case", RECORDED["tests"], ids=lambda case: f"{len(case['p'])} tests")
def test_false_discovery_rates_and_sidaks_p_are_those_that_statsmodels_gave(case):
    p = np.array(case["p"])
    np.testing.assert_allclose(multiple_testing.benjamini_hochberg(p), case["fdr_bh"], rtol=1e-12)
    ours = [multiple_testing.sidak(smallest, len(p)) for smallest in case["p"]]
    np.testing.assert_allclose(ours, case["sidak"], rtol=1e-12)


def test_benjamini_and_hochberg_find_the_four_discoveries_of_their_own_example():
    # Benjamini & Hochberg (1995, J. R. Statist. Soc. B 57, 289), section 3.2: 15 p values, q* = 0.05, four rejected.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p = np.array(p + [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
    assert (multiple_testing.benjamini_hochberg(p) <= 0.05).tolist() == [True] * 4 + [False] * 11


@pytest.mark.parametrize("share", RECORDED["shares"], ids=lambda share: f"{share['count']} of {share['nobs']}")
def test_wilsons_interval_is_the_one_that_statsmodels_gave(share):
    low, high = calibration.wilson([share["count"]], [share["nobs"]])
    np.testing.assert_allclose([low[0], high[0]], share["interval"], rtol=1e-12, atol=1e-15)
