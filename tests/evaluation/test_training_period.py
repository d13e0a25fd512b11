"""What an assessment takes from the training period: nothing of it lies in the judged one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.judgement import tables
from core.judgement.evidence import Judged

BEGIN = pd.Timestamp("2016-01-01", tz="UTC")
METHOD = {"random": configs.from_dict({"split": {"method": "random"}}), "blocked": configs.from_dict({})}


def day(number):
    return BEGIN + pd.Timedelta(days=number)


def windows_with_the_test_block_in_the_middle():
    """Windows of a day each: 30 of training, 30 of the test, 30 of training."""
    start = pd.DatetimeIndex([day(k) for k in range(90)])
    split = np.repeat(["train", "test", "train"], 30)
    table = pd.DataFrame({"start": start, "footprint_end": start + pd.Timedelta(days=1), "split": split})
    return table.assign(label=0, rejected="")


def judged_with(n_test_events, method="blocked"):
    origin = [day(5.5), day(70.5), *(day(31 + k / 10) for k in range(n_test_events))]
    events = pd.DataFrame({"station": "DUR", "target": True, "origin_time": origin})
    nothing = pd.DataFrame()
    rows = windows_with_the_test_block_in_the_middle()
    return Judged(METHOD[method], rows, "test", nothing, events, nothing)


def test_the_climatology_knows_nothing_of_the_events_that_it_is_judged_by():
    # Two events in the 60 days of training, and half an event more.
    assert tables.climatology_per_day(judged_with(0)) == {"DUR": pytest.approx(2.5 / 60)}
    assert tables.climatology_per_day(judged_with(200)) == {"DUR": pytest.approx(2.5 / 60)}


def test_where_training_and_judged_windows_alternate_the_whole_period_counts():
    assert tables.climatology_per_day(judged_with(18, "random")) == {"DUR": pytest.approx(20.5 / 90)}


def test_the_natural_share_is_that_of_the_training_windows_and_of_those_not_drawn():
    table = windows_with_the_test_block_in_the_middle()
    table.loc[[0, 80], "label"] = 1
    table.loc[table["split"] == "test", "label"] = 1
    table.loc[range(1, 10), ["rejected", "split"]] = ["not drawn", ""]
    table.loc[20, "rejected"] = "storm (Kp >= 5)"
    run = SimpleNamespace(windows=table, config=METHOD["blocked"])
    assert tables.natural_share(run, "test") == pytest.approx(2 / 59)


def test_validation_windows_of_one_class_cannot_turn_the_forecast_into_certain_alarm():
    config = METHOD["blocked"]
    split = np.repeat(["train", "validation", "test"], 30)
    rows = windows_with_the_test_block_in_the_middle().assign(split=split, probability=np.tile([0.3, 0.4, 0.5], 30))
    rows.loc[range(0, 30, 2), "label"] = 1  # half of the training windows, and none of validation
    end = pd.DatetimeIndex([day(k) for k in range(62, 90)])
    scan = pd.DataFrame({"station": "DUR", "start": end, "end": end, "probability": 0.4, "rejected": ""})
    events = pd.DataFrame({"station": "DUR", "target": True, "origin_time": [day(75.5)], "cluster": 0})
    judged = Judged(config, rows, "test", scan, events, events)
    run = SimpleNamespace(windows=rows, config=config)
    found = tables.gain(run, judged, (rows["split"] == "train").to_numpy())
    # Drawn and natural share are both a half; so 0.4 stays 0.4, a rate of -ln(0.6) in each period of validity.
    assert found.share_drawn == found.share_natural == 0.5
    # The newest of 28 daily windows is in force for a day each.
    assert found.information.expected == pytest.approx(-np.log(0.6) / config.labels.horizon_days * 28)
