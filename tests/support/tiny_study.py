"""The smallest experiment that a sweep or a search can vary."""

from __future__ import annotations

TINY = {
    "name": "tiny",
    "data": {"source": "synthetic", "stations": ["DUR"]},
    "world": {"seed": 3, "start": "2016-01-01", "end": "2016-04-01", "events_per_year": 900.0},
    "detectability": {"law": "fixed", "max_distance_km": 200.0, "min_magnitude": 3.5},
    "windows": {"length_minutes": 60, "sampling": "event_aligned"},
    "labels": {"quiet_margin_days": 0.125},
    "split": {"embargo_days": 0.125},
    "training": {"epochs": 1},
}
