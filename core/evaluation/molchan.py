"""
The temporal Molchan diagram: how many targets are missed when so much time is alarmed.

An alarm is on where the score is at or above a threshold. tau is the alarmed share of admissible time, nu the share of
targets that come without an alarm; guessing gives nu = 1 - tau (Molchan 1991; Zechar & Jordan 2008, 2010). Stations are
taken together, each at the same share of its own time: that a station has more events and higher scores is no skill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation import alarm_series, bootstrap, significance
from core.evaluation.alarm_series import AlarmSeries

COLUMNS = ["threshold", "tau", "nu", "hits", "exact_low", "exact_high", "shift_low", "shift_high"]
TAU_STEPS = 100
CHUNK = 4_000_000  # numbers of a temporary array


def per_target(series: Sequence[AlarmSeries], targets: pd.DataFrame) -> pd.DataFrame:
    """
    The targets with what was said at their time.

    Returns
    -------
    DataFrame
        The columns of the targets and score (the probability in force), share (of the station's admissible time with
        a lower score, ties one half; a target at 0.95 is hit by alarms over 5 % of the time), admissible.
    """
    score = alarm_series.at_targets(list(series), targets)
    ranks = significance.ranked(series)
    share = ranks.share
    value = np.full(len(targets), np.nan)
    row = pd.Index(ranks.stations).get_indexer(pd.Index(targets["station"]))
    by_station = {station_series.station: station_series for station_series in series}
    for i, code in enumerate(ranks.stations):
        here = np.flatnonzero(row == i)
        offset = (by_station[code].first_minute - ranks.first_minute) // ranks.step_minutes
        cell = by_station[code].cells(targets["origin_time"].iloc[here])
        value[here] = np.where(cell >= 0, share[i][cell + offset], np.nan)
    return targets.assign(score=score, share=value, admissible=~np.isnan(score))


def curve(
    series: Sequence[AlarmSeries],
    targets: pd.DataFrame,
    seed: int = 0,
    n_shifts: int = 999,
    min_shift_days: float = significance.SOLAR_ROTATION_DAYS,
) -> pd.DataFrame:
    """
    The diagram: one row per threshold, from no alarm to alarm always, with both 95 % bands of guessing.

    Parameters
    ----------
    series : sequence of AlarmSeries
    targets : DataFrame
        station, origin_time, cluster; those outside of admissible time do not count.
    seed, n_shifts, min_shift_days
        Of the circular shifts of the catalogue; see `significance.shifts`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. threshold: on the share of the station's own time with a lower score. exact: nu of
        independent targets, hits binomial with tau (Zechar & Jordan 2008). shift: nu of the shifted catalogue, which
        keeps its clusters; NaN where the period is too short to shift. Empty without a target in admissible time.
    """
    from scipy.stats import binom

    ranks = significance.ranked(series)
    share = ranks.share
    row, minute, _ = significance.place(ranks, targets)
    step = minute // ranks.step_minutes
    at_targets = share[row, step]
    at_targets = np.sort(at_targets[np.isfinite(at_targets)])
    if not len(at_targets):
        return pd.DataFrame(columns=COLUMNS, dtype=np.float64)
    cells = np.sort(share[np.isfinite(share)])
    threshold = np.unique(np.concatenate([[0.0], np.arange(1, TAU_STEPS) / TAU_STEPS, at_targets, [np.inf]]))[::-1]
    n, n_cells = len(at_targets), len(cells)
    tau = 1 - np.searchsorted(cells, threshold, "left") / n_cells
    missed = np.searchsorted(at_targets, threshold, "left")
    moved = significance.shifts(ranks, seed, n_shifts, min_shift_days)
    moved = moved[:0] if significance.too_short(ranks, min_shift_days) else moved
    drawn = _nu_of_shifts(share, row, step, moved, threshold)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0) if len(drawn) else np.full((2, len(threshold)), np.nan)
    return pd.DataFrame(
        {
            "threshold": threshold,
            "tau": tau,
            "nu": missed / n,
            "hits": n - missed,
            "exact_low": 1 - binom.ppf(0.975, n, tau) / n,
            "exact_high": 1 - binom.ppf(0.025, n, tau) / n,
            "shift_low": low,
            "shift_high": high,
        }
    )


@dataclass(frozen=True)
class Area:
    """
    The area skill score 1 - integral of nu d tau, 0.5 without skill, with its 95 % interval; NaN: too few clusters.

    It is of n_events in admissible time, in n_clusters; n_events_outside do not count.
    """

    ass: float
    ass_low: float
    ass_high: float
    n_events: int
    n_events_outside: int
    n_clusters: int


@dataclass(frozen=True)
class OperatingPoint:
    """
    Alarms at one threshold: tau is the share of time alarmed, nu that of events missed, hits those that were not.

    gain is (1 - nu) / tau, loss tau + nu. exact_p: the probability that guessing over the same tau hits as many or
    more, the sum of the binomial C(N, i) tau^i (1 - tau)^(N - i) from i = hits (Molchan 1991), for independent targets.
    NaN: no events, or no time.
    """

    tau: float
    nu: float
    hits: int
    gain: float
    loss: float
    exact_p: float


def area(scored: pd.DataFrame, n_bootstrap: int = 1000, seed: int = 0) -> Area:
    """
    The area skill score 1 - integral of nu d tau, 0.5 without skill, from the table of `per_target`.

    It is the mean share of the targets in admissible time. The interval draws clusters of targets.
    """
    inside = scored[scored["admissible"]]
    cluster = inside["cluster"].to_numpy(dtype=np.int64)
    cluster = np.where(cluster < 0, -1 - np.arange(len(cluster)), cluster)
    _, group = np.unique(cluster, return_inverse=True)
    n_clusters = int(group.max()) + 1 if len(group) else 0
    low = high = float("nan")
    if n_clusters >= 2:
        taken = bootstrap.draws(n_clusters, n_bootstrap, seed)
        low, high = bootstrap.interval(bootstrap.mean_draws(inside["share"], group, taken), n_clusters)
    return Area(
        ass=float(inside["share"].mean()) if len(inside) else float("nan"),
        ass_low=low,
        ass_high=high,
        n_events=len(inside),
        n_events_outside=len(scored) - len(inside),
        n_clusters=n_clusters,
    )


def operating_point(series: Sequence[AlarmSeries], scored: pd.DataFrame, threshold: float) -> OperatingPoint:
    """What a probability at or above `threshold` gives as an alarm; `scored` is the table of `per_target`."""
    from scipy.stats import binom

    score = np.concatenate([part.score[part.admissible] for part in series]) if len(series) else np.empty(0)
    at_target = scored.loc[scored["admissible"], "score"].to_numpy(dtype=np.float64)
    nan = float("nan")
    tau = float((score >= threshold).mean()) if len(score) else nan
    hits, n = int((at_target >= threshold).sum()), len(at_target)
    nu = 1 - hits / n if n else nan
    return OperatingPoint(
        tau=tau,
        nu=nu,
        hits=hits,
        gain=(1 - nu) / tau if tau > 0 else nan,
        loss=tau + nu,
        exact_p=float(binom.sf(hits - 1, n, tau)) if n else nan,
    )


def _nu_of_shifts(
    share: np.ndarray, row: np.ndarray, step: np.ndarray, shifts: np.ndarray, threshold: np.ndarray
) -> np.ndarray:
    """nu at each threshold (falling) for each circular shift in steps, shape (n_shifts, n_thresholds)."""
    rising, k = threshold[::-1], len(threshold)
    out = np.full((len(shifts), k), np.nan)
    size = max(1, CHUNK // max(len(row), k + 1))
    for first in range(0, len(shifts), size):
        moved = (step[None, :] + shifts[first : first + size, None]) % share.shape[1]
        shares = share[row[None, :], moved]
        inside = np.isfinite(shares)
        below = np.searchsorted(rising, shares[inside], "right")  # so many thresholds are at or below it
        draw = np.nonzero(inside)[0]
        counted = np.bincount(draw * (k + 1) + below, minlength=len(shares) * (k + 1)).reshape(len(shares), k + 1)
        missed = np.cumsum(counted, axis=1)[:, :k]
        with np.errstate(invalid="ignore", divide="ignore"):
            out[first : first + size] = (missed / inside.sum(axis=1, keepdims=True))[:, ::-1]
    return out
