"""A realistic record without a fault, to put known faults into."""

import numpy as np
import pandas as pd

from core.config import WorldConfig
from core.loading.record.minute import MinuteRecord
from core.synthesis import instrument
from core.synthesis.world import World


def record(monkeypatch, days=60, gap_fraction=0.0, seed=11) -> MinuteRecord:
    """Minutes of a synthetic DUR, with storms, and F of an instrument of its own; no spikes, no steps."""
    monkeypatch.setattr(instrument, "_SPIKES_PER_YEAR", 0.0)
    monkeypatch.setattr(instrument, "_STEPS_PER_YEAR", 0.0)
    start = pd.Timestamp("2016-01-01", tz="UTC")
    config = WorldConfig(
        seed=seed, start="2016-01-01", end=f"{start + pd.Timedelta(days=days):%Y-%m-%d}", gap_fraction=gap_fraction
    )
    return World(config, ("DUR",)).minute("DUR")


def times_apart(n_minutes: int, n: int, seed: int = 0) -> np.ndarray:
    """Rows at which to put faults: spread over the record, at odd minutes."""
    rng = np.random.default_rng(seed)
    spacing = n_minutes // (n + 1)
    return spacing * np.arange(1, n + 1) + rng.integers(0, spacing // 3, n)
