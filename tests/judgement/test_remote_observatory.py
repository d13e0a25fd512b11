"""A remote observatory: scores that know near earthquakes stand above it, scores that know a common cause do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core import stations
from core.evaluation import alarm_series
from core.evaluation.chance import skill
from core.judgement import assessment, evidence, remote_observatory
from core.judgement.assessment import Options
from core.labelling import windows
from core.loading.record import minute
from core.stations import Station
from core.synthesis.world import World
from core.vocabulary import Checked

CONFIG = configs.from_dict(
    {
        "name": "remote",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {"seed": 6, "start": "2016-01-01", "end": "2016-10-01", "events_per_year": 400, "gap_fraction": 0.03},
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 240},
        "labels": {"horizon_days": 0.5},
        "split": {"test_fraction": 0.7, "validation_fraction": 0.1},
        "training": {"epochs": 1},
    }
)
QUICK = Options(n_bootstrap=50, n_shifts=50)


class WithAnother:
    """A source with one more station, which has the record of DUR, from `begins` on where that is given."""

    def __init__(self, source: World, code: str, begins: pd.Timestamp | None = None) -> None:
        self._source, self._code, self._begins = source, code, begins

    def __getattr__(self, name):
        return getattr(self._source, name)

    def stations(self):
        return sorted([*self._source.stations(), self._code])

    def period(self, station):
        first, last = self._source.period("DUR")
        return (first if station == "DUR" or self._begins is None else self._begins), last

    def minute(self, station, start=None, end=None):
        record = self._source.minute("DUR", start, end)
        return minute.MinuteRecord(station, record.field, record.data_type)


def knows(world, everywhere):
    """A score that is high before the targets of DUR: at DUR, or at every station; else noise."""
    events = evidence.station_events(CONFIG, world, ["DUR"])
    origin = windows.microseconds(events.loc[events["target"], "origin_time"])

    def score(cut, rows, step):
        part = cut.table.iloc[rows]
        code = part["station"].iloc[0]
        end = windows.microseconds(part["end"])
        ahead = np.searchsorted(origin, end) < np.searchsorted(origin, end + 43_200_000_000)
        noise = np.random.default_rng(1 if code == "DUR" else 2).random(len(rows))
        yield rows, 0.5 * ahead * (everywhere or code == "DUR") + 0.4 * noise

    return score


def compared(run, source, score):
    looked = evidence.look(run, source, score=score)
    scores = skill.on_one_axis(alarm_series.build(looked.scan, CONFIG))
    return remote_observatory.compared(looked, scores, skill.tested(scores, looked.targets), source, score)


def test_scores_that_know_these_earthquakes_here_alone_stand_above_a_remote_observatory(run, world):
    found = compared(run, WithAnother(world, "KAK"), knows(world, everywhere=False))
    assert found.station == "KAK" and found.low > 0.1
    assert found.distance_km == pytest.approx(9746, abs=10)  # 87.65 degrees, by the cosine rule


def test_scores_that_know_as_much_at_a_remote_observatory_do_not(run, world):
    found = compared(run, WithAnother(world, "KAK"), knows(world, everywhere=True))
    assert found.low <= 0 <= found.high


def test_without_another_observatory_nothing_is_compared(run, world):
    assert compared(run, world, knows(world, everywhere=False)) is None


def test_an_observatory_within_the_circle_of_the_targets_is_not_remote(run, world, monkeypatch):
    near = Station("NEA", "Near", 42.5, 15.5)  # 127 km from DUR; targets are taken from 200 km around it
    known = {**stations.table(), "NEA": near}
    monkeypatch.setattr(stations, "table", lambda: known)
    assert compared(run, WithAnother(world, "NEA"), knows(world, everywhere=False)) is None


def test_an_observatory_with_minutes_of_the_last_third_alone_is_not_compared(run, world):
    late = pd.Timestamp("2016-08-01", tz="UTC")
    assert compared(run, WithAnother(world, "KAK", late), knows(world, everywhere=False)) is None


def test_the_gate_fails_where_the_network_says_the_same_at_a_remote_observatory(run, world, tmp_path):
    found = assessment.assess(run, WithAnother(world, "KAK"), tmp_path, options=QUICK)  # KAK repeats the record of DUR
    gate = next(each for each in found.document.verdict.gates if each.name == "specificity")
    assert (gate.state, gate.number, gate.bar) == (Checked.FAILED, "lower end +0.00", "lower end above 0")
    assert "of the network at KAK, 9,747 km away, outside the circles of all stations: [+0.00, +0.00]." in gate.words
    assert "no whole year; 20 are needed" in gate.words
