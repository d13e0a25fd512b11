"""Alterations change what they say and nothing else."""

import numpy as np
import pytest

from core.judgement.battery import alterations

COPIED = np.random.default_rng(1).normal(size=(2, 1440, 3)).cumsum(axis=1)
THERE = np.random.default_rng(2).normal(size=(2, 1440, 3)).cumsum(axis=1)


def altered(alteration, seed=3):
    return alteration(COPIED, THERE, np.random.default_rng(seed))


def test_a_lift_is_the_same_at_all_minutes_of_a_component():
    away = altered(alterations.lifted) - COPIED
    assert np.ptp(away.reshape(-1, 3), axis=0) == pytest.approx(0, abs=1e-9) and (np.abs(away) > 0).all()


def test_noise_is_of_two_hundredths_of_a_nanotesla():
    assert (altered(alterations.noisy) - COPIED).std() == pytest.approx(0.02, rel=0.05)


def test_moved_days_hold_the_same_minutes_less_than_an_hour_later():
    moved = altered(alterations.moved)
    later = [minutes for minutes in range(1440) if np.array_equal(moved[:, minutes], COPIED[:, 0])]
    assert len(later) == 1 and 1 <= later[0] < 60
    assert np.array_equal(moved[:, later[0] :], COPIED[:, : -later[0]])


def test_rounded_values_are_tenths():
    assert 10 * altered(alterations.rounded) == pytest.approx(np.rint(10 * COPIED))


def test_one_minute_an_hour_is_missing_and_the_others_are_as_they_were():
    holed = altered(alterations.with_holes)
    assert (np.isnan(holed).reshape(2, 24, 60, 3).sum(axis=2) == 1).all()
    assert np.array_equal(holed[~np.isnan(holed)], COPIED[~np.isnan(holed)])


def test_one_component_is_copied_and_the_others_are_what_stood_there():
    mixed = altered(alterations.in_one_component)
    copied = [np.array_equal(mixed[..., n], COPIED[..., n]) for n in range(3)]
    assert copied.count(True) == 1
    assert [np.array_equal(mixed[..., n], THERE[..., n]) for n in range(3)] == [not each for each in copied]


def test_all_ways_are_drawn(monkeypatch):
    ways = tuple(lambda copied, there, random, n=n: np.array([n]) for n in range(6))
    monkeypatch.setattr(alterations, "ALTERATIONS", ways)
    random = np.random.default_rng(5)
    assert {int(alterations.drawn(COPIED, THERE, random)[0]) for _ in range(100)} == set(range(6))
