"""
Does the clock of a station run with those of others: the lag of what they feel together, month by month.

Disturbances of the field from outside the Earth are felt over a continent within a minute. So the changes of X from
minute to minute are correlated with those at another observatory, at every lag. Their mean over an hour is taken off,
which leaves nothing of the daily variation (that one follows local time), and what lies beyond the 99th percentile of
the month is cut to it: so disturbed hours carry the result, and no single spike or step does. What counts as related
is a correlation that stands out of those at lags that no clock error of interest has (the null), and is not small:
observatories far from each other feel the same substorms minutes apart.

Seen are errors of more than a minute and up to 26 hours that last for most of a month. Two clocks that are wrong in
the same way agree; of two that disagree, with no third, it cannot be said which is wrong.

One month that is off is taken for an error of a clock and not for chance: of 2,880 months of three stations with right
clocks in 40 made-up worlds none was off (exact 95 %: up to 0.13 %), nor was one of 1,500 months of two places whose
fields have between none and half in common, with disturbances that come some minutes later at one of them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import numpy as np
import pandas as pd

from core import stations
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord, epoch_minutes
from core.loading.record.source import Source


class ClockKind(enum.StrEnum):
    """What the record of a month says of the station's clock."""

    RIGHT = "right"  # another observatory feels the same at the same minute
    OFF = "off"  # the one most alike feels the same at another time
    UNCLEAR = "unclear"  # no other observatory feels enough of the same
    NOT_CHECKED = "not checked"  # no other observatory, or too few minutes in common


COLUMNS = ("month", "lag_minutes", "correlation", "null_bound", "kind", "against")

LARGEST_RIGHT_MINUTES = 1
SEARCHED_MINUTES = 26 * 60  # time zones, summer time, a day too many
SMALLEST_CORRELATION = 0.3  # below it lies what observatories on different continents share, at odd lags
NULL_DEVIATIONS = 6.0  # robust against the number of lags that are tried
FEWEST_COMMON_MINUTES = 20 * 60
MOST_OTHERS = 6  # the nearest ones

_HALF_HOUR = 30
_CUT_QUANTILE = 0.99
_SEARCHED_SHARE = 8  # of a short stretch, one part in so many is searched, to either side; the rest is the null


def station_clock(
    source: Source, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None
) -> pd.DataFrame:
    """
    Compare the clock of a station with those of the others of a source, month by month (UTC).

    Parameters
    ----------
    source : Source
    station : str
    start, end : Timestamp, UTC, optional
        The period [start, end); by default all of the station's.

    Returns
    -------
    DataFrame
        One row a month in which the station has a value, with `COLUMNS`: month (its first minute), lag_minutes
        (positive: the station's times are late), correlation (at that lag), null_bound (which it has to exceed), kind
        (`ClockKind`), against (the code of the other). Of several others it is one that agrees, if any does, else the
        one most alike. Where nothing was compared, numbers are NaN and `against` is "".

    Raises
    ------
    InputError
        As `Source.minute`, for a station that has data.
    """
    period = source.period(station)
    if period is None:
        return _table([])
    start, end = max(start or period[0], period[0]), min(end or period[1], period[1])
    rows: list[tuple[object, ...]] = []
    others = _nearest(station, [code for code in source.stations() if code != station])
    for first, last in minute.years(start, end) if start < end else []:
        record = source.minute(station, first, last)
        beside = {
            code: _changes(source.minute(code, first, last)) for code in others if _covers(source, code, first, last)
        }
        rows += _months(record, beside)
    return _table(rows)


def compare(changes: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """
    The lag at which the changes of one place are most like those of another.

    Parameters
    ----------
    changes, others : ndarray, shape (n_minutes,), nT per minute
        Of the same minutes, NaN where one is missing.

    Returns
    -------
    lag, correlation, bound : float
        Lag in minutes, positive if the first is late; the largest correlation; and the bound of the null: the largest
        at lags beyond those searched, or `NULL_DEVIATIONS` times their deviation. NaN where too little is in common.
    """
    both = np.isfinite(changes) & np.isfinite(others)
    if both.sum() < FEWEST_COMMON_MINUTES:
        return np.nan, np.nan, np.nan
    ends = np.flatnonzero(both)[[0, -1]]
    span = slice(int(ends[0]), int(ends[1]) + 1)
    here, there = (_cut(np.where(both, values, 0.0)[span]) for values in (changes, others))
    size = float(np.sqrt((here * here).sum() * (there * there).sum()))
    if size == 0.0:
        return np.nan, np.nan, np.nan
    n = len(here)
    by_lag = np.fft.irfft(np.fft.rfft(here) * np.conj(np.fft.rfft(there)), n) / size
    searched = min(SEARCHED_MINUTES, n // _SEARCHED_SHARE)
    near = np.concatenate([by_lag[-searched:], by_lag[: searched + 1]])
    null = by_lag[searched + 1 : n - searched]
    lag = int(near.argmax()) - searched
    return float(lag), float(near.max()), float(max(null.max(), NULL_DEVIATIONS * null.std()))


def sentence(station: str, months: pd.DataFrame) -> str:
    """What a table of `station_clock` says, in a sentence."""
    kinds = months["kind"].value_counts()
    n_right, n_off = int(kinds.get(ClockKind.RIGHT, 0)), int(kinds.get(ClockKind.OFF, 0))
    n_compared = n_right + n_off
    if not n_compared:
        why = (
            "no other observatory has enough of the same"
            if kinds.get(ClockKind.UNCLEAR, 0)
            else ("no other observatory has minutes of the same time")
        )
        return f"Clock: not checked, {why}."
    runs = off(months)
    if runs.empty:
        return f"Clock: it agrees with that of another observatory in {n_right} of {len(months)} months{_rest(months)}."
    said = "; ".join(f"{row['note']}, {_span(row['start'], row['end'])}" for _, row in runs.iterrows())
    return f"The clock of {station} seems {said}{_rest(months)}."


def off(months: pd.DataFrame) -> pd.DataFrame:
    """
    The stretches of months in which the clock seems off, from a table of `station_clock`.

    Returns
    -------
    DataFrame
        start, end (half-open, UTC), lag_minutes, note ("60 min late against IZN"): one row for months that follow each
        other with the same lag.
    """
    rows = months[months["kind"] == ClockKind.OFF]
    number = rows["month"].dt.year * 12 + rows["month"].dt.month
    lag = rows["lag_minutes"]
    new = (
        (number.diff() != 1) | (lag.diff().abs() > LARGEST_RIGHT_MINUTES) | (rows["against"] != rows["against"].shift())
    )
    found = []
    for _, run in rows.groupby(new.cumsum()):
        middle = round(float(run["lag_minutes"].median()))
        word = "late" if middle > 0 else "early"
        end = run["month"].iloc[-1] + pd.DateOffset(months=1)
        found.append((run["month"].iloc[0], end, middle, f"{abs(middle)} min {word} against {run['against'].iloc[0]}"))
    table = pd.DataFrame(found, columns=["start", "end", "lag_minutes", "note"])
    return table.astype({"start": rows["month"].dtype, "end": rows["month"].dtype, "note": "str"})


def _rest(months: pd.DataFrame) -> str:
    n_unclear = int(months["kind"].isin([ClockKind.UNCLEAR, ClockKind.NOT_CHECKED]).sum())
    return f"; {n_unclear} could not be checked" if n_unclear else ""


def _span(start: pd.Timestamp, end: pd.Timestamp) -> str:
    last = end - pd.Timedelta(minutes=1)
    return (
        f"in {start:%Y-%m}"
        if (start.year, start.month) == (last.year, last.month)
        else f"{start:%Y-%m} to {last:%Y-%m}"
    )


def _months(record: MinuteRecord, beside: Mapping[str, np.ndarray]) -> list[tuple[object, ...]]:
    """The rows of `station_clock` for a record, with the changes of the others on the same minutes."""
    changes = _changes(record)
    rows: list[tuple[object, ...]] = []
    present = record.field.notna().any(axis=1).to_numpy()
    first = int(epoch_minutes(pd.DatetimeIndex(record.field.index[:1]))[0])
    for month, part in minute.months(first, len(changes)):
        if present[part].any():
            pairs = {code: compare(changes[part], others[part]) for code, others in beside.items()}
            rows.append((month, *_judged({code: pair for code, pair in pairs.items() if np.isfinite(pair[0])})))
    return rows


def _judged(pairs: Mapping[str, tuple[float, float, float]]) -> tuple[float, float, float, str, str]:
    """Lag, correlation, bound, kind and the other, of those that could be compared."""
    if not pairs:
        return np.nan, np.nan, np.nan, ClockKind.NOT_CHECKED, ""
    by_likeness = sorted(pairs, key=lambda code: -pairs[code][1])
    related = [code for code in by_likeness if pairs[code][1] > max(pairs[code][2], SMALLEST_CORRELATION)]
    agreeing = [code for code in related if abs(pairs[code][0]) <= LARGEST_RIGHT_MINUTES]
    if agreeing:
        return *pairs[agreeing[0]], ClockKind.RIGHT, agreeing[0]
    kind = ClockKind.OFF if related else ClockKind.UNCLEAR
    chosen = (related or by_likeness)[0]
    return *pairs[chosen], kind, chosen


def _changes(record: MinuteRecord) -> np.ndarray:
    """The change of X to each minute, less its mean over an hour around, nT per minute; NaN where one is missing."""
    x = record.field["X"].to_numpy()
    changes = np.diff(x, prepend=np.nan)
    known = np.isfinite(changes)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, changes, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    rows = np.arange(len(changes))
    low, high = np.maximum(rows - _HALF_HOUR, 0), np.minimum(rows + _HALF_HOUR + 1, len(changes))
    mean = (total[high] - total[low]) / np.maximum(count[high] - count[low], 1)
    less: np.ndarray = changes - mean
    return less


def _cut(values: np.ndarray) -> np.ndarray:
    """Values beyond a quantile of those that are not 0, cut to it."""
    sizes = np.abs(values[values != 0.0])
    limit = float(np.quantile(sizes, _CUT_QUANTILE)) if len(sizes) else 0.0
    within: np.ndarray = np.clip(values, -limit, limit)
    return within


def _nearest(station: str, codes: list[str]) -> list[str]:
    """The nearest of the others, at most `MOST_OTHERS`; those whose place is unknown come last."""
    known = stations.table()
    here = known.get(station)

    def distance(code: str) -> float:
        other = known.get(code)
        if here is None or other is None:
            return np.inf
        return float(stations.distance_km([other.latitude_deg], [other.longitude_deg], here)[0])

    return sorted(codes, key=lambda code: (distance(code), code))[:MOST_OTHERS]


def _covers(source: Source, code: str, first: pd.Timestamp, last: pd.Timestamp) -> bool:
    period = source.period(code)
    return period is not None and period[0] < last and period[1] > first


def _table(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = {name: "float64" for name in ("lag_minutes", "correlation", "null_bound")}
    return table.astype({**numbers, "kind": "str", "against": "str", "month": "datetime64[us, UTC]"})
