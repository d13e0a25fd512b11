"""Families: what the number of tries costs."""

import numpy as np
import pytest
from scipy.stats import norm

from core.evaluation.chance import families


def scores(seed, k, rho=0.0, n=9999):
    random = np.random.default_rng(seed)
    common, own = random.normal(size=n), random.normal(size=(k, n))
    return (np.sqrt(rho) * common + np.sqrt(1 - rho) * own).astype(np.float16)


def test_a_family_of_one_pays_nothing():
    own = scores(0, 1)[0]
    assert families.best_of_family(1e-9, own, np.empty((0, len(own)))) == 1e-9


@pytest.mark.parametrize("k", [5, 20, 100])
def test_independent_runs_pay_what_sidak_asks(k):
    z = scores(1, k)
    p = 0.001
    corrected = families.best_of_family(p, z[0], z[1:])
    assert corrected == pytest.approx(1 - (1 - p) ** k, rel=0.5, abs=0.002)


def test_runs_that_resemble_each_other_cost_little():
    alike, unlike = scores(2, 50, rho=0.95), scores(2, 50)
    of_alike, of_unlike = (families.best_of_family(0.002, z[0], z[1:]) for z in (alike, unlike))
    assert of_alike < of_unlike / 3


def test_a_hundred_tries_do_not_make_a_finding_impossible():
    z = scores(3, 100)
    assert families.best_of_family(float(norm.sf(5)), z[0], z[1:]) == pytest.approx(1e-4, abs=2e-4)


def test_runs_without_normal_scores_cost_one_p_each():
    z = scores(4, 3)
    alone = np.empty((0, 9999))
    assert families.best_of_family(1e-4, z[0], alone, 100) == pytest.approx(0.0101)
    assert families.best_of_family(0.2, z[0], alone, 100) == 1


def test_the_largest_scores_of_the_others_are_as_good_as_all_of_them():
    z = scores(5, 30)
    top = z[1:].max(axis=0)
    assert families.best_of_family(0.004, z[0], top) == families.best_of_family(0.004, z[0], z[1:])


def test_holm_is_that_of_a_worked_table():
    """Holm (1979) as in statsmodels 0.14 `multipletests(method="holm")` of these five."""
    p = np.array([0.01, 0.02, 0.03, 0.04, 0.05])
    assert families.holm(p) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert families.holm(np.array([0.02, 1.0])) == pytest.approx([0.04, 1.0])
