"""The configuration of a small synthetic run; test modules vary it, and the fixtures of conftest.py make the run."""

from __future__ import annotations

from core import config as configs

SMALL = configs.from_dict(
    {
        "name": "small",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {"seed": 3, "start": "2016-01-01", "end": "2016-04-01", "events_per_year": 900.0},
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 60, "sampling": "event_aligned"},
        "labels": {"quiet_margin_days": 0.125},
        "split": {"embargo_days": 0.125},
        "training": {"epochs": 1},
    }
)
