"""Windows of different splits share nothing, whatever the events and options; the audit sees when they do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock, stations
from core.caveats import CaveatKind, as_text
from core.config import from_dict
from core.errors import InputError
from core.labelling import class_warnings, dataset, leakage, splits, targets, windows
from support.fake_source import FIRST, STATIONS, FakeSource, events_table, field

DAY = 1440
FLAT = np.zeros((90 * DAY, 3))


@pytest.fixture(autouse=True)
def known_stations(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)


def labelled(source, **parts):
    """The pooled, split table without the refusals of `build`."""
    config = from_dict({**parts, "data": {"stations": source.stations()}})
    felt = targets.station_events(config, source, source.stations())
    found = [
        dataset._candidates(config, source, dataset._record(config, source, code, None), felt)
        for code in source.stations()
    ]
    return dataset._pool(config, [f.table for f in found], [f.events for f in found])


days = st.lists(st.floats(0, 95), min_size=1, max_size=25)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=days,
    sampling=st.sampled_from(["grid", "event_aligned"]),
    length=st.sampled_from([60, 720, 1440, 4320]),
    step=st.sampled_from([0, 360]),
    latency=st.sampled_from([0, 600]),
    horizon=st.sampled_from([0.1, 1, 5]),
    margin=st.sampled_from([0, 1, 4]),
    lead_gap=st.sampled_from([1, 500]),
    ratio=st.sampled_from(["balanced", "natural"]),
    embargo=st.sampled_from([-1, 0, 2]),
    test_fraction=st.sampled_from([0, 0.2, 0.4]),
    two_stations=st.booleans(),
    blocks=st.sampled_from([{}, {"n_blocks": 3, "test_block": 0}, {"n_blocks": 6, "test_block": 3}]),
    final=st.sampled_from([0, 0.2]),
    left_out=st.booleans(),
    declustering=st.sampled_from([{}, {"method": "gardner_knopoff"}, {"method": "reasenberg", "remove": True}]),
)
def test_footprints_of_different_splits_never_overlap_and_never_share_a_cluster(
    days,
    sampling,
    length,
    step,
    latency,
    horizon,
    margin,
    lead_gap,
    ratio,
    embargo,
    test_fraction,
    two_stations,
    blocks,
    final,
    left_out,
    declustering,
):
    values = {"AAA": FLAT, "BBB": FLAT[: 50 * DAY]} if two_stations else {"AAA": FLAT}
    events = events_table([FIRST + pd.Timedelta(days=d) for d in sorted(days)])
    source = FakeSource(values, events, (FIRST, FIRST + pd.Timedelta(days=92)))
    table, _ = labelled(
        source,
        windows={"length_minutes": length, "sampling": sampling, "step_minutes": step, "lead_gap_minutes": lead_gap},
        labels={
            "latency_minutes": latency,
            "horizon_days": horizon,
            "quiet_margin_days": margin,
            "class_ratio": ratio,
        },
        split={"embargo_days": embargo, "test_fraction": test_fraction, "final_fraction": final, **blocks}
        | ({"method": "leave_one_station_out", "test_station": "BBB"} if two_stations and left_out else {}),
        declustering=declustering,
    )
    kept = table[table["split"].isin((*splits.SPLITS, splits.FINAL))]
    assert (kept["rejected"] == "").all()
    assert ((table["rejected"] == "") == (table["split"] != "")).all()
    # A plain comparison of all pairs, which is what the sweep of the audit must agree with.
    first, last = windows.microseconds(kept["footprint_start"]), windows.microseconds(kept["footprint_end"])
    differs = kept["split"].to_numpy()[:, None] != kept["split"].to_numpy()[None]
    apart = (length if embargo < 0 else embargo * DAY) * clock.MINUTE_US
    assert not (differs & (first[:, None] < last[None] + apart) & (first[None] < last[:, None] + apart)).any()
    cluster = kept["cluster"].to_numpy()
    assert not (differs & (cluster[:, None] == cluster[None]) & (cluster[:, None] >= 0)).any()
    assert leakage.check(table, "blocked").ok


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from("AB"), st.sampled_from([*splits.SPLITS, "embargo", ""])),
        min_size=1,
        max_size=40,
    ),
    length=st.integers(1, 12),
    after=st.integers(0, 5),
)
def test_the_audit_counts_what_a_loop_over_all_pairs_counts(rows, length, after):
    table = windows.frame("AAA", np.array([r[0] for r in rows]), length)
    table["station"] = [r[1] * 3 for r in rows]
    table["split"] = [r[2] for r in rows]
    table["footprint_end"] = table["end"] + pd.Timedelta(minutes=after)
    found = leakage.check(table, "random")
    n_pairs, shared, leaking = 0, set(), {"validation": set(), "test": set()}
    for i, j in combinations(range(len(rows)), 2):
        (a, station_a, split_a), (b, station_b, split_b) = rows[i], rows[j]
        if {split_a, split_b} <= set(splits.SPLITS) and split_a != split_b:
            if a < b + length + after and b < a + length + after:
                n_pairs += 1
                later = max((split_a, i), (split_b, j), key=lambda pair: splits.SPLITS.index(pair[0]))
                leaking[later[0]].add(later[1])
            if station_a == station_b:
                both = set(range(a, a + length)) & set(range(b, b + length))
                shared |= {(frozenset((split_a, split_b)), station_a, minute) for minute in both}
    assert found.n_shared_footprints == n_pairs
    assert found.n_shared_minutes == len(shared)
    assert found.n_leaking == {name: len(who) for name, who in leaking.items()}
    assert found.ok == (n_pairs == 0)


def test_a_random_split_of_overlapping_windows_is_reported_with_its_numbers():
    source = FakeSource({"AAA": FLAT}, events_table([FIRST + pd.Timedelta(days=d) for d in range(5, 90, 10)]))
    table, _ = labelled(
        source,
        windows={"length_minutes": DAY, "step_minutes": 360},
        labels={"horizon_days": 1, "class_ratio": "natural"},
        split={"method": "random"},
    )
    found = leakage.check(table, "random")
    assert not found.ok
    n = found.n_windows["validation"]
    assert found.n_leaking["validation"] > 0.95 * n
    assert "Leak: " in found.sentence and "cannot be trusted" in found.sentence
    with pytest.raises(InputError, match="Leak: .* share minutes or an event cluster"):
        leakage.check(table, "blocked")


@pytest.mark.parametrize("method", splits.LEAKY)
def test_a_leak_into_the_final_block_is_refused_even_where_others_may_leak(method):
    table = two_windows(split=["train", "final"], cluster=[3, 3])
    with pytest.raises(InputError, match="1 of 1 final windows share .* with windows before the final block"):
        leakage.check(table, method)


def two_windows(**changes):
    """A training and a validation window a day apart, each of one day, without a leak."""
    table = windows.frame("AAA", np.array([0, 2 * DAY]), DAY).assign(split=["train", "validation"])
    return table.assign(**changes)


def test_without_a_leak_the_audit_says_how_far_apart_the_splits_are():
    found = leakage.check(two_windows(), "blocked")
    assert found.ok and found.closest_days == 1.0
    assert found.sentence.startswith("No leak: no window shares a minute or an event with another split")
    assert "1.0 days apart" in found.sentence


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"cluster": [3, 3]}, "n_shared_clusters"),
        ({"footprint_end": [FIRST, FIRST]}, "n_shared_footprints"),
    ],
)
def test_each_kind_of_leak_alone_is_refused(changes, name):
    table = two_windows(**changes)
    found = leakage.check(table, "random")
    assert getattr(found, name) == 1 and not found.ok
    with pytest.raises(InputError, match="Leak: 1 of 1 validation windows"):
        leakage.check(table, "blocked")


def test_footprints_at_different_stations_leak_too_but_share_no_minutes():
    table = two_windows(station=["AAA", "BBB"], start=[FIRST] * 2, footprint_start=[FIRST] * 2)
    table["end"] = table["footprint_end"] = FIRST + pd.Timedelta(days=1)
    found = leakage.check(table, "random")
    assert found.n_shared_footprints == 1 and found.n_shared_minutes == 0 and found.n_duplicates == 0


def test_a_window_that_stands_in_two_splits_is_counted_as_a_duplicate():
    table = pd.concat([two_windows(), two_windows().assign(split=["validation", "test"])], ignore_index=True)
    found = leakage.check(table, "random")
    assert found.n_duplicates == 4 and found.n_shared_minutes == 2 * DAY


def test_rejected_and_embargoed_rows_are_no_leak():
    table = pd.concat([two_windows(), two_windows().assign(split="embargo")], ignore_index=True)
    assert leakage.check(table, "blocked").ok


def classes(start_days, label):
    table = windows.frame("AAA", np.array(start_days) * DAY, DAY)
    return table.assign(label=np.array(label, dtype=np.int8), split="train")


NO_EVENTS = events_table([]).assign(station=[], target=np.array([], dtype=bool))


def test_the_auc_of_time_is_that_of_all_pairs():
    random = np.random.default_rng(0)
    start, label = random.integers(0, 30, 80), random.integers(0, 2, 80)
    wins = [(p > n) + 0.5 * (p == n) for p in start[label == 1] for n in start[label == 0]]
    assert class_warnings.time_auc(start, label) == pytest.approx(np.mean(wins))


def test_classes_that_a_mainshock_separates_in_time_are_named():
    (sentence,) = as_text(class_warnings.check(classes(range(10), [0] * 6 + [1] * 4), NO_EVENTS))
    assert "all 4 positives come after the last of 6 negatives" in sentence and "AUC 1.00" in sentence
    (sentence,) = as_text(class_warnings.check(classes(range(10), [1] * 4 + [0] * 6), NO_EVENTS))
    assert "all 4 positives come before the first of 6 negatives" in sentence
    assert class_warnings.check(classes(range(10), [0, 1] * 5), NO_EVENTS) == []


def test_a_station_or_a_split_of_one_class_is_named():
    table = pd.concat([classes(range(10), [0, 1] * 5), classes(range(0, 10, 2), [0] * 5)], ignore_index=True)
    table["station"] = ["AAA"] * 10 + ["BBB"] * 5
    table.loc[[0, 2, 4], "split"] = "test"
    told = {caveat.kind: caveat.sentence for caveat in class_warnings.check(table, NO_EVENTS)}
    assert set(told) == {CaveatKind.STATION_TELLS_LABEL, CaveatKind.ONE_CLASS}
    assert "All kept windows of BBB have label 0" in told[CaveatKind.STATION_TELLS_LABEL]
    assert "All 3 test windows have label 0" in told[CaveatKind.ONE_CLASS]


def test_positives_that_have_seen_an_earlier_event_are_counted():
    table = classes(range(10), [0, 1] * 5)
    events = events_table(["1970-01-02 12:00", "1970-01-03 12:00", "1970-01-06 00:00"]).assign(
        station="AAA", target=True
    )
    (sentence,) = as_text(class_warnings.check(table, events))
    assert sentence.startswith("2 of 5 positive windows contain an earlier target event")


def test_without_a_random_split_a_leak_never_reaches_a_window_set(monkeypatch):
    source = FakeSource(
        {"AAA": field(60 * DAY)}, events_table([FIRST + pd.Timedelta(days=d) for d in np.arange(3, 57, 4.5)])
    )
    config = from_dict({"windows": {"length_minutes": DAY}, "labels": {"horizon_days": 1}})
    honest = splits.assign

    def leaky(table, config):
        out = honest(table, config)
        kept = (out["split"] != "").to_numpy()
        return out.assign(split=np.where(kept, np.where(np.arange(len(out)) % 2, "train", "test"), ""))

    monkeypatch.setattr(dataset.splits, "assign", leaky)
    monkeypatch.setattr(dataset.splits, "require", lambda *a: None)
    with pytest.raises(InputError, match="Leak"):
        dataset.build(config, source)
