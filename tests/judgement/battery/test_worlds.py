"""Worlds of the battery: what they are made of, and what becomes of them."""

from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.power import table
from core.evaluation.power.planting import Lasting
from core.judgement.battery import (
    confounded_worlds,
    copied_worlds,
    families_of_runs,
    promised_worlds,
    score_worlds,
    shaken_worlds,
    trial,
)
from core.judgement.battery.families_of_runs import Family
from core.judgement.battery.score_worlds import Recipe
from core.judgement.verdict import VerdictKind

CLAIMS = (VerdictKind.CANDIDATE, VerdictKind.DETECTS)


def numbers(seed):
    return np.random.default_rng([77, seed])


def test_what_precedes_earthquakes_differs_from_the_same_world_without_it_in_their_last_days_only():
    plain = score_worlds.made(Recipe(n_sequences=6), numbers(1))
    lifted = score_worlds.made(Recipe(n_sequences=6, lift=2.0, lasts_days=0.75), numbers(1))
    assert plain.targets.equals(lifted.targets)
    _, _, step = plain.scores.cells(plain.targets)
    expected = np.zeros(365 * 4)
    for last in step:  # three of four steps a day
        expected[last - 2 : last + 1] = 2.0
    assert (lifted.scores.score - plain.scores.score)[0] == pytest.approx(np.minimum(expected, 2.0))


def test_a_power_cut_leaves_no_score_right_after_an_earthquake():
    world = score_worlds.made(Recipe(n_sequences=6, power_cuts=1.0), numbers(2))
    _, row, step = world.scores.cells(world.targets)
    assert len(step) and np.isnan(world.scores.score[row, np.minimum(step + 1, 365 * 4 - 1)]).all()


def test_slow_scores_resemble_themselves_weeks_later_and_fast_ones_do_not():
    def after_two_weeks(recipe):
        score = score_worlds.made(recipe, numbers(3)).scores.score[0]
        return np.corrcoef(score[56:], score[:-56])[0, 1]

    days = 40_000
    assert after_two_weeks(Recipe(days=days)) == pytest.approx(0.0, abs=0.1)
    # Half of the variance, with a memory of 60 days, two weeks later: half of exp(-14 / 60) is 0.40.
    assert after_two_weeks(Recipe(days=days, memory_days=60)) == pytest.approx(0.40, abs=0.15)


def test_a_strong_precursor_is_told_as_a_finding_and_the_same_noise_without_it_is_not():
    recipe = Recipe(n_sequences=24, lift=4.0)
    assert trial.of_scores(score_worlds.made(recipe, numbers(4))).kind == VerdictKind.DETECTS
    kinds = [trial.of_scores(score_worlds.made(replace(recipe, lift=0.0), numbers(n))).kind for n in range(4, 24)]
    assert kinds.count(VerdictKind.NULL) >= 16  # by chance one of twenty is not


def test_too_few_earthquakes_to_tell_are_called_so():
    world = score_worlds.made(Recipe(days=10, n_sequences=1), numbers(5))
    assert trial.of_scores(world).kind == VerdictKind.UNTESTABLE


@pytest.mark.parametrize(
    "recipe",
    [shaken_worlds.Recipe(catalogue_late_hours=3), shaken_worlds.Recipe(stamps_late_minutes=-60)],
    ids=["catalogue", "station"],
)
def test_a_wrong_clock_at_a_shaken_sensor_breaks_the_result(recipe):
    assert shaken_worlds.judged(recipe, numbers(6)).kind == VerdictKind.BROKEN


def test_a_sensor_that_nothing_shakes_and_right_clocks_break_nothing():
    assert shaken_worlds.judged(shaken_worlds.Recipe(noisy_hours=0), numbers(7)).kind == VerdictKind.NULL


def test_days_that_stand_twice_break_the_result_and_the_same_record_without_them_does_not():
    assert copied_worlds.judged(copied_worlds.Recipe(), numbers(8)).kind == VerdictKind.BROKEN
    assert copied_worlds.judged(copied_worlds.Recipe(n_copied=0), numbers(8)).kind == VerdictKind.NULL


def test_what_storms_do_to_score_and_catalogue_is_explained_by_them():
    storms = confounded_worlds.Recipe(score_kp=1.5, rate_kp=1.2)
    assert confounded_worlds.judged(storms, numbers(9)).kind == VerdictKind.EXPLAINED


def test_what_precedes_earthquakes_beside_storms_is_told():
    real = confounded_worlds.Recipe(score_kp=0.3, rate_kp=0.3, lift=3.0)
    assert confounded_worlds.judged(real, numbers(10)).kind in CLAIMS


def test_the_best_of_twenty_runs_without_skill_is_told_about_as_seldom_as_one_and_deleting_the_others_does_not_help():
    def told(family):
        return {n for n in range(40) if families_of_runs.judged(family, numbers(n)).kind == VerdictKind.DETECTS}

    # Uncorrected, the smallest of 20 p values is below 0.05 in about half of all worlds.
    with_files = told(Family(20))
    assert len(with_files) <= 8  # of 40 at one in twenty: more than 8 come once in 5,000 times
    assert told(Family(20, deleted=True)) <= with_files


def test_a_strong_precursor_is_told_though_the_files_of_the_other_runs_are_gone():
    strong = Family(20, Recipe(n_sequences=24, lift=3.0), deleted=True)
    assert families_of_runs.judged(strong, numbers(11)).kind == VerdictKind.DETECTS


def test_a_plan_for_a_stretch_that_runs_have_scored_is_no_finding_however_strong_and_would_be_one_else(monkeypatch):
    peeked = Family(3, Recipe(n_sequences=24, lift=3.0), peeked=True)
    assert families_of_runs.judged(peeked, numbers(12)).kind == VerdictKind.CANDIDATE
    monkeypatch.setattr(families_of_runs.scorings, "before", lambda looked, moment: [])
    assert families_of_runs.judged(peeked, numbers(12)).kind == VerdictKind.DETECTS


def test_a_promise_is_that_of_the_stored_table_and_its_worlds_have_as_many_sequences_as_it_speaks_of():
    promise = promised_worlds.Promise(25, 365, 0.75, Lasting.WEEK)
    power = table.read(25, 365, 1)
    told = power.shares(Lasting.WEEK)[list(power.auc).index(0.75)]  # a node of the table: nothing in between
    assert promised_worlds.promised(promise) == (pytest.approx(told, abs=1e-6), power.n_worlds)
    world = score_worlds.made(promise.recipe, numbers(13))
    assert world.targets["cluster"].nunique() == 25
    assert promise.recipe.lift == pytest.approx(0.954, abs=1e-3)  # sqrt(2) times the normal quantile of 0.75, 0.6745


def test_a_precursor_far_larger_than_promised_for_is_found_and_one_of_no_size_is_not():
    kinds = [
        promised_worlds.judged(promised_worlds.Promise(25, 365, auc, Lasting.WEEK), numbers(14)).kind
        for auc in (0.99, 0.5)
    ]
    assert kinds == [VerdictKind.DETECTS, VerdictKind.NULL]
