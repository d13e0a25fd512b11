"""
Worlds whose answer is known, taken all the way to the verdict.

A strong planted precursor is above chance and no other thing explains it, but for sequences that this short world has
to divide; without one at most one of 20 worlds is taken for a candidate.
"""

from __future__ import annotations

import pytest

from core import config as configs
from core.judgement import assessment
from core.judgement.gates import GateName
from core.judgement.verdict import Verdict
from core.runs import pipeline
from core.runs.runs import RunStore
from core.synthesis.world import World
from core.vocabulary import Checked

CONFIG = configs.from_dict(
    {
        "name": "acceptance",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {
            "seed": 1,
            "start": "2016-01-01",
            "end": "2017-01-01",
            "events_per_year": 250,
            "gap_fraction": 0.002,
            # From 17 hours to 1 hour before the event: longer than a window, so it is there one window earlier too.
            "precursor_lead_hours": 9.0,
            "precursor_duration_hours": 16.0,
            "precursor_period_minutes": 15,
        },
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 240, "sampling": "event_aligned"},
        "labels": {"quiet_margin_days": 1.0, "storm_kp": 9},
        "split": {"embargo_days": 0.25, "validation_fraction": 0.15, "test_fraction": 0.4},
        "training": {"epochs": 6},
    }
)
OPTIONS = assessment.Options(n_bootstrap=300, n_shifts=499)


def verdict_of(folder, amplitude_nt: float, seed: int) -> Verdict:
    """The verdict of one run on one world, in a store of its own."""
    changes = {"seed": seed, "precursor_amplitude_nt": amplitude_nt}
    config = configs.replace(CONFIG, world=changes, training={"seed": seed})
    world = World(config.world, config.data.stations)
    run = pipeline.run(config, world, RunStore(folder))
    return assessment.assess(run, world, folder, options=OPTIONS).document.verdict


@pytest.mark.slow
def test_a_strong_planted_precursor_fails_no_gate_but_that_of_divided_sequences(tmp_path):
    told = verdict_of(tmp_path, amplitude_nt=80, seed=1)
    state = {gate.name: gate.state for gate in told.gates}
    assert [name for name, each in state.items() if each == Checked.FAILED] == [GateName.WHOLE]
    # One station, one catalogue, no shaking: what such a world cannot offer is not checked, and said so.
    unchecked = {name for name, each in state.items() if each == Checked.NOT_CHECKED}
    assert unchecked <= {GateName.CLOCKS, GateName.SPECIFICITY}
    assert told.kind == "explained" and told.headline.startswith("Made-up data. Not a finding.")
    assert "a sequence of earthquakes that reaches into the windows" in told.headline


@pytest.mark.slow
def test_a_ramp_of_5_nt_in_the_last_hour_is_recovered(tmp_path):
    found = {}
    for amplitude_nt in (5, 0):
        ramp = {"precursor_shape": "ramp", "precursor_lead_hours": 0.5, "precursor_duration_hours": 1.0}
        config = configs.replace(
            CONFIG, world={**ramp, "precursor_amplitude_nt": amplitude_nt}, labels={"storm_kp": 4.667}
        )
        world = World(config.world, config.data.stations)
        scores = pipeline.run(config, world, RunStore(tmp_path / str(amplitude_nt))).scores
        found[amplitude_nt] = scores[(scores["split"] == "test") & (scores["station"] == "all")].iloc[0]
    assert found[5]["auc_low"] > 0.6
    assert found[0]["auc_low"] < 0.5 < found[0]["auc_high"]


@pytest.mark.slow
def test_without_a_precursor_at_least_19_of_20_worlds_fail(tmp_path):
    said = [verdict_of(tmp_path / str(seed), amplitude_nt=0, seed=seed) for seed in range(1, 21)]
    kinds = [verdict.kind.value for verdict in said]
    assert kinds.count("candidate") <= 1 and "detects" not in kinds
    assert kinds.count("null") >= 17  # 5 % of the tests alone may be passed by luck
