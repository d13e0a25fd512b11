"""The audit beyond times: identical numbers, scaling, the future, sequences; and the toy world that must fail it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.caveats import CaveatKind
from core.config import from_dict, replace
from core.errors import InputError
from core.labelling import audit_copies, audit_numbers, class_warnings, dataset, leakage, splits, windows
from core.processing import series
from core.training import measures
from support.fake_source import FIRST, STATIONS, FakeSource, events_table, field, utc

DAY = 1440
N_DAYS = 60


@pytest.fixture(autouse=True)
def known_stations(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)


def config_of(**parts):
    parts.setdefault("windows", {"length_minutes": DAY})
    parts.setdefault("labels", {"horizon_days": 1})
    return from_dict({"data": {"stations": ["AAA"]}, **parts})


def source_of(values):
    return FakeSource({"AAA": values}, events_table([FIRST + pd.Timedelta(days=d) for d in np.arange(3, 60, 4.5)]))


def test_a_sound_set_passes_every_check_and_each_is_listed_in_words():
    found = dataset.build(config_of(), source_of(field(N_DAYS * DAY))).audit
    assert [row.name for row in found.checks] == [
        "footprints",
        "minutes",
        "clusters",
        "duplicates",
        "identical numbers",
        "copied hours",
        "scaling",
        "filter",
    ]
    assert all(row.passed and row.words.startswith("0 ") for row in found.checks)


def copied(filtered="none"):
    """Sixty days of which the fourth from the end repeats the fourth."""
    values = field(N_DAYS * DAY)
    values[56 * DAY : 57 * DAY] = values[4 * DAY : 5 * DAY]
    processing = {"record_filter": filtered, "normalisation": "window_robust"}
    return {"processing": processing, "labels": {"horizon_days": 1, "class_ratio": "natural"}}, source_of(values)


def test_windows_of_different_splits_with_the_same_bytes_are_refused_whatever_is_known_of_the_raw_hours(monkeypatch):
    parts, source = copied()
    with pytest.raises(InputError, match="Leak: 24 hours of the record stand twice"):
        dataset.build(config_of(**parts), source)
    monkeypatch.setattr(audit_copies, "look", lambda audit, *_: audit)
    with pytest.raises(InputError, match="2 windows hold, byte for byte, the numbers of a window in another split"):
        dataset.build(config_of(**parts), source)


def test_where_the_split_may_leak_identical_windows_are_counted_as_by_a_comparison_of_all_pairs():
    parts, source = copied()
    for seed in range(4):
        built = dataset.build(config_of(**parts, split={"method": "random", "seed": seed}), source)
        rows = np.concatenate([built.rows(name) for name in splits.SPLITS])
        values, split = built.batch(rows), built.table["split"].to_numpy(dtype=object)[rows]
        expected = sum(
            any(split[i] != split[j] and np.array_equal(values[i], values[j]) for j in range(len(rows)))
            for i in range(len(rows))
        )
        assert built.audit.n_identical == expected


def test_windows_without_any_variation_are_not_called_copies():
    values = field(N_DAYS * DAY)
    for day in (4, 56):
        values[day * DAY : (day + 1) * DAY] = [24000.0, 1500.0, 40000.0]
    parts, _ = copied()
    assert dataset.build(config_of(**parts), source_of(values)).audit.n_identical == 0


def test_the_scale_is_learned_from_training_windows_and_anything_else_is_refused():
    built = dataset.build(config_of(), source_of(field(N_DAYS * DAY)))
    assert audit_numbers.scaled_outside_train(built) == 0 and len(built.learned_rows["AAA"])
    built.learned_rows["AAA"] = np.append(built.rows("train"), built.rows("test")[:2])
    assert audit_numbers.scaled_outside_train(built) == 2
    with pytest.raises(InputError, match="learned from 2 windows outside training"):
        audit_numbers.check(built, 0)


@pytest.mark.parametrize("kind", ["none", "highpass", "lowpass", "bandpass"])
def test_no_filter_of_the_record_feels_the_future_and_a_zero_phase_one_is_caught(kind):
    from scipy import signal

    config = config_of(processing={"record_filter": kind, "normalisation": "record_robust"})
    source = source_of(field(N_DAYS * DAY))
    record = source.minute("AAA")
    table = windows.frame("AAA", np.array([series.first_minute(record) + 20 * DAY]), DAY)
    filtered = series.process(record, config.processing, 3)
    assert audit_numbers.acausal_minutes(record, filtered, table, config) == 0
    sections = signal.butter(2, 1 / 100, "highpass", fs=1, output="sos")
    both_ways = signal.sosfiltfilt(sections, filtered.values, axis=1).astype(np.float32)
    felt = audit_numbers.acausal_minutes(record, dataclasses.replace(filtered, values=both_ways), table, config)
    assert felt > 100
    with pytest.raises(InputError, match=f"{felt} filtered minutes depend on later ones"):
        audit_numbers.check(dataset.build(config, source), felt)


@pytest.mark.parametrize(
    "processing",
    [
        {},
        {"window_filter": "highpass", "normalisation": "window_robust"},
        {"record_filter": "none", "window_filter": "bandpass"},
        {"record_filter": "none", "normalisation": "paper"},
    ],
)
def test_a_window_keeps_its_bits_when_everything_after_its_end_is_turned_into_noise(processing):
    values, config = field(N_DAYS * DAY), config_of(processing=processing)
    built = dataset.build(config, source_of(values))
    row = int(built.rows("train")[-1])
    end = int((built.table["end"].iloc[row] - FIRST) / pd.Timedelta(minutes=1))
    changed = values.copy()
    changed[end:] += np.random.default_rng(9).normal(0, 1e4, changed[end:].shape)
    other = dataset.build(config, source_of(changed))
    other.scaling = built.scaling
    rows = np.flatnonzero((built.table["end"] <= built.table["end"].iloc[row]) & (built.table["rejected"] == ""))
    assert len(rows) > 5
    assert built.batch(rows).tobytes() == other.batch(rows).tobytes()
    after = rows[-1:] + 2
    assert built.batch(after).tobytes() != other.batch(after).tobytes()


def sequence_of(days, split, magnitudes=None):
    """Positive windows of a day that end before the events of one sequence, and a quiet one long before."""
    starts = np.array([0, *(day * DAY for day in days)])
    table = windows.frame("AAA", starts, DAY)
    events = events_table([utc("1970-01-01") + pd.Timedelta(days=float(d) + 1.5) for d in days])
    table = table.assign(
        label=np.array([0] + [1] * len(days), dtype=np.int8),
        event_id=["", *events["event_id"]],
        split=["train", *split],
    )
    return table, events.assign(magnitude=magnitudes or 4.5, station="AAA", target=True)


def test_when_a_sequence_separates_the_classes_in_time_its_mainshock_is_named():
    table, events = sequence_of([100, 102, 104, 106], ["train"] * 4, [4.5, 6.1, 4.2, 4.4])
    (separated,) = [each for each in class_warnings.check(table, events) if each.kind == CaveatKind.SEPARATED_IN_TIME]
    assert "4 of the 4 positives belong to the sequence of magnitude 6.1 of 1970-04-14 (e1)" in separated.sentence


def test_aftershocks_of_one_mainshock_on_both_sides_of_a_boundary_are_said_with_their_distance():
    table, events = sequence_of([100, 110, 130], ["train", "train", "test"], [6.0, 4.5, 4.5])
    (sentence,) = divided(class_warnings.check(table, events))
    # From the end of the window of day 110 to the start of that of day 130.
    assert sentence.startswith("The sequence of magnitude 6 of 1970-04-12 (e0) does reach over several splits")
    assert "train and test (declustering is off): windows of it lie 19.0 days apart" in sentence
    (linked,) = divided(class_warnings.check(table, events, "reasenberg"))
    assert "(declustering: reasenberg)" in linked
    together, _ = sequence_of([100, 110, 130], ["train"] * 3)
    assert not divided(class_warnings.check(together, events))


def divided(caveats):
    """What is said of sequences in several splits."""
    return [caveat.sentence for caveat in caveats if caveat.kind == CaveatKind.SEQUENCE_DIVIDED]


def toy(seed):
    """
    Fourteen years without a precursor: 40 nT a year of drift, 10 nT of noise, half of 119 positives in one burst.

    Its only number per window is the mean of the field; method.md, E2.
    """
    random, days = np.random.default_rng(seed), 14 * 365
    burst = random.uniform(0, days - 120)
    quakes = np.concatenate([random.uniform(0, days, 60), random.uniform(burst, burst + 120, 59)])
    quiet = random.uniform(0, days, 119)
    start = np.round(np.concatenate([quakes, quiet]) * DAY).astype(np.int64)
    table = windows.frame("AAA", start, 7 * DAY)
    event = np.array([f"e{i}" for i in range(119)] + [""] * 119, dtype=object)
    table = table.assign(label=np.repeat([1, 0], 119).astype(np.int8), event_id=pd.array(event, dtype="str"))
    events = events_table(list(table["end"].iloc[:119])).assign(station="AAA", target=True)
    config = from_dict({"windows": {"length_minutes": 7 * DAY}, "labels": {"horizon_days": 0.01}})
    mean = 40 * start / (365 * DAY) + random.normal(0, 10, len(start))
    return splits.clusters(table, events, config), mean, config


def skill(table, mean, split):
    """The AUC of five nearest neighbours in the mean of the field, trained on one part and tested on another."""
    from sklearn.neighbors import KNeighborsClassifier

    label = table["label"].to_numpy()
    known, asked = (np.isin(split, names) for names in (("train", "validation"), ("test",)))
    if len(set(label[asked])) < 2:
        return np.nan, 0
    model = KNeighborsClassifier(5).fit(mean[known, None], label[known])
    n = int(label[asked].sum())
    return measures.auc(label[asked], model.predict_proba(mean[asked, None])[:, 1]), n * (asked.sum() - n)


def test_on_a_drifting_world_without_precursor_the_random_split_looks_skilful_and_is_named_a_leak_and_blocks_do_not():
    dealt, blocked = [], []
    for seed in range(12):
        table, mean, config = toy(seed)
        random = splits.assign(table, replace(config, split={"method": "random", "seed": seed}))
        dealt.append(skill(random, mean, random["split"].to_numpy(dtype=object))[0])
        found = leakage.check(random, "random")
        assert not found.ok and "scores under this split cannot be trusted" in found.sentence
        with pytest.raises(InputError, match="Leak"):
            leakage.check(random, "blocked")
        parts = []
        for k in range(5):
            fold = splits.assign(table, replace(config, split={"n_blocks": 5, "test_block": k}))
            assert leakage.check(fold, "blocked").ok
            parts.append(skill(fold, mean, fold["split"].to_numpy(dtype=object)))
        area, pairs = np.array(parts).T
        blocked.append(np.nansum(area * pairs) / pairs[~np.isnan(area)].sum())
    assert 0.65 < np.mean(dealt) < 0.80
    assert abs(np.mean(blocked) - 0.5) < 0.06
