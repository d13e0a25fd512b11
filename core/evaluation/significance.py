"""
Significance: would the same scores meet a catalogue that knows nothing of them as well?

The score series stays as it is; the catalogue is moved (a test by rescoring). Two ways to move it:

* circular shift: all targets of all stations together, by more than 27 days, so that storms (which come
  back with the Sun's rotation), clusters and the field's own memory are as they were.
* same-season dates: each cluster of targets goes to about the same day of another year.

p = (1 + number of draws at or above what was observed) / (1 + number of draws), so it is never 0
(Phipson & Smyth 2010). Neighbouring shifts of scores with a memory give nearly the same number. So for the circular
shift, both ones are replaced by the number of draws that count as one (`weight`): a period that holds 30 unlike
shifts cannot give a p below 1/31, however many are drawn. Without this, small p come too often on fake catalogues.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.loading.record.minute import epoch_minutes
from core.training import measures

COLUMNS = ["test", "statistic", "observed", "null_mean", "null_low", "null_high", "n_null", "p", "sentence"]
DRAW_COLUMNS = ["test", "statistic", "draw", "value"]
CIRCULAR, SEASON = "circular shift", "same-season dates"
AREA_SKILL, AUC = "area skill score", "AUC"
SOLAR_ROTATION_DAYS = 27.0
YEAR_MINUTES = 365.25 * MINUTES_PER_DAY
SEASON_DAYS = 15.0  # a same-season date lies this near to the day of the year, before or after
EXCURSION = 0.25  # how long a stay above a high level lasts, in units of the memory; found on fake catalogues
CHUNK = 500_000  # targets that are looked up at a time, to bound memory


class ScoreSeries(Protocol):
    """What is asked of a series of scores: a station, a first minute (since 1970), a step, and a score per step."""

    @property
    def station(self) -> str: ...
    @property
    def first_minute(self) -> int: ...
    @property
    def step_minutes(self) -> int: ...
    @property
    def score(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Ranked:
    """
    The scores of all stations on one time axis, as ranks within their station.

    rank: midranks from 1, shape (n_stations, n_steps), NaN where no alarm is possible. Ranks within a
    station, because a station that has more events and higher scores is no skill.
    """

    stations: tuple[str, ...]
    first_minute: int
    step_minutes: int
    rank: np.ndarray

    @property
    def n_steps(self) -> int:
        return int(self.rank.shape[1])

    @property
    def n_admissible(self) -> np.ndarray:
        """Steps of each station with a score, shape (n_stations,)."""
        n_scored: np.ndarray = np.isfinite(self.rank).sum(axis=1)
        return n_scored

    @property
    def share(self) -> np.ndarray:
        """
        The share of a station's own admissible time with a lower score, ties one half: shape (n_stations, n_steps).

        NaN where no alarm is possible. Alarmed is a cell whose share is at or above the threshold.
        """
        share: np.ndarray = (self.rank - 0.5) / np.maximum(self.n_admissible, 1)[:, None]
        return share

    @property
    def days(self) -> float:
        """Length of the time axis."""
        return self.n_steps * self.step_minutes / MINUTES_PER_DAY


def ranked(series: Sequence[ScoreSeries]) -> Ranked:
    """
    Put score series on one time axis and rank them within each station.

    Raises
    ------
    ValueError
        If there is no series, or their steps differ.
    """
    if not series or len({s.step_minutes for s in series}) != 1:
        raise ValueError("score series must have one step in common")
    step = series[0].step_minutes
    first = min(s.first_minute for s in series)
    last = max(s.first_minute + step * len(s.score) for s in series)
    rank = np.full((len(series), -(-(last - first) // step)), np.nan, dtype=np.float32)
    for row, station_series in zip(rank, series, strict=True):
        score = np.asarray(station_series.score, dtype=np.float64)
        scored = np.flatnonzero(np.isfinite(score))
        row[(station_series.first_minute - first) // step + scored] = measures.midranks(score[scored])
    return Ranked(tuple(s.station for s in series), first, step, rank)


def place(ranks: Ranked, targets: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Where targets lie on the time axis; those outside of it are left out.

    Returns
    -------
    row : ndarray of int, shape (n,)
        The station of each target.
    minute : ndarray of int, shape (n,)
        Minutes from the beginning of the axis.
    cluster : ndarray of int, shape (n,)
        A target that belongs to no cluster (-1) is one of its own, with a negative number.
    """
    row = pd.Index(ranks.stations).get_indexer(pd.Index(targets["station"]))
    minute = epoch_minutes(pd.DatetimeIndex(targets["origin_time"])) - ranks.first_minute
    cluster = targets["cluster"].to_numpy(dtype=np.int64)
    cluster = np.where(cluster < 0, -1 - np.arange(len(cluster)), cluster)
    inside = (row >= 0) & (minute >= 0) & (minute < ranks.n_steps * ranks.step_minutes)
    return row[inside], minute[inside], cluster[inside]


def area_skill(ranks: Ranked, row: np.ndarray, step: np.ndarray) -> np.ndarray:
    """
    The Molchan area skill score of targets at given steps, one number per draw.

    It is the area over the miss curve, 1 - integral of nu d tau (Zechar & Jordan 2008), which is the mean,
    over the targets, of the share of admissible time with a lower score (ties count half): 0.5 without skill.

    Parameters
    ----------
    ranks : Ranked
    row : ndarray of int, shape (n_targets,)
    step : ndarray of int, shape (n_draws, n_targets)
        -1 = this target lies outside.

    Returns
    -------
    ndarray of float, shape (n_draws,)
        NaN where no target lies in admissible time; targets outside of it do not count.
    """
    share = ranks.share
    out = np.empty(len(step))
    size = max(1, CHUNK // max(1, len(row)))
    for first in range(0, len(step), size):
        part = step[first : first + size]
        shares = np.where(part >= 0, share[row, part], np.nan)
        n = np.isfinite(shares).sum(axis=1)
        out[first : first + size] = np.nansum(shares, axis=1, dtype=np.float64) / np.where(n, n, np.nan)
    return out


def auc(ranks: Ranked, row: np.ndarray, step: np.ndarray) -> np.ndarray:
    """
    The AUC of steps that hold a target against steps of the same station that hold none, one number per draw.

    Two targets in one step count once. Pairs of different stations are not compared.

    Parameters and result as for `area_skill`.
    """
    n_admissible = ranks.n_admissible
    out = np.empty(len(step))
    size = max(1, CHUNK // max(1, len(row)))
    for first in range(0, len(step), size):
        part = step[first : first + size]
        wins, pairs = np.zeros(len(part)), np.zeros(len(part))
        for code in np.unique(row):
            sorted_steps = np.sort(part[:, row == code], axis=1)
            their_ranks = np.where(sorted_steps >= 0, ranks.rank[code][sorted_steps], np.nan)
            their_ranks[:, 1:][sorted_steps[:, 1:] == sorted_steps[:, :-1]] = np.nan
            n = np.isfinite(their_ranks).sum(axis=1)
            wins += np.nansum(their_ranks, axis=1) - n * (n + 1) / 2
            pairs += n * (n_admissible[code] - n)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[first : first + size] = wins / pairs
    return out


def table(
    series: Sequence[ScoreSeries],
    targets: pd.DataFrame,
    seed: int = 0,
    n_shifts: int = 999,
    min_shift_days: float = SOLAR_ROTATION_DAYS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Test a frozen score series against moved catalogues.

    Parameters
    ----------
    series : sequence of AlarmSeries
        One per station, out of sample, with one step in common.
    targets : DataFrame
        station, origin_time, cluster; those outside the series' period do not count.
    seed : int
    n_shifts : int
        Draws per test; fewer where the period does not hold as many different shifts.
    min_shift_days : float
        No circular shift is shorter, in either direction: at least 27, and at least a window with its horizon.

    Returns
    -------
    rows : DataFrame
        Columns `COLUMNS`, one row per test and statistic; null_low and null_high hold the middle 95 % of the draws.
        p is NaN where the test is not possible, and the sentence says why.
    draws : DataFrame
        Columns `DRAW_COLUMNS`.
    """
    ranks = ranked(series)
    row, minute, cluster = place(ranks, targets)
    here = (minute // ranks.step_minutes)[None, :]
    rows, draws = [], []
    for test, moved, why_not in (
        (CIRCULAR, *_shifted(ranks, minute, seed, n_shifts, max(min_shift_days, SOLAR_ROTATION_DAYS))),
        (SEASON, *_same_season(ranks, minute, cluster, seed, n_shifts)),
    ):
        for statistic, measure in ((AREA_SKILL, area_skill), (AUC, auc)):
            observed = float(measure(ranks, row, here)[0]) if len(row) else math.nan
            values = measure(ranks, row, moved) if len(row) and not why_not else np.empty(0)
            values = values[np.isfinite(values)]
            reason = why_not or ("" if len(row) else "No target event lies in the judged period: there is no p value.")
            rows.append(judged(test, statistic, observed, values, reason, weight(values) if test == CIRCULAR else 1.0))
            draws.append(pd.DataFrame({"test": test, "statistic": statistic, "value": values}))
    drawn = pd.concat(draws, ignore_index=True)
    drawn["draw"] = drawn.groupby(["test", "statistic"]).cumcount()
    return pd.DataFrame(rows, columns=COLUMNS), drawn[DRAW_COLUMNS]


def p_value(observed: float, null: np.ndarray, own: float = 1.0) -> float:
    """
    (own + draws at or above the observed value) / (own + draws); NaN without draws.

    `own` is how many draws count as one, 1 if they are independent.

    >>> p_value(0.6, np.array([0.5, 0.6, 0.7]))
    0.75
    """
    if not len(null) or not math.isfinite(observed):
        return math.nan
    return float((own + np.count_nonzero(null >= observed - 1e-9)) / (own + len(null)))


def weight(values: np.ndarray) -> float:
    """
    How many neighbouring draws count as one, at least 1.

    A share (`EXCURSION`) of the integral of the autocorrelation, 1 + 2 (rho_1 + rho_2 + ...), up to the
    first rho that is not positive (Sokal 1997, with a truncation as in Geyer 1992).

    >>> weight(np.array([1.0, -1.0, 1.0, -1.0]))
    1.0
    """
    n = len(values)
    centred = values - values.mean() if n else values
    power = float(centred @ centred)
    if n < 3 or not power > 0:
        return float(max(n, 1))
    rho = np.fft.irfft(np.abs(np.fft.rfft(centred, 2 * n)) ** 2)[1:n] / power
    stop = int(np.argmax(rho <= 0)) if (rho <= 0).any() else n - 1
    return float(np.clip(EXCURSION * (1 + 2 * rho[:stop].sum()), 1, n))


def judged(
    test: str, statistic: str, observed: float, null: np.ndarray, why_not: str = "", own: float = 1.0
) -> dict[str, object]:
    """One row of the table, with its sentence; `why_not` takes the place of the p value."""
    p = math.nan if why_not else p_value(observed, null, own)
    if not why_not and not math.isfinite(p):
        why_not = f"The test '{test}' gave no draw with a target in admissible time: there is no p value."
    low, high = np.quantile(null, [0.025, 0.975]).tolist() if len(null) else (math.nan, math.nan)
    sentence = why_not or (
        f"{statistic} {observed:.3f}; {len(null)} draws of the test '{test}' have {np.mean(null):.3f} on average "
        f"and mostly {low:.3f} to {high:.3f}: p = {p:.2g}."
    )
    if not why_not and own >= 1.5:
        n = len(null) / own
        sentence += f" They are worth {n:.0f} unlike ones, so p cannot be below {1 / (1 + n):.2g}."
    return {
        "test": test,
        "statistic": statistic,
        "observed": observed,
        "null_mean": float(np.mean(null)) if len(null) else math.nan,
        "null_low": low,
        "null_high": high,
        "n_null": len(null),
        "p": p,
        "sentence": sentence,
    }


def shifts(ranks: Ranked, seed: int, n: int, min_shift_days: float = SOLAR_ROTATION_DAYS) -> np.ndarray:
    """
    Different circular shifts in steps, in order, each longer than the minimum either way, shape (at most n,).

    One is drawn from each of n equal parts of what is allowed. Empty where nothing is.
    """
    shortest = math.floor(min_shift_days * MINUTES_PER_DAY / ranks.step_minutes) + 1
    n_allowed = max(0, ranks.n_steps - 2 * shortest + 1)
    if n_allowed <= n:
        return shortest + np.arange(n_allowed)
    edges = np.linspace(0, n_allowed, n + 1).astype(np.int64)
    return shortest + np.random.default_rng([seed, 27]).integers(edges[:-1], edges[1:])


def too_short(ranks: Ranked, min_shift_days: float = SOLAR_ROTATION_DAYS) -> str:
    """A sentence if the period cannot hold shifts longer than the minimum, else ""."""
    needed = 3 * min_shift_days
    if ranks.days >= needed:
        return ""
    return (
        f"The judged period is {ranks.days:.0f} days long. Circular shifts longer than {min_shift_days:g} days "
        f"(one turn of the Sun, one window with its horizon) need at least {needed:.0f} days: there is no p value."
    )


def _shifted(ranks: Ranked, minute: np.ndarray, seed: int, n: int, min_shift_days: float) -> tuple[np.ndarray, str]:
    why_not = too_short(ranks, min_shift_days)
    moved = shifts(ranks, seed, n, min_shift_days)
    return (minute // ranks.step_minutes + moved[:, None]) % ranks.n_steps, why_not


def _same_season(ranks: Ranked, minute: np.ndarray, cluster: np.ndarray, seed: int, n: int) -> tuple[np.ndarray, str]:
    n_years = int(ranks.n_steps * ranks.step_minutes // YEAR_MINUTES)
    if n_years < 2:
        return np.empty((0, len(minute)), dtype=np.int64), (
            f"The judged period is {ranks.days:.0f} days long. Dates of the same season in another year need at least "
            "two years: there is no p value."
        )
    random = np.random.default_rng([seed, 365])
    _, number = np.unique(cluster, return_inverse=True)
    k = int(number.max()) + 1 if len(number) else 0
    years = random.integers(1, n_years, size=(n, k))
    jitter = random.uniform(-SEASON_DAYS, SEASON_DAYS, size=(n, k)) * MINUTES_PER_DAY
    moved = minute + (years * YEAR_MINUTES + jitter)[:, number]
    # Modulo whole years keeps the season; what the period has beyond whole years takes no moved target.
    return (moved % (n_years * YEAR_MINUTES) // ranks.step_minutes).astype(np.int64), ""
