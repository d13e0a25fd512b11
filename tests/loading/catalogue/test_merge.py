"""Merging catalogues: one event is one event, whatever the order; and what changed between two versions."""

import itertools
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.catalogue import magnitudes, merge
from core.loading.catalogue.difference import catalogue_diff
from core.loading.formats import recognise

NOON = pd.Timestamp("2020-01-01T12:00:00Z")


def events(*rows, prefix="e"):
    """An events table of rows (seconds after noon, latitude, longitude, depth, magnitude, type)."""
    table = pd.DataFrame(
        rows, columns=["s", "latitude_deg", "longitude_deg", "depth_km", "magnitude", "magnitude_type"]
    )
    table["origin_time"] = NOON + pd.to_timedelta(table.pop("s").astype(float), unit="s")
    table["event_id"] = [f"{prefix}{number}" for number in range(len(table))]
    return catalogue.check(table.assign(source=prefix))


A = events((0, 42.0, 13.0, 10.0, 5.0, "ML"), (600, 42.0, 13.0, 10.0, 4.0, "ML"), prefix="a")


def test_the_most_trusted_gives_the_place_and_the_best_type_the_magnitude():
    b = events((5, 42.1, 13.1, 8.0, 5.3, "Mw"), (3000, 42.0, 13.0, 10.0, 4.5, "mb"), prefix="b")
    merged = merge.merge({"b": b, "a": A}, ["a", "b"])
    assert merged.events["event_id"].tolist() == ["a0", "a1", "b1"]
    first = merged.events.iloc[0]
    assert first["origin_time"] == NOON and first["depth_km"] == 10.0
    assert (first["magnitude"], first["magnitude_type"]) == (5.3, "Mw")
    assert merged.events.attrs["notes"] == (
        "4 entries of 2 catalogues are 3 events; 1 are in several.",
        "1 events have a magnitude of a better type from another catalogue than their place.",
    )
    plain = merge.merge({"b": b, "a": A}, ["a", "b"], prefer_mw=False)
    assert plain.events["magnitude"].tolist() == [5.0, 4.0, 4.5]


def test_every_identifier_is_kept_with_its_distance_from_the_event():
    b = events((5, 42.1, 13.0, 8.0, 5.3, "Mw"), prefix="b")
    members = merge.merge({"a": A, "b": b}, ["a", "b"]).members
    assert members["member_id"].tolist() == ["a0", "b0", "a1"]
    assert members["event_id"].tolist() == ["a0", "a0", "a1"]
    other = members.iloc[1]
    assert other["seconds"] == 5.0 and other["distance_km"] == pytest.approx(0.1 * 111.195, abs=0.01)
    assert members["gives_place"].tolist() == [True, False, True]
    assert members["gives_magnitude"].tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("entry", "same"),
    [
        ((16.0, 42.0, 13.0, 10.0, 5.0, "ML"), True),
        ((16.001, 42.0, 13.0, 10.0, 5.0, "ML"), False),
        ((-16.0, 42.0, 13.0, 10.0, 5.0, "ML"), True),
        ((0, 42.44, 13.0, 10.0, 5.0, "ML"), True),  # 48.9 km
        ((0, 42.46, 13.0, 10.0, 5.0, "ML"), False),  # 51.2 km
        ((0, 42.46, 13.0, np.nan, 5.0, "ML"), True),  # a depth is unknown: 100 km
        ((0, 42.89, 13.0, np.nan, 5.0, "ML"), True),  # 99.0 km
        ((0, 42.91, 13.0, np.nan, 5.0, "ML"), False),  # 101.2 km
        ((0, 42.0, 13.0, 10.0, 4.0, "ML"), True),
        ((0, 42.0, 13.0, 10.0, 6.1, "ML"), False),
        ((0, 42.0, 13.6, 10.0, 5.0, "ML"), True),  # 0.6 deg of longitude at 42 N are 49.6 km
    ],
)
def test_the_limits_of_one_event(entry, same):
    assert len(merge.same_event(A.iloc[:1], events(entry))) == same


def test_small_events_may_lie_farther_apart_and_a_difference_of_one_holds_in_decimals():
    small = events((0, 42.0, 13.0, 10.0, 3.4, "ML"))
    assert len(merge.same_event(small, events((0, 42.6, 13.0, 10.0, 3.5, "ML")))) == 1
    assert len(merge.same_event(events((0, 0, 0, 1, 4.1, "")), events((0, 0, 0, 1, 3.1, "")))) == 1


def test_longitudes_meet_at_the_date_line():
    assert len(merge.same_event(events((0, 0, 179.9, 1, 5, "")), events((0, 0, -179.9, 1, 5, "")))) == 1


def test_of_two_candidates_the_nearest_is_the_same_and_the_other_is_another_event():
    b = events((8, 42.0, 13.0, 10.0, 5.0, "ML"), (1, 42.01, 13.0, 10.0, 4.6, "ML"), prefix="b")
    members = merge.merge({"a": A, "b": b}, ["a", "b"]).members.set_index("member_id")
    assert members.loc["b1", "event_id"] == "a0" and members.loc["b0", "event_id"] == "b0"


def test_entries_of_one_catalogue_are_never_merged():
    twice = events((0, 42.0, 13.0, 10.0, 5.0, "ML"), (1, 42.0, 13.0, 10.0, 5.0, "ML"))
    assert len(merge.merge({"a": twice}, ["a"]).events) == 2


@pytest.mark.parametrize(("seconds", "same"), [(59.0, True), (61.0, False)])
def test_an_identifier_that_two_catalogues_give_within_a_minute_is_one_event_however_it_was_revised(seconds, same):
    revised = A.assign(
        origin_time=A["origin_time"] + pd.Timedelta(seconds=seconds), magnitude=A["magnitude"] - 2.0, latitude_deg=0.0
    )
    merged = merge.merge({"x": A, "y": revised}, ["x", "y"])
    assert len(merged.events) == (2 if same else 4)
    assert merged.members.query("catalogue == 'y'")["seconds"].tolist() == [seconds if same else 0.0] * 2


def test_different_events_with_one_identifier_are_told_apart():
    far = A.assign(origin_time=A["origin_time"] + pd.Timedelta(days=1))
    merged = merge.merge({"x": A, "y": far}, ["x", "y"])
    assert merged.events["event_id"].tolist() == ["a0", "a1", "y/a0", "y/a1"]
    assert "2 identifiers are used by two catalogues for different events." in merged.events.attrs["notes"]


def test_the_order_of_trust_must_name_each_catalogue_once():
    for priority in ([], ["a"], ["a", "b", "b"], ["a", "c"]):
        with pytest.raises(InputError, match="order of trust"):
            merge.merge({"a": A, "b": A}, priority)
    with pytest.raises(InputError, match="no catalogue to merge"):
        merge.merge({}, [])


ROWS = st.tuples(
    st.integers(0, 60),
    st.sampled_from([42.0, 42.1, 42.3, 42.7]),
    st.sampled_from([13.0, 13.2, 13.9]),
    st.sampled_from([5.0, 10.0, np.nan]),
    st.sampled_from([3.0, 3.6, 4.0, 4.6]),
    st.sampled_from(["ML", "Mw", "mb", ""]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(ROWS, min_size=1, max_size=8), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_a_merge_never_depends_on_the_order_of_catalogues_or_rows(lists, choose):
    tables = {name: events(*rows, prefix=name) for name, rows in zip("xyz", lists, strict=False)}
    priority = sorted(tables)
    expected = merge.merge(tables, priority)
    names = list(tables)
    choose.shuffle(names)
    shuffled = {}
    for name in names:
        order = list(range(len(tables[name])))
        choose.shuffle(order)
        shuffled[name] = tables[name].iloc[order]
    found = merge.merge(shuffled, priority)
    pd.testing.assert_frame_equal(found.events, expected.events)
    pd.testing.assert_frame_equal(found.members, expected.members)
    # and no entry is lost, gives two events, or is merged beyond the limits
    members = expected.members
    assert sorted(members["member_id"]) == sorted(itertools.chain(*(table["event_id"] for table in tables.values())))
    assert set(members["event_id"]) == set(expected.events["event_id"])
    assert not members.duplicated(["event_id", "catalogue"]).any()
    assert members["seconds"].abs().max() <= 16 and members["distance_km"].max() <= 100
    for flag in ("gives_place", "gives_magnitude"):
        assert (members.groupby("event_id")[flag].sum() == 1).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=10), st.lists(ROWS, min_size=1, max_size=10))
def test_pairs_are_those_of_a_plain_loop_over_all_pairs(first, second):
    a, b = events(*first, prefix="a"), events(*second, prefix="b")
    open_pairs = []
    for i, j in itertools.product(range(len(a)), range(len(b))):
        one, other = a.iloc[i], b.iloc[j]
        seconds = (other["origin_time"] - one["origin_time"]).total_seconds()
        x, y = np.radians([one["latitude_deg"], other["latitude_deg"]])
        turn = np.radians(other["longitude_deg"] - one["longitude_deg"])
        cosine = np.sin(x) * np.sin(y) + np.cos(x) * np.cos(y) * np.cos(turn)
        km = 6371.0 * np.arccos(min(1.0, cosine))
        depths_known = not np.isnan(one["depth_km"]) and not np.isnan(other["depth_km"])
        limit = 50 if depths_known and min(one["magnitude"], other["magnitude"]) >= 3.5 else 100
        if abs(seconds) <= 16 and km <= limit and abs(one["magnitude"] - other["magnitude"]) <= 1.0 + 1e-9:
            open_pairs.append((round((seconds / 16) ** 2 + (km / 50) ** 2, 6), i, j))
    taken, expected = set(), set()
    for _, i, j in sorted(open_pairs):
        if ("a", i) not in taken and ("b", j) not in taken:
            taken |= {("a", i), ("b", j)}
            expected.add((i, j))
    found = merge.same_event(a, b)
    assert set(zip(found["a"], found["b"], strict=True)) == expected


def test_proxies_of_mw_stand_in_columns_of_their_own_with_their_source():
    table = events(
        (0, 0, 0, 1, 5.0, "Ms"),
        (1, 0, 0, 1, 7.0, "MS"),
        (2, 0, 0, 1, 6.5, "mb"),
        (3, 0, 0, 1, 4.0, "ML"),
        (4, 0, 0, 1, 6.0, "mww"),
    )
    proxies = magnitudes.mw_proxy(table)
    assert proxies["magnitude"].tolist() == [5.0, 7.0, 6.5, 4.0, 6.0]
    # 0.67 * 5 + 2.07; 0.99 * 7 + 0.08; mb above 6.2 has none; 0.53 + 0.646 * 4 + 0.0376 * 16
    np.testing.assert_allclose(proxies["mw_proxy"], [5.42, 7.01, np.nan, 3.716, 6.0], atol=0.001)
    assert proxies["mw_proxy_source"].tolist() == ["Scordilis 2006", "Scordilis 2006", "", "Gruenthal 2009", "native"]


def test_a_diff_lists_what_was_added_removed_and_changed():
    old = events(
        (0, 42.0, 13.0, 10.0, 4.3, "ML"),
        (900, 42.0, 13.0, 10.0, 4.0, "ML"),
        (1800, 42.0, 13.0, np.nan, 3.0, "Md"),
        (2700, 42.0, 13.0, 1.0, 3.0, "Md"),
    )
    new = old.drop(index=1).copy()
    new.loc[0, ["magnitude", "magnitude_type"]] = [4.5, "Mw"]
    new.loc[2, "depth_km"] = 7.5
    late = events((9000, 44.0, 12.0, 10.0, 5.9, "Mw"), prefix="late")
    table = catalogue_diff(old, pd.concat([late, new]))
    assert table[["change", "event_id", "what"]].values.tolist() == [
        ["changed", "e0", "magnitude 4.3 -> 4.5; magnitude_type ML -> Mw"],
        ["removed", "e1", ""],
        ["changed", "e2", "depth_km unknown -> 7.5"],
        ["added", "late0", ""],
    ]


def test_an_event_with_a_new_identifier_is_changed_not_lost_and_found():
    moved = A.assign(event_id=["n0", "n1"], origin_time=A["origin_time"] + pd.Timedelta(seconds=2))
    table = catalogue_diff(A, moved)
    assert table["change"].tolist() == ["changed", "changed"]
    assert table["what"].iloc[0] == (
        "event_id a0 -> n0; origin_time 2020-01-01T12:00:00.000000Z -> 2020-01-01T12:00:02.000000Z"
    )


def test_equal_catalogues_differ_in_nothing_whatever_their_order():
    rows = list(range(len(A)))
    random.Random(1).shuffle(rows)
    assert catalogue_diff(A, A.iloc[rows]).empty
    assert list(catalogue_diff(A, A).columns)[:2] == ["change", "event_id"]


@pytest.mark.shared
def test_a_real_catalogue_merged_with_a_shifted_copy_is_the_catalogue(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "italy_iside_20050417-20210630_m20_csep.csv.gz")
    copy = table.assign(
        event_id="copy" + table["event_id"],
        origin_time=table["origin_time"] + pd.Timedelta(milliseconds=10),
        latitude_deg=table["latitude_deg"] + 0.0005,
    )
    merged = merge.merge({"copy": copy, "iside": table}, ["iside", "copy"])
    assert len(merged.members) == 2 * len(table) == 70_040
    pd.testing.assert_frame_equal(merged.events, table)
