"""Guards against foreshocks and shaking: what is left out, and what passes."""

import dataclasses

import numpy as np
import pytest

from core.evaluation.chance import event_guard, skill
from core.evaluation.chance.event_guard import Checked, Guard
from core.evaluation.power import planting, stretch
from support.shaken_worlds import DAY, HOUR, SCORE_LOOKS_BACK, catalogue, scores, sequences

DAYS = 364
NEAR = {"AAA": 100.0}
GUARD = Guard(SCORE_LOOKS_BACK)


def judged(score, events, guard=GUARD, completeness=3.0):
    return event_guard.not_the_foreshocks(
        score, events[events["magnitude"] >= 5], events, guard, NEAR, completeness, 5.0
    )


def shaken(seed, late_hours=0, foreshocks=1.0):
    random = np.random.default_rng(seed)
    minute, cluster, magnitude = sequences(random, DAYS, 24, foreshocks)
    return scores(random, DAYS, minute), catalogue(minute + late_hours * HOUR, cluster, magnitude)


def a_score(values, step_minutes=HOUR):
    return skill.Scores(("AAA",), catalogue([0])["origin_time"][0].value // 60_000_000_000, step_minutes, values)


def test_a_guard_takes_the_score_that_was_in_force_so_long_before_in_whole_steps():
    score = a_score(np.array([[1.0, 2.0, 3.0, np.nan]]))
    assert event_guard.guarded(score, 61).score.tolist()[0][2:] == [1.0, 2.0]  # rounded up to two hours
    assert np.isnan(event_guard.guarded(score, 61).score[0, :2]).all()
    assert event_guard.guarded(score, 0) is score
    assert np.isnan(event_guard.guarded(score, 99 * HOUR).score).all()


def test_a_step_counts_if_no_event_came_in_what_it_looks_back_on_nor_in_the_hours_before_that():
    random = np.random.default_rng(3)
    score = a_score(random.normal(size=(1, 500)))
    minute = np.append(-100, random.integers(0, 500 * HOUR, 12))  # one before the axis begins
    left = event_guard.clean_of_events(score, catalogue(minute), 125, 4 * HOUR)
    for step in range(500):
        spoiled = any(step * HOUR - 125 - 4 * HOUR <= each < step * HOUR for each in minute)
        assert np.isnan(left.score[0, step]) == spoiled, step


def test_only_events_of_the_station_within_the_radius_and_large_enough_spoil_its_steps():
    events = catalogue([10, 20, 30, 40, 50], magnitudes=[3.0, 2.9, 4.0, np.nan, 4.0])
    events["station"] = ["AAA", "AAA", "BBB", "AAA", "AAA"]
    events["distance_km"] = [100.0, 50.0, 50.0, 50.0, 100.1]
    assert event_guard.disturbing(events, NEAR, 3.0).index.tolist() == [0]
    of_b = event_guard.clean_of_events(a_score(np.ones((1, 5))), events[2:3], 0, DAY)
    assert np.isfinite(of_b.score).all()


def test_small_events_count_unless_they_would_leave_fewer_than_ten_sequences():
    score = a_score(np.ones((1, DAYS * 24)))
    main = np.arange(20) * 15 * DAY + 7 * DAY
    rare = catalogue(np.append(main, [DAY]), magnitudes=[5.0] * 20 + [2.0])
    targets = rare[:20]
    often = catalogue(np.append(main, main - HOUR), magnitudes=[5.0] * 20 + [2.0] * 20)

    def smallest(events, completeness):
        return event_guard.clean_magnitude(score, targets, events, GUARD, NEAR, completeness, 5.0)

    assert smallest(rare, 2.0) == 2.0
    assert smallest(often, 2.0) == 4.0
    assert np.isnan(smallest(often, 4.5)) or smallest(often, 4.5) == 4.5  # never lowered
    assert np.isnan(smallest(often.assign(magnitude=4.5), 2.0))  # that leaves too few as well
    assert smallest(rare, 6.0) == 2.0  # listed, though the list is not whole so far down
    assert smallest(targets, 6.0) == 5.0


def test_a_sensor_noisy_for_ten_hours_after_each_shock_is_not_passed_by_guard_and_clean():
    worlds = [shaken(seed, foreshocks=0.4) for seed in range(8)]
    blind = [skill.tested(score, events[events["magnitude"] >= 5]).p <= 0.05 for score, events in worlds]
    outcomes = [judged(score, events) for score, events in worlds]
    assert sum(blind) >= 6 and not any(outcome.by_strata for outcome in outcomes)
    assert sum(outcome.kind is Checked.PASSED for outcome in outcomes) <= 1


def test_a_sensor_noisy_after_small_foreshocks_of_every_target_is_not_passed_by_raising_the_magnitude():
    outcomes = [judged(*shaken(seed)) for seed in range(4)]
    assert not any(outcome.kind is Checked.PASSED for outcome in outcomes)


def busy(seed, small, foreshocks, bursts=()):
    """400 small events at any time, and foreshocks like these before a share of the targets."""
    random = np.random.default_rng(seed)
    minute, cluster, magnitude = sequences(random, DAYS, 24, foreshocks)
    minute = np.append(minute, random.integers(0, DAYS * DAY, 400))
    magnitude = np.append(np.where(magnitude < 5, small, 5.0), np.full(400, small))
    score = scores(
        random, DAYS, minute, bursts=[each - lead * HOUR for each in minute[magnitude == 5] for lead in bursts]
    )
    return score, catalogue(minute, np.append(cluster, -1 - np.arange(400)), magnitude)


def test_where_small_events_are_everywhere_they_cost_no_time_but_like_is_compared_with_like():
    small = judged(*busy(0, 3.2, foreshocks=0.0))
    assert small.by_strata and small.m_clean == 4.0 and small.share_left > 0.7 and small.n_clusters >= 10
    assert small.kind is Checked.FAILED and 0.05 < small.p <= 1 and 0.05 < small.p_events <= 1
    large = judged(*busy(0, 4.2, foreshocks=0.0))
    assert large.by_strata and np.isnan(large.m_clean) and large.kind is Checked.FAILED


def test_a_precursor_among_small_events_everywhere_passes():
    assert judged(*busy(0, 3.2, foreshocks=0.0, bursts=(8, 12))).kind is Checked.PASSED


def test_where_small_foreshocks_tell_targets_from_other_times_the_comparison_is_not_made():
    world = busy(0, 3.2, foreshocks=1.0)
    outcome = judged(*world)
    assert outcome.kind is Checked.NOT_CHECKED and outcome.p_events <= 0.05 and np.isnan(outcome.p)
    blind = judged(*world, completeness=4.0)  # they are below completeness, and it would pass if they did not count
    assert blind.kind is Checked.NOT_CHECKED and blind.p_events == outcome.p_events


def test_events_below_completeness_cost_their_steps_as_well():
    """A sensor feels what is listed, wherever lists begin to be whole."""
    world = shaken(0, foreshocks=0.4)
    outcome = judged(*world, completeness=4.5)
    assert world[1]["magnitude"].min() == outcome.m_clean < 4.5 and not outcome.by_strata
    assert outcome == judged(*world, completeness=3.0)


def test_a_lasting_precursor_in_a_busy_region_is_not_taken_for_the_events_that_precede_targets():
    """Its own raised scores once entered the means of their strata, and then the comparison was not made."""
    outcomes = []
    for seed in range(10):
        world = stretch.made_up(np.random.default_rng([1, 25, 365, seed]), 25, 365, small_events=10.0)
        world = planting.planted(world, 0.95, planting.Lasting.DAY)
        outcomes.append(
            event_guard.not_the_foreshocks(
                world.scores, world.targets, world.events, world.guard, world.radius_km, world.completeness, 4.0
            )
        )
    assert all(outcome.by_strata for outcome in outcomes)
    assert sum(outcome.kind is Checked.PASSED for outcome in outcomes) >= 8


def test_a_short_precursor_before_half_of_the_events_passes():
    random = np.random.default_rng(1)
    minute, cluster, magnitude = sequences(random, DAYS, 24, foreshocks=0.3)
    main = minute[magnitude == 5]
    score = scores(random, DAYS, minute, bursts=main[::2] - random.integers(12, 20, 12) * HOUR)
    outcome = judged(score, catalogue(minute, cluster, magnitude))
    assert outcome.kind is Checked.PASSED and outcome.p <= 0.05 and not outcome.by_strata
    assert outcome.n_clusters >= 12 and 0.5 < outcome.share_left < 0.95
    assert (outcome.m_clean, outcome.guard_hours, outcome.clean_hours) == (3.0, 1, 24)


def test_a_catalogue_three_hours_late_passes_the_usual_form_and_is_stopped_by_the_stricter_one():
    outcomes = [(judged(*world), judged(*world, GUARD.stricter())) for world in (shaken(s, 3, 0.0) for s in range(4))]
    assert all(usual.kind is Checked.PASSED for usual, _ in outcomes)
    assert sum(strict.kind is Checked.PASSED for _, strict in outcomes) <= 1
    assert all((strict.guard_hours, strict.clean_hours) == (24, 24) for _, strict in outcomes)


def test_fewer_than_ten_sequences_or_no_room_for_a_small_p_is_not_checked():
    score, events = shaken(0)
    few = judged(score, events[events["cluster"] < 9])
    assert few.kind is Checked.NOT_CHECKED and np.isnan(few.p) and few.n_clusters <= 9
    constant = dataclasses.replace(score, score=np.ones_like(score.score))
    assert judged(constant, events[events["magnitude"] >= 5]).kind is Checked.NOT_CHECKED
    none = judged(dataclasses.replace(score, score=score.score * np.nan), events)
    assert none.kind is Checked.NOT_CHECKED and none.share_left == 0


def test_a_guard_in_steps_longer_than_itself_says_how_long_it_was():
    score = a_score(np.random.default_rng(0).normal(size=(1, DAYS)), DAY)
    outcome = judged(score, catalogue(np.arange(24) * 14 * DAY + 5 * DAY))
    assert outcome.guard_hours == 24 and outcome.p == pytest.approx(outcome.p)
