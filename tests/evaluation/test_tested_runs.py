"""The journal of all runs that were ever tried: what was noted is read back, each with its time."""

from __future__ import annotations

import math

from core import chained_log
from core.evaluation import tested_runs
from core.evaluation.tested_runs import Judged, Trained


def test_what_was_noted_is_read_back_with_the_time_of_the_line(tmp_path, monkeypatch):
    monkeypatch.setattr("core.clock.stamp", lambda: "2026-05-04T03:02:01+00:00")
    tested_runs.note_trained(tmp_path, tested_runs.of_training("a-1", "a", True, 0.5, math.nan, 0.75, "world x"))
    time = "2026-05-04T03:02:01+00:00"
    assert tested_runs.lines(tmp_path) == [Trained("a-1", "a", True, 0.5, None, 0.75, "world x", time)]


def test_what_an_earlier_version_judged_by_circular_shifts_is_read_as_that(tmp_path):
    log = chained_log.ChainedLog(tmp_path / "tested.jsonl")
    numbers = {"observed": None, "p": 0.25, "null": [0.12346, 1.0], "shared": "s"}
    line = log.append({"kind": "judged", "run_id": "a-1", "synthetic": True, "data": "world x", **numbers})
    assert tested_runs.lines(tmp_path) == [Judged("a-1", True, "world x", line["time"])]


def test_a_run_is_noted_once_and_once_more_when_its_data_become_known(tmp_path):
    for data in ("", "", "archive", "archive", ""):
        tested_runs.note_trained(tmp_path, tested_runs.of_training("a-1", "a", False, 0.5, 0.4, 0.6, data))
    noted = tested_runs.lines(tmp_path)
    assert [line.data for line in noted] == ["", "archive"]
    assert tested_runs.trained_before(noted[:1]) == set()
    assert tested_runs.trained_before(noted[:1], with_data=False) == tested_runs.trained_before(noted) == {"a-1"}


def test_a_line_of_before_without_its_data_is_read_and_a_kind_that_is_not_known_is_passed_over(tmp_path):
    log = chained_log.ChainedLog(tmp_path / "tested.jsonl")
    numbers = {"auc": None, "auc_low": None, "auc_high": None}
    log.append({"kind": "trained", "run_id": "a-1", "name": "a", "synthetic": False, **numbers})
    log.append({"kind": "withdrawn", "run_id": "a-1", "synthetic": False})
    (line,) = tested_runs.lines(tmp_path)
    assert (line.data, line.auc) == ("", None)
