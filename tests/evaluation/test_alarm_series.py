"""Score series against a loop over windows and moments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.evaluation import alarm_series
from core.evaluation.alarm_series import AlarmSeries

FIRST = pd.Timestamp("2016-01-01", tz="UTC")
GRID = configs.from_dict(
    {"windows": {"length_minutes": 120}, "labels": {"latency_minutes": 30, "horizon_days": 100 / 1440}}
)
ALIGNED = configs.from_dict(
    {"windows": {"length_minutes": 120, "sampling": "event_aligned", "lead_gap_minutes": 7}, "labels": {}}
)


def minutes(n):
    return pd.Timedelta(minutes=int(n))


def scan(n=80, step=30, stations=("AAA", "BBB"), seed=0):
    random = np.random.default_rng(seed)
    parts = []
    for code in stations:
        start = FIRST + pd.to_timedelta(step * np.arange(n), unit="min")
        part = pd.DataFrame({"station": code, "start": start, "end": start + minutes(120)})
        part["probability"] = random.random(n)
        part["rejected"] = np.where(random.random(n) < 0.6, "gap longer than 3 min", "")
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def by_loop(table, station, moment, after, lasts, step=30):
    """
    The largest probability among the usable windows whose validity contains the moment.

    None if the network has seen one of them, or fewer than half of those that a full record has are usable.
    """
    spoken = []
    for row in table.itertuples():
        opens = row.end + minutes(after)
        if row.station == station and opens <= moment < opens + minutes(lasts):
            if row.rejected == alarm_series.SEEN:
                return np.nan
            if row.rejected == "":
                spoken.append(row.probability)
    return max(spoken) if spoken and len(spoken) >= np.ceil(lasts / step) / 2 else np.nan


@pytest.mark.parametrize(("config", "after", "lasts"), [(GRID, 30, 100), (ALIGNED, 7, 30)])
def test_the_score_of_a_moment_is_the_largest_probability_that_speaks_of_it(config, after, lasts):
    table = scan()
    table.loc[np.arange(len(table)) % 29 == 0, "rejected"] = alarm_series.SEEN
    built = alarm_series.build(table, config)
    assert [one.station for one in built] == ["AAA", "BBB"]
    assert len({(one.first_minute, one.step_minutes, len(one.score)) for one in built}) == 1
    for one in built:
        moments = pd.Timestamp(0, tz="UTC") + pd.to_timedelta(
            one.first_minute + one.step_minutes * np.arange(len(one.score)), unit="min"
        )
        expected = [by_loop(table, one.station, moment, after, lasts) for moment in moments]
        np.testing.assert_array_equal(one.score, expected)
        assert 0 < np.isnan(one.score).sum() < len(one.score)
    assert moments[0] == FIRST + minutes(120 + after)


def test_the_newest_window_alone_speaks_in_the_forecast_in_force():
    table = scan(stations=("AAA",))
    (one,) = alarm_series.newest(table, GRID)
    expected = table["probability"].where(table["rejected"] == "").to_numpy()
    np.testing.assert_array_equal(one.score[: len(expected)], expected)
    assert np.isnan(one.score[len(expected) :]).all()


def test_a_target_takes_the_score_of_its_own_station_and_of_the_cell_that_it_falls_in():
    series = [
        AlarmSeries("AAA", int(FIRST.timestamp()) // 60, 10, np.array([0.1, 0.2, np.nan])),
        AlarmSeries("BBB", int(FIRST.timestamp()) // 60, 10, np.array([0.5, 0.6, 0.7])),
    ]
    seconds = [0, 599, 600, 1200, 1799, 1800, -1, 0]
    targets = pd.DataFrame(
        {
            "station": ["AAA", "AAA", "AAA", "AAA", "BBB", "BBB", "BBB", "CCC"],
            "origin_time": FIRST + pd.to_timedelta(seconds, unit="s"),
        }
    )
    np.testing.assert_array_equal(
        alarm_series.at_targets(series, targets), [0.1, 0.1, 0.2, np.nan, 0.7, np.nan, np.nan, np.nan]
    )
    assert series[0].admissible_days == pytest.approx(20 / 1440)


def test_windows_off_a_regular_grid_are_refused():
    table = scan(n=4, stations=("AAA",))
    table.loc[3, ["start", "end"]] += minutes(7)
    with pytest.raises(ValueError, match="whole number of steps"):
        alarm_series.build(table, GRID)


def test_where_most_windows_are_lost_to_a_gap_there_is_no_score_instead_of_a_low_one():
    config = configs.replace(GRID, labels={"horizon_days": 12 * 30 / 1440})  # twelve windows speak of a moment
    table = scan(n=40, stations=("AAA",))
    table["rejected"] = np.where((table.index >= 20) & (table.index < 29), "gap longer than 3 min", "")
    (one,) = alarm_series.build(table, config)
    # Windows j - 11 to j speak of moment j. At 25 windows 14 to 19 are left; from 26 fewer than six, until at 34
    # windows 29 to 34 are back. The scan begins and ends like a gap: there is no window before 0 and after 39.
    missing = np.flatnonzero(np.isnan(one.score))
    assert missing.tolist() == [*range(5), *range(26, 34), *range(46, 51)]


def test_training_windows_that_crowd_before_events_do_not_lower_the_score_there():
    config = configs.replace(GRID, labels={"horizon_days": 12 * 30 / 1440})
    table = scan(n=20_000, stations=("AAA",))
    table["rejected"] = ""
    events = np.random.default_rng(0).choice(np.arange(20, 19_980), 300, replace=False)
    for step in range(-5, 0):
        table.loc[events[:150] + step, "rejected"] = alarm_series.SEEN
    (one,) = alarm_series.build(table, config)
    share = pd.Series(one.score).rank(pct=True).to_numpy()[events]
    assert np.isnan(share[:150]).all()
    assert np.nanmean(share[150:]) == pytest.approx(0.5, abs=0.06)
