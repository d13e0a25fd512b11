"""Beside a verdict stand the scores of the windows that it is of."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from core.reporting import judged_scores
from core.reporting.figures.run import curves
from core.reporting.judged_scores import JudgedScore
from core.reporting.pages import summary


def listed():
    row = {
        "scored_split": "test", "auc": 0.61, "auc_low": 0.5, "auc_high": 0.7, "accuracy": 0.6, "majority_share": 0.55,
        "synthetic": True, "stations": "DUR", "n_windows": 40, "created": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    return pd.DataFrame([{"run_id": "opened", **row}, {"run_id": "other", **row}])


FINAL = {"opened": JudgedScore("final", 0.97, 0.85, 1.0), "other": JudgedScore("test", 0.61, 0.5, 0.7)}


def test_beside_the_verdict_of_a_final_block_stands_the_auc_of_that_block():
    """The overview showed the test AUC of 0.61 beside a verdict that the final block gave."""
    table = judged_scores.as_judged(listed(), FINAL).set_index("run_id")
    assert table.loc["opened", ["auc", "auc_low", "auc_high", "scored_split"]].tolist() == [
        0.97,
        0.85,
        1.0,
        "final block",
    ]
    assert math.isnan(table.at["opened", "accuracy"])  # an assessment does not hold it
    assert table.loc["other"].equals(listed().set_index("run_id").loc["other"])
    rows = summary.runs_table(table.reset_index(), "runs.csv", {"opened": "detects"}).rows
    assert [rows[0][at].text for at in (1, 5, 6, 7)] == ["detects", "0.97", "–", "final block"]


def test_the_figure_of_runs_draws_what_stands_in_the_table_and_no_accuracy_that_is_not_known():
    figure = curves.compare(judged_scores.as_judged(listed(), FINAL))
    dots = next(trace for trace in figure.data if trace.name == "AUC, 95 % interval")
    assert list(dots.x) == [0.97, 0.61]
    assert "0.97" in dots.hovertext[0] and "nan" not in dots.hovertext[0] and "accuracy" in dots.hovertext[1]


@pytest.mark.parametrize(("shown", "words"), [("test", "that of the final block (AUC 0.97)"), ("final", "")])
def test_scores_of_other_windows_than_those_of_the_verdict_are_said_to_be_others(shown, words):
    told = judged_scores.other_windows(FINAL["opened"], shown)
    assert words in told if words else told == ""
