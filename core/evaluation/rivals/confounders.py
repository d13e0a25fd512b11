"""
Confounders and baselines: simple models, fitted on training windows like the network.

A confounder knows nothing of the field: only the date, the season, the hour, Kp, the station, the gaps or the
catalogue. Where one scores as well as the network, the network has shown nothing about the field (Mignan & Broccardo
2019 found a neural network matched by two parameters); the claim is the network less the best confounder. A
baseline is a yardstick: always one probability, or classical statistics of the same field. Where those match the
network, what it found may be real, but it needs no network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation.rivals import nearest_in_time
from core.loading.record.minute import epoch_minutes

Score = Callable[[pd.DataFrame], np.ndarray]
CONFOUNDER, BASELINE = "confounder", "baseline"
MAJORITY = "majority"
PRIOR_WEIGHT = 4.0  # rows of the overall base rate added to each month or station, so that few rows say little
KP_EDGES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
YEAR_MINUTES = 365.2425 * MINUTES_PER_DAY


@dataclass(frozen=True)
class Confounder:
    """A model by name: what it knows in words, and `fit(rows, label)`, which gives a function of rows."""

    model: str
    kind: str
    words: str
    fit: Callable[[pd.DataFrame, np.ndarray], Score]


def features(table: pd.DataFrame) -> pd.DataFrame:
    """
    What every confounder may look at, from the windows table; the waveform is not in it.

    Returns
    -------
    DataFrame
        station, start_minutes, day (of the window's end), year_phase and day_phase (of the window's end, 0 to 1),
        month (0 to 11), kp_max (NaN = unknown), missing_minutes, longest_gap_minutes.
    """
    end = pd.DatetimeIndex(table["end"])
    minutes = epoch_minutes(end).astype(np.float64)
    return pd.DataFrame(
        {
            "station": table["station"].to_numpy(dtype=object),
            "start_minutes": epoch_minutes(pd.DatetimeIndex(table["start"])),
            "day": minutes / MINUTES_PER_DAY,
            "year_phase": minutes / YEAR_MINUTES % 1,
            "day_phase": minutes / MINUTES_PER_DAY % 1,
            "month": end.month.to_numpy() - 1,
            "kp_max": table["kp_max"].to_numpy(dtype=np.float64),
            "missing_minutes": table["missing_minutes"].to_numpy(dtype=np.float64),
            "longest_gap_minutes": table["longest_gap_minutes"].to_numpy(dtype=np.float64),
        }
    )


def models(ulf_columns: list[str], catalogue: bool) -> list[Confounder]:
    """
    Every confounder and baseline, in the order in which they are shown.

    Parameters
    ----------
    ulf_columns : list of str
        The columns of classical statistics in the rows (see `ulf.statistics`); empty if there are none.
    catalogue : bool
        Whether the rows have aftershock_days and recent_events (see `catalogue_rate.measure`).
    """
    rivals = [
        Confounder(MAJORITY, BASELINE, "always the same probability", lambda rows, label: _constant(label)),
        Confounder("climatology", CONFOUNDER, "the share of positives of the calendar month", _by_group("month")),
        Confounder("date", CONFOUNDER, "the date: nearest training windows in time", _nearest_in_time),
        Confounder("trend", CONFOUNDER, "the date: a trend", _logistic(_trend)),
        Confounder("season", CONFOUNDER, "the day of the year", _logistic(_season)),
        Confounder("hour", CONFOUNDER, "the UT hour of the window's end", _logistic(_hour)),
        Confounder("kp", CONFOUNDER, "the largest Kp in the window", _logistic(_kp)),
        Confounder("station", CONFOUNDER, "the station", _by_group("station")),
        Confounder("gaps", CONFOUNDER, "how much is missing and the longest gap", _logistic(_gaps)),
        Confounder("metadata", CONFOUNDER, "date, season, hour, Kp, station and gaps together", _metadata),
    ]
    if ulf_columns:
        words = "classical ULF statistics: band power, polarisation ratio, BPOL (Hayakawa 1996, Hattori 2004)"
        rivals.append(Confounder("ulf", BASELINE, words, _ulf(ulf_columns)))
    if catalogue:
        words = "how many events the catalogue has in the last 30 days, whatever their magnitude"
        rivals.append(Confounder("recent_events", CONFOUNDER, words, _logistic(_recent)))
        words = "the catalogue's rate: background and Omori-Utsu aftershocks of past events (ETAS-like)"
        rivals.append(Confounder("catalogue_rate", CONFOUNDER, words, _aftershocks))
    return rivals


def probabilities(known: list[Confounder], rows: pd.DataFrame, label: np.ndarray, train: np.ndarray) -> pd.DataFrame:
    """
    Fit every model on the rows `train` (bool, shape (n,)) and score all rows; one column per model.

    With one class in training every model is its base rate.
    """
    learned, truth = rows[train], label[train]
    one_class = len(np.unique(truth)) < 2
    out = {}
    for rival in known:
        score = _constant(truth) if one_class else rival.fit(learned, truth)
        out[rival.model] = score(rows)
    return pd.DataFrame(out)


def _constant(label: np.ndarray) -> Score:
    share = float(np.mean(label == 1)) if len(label) else 0.5
    return lambda rows: np.full(len(rows), share)


def _by_group(column: str) -> Callable[[pd.DataFrame, np.ndarray], Score]:
    """The share of positives of each group, drawn towards that of all by `PRIOR_WEIGHT` rows."""

    def fit(rows: pd.DataFrame, label: np.ndarray) -> Score:
        share = float((label == 1).mean())
        counts = pd.Series(label == 1).groupby(rows[column].to_numpy()).agg(["sum", "count"])
        rate = ((counts["sum"] + PRIOR_WEIGHT * share) / (counts["count"] + PRIOR_WEIGHT)).to_dict()
        return lambda others: np.array([rate.get(name, share) for name in others[column]], dtype=np.float64)

    return fit


def _nearest_in_time(rows: pd.DataFrame, label: np.ndarray) -> Score:
    """
    The share of positives among the nearest k training windows in time, k = the root of their number.

    Free to rise and fall with the date as often as the labels do: a trend alone would miss a burst of earthquakes.
    """
    order = np.argsort(rows["day"].to_numpy(), kind="stable")
    day = rows["day"].to_numpy()[order]
    n_positive = np.concatenate([[0], np.cumsum(label[order] == 1)])
    k = min(len(day), max(5, round(float(np.sqrt(len(day))))))

    def score(others: pd.DataFrame) -> np.ndarray:
        moment, of_row = np.unique(others["day"].to_numpy(), return_inverse=True)
        first, last = nearest_in_time.reach(day, moment, k)
        share: np.ndarray = (n_positive[last] - n_positive[first]) / (last - first)
        return share[of_row]

    return score


def _logistic(columns: Callable[[pd.DataFrame], np.ndarray]) -> Callable[[pd.DataFrame, np.ndarray], Score]:
    """Ridge logistic regression on standardised columns (scikit-learn's, C = 1)."""

    def fit(rows: pd.DataFrame, label: np.ndarray) -> Score:
        from sklearn.linear_model import LogisticRegression

        x = columns(rows)
        mean, scale = x.mean(axis=0), x.std(axis=0)
        scale = np.where(scale > 1e-12, scale, 1.0)
        model = LogisticRegression(max_iter=1000).fit((x - mean) / scale, label)
        return lambda others: model.predict_proba((columns(others) - mean) / scale)[:, 1]

    return fit


def _trend(rows: pd.DataFrame) -> np.ndarray:
    return rows[["day"]].to_numpy(dtype=np.float64)


def _season(rows: pd.DataFrame) -> np.ndarray:
    return _harmonics(rows["year_phase"])


def _hour(rows: pd.DataFrame) -> np.ndarray:
    return _harmonics(rows["day_phase"])


def _harmonics(phase: pd.Series) -> np.ndarray:
    """A day or year and its half: two maxima are allowed, as storms have at the equinoxes."""
    angle = 2 * np.pi * phase.to_numpy()[:, None] * np.array([1, 2])
    return np.hstack([np.sin(angle), np.cos(angle)])


def _kp(rows: pd.DataFrame) -> np.ndarray:
    """Kp, and a level of its own for each range: quakes need not keep to quiet or to stormy days."""
    kp = rows["kp_max"].to_numpy()
    unknown = np.isnan(kp)
    filled = np.where(unknown, 2.0, kp)
    ranges = np.digitize(filled, KP_EDGES)[:, None] == np.arange(len(KP_EDGES) + 1)
    return np.column_stack([filled, ranges & ~unknown[:, None], unknown]).astype(np.float64)


def _gaps(rows: pd.DataFrame) -> np.ndarray:
    missing, longest = rows["missing_minutes"].to_numpy(), rows["longest_gap_minutes"].to_numpy()
    return np.column_stack([np.log1p(missing), np.log1p(longest), missing > 0])


def _recent(rows: pd.DataFrame) -> np.ndarray:
    logarithm: np.ndarray = np.log1p(rows[["recent_events"]].to_numpy(dtype=np.float64))
    return logarithm


def _metadata(rows: pd.DataFrame, label: np.ndarray) -> Score:
    codes = sorted(rows["station"].unique())

    def columns(others: pd.DataFrame) -> np.ndarray:
        at_station = (others["station"].to_numpy()[:, None] == np.array(codes, dtype=object)).astype(np.float64)
        return np.hstack([_trend(others), _season(others), _hour(others), _kp(others), _gaps(others), at_station])

    return _logistic(columns)(rows, label)


def _ulf(names: list[str]) -> Callable[[pd.DataFrame, np.ndarray], Score]:
    """The statistics less their station's median in training: else they would tell the station."""

    def fit(rows: pd.DataFrame, label: np.ndarray) -> Score:
        median = rows.groupby("station")[names].median()
        middle = rows[names].median()

        def columns(others: pd.DataFrame) -> np.ndarray:
            usual = median.reindex(others["station"]).fillna(middle).to_numpy()
            deviation: np.ndarray = np.nan_to_num(others[names].to_numpy() - usual)
            return deviation

        return _logistic(columns)(rows, label)

    return fit


def _aftershocks(rows: pd.DataFrame, label: np.ndarray) -> Score:
    """
    logit p = a + ln(background + aftershocks), both fitted by maximum likelihood on the training rows.

    For rare events the odds are the expected number of events; whatever share of negatives was drawn, only a changes.
    """
    triggered = rows["aftershock_days"].to_numpy()
    positive = triggered[triggered > 0]
    typical = float(np.median(positive)) if len(positive) else 1.0
    best = (-np.inf, 0.0, typical)
    for background in typical * np.logspace(-3, 3, 13):
        offset = np.log(background + triggered)
        a = _intercept(offset, label)
        z = a + offset
        likelihood = float(np.sum((label == 1) * z - np.logaddexp(0, z)))
        best = max(best, (likelihood, a, float(background)))
    _, a, background = best
    return lambda others: 1 / (1 + np.exp(-(a + np.log(background + others["aftershock_days"].to_numpy()))))


def _intercept(offset: np.ndarray, label: np.ndarray) -> float:
    """The a for which the probabilities 1 / (1 + exp(-a - offset)) add up to the number of positives."""
    from scipy.optimize import brentq

    wanted = float((label == 1).sum())
    reach = float(np.abs(offset).max()) + np.log(len(label) + 1.0) + 1
    return float(brentq(lambda a: float(np.sum(1 / (1 + np.exp(-(a + offset))))) - wanted, -reach, reach))
