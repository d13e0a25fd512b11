"""Copied days are seen by the audit, altered ones too: on raw hours, whatever the filter and the length of windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.caveats import CaveatKind
from core.config import from_dict
from core.errors import InputError
from core.labelling import dataset
from support.fake_source import FIRST, STATIONS, FakeSource, events_table, field

DAY = 1440
WEEKS = {"windows": {"length_minutes": 7 * DAY, "step_minutes": DAY}, "labels": {"horizon_days": 1}}
DAYS = {"windows": {"length_minutes": DAY, "step_minutes": 720}, "labels": {"horizon_days": 1}}


@pytest.fixture(autouse=True)
def known_stations(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)


def source_of(values, every_days=4.5):
    n_days = len(values["AAA"]) // DAY
    origins = [FIRST + pd.Timedelta(days=day) for day in np.arange(9, n_days, every_days)]
    return FakeSource(values, events_table(origins))


def copied(n_days=200, begin=10, to=180, length=12):
    """A record whose days from `begin` on stand again from day `to` on."""
    values = field(n_days * DAY).round(1)
    values[to * DAY : (to + length) * DAY] = values[begin * DAY : (begin + length) * DAY]
    return values


@pytest.mark.parametrize("parts, every_days", [(WEEKS, 18.0), (DAYS, 4.5)], ids=["weeks", "days"])
def test_twelve_copied_days_are_refused_under_the_default_filter(parts, every_days):
    config = from_dict(parts)
    assert config.processing.record_filter == "highpass"
    with pytest.raises(InputError, match=r"Leak: 288 hours of the record.*AAA 2016-06-29 00:00.*AAA 2016-01-11 00:00"):
        dataset.build(config, source_of({"AAA": copied()}, every_days))


ALTERED = {
    "lifted": lambda days: days + 5,
    "noise": lambda days: days + np.random.default_rng(1).normal(scale=0.02, size=days.shape),
    "moved": lambda days: np.roll(days, 7, axis=0),
    "holes": lambda days: np.where(np.arange(len(days))[:, None] % 60 == 0, np.nan, days),
}


@pytest.mark.parametrize("how", ALTERED)
def test_twelve_altered_days_are_refused_as_equal_ones_are(how):
    values = copied()
    values[180 * DAY : 192 * DAY] = ALTERED[how](values[180 * DAY : 192 * DAY])
    with pytest.raises(InputError, match="Leak: 28[78] hours .*: AAA 2016-06-29 0.*altered, X Y Z"):
        dataset.build(from_dict(DAYS), source_of({"AAA": values}))


def test_altered_hours_are_counted_where_the_split_may_leak_as_equal_ones_are():
    values = copied(60, 5, 40, 3)
    config = from_dict({**DAYS, "split": {"method": "random", "seed": 1}})
    equal = dataset.build(config, source_of({"AAA": values})).audit
    values[40 * DAY : 43 * DAY] += 5
    altered = dataset.build(config, source_of({"AAA": values})).audit
    assert equal.n_copied_hours > 0 and altered.n_copied_hours == equal.n_copied_hours and not altered.ok


def test_one_altered_component_is_enough():
    values = copied(200)
    values[180 * DAY : 192 * DAY, 1:] = field(12 * DAY, seed=9)[:, 1:]
    with pytest.raises(InputError, match="altered, X of AAA 2016-01-11 00:00"):
        dataset.build(from_dict(DAYS), source_of({"AAA": values}))


def leaking_hours(values, table):
    """By a loop over all pairs of hours: those in a kept window that equal an hour in one of another split or class."""
    kept = table[(table["rejected"] == "") & (table["split"] != "embargo")]
    hours = {}
    for code in values:
        rows = kept[kept["station"] == code]
        spans = [
            (
                (row.start - FIRST) / pd.Timedelta(hours=1),
                (row.end - FIRST) / pd.Timedelta(hours=1),
                row.split,
                row.label,
            )
            for row in rows.itertuples()
        ]
        for hour in range(len(values[code]) // 60):
            kinds = {(split, label) for first, last, split, label in spans if first < hour + 1 and last > hour}
            if kinds:
                hours[code, hour] = kinds
    by_bytes = {}
    for code, hour in hours:
        by_bytes.setdefault(values[code][60 * hour : 60 * hour + 60].tobytes(), []).append(hours[code, hour])
    return sum(
        any(kind != other for kind in kinds for j, others in enumerate(group) if j != i for other in others)
        for group in by_bytes.values()
        for i, kinds in enumerate(group)
    )


def test_where_the_split_may_leak_copied_hours_are_counted_as_by_a_loop_and_the_set_is_not_called_sound():
    values = {"AAA": copied(60, 5, 40, 3), "BBB": field(60 * DAY, seed=3).round(1)}
    values["BBB"][20 * DAY : 21 * DAY] = values["AAA"][5 * DAY : 6 * DAY]
    for seed in range(3):
        built = dataset.build(from_dict({**DAYS, "split": {"method": "random", "seed": seed}}), source_of(values))
        expected = leaking_hours(values, built.table)
        assert expected > 0 and built.audit.n_copied_hours == expected
        assert not built.audit.ok and "Leak: 96 hours of the record stand twice" in built.audit.sentence
        assert [row.passed for row in built.audit.checks if row.name == "copied hours"] == [False]


def test_a_copy_between_two_stations_is_refused_and_both_are_named():
    values = {"AAA": field(60 * DAY), "BBB": field(60 * DAY, seed=3)}
    values["BBB"][50 * DAY : 55 * DAY] = values["AAA"][5 * DAY : 10 * DAY]
    with pytest.raises(InputError, match="BBB 2016-02-20 00:00 to 2016-02-25 00:00 holds the values of AAA 2016-01-06"):
        dataset.build(from_dict(DAYS), source_of(values))


def window_days(built, split, label):
    """The first days of windows of one split and class, in days since the begin of the record."""
    rows = built.table[(built.table["split"] == split) & (built.table["label"] == label)]
    rows = rows[(rows["rejected"] == "") & (rows["start"].dt.hour == 0)]
    return [int((start - FIRST) / pd.Timedelta(days=1)) for start in rows["start"]]


def test_a_copy_in_windows_of_one_split_is_refused_if_the_classes_differ_and_else_a_caveat():
    sound = {"AAA": field(90 * DAY)}
    config = from_dict(DAYS)
    built = dataset.build(config, source_of(sound))
    negatives, positives = window_days(built, "train", 0), window_days(built, "train", 1)
    assert built.audit.n_copied_hours == 0 and not [
        w for w in built.audit.warnings if w.kind == CaveatKind.COPIED_HOURS
    ]

    def with_day(day, again):
        values = sound["AAA"].copy()
        values[again * DAY : (again + 1) * DAY] = values[day * DAY : (day + 1) * DAY]
        return source_of({"AAA": values})

    with pytest.raises(InputError, match="Leak: 24 hours of the record stand twice"):
        dataset.build(config, with_day(negatives[0], positives[-1]))
    audit = dataset.build(config, with_day(positives[0], positives[-1])).audit
    (told,) = [warning for warning in audit.warnings if warning.kind == CaveatKind.COPIED_HOURS]
    assert audit.ok and audit.n_copied_hours == 0 and told.sentence.startswith("24 hours of the record stand twice")


def test_the_preview_says_of_copied_days_what_the_build_says():
    source = source_of({"AAA": copied()}, 18.0)
    with pytest.raises(InputError) as refused:
        dataset.build(from_dict(WEEKS), source)
    assert str(refused.value) in dataset.preview(from_dict(WEEKS), source).sentences


def test_a_copy_into_the_final_block_is_refused_even_where_others_may_leak():
    parts = {**DAYS, "split": {"method": "random", "final_fraction": 0.25}}
    sound = {"AAA": field(90 * DAY)}
    built = dataset.build(from_dict(parts), source_of(sound))
    final, train = window_days(built, "final", 1)[0], window_days(built, "train", 1)[0]
    sound["AAA"][final * DAY : (final + 1) * DAY] = sound["AAA"][train * DAY : (train + 1) * DAY]
    with pytest.raises(InputError, match="Leak: 24 hours of the record stand twice"):
        dataset.build(from_dict(parts), source_of(sound))


def test_hours_that_an_ancestor_of_the_run_was_trained_on_are_training_hours():
    config, values = from_dict(DAYS), field(90 * DAY)
    built = dataset.build(config, source_of({"AAA": values}))
    kept = built.table[built.table["rejected"] == ""]
    free = next(
        FIRST + pd.Timedelta(days=day)
        for day in range(90)
        if not (
            (kept["start"] < FIRST + pd.Timedelta(days=day + 1)) & (kept["end"] > FIRST + pd.Timedelta(days=day))
        ).any()
    )
    begin, again = int((free - FIRST) / pd.Timedelta(minutes=1)), window_days(built, "test", 1)[0] * DAY
    values[again : again + DAY] = values[begin : begin + DAY]
    assert dataset.build(config, source_of({"AAA": values})).audit.n_copied_hours == 0
    learned = (
        kept[kept["split"] == "train"]
        .head(1)
        .assign(
            start=free, end=free + pd.Timedelta(days=1), footprint_start=free, footprint_end=free + pd.Timedelta(days=1)
        )
    )
    with pytest.raises(InputError, match="Leak: 24 hours of the record stand twice"):
        dataset.build(config, source_of({"AAA": values}), learned)
