"""Overlapping windows that share their work get the numbers that each of them gets alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.forecasting import scan
from core.labelling.window_set import WindowSet
from core.processing import gaps
from core.processing.series import Series
from core.processing.station_scale import StationScale
from core.runs import pipeline, sources
from core.runs.runs import RunStore
from core.training import along_the_record, network, shared_scan

START = pd.Timestamp("2016-01-01", tz="UTC")


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Share also where it would not pay, so that the tests can be small; several pieces in each scan."""
    monkeypatch.setattr(shared_scan, "LEAST_WINDOWS", 1)
    monkeypatch.setattr(shared_scan, "LEAST_MINUTES", 1)
    monkeypatch.setattr(shared_scan, "LEAST_OVERLAP", 4)
    monkeypatch.setattr(shared_scan, "GROUP_BYTES", 1 << 20)
    monkeypatch.setattr(shared_scan, "EDGE_WINDOWS", 100)
    monkeypatch.setattr(along_the_record, "BLOCK_MINUTES", 1024)


def window_set(length: int, step: int, field: np.ndarray, max_gap: int = 3, **processing) -> WindowSet:
    """Windows at a step over a field (3, n) with NaN, as a scan makes them."""
    config = configs.from_dict(
        {"windows": {"length_minutes": length, "max_gap_minutes": max_gap}, "processing": processing}
    )
    begins = np.arange(3, field.shape[1] - length + 1, step)
    missing = np.isnan(field).any(axis=0)
    table = pd.DataFrame({"station": "DUR", "start": START + pd.to_timedelta(begins, unit="min")})
    table["missing_minutes"] = gaps.count(missing, begins, begins + length)
    long = gaps.longest_run(missing, begins, begins + length) > max_gap
    table = table.assign(label=-1, split="", rejected=np.where(long, "gap", ""))
    series = Series("DUR", int(START.timestamp()) // 60, field.astype(np.float32), np.array([5.0, 0.0, -5.0]))
    scaling = StationScale(offset_nt=(5.0, 0.0, -5.0), median_nt=(5.2, -0.1, -5.0), scale_nt=(0.8, 1.2, 1.0))
    return WindowSet(table, config, {"DUR": series}, pd.DataFrame(), {"DUR": scaling})


def record(n: int, seed: int = 0) -> np.ndarray:
    """Noise with a storm, short gaps in one component and in all, a long gap, and gaps at both ends."""
    random = np.random.default_rng(seed)
    field = random.normal(size=(3, n))
    field[:, n // 2 : n // 2 + 200] *= 10
    for begin in random.integers(0, n - 3, n // 60):
        field[random.integers(0, 3) if begin % 2 else slice(None), begin : begin + random.integers(1, 4)] = np.nan
    field[:, n // 3 : n // 3 + 40] = np.nan
    field[:, :5], field[2, -2:] = np.nan, np.nan
    return field


def with_biases(config: configs.NetworkConfig, length: int) -> object:
    """A network none of whose numbers is 0, so that nothing cancels by accident."""
    model = network.build(config, length, seed=1)
    random = np.random.default_rng(2)
    for weight in model.weights:
        if len(weight.shape) == 1:
            weight.assign(random.normal(scale=0.1, size=weight.shape))
    return model


def both_ways(windows: WindowSet, model: object, step: int) -> tuple[shared_scan.Plan, np.ndarray, np.ndarray]:
    """The plan, and the probabilities of its windows with sharing and exactly."""
    rows = np.flatnonzero(windows.table["rejected"] == "")
    plan = shared_scan.plan(model, windows, rows, step)
    assert plan is not None
    assert sorted([*plan.rows, *plan.others]) == rows.tolist()
    probability = np.full(len(windows.table), np.nan)
    for part, values in shared_scan.probabilities(plan):
        assert np.isnan(probability[part]).all()  # no window twice
        probability[part] = values
    return plan, probability[plan.rows], exact(model, windows, plan.rows)


def exact(model: object, windows: WindowSet, rows: np.ndarray) -> np.ndarray:
    """The probabilities of windows taken one by one, all in float64."""
    keras = network.load_keras()
    double = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config({**layer.get_config(), "dtype": "float64"})
    )
    double.set_weights(model.get_weights())
    outputs = double(windows.batch(rows)[..., np.newaxis].astype(np.float64))
    return network.probability(np.asarray(outputs), network.gives_logits(model))


@pytest.mark.parametrize(
    ("options", "length", "step"),
    [
        ({}, 120, 4),
        ({"activation_column": "table"}, 121, 6),  # a length that poolings do not divide; a step of two phases
        ({"name": "one_dimensional", "filters": 8, "dropout": 0.3}, 130, 5),  # four phases
        ({"name": "dilated", "filters": 8, "kernel": 4}, 128, 8),
        ({"layers": 2, "pool": 3, "filters": 8}, 131, 9),
    ],
    ids=str,
)
def test_shared_windows_have_the_probabilities_of_windows_taken_alone(options, length, step):
    windows = window_set(length, step, record(2500))
    plan, shared, alone = both_ways(windows, with_biases(configs.NetworkConfig(**options), length), step)
    assert len(plan.rows) > 100 and plan.margin > 0  # gaps reach over the ends of some windows
    some = np.isfinite(shared)
    assert some.mean() > 0.5 and alone.std() > 1e-3
    np.testing.assert_allclose(shared[some], alone[some], rtol=0, atol=1e-6)


def test_the_ends_of_windows_and_gaps_over_them_matter_and_are_put_right(monkeypatch):
    # Without the correction of the ends the numbers are off by far more than the tolerance of the tests.
    windows = window_set(120, 4, record(3000))
    model = with_biases(configs.NetworkConfig(), 120)
    rows = np.flatnonzero(windows.table["rejected"] == "")
    plan = shared_scan.plan(model, windows, rows, 4)
    monkeypatch.setattr(shared_scan._Correlation, "_edges", lambda *_: 0)
    shared = np.concatenate([values for _, values in shared_scan.probabilities(plan)])
    order = np.concatenate([part for part, _ in shared_scan.probabilities(plan)])
    off = np.abs(shared - exact(model, windows, order))
    assert np.nanmax(off) > 1e-4


def test_a_window_much_quieter_than_its_neighbours_is_left_to_the_plain_way():
    field = record(4000)
    field[:, 2000:2100] = 1e5 * np.sign(field[:, 2000:2100])
    windows = window_set(120, 4, field)
    plan, shared, alone = both_ways(windows, with_biases(configs.NetworkConfig(), 120), 4)
    quiet = np.abs(plan.begins - 1700) < 30
    assert np.isnan(shared[quiet]).all() and np.isfinite(shared).any()
    some = np.isfinite(shared)
    np.testing.assert_allclose(shared[some], alone[some], rtol=0, atol=1e-6)


def test_windows_with_a_long_gap_at_an_end_or_a_mean_in_their_gaps_are_left_to_the_plain_way():
    model = with_biases(configs.NetworkConfig(), 240)
    field = record(3000)
    field[:, 1500:1590] = np.nan
    windows = window_set(240, 8, field, max_gap=100)
    plan, shared, alone = both_ways(windows, model, 8)
    assert 0 < len(plan.others) < len(plan.rows)
    np.testing.assert_allclose(shared, alone, rtol=0, atol=1e-6)

    few = record(3000)
    few[:, 10:2400] = np.random.default_rng(1).normal(size=(3, 2390))
    windows = window_set(240, 8, few, gap_rule="paper_mean")
    plan, shared, alone = both_ways(windows, model, 8)
    assert len(plan.others) and (windows.table["missing_minutes"].to_numpy()[plan.rows] == 0).all()
    np.testing.assert_allclose(shared, alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "processing",
    [{"normalisation": "window_robust"}, {"window_filter": "highpass"}, {"record_filter": "none"}],
    ids=str,
)
def test_sharing_is_used_only_where_all_windows_see_one_stream(processing):
    windows = window_set(120, 4, record(1000), **processing)
    rows = np.flatnonzero(windows.table["rejected"] == "")
    plan = shared_scan.plan(with_biases(configs.NetworkConfig(), 120), windows, rows, 4)
    assert (plan is None) == (processing != {"record_filter": "none"})


@pytest.mark.parametrize("options", [{"head": "average"}, {"head": "average_matched"}], ids=str)
def test_a_network_that_does_not_weigh_positions_goes_the_plain_way(options):
    assert along_the_record.of(network.build(configs.NetworkConfig(**options), 120, 0)) is None


def test_sharing_is_not_used_in_mixed_precision_nor_where_windows_hardly_overlap():
    assert along_the_record.of(network.build(configs.NetworkConfig(), 120, 0, "mixed_bfloat16")) is None
    windows = window_set(120, 60, record(3000))
    assert shared_scan.plan(None, windows, np.arange(40), 60) is None


TRAINED = configs.from_dict(
    {
        "name": "shared",
        "data": {"source": "synthetic", "stations": ["DUR", "IZN"]},
        "world": {
            "seed": 6,
            "start": "2016-01-01",
            "end": "2016-02-15",
            "events_per_year": 900.0,
            "gap_fraction": 0.03,
        },
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 240, "step_minutes": 120},
        "labels": {"horizon_days": 0.25},
        "training": {"epochs": 2},
    }
)


@pytest.mark.slow
def test_scans_of_a_trained_run_over_several_stations_are_the_same_with_and_without_sharing(tmp_path, monkeypatch):
    world = sources.open_source(TRAINED, tmp_path)
    run = pipeline.run(TRAINED, world, RunStore(tmp_path))
    for station in ("DUR", "IZN"):
        for step in (20, 30):
            shared = scan.scan(run, world, station, step_minutes=step)
            with monkeypatch.context() as without:
                without.setattr(shared_scan, "plan", lambda *_: None)
                plain = scan.scan(run, world, station, step_minutes=step)
            assert plain["probability"].std() > 0.01 and (plain["rejected"] != "").any()
            pd.testing.assert_frame_equal(shared, plain, check_exact=False, rtol=0, atol=1e-6)
            assert (shared["probability"] != plain["probability"]).any()  # it was another way indeed
