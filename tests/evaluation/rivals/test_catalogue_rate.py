"""What the past of the catalogue promises, against a loop and an integral."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from core.evaluation.rivals import catalogue_rate

NOW = pd.Timestamp("2016-03-01", tz="UTC")


def catalogue(days, magnitudes):
    return pd.DataFrame({"origin_time": NOW + pd.to_timedelta(days, unit="D"), "magnitude": magnitudes})


def test_aftershocks_are_the_integral_of_the_omori_utsu_law_over_the_period_of_validity():
    ends = pd.Series([NOW, NOW + pd.Timedelta(days=2)])
    table = catalogue_rate.measure(ends, 720, 1440, catalogue([-0.5, -3.0], [5.0, 4.5]))
    for found, later in zip(table["aftershock_days"], (0, 2), strict=True):
        expected = sum(
            10 ** (0.8 * (m - 4)) * quad(lambda t: (t + 0.01) ** -1.1, since + later + 0.5, since + later + 1.5)[0]
            for since, m in ((0.5, 5.0), (3.0, 4.5))
        )
        assert found == pytest.approx(expected, rel=1e-6)


def test_what_comes_at_or_after_the_end_of_the_window_is_not_seen():
    past = catalogue([-10, -1], [4.0, 6.0])
    future = pd.concat([past, catalogue([0, 0.2, 1, 50], [8.0] * 4)], ignore_index=True)
    ends = pd.Series([NOW])
    pd.testing.assert_frame_equal(
        catalogue_rate.measure(ends, 0, 1440, past), catalogue_rate.measure(ends, 0, 1440, future)
    )


def test_recent_events_are_those_of_thirty_days_whatever_their_magnitude():
    events = catalogue([-31, -30, -29, -0.1, 0.0], [9.0, 1.0, 2.0, np.nan, 3.0])
    assert catalogue_rate.measure(pd.Series([NOW]), 0, 1440, events)["recent_events"].tolist() == [2]


def test_an_empty_catalogue_promises_nothing():
    table = catalogue_rate.measure(pd.Series([NOW]), 0, 1440, catalogue([], []))
    assert table.to_numpy().tolist() == [[0.0, 0.0]]


def test_windows_taken_in_parts_are_those_taken_at_once(monkeypatch):
    random = np.random.default_rng(0)
    events = catalogue(random.uniform(-100, 0, 50), random.uniform(2, 6, 50))
    ends = pd.Series(NOW + pd.to_timedelta(random.uniform(-50, 0, 40), unit="D"))
    whole = catalogue_rate.measure(ends, 0, 1440, events)
    monkeypatch.setattr(catalogue_rate, "CHUNK", 7)
    pd.testing.assert_frame_equal(catalogue_rate.measure(ends, 0, 1440, events), whole)


def test_events_of_more_than_a_thousand_days_ago_are_background():
    table = catalogue_rate.measure(pd.Series([NOW]), 0, 1440, catalogue([-1001.0], [8.0]))
    assert table["aftershock_days"].tolist() == [0.0]
    assert catalogue_rate.measure(pd.Series([NOW]), 0, 1440, catalogue([-999.0], [8.0]))["aftershock_days"][0] > 0
