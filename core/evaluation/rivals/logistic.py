"""A smooth rival: a ridge logistic model of a window's circumstances, with terms of its own for each station."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.evaluation.rivals.confounders import Score

PRIOR_SD = 0.4  # of each term's effect on the log odds, per standard deviation of the term
TYPICAL_KP = 2.0  # stands in for an unknown one, beside a term that says so
WEEKDAYS = np.arange(7)
OfTerms = Callable[[np.ndarray, np.ndarray], np.ndarray]
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
    learned = _learned(_terms(rows), rows["station"].to_numpy(), label, weight)
    return lambda others: learned(_terms(others), others["station"].to_numpy())


def cross_fitted(rows: pd.DataFrame, label: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """
    The log odds that the model of the other folds gives to each row.

    Parameters
    ----------
    rows, label, weight
        See `fit`.
    fold : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where the other folds lack a class.
    """
    terms, station, out = _terms(rows), rows["station"].to_numpy(), np.zeros(len(rows))
    for each in np.unique(fold):
        inside = fold == each
        if len(np.unique(label[~inside])) == 2:
            learned = _learned(terms[~inside], station[~inside], label[~inside], weight[~inside])
            out[inside] = learned(terms[inside], station[inside])
    return out


def _learned(terms: np.ndarray, station: np.ndarray, label: np.ndarray, weight: np.ndarray) -> OfTerms:
    """The model as a function of terms (n, n_terms) and stations (n,)."""
    from sklearn.linear_model import LogisticRegression

    codes = sorted(pd.unique(station))
    mean = np.average(terms, axis=0, weights=weight)
    sd = np.sqrt(np.average((terms - mean) ** 2, axis=0, weights=weight))
    scale = np.where(sd > CONSTANT, sd, np.inf)
    model = LogisticRegression(C=PRIOR_SD**2, max_iter=500)
    model.fit(_design(terms, station, codes, mean, scale), label, sample_weight=weight)

    def score(terms: np.ndarray, station: np.ndarray) -> np.ndarray:
        odds = model.decision_function(_design(terms, station, codes, mean, scale))
        return np.asarray(odds, dtype=np.float64)

    return score


def _design(
    terms: np.ndarray, station: np.ndarray, codes: list[str], mean: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """The terms on one scale; of several stations then a column for each, then the terms of each."""
    n, n_terms = terms.shape
    n_own = len(codes) if len(codes) > 1 else 0
    design = np.zeros((n, n_terms + n_own * (1 + n_terms)))
    design[:, :n_terms] = (terms - mean) / scale
    for number in range(n_own):
        inside, first = station == codes[number], n_terms + n_own + number * n_terms
        design[:, n_terms + number] = inside
        design[inside, first : first + n_terms] = design[inside, :n_terms]
    return design


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
