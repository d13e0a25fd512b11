"""A clock that is off is found against another observatory; storms, spikes, Sq and far places do not make one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.config import WorldConfig
from core.loading.record import minute, station_clock
from core.loading.record.minute import MinuteRecord
from core.synthesis.world import World
from support.fake_source import FIRST, FakeSource, events_table

DAY = 1440
CODES = [f"AA{letter}" for letter in "ABCDEFGHIJ"]


def disturbance(n_minutes, seed=0):
    """What all places share: red noise with bursts, in nT."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal(n_minutes)
    burst = np.repeat(np.exp(rng.normal(0, 1.0, n_minutes // 180 + 1)), 180)[:n_minutes]
    level = np.zeros(n_minutes)
    for i in range(1, n_minutes):
        level[i] = 0.97 * level[i - 1] + burst[i] * steps[i]
    return level


def place(shared, seed, hours_of_local_time=0.0, noise_nt=0.5, share=1.0):
    """X, Y, Z of a place: what is shared, its own noise, and a daily variation by local time, shape (n, 3)."""
    rng = np.random.default_rng(seed)
    daily = 40 * np.sin(2 * np.pi * (np.arange(len(shared)) / 1440 + hours_of_local_time / 24))
    x = 24_000 + share * shared + daily + noise_nt * rng.standard_normal(len(shared))
    return np.column_stack([x, np.full(len(x), 1500.0), np.full(len(x), 40_000.0)]).round(1)


def late(values, minutes, rows):
    """The same record with times that are late by so many minutes in some rows."""
    moved = values.copy()
    moved[rows] = np.roll(values, minutes, axis=0)[rows]
    return moved


def clock(values, station="AAA", **options):
    return station_clock.station_clock(FakeSource(values, events_table([FIRST])), station, **options)


@pytest.fixture(scope="module")
def shared():
    return disturbance(182 * DAY)  # January to June 2016


def test_a_clock_an_hour_late_for_three_months_is_off_in_these_and_right_in_the_others(shared):
    here, there = place(shared, 1), place(shared, 2, 1.0)
    rows = slice(60 * DAY, (60 + 92 - 1) * DAY)  # March to May
    months = clock({"AAA": late(here, 60, rows), "BBB": there})
    assert months["month"].dt.strftime("%m").tolist() == ["01", "02", "03", "04", "05", "06"]
    assert months["kind"].tolist() == ["right", "right", "off", "off", "off", "right"]
    assert months["lag_minutes"].tolist() == [0, 0, 60, 60, 60, 0]
    assert set(months["against"]) == {"BBB"} and (months["correlation"] > months["null_bound"]).all()
    assert station_clock.sentence("AAA", months) == (
        "The clock of AAA seems 60 min late against BBB, 2016-03 to 2016-05."
    )
    other = clock({"AAA": late(here, 60, rows), "BBB": there}, "BBB")
    assert station_clock.off(other)["note"].tolist() == ["60 min early against AAA"]  # of two, either may be wrong


@pytest.mark.parametrize("minutes, kind", [(1, "right"), (-1, "right"), (2, "off"), (-720, "off"), (1440, "off")])
def test_more_than_one_minute_is_off(shared, minutes, kind):
    here = place(shared[: 31 * DAY], 1)
    months = clock({"AAA": np.roll(here, minutes, axis=0), "BBB": place(shared[: 31 * DAY], 2)})
    assert months["kind"].tolist() == [kind] and months["lag_minutes"].tolist() == [minutes]


def test_of_three_the_one_whose_clock_is_wrong_is_named_and_not_the_two_that_agree(shared):
    month = shared[: 31 * DAY]
    values = {code: place(month, seed) for seed, code in enumerate(("AAA", "BBB", "CCC"))}
    values["BBB"] = np.roll(values["BBB"], -60, axis=0)
    assert [clock(values, code)["kind"].item() for code in values] == ["right", "off", "right"]
    assert clock(values, "BBB")["lag_minutes"].item() == -60


def test_without_another_observatory_or_enough_common_minutes_nothing_is_checked(shared):
    values = place(shared[: 31 * DAY], 1)
    assert clock({"AAA": values})["kind"].tolist() == ["not checked"]
    apart = place(shared[: 31 * DAY], 2)
    apart[19 * 60 :] = np.nan
    assert clock({"AAA": values, "BBB": apart})["kind"].tolist() == ["not checked"]
    table = clock({"AAA": values})
    assert np.isnan(table["lag_minutes"]).all() and table["against"].tolist() == [""]
    assert station_clock.sentence("AAA", table) == (
        "Clock: not checked, no other observatory has minutes of the same time."
    )


def test_places_that_share_nothing_are_unclear_whatever_their_daily_variation():
    n = 20
    kinds = []
    for seed in range(n):
        here = place(disturbance(30 * DAY, 100 + seed), seed)
        there = place(disturbance(30 * DAY, 200 + seed), 50 + seed, hours_of_local_time=9)
        kinds += clock({"AAA": here, "BBB": there}).head(1)["kind"].tolist()
    assert kinds == ["unclear"] * n


def test_quiet_months_with_a_daily_variation_hours_apart_do_not_make_a_lag(shared):
    here, there = (place(0.02 * shared[: 31 * DAY], seed, hours) for seed, hours in ((1, 0), (2, 5)))
    assert clock({"AAA": here, "BBB": there})["kind"].tolist() == ["unclear"]


def test_spikes_at_different_times_do_not_hide_the_lag_nor_make_one(shared):
    month = shared[: 31 * DAY]
    here, there = place(month, 1), place(month, 2)
    here[10_000, 0] += 5_000
    there[25_000, 0] += 5_000
    there[30_000:, 0] += 300
    months = clock({"AAA": here, "BBB": there})
    assert months["kind"].tolist() == ["right"] and months["correlation"].item() > 0.5


def test_gaps_in_either_record_leave_the_lag(shared):
    month = shared[: 31 * DAY]
    here, there = np.roll(place(month, 1), 60, axis=0), place(month, 2)
    rng = np.random.default_rng(3)
    here[rng.random(len(here)) < 0.05] = np.nan
    there[5 * DAY : 12 * DAY] = np.nan
    assert clock({"AAA": here, "BBB": there})["lag_minutes"].tolist() == [60]


def test_a_period_narrows_the_months(shared):
    values = {"AAA": place(shared, 1), "BBB": place(shared, 2)}
    begin, end = FIRST + pd.Timedelta(days=40), FIRST + pd.Timedelta(days=70)
    months = clock(values, start=begin, end=end)["month"].dt.strftime("%Y-%m").tolist()
    assert months == ["2016-02", "2016-03"]


def test_the_nearest_observatories_are_asked(monkeypatch, shared):
    table = {code: stations.Station(code, code, 0.0, float(i)) for i, code in enumerate(CODES)}
    monkeypatch.setattr(stations, "table", lambda: table)
    assert station_clock._nearest("AAJ", ["XXX", *CODES[:9]]) == ["AAI", "AAH", "AAG", "AAF", "AAE", "AAD"]


def test_clocks_of_a_synthetic_world_are_right_and_one_moved_by_hours_is_off():
    world = World(WorldConfig(seed=3, start="2016-01-01", end="2017-01-01"))
    for code in ("DUR", "MLR"):
        assert set(station_clock.station_clock(world, code)["kind"]) == {"right"}

    class Moved(World):
        def minute(self, station, start=None, end=None):
            record = super().minute(station, start, end)
            if station != "IZN":
                return record
            return MinuteRecord(station, record.field.shift(120), record.data_type)

    moved = Moved(WorldConfig(seed=3, start="2016-01-01", end="2016-07-01"))
    months = station_clock.station_clock(moved, "IZN")
    assert set(months["kind"]) == {"off"} and set(months["lag_minutes"]) == {120}
    assert set(station_clock.station_clock(moved, "MLR")["kind"]) == {"right"}


@pytest.mark.shared
def test_real_observatories_of_a_stormy_day_agree_within_a_minute_or_are_too_far_apart(shared_data):
    from core.loading.formats.minutes import iaga2002

    folder = shared_data / "magnetics" / "iaga2002" / "intermagnet_20220115"
    records = {record.station: record for record in map(iaga2002.read, sorted(folder.glob("*.gz")))}
    whole = minute.grid(int(minute.epoch_minutes(records["DUR"].field.index[:1])[0]), DAY)
    changes = {code: station_clock._changes(MinuteRecord(code, record.field.reindex(whole), record.data_type))
               for code, record in records.items()}  # fmt: skip
    related = 0
    for code, values in changes.items():
        for other in changes:
            lag, correlation, bound = station_clock.compare(values, changes[other])
            if code != other and correlation > max(bound, station_clock.SMALLEST_CORRELATION):
                assert abs(lag) <= 1, (code, other, lag, correlation)
                related += 1
    assert related >= 2 * 30
    near = [code for code in ("EBR", "FUR", "GCK", "NGK", "SUA", "WIC", "HLP", "ESK")]
    assert all(station_clock.compare(changes["DUR"], changes[code])[0] == 0 for code in near)
    hour_late = np.concatenate([np.full(60, np.nan), changes["DUR"][:-60]])
    assert all(station_clock.compare(hour_late, changes[code])[0] == 60 for code in near)
