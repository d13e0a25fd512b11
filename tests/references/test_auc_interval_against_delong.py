"""
The variance behind the interval of the AUC: two other programs, and Obuchowski's equations pair by pair.

The interval is Student's, theirs is normal; so the variances are compared.
"""

import numpy as np
import pytest
from scipy import stats

from core.evaluation import scores
from support import recorded

# pROC, https://github.com/xrobin/pROC, tests/testthat/test-var.R and test-auc.R: DeLong variance and AUC of the grade
# `wfns` (1 to 5) against the outcome in its data set aSAH; here as the number of patients of each grade.
GOOD, POOR = [37, 20, 3, 8, 4], [2, 12, 1, 8, 18]
PROC_AUC, PROC_VARIANCE = 0.823678861788618, 0.00146991470882363


def variance(label, probability, group=None):
    """The variance that an interval was made of: its lower half over Student's quantile, squared."""
    label = np.asarray(label)
    low, _ = scores.auc_interval(label, probability, group)
    assert low > 0  # else it was cut
    names = np.arange(len(label)) if group is None else np.asarray(group)
    fewest = min(len(set(names[label == side])) for side in (0, 1))
    return ((scores.auc(label, probability) - low) / stats.t.ppf(0.975, fewest - 1)) ** 2


def test_the_variance_is_the_one_that_the_tests_of_proc_hold_for_its_clinical_grades():
    label = np.repeat([0, 1], [sum(GOOD), sum(POOR)])
    grade = np.concatenate([np.repeat(np.arange(1, 6), count) for count in (GOOD, POOR)]) / 5
    assert scores.auc(label, grade) == pytest.approx(PROC_AUC, abs=1e-12)
    assert variance(label, grade) == pytest.approx(PROC_VARIANCE, rel=1e-9)


@pytest.mark.parametrize("case", recorded.values("delong_of_mlstatkit")["cases"], ids=lambda c: f"{len(c['label'])}")
def test_the_variance_is_the_one_that_mlstatkit_gave(case):
    assert scores.auc(case["label"], case["probability"]) == pytest.approx(case["auc"], abs=1e-12)
    assert variance(case["label"], case["probability"]) == pytest.approx(case["variance"], rel=1e-9)


def obuchowski(label, probability, group):
    """Obuchowski (1997, Biometrics 53, 567): S10, S01 and S11 over clusters, from every pair of rows."""
    positive = [(p, g) for y, p, g in zip(label, probability, group, strict=True) if y == 1]
    negative = [(p, g) for y, p, g in zip(label, probability, group, strict=True) if y == 0]
    wins = [[1.0 if a > b else 0.5 if a == b else 0.0 for b, _ in negative] for a, _ in positive]
    n10, n01 = len(positive), len(negative)
    area = sum(map(sum, wins)) / (n10 * n01)
    v10 = [sum(row) / n01 for row in wins]
    v01 = [sum(row[j] for row in wins) / n10 for j in range(n01)]
    clusters = sorted(set(group))
    d10 = {c: sum(v - area for v, (_, g) in zip(v10, positive, strict=True) if g == c) for c in clusters}
    d01 = {c: sum(v - area for v, (_, g) in zip(v01, negative, strict=True) if g == c) for c in clusters}
    i10, i01, i = len({g for _, g in positive}), len({g for _, g in negative}), len(clusters)
    s10 = i10 / ((i10 - 1) * n10) * sum(d**2 for d in d10.values())
    s01 = i01 / ((i01 - 1) * n01) * sum(d**2 for d in d01.values())
    s11 = i / (i - 1) * sum(d10[c] * d01[c] for c in clusters)
    return s10 / n10 + s01 / n01 + 2 * s11 / (n10 * n01)


@pytest.mark.parametrize("seed", range(4))
def test_the_variance_of_windows_in_groups_is_obuchowskis_pair_by_pair(seed):
    random = np.random.default_rng(seed)
    group = random.integers(0, 14, 90)
    label = (random.random(90) < 0.2 + 0.4 * (group % 3 == 0)).astype(int)
    level = random.random(14)[group]
    probability = np.round(0.3 * random.random(90) + 0.3 * level + 0.2 * label, 2)
    expected = obuchowski(label.tolist(), probability.tolist(), group.tolist())
    assert variance(label, probability, group) == pytest.approx(expected, rel=1e-9)
