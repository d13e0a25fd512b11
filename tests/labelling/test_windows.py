"""Windows: where they lie, the guard before the origin time, what is missing in them, and their Kp."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.config import from_dict
from core.labelling import windows
from core.loading.record.minute import epoch_minutes
from support.fake_source import FIRST, activity_table, events_table, utc

FIRST_MINUTE = int(epoch_minutes(pd.DatetimeIndex([FIRST]))[0])
DAY = 1440
QUIET_SUN = activity_table(utc("2015-12-01"), 120)


def cut(n_days, table=None, targets=(), missing=None, activity=QUIET_SUN, first=FIRST_MINUTE, **config):
    chosen = from_dict({"windows": {"length_minutes": DAY, **(table or {})}, **config})
    mask = np.zeros(n_days * DAY, dtype=bool)
    for a, b in missing or []:
        mask[a:b] = True
    return windows.cut(chosen, "AAA", first, mask, events_table(list(targets)), activity)


def test_the_grid_starts_at_multiples_of_the_step_for_every_station():
    table = cut(3, {"step_minutes": 720})
    assert table["start"].dt.strftime("%d %H").tolist() == ["01 00", "01 12", "02 00", "02 12", "03 00", "03 12"]
    later = cut(3, {"step_minutes": 720}, first=FIRST_MINUTE + 100)
    assert later["start"].iloc[0] == utc("2016-01-01 12:00")
    assert (table["end"] - table["start"] == pd.Timedelta(days=1)).all()
    assert tuple(table.columns) == windows.COLUMNS


def test_a_window_that_sticks_out_of_the_record_keeps_its_row_and_says_incomplete():
    table = cut(3, {"step_minutes": 720})
    assert table["rejected"].tolist() == [""] * 5 + ["incomplete"]
    assert table["missing_minutes"].tolist() == [0] * 5 + [720]


@pytest.mark.parametrize("lead_gap", [1, 2, 60])
@pytest.mark.parametrize("origin", ["2016-01-05 12:34:00", "2016-01-05 12:34:01", "2016-01-05 12:34:59.999"])
def test_the_last_sample_lies_at_least_the_lead_gap_before_the_origin_time(lead_gap, origin):
    table = cut(10, {"sampling": "event_aligned", "lead_gap_minutes": lead_gap}, [origin])
    (end,) = table.loc[table["label"] == 1, "end"]
    last_sample = end - pd.Timedelta(minutes=1)
    gap = utc(origin) - last_sample
    assert pd.Timedelta(minutes=lead_gap) <= gap < pd.Timedelta(minutes=lead_gap + 1)
    # A minute value averages the field for up to 45 s after its stamp: it ends before the earthquake.
    assert last_sample + pd.Timedelta(seconds=45) < utc(origin)


def test_each_target_event_has_one_window_and_its_id():
    table = cut(20, {"sampling": "event_aligned"}, ["2016-01-05 12:00", "2016-01-05 12:00:30", "2016-01-15 03:00"])
    positive = table[table["label"] == 1]
    assert positive["event_id"].tolist() == ["e0", "e1", "e2"]
    assert (table.loc[table["label"] == 0, "event_id"] == "").all()


def test_events_far_outside_the_record_make_no_candidates_and_near_its_edge_an_incomplete_one():
    origins = ["2015-06-01", "2016-01-01 06:00", "2016-01-21 06:00", "2017-01-01"]
    positive = cut(20, {"sampling": "event_aligned"}, origins).query("label == 1")
    assert positive["event_id"].tolist() == ["e1", "e2"]
    assert positive["rejected"].tolist() == ["incomplete", "incomplete"]


def test_quiet_candidates_end_at_the_times_of_day_of_the_event_windows():
    origins = [f"2016-01-{day:02d} {hour:02d}:17" for day, hour in ((3, 3), (9, 3), (14, 21))]
    table = cut(60, {"sampling": "event_aligned"}, origins)
    quiet = table[table["label"] == 0]
    assert set(quiet["end"].dt.strftime("%H:%M")) == {"03:17", "21:17"}
    assert len(quiet) >= 55
    # Two of the three events are at three o'clock, so about two thirds of the quiet windows end then.
    assert 0.5 < (quiet["end"].dt.hour == 3).mean() < 0.85


def test_the_draw_of_quiet_candidates_repeats_with_the_seed():
    origins = ["2016-01-03 03:17", "2016-01-14 21:40"]
    one, two, other = (
        cut(60, {"sampling": "event_aligned"}, origins, labels={"seed": seed})["start"].tolist() for seed in (1, 1, 2)
    )
    assert one == two != other


def test_the_longest_gap_and_all_missing_minutes_are_counted_within_the_window():
    missing = [(10, 13), (100, 104), (DAY - 2, DAY + 2), (2 * DAY + 5, 2 * DAY + 8)]
    table = cut(3, missing=missing)
    assert table["missing_minutes"].tolist() == [9, 2, 3]
    assert table["longest_gap_minutes"].tolist() == [4, 2, 3]
    assert table["rejected"].tolist() == ["gap longer than 3 min", "", ""]


def test_many_short_gaps_reject_a_window_by_their_sum():
    missing = [(i, i + 3) for i in range(0, DAY, 30)]  # 144 of 1440 minutes
    assert cut(1, missing=missing)["rejected"].tolist() == ["more than 5 % missing"]
    assert cut(1, {"max_missing_fraction": 0.1}, missing=missing)["rejected"].tolist() == [""]


def test_of_several_reasons_the_first_of_the_documented_order_is_kept():
    table = cut(2, {"step_minutes": 720}, missing=[(0, 2 * DAY)])
    assert table["rejected"].tolist() == ["gap longer than 3 min"] * 3 + ["incomplete"]


def kp_of(start, end, activity):
    minutes = [epoch_minutes(pd.DatetimeIndex([t])) for t in (utc(start), utc(end))]
    return windows.largest_kp(*minutes, activity)[0]


def test_kp_is_the_largest_of_all_intervals_that_the_window_touches():
    activity = activity_table(FIRST, 2).assign(kp=np.arange(16) / 3)
    assert kp_of("2016-01-01 00:00", "2016-01-01 03:00", activity) == 0
    assert kp_of("2016-01-01 00:00", "2016-01-01 03:01", activity) == pytest.approx(1 / 3)
    assert kp_of("2016-01-01 02:59", "2016-01-01 09:00", activity) == pytest.approx(2 / 3)
    assert kp_of("2016-01-02 20:00", "2016-01-03 00:00", activity) == pytest.approx(5)


def test_kp_is_unknown_if_any_part_of_the_window_is_not_covered():
    activity = activity_table(FIRST, 2)
    hole = activity.drop(index=3)
    assert np.isnan(kp_of("2015-12-31 23:59", "2016-01-01 03:00", activity))
    assert np.isnan(kp_of("2016-01-02 12:00", "2016-01-03 00:01", activity))
    assert np.isnan(kp_of("2016-01-01 06:00", "2016-01-01 12:00", hole))
    assert kp_of("2016-01-01 00:00", "2016-01-01 09:00", hole) == 1
    assert np.isnan(kp_of("2016-01-01 00:00", "2016-01-01 09:00", activity.iloc[:0]))


def test_kp_of_many_windows_agrees_with_a_loop():
    random = np.random.default_rng(3)
    activity = activity_table(FIRST, 60).assign(kp=random.integers(0, 28, 480) / 3)
    start = FIRST_MINUTE + random.integers(-500, 60 * DAY, 300)
    end = start + random.integers(1, 9000, 300)
    got = windows.largest_kp(start, end, activity)
    begin = epoch_minutes(pd.DatetimeIndex(activity["time"]))
    for s, e, kp in zip(start, end, got, strict=True):
        touched = activity["kp"].to_numpy()[(begin < e) & (begin + 180 > s)]
        if s < FIRST_MINUTE or e > FIRST_MINUTE + 60 * DAY:
            assert np.isnan(kp)
        else:
            assert kp == touched.max()


def test_times_before_1970_and_in_any_unit_are_understood():
    for unit in ("s", "ms", "us", "ns"):
        index = pd.DatetimeIndex(["1969-12-31 23:59:30", "1970-01-01 00:00:01"]).as_unit(unit).tz_localize("UTC")
        assert windows.microseconds(index).tolist() == [-30_000_000, 1_000_000]
        assert (windows.event_window_ends(index, 1)).tolist() == [-1, 0]
