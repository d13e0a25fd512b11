"""Labels, the catalogue's period, quiet windows, the storm rule and the choice of negatives, against plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import LabelsConfig, from_dict
from core.labelling import controls, labels, windows
from core.loading.record.minute import epoch_minutes
from support.fake_source import FIRST, activity_table, events_table, utc

FIRST_MINUTE = int(epoch_minutes(pd.DatetimeIndex([FIRST]))[0])
DAY = 1440
ALWAYS = (utc("1990-01-01"), utc("2030-01-01"))


def labelled(origins, n_days=30, coverage=ALWAYS, **config):
    config.setdefault("windows", {}).setdefault("length_minutes", DAY)
    chosen = from_dict(config)
    targets = events_table(list(origins))
    mask = np.zeros(n_days * DAY, dtype=bool)
    table = windows.cut(chosen, "AAA", FIRST_MINUTE, mask, targets, activity_table(utc("2015-12-01"), 120))
    return labels.assign(table, targets, coverage, chosen)


def labels_of(table):
    return dict(zip(table["start"].dt.strftime("%m-%d %H:%M"), table["label"], strict=True))


def test_the_period_of_validity_is_half_open():
    opens = pd.DatetimeIndex(["2016-01-02"], tz="UTC")
    for origin, expected in (
        ("2016-01-01 23:59:59.999", -1),
        ("2016-01-02 00:00:00", 0),
        ("2016-01-02 23:59:59.999", 0),
        ("2016-01-03 00:00:00", -1),
    ):
        position, lead = labels.events_ahead(opens, pd.DatetimeIndex([origin], tz="UTC"), 1.0)
        assert position.tolist() == [expected], origin
        assert np.isnan(lead[0]) == (expected < 0)


def test_unsorted_events_and_times_without_a_zone_are_refused():
    good = pd.DatetimeIndex(["2016-01-02", "2016-01-01"], tz="UTC")
    with pytest.raises(ValueError, match="sorted"):
        labels.events_ahead(good, good, 1.0)
    with pytest.raises(ValueError, match="zone"):
        labels.events_ahead(good.tz_localize(None), good[:1], 1.0)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 2_000_000), max_size=12),
    st.lists(st.integers(0, 2_000_000), min_size=1, max_size=12),
    st.floats(0.01, 10),
)
def test_events_ahead_agrees_with_a_loop(origins, opens, horizon_days):
    base = pd.Timestamp("2016-01-01", tz="UTC")
    origin_times = pd.DatetimeIndex([base + pd.Timedelta(seconds=s) for s in sorted(origins)], tz="UTC")
    valid_from = pd.DatetimeIndex([base + pd.Timedelta(seconds=s) for s in opens], tz="UTC")
    position, lead = labels.events_ahead(valid_from, origin_times, horizon_days)
    horizon = pd.Timedelta(minutes=round(horizon_days * 1440))
    for opening, p, days in zip(valid_from, position, lead, strict=True):
        ahead = [i for i, o in enumerate(origin_times) if opening <= o < opening + horizon]
        assert p == (ahead[0] if ahead else -1)
        if ahead:
            assert days == pytest.approx((origin_times[ahead[0]] - opening) / pd.Timedelta(days=1))


def test_a_grid_window_is_positive_if_its_event_lies_within_latency_and_horizon():
    table = labelled(["2016-01-05 06:00"], labels={"latency_minutes": 720, "horizon_days": 1})
    # Validity of the window of 3 January: from the 4th at noon to the 5th at noon.
    positive = table[table["label"] == 1]
    assert positive["start"].dt.strftime("%m-%d").tolist() == ["01-03"]
    assert positive["event_id"].tolist() == ["e0"]
    assert positive["lead_days"].tolist() == [1.25]  # from the window's end, not from the opening
    assert positive["magnitude"].tolist() == [5.0]
    assert positive["footprint_end"].tolist() == [utc("2016-01-05 12:00")]
    assert table["lead_days"].notna().sum() == 1


def test_near_the_catalogues_ends_no_window_is_kept_not_even_one_whose_event_is_already_known():
    table = labelled(["2016-01-10 12:00"], 15, (utc("2016-01-03"), utc("2016-01-11")), labels={"horizon_days": 3})
    got = labels_of(table)
    # Windows end on the next day; quiet is known only for validity within 3 to 11 January.
    assert [got[f"01-{day:02d} 00:00"] for day in range(1, 13)] == [-1, 0, 0, 0, 0, 0, 1, 1, 1, -1, -1, -1]
    # The windows of the 8th and 9th are positive for certain; their quiet neighbours could not be known as such.
    kept = table.loc[table["rejected"] == "", "start"].dt.day.tolist()
    assert kept == [2, 3, 4, 5, 6, 7]
    assert set(table["rejected"]) == {"", "outside the catalogue's period"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 40), max_size=6), st.floats(0.1, 9), st.integers(0, 2000))
def test_whether_a_grid_window_is_kept_does_not_depend_on_the_events(days, horizon_days, latency):
    coverage = (utc("2016-01-06 05:00"), utc("2016-01-23 17:00"))
    config = {"labels": {"horizon_days": horizon_days, "latency_minutes": latency}}
    some, none = (
        labelled([FIRST + pd.Timedelta(days=d) for d in sorted(chosen)], 30, coverage, **config)
        for chosen in (days, [])
    )
    assert some["rejected"].tolist() == none["rejected"].tolist()


def test_quiet_windows_keep_the_margin_on_both_sides_of_every_target_event():
    table = labelled(["2016-01-15 00:00"], 31, windows={"sampling": "event_aligned"}, labels={"quiet_margin_days": 2})
    quiet = table[table["label"] == 0]
    usable = quiet.loc[quiet["rejected"] == "", "start"].dt.day.tolist()
    # The event is at the first instant of the 15th: the last window before ends on the 13th at 0 h.
    assert usable == [*range(1, 13), *range(18, 32)]
    assert set(quiet["rejected"]) == {"", "overlaps an event"}


def test_a_quiet_window_shares_no_minute_with_an_event_window_even_without_a_margin():
    table = labelled(
        ["2016-01-15 00:00", "2016-01-20 06:00"],
        31,
        windows={"sampling": "event_aligned", "step_minutes": 360, "lead_gap_minutes": 300},
        labels={"quiet_margin_days": 0},
    )
    usable = table[table["rejected"] == ""]
    quiet, before = usable[usable["label"] == 0], usable[usable["label"] == 1]
    assert len(before) == 2 and len(quiet) > 20
    for _, window in before.iterrows():
        assert ((quiet["end"] <= window["start"]) | (quiet["start"] >= window["end"])).all()


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(st.floats(0, 40), max_size=5),
    length=st.sampled_from([60, 1440, 4320]),
    lead_gap=st.integers(1, 600),
    margin=st.sampled_from([0, 0.5, 3]),
    known_days=st.tuples(st.integers(-5, 10), st.integers(20, 45)),
)
def test_the_footprint_of_a_quiet_window_holds_all_that_its_label_depends_on(
    days, length, lead_gap, margin, known_days
):
    coverage = tuple(FIRST + pd.Timedelta(days=d) for d in known_days)
    config = {
        "windows": {"length_minutes": length, "sampling": "event_aligned", "lead_gap_minutes": lead_gap},
        "labels": {"quiet_margin_days": margin},
    }
    origins = [FIRST + pd.Timedelta(days=d) for d in sorted(days)]
    table = labelled(origins, 40, coverage, **config)
    quiet = table[table["label"] == 0]
    usable = quiet[quiet["rejected"] == ""]
    assert (usable["footprint_start"] >= coverage[0]).all() and (usable["footprint_end"] <= coverage[1]).all()
    one, gap, far = pd.Timedelta(minutes=length), pd.Timedelta(minutes=lead_gap - 1), pd.Timedelta(days=margin)
    for _, window in quiet.iterrows():
        spoilt_by = []
        for origin in origins:
            end = origin.floor("min") - gap
            shares_minutes = end - one < window["end"] and end > window["start"]
            if shares_minutes or window["start"] - far <= origin < window["end"] + far:
                spoilt_by.append(origin)
        # Whatever could change the label of the window lies inside its footprint.
        assert all(window["footprint_start"] <= origin < window["footprint_end"] for origin in spoilt_by)
        if window["rejected"] == "":
            assert not spoilt_by
        elif window["rejected"] == "overlaps an event":
            assert spoilt_by
    positive = table[table["label"] == 1]
    for _, window in positive.iterrows():
        origin = origins[int(window["event_id"][1:])]
        assert window["footprint_start"] == window["start"] and window["end"] <= origin < window["footprint_end"]
        assert window["lead_days"] == pytest.approx((origin - window["end"]) / pd.Timedelta(days=1))


def test_an_earlier_event_inside_the_window_is_noticed_for_its_own_station_only():
    table = labelled(["2016-01-05 06:00"], 10)
    events = events_table(["2016-01-03 12:00", "2016-01-04 00:00"]).assign(target=True, station=["AAA", "BBB"])
    inside = labels.earlier_events(table, events)
    assert table.loc[inside, "start"].dt.day.tolist() == [3]


def windows_table(label, kp, station="AAA"):
    table = windows.frame("AAA", np.arange(len(label)) * DAY, DAY)
    return table.assign(
        label=np.array(label, dtype=np.int8),
        kp_max=kp,
        station=station if isinstance(station, list) else [station] * len(label),
    )


def test_the_storm_rule_holds_for_both_classes_or_as_in_the_paper_for_negatives_only():
    table = windows_table([1, 1, 1, 0, 0, 0], [2.0, 5.0, np.nan] * 2)
    both = controls.exclude_storms(table, LabelsConfig(storm_rule="both"))
    assert both["rejected"].tolist() == ["", "storm (Kp >= 4.667)", "outside the Kp record"] * 2
    paper = controls.exclude_storms(table, LabelsConfig(storm_rule="negatives"))
    assert paper["rejected"].tolist() == ["", "", "", "", "storm (Kp >= 4.667)", "outside the Kp record"]


@pytest.mark.parametrize("config", [LabelsConfig(storm_rule="none"), LabelsConfig(storm_kp=10)])
def test_without_a_storm_rule_an_unknown_kp_rejects_nothing(config):
    table = controls.exclude_storms(windows_table([1, 0], [9.0, np.nan]), config)
    assert table["rejected"].tolist() == ["", ""]


@pytest.mark.parametrize("five_minus", [14 / 3, 4.667, 4.67])
def test_five_minus_is_a_storm_however_its_third_is_written(five_minus):
    table = controls.exclude_storms(windows_table([0, 0], [five_minus, 4.333]), LabelsConfig(storm_kp=4.667))
    assert table["rejected"].tolist() == ["storm (Kp >= 4.667)", ""]


def test_balanced_draws_as_many_negatives_as_positives_per_station_and_keeps_the_rows_of_the_others():
    label = [1] * 3 + [0] * 20 + [1] * 5 + [0] * 4
    station = ["AAA"] * 23 + ["BBB"] * 9
    table = windows_table(label, 1.0, station)
    out = controls.choose(table, LabelsConfig(class_ratio="balanced"))
    assert len(out) == len(table)
    kept = out[out["rejected"] == ""].groupby(["station", "label"]).size().to_dict()
    assert kept == {("AAA", 0): 3, ("AAA", 1): 3, ("BBB", 0): 4, ("BBB", 1): 5}
    assert (out["rejected"] == "not drawn").sum() == 17
    natural = controls.choose(table, LabelsConfig(class_ratio="natural"))
    assert (natural["rejected"] == "").all()


def test_the_draw_repeats_with_the_seed_and_does_not_depend_on_other_stations():
    alone = windows_table([1] * 3 + [0] * 40, 1.0, "BBB")
    together = pd.concat([windows_table([1, 0, 0], 1.0, "AAA"), alone], ignore_index=True)
    drawn = [
        (controls.choose(t, LabelsConfig(seed=seed)).query("station == 'BBB'")["rejected"] == "").tolist()
        for t, seed in ((alone, 1), (alone, 1), (together, 1), (alone, 2))
    ]
    assert drawn[0] == drawn[1] == drawn[2] != drawn[3]


def test_each_block_gets_its_own_draw_so_that_the_station_alone_tells_nothing():
    random = np.random.default_rng(0)
    parts = []
    for station, shares in (("AAA", (0.45, 0.1)), ("BBB", (0.1, 0.45))):
        for split, share in zip(("train", "test"), shares, strict=True):
            label = (random.random(300) < share).astype(int)
            parts.append(windows_table(label, 1.0, station).assign(split=split))
    table = pd.concat(parts, ignore_index=True)
    out = controls.choose(table, LabelsConfig(class_ratio="balanced"))
    kept = out[out["rejected"] == ""]
    assert (kept.groupby(["station", "split"])["label"].mean() == 0.5).all()
    assert (kept["label"] == 1).sum() == (table["label"] == 1).sum()  # no positive is given up
    assert ((out["split"] == "") == (out["rejected"] == "not drawn")).all()
    # What another block or station holds does not change the draw of this one.
    alone = controls.choose(parts[3].reset_index(drop=True), LabelsConfig(class_ratio="balanced"))
    assert alone["rejected"].tolist() == out["rejected"].iloc[-300:].tolist()


def test_before_the_draw_a_negative_counts_as_much_as_its_chance_to_be_drawn():
    table = windows_table([1, 0, 0, 0, 0] + [1, 1, 0] + [0, 0], 1.0, ["AAA"] * 5 + ["BBB"] * 3 + ["CCC"] * 2)
    expected = [1, 0.25, 0.25, 0.25, 0.25, 1, 1, 1, 0, 0]
    assert controls.weights(table, LabelsConfig(class_ratio="balanced")).tolist() == expected
    assert controls.weights(table, LabelsConfig(class_ratio="natural")).tolist() == [1] * 10
    assert controls.weights(table.iloc[-2:], LabelsConfig(class_ratio="balanced")).tolist() == [1, 1]


def test_a_rejected_window_is_never_drawn():
    table = windows_table([1] * 2 + [0] * 10, [1.0, 1.0] + [9.0] * 8 + [1.0] * 2)
    out = controls.choose(controls.exclude_storms(table, LabelsConfig()), LabelsConfig())
    assert out.loc[out["rejected"] == "", "kp_max"].tolist() == [1.0] * 4


def test_the_period_of_validity_is_what_the_label_speaks_of():
    end = pd.Timestamp("2016-01-08", tz="UTC")
    grid = from_dict({"labels": {"latency_minutes": 120, "horizon_days": 3}})
    assert labels.period_of_validity(end, grid) == (end + pd.Timedelta(hours=2), end + pd.Timedelta(days=3, hours=2))
    # A quiet window of a week with a margin of a day has no event window that reaches into it, so no event for a week
    # and the minute of the lead gap.
    paper = from_dict({"windows": {"sampling": "event_aligned"}, "labels": {"quiet_margin_days": 1}})
    assert labels.period_of_validity(end, paper) == (end, end + pd.Timedelta(days=7, minutes=1))
    wide = from_dict({"windows": {"sampling": "event_aligned"}, "labels": {"quiet_margin_days": 10}})
    assert labels.period_of_validity(end, wide) == (end, end + pd.Timedelta(days=10))
