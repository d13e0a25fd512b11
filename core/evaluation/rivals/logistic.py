"""A smooth rival: a ridge logistic model of a window's circumstances, with terms of its own for each station."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.evaluation.rivals.confounders import Score

PRIOR_SD = 0.4  # of each term's effect on the log odds, per standard deviation of the term
TYPICAL_KP = 2.0  # stands in for an unknown one, beside a term that says so
WEEKDAYS = np.arange(7)
CONSTANT = 1e-9  # a term that varies less says nothing


def fit(rows: pd.DataFrame, label: np.ndarray, weight: np.ndarray) -> Score:
    """
    Learn the model; its answer is a log odds.

    Every term stands once for all stations and once for each station, as a deviation: opposite summers are two terms.
    Season, hour and Kp also stand as products of two, since a sensor may feel storms at night or in winter only. All
    effects are drawn towards 0 by a normal prior, so a station with few events says little.

    Parameters
    ----------
    rows : DataFrame
        Columns `circumstances.COLUMNS`.
    label : ndarray, shape (n,)
        0 or 1, both present.
    weight : ndarray, shape (n,)
        How much each row counts; the weights of rows that say the same thing add up to about 1.
    """
    from sklearn.linear_model import LogisticRegression

    codes = sorted(set(rows["station"]))
    terms = _terms(rows)
    mean = np.average(terms, axis=0, weights=weight)
    sd = np.sqrt(np.average((terms - mean) ** 2, axis=0, weights=weight))
    scale = np.where(sd > CONSTANT, sd, np.inf)
    model = LogisticRegression(C=PRIOR_SD**2, max_iter=500)
    model.fit(_design(rows, codes, mean, scale), label, sample_weight=weight)
    return lambda others: np.asarray(model.decision_function(_design(others, codes, mean, scale)), dtype=np.float64)


def _design(rows: pd.DataFrame, codes: list[str], mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    terms: np.ndarray = (_terms(rows) - mean) / scale
    if len(codes) < 2:
        return terms
    inside = [(rows["station"] == code).to_numpy(dtype=np.float64)[:, None] for code in codes]
    return np.hstack([terms, *inside, *[each * terms for each in inside]])


def _terms(rows: pd.DataFrame) -> np.ndarray:
    kp = rows[["kp_mean", "kp_max", "kp_1_day_before", "kp_2_days_before"]].to_numpy(dtype=np.float64)
    unknown = np.isnan(kp)
    kp = np.where(unknown, TYPICAL_KP, kp) - TYPICAL_KP
    season, hour, mean_kp = _phase(rows["year_phase"]), _phase(rows["day_phase"]), kp[:, :1]
    missing, longest = (rows[name].to_numpy() for name in ("missing_minutes", "longest_gap_minutes"))
    once_a_cycle = slice(0, 2)
    year, day = season[:, once_a_cycle], hour[:, once_a_cycle]
    terms: np.ndarray = np.column_stack(
        [
            season,
            hour,
            rows["weekday"].to_numpy()[:, None] == WEEKDAYS,
            kp,
            mean_kp**2,
            unknown.any(axis=1),
            np.log1p(missing),
            np.log1p(longest),
            missing > 0,
            np.log1p(rows["events_7_days"].to_numpy()),
            year * mean_kp,
            day * mean_kp,
            year * day,
            year * day[:, ::-1],
        ]
    ).astype(np.float64)
    return terms


def _phase(phase: pd.Series) -> np.ndarray:
    """Sine and cosine of a year or a day, and of its half; shape (n, 4)."""
    angle = 2 * np.pi * phase.to_numpy()
    return np.column_stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)])
