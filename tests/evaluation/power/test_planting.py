"""Planted changes: as large, as long and where they are said to be; and catalogues that are turned."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.evaluation.chance import turned_blocks
from core.evaluation.chance.skill import Scores
from core.evaluation.power import planting, stretch
from core.evaluation.power.planting import Lasting
from core.loading.record.minute import epoch_minutes

HOUR, DAY = 60, 1440


def a_stretch(days, minute, cluster, stations=("AAA",), random=None, step=360):
    n_steps = days * DAY // step
    made = stretch.made_up(np.random.default_rng(0), 1, 30)
    score = np.zeros((len(stations), n_steps)) if random is None else random.normal(size=(len(stations), n_steps))
    targets = stretch.table(np.array(minute), np.array(cluster), 4.0)
    return dataclasses.replace(
        made, scores=Scores(stations, stretch.FIRST_MINUTE, step, score), targets=targets, events=targets
    )


@pytest.mark.parametrize("auc", [0.6, 0.8, 0.95])
def test_a_planted_change_stands_above_the_share_of_other_times_that_it_is_named_after(auc):
    minute = np.arange(5 * DAY, 9995 * DAY, 10 * DAY)
    world = a_stretch(10_000, minute, np.arange(len(minute)), random=np.random.default_rng(1))
    after = planting.planted(world, auc, Lasting.DAY).scores.score[0]
    raised = after != world.scores.score[0]
    assert raised.sum() == 4 * len(minute)  # four steps of six hours
    other = np.sort(after[~raised])
    above = np.searchsorted(other, after[raised]).mean() / len(other)
    assert above == pytest.approx(auc, abs=0.015)


def test_only_what_ends_with_the_first_event_of_a_sequence_is_raised_at_the_stations_that_feel_it():
    minute = [10 * DAY + HOUR, 12 * DAY, 20 * DAY, 21 * DAY]
    world = a_stretch(40, minute, [0, 0, -1, -1], ("AAA", "BBB"))
    world = dataclasses.replace(world, targets=world.targets.assign(station=["AAA", "AAA", "BBB", "BBB"]))
    first, second = planting.planted(world, 0.8, Lasting.DAY).scores.score
    assert np.flatnonzero(first).tolist() == [37, 38, 39, 40]
    assert np.flatnonzero(second).tolist() == [77, 78, 79, 80, 81, 82, 83, 84]  # of no sequence: each is a first one
    assert set(second[second != 0].round(9)) == {round(planting.effect(0.8), 9)}  # never twice
    assert np.flatnonzero(planting.planted(world, 0.8, Lasting.WEEK).scores.score[0]).tolist() == list(range(13, 41))


def test_a_turned_catalogue_keeps_its_blocks_times_of_day_and_sequences_and_moves_as_one():
    random = np.random.default_rng(2)
    minute = np.sort(random.integers(0, 400 * DAY, 200))
    world = a_stretch(400, minute, np.arange(200))
    world = dataclasses.replace(world, targets=world.targets[::3])
    moved = planting.turned(world, random)
    cut = turned_blocks.blocks(stretch.FIRST_MINUTE, 1600, 360)
    before, after = (
        epoch_minutes(pd.DatetimeIndex(each["origin_time"])) - stretch.FIRST_MINUTE
        for each in (world.events, moved.events)
    )
    assert (before % DAY == after % DAY).all() and (before != after).mean() > 0.9
    assert (cut.of(before // 360) == cut.of(after // 360)).all()
    assert moved.targets["origin_time"].tolist() == moved.events["origin_time"][::3].tolist()
    assert moved.scores is world.scores


def test_the_normal_scores_of_a_run_are_normal_whatever_its_own_look_like():
    random = np.random.default_rng(3)
    world = a_stretch(400, [DAY], [0], random=random)
    season = np.exp(world.scores.score + np.linspace(0, 5, 1600))
    lumpy = dataclasses.replace(world, scores=dataclasses.replace(world.scores, score=season))
    score = planting.normal(lumpy).scores.score[0]
    assert abs(score.mean()) < 0.1 and score.std() == pytest.approx(1, abs=0.1)
    assert abs(score[:800].mean() - score[800:].mean()) < 0.15
