"""Information gain per event: how much better a forecast of rates is than climatology, in nats per target event."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation import alarm_series
from core.evaluation.alarm_series import AlarmSeries

SMALLEST_RATE = 1e-9  # events a day


@dataclass(frozen=True)
class InformationGain:
    """
    How much better a forecast is than climatology, in nats per target event, with its 95 % interval.

    expected, expected_climatology: the events that the two expect in all. n_events_forecast target events count, in
    n_clusters_forecast. t_p, w_p: two-sided, of the T and W tests. NaN: too few events, or clusters.
    """

    expected: float
    expected_climatology: float
    n_events_forecast: int
    n_clusters_forecast: int = 0
    information_gain: float = math.nan
    information_gain_low: float = math.nan
    information_gain_high: float = math.nan
    t_p: float = math.nan
    w_p: float = math.nan


def rates(series: Sequence[AlarmSeries], valid_minutes: int) -> list[AlarmSeries]:
    """
    Rates in events a day from the probability p of at least one event in the period of validity of d days.

    A Poisson process with that p has the rate -ln(1 - p) / d.
    """
    days = valid_minutes / MINUTES_PER_DAY
    return [
        AlarmSeries(
            part.station,
            part.first_minute,
            part.step_minutes,
            np.maximum(-np.log1p(-np.minimum(part.score, 1 - 1e-9)) / days, SMALLEST_RATE),
        )
        for part in series
    ]


def against_climatology(
    forecast: Sequence[AlarmSeries], climatology: dict[str, float], targets: pd.DataFrame
) -> InformationGain:
    """
    The gain of Rhoades et al. (2011), I = (1 / N) sum ln(A_i / B_i) - (A - B) / N, with their T and W tests.

    A_i and B_i are the rates of forecast and climatology at target i, A and B the events they expect in all over the
    moments with a forecast. The interval is Student's, of the sums over clusters of targets (for targets one by
    one it is theirs). W is Wilcoxon's signed-rank test of the same differences, one per cluster.

    Parameters
    ----------
    forecast : sequence of AlarmSeries
        Rates in events a day, see `rates`.
    climatology : dict
        Rate of each station in events a day, from the training period.
    targets : DataFrame
        station, origin_time, cluster; those at moments without a forecast do not count.
    """
    at = alarm_series.at_targets(list(forecast), targets)
    covered = ~np.isnan(at)
    n = int(covered.sum())
    expected = sum(float(np.nansum(part.score)) * part.step_minutes / MINUTES_PER_DAY for part in forecast)
    climate = sum(climatology[part.station] * part.admissible_days for part in forecast)
    untested = InformationGain(expected, climate, n)
    if not n:
        return untested
    of_station = targets.loc[covered, "station"].map(climatology).to_numpy(dtype=np.float64)
    each = np.log(at[covered] / of_station) - (expected - climate) / n
    cluster = targets.loc[covered, "cluster"].to_numpy(dtype=np.int64)
    _, group = np.unique(np.where(cluster < 0, -1 - np.arange(n), cluster), return_inverse=True)
    return _tested(
        replace(untested, information_gain=float(each.mean()), n_clusters_forecast=int(group.max()) + 1), each, group
    )


def _tested(alone: InformationGain, each: np.ndarray, group: np.ndarray) -> InformationGain:
    """With interval and tests, where there are two clusters."""
    from scipy import stats

    k, n, gain = alone.n_clusters_forecast, len(each), alone.information_gain
    if k < 2:
        return alone
    size = np.bincount(group)
    excess = np.bincount(group, weights=each) - size * gain  # of each cluster's sum over what its size gives
    error = math.sqrt(k / (k - 1) * float(excess @ excess)) / n
    half = float(stats.t.ppf(0.975, k - 1)) * error
    by_cluster = np.bincount(group, weights=each) / size
    return replace(
        alone,
        information_gain_low=gain - half,
        information_gain_high=gain + half,
        t_p=float(2 * stats.t.sf(abs(gain) / error, k - 1)) if error > 0 else math.nan,
        w_p=float(stats.wilcoxon(by_cluster).pvalue) if np.any(by_cluster) else math.nan,
    )
