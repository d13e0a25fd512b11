"""Learning curves on disk: complete or absent, marked, never made twice."""

from __future__ import annotations

import logging

import pandas as pd
import pytest

from core import config as configs
from core.caveats import CaveatKind
from core.errors import InputError
from core.progress import Cancelled, Progress
from core.studies import learning_curves
from core.training import fit
from support.small_run import SMALL as CONFIG


class StopAfter(Progress):
    """Remembers the stages; asks for the end once so many trainings are done."""

    def __init__(self, trainings: int) -> None:
        self.trainings, self.seen = trainings, []

    def stage(self, name, done=0, total=0, message=""):
        self.seen.append((name, done, total))

    def should_stop(self):
        return self.seen[-1][1] >= self.trainings


def test_a_curve_that_was_cancelled_is_none_and_the_same_request_finishes_it(home, world, monkeypatch):
    with pytest.raises(Cancelled, match="Stopped after 1 of 2 trainings. The same command goes on from there"):
        learning_curves.make(CONFIG, world, home, [0.5, 1.0], 1, StopAfter(1))
    assert learning_curves.stored(home) == []
    listener = StopAfter(99)
    curve = learning_curves.make(CONFIG, world, home, [0.5, 1.0], 1, listener)
    assert [stage for stage in listener.seen if stage[2]] == [
        ("Training on growing subsets", 1, 2),  # the bar begins where the other attempt ended
        ("Training on growing subsets", 2, 2),
    ]
    assert curve.points["fraction"].tolist() == [0.5, 1.0]
    assert curve.status.synthetic and curve.caveats[0].kind == CaveatKind.SYNTHETIC
    (stored,) = learning_curves.stored(home)
    pd.testing.assert_frame_equal(stored.points, curve.points)
    assert stored.config == CONFIG

    monkeypatch.setattr(fit, "train", lambda *_, **__: pytest.fail("trained again"))
    again = learning_curves.make(CONFIG, world, home, [1.0, 0.5, 0.5], 1)  # the same request in other words
    assert again.curve_id == curve.curve_id
    pd.testing.assert_frame_equal(again.points, curve.points)


def test_a_leaking_split_is_said_with_the_curve(home, world):
    leaking = configs.replace(CONFIG, name="leaking", split={"method": "random", "test_fraction": 0.0})
    curve = learning_curves.make(leaking, world, home, [1.0], 1)
    assert curve.status.leak == any(caveat.kind == CaveatKind.LEAK for caveat in curve.caveats)
    assert curve.status.leak


@pytest.mark.parametrize(("name", "content"), [("points.csv", ""), ("status.json", "{"), ("config.json", "[]")])
def test_a_damaged_curve_is_left_out_and_named_in_the_log(home, world, caplog, name, content):
    curve = learning_curves.make(CONFIG, world, home, [0.5, 1.0], 1)
    path = home / "learning_curves" / curve.curve_id / name
    before = path.read_text()
    others = {c.curve_id for c in learning_curves.stored(home)} - {curve.curve_id}
    try:
        path.write_text(content)
        with caplog.at_level(logging.WARNING):
            assert {c.curve_id for c in learning_curves.stored(home)} == others
        assert f"Learning curve {curve.curve_id} cannot be used" in caplog.text
        if name != "config.json":
            with pytest.raises(InputError, match="cannot be used"):
                learning_curves.make(CONFIG, world, home, [0.5, 1.0], 1)
    finally:
        path.write_text(before)


def test_a_curve_holds_its_power_law_or_the_reason_why_there_is_none(home, world):
    curve = learning_curves.make(CONFIG, world, home, [0.5, 1.0], 1)
    assert not curve.power_law.supported
    assert "2 sizes and 1 repeat with a score" in curve.power_law.sentence
    (home / "learning_curves" / curve.curve_id / "power_law.json").unlink()  # as a curve of an earlier version
    (again,) = [c for c in learning_curves.stored(home) if c.curve_id == curve.curve_id]
    assert again.power_law == curve.power_law
