"""Days of two stations on which a season, Kp or the calendar lifts scores and catalogued events alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

DAYS, TRAINING_DAYS = 1460, 876
DAY = np.arange(DAYS)
WAVE = np.sin(2 * np.pi * DAY / 365.25)


def before(values, days):
    return np.concatenate([np.repeat(values[0], days), values[:-days]])


def causes(kind, station, kp):
    """What lifts both the score and the rate of catalogued events of a station, per day."""
    summer = WAVE if station == 0 else -WAVE
    quiet = 2.5 - kp
    return {
        "nothing": 0 * WAVE,
        "opposite summers": 1.2 * summer,
        "quiet days": 0.8 * quiet,
        "quiet days before": 0.8 * before(quiet, 1),
        "working days": np.where(DAY % 7 >= 5, -2.0, 0.0),
        "quiet days in summer": quiet * (summer > 0),
        "quiet summers, stormy winters": quiet * np.sign(summer),
    }[kind]


def world(kind, skill=0.0, seed=0, n_events=80):
    """
    Two stations, four years of days: the columns of `circumstances`, and label, score, cause, day.

    The score is its cause and noise; that of the day before an event is lifted by `skill`.
    """
    random = np.random.default_rng(seed)
    kp = np.clip(2.5 + 1.2 * random.normal(size=DAYS), 0, 9)
    parts = []
    for station in (0, 1):
        cause = causes(kind, station, kp)
        event = random.choice(DAYS, n_events, replace=False, p=np.exp(0.8 * cause) / np.exp(0.8 * cause).sum())
        label = np.isin(DAY, event).astype(int)
        score = cause + random.normal(size=DAYS) + skill * label
        known = {
            "station": np.repeat(["KAK", "EYR"][station], DAYS),
            "year_phase": DAY / 365.25 % 1,
            "day_phase": 0.0,
            "weekday": DAY % 7,
            "kp_mean": kp,
            "kp_max": kp,
            "kp_1_day_before": before(kp, 1),
            "kp_2_days_before": before(kp, 2),
            "missing_minutes": 0,
            "longest_gap_minutes": 0,
            "events_7_days": before(np.convolve(label, np.ones(7))[:DAYS], 1),
        }
        parts.append(pd.DataFrame(known).assign(label=label, score=score, cause=cause, day=DAY))
    return pd.concat(parts, ignore_index=True)
