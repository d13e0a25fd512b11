"""
Is a record sound: spikes, steps, a scalar instrument that disagrees, stuck readings, hours that occur twice, the clock.

Everything here looks and says; no value is changed. `findings` lists what was
found, `flags` lays it on the minutes, `summary` counts it by month.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from core import clock
from core.loading.record import copied_hours, frame, frame_check, minute, spikes, station_clock, steps
from core.loading.record.copied_hours import Copies
from core.loading.record.frame_check import median
from core.loading.record.minute import COLUMNS, COMPONENTS, MinuteRecord, epoch_minutes
from core.loading.record.source import Source

KINDS = ("spike", "step", "delta_f_out", "constant", "duplicate")
WORDS = {
    "spike": ("spike", "spikes"),
    "step": ("step", "steps"),
    "delta_f_out": ("minute with deltaF off", "minutes with deltaF off"),
    "constant": ("minute without change", "minutes without change"),
    "duplicate": ("minute that occurs twice", "minutes that occur twice"),
}
COLUMNS_OF_FINDINGS = ("kind", "start", "end", "n_minutes", "component", "size_nt", "note")
DELTA_F = "F − |B|"
CLOCK = "clock"  # the kind of a finding about whole months; the others are about minutes
CLOCK_COLUMNS = {name: f"{CLOCK}_{name}" for name in station_clock.COLUMNS} | {"month": "month", "kind": CLOCK}

SMALLEST_NT = 1.0  # a spike or step in a component; the noise of minute means is a tenth of it
SMALLEST_DELTA_F_NT = 0.5
DELTA_F_LIMIT_NT = 1.0
DELTA_F_RATIO = 8.0  # times the robust standard deviation of the month
SIGMA = 1.4826  # of a normal distribution, by its median absolute deviation

_RESOLUTIONS = 3.0  # so many of the smallest step of an instrument are nothing yet
_LEVEL_MINUTES = 5
_SEEN_BY_BOTH = 0.3  # of a change in |B|, at most so much may be missing in F, if it was the field that changed
_SHORTEST_CONSTANT, _LONGEST_CONSTANT = 30, 1440


def delta_f(field: pd.DataFrame) -> np.ndarray:
    """
    F - |B|: what the scalar instrument says less the length of the vector, nT, shape (n,).

    NaN where one of the two is missing, and throughout if the vector has no baseline.
    """
    x, y, z, f = (field[name].to_numpy() for name in COLUMNS)
    length = np.sqrt(x * x + y * y + z * z)
    known = length[np.isfinite(length)]
    if not len(known) or np.median(known) < frame.SMALLEST_TOTAL_NT:
        return np.full(len(field), np.nan)
    difference: np.ndarray = f - length
    return difference


def independent(field: pd.DataFrame, difference: np.ndarray) -> bool:
    """
    Whether F comes from an instrument of its own: its difference to |B| is more than what rounding makes.

    A file whose F was computed from X, Y and Z says nothing about them.
    """
    known = difference[np.isfinite(difference)]
    if not len(known):
        return False
    vector = [resolution(field[name].to_numpy()) for name in COMPONENTS]
    rounding = 0.5 * resolution(field["F"].to_numpy()) + 0.5 * math.sqrt(sum(one * one for one in vector))
    return bool(np.percentile(np.abs(known - np.median(known)), 99.9) > rounding)


def resolution(values: np.ndarray) -> float:
    """The smallest change from one reading to the next, nT; 0 if there is none."""
    changes = np.abs(np.diff(values[np.isfinite(values)]))
    changes = changes[changes > 1e-6]
    return float(changes.min()) if len(changes) else 0.0


def findings(record: MinuteRecord, copies: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    Everything that looks unsound in a record.

    Spikes (`spikes.find`) and steps (`steps.find`) are looked for in X, Y, Z and in F - |B|. Where F is an instrument
    of its own and changes with the vector, it was the field that changed, and nothing is reported: that is how a
    sudden commencement is told from a fault. Without such an F a strong commencement can pass for a step.
    "delta_f_out": F - |B| is off the median of its month by more than `DELTA_F_LIMIT_NT` and `DELTA_F_RATIO` robust
    standard deviations. "constant": a component repeats one value for longer than its resolution explains.
    "duplicate": a run of hours whose values, X, Y and Z, are those of other hours, or an altered copy of them.

    Parameters
    ----------
    record : MinuteRecord
    copies : DataFrame, optional
        The hours of a whole archive that stand twice (`copied_hours.runs`); by default only those within the record.

    Returns
    -------
    DataFrame
        kind (one of `KINDS`), start, end (half-open, UTC), n_minutes, component, size_nt (signed; NaN where there is
        none), note (of a duplicate, where else it stands), sorted by start.
    """
    field = record.field
    first = _first_minute(field)
    difference = delta_f(field)
    veto = _Veto(field, difference) if independent(field, difference) else None
    parts = []
    for name in COLUMNS[:3]:
        parts += _of_component(field[name].to_numpy(), name, first, SMALLEST_NT, veto)
    parts += _of_component(difference, DELTA_F, first, SMALLEST_DELTA_F_NT, None)
    parts += _delta_f_out(difference, first)
    for name in COLUMNS:
        parts += _constant(field[name].to_numpy(), name, first)
    copies = copied_hours.runs([copied_hours.of_record(record)]) if copies is None else copies
    parts += _duplicates(copied_hours.of_station(copies, record.station), first, len(field))
    table = pd.DataFrame(parts, columns=list(Part._fields))
    table = table.sort_values(["first", "kind"], kind="stable", ignore_index=True)
    start = clock.of_minutes(table["first"].to_numpy(dtype=np.int64))
    end = clock.of_minutes((table["first"] + table["n_minutes"]).to_numpy(dtype=np.int64))
    table = table.assign(start=start, end=end, size_nt=table["size_nt"].astype(float))
    return table.astype({"n_minutes": "int64"})[list(COLUMNS_OF_FINDINGS)]


def flags(record: MinuteRecord, found: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    One boolean column per kind of finding, on the minutes of the record; its values stay as they are.

    Parameters
    ----------
    record : MinuteRecord
    found : DataFrame, optional
        Its `findings`, if they are known already.
    """
    found = findings(record) if found is None else found
    index = record.field.index
    first = _first_minute(record.field)
    found = found[found["kind"].isin(KINDS)]
    columns = {kind: np.zeros(len(index), dtype=bool) for kind in KINDS}
    starts, lengths = epoch_minutes(pd.DatetimeIndex(found["start"])) - first, found["n_minutes"].to_numpy()
    for kind, at, length in zip(found["kind"], starts.tolist(), lengths.tolist(), strict=True):
        columns[kind][at : at + length] = True
    return pd.DataFrame(columns, index=index)


def summary(record: MinuteRecord, found: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    One row per month that has data.

    Returns
    -------
    DataFrame
        station, month (its first minute, UTC), n_minutes of the record in it, n_present (X, Y and Z), n_spikes and
        n_steps (each counted once, whatever components it is in), n_constant, n_duplicate and n_delta_f_out (minutes),
        delta_f_median_nt and delta_f_mad_nt (median absolute deviation; NaN without F or without baseline), and what
        `frame_check.monthly` says of the declination.
    """
    field = record.field
    marked = flags(record, found)
    difference = delta_f(field)
    present = ~np.isnan(field[list(COMPONENTS)].to_numpy()).any(axis=1)
    has_data = present | field.notna().any(axis=1).to_numpy()
    masks = {}
    for kind in KINDS:
        mask = marked[kind].to_numpy()
        begins = mask & ~np.concatenate([[False], mask[:-1]])
        masks[_column(kind)] = begins if kind in ("spike", "step") else mask
    rows = []
    for month, part in minute.months(_first_minute(field), len(field)):
        if not has_data[part].any():
            continue
        level = median(difference[part])
        row = {"station": record.station, "month": month, "n_minutes": part.stop - part.start}
        row |= {name: int(mask[part].sum()) for name, mask in {"n_present": present, **masks}.items()}
        row |= {"delta_f_median_nt": level, "delta_f_mad_nt": median(np.abs(difference[part] - level))}
        rows.append(row)
    columns = ["station", "month", "n_minutes", "n_present", *masks, "delta_f_median_nt", "delta_f_mad_nt"]
    frames = frame_check.monthly(record)
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"month": frames["month"].dtype}).merge(frames, on="month", how="left", validate="one_to_one")


def report(
    source: Source,
    station: str,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    copies: Copies | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    The `summary` and the `findings` of a station of a source in [start, end), read year by year.

    Hours that stand twice are looked for in the whole source, all its stations; `copies` is what `copied_hours.find`
    says of it, if it is known already. The summary has what `station_clock` says beside (`CLOCK_COLUMNS`), and months
    in which the clock seems off are findings of the kind `CLOCK`.

    Raises
    ------
    InputError
        If the station has no data, or the period holds no minute.
    """
    if start is None or end is None:
        period = source.period(station)
        start, end = start or (period[0] if period else None), end or (period[1] if period else None)
    if start is None or end is None or start >= end:
        whole = source.minute(station, start, end)  # raises, with the reason
        start, end = whole.start, whole.end
    runs = (copied_hours.find(source) if copies is None else copies).table
    months, found = [], []
    for first, last in minute.years(start, end):
        if (record := source.minute(station, first, last)).field.notna().any(axis=None):
            found.append(findings(record, runs))
            months.append(summary(record, found[-1]))
    if not months:  # an empty table with the right columns
        nothing = source.minute(station, start, start + pd.Timedelta(minutes=1))
        found, months = [findings(nothing)], [summary(nothing)]
    clocks = station_clock.station_clock(source, station, start, end)
    beside = clocks.rename(columns=CLOCK_COLUMNS).astype({"month": months[0]["month"].dtype})
    joined = pd.concat(months, ignore_index=True).merge(beside, on="month", how="left", validate="many_to_one")
    return joined, pd.concat([*found, _clock_findings(clocks, found[0])], ignore_index=True)


def table(
    source: Source, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None
) -> pd.DataFrame:
    """The `summary` of a station of a source in [start, end); raises as `report`."""
    return report(source, station, start, end)[0]


def sentences(of_months: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """What a `report` says, in plain sentences: what was found, deltaF, the frame, and the clock."""
    if of_months.empty:
        return []
    totals = {kind: int(of_months[_column(kind)].sum()) for kind in KINDS}
    said = [f"{n:,} {WORDS[kind][n > 1]}" for kind, n in totals.items() if n and kind != "delta_f_out"]
    jumps = found[found["kind"] == "step"]
    n = len(of_months)
    words = f"Found in {n} month{'s' * (n > 1)}: {', '.join(said)}." if said else "No spike, step or stuck reading."
    if len(jumps):
        row = jumps.iloc[int(jumps["size_nt"].abs().argmax())]
        where = f"in {row['component']} on {row['start']:%Y-%m-%d %H:%M}"
        words += f" The largest step is {row['size_nt']:+,.1f} nT {where}."
    copied = found[found["kind"] == "duplicate"]
    if len(copied):
        row = copied.iloc[int(copied["n_minutes"].argmax())]
        words += (
            f" The longest stretch that occurs twice, {row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M}, "
            f"stands also {row['note']}."
        )
    known = of_months["delta_f_mad_nt"].dropna()
    if known.empty:
        difference = "deltaF = F − |B| cannot be checked: there is no F, or no baseline."
    else:
        n_out = totals["delta_f_out"]
        difference = (
            f"deltaF = F − |B| scatters by {known.median():.2f} nT (median absolute deviation in a month); "
            f"{f'{n_out:,} minutes are' if n_out > 1 else '1 minute is' if n_out else 'none is'} far off."
        )
    clocks = of_months.rename(columns={said: name for name, said in CLOCK_COLUMNS.items()})
    clock_words = station_clock.sentence(str(of_months["station"].iloc[0]), clocks)
    return [words, difference, frame_check.sentence(of_months), clock_words]


class _Veto:
    """Whether the scalar instrument saw the same change as the vector: then it was the field."""

    def __init__(self, field: pd.DataFrame, difference: np.ndarray) -> None:
        self.f = field["F"].to_numpy()
        self.length = self.f - difference
        known = difference[np.isfinite(difference)]
        self.noise = max(SIGMA * float(np.median(np.abs(np.diff(known)))), 0.1)

    def saw_spike(self, row: int, stop: int) -> bool:
        """A change from the minutes around [row, stop) to those in it."""
        around = np.r_[max(row - _LEVEL_MINUTES, 0) : row, stop : min(stop + _LEVEL_MINUTES, len(self.f))]
        return self._agree(around, np.arange(row, stop))

    def saw_step(self, row: int) -> bool:
        """A change from the minutes before `row` to those after."""
        before = np.arange(max(row - _LEVEL_MINUTES, 0), row)
        return self._agree(before, np.arange(row, min(row + _LEVEL_MINUTES, len(self.f))))

    def _agree(self, one: np.ndarray, other: np.ndarray) -> bool:
        of_vector, of_scalar = (median(series[other]) - median(series[one]) for series in (self.length, self.f))
        if not math.isfinite(of_vector - of_scalar) or abs(of_vector) < 5 * self.noise:
            return False  # it lies across the field, where F feels nothing, or is too small to tell
        return abs(of_vector - of_scalar) <= _SEEN_BY_BOTH * abs(of_vector)


def _column(kind: str) -> str:
    return f"n_{kind}s" if kind in ("spike", "step") else f"n_{kind}"


class Part(NamedTuple):
    """A row of the findings: `first` is its epoch minute."""

    kind: str
    first: int
    n_minutes: int
    component: str
    size_nt: float
    note: str = ""


def _of_component(values: np.ndarray, name: str, first: int, floor_nt: float, veto: _Veto | None) -> list[Part]:
    rows = np.flatnonzero(np.isfinite(values))
    known = values[rows]
    floor = max(floor_nt, _RESOLUTIONS * resolution(known))
    parts: list[Part] = []
    peaks = spikes.find(known, floor)
    for i, j, size in zip(*(column.tolist() for column in peaks), strict=True):
        row, stop = int(rows[i]), int(rows[j - 1]) + 1
        if veto is None or not veto.saw_spike(row, stop):
            parts.append(Part("spike", first + row, stop - row, name, size))
    # A spike has two steep sides, none of which is a step.
    flat = _without(known, peaks)
    for at, size in zip(*(column.tolist() for column in steps.find(flat, rows, floor, name == DELTA_F)), strict=True):
        if veto is None or not veto.saw_step(int(rows[at])):
            parts.append(Part("step", first + int(rows[at]), 1, name, size))
    return parts


def _without(values: np.ndarray, peaks: spikes.Spikes) -> np.ndarray:
    flat = values.copy()
    for i, j in zip(peaks.start.tolist(), peaks.stop.tolist(), strict=True):
        flat[i:j] = flat[i - 1]
    return flat


def _delta_f_out(difference: np.ndarray, first: int) -> list[Part]:
    if not np.isfinite(difference).any():
        return []
    out = np.zeros(len(difference), dtype=bool)
    off = np.empty_like(difference)
    for _, part in minute.months(first, len(difference)):
        off[part] = difference[part] - median(difference[part])
        limit = max(DELTA_F_LIMIT_NT, DELTA_F_RATIO * SIGMA * median(np.abs(off[part])))
        out[part] = np.abs(off[part]) > limit  # false where NaN
    return [
        Part("delta_f_out", first + i, j - i, DELTA_F, float(off[i + int(np.abs(off[i:j]).argmax())]))
        for i, j in zip(*(edges.tolist() for edges in minute.stretches(out)), strict=True)
    ]


def _constant(values: np.ndarray, name: str, first: int) -> list[Part]:
    same = values[1:] == values[:-1]  # false where NaN
    n_pairs = int((np.isfinite(values[1:]) & np.isfinite(values[:-1])).sum())
    if not same.any():
        return []
    # A coarse instrument repeats itself by right: the limit comes from how often it does so on its dullest days.
    day = (first + 1 + np.arange(len(same))) // 1440
    day -= day[0]
    pairs = np.bincount(day, np.isfinite(values[1:]) & np.isfinite(values[:-1]))
    shares = np.bincount(day, same) / np.maximum(pairs, 1)
    whole = shares[pairs >= 720]
    usual = float(np.percentile(whole if len(whole) else shares[pairs > 0], 95))
    longest = math.log(1e-3 / n_pairs) / math.log(min(usual, 0.999)) if usual > 0 else 0
    limit = min(max(_SHORTEST_CONSTANT, 2 * math.ceil(longest)), _LONGEST_CONSTANT)
    begin, end = minute.stretches(same)
    long = end - begin + 1 >= limit
    return [
        Part("constant", first + i, j - i + 1, name, math.nan)
        for i, j in zip(begin[long].tolist(), end[long].tolist(), strict=True)
    ]


def _duplicates(copies: pd.DataFrame, first: int, n_minutes: int) -> list[Part]:
    """Runs of hours that stand twice, as far as they lie in the `n_minutes` from an epoch minute on."""
    starts, ends = (epoch_minutes(pd.DatetimeIndex(copies[name])) for name in ("start", "end"))
    begin, stop = np.maximum(starts, first), np.minimum(ends, first + n_minutes)
    parts = []
    for row in np.flatnonzero(begin < stop).tolist():
        of = copies.iloc[row]
        at = of["equal_start"] + pd.Timedelta(minutes=int(begin[row] - starts[row]))
        note = f"{'altered, ' if of['altered'] else ''}as {of['equal_station']} from {at:%Y-%m-%d %H:%M}"
        length, component = int(stop[row] - begin[row]), of["altered"] or " ".join(COMPONENTS)
        parts.append(Part("duplicate", int(begin[row]), length, component, math.nan, note))
    return parts


def _clock_findings(clocks: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The months in which a clock seems off, as findings of the same types as others."""
    runs = station_clock.off(clocks)
    rows = runs.assign(kind=CLOCK, component="X", size_nt=math.nan)
    rows["n_minutes"] = epoch_minutes(pd.DatetimeIndex(runs["end"])) - epoch_minutes(pd.DatetimeIndex(runs["start"]))
    return rows[list(COLUMNS_OF_FINDINGS)].astype(like.dtypes.to_dict())


def _first_minute(field: pd.DataFrame) -> int:
    return int(epoch_minutes(pd.DatetimeIndex(field.index[:1]))[0]) if len(field) else 0
