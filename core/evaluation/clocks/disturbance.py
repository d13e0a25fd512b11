"""Disturbance: how restless the raw minutes of a station are, hour by hour or ten minutes by ten minutes."""

from __future__ import annotations

import dataclasses

import numpy as np

from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance.skill import Scores

TEN_MINUTES, HOUR = 10, 60


def series(station: str, first_minute: int, field: np.ndarray, step_minutes: int = TEN_MINUTES) -> AlarmSeries:
    """
    The largest change from one minute to the next in each step, over all components.

    Parameters
    ----------
    station : str
    first_minute : int
        Of the field, minutes since 1970.
    field : ndarray of float, shape (n_minutes, n_components), nT
        Raw: of filtered or repaired minutes the shaking is gone. NaN = missing. X and Z are usual.
    step_minutes : int

    Returns
    -------
    AlarmSeries
        In nT/min; steps begin at whole multiples of themselves since 1970. NaN where fewer than half of the changes
        of a step are there.
    """
    change = np.full(len(field), np.nan)
    for component in field.T:  # one after the other: records are of many years
        step = np.diff(component)
        np.fmax(change[1:], np.abs(step, out=step), out=change[1:])
    before = first_minute % step_minutes
    after = -(before + len(field)) % step_minutes
    steps = np.pad(change, (before, after), constant_values=np.nan).reshape(-1, step_minutes)
    return AlarmSeries(station, first_minute - before, step_minutes, _largest(steps))


def hourly(tens: Scores) -> Scores:
    """
    The disturbance of each hour from that of steps that divide it; NaN where fewer than half of them are there.

    Parameters
    ----------
    tens : Scores
        From `series` by `skill.on_one_axis`.
    """
    per = HOUR // tens.step_minutes
    before = tens.first_minute % HOUR // tens.step_minutes
    after = -(before + tens.score.shape[1]) % per
    steps = np.pad(tens.score, ((0, 0), (before, after)), constant_values=np.nan)
    value = np.stack([_largest(row.reshape(-1, per)) for row in steps])
    return dataclasses.replace(
        tens, first_minute=tens.first_minute - before * tens.step_minutes, step_minutes=HOUR, score=value
    )


def _largest(rows: np.ndarray) -> np.ndarray:
    """The largest value of each row; NaN where fewer than half of its values are there."""
    enough = 2 * np.isfinite(rows).sum(axis=1) >= rows.shape[1]
    largest: np.ndarray = np.where(enough, np.fmax.reduce(rows, axis=1), np.nan)
    return largest
