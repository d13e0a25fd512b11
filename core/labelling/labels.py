"""Labels: 1 if a target event follows the window, 0 if it is known that none does, -1 if unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core import clock
from core.clock import MINUTE_US
from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.labelling import windows
from core.loading.record.source import Period

DAY = MINUTES_PER_DAY * MINUTE_US


def events_ahead(
    valid_from: pd.DatetimeIndex, origin_times: pd.DatetimeIndex, horizon_days: float
) -> tuple[np.ndarray, np.ndarray]:
    """
    Find the first target event in each window's period of validity.

    The period is half-open: an event at the opening instant counts, one at
    the closing instant does not.

    Parameters
    ----------
    valid_from : DatetimeIndex, shape (n_windows,), UTC
    origin_times : DatetimeIndex, shape (n_events,), UTC, sorted
    horizon_days : float
        How long a forecast is valid, in days; positive.

    Returns
    -------
    position : ndarray of int, shape (n_windows,)
        Index into `origin_times`, or -1 where no event follows.
    lead_days : ndarray of float, shape (n_windows,)
        Days from `valid_from` to that event; NaN where there is none.

    Raises
    ------
    ValueError
        If `origin_times` is not sorted or a time has no zone.

    Examples
    --------
    >>> opens = pd.DatetimeIndex(["2016-01-01", "2016-01-03"], tz="UTC")
    >>> position, lead_days = events_ahead(opens, pd.DatetimeIndex(["2016-01-01 12:00"], tz="UTC"), 1.0)
    >>> position.tolist(), lead_days.tolist()
    ([0, -1], [0.5, nan])
    """
    if valid_from.tz is None or origin_times.tz is None:
        raise ValueError("times must have a zone")
    if not origin_times.is_monotonic_increasing:
        raise ValueError("origin times must be sorted")
    opens, origins = windows.microseconds(valid_from), windows.microseconds(origin_times)
    position = np.searchsorted(origins, opens, side="left")
    ahead = np.concatenate([origins, [np.iinfo(np.int64).max]])[position]
    found = ahead < opens + _horizon(horizon_days)
    return np.where(found, position, -1), np.where(found, (ahead - opens) / DAY, np.nan)


def assign(table: pd.DataFrame, targets: pd.DataFrame, coverage: Period, config: ExperimentConfig) -> pd.DataFrame:
    """
    Give each candidate window of one station its label, its event and its footprint.

    The footprint is all that a window has seen and all that its label depends on:

    * grid: [start, end + latency + horizon).
    * event window: [start, end + lead gap), which ends after the minute of the origin time.
    * quiet window: [start - margin, end + the larger of margin and length + lead gap), since an event
      anywhere there would have made it useless. An event window that reaches into
      a quiet one would put the same minutes under both labels, hence the length.

    Parameters
    ----------
    table : DataFrame
        From `windows.cut`.
    targets : DataFrame
        The target events of this station, sorted by time.
    coverage : (start, end)
        The period of the catalogue. A window of the grid whose period of validity leaves it is rejected: without
        an event it is unknown, not quiet; with one its label is certain, but to keep only those would
        make every window near the catalogue's end positive, and the date would tell the label.
    config : ExperimentConfig

    Returns
    -------
    DataFrame
        With label, event_id, lead_days (window end to origin time), magnitude, footprint, and the
        reasons "outside the catalogue's period" and "overlaps an event".
    """
    if config.windows.sampling == "grid":
        return _grid(table, targets, coverage, config)
    return _event_aligned(table, targets, coverage, config)


def exclude_dependants(table: pd.DataFrame, dependants: pd.DataFrame, config: ExperimentConfig) -> pd.DataFrame:
    """
    Reject negatives that claim quiet where an aftershock or foreshock of the station is.

    Where declustering takes mainshocks only, the other events are no targets, but neither is it quiet around them.
    Grid: such an event in the period of validity. Quiet windows: anywhere where a target event would have made them
    useless (see `assign`).

    Parameters
    ----------
    table : DataFrame
        Labelled windows of one station.
    dependants : DataFrame
        The events of this station that would be targets if they were mainshocks, sorted by time.
    config : ExperimentConfig
    """
    origins = windows.microseconds(dependants["origin_time"])
    if config.windows.sampling == "grid":
        opens = windows.microseconds(table["end"]) + config.labels.latency_minutes * MINUTE_US
        closes = opens + _horizon(config.labels.horizon_days)
    else:
        opens, closes = (windows.microseconds(table[name]) for name in ("footprint_start", "footprint_end"))
    quiet = (table["label"] == windows.NEGATIVE).to_numpy()
    return windows.reject(table, quiet & _touches(origins, opens, closes), windows.NEAR_DEPENDANT)


def quiet_reach_minutes(config: ExperimentConfig) -> int:
    """event_aligned: how far after the end of a quiet window there is no target event; see `assign`."""
    margin = round(config.labels.quiet_margin_days * MINUTES_PER_DAY)
    return max(margin, config.windows.length_minutes + config.windows.lead_gap_minutes)


def period_of_validity(window_end: pd.Timestamp, config: ExperimentConfig) -> tuple[pd.Timestamp, pd.Timestamp]:
    """
    The period [opens, closes) that the label of a window speaks of: 1 = a target event comes in it, 0 = none does.

    Sampling `grid`: latency and horizon. Sampling `event_aligned`: the time after the window in which an event is
    known not to follow a quiet one; the horizon plays no part there.
    """
    if config.windows.sampling == "grid":
        opens = window_end + pd.Timedelta(minutes=config.labels.latency_minutes)
        return opens, opens + pd.Timedelta(microseconds=_horizon(config.labels.horizon_days))
    return window_end, window_end + pd.Timedelta(minutes=quiet_reach_minutes(config))


def earlier_events(table: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """
    Which windows have a target event of their own station inside [start, end), shape (n_windows,), bool.

    A positive window of this kind has seen an earlier earthquake: often its event is an aftershock.
    """
    inside = np.zeros(len(table), dtype=bool)
    for station, targets in events[events["target"]].groupby("station"):
        origins = windows.microseconds(targets["origin_time"])
        here = (table["station"] == station).to_numpy()
        start, end = (windows.microseconds(table.loc[here, name]) for name in ("start", "end"))
        inside[here] = np.searchsorted(origins, start, "left") < np.searchsorted(origins, end, "left")
    return inside


def _grid(table: pd.DataFrame, targets: pd.DataFrame, coverage: Period, config: ExperimentConfig) -> pd.DataFrame:
    latency = config.labels.latency_minutes
    valid_from = pd.DatetimeIndex(table["end"]) + pd.Timedelta(minutes=latency)
    origins = pd.DatetimeIndex(targets["origin_time"])
    position, lead_days = events_ahead(valid_from, origins, config.labels.horizon_days)
    opens = windows.microseconds(valid_from)
    closes = opens + _horizon(config.labels.horizon_days)
    covered = (opens >= _microsecond(coverage[0])) & (closes <= _microsecond(coverage[1]))
    positive = position >= 0
    label = np.where(positive, windows.POSITIVE, np.where(covered, windows.NEGATIVE, windows.UNKNOWN))
    table = table.assign(
        label=label.astype(np.int8),
        event_id=_take(targets["event_id"], position, ""),
        lead_days=lead_days + latency / MINUTES_PER_DAY,
        magnitude=_take(targets["magnitude"], position, np.nan),
        footprint_start=table["start"],
        footprint_end=clock.of_microseconds(closes),
    )
    return windows.reject(table, ~covered, windows.OUTSIDE_CATALOGUE)


def _event_aligned(
    table: pd.DataFrame, targets: pd.DataFrame, coverage: Period, config: ExperimentConfig
) -> pd.DataFrame:
    length, lead_gap = config.windows.length_minutes, config.windows.lead_gap_minutes
    margin = round(config.labels.quiet_margin_days * MINUTES_PER_DAY) * MINUTE_US
    start, end = windows.microseconds(table["start"]), windows.microseconds(table["end"])
    origins = windows.microseconds(targets["origin_time"])
    quiet = (table["label"] == windows.NEGATIVE).to_numpy()

    position = np.where(quiet, -1, pd.Index(targets["event_id"]).get_indexer(table["event_id"].to_numpy(dtype=object)))
    lead_days = np.full(len(table), np.nan)
    lead_days[~quiet] = (origins[position[~quiet]] - end[~quiet]) / DAY

    reach = quiet_reach_minutes(config) * MINUTE_US
    depends_from, depends_to = start - margin, end + reach  # no event may lie in [from, to) for a quiet window
    near = _touches(origins, start - margin, end + margin)
    event_end = windows.event_window_ends(targets["origin_time"], lead_gap) * MINUTE_US  # sorted, as the origins are
    shares_minutes = _touches(event_end - length * MINUTE_US, start - length * MINUTE_US + 1, end)
    unknown = (depends_from < _microsecond(coverage[0])) | (depends_to > _microsecond(coverage[1]))

    table = table.assign(
        lead_days=lead_days,
        magnitude=_take(targets["magnitude"], position, np.nan),
        label=np.where(quiet & unknown & ~near & ~shares_minutes, windows.UNKNOWN, table["label"]).astype(np.int8),
        footprint_start=clock.of_microseconds(np.where(quiet, depends_from, start)),
        footprint_end=clock.of_microseconds(np.where(quiet, depends_to, end + lead_gap * MINUTE_US)),
    )
    table = windows.reject(table, (table["label"] == windows.UNKNOWN).to_numpy(), windows.OUTSIDE_CATALOGUE)
    return windows.reject(table, quiet & (near | shares_minutes), windows.OVERLAPS_EVENT)


def _touches(points: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """True where one of the sorted `points` lies in [first, last)."""
    return np.searchsorted(points, first, side="left") < np.searchsorted(points, last, side="left")


def _take(
    column: pd.Series, position: np.ndarray, default: str | float
) -> pd.api.extensions.ExtensionArray | np.ndarray:
    """Values of a column by position, `default` where the position is -1."""
    if isinstance(default, str):
        values = np.append(column.to_numpy(dtype=object), default)
        texts: pd.api.extensions.ExtensionArray = pd.array(values[position], dtype="str")
        return texts
    numbers: np.ndarray = np.append(column.to_numpy(dtype=float), default)[position]
    return numbers


def _horizon(days: float) -> int:
    if not days > 0:
        raise ValueError("the horizon must be positive")
    return round(days * MINUTES_PER_DAY) * MINUTE_US


def _microsecond(time: pd.Timestamp) -> int:
    return int(windows.microseconds(pd.DatetimeIndex([time]))[0])
