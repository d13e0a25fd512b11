"""Training on shifted catalogues: what is moved, what is not, and that stopped draws go on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import config as configs
from core.errors import InputError
from core.judgement import refit
from core.runs import pipeline
from core.runs.runs import RunStore
from core.training import fit
from support.small_run import SMALL as CONFIG

PERIOD = tuple(pd.to_datetime(["2016-01-10", "2016-01-20"], utc=True))


def test_events_come_later_by_the_shift_and_those_pushed_out_come_in_at_the_beginning(world):
    shifted = refit.ShiftedCatalogue(world, PERIOD, 3 * 1440)
    before = world.events().set_index("event_id")["origin_time"]
    after = shifted.events().set_index("event_id")["origin_time"]
    inside = before[(before >= PERIOD[0]) & (before < PERIOD[1])]
    assert set(after.index) == set(inside.index) and len(inside) > 5
    for name, time in inside.items():
        expected = time + pd.Timedelta(days=3)
        assert after[name] == (expected if expected < PERIOD[1] else expected - pd.Timedelta(days=10))
    assert after.is_monotonic_increasing
    assert shifted.events_period() == PERIOD
    pd.testing.assert_frame_equal(shifted.minute("DUR").field, world.minute("DUR").field)
    changed = {n for n, d in shifted.digests(["DUR"], [""]).items() if d != world.digests(["DUR"], [""])[n]}
    assert all(name.startswith("events") for name in changed) and changed


def test_each_draw_is_a_training_and_a_stopped_test_goes_on(home, world, run, monkeypatch):
    trainings = []
    train = fit.train

    def counted(*arguments, **named):
        trainings.append(arguments[1].table["event_id"].tolist())
        return train(*arguments, **named)

    monkeypatch.setattr(fit, "train", counted)
    part = refit.run(run, world, home, 3)
    assert len(trainings) == 3 and len(part) == 3
    days = part["shift_minutes"] / 1440
    assert days.min() > 27 and (world.period("DUR")[1] - world.period("DUR")[0]).days - days.max() > 27
    assert part["auc"].between(0, 1).all() and part["auc"].nunique() == 3

    path = home / "refit" / run.run_id / "draws.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))  # as if it had been stopped after two
    again = refit.run(run, world, home, 3)
    assert len(trainings) == 4
    np.testing.assert_allclose(again["auc"], part["auc"], atol=1e-6)

    row = refit.tested(run, home).iloc[0]
    observed = run.scores.query("split == 'test' and station == 'all'")["auc"].iloc[0]
    assert row["p"] == pytest.approx((1 + (part["auc"] >= observed).sum()) / 4)

    other = refit.run(run, world, home, 1, seed=1)  # no training of another seed is lost
    assert len(trainings) == 5 and other["seed"].tolist() == [0, 0, 0, 1]
    pd.testing.assert_frame_equal(refit.stored(home, run.run_id), other)
    assert refit.tested(run, home)["n_null"].iloc[0] == 4


def test_more_draws_go_on_with_those_that_are_there_and_all_are_evenly_spread(run):
    period = run.windows["start"].min(), run.windows["footprint_end"].max()
    allowed = (period[1] - period[0]) / pd.Timedelta(minutes=1) - 2 * (27 * 1440 + 60)
    few, many = (refit._shifts(run, period, n, 3) for n in (20, 99))
    assert few.tolist() == many[:20].tolist() and len(set(many)) == 99
    for moves in (few, many):
        gaps = np.diff(np.sort(moves))
        assert gaps.max() < 2 * allowed / len(moves)  # 1.9 at most (three-distance theorem)


def test_draws_that_resemble_their_neighbours_count_as_fewer(run, home, monkeypatch):
    shift = np.arange(99) * 1000
    slow = pd.DataFrame({"draw": range(99), "seed": 0, "shift_minutes": shift, "auc": 0.3 + 0.1 * np.sin(shift / 8000)})
    monkeypatch.setattr(refit, "stored", lambda *where: slow.sample(frac=1, random_state=1))
    row = refit.tested(run, home).iloc[0]
    observed = run.scores.query("split == 'test' and station == 'all'")["auc"].iloc[0]
    assert (slow["auc"] < observed).any() and row["p"] > (1 + (slow["auc"] >= observed).sum()) / 100
    assert "They are worth" in row["sentence"]


def test_a_run_that_cannot_be_refitted_is_a_sentence(home, world):
    short = configs.replace(CONFIG, data={"end": "2016-02-15"})
    other = pipeline.run(short, world, RunStore(home))
    with pytest.raises(InputError, match="shifts of more than 27 days"):
        refit.run(other, world, home, 3)
    assert refit.tested(other, home).empty
