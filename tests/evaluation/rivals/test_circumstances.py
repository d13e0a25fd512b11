"""The circumstances of windows, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.rivals import circumstances

WEDNESDAY = pd.Timestamp("2016-03-02", tz="UTC")


def windows(start=WEDNESDAY, days=1.0, station="KAK"):
    ends = start + pd.Timedelta(days=days)
    rows = {"start": [start], "end": [ends], "kp_max": [5.0], "missing_minutes": [7], "longest_gap_minutes": [3]}
    return pd.DataFrame({"station": [station], **rows}, index=[12])


def kp_of(values):
    """Kp from two days before the window on."""
    times = WEDNESDAY - pd.Timedelta(days=2) + pd.to_timedelta(3 * np.arange(len(values)), unit="h")
    return pd.DataFrame({"time": times, "kp": np.asarray(values, dtype=float)})


def events(*times, station="KAK"):
    return pd.DataFrame({"station": station, "origin_time": pd.DatetimeIndex(times, tz="UTC")})


def test_kp_is_that_of_the_window_and_of_each_of_the_two_days_before_it():
    kp = kp_of([1] * 8 + [2] * 8 + [3] * 4 + [4] * 4 + [9] * 8)  # two days before, the day before, the window, after
    row = circumstances.measure(windows(), kp, events()).loc[12]
    assert (row["kp_2_days_before"], row["kp_1_day_before"], row["kp_mean"], row["kp_max"]) == (1, 2, 3.5, 5)


def test_the_activity_table_need_not_be_sorted():
    kp = kp_of([1] * 8 + [2] * 8 + [3] * 8).iloc[::-1]
    row = circumstances.measure(windows(), kp, events()).loc[12]
    assert (row["kp_2_days_before"], row["kp_1_day_before"], row["kp_mean"]) == (1, 2, 3)


def test_unknown_kp_is_left_out_of_a_mean_and_a_day_without_any_is_unknown():
    kp = kp_of([np.nan] * 8 + [np.nan] * 7 + [2] + [3] * 8)
    row = circumstances.measure(windows(), kp, events()).loc[12]
    assert np.isnan(row["kp_2_days_before"])
    assert row["kp_1_day_before"] == 2
    empty = circumstances.measure(windows(), kp_of([]), events()).loc[12]
    assert np.isnan(empty["kp_mean"])


@pytest.mark.parametrize(("days", "weekday"), [(1.0, 2), (1.5, 3), (5.0, 6), (6.0, 0)])
def test_the_weekday_is_that_of_the_windows_last_minute(days, weekday):
    assert circumstances.measure(windows(days=days), kp_of([]), events()).loc[12, "weekday"] == weekday


def test_recent_events_are_those_of_the_stations_last_week_and_none_at_or_after_the_end():
    catalogue = pd.concat(
        [
            events("2016-02-24 23:59", "2016-02-25 00:00", "2016-03-02 23:59", "2016-03-03 00:00", "2016-03-04"),
            events("2016-03-01", station="EYR"),
        ]
    )
    assert circumstances.measure(windows(), kp_of([]), catalogue).loc[12, "events_7_days"] == 2


def test_season_and_hour_are_those_of_the_windows_end():
    row = circumstances.measure(windows(start=pd.Timestamp("1970-07-02 12:00", tz="UTC")), kp_of([]), events()).loc[12]
    assert row["year_phase"] == pytest.approx(183.5 / 365.25, abs=0.001)  # of 1970, 183.5 days have passed
    assert row["day_phase"] == 0.5
