"""A small but complete data folder, made by the real pipeline: a synthetic world, runs, a scan, a curve, a ledger."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core import config as configs
from core.forecasting import scan, update
from core.judgement import assessment
from core.runs import pipeline
from core.runs.runs import Run, RunStore
from core.runs.sources import open_source
from core.studies import learning_curves

SMALL = {
    "name": "small",
    "description": "One-hour windows on a small synthetic world",
    "data": {"source": "synthetic", "stations": ["DUR", "IZN"]},
    "world": {"seed": 4, "start": "2016-01-01", "end": "2016-07-01", "events_per_year": 300.0},
    "detectability": {"law": "paper"},
    "windows": {"length_minutes": 60, "sampling": "event_aligned"},
    "labels": {"quiet_margin_days": 0.25},
    "training": {"epochs": 2},
}
LEAKING = {**SMALL, "name": "small-random", "split": {"method": "random", "test_fraction": 0.0}}


def make(data_dir: Path) -> Run:
    """Fill a data folder as the demo does, in seconds; returns the first of its two runs."""
    store = RunStore(data_dir)
    config = configs.from_dict(SMALL)
    world = open_source(config, data_dir)
    leaking = pipeline.run(configs.from_dict(LEAKING), world, store)
    run = pipeline.run(config, world, store)
    for each in (leaking, run):
        assessment.assess(each, world, data_dir)
    end = world.period("DUR")[1]
    series = scan.scan(run, world, "DUR", end - pd.Timedelta(days=20), end, 360)
    scan.save(series, data_dir, run.run_id, "DUR")
    learning_curves.make(config, world, data_dir, [0.5, 1.0], 1)
    update.update(run, data_dir)
    return run
