"""Holm and Wilson: the numbers that statsmodels gave once, recorded."""

import numpy as np
import pytest

from core.evaluation import calibration
from core.evaluation.chance import families
from support import recorded

RECORDED = recorded.values("multiple_tests_of_statsmodels")


@pytest.mark.parametrize("case", RECORDED["tests"], ids=lambda case: f"{len(case['p'])} tests")
def test_holms_p_values_are_those_that_statsmodels_gave(case):
    np.testing.assert_allclose(families.holm(np.array(case["p"])), case["holm"], rtol=1e-12)


@pytest.mark.parametrize("share", RECORDED["shares"], ids=lambda share: f"{share['count']} of {share['nobs']}")
def test_wilsons_interval_is_the_one_that_statsmodels_gave(share):
    low, high = calibration.wilson([share["count"]], [share["nobs"]])
    np.testing.assert_allclose([low[0], high[0]], share["interval"], rtol=1e-12, atol=1e-15)
