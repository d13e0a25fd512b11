"""The whole of the labelling: build, preview and scan on small records with known content."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pandas as pd
import pytest
from scipy import signal

from core import files, stations
from core.caveats import CaveatKind, as_text
from core.config import from_dict
from core.errors import InputError
from core.labelling import dataset, splits, windows
from core.labelling.audit import Audit
from core.processing.station_scale import StationScale
from core.runs import run_documents
from support.fake_source import FIRST, STATIONS, FakeSource, activity_table, events_table, field, utc

DAY = 1440
N_DAYS = 60


@pytest.fixture(autouse=True)
def known_stations(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)


def origins(every=4.5, n_days=N_DAYS):
    return [FIRST + pd.Timedelta(days=d) for d in np.arange(3, n_days, every)]


def source_of(values=None, events=None, **options):
    values = values if values is not None else {"AAA": field(N_DAYS * DAY)}
    return FakeSource(values, events_table(origins()) if events is None else events, **options)


def config_of(**parts):
    parts.setdefault("windows", {"length_minutes": DAY, "step_minutes": 720})
    parts.setdefault("labels", {"horizon_days": 1})
    return from_dict(parts)


def gapped(n_days=N_DAYS, seed=0):
    """A record with many gaps of one to three minutes and one long one."""
    values, random = field(n_days * DAY, seed), np.random.default_rng(seed + 1)
    for start in random.integers(0, len(values) - 3, 200):
        values[start : start + random.integers(1, 4), random.integers(0, 3)] = np.nan
    values[5 * DAY : 5 * DAY + 300] = np.nan
    return values


@pytest.mark.parametrize("sampling", ["grid", "event_aligned"])
def test_windows_before_the_first_day_of_the_final_block_stay_what_they_are_when_data_and_events_come(sampling):
    values, when = field(N_DAYS * DAY), [time + pd.Timedelta(hours=5 * n) for n, time in enumerate(origins())]
    edge = FIRST + pd.Timedelta(days=40)
    cut = {"length_minutes": 720, "sampling": sampling, "step_minutes": 360, "lead_gap_minutes": 900}
    chosen = config_of(
        windows=cut,
        labels={"horizon_days": 1, "quiet_margin_days": 1},
        split={"final_start": f"{edge:%Y-%m-%d}", "embargo_days": 0.5},
    )

    def before_the_edge(n_days):
        end = FIRST + pd.Timedelta(days=n_days)
        events = events_table([time for time in when if time < end])
        source = FakeSource({"AAA": values[: n_days * DAY]}, events, (utc("1990-01-01"), end))
        table, _ = dataset.labelled(chosen, source)
        old = table[table["split"].isin(splits.SPLITS) & (table["footprint_end"] <= edge)]
        return old[["station", "start", "label", "split"]].to_dict("list"), int((table["split"] == "final").sum())

    (now, none_yet), (later, n_final) = before_the_edge(40), before_the_edge(60)
    assert len(now["start"]) > 10 and set(now["split"]) >= {"train", "validation", "test"}
    assert now == later and none_yet == 0 and n_final > 5


def test_the_table_has_one_row_per_candidate_with_the_columns_of_the_contract():
    built = dataset.build(config_of(), source_of())
    assert tuple(built.table.columns) == windows.COLUMNS
    assert built.table["window_id"].tolist() == list(range(2 * N_DAYS))
    for name in ("start", "end", "footprint_start", "footprint_end"):
        assert str(built.table[name].dt.tz) == "UTC"
    used = np.concatenate([built.rows(s) for s in ("train", "validation", "test", "embargo")])
    assert sorted(used) == np.flatnonzero(built.table["rejected"] == "").tolist()
    assert built.labels(built.rows("train")).tolist() == built.table["label"].iloc[built.rows("train")].tolist()


def test_a_batch_is_the_causally_filtered_record_less_its_median_over_its_robust_scale():
    values = field(N_DAYS * DAY)
    built = dataset.build(config_of(), source_of({"AAA": values}))
    sections = signal.butter(2, 1 / 100, "highpass", fs=1, output="sos")
    filtered = np.column_stack(
        [signal.sosfilt(sections, x, zi=signal.sosfilt_zi(sections) * x[0])[0] for x in values.T]
    )
    train = built.table.iloc[built.rows("train")]
    offset = ((train["start"] - FIRST) / pd.Timedelta(minutes=1)).astype(int)
    seen = np.stack([filtered[i : i + DAY] for i in offset])
    median = np.median(seen, axis=(0, 1))
    scale = 1.4826 * np.median(np.abs(seen - median), axis=(0, 1))
    np.testing.assert_allclose(built.scaling["AAA"].median_nt, median, atol=1e-5)
    np.testing.assert_allclose(built.scaling["AAA"].scale_nt, scale, rtol=1e-5)
    batch = built.batch(built.rows("train"))
    assert batch.dtype == np.float32 and batch.shape == (len(train), 3, DAY)
    np.testing.assert_allclose(batch, ((seen - median) / scale).swapaxes(1, 2), atol=2e-5)


def test_without_a_record_filter_a_batch_is_the_raw_field_less_its_median_over_its_robust_scale():
    values = field(N_DAYS * DAY)
    built = dataset.build(config_of(processing={"record_filter": "none"}), source_of({"AAA": values}))
    rows = built.rows("train")
    offset = ((built.table["start"].iloc[rows] - FIRST) / pd.Timedelta(minutes=1)).astype(int)
    seen = np.stack([values[i : i + DAY] for i in offset])
    median = np.median(seen, axis=(0, 1))
    scale = 1.4826 * np.median(np.abs(seen - median), axis=(0, 1))
    np.testing.assert_allclose(built.batch(rows), ((seen - median) / scale).swapaxes(1, 2), atol=1e-4)


def test_the_papers_batch_is_the_raw_field_over_the_largest_z_of_the_window():
    values = field(N_DAYS * DAY)
    paper = {"record_filter": "none", "normalisation": "paper"}
    built = dataset.build(config_of(processing=paper), source_of({"AAA": values}))
    row = built.rows("train")[3]
    first = (built.table["start"].iloc[row] - FIRST) // pd.Timedelta(minutes=1)
    window = values[first : first + DAY].T
    np.testing.assert_allclose(built.batch([row])[0], window / np.abs(window[2]).max(), rtol=2e-7)


PROCESSINGS = [
    {},
    {"gap_rule": "paper_mean", "record_filter": "bandpass"},
    {"record_filter": "none", "window_filter": "highpass"},
    {"record_filter": "lowpass", "window_filter": "bandpass", "normalisation": "window_robust"},
    {"record_filter": "none", "normalisation": "paper", "gap_rule": "paper_mean"},
    {"record_filter": "none", "normalisation": "paper", "window_filter": "highpass"},
    {"record_filter": "none"},
]


@pytest.mark.parametrize("processing", PROCESSINGS)
def test_no_batch_holds_a_nan_and_a_window_has_the_same_bits_in_every_batch(processing):
    built = dataset.build(config_of(processing=processing), source_of({"AAA": gapped(), "BBB": gapped(40, 3)}))
    rows = np.concatenate([built.rows("train"), built.rows("test")])
    assert set(built.table["station"].iloc[rows]) == {"AAA", "BBB"}
    assert (built.table["missing_minutes"].iloc[rows] > 0).any()
    together = built.batch(rows)
    assert together.dtype == np.float32 and np.isfinite(together).all()
    order = np.random.default_rng(0).permutation(len(rows))
    assert np.array_equal(built.batch(rows[order]), together[order])
    for i in order[:5]:
        assert np.array_equal(built.batch([rows[i]])[0], together[i])


@pytest.mark.parametrize("processing", PROCESSINGS)
def test_a_scan_gives_the_same_bits_as_the_evaluation_for_the_same_window(processing, tmp_path):
    config, source = config_of(processing=processing), source_of({"AAA": gapped(), "BBB": gapped(40, 3)})
    built = dataset.build(config, source)
    files.replace_json(tmp_path / "scaling.json", run_documents.write_scaling(built.scaling))
    scaling = run_documents.scaling(tmp_path / "scaling.json")
    row = built.table.iloc[built.rows("test")[-1]]
    scan = dataset.scan_set(
        config, source, scaling, row["station"], row["start"] - pd.Timedelta(days=2), row["end"], 60
    )
    (position,) = np.flatnonzero(scan.table["start"] == row["start"])
    assert np.array_equal(scan.batch([position]), built.batch([built.rows("test")[-1]]))
    assert scan.table["end"].max() == row["end"]


@pytest.mark.parametrize("processing", PROCESSINGS)
def test_what_comes_after_a_window_never_changes_it(processing):
    values = gapped()
    config = config_of(processing=processing)
    scaling = dataset.build(config, source_of({"AAA": values})).scaling
    now = 30 * DAY + 777
    other = values.copy()
    other[now:] = np.random.default_rng(9).normal(0, 5000, (len(values) - now, 3))
    other[now + 500 : now + 900] = np.nan
    end = FIRST + pd.Timedelta(minutes=now)
    scans = [dataset.scan_set(config, source_of({"AAA": v}), scaling, "AAA", step_minutes=601) for v in (values, other)]
    past = (scans[0].table["end"] <= end) & (scans[0].table["rejected"] == "")
    assert past.sum() > 50
    rows = np.flatnonzero(past)
    pd.testing.assert_frame_equal(scans[0].table.loc[past], scans[1].table.loc[past])
    assert np.array_equal(scans[0].batch(rows), scans[1].batch(rows))


def test_the_scale_is_learned_from_training_windows_only():
    values = field(N_DAYS * DAY)
    one = dataset.build(config_of(), source_of({"AAA": values}))
    last_minute = one.table.iloc[one.rows("train")]["end"].max()
    other = values.copy()
    other[int((last_minute - FIRST) / pd.Timedelta(minutes=1)) :] *= 3
    two = dataset.build(config_of(), source_of({"AAA": other}))
    assert one.scaling == two.scaling


def test_a_station_without_a_training_window_borrows_the_scale_of_the_others_and_the_run_says_so():
    values = {"AAA": field(N_DAYS * DAY), "BBB": field(12 * DAY, seed=1)}
    source = source_of(values, first={"BBB": FIRST + pd.Timedelta(days=48)})
    built = dataset.build(config_of(), source)
    assert "BBB" not in set(built.table["station"].iloc[built.rows("train")])
    assert built.scaling["BBB"].scale_nt == built.scaling["AAA"].scale_nt
    assert any(each.kind == CaveatKind.SCALE_BORROWED and "BBB" in each.sentence for each in built.audit.warnings)
    with pytest.raises(InputError, match='BBB has no training window.*record_filter = "highpass"'):
        dataset.build(config_of(processing={"record_filter": "none"}), source)


@pytest.mark.parametrize("method", ["blocked", "random"])
def test_balanced_classes_are_balanced_within_each_block_of_time_and_over_all_in_the_papers_random_split(method):
    # Most events in the first half at one station, in the second half at the other.
    late = [FIRST + pd.Timedelta(days=d) for d in (5, 20, 38, 41, 44, 47, 50, 53, 56)]
    events = events_table(sorted([*origins(4.5, 34), *late]))
    source = source_of({"AAA": field(N_DAYS * DAY), "BBB": field(N_DAYS * DAY, 3)}, events)
    built = dataset.build(config_of(split={"method": method, "embargo_days": 0}), source)
    kept = built.table[(built.table["rejected"] == "") & (built.table["split"] != "embargo")]
    if method == "random":
        assert kept["label"].mean() == 0.5
        return
    assert set(kept["split"]) == {"train", "validation", "test"}
    assert (kept.groupby(["station", "split"])["label"].mean() == 0.5).all()


def test_scaling_and_audit_come_back_from_json_as_they_were(tmp_path):
    built = dataset.build(config_of(), source_of())
    files.replace_json(tmp_path / "scaling.json", run_documents.write_scaling(built.scaling))
    assert run_documents.scaling(tmp_path / "scaling.json") == built.scaling
    stored = json.loads(json.dumps(built.audit.to_dict(), allow_nan=False))
    assert Audit.from_dict(stored) == built.audit
    assert built.audit.ok and built.audit.method == "blocked"


def test_an_event_aligned_window_ends_right_before_its_event_and_holds_those_minutes():
    ramp = np.arange(N_DAYS * DAY, dtype=float)[:, None] * np.ones(3)
    config = config_of(
        windows={"length_minutes": DAY, "sampling": "event_aligned"},
        labels={"quiet_margin_days": 0.2},
        processing={"record_filter": "none", "normalisation": "window_robust"},
        split={"method": "random"},
    )
    built = dataset.build(config, source_of({"AAA": ramp}, events_table(origins(4.51))))
    row = np.flatnonzero((built.table["label"] == 1) & (built.table["rejected"] == ""))[0]
    origin_minute = (origins(4.51)[0] - FIRST) // pd.Timedelta(minutes=1)
    offset = built.series["AAA"].offset_nt[0]
    position = (built.table["start"].iloc[row] - FIRST) // pd.Timedelta(minutes=1)
    last = built.series["AAA"].values[0, position + DAY - 1] + offset
    assert last == origin_minute - 1
    assert (np.diff(built.batch([row])[0, 0]) > 0).all()


def test_a_window_outside_the_record_has_no_numbers():
    config = config_of(windows={"length_minutes": 3 * DAY, "step_minutes": 720}, split={"embargo_days": 0})
    built = dataset.build(config, source_of())
    row = np.flatnonzero(built.table["rejected"] == "incomplete")[0]
    with pytest.raises(ValueError, match="sticks out"):
        built.batch([row])


def test_the_period_of_the_config_limits_the_record():
    built = dataset.build(config_of(data={"start": "2016-01-05", "end": "2016-02-10"}), source_of())
    assert built.table["start"].min() == utc("2016-01-05")
    assert built.table.loc[built.table["rejected"] == "", "end"].max() <= utc("2016-02-10")


def refuse(config, source, match):
    with pytest.raises(InputError, match=match):
        dataset.build(config, source)


def test_bad_requests_end_in_one_sentence():
    refuse(
        config_of(data={"start": "2019-01-01"}), source_of(), "AAA has minute data from 2016-01-01 to 2016-03-01, none"
    )
    refuse(config_of(data={"stations": ["BBB"]}), source_of(), "no minute data of BBB. Stations with data: AAA")
    refuse(config_of(data={"stations": ["AAA", "AAA"]}), source_of(), "names a station twice")
    refuse(config_of(), source_of({}), "no minute data of any station")


def test_without_positives_build_says_what_to_change_and_preview_still_counts():
    source = source_of(events=events_table(origins(), magnitude=3.0))
    sentence = (
        "No training window has label 1: 120 candidate windows, 0 target events above magnitude 4 within 200 km "
        "and 30 km depth of AAA. Lower min_magnitude or raise max_distance_km."
    )
    refuse(config_of(), source, sentence)
    result = dataset.preview(config_of(), source)
    assert sentence in result.sentences
    assert result.events.to_dict("records") == [{"station": "AAA", "reason": "magnitude not above 4", "n": 13}]
    assert result.windows.set_index(["label", "rejected"])["n"].to_dict() == {
        (0, "incomplete"): 1,
        (0, "not drawn"): 119,
    }
    assert len(result.splits) == 0


def test_preview_works_without_any_event_and_without_kp():
    result = dataset.preview(config_of(), source_of(events=events_table([])))
    assert len(result.events) == 0 and result.windows["n"].sum() == 120
    result = dataset.preview(config_of(), source_of(activity=activity_table(FIRST, 2).iloc[:0]))
    assert "outside the Kp record" in set(result.windows["rejected"])
    assert any("Ingest Kp for this period" in sentence for sentence in result.sentences)


def test_preview_counts_what_build_makes():
    source = source_of({"AAA": gapped(), "BBB": gapped(40, 3)})
    result, built = dataset.preview(config_of(), source), dataset.build(config_of(), source)
    expected = built.table.groupby(["station", "label", "rejected"]).size()
    got = result.windows.set_index(["station", "label", "rejected"])["n"]
    assert got.to_dict() == expected.to_dict()
    by_split = result.splits.groupby("split")["n"].sum().to_dict()
    assert by_split == built.table.loc[built.table["rejected"] == "", "split"].value_counts().to_dict()
    assert built.audit.sentence in result.sentences
    assert result.events.loc[result.events["reason"] == "target event", "n"].tolist() == [13, 9]


def test_events_outside_the_record_are_counted_apart():
    events = events_table([utc("2012-01-01"), utc("2013-01-01"), *origins(), utc("2020-01-01")])
    counts = dataset.preview(config_of(), source_of(events=events)).events.set_index("reason")["n"].to_dict()
    assert counts == {"target event": 13, "outside the record's period": 3}


def test_the_classes_of_a_mainshock_run_are_said_to_be_separated_in_time():
    after = [FIRST + pd.Timedelta(days=d) for d in np.arange(30, 60, 0.9)]
    config = config_of(split={"method": "random"})
    built = dataset.build(config, source_of(events=events_table(after)))
    assert any(each.kind == CaveatKind.SEPARATED_IN_TIME for each in built.audit.warnings)


def test_a_catalogue_without_the_smaller_targets_is_named_in_the_run_and_in_the_preview():
    source, asked = source_of(), config_of(detectability={"min_magnitude": 4.0})
    for told in (as_text(dataset.build(asked, source).audit.warnings), dataset.preview(asked, source).sentences):
        assert sum(s.startswith("The smallest event in the catalogue of AAA has magnitude 5") for s in told) == 1
    complete = config_of(detectability={"min_magnitude": 4.9})
    assert not any(each.kind == CaveatKind.THIN_CATALOGUE for each in dataset.build(complete, source).audit.warnings)


def test_a_scan_lies_within_the_period_and_begins_at_its_start():
    config, source = config_of(), source_of()
    scaling = dataset.build(config, source).scaling
    start, end = utc("2016-01-10 07:13"), utc("2016-01-12 07:13")
    scan = dataset.scan_set(config, source, scaling, "AAA", start, end, 600)
    assert scan.table["start"].tolist() == [start + pd.Timedelta(hours=10 * i) for i in range(3)]
    assert (scan.table["label"] == -1).all() and (scan.table["split"] == "").all()
    whole = dataset.scan_set(config, source, scaling, "AAA", step_minutes=720)
    assert len(whole.table) == 2 * N_DAYS - 1 and (whole.table["rejected"] == "").all()


def test_a_scan_goes_past_the_end_of_the_config_and_rejects_for_gaps_only():
    values = field(N_DAYS * DAY)
    values[50 * DAY : 50 * DAY + 10] = np.nan
    config = config_of(data={"end": "2016-02-10"}, labels={"horizon_days": 1, "storm_kp": 0})
    scaling = {"AAA": StationScale(offset_nt=(0, 0, 0), median_nt=(0, 0, 0), scale_nt=(1, 1, 1))}
    scan = dataset.scan_set(config, source_of({"AAA": values}), scaling, "AAA", step_minutes=DAY)
    assert len(scan.table) == N_DAYS
    assert scan.table["rejected"].value_counts().to_dict() == {"": N_DAYS - 1, "gap longer than 3 min": 1}


def test_a_scan_that_cannot_be_made_says_why():
    config, source = config_of(), source_of()
    with pytest.raises(InputError, match="No window of 1440 min fits into the record of AAA"):
        dataset.scan_set(config, source, {}, "AAA", utc("2016-01-10"), utc("2016-01-10 12:00"))
    with pytest.raises(InputError, match="step of at least 1 minute"):
        dataset.scan_set(config, source, {}, "AAA", step_minutes=0)
    scan = dataset.scan_set(config, source, {"BBB": {}}, "AAA", step_minutes=DAY)
    with pytest.raises(InputError, match="scale of AAA was not learned"):
        scan.batch([0])


def test_every_combination_of_laws_declustering_controls_and_splits_builds_or_says_in_a_sentence_why_not():
    random, numbers = np.random.default_rng(7), Random(7)
    values = {"AAA": field(N_DAYS * DAY), "BBB": field(N_DAYS * DAY, seed=1)}
    events = events_table(origins(every=2.5))
    source = source_of(values, events.assign(magnitude=random.choice([4.5, 5.0, 5.5, 6.5], len(events))))
    laws = ["fixed", "paper", "dobrovolsky", "morgunov_malzev", "hattori", "custom"]
    declustering = ["none", "gardner_knopoff", "reasenberg", "zaliapin_ben_zion"]
    methods = ["blocked", "random", "grouped", "leave_one_station_out"]
    n_built = 0
    for _ in range(20):
        method = numbers.choice(methods)
        config = config_of(
            detectability={
                "law": numbers.choice(laws),
                "distance": numbers.choice(["epicentral", "hypocentral"]),
            },
            declustering={"method": numbers.choice(declustering), "remove": numbers.choice([False, True])},
            windows={"length_minutes": 720, "sampling": numbers.choice(["grid", "event_aligned"])},
            labels={"horizon_days": 0.5, "quiet_margin_days": 0.5, "controls": numbers.choice(["random", "matched"])},
            split={
                "method": method,
                "n_blocks": numbers.choice([0, 4]) if method in ("blocked", "leave_one_station_out") else 0,
                "test_station": "BBB" if method == "leave_one_station_out" else "",
                "final_fraction": numbers.choice([0, 0.2]),
                "embargo_days": 0.5,
            },
        )
        dataset.preview(config, source)
        try:
            built = dataset.build(config, source)
        except InputError as error:
            assert str(error).endswith(".") and "Leak" not in str(error)
            continue
        n_built += 1
        kept = built.table[built.table["rejected"] == ""]
        assert set(kept["split"]) <= {"train", "validation", "test", "final", "embargo"}
        assert built.batch(built.rows("test")).dtype == np.float32
        if config.split.test_station:
            assert set(kept.loc[kept["split"] == "test", "station"]) == {"BBB"}
            assert any(each.kind == CaveatKind.SCALE_BORROWED for each in built.audit.warnings)
        if config.split.final_fraction:
            assert kept.loc[kept["split"] == "final", "start"].min() > kept.loc[kept["split"] == "train", "start"].max()
    assert n_built > 8
