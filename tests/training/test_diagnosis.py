"""The dead-network check: the paper's normalisation kills the network, and the lab says so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.training import diagnosis, fit
from support.array_windows import ArrayWindows, bursts, config


def shaped_like_the_papers_input() -> ArrayWindows:
    """The bursts at 0.001 of the level they ride on: a field of (24000, 1600, 40000) nT over its vertical part."""
    windows = bursts()
    windows.values = np.float32([[[0.6], [0.04], [1.0]]]) + np.float32(1e-3) * windows.values
    return windows


def test_the_papers_normalisation_kills_the_network_and_the_diagnosis_says_so(tmp_path):
    trained = fit.train(config(epochs=4, learning_rate=0.003), shaped_like_the_papers_input(), tmp_path)
    verdict = fit.diagnose(trained.history)
    last = trained.history.iloc[-1]
    assert verdict.dead
    assert last["output_sd"] < 1e-5 and last["active_units"] < 16
    assert last["validation_accuracy"] == 0.5  # the class share
    for words in ("constant", 'normalisation = "record_robust"', "lower learning_rate", "(0.500) is the share of one"):
        assert words in verdict.sentence


def test_the_same_bursts_without_the_level_are_found(tmp_path):
    trained = fit.train(config(epochs=8, learning_rate=0.003), bursts(), tmp_path)
    verdict = fit.diagnose(trained.history)
    assert not verdict.dead and "hidden units are active" in verdict.sentence
    assert trained.history["validation_auc"].iloc[-1] > 0.9
    assert trained.history["active_units"].iloc[-1] >= 16


def history_of(active, sd):
    return pd.DataFrame(
        {"epoch": range(1, len(active) + 1), "active_units": active, "output_sd": sd, "validation_accuracy": 0.6641}
    )


def test_the_diagnosis_names_the_epoch_since_which_all_units_are_dead():
    verdict = diagnosis.diagnose(history_of([38, 0, 5, 0, 0], [0.1, 0, 0.1, 0, 0]))
    assert verdict.dead and "since epoch 4" in verdict.sentence


def test_a_constant_output_of_live_units_is_dead_only_after_three_epochs():
    assert not diagnosis.diagnose(history_of([34, 34], [1e-5, 1e-5])).dead
    verdict = diagnosis.diagnose(history_of([34, 34, 34], [1e-5, 1e-5, 2e-5]))
    assert verdict.dead and "2e-05" in verdict.sentence and "(0.664)" in verdict.sentence
    assert not diagnosis.diagnose(history_of([34] * 4, [1e-5, 1e-5, 1e-5, 0.1])).dead
    assert not diagnosis.diagnose(history_of([], [])).dead
