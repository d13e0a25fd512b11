"""Cross-validation: every block is tested once by a run of its own, and pooling cannot make skill."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.errors import InputError
from core.evaluation import bootstrap
from core.labelling import splits
from core.runs import pipeline, sources
from core.runs.runs import RunStore
from core.studies import cross_validation
from core.training import fit
from support.small_run import SMALL

CONFIG = configs.replace(SMALL, world={"end": "2016-02-15"}, split={"n_blocks": 3})


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folds")
    source = sources.open_source(CONFIG, folder)
    return cross_validation.cross_validate(CONFIG, source, RunStore(folder)), source, RunStore(folder)


def test_every_fold_is_a_run_and_every_window_is_tested_at_most_once(validated):
    found, _, store = validated
    assert sorted(store.ids()) == sorted(found.runs) and len(found.runs) == 3
    assert [store.open(r).config.split.test_block for r in found.runs] == [0, 1, 2]
    assert found.predictions["window_id"].is_unique
    assert found.blocks["n"].sum() == len(found.predictions) > 30
    times = found.blocks.sort_values("first")
    assert (times["first"].iloc[1:].to_numpy() >= times["last"].iloc[:-1].to_numpy()).all()


def test_no_window_that_a_fold_tests_was_near_what_it_trained_on(validated):
    found, _, store = validated
    for run_id in found.runs:
        run = store.open(run_id)
        assert run.audit.ok
        rows = run.windows[run.windows["split"].isin(splits.SPLITS)]
        tested, others = rows[rows["split"] == "test"], rows[rows["split"] != "test"]
        for _, row in tested.iterrows():
            near = (others["footprint_start"] < row["footprint_end"]) & (
                others["footprint_end"] > row["footprint_start"]
            )
            assert not near.any()


def test_a_second_call_trains_nothing_and_says_the_same(validated, monkeypatch):
    found, source, store = validated
    monkeypatch.setattr(fit, "train", lambda *a, **k: pytest.fail("trained again"))
    again = cross_validation.cross_validate(CONFIG, source, store)
    pd.testing.assert_frame_equal(again.blocks, found.blocks)
    pd.testing.assert_frame_equal(again.pooled, found.pooled)


def test_a_fold_that_cannot_be_trained_is_a_row_with_its_reason(validated, monkeypatch):
    _, source, store = validated
    honest = pipeline.run

    def second_fails(config, *arguments):
        if config.split.test_block == 1:
            raise InputError("No training window has label 1.")
        return honest(config, *arguments)

    monkeypatch.setattr(pipeline, "run", second_fails)
    found = cross_validation.cross_validate(CONFIG, source, store)
    assert found.blocks["note"].tolist() == ["", "No training window has label 1.", ""]
    assert len(found.runs) == 2 and "1 of 3 folds could not be trained" in found.sentences[-1]
    monkeypatch.setattr(pipeline, "run", lambda *a: (_ for _ in ()).throw(InputError("Nothing.")))
    with pytest.raises(InputError, match="No fold could be trained. The first said: Nothing"):
        cross_validation.cross_validate(CONFIG, source, store)


def test_blocks_that_differ_only_in_their_share_of_positives_give_a_pooled_auc_but_none_within_blocks():
    label = np.array(([1] * 8 + [0] * 2) + ([1] * 2 + [0] * 8))
    table = pd.DataFrame(
        {
            "run_id": ["a"] * 10 + ["b"] * 10,
            "start": pd.date_range("2016-01-01", periods=20, freq="D", tz="UTC"),
            "label": label,
            "probability": [0.9] * 10 + [0.1] * 10,  # the block, and nothing about the window
            "cluster": -1,
        }
    )
    pooled = cross_validation.pool(table, 1440, 0).set_index("of")
    # All pairs: 8 * 8 in order, 2 * 2 reversed, the 32 within a block are ties: (64 + 16) / 100.
    assert pooled.loc["all pairs", "auc"] == 0.8
    assert pooled.loc["pairs within blocks", ["auc", "auc_low", "auc_high"]].tolist() == [0.5, 0.5, 0.5]


def test_pairs_within_blocks_are_those_of_a_loop_over_all_pairs():
    random = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "run_id": np.repeat(["a", "b", "c"], [30, 20, 25]),
            "start": pd.date_range("2016-01-01", periods=75, freq="D", tz="UTC"),
            "label": random.integers(0, 2, 75),
            "probability": random.random(75).round(1),
            "cluster": -1,
        }
    )
    wins = [
        (a.probability > b.probability) + 0.5 * (a.probability == b.probability)
        for a, b in itertools.product(table.itertuples(), repeat=2)
        if a.label == 1 and b.label == 0 and a.run_id == b.run_id
    ]
    row = cross_validation.pool(table, 1440, 0).iloc[1]
    assert row["auc"] == pytest.approx(np.mean(wins))
    assert row["auc_low"] < row["auc"] < row["auc_high"]


def test_intervals_count_stretches_of_time_that_folds_share_and_few_of_them_widen_it():
    random = np.random.default_rng(5)
    n_days, per_day = 7, 6
    day = np.tile(np.repeat(np.arange(n_days), per_day), 2)
    table = pd.DataFrame(
        {
            "run_id": np.repeat(["one station", "another"], n_days * per_day),  # both tested on the same days
            "start": pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta(day, "D"),
            "label": random.integers(0, 2, len(day)),
            "probability": random.random(len(day)).round(1),
            "cluster": -1,
        }
    )
    drawn = []
    for counts in bootstrap.draws(n_days, cross_validation.N_BOOTSTRAP, 3)[:300]:
        copies = table.loc[np.repeat(table.index, counts[day].astype(int))]
        wins = pairs = 0.0
        for _, part in copies.groupby("run_id"):
            high, low = (part.loc[part["label"] == truth, "probability"].to_numpy() for truth in (1, 0))
            wins += (high[:, None] > low).sum() + 0.5 * (high[:, None] == low).sum()
            pairs += len(high) * len(low)
        drawn.append(wins / pairs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "draws", lambda n, times, seed, known=bootstrap.draws: known(n, 1000, 3)[:300])
        patch.setattr(cross_validation, "N_BOOTSTRAP", 300)
        row = cross_validation.pool(table, 1440, 3).iloc[1]
    # Seven groups: t = 2.447, sqrt(7 / 6) t = 2.643, Phi(-2.643) = 0.0041 (tables), where a plain tail is 0.025.
    low, high = np.quantile(drawn, [0.0041, 1 - 0.0041])
    assert (row["auc_low"], row["auc_high"]) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))


def test_leaving_stations_out_makes_a_fold_for_every_station_and_block():
    config = configs.replace(
        CONFIG,
        data={"stations": ["DUR", "IZN"]},
        split={"method": "leave_one_station_out", "test_station": "DUR", "n_blocks": 0},
    )
    found = cross_validation.folds(config)
    assert [(f.split.test_station, f.split.test_block) for f in found] == [
        (station, k) for station in ("DUR", "IZN") for k in range(5)
    ]
    assert len({f.name for f in found}) == 10 and found[0].name == "small-DUR-block1of5"


@pytest.mark.parametrize("method", ["random", "grouped"])
def test_a_split_that_is_not_one_in_time_is_refused(method):
    with pytest.raises(InputError, match="cuts time into blocks"):
        cross_validation.folds(configs.replace(CONFIG, split={"method": method, "n_blocks": 0}))
