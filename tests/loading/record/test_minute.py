"""A minute record stands on an unbroken grid, however long it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.loading.record import minute
from core.loading.record.minute import COLUMNS, MinuteRecord


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    monkeypatch.setattr(minute, "CHECKED_TOGETHER", 10)


def record(minutes: np.ndarray) -> MinuteRecord:
    index = pd.to_datetime(minutes * 60, unit="s", utc=True).rename("time")
    field = pd.DataFrame(np.zeros((len(minutes), len(COLUMNS))), index=index, columns=list(COLUMNS))
    return MinuteRecord("DUR", field, "definitive")


@pytest.mark.parametrize("n", [0, 1, 9, 10, 11, 20, 35])
def test_an_unbroken_record_of_any_length_is_one(n):
    assert len(record(np.arange(500, 500 + n)).field) == n


@pytest.mark.parametrize("at", [1, 9, 10, 11, 20, 34])
@pytest.mark.parametrize("by", [-1, 1, 60])
def test_a_record_that_jumps_anywhere_is_refused(at, by):
    minutes = np.arange(500, 535)
    minutes[at:] += by
    with pytest.raises(ValueError, match="must step by exactly one minute"):
        record(minutes)
