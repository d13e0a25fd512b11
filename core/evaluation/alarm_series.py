"""
Score series: what a run says at every moment of the judged period, and the target events to compare it with.

A window's probability speaks of its period of validity. The score at a moment is the largest probability among the
windows whose period of validity contains it. Where fewer than half of those windows could be used there is no score,
and the moment is not admissible: neither an alarm nor a miss can be counted there. (The largest of few is smaller than
the largest of many: else the gaps of the record would set the score.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.loading.record.minute import epoch_minutes

TARGET_COLUMNS = ["station", "event_id", "origin_time", "magnitude", "cluster"]
SCAN_COLUMNS = ["station", "start", "end", "probability", "rejected"]
SEEN = "seen in training"  # why a window of a scan is refused: it shares a minute with a training window


@dataclass(frozen=True)
class AlarmSeries:
    """
    The scores of one station on a regular grid of moments.

    `score[j]` (float64, shape (n,); NaN = not admissible) holds at the minute `first_minute + j * step_minutes`
    (minutes since 1970), and stands for the half-open cell of one step that begins there.
    """

    station: str
    first_minute: int
    step_minutes: int
    score: np.ndarray

    @property
    def admissible(self) -> np.ndarray:
        """True where there is a score, shape (n,)."""
        scored: np.ndarray = ~np.isnan(self.score)
        return scored

    @property
    def admissible_days(self) -> float:
        """How much time can be alarmed at all, in days."""
        return float(self.admissible.sum()) * self.step_minutes / MINUTES_PER_DAY

    def cells(self, origin_times: pd.Series | pd.DatetimeIndex) -> np.ndarray:
        """The cell of each time, shape (n_times,), int; -1 outside the series."""
        cell = (epoch_minutes(pd.DatetimeIndex(origin_times)) - self.first_minute) // self.step_minutes
        return np.where((cell >= 0) & (cell < len(self.score)), cell, -1)


def validity_minutes(config: ExperimentConfig, step_minutes: int) -> tuple[int, int]:
    """
    From a window's end: after how many minutes its period of validity opens, and how many it lasts.

    Sampling `grid`: latency and horizon. Sampling `event_aligned` trains on windows that end just before an event, so
    the period opens after the lead gap and lasts until the next window of the scan takes over, one step.
    """
    if config.windows.sampling == "grid":
        return config.labels.latency_minutes, round(config.labels.horizon_days * MINUTES_PER_DAY)
    return config.windows.lead_gap_minutes, step_minutes


def build(table: pd.DataFrame, config: ExperimentConfig) -> list[AlarmSeries]:
    """
    One series per station from a scan, all on one common grid, so that a shift in time means the same for all.

    Parameters
    ----------
    table : DataFrame
        Columns `SCAN_COLUMNS`: windows whose starts are a whole number of steps apart, the same for all stations.
        A row with a reason in `rejected` has no score. Where a window was refused because it was `SEEN`, no moment
        that it speaks of is admissible: training windows crowd before events, and what is left there is few.
    config : ExperimentConfig

    Returns
    -------
    list of AlarmSeries
        In the order of the station codes.

    Raises
    ------
    ValueError
        If the windows do not lie on a regular grid.
    """
    first, step, newest, seen = _by_newest(table, config)
    reach = -(-validity_minutes(config, step)[1] // step)  # so many windows may speak of one moment
    out = []
    for code, values in newest.items():
        usable = 2 * _trailing_count(~np.isnan(values), reach) >= reach
        score = np.where(usable & (_trailing_count(seen[code], reach) == 0), _trailing_maximum(values, reach), np.nan)
        out.append(AlarmSeries(code, first, step, score))
    return out


def newest(table: pd.DataFrame, config: ExperimentConfig) -> list[AlarmSeries]:
    """
    As `build`, but with the probability of the newest window alone: what a forecast in force would say.

    A moment that only older windows speak of (the newest was rejected) has no score.
    """
    first, step, values, _ = _by_newest(table, config)
    return [AlarmSeries(code, first, step, score) for code, score in values.items()]


def at_targets(series: list[AlarmSeries], targets: pd.DataFrame) -> np.ndarray:
    """
    The score at each target event's origin time, at its own station.

    Returns
    -------
    ndarray of float, shape (n_targets,)
        NaN where the moment is outside the series or not admissible.
    """
    by_station = {station_series.station: station_series for station_series in series}
    out = np.full(len(targets), np.nan)
    code = targets["station"].to_numpy(dtype=object)
    for station in dict.fromkeys(code):
        station_series, here = by_station.get(str(station)), np.flatnonzero(code == station)
        if station_series is not None:
            cell = station_series.cells(targets["origin_time"].iloc[here])
            out[here] = np.where(cell >= 0, station_series.score[cell], np.nan)
    return out


def _by_newest(
    table: pd.DataFrame, config: ExperimentConfig
) -> tuple[int, int, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """
    First minute, step, and per station: the probability of the window whose validity opens at each moment, and if the
    network had seen it.
    """
    end = epoch_minutes(pd.DatetimeIndex(table["end"]))
    differences = np.diff(np.unique(end))
    step = int(np.gcd.reduce(differences)) if len(differences) else config.windows.step
    if len(differences) and step != differences.min():
        raise ValueError("the windows of a scan must lie a whole number of steps apart")
    after, lasts = validity_minutes(config, step)
    first, last = int(end.min()) + after, int(end.max()) + after + lasts
    probability = table["probability"].to_numpy(dtype=np.float64)
    usable = (table["rejected"] == "").to_numpy()
    refused = (table["rejected"] == SEEN).to_numpy()
    out, seen = {}, {}
    for code in sorted(table["station"].unique()):
        here = (table["station"] == code).to_numpy()
        opens = (end + after - first) // step
        values = np.full(-(-(last - first) // step), np.nan)
        values[opens[here & usable]] = probability[here & usable]
        out[str(code)], seen[str(code)] = values, np.zeros(len(values), dtype=bool)
        seen[str(code)][opens[here & refused]] = True
    return first, step, out, seen


def _trailing_count(mask: np.ndarray, reach: int) -> np.ndarray:
    """How many of the last `reach` values, this one included, are true."""
    before = np.concatenate([[0], np.cumsum(mask)])
    here = np.arange(1, len(mask) + 1)
    count: np.ndarray = before[here] - before[np.maximum(here - reach, 0)]
    return count


def _trailing_maximum(values: np.ndarray, reach: int) -> np.ndarray:
    """The largest of the last `reach` values, this one included; NaN where all of them are NaN."""
    padded = np.concatenate([np.full(reach - 1, -np.inf), np.where(np.isnan(values), -np.inf, values)])
    largest = np.lib.stride_tricks.sliding_window_view(padded, reach).max(axis=1)
    return np.where(np.isneginf(largest), np.nan, largest)
