"""The figure of a sweep: every finished run is a dot above its value, and chance is grey."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from core.reporting.figures import theme
from core.reporting.figures.studies import sweep


def runs():
    return pd.DataFrame(
        {
            "run_id": ["a", "b", "c", "<img src=x>", "e"],
            "training.optimizer": ["sgd", "sgd", "adam", "<b>adam</b>", "adam"],
            "state": ["finished", "finished", "finished", "finished", "failed"],
            "scored_split": ["test"] * 4 + [np.nan],
            "auc": [0.4, 0.6, 0.55, 0.5, np.nan],
            "validation_auc": [0.7, 0.5, 0.65, 0.6, np.nan],
        }
    )


def drawn(**options):
    return sweep.sweep(runs(), "training.optimizer", "Optimiser", **options)


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def test_every_finished_run_is_a_dot_above_its_value_and_the_middle_is_marked():
    found = traces(drawn())
    dots = found["test: a run each"]
    assert np.round(dots.x).tolist() == [0, 0, 1, 2] and list(dots.y) == [0.4, 0.6, 0.55, 0.5]
    assert list(found["validation: a run each"].y) == [0.7, 0.5, 0.65, 0.6]
    assert list(found["test: median"].y) == pytest.approx([0.5, 0.55, 0.5])
    assert drawn().layout.xaxis.ticktext[:2] == ("sgd", "adam")


def test_chance_is_the_grey_line_at_a_half():
    chance = traces(drawn())["chance 0.50"]
    assert list(chance.y) == [0.5, 0.5] and chance.line.color == theme.colour("chance")


def test_it_is_stamped_if_synthetic_and_lets_no_markup_in():
    assert "SYNTHETIC DATA" in drawn(synthetic=True).to_json()
    text = json.dumps(json.loads(drawn().to_json()))
    assert "SYNTHETIC DATA" not in text and "<img" not in text and "<b>adam" not in text


def test_a_sweep_without_a_finished_run_says_so():
    waiting = runs().assign(state="waiting", auc=np.nan)
    assert "no run has a score yet" in sweep.sweep(waiting, "training.optimizer", "Optimiser").to_json()
