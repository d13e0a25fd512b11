"""A forecast to write into a ledger."""

from __future__ import annotations

import pandas as pd

from core.forecasting.ledger import Forecast

# Of times that no clock of a test has reached, so that it is on time; tests vary them.
FORECAST = Forecast(
    station="DUR",
    valid_from=pd.Timestamp("2126-01-02", tz="UTC"),
    valid_until=pd.Timestamp("2126-01-09", tz="UTC"),
    probability=0.25,
    threshold=0.5,
    run_id="honest-12345678",
    data_until=pd.Timestamp("2026-01-01", tz="UTC"),
    synthetic=False,
)
