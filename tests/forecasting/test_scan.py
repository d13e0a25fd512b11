"""A trained run slid over a record: the numbers of the evaluation, a reason for every gap, and an end when asked."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from core import config as configs
from core.cli import app
from core.errors import InputError
from core.forecasting import scan
from core.progress import Cancelled, Progress
from core.runs import sources
from core.training import scan_loop

CONFIG = configs.from_dict(
    {
        "name": "hourly",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {
            "seed": 6,
            "start": "2016-01-01",
            "end": "2016-03-01",
            "events_per_year": 900.0,
            "gap_fraction": 0.03,
        },
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 120, "step_minutes": 60},
        "labels": {"horizon_days": 0.25},
        "training": {"epochs": 2},
    }
)


@pytest.fixture(scope="module")
def series(run, world) -> pd.DataFrame:
    """The whole record at the step of the run's own windows."""
    return scan.scan(run, world, "DUR", step_minutes=60)


def test_a_scan_gives_every_evaluated_window_the_probability_of_the_evaluation(run, series):
    assert series.columns.tolist() == ["start", "end", "probability", "rejected"]
    both = run.predictions.merge(series, on=["start", "end"], suffixes=("", "_scan"))
    assert len(both) == len(run.predictions) > 200
    assert set(both["split"]) == {"train", "validation", "test"}
    assert (both["rejected"] == "").all()
    np.testing.assert_allclose(both["probability_scan"], both["probability"], rtol=0, atol=1e-6)
    assert both["probability"].std() > 0.01  # they are not all one number


def test_a_scan_of_a_part_gives_the_numbers_of_the_whole(run, world, series):
    start, end = pd.Timestamp("2016-02-03 07:00", tz="UTC"), pd.Timestamp("2016-02-05 09:30", tz="UTC")
    part = scan.scan(run, world, "DUR", start, end, step_minutes=60)
    assert part["start"].iloc[0] == start and part["end"].iloc[-1] == pd.Timestamp("2016-02-05 09:00", tz="UTC")
    assert len(part) == 49  # starts from 07:00 on the 3rd to 07:00 on the 5th
    same = part.merge(series, on=["start", "end"], suffixes=("", "_whole"))
    assert len(same) == 49
    np.testing.assert_allclose(same["probability"], same["probability_whole"], rtol=0, atol=1e-6)


def test_windows_lie_at_every_step_and_between_the_ends_of_the_record(run, world):
    first, last = world.period("DUR")
    series = scan.scan(run, world, "DUR", step_minutes=45)
    assert (series["start"].diff().dropna() == pd.Timedelta(minutes=45)).all()
    assert (series["end"] - series["start"] == pd.Timedelta(hours=2)).all()
    assert first <= series["start"].iloc[0] < first + pd.Timedelta(minutes=45)
    assert last - pd.Timedelta(minutes=45) < series["end"].iloc[-1] <= last


def test_a_window_has_a_probability_or_a_reason_and_the_reason_is_true(world, series):
    assert (series["probability"].isna() == (series["rejected"] != "")).all()
    field = world.minute("DUR").field
    missing = field[["X", "Y", "Z"]].isna().any(axis=1)
    reasons = set()
    for row in series.iloc[::7].itertuples():
        gone = missing[(missing.index >= row.start) & (missing.index < row.end)]
        longest = int(gone.groupby((~gone).cumsum()).sum().max())
        if longest > 3:
            expected = "gap longer than 3 min"
        elif gone.sum() > 0.05 * 120:
            expected = "more than 5 % missing"
        else:
            expected = ""
        assert row.rejected == expected, row
        reasons.add(expected)
    assert {"", "gap longer than 3 min"} <= reasons


class Listener(Progress):
    def __init__(self, stop_after: int = 10**9) -> None:
        self.seen: list[tuple[str, int, int]] = []
        self.stop_after = stop_after

    def stage(self, name, done=0, total=0, message=""):
        self.seen.append((name, done, total))

    def should_stop(self):
        return len([name for name, *_ in self.seen if name.startswith("Scanning")]) >= self.stop_after


def test_pieces_of_a_scan_are_told_as_they_come_and_do_not_change_the_numbers(run, world, series, monkeypatch):
    monkeypatch.setattr(scan_loop, "CHUNK", 100)
    listener = Listener()
    again = scan.scan(run, world, "DUR", step_minutes=60, progress=listener)
    n = int(series["probability"].notna().sum())
    scanning = [(done, total) for name, done, total in listener.seen if name == "Scanning DUR"]
    assert scanning == [(min(first + 100, n), n) for first in range(0, n, 100)]
    np.testing.assert_allclose(again["probability"], series["probability"], rtol=0, atol=1e-6)


def test_a_scan_stops_when_asked_and_stores_nothing(run, world, home, monkeypatch):
    monkeypatch.setattr(scan_loop, "CHUNK", 100)
    listener = Listener(stop_after=2)
    with pytest.raises(Cancelled, match="nothing was stored"):
        scan.scan(run, world, "DUR", step_minutes=60, progress=listener)
    assert [done for name, done, _ in listener.seen if name == "Scanning DUR"] == [100, 200]
    assert not (home / "scans").exists()


def test_a_stored_scan_comes_back_and_a_damaged_one_is_named(run, series, tmp_path):
    assert scan.load(tmp_path, run.run_id, "DUR") is None
    scan.save(series, tmp_path, run.run_id, "DUR")
    pd.testing.assert_frame_equal(scan.load(tmp_path, run.run_id, "DUR"), series)
    path = scan.path(tmp_path, run.run_id, "DUR")
    for content in (path.read_bytes()[:100], b"", b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"DUR\.parquet is damaged .* Delete it and scan again"):
            scan.load(tmp_path, run.run_id, "DUR")


def test_impossible_scans_are_one_sentence(run, world):
    with pytest.raises(InputError, match="no minute data of IZN"):
        scan.scan(run, world, "IZN")
    with pytest.raises(InputError, match="step of at least 1 minute, found 0"):
        scan.scan(run, world, "DUR", step_minutes=0)
    after = pd.Timestamp("2030-01-01", tz="UTC")
    with pytest.raises(InputError, match="No window of 120 min fits"):
        scan.scan(run, world, "DUR", after)
    with pytest.raises(InputError, match="No window of 120 min fits"):
        scan.scan(run, world, "DUR", end=world.period("DUR")[0] + pd.Timedelta(hours=1))


def test_a_station_whose_scale_the_run_does_not_know_is_refused(run, world):
    other = configs.replace(CONFIG, data={"stations": ["DUR", "IZN"]})
    with pytest.raises(InputError, match="The scale of IZN was not learned"):
        scan.scan(run, sources.open_source(other, run.folder.parents[1]), "IZN", step_minutes=600)


def test_where_no_window_is_usable_nothing_is_said_about_alarms(run, home, series, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(home))
    gap = series[series["rejected"] != ""].iloc[0]
    arguments = ["scan", run.run_id, "--start", str(gap["start"]), "--end", str(gap["end"]), "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)
    assert (row["n_windows"], row["n_usable"]) == (1, 0)
    assert row["alarm_fraction"] is None and row["mean_probability"] is None
