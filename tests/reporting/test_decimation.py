"""Envelopes keep every extreme; gaps are found where a minute is missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.loading.record import minute
from core.reporting import decimation


@st.composite
def records(draw):
    n = draw(st.integers(1, 400))
    values = np.random.default_rng(draw(st.integers(0, 10_000))).normal(40_000, 30, (n, 3))
    holes = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(1, 60), st.integers(0, 2)), max_size=6))
    for start, length, component in holes:
        values[start : start + length, component] = np.nan
    return values


@given(records(), st.integers(1, 60), st.integers(0, 400), st.integers(0, 400))
def test_every_bucket_is_the_minimum_and_maximum_that_a_plain_loop_finds(values, buckets, i0, i1):
    x0, dx_ms, pairs = decimation.envelope(values, 1_000_000, i0, i1, buckets)
    shown = values[min(i0, len(values)) : max(i1, min(i0, len(values)))]
    assert x0 == np.datetime64(1_000_000 + min(i0, len(values)), "m")
    if len(shown) <= 2 * buckets:
        assert dx_ms == 60_000
        np.testing.assert_array_equal(pairs, shown.T.astype(np.float32))
        return
    width = 2 * dx_ms // 60_000
    expected = []
    for first in range(0, len(shown), width):
        cell = shown[first : first + width]
        for pick in (min, max):
            row = [pick((v for v in cell[:, k] if not np.isnan(v)), default=np.nan) for k in range(3)]
            expected.append(row)
    np.testing.assert_array_equal(pairs, np.array(expected).T.astype(np.float32))
    assert len(expected) // 2 <= buckets


def test_the_spike_in_the_last_incomplete_bucket_is_kept():
    values = np.zeros((1001, 3))
    values[1000, 1] = 99.0
    pairs = decimation.envelope(values, 0, 0, 1001, buckets=10)[2]
    assert pairs[1].max() == 99.0


def test_the_points_of_a_bucket_lie_in_the_minutes_it_stands_for():
    values = np.zeros((525_600, 3))
    values[400_000] = 50.0
    x0, dx_ms, pairs = decimation.envelope(values, 24_000_000, 0, 525_600, buckets=2000)
    shown = x0 + np.timedelta64(dx_ms, "ms") * int(pairs[0].argmax())
    spike = np.datetime64(24_000_000 + 400_000, "m")
    assert abs(shown - spike) < np.timedelta64(2 * dx_ms, "ms")


def test_a_request_beyond_the_record_shows_what_there_is():
    x0, _, pairs = decimation.envelope(np.arange(9.0).reshape(3, 3), 60, -5, 99)
    assert (str(x0), pairs.shape) == ("1970-01-01T01:00", (3, 3))


def test_no_buckets_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        decimation.envelope(np.zeros((3, 3)), 0, 0, 3, buckets=0)


@given(records(), st.integers(1, 20))
def test_gaps_are_the_runs_of_minutes_with_a_missing_component(values, shortest):
    first = minute.epoch_minutes(pd.DatetimeIndex(["2016-02-29T12:00Z"]))[0]
    found = decimation.gaps(values, first, 0, len(values), shortest)
    expected, run = [], 0
    for i, row in enumerate([*values, [0.0, 0.0, 0.0]]):
        if any(np.isnan(row)):
            run += 1
        else:
            if run >= shortest:
                expected.append((i - run, i))
            run = 0
    start = pd.Timestamp("2016-02-29T12:00Z")
    assert [(s, e) for s, e in zip(found["start"], found["end"], strict=True)] == [
        (start + pd.Timedelta(minutes=a), start + pd.Timedelta(minutes=b)) for a, b in expected
    ]
    assert found["n_minutes"].tolist() == [b - a for a, b in expected]
