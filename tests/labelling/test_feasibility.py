"""What a preview says before training: independent events, costs of rules, overlaps, what each split holds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.config import ExperimentConfig, from_dict, replace
from core.labelling import dataset, feasibility, windows
from support.fake_source import FIRST, STATIONS, FakeSource, activity_table, events_table, field

DAY = 1440


@pytest.fixture(autouse=True)
def known_stations(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)


def preview_of(values=None, events=None, activity=None, **parts):
    days = [3.5, 4.2, 15.5, 16.5, 30.5, 45.5, 55.5]
    source = FakeSource(
        {"AAA": field(60 * DAY) if values is None else values},
        events_table([FIRST + pd.Timedelta(days=d) for d in days]) if events is None else events,
        activity=activity,
    )
    parts.setdefault("windows", {"length_minutes": DAY})
    parts.setdefault("labels", {"horizon_days": 1, "class_ratio": "natural"})
    return dataset.preview(from_dict({"data": {"stations": ["AAA"]}, **parts}), source), source


def test_events_within_a_footprint_of_each_other_are_one_independent_event():
    found, _ = preview_of()
    row = found.independent.set_index("station").loc["all"]
    assert row.to_dict() == {"n_targets": 7, "n_groups": 7, "n_clusters": 5}
    assert any("7 target events count as 5 independent" in sentence for sentence in found.sentences)


def test_what_each_rule_costs_is_what_is_gained_by_dropping_it():
    values = field(60 * DAY)
    for day, minutes in ((5, 10), (9, 100), (14, 4), (20, 300), (44, 5)):
        values[day * DAY + 100 : day * DAY + 100 + minutes] = np.nan
    kp = activity_table(FIRST, 61)
    kp.loc[kp["time"].dt.day.isin([5, 6, 15]), "kp"] = 6.0
    found, source = preview_of(values, activity=kp)
    config = from_dict(
        {
            "data": {"stations": ["AAA"]},
            "windows": {"length_minutes": DAY},
            "labels": {"horizon_days": 1, "class_ratio": "natural"},
        }
    )
    costs = found.costs.set_index("rule")
    relaxed = {
        "storm (Kp >= 4.667)": {"labels": {"storm_kp": 10}},
        "gap longer than 3 min": {"windows": {"max_gap_minutes": 2000}},
        "more than 5 % missing": {"windows": {"max_missing_fraction": 0.5}},
    }
    before = kept(found)
    for rule, change in relaxed.items():
        after = kept(dataset.preview(replace(config, **change), source))
        assert costs.loc[rule, "n_alone"] == after[0] - before[0], rule
        assert costs.loc[rule, "n_positive_alone"] == after[1] - before[1], rule
    assert costs["n_windows"].ge(costs["n_alone"]).all() and costs.loc["storm (Kp >= 4.667)", "n_windows"] == 6


def kept(preview):
    rows = preview.windows[preview.windows["rejected"] == ""]
    return rows["n"].sum(), rows.loc[rows["label"] == 1, "n"].sum()


def test_overlaps_are_counted_as_a_loop_over_all_pairs_counts_them():
    random = np.random.default_rng(2)
    table = windows.frame("AAA", np.sort(random.integers(0, 4000, 60)), 30)
    table = table.assign(label=random.integers(0, 2, 60).astype(np.int8), split="train")
    first, last, label = (table[name].to_numpy() for name in ("start", "end", "label"))
    meets = (first[:, None] < last) & (first < last[:, None]) & ~np.eye(60, dtype=bool)
    (row,) = feasibility.overlaps(table).to_dict("records")
    assert row["n_sharing"] == meets.any(axis=1).sum() > 5
    assert row["n_both_labels"] == (meets & (label[:, None] != label)).any(axis=1).sum() > 0
    assert row["sharing_fraction"] == pytest.approx(row["n_sharing"] / 60)


def test_a_split_holds_clusters_and_negatives_that_share_no_time_over_so_many_days():
    table = windows.frame("AAA", np.arange(0, 20) * 720, DAY)  # each overlaps the next by half
    table = table.assign(label=0, split="test", cluster=-1, footprint_end=table["end"] + pd.Timedelta(days=2))
    table.loc[[0, 1, 2, 19], ["label", "cluster"]] = [[1, 0], [1, 0], [1, 1], [1, 2]]
    row = feasibility.stretches(
        table, ExperimentConfig(windows=from_dict({"windows": {"length_minutes": DAY}}).windows)
    )
    test = row.set_index("split").loc["test"]
    # Negatives cover 3 * 720 to 20 * 720 minutes without a hole at the end: from window 3 to the end of window 18.
    assert (test["n_clusters"], test["n_negative"], test["n_independent_negative"]) == (3, 16, 8)
    assert test["days"] == 19 * 0.5 + 1 + 2  # the last window begins after nine and a half days


def test_a_preview_says_what_the_windows_hold_that_a_run_is_judged_by():
    found, _ = preview_of(split={"validation_fraction": 0.1, "test_fraction": 0.6})
    row = found.judged_row
    assert row["split"] == "test" and found.sentences[-1] == (
        f"The test windows hold {row['n_clusters']} independent events and {row['n_independent_negative']} independent "
        f"quiet windows in {row['days']:.0f} days."
    )
    assert all(len(table) for name, table in found.tables().items() if name != "costs")
    assert {field.name for field in dataclasses.fields(found)} == {*found.tables(), "sentences"}


def test_a_preview_without_any_event_still_says_what_it_holds():
    found, _ = preview_of(events=events_table([]))
    assert "hold 0 independent events" in found.sentences[-1]
    assert found.independent.set_index("station").loc["all", "n_clusters"] == 0
