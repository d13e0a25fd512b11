"""The single numbers of an assessment: a number with its interval by name, and none by a name that is misspelt."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation import bootstrap
from core.judgement import tables
from core.judgement.summary import Summary

SUMMARY = Summary(9, 4, 0.5, ass=0.6, ass_low=0.4, ass_high=0.8, average_precision=0.25)


def test_a_number_stands_in_a_sentence_with_its_interval_where_it_has_one():
    assert str(SUMMARY.estimate("ass")) == "0.60 [0.40, 0.80]"
    assert str(SUMMARY.estimate("average_precision")) == "0.25"
    assert str(SUMMARY.estimate("auc")) == "unknown"


def test_a_misspelt_name_is_no_number_that_does_not_exist():
    with pytest.raises(AttributeError, match="acu"):
        SUMMARY.estimate("acu")


def test_the_scores_of_windows_go_into_a_summary_and_what_does_not_exist_is_none():
    label, group = np.array([0, 0, 1, 1]), np.arange(4)
    raw, calibrated = np.array([0.4, 0.4, 0.6, 0.8]), np.array([0.5, 0.5, 0.5, 0.5])
    of_windows = tables.of_windows(label, raw, calibrated, group, bootstrap.draws(4, 50, 0))
    summary = Summary.of({"n": 4, "n_positive": 2, "threshold": 0.5, **of_windows.numbers()})
    assert (summary.auc, summary.average_precision_chance) == (1.0, 0.5)
    assert summary.brier == pytest.approx((0.16 + 0.16 + 0.16 + 0.04) / 4)
    assert summary.brier_calibrated == 0.25 and summary.brier_skill_calibrated == pytest.approx(0)
    assert summary.brier_skill_low < summary.brier_skill < summary.brier_skill_high
    one_class = tables.of_windows(np.ones(4, int), raw, calibrated, group, bootstrap.draws(4, 50, 0))
    assert one_class.skills.brier_skill.value is None and one_class.auc.value is None
