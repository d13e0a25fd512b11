"""The null gallery: the real catalogue among shifted ones, each judged in the same way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import files
from core.errors import InputError
from core.evaluation.alarm_series import TARGET_COLUMNS, AlarmSeries
from core.judgement import null_gallery
from support.alarm_samples import targets_at

HOURS = 24 * 365
FIRST = int(pd.Timestamp("2010-01-01", tz="UTC").timestamp() // 60)


def series_and_targets(strength):
    """A year of noise that is higher by `strength` at the hours of 40 events, in four bursts."""
    random = np.random.default_rng(6)
    hours = np.sort(np.concatenate([m + random.choice(200, 10, replace=False) for m in (700, 2900, 5000, 7600)]))
    score = random.normal(size=HOURS)
    score[hours] += strength
    return [AlarmSeries("DUR", FIRST, 60, score)], targets_at(60 * hours + 5, cluster=np.repeat(np.arange(4), 10))


@pytest.fixture(scope="module")
def hung():
    series, targets = series_and_targets(strength=3)
    return null_gallery.arrange(series, targets[TARGET_COLUMNS], 6, seed=2, min_shift_days=27)


def test_there_is_one_real_catalogue_and_it_stands_out_where_there_is_something(hung):
    items = hung[0]
    assert items["real"].sum() == 1 and len(items) == 7
    assert items["ass"].idxmax() == items["real"].idxmax()
    assert items.loc[items["real"], "p"].iloc[0] < 0.02
    assert items.loc[~items["real"], "ass"].between(0.3, 0.7).all()


def test_the_fakes_are_the_real_catalogue_shifted_as_a_whole(hung):
    items, _, targets = hung
    real = targets[targets["item"] == items.loc[items["real"], "item"].iloc[0]].set_index("event_id")["origin_time"]
    period = pd.Timedelta(hours=HOURS)
    for item in items[~items["real"]].to_dict("records"):
        fake = targets[targets["item"] == item["item"]].set_index("event_id")["origin_time"]
        assert ((fake - real.reindex(fake.index)) % period).nunique() == 1
        assert item["shift_days"] > 27 and 365 - item["shift_days"] > 27
    assert items["shift_days"].nunique() == 7


def test_each_picture_has_its_own_diagram_over_the_same_axes(hung):
    items, curves, _ = hung
    for item in items["item"]:
        curve = curves[curves["item"] == item].sort_values("tau")
        assert (curve["tau"].iloc[0], curve["nu"].iloc[0]) == (0, 1)
        assert (curve["tau"].iloc[-1], curve["nu"].iloc[-1]) == (1, 0)
        assert curve["shift_low"].notna().all()


def test_the_real_one_does_not_always_hang_in_the_same_place():
    series, targets = series_and_targets(strength=0)
    places = {
        int(null_gallery.arrange(series, targets[TARGET_COLUMNS], 3, seed, 27)[0]["real"].idxmax()) for seed in range(8)
    }
    assert len(places) > 1


def test_a_period_too_short_or_without_events_is_a_sentence():
    series, targets = series_and_targets(strength=0)
    month = [AlarmSeries("DUR", FIRST, 60, series[0].score[: 24 * 30])]
    with pytest.raises(InputError, match="30 days long"):
        null_gallery.arrange(month, targets[TARGET_COLUMNS], 3, 0, 27)
    with pytest.raises(InputError, match="No target event"):
        null_gallery.arrange(series, targets[TARGET_COLUMNS].iloc[:0], 3, 0, 27)


OF_0_1_0 = {"created": "2026-11-30T17:28:16+00:00", "n": 6, "run_id": "some-run", "seed": 2, "synthetic": True}


def test_a_gallery_of_a_newer_program_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "null_gallery" / "some-run" / "gallery.json"
    files.replace_json(path, {**OF_0_1_0, "version": 2, "program": "9.0"})
    with pytest.raises(InputError, match=r"^The gallery of run some-run has version 2 .*Install version 9\.0"):
        null_gallery.stored(tmp_path, "some-run")


def test_a_damaged_gallery_is_a_sentence_that_says_what_to_do(hung, tmp_path):
    folder = tmp_path / "null_gallery" / "some-run"
    assert null_gallery.stored(tmp_path, "some-run") is None
    for name, table in zip(null_gallery.TABLES, hung, strict=True):
        files.replace_table(folder / f"{name}.parquet", table)
    files.replace_json(folder / "gallery.json", OF_0_1_0)
    pd.testing.assert_frame_equal(null_gallery.stored(tmp_path, "some-run").items, hung[0])
    for name, content in (("curves.parquet", "PAR1 torn"), ("gallery.json", '{"run_id": 1}'), ("gallery.json", "{")):
        (folder / name).write_text(content)
        with pytest.raises(InputError, match=f"{name} cannot be used .*`precursor null-gallery some-run`"):
            null_gallery.stored(tmp_path, "some-run")


def test_tables_of_two_galleries_are_not_given_as_one(hung, tmp_path, monkeypatch):
    folder = tmp_path / "null_gallery" / "some-run"
    for name, table in zip(null_gallery.TABLES, hung, strict=True):
        files.replace_table(folder / f"{name}.parquet", table)
    files.replace_json(folder / "gallery.json", OF_0_1_0)
    read = pd.read_parquet

    def made_anew_meanwhile(path, **how):
        files.replace_json(folder / "gallery.json", {**OF_0_1_0, "seed": 3})
        return read(path, **how)

    monkeypatch.setattr(pd, "read_parquet", made_anew_meanwhile)
    with pytest.raises(InputError, match="The gallery of run some-run was made anew while it was read"):
        null_gallery.stored(tmp_path, "some-run")
    assert null_gallery.stored(tmp_path, "some-run").document.seed == 3
