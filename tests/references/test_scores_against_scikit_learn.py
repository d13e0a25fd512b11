"""
ROC AUC, average precision, MCC and Brier score: the numbers that scikit-learn gave once, recorded.

tests/evaluation/test_scores.py asks the scikit-learn that is installed; if both drift together, this one tells.
"""

import numpy as np
import pytest

from core.evaluation import scores
from core.evaluation.cells import Cells
from support import recorded

CASES = recorded.values("scores_of_scikit_learn")["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['label'])} rows")
def test_scores_are_those_that_scikit_learn_gave(case):
    label, probability = np.array(case["label"]), np.array(case["probability"])
    ours = {
        "roc_auc_score": scores.auc(label, probability),
        "average_precision_score": scores.average_precision(label, probability),
        "matthews_corrcoef": Cells.count(label, probability, 0.5).mcc,
        "brier_score_loss": scores.brier(label, probability),
    }
    assert ours == pytest.approx({name: case[name] for name in ours}, abs=1e-12)


def test_the_recorded_rows_hold_ties_and_unlike_classes_and_a_score_on_either_side_of_the_threshold():
    for case in CASES:
        probability = case["probability"]
        assert len(set(probability)) < len(probability) and min(probability) < 0.5 <= max(probability)
    assert len({np.mean(case["label"]) for case in CASES}) == len(CASES)


# The examples of scikit-learn's own documentation (sklearn.metrics 1.9, the sections "Examples" of each function).
def test_the_examples_in_the_documentation_of_scikit_learn_come_out():
    label, probability = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    assert scores.auc(label, probability) == pytest.approx(0.75)
    assert scores.average_precision(label, probability) == pytest.approx(0.83, abs=0.005)
    assert scores.brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]) == pytest.approx(0.0375)
    # y_true = [+1, +1, +1, -1], y_pred = [+1, -1, +1, +1]
    assert Cells.count([1, 1, 1, 0], [1, 0, 1, 1], 0.5).mcc == pytest.approx(-0.33, abs=0.005)
