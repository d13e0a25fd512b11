"""
The instrument is tested on worlds whose answer is known.

A strong planted precursor must be found; without one the skill must be chance;
and where the random split of the paper leaks, the audit must say so.
"""

import pytest

from core import config as configs
from core.config import ExperimentConfig
from core.errors import InputError
from core.labelling import dataset, splits
from core.runs import pipeline
from core.runs.runs import RunStore
from core.synthesis.world import World

BASE = configs.from_dict(
    {
        "name": "control",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {
            "seed": 11,
            "start": "2016-01-01",
            "end": "2016-07-01",
            "events_per_year": 600,
            "gap_fraction": 0.005,
            "precursor_lead_hours": 1.5,
            "precursor_duration_hours": 2.5,
            "precursor_period_minutes": 15,
        },
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 240, "sampling": "event_aligned"},
        "labels": {"quiet_margin_days": 0.25, "storm_kp": 9},
        "split": {"embargo_days": 0.25},
        "training": {"epochs": 6},
    }
)


def run_on(config: ExperimentConfig, folder):
    world = World(config.world, config.data.stations)
    run = pipeline.run(config, world, RunStore(folder))
    return run, run.scores.query("split == 'test' and station == 'all'").iloc[0]


def test_a_strong_planted_precursor_is_found(data_folder):
    run, pooled = run_on(configs.replace(BASE, world={"precursor_amplitude_nt": 60}), data_folder)
    assert pooled["auc_low"] > 0.75
    assert run.synthetic
    assert not run.status.dead


def test_without_a_precursor_the_skill_is_chance(data_folder):
    run, pooled = run_on(BASE, data_folder)
    assert pooled["auc_low"] < 0.5 < pooled["auc_high"]
    assert run.audit.ok


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 9))
def test_over_many_worlds_the_interval_covers_chance(data_folder, seed):
    _, pooled = run_on(configs.replace(BASE, world={"seed": seed}, training={"seed": seed}), data_folder)
    # 8 worlds at 95 % each: a single miss beyond this wider band would be a sign of a leak, not of bad luck.
    assert pooled["auc_low"] - 0.1 < 0.5 < pooled["auc_high"] + 0.1


def test_the_random_split_leaks_and_says_so(data_folder):
    overlapping = configs.replace(
        BASE,
        windows={"sampling": "grid", "length_minutes": 1440, "step_minutes": 360},
        labels={"horizon_days": 1.0},
        split={"method": "random", "test_fraction": 0.0},
        training={"epochs": 1},
    )
    world = World(overlapping.world, overlapping.data.stations)
    run = pipeline.run(overlapping, world, RunStore(data_folder))
    assert not run.audit.ok
    assert any(caveat.kind == "leak" for caveat in run.caveats)
    assert RunStore(data_folder).list()["leak"].tolist() == [True]


def test_a_random_split_under_any_other_name_is_refused(monkeypatch):
    config = configs.replace(
        BASE,
        windows={"sampling": "grid", "length_minutes": 1440, "step_minutes": 360},
        labels={"horizon_days": 1.0},
    )
    assign = splits.assign
    monkeypatch.setattr(
        splits, "assign", lambda table, config: assign(table, configs.replace(config, split={"method": "random"}))
    )
    with pytest.raises(InputError, match=r"(?i)leak|share"):
        dataset.build(config, World(config.world, config.data.stations))
