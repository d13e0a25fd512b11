"""From a config and a source to a labelled, split, audited set of windows: the room's whole story."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import caveats, clock, stations
from core.caveats import Caveat, CaveatKind
from core.config import ExperimentConfig
from core.errors import InputError
from core.labelling import (
    audit_copies,
    audit_numbers,
    class_warnings,
    controls,
    detectability,
    feasibility,
    labels,
    leakage,
    splits,
    targets,
    windows,
)
from core.labelling.feasibility import Preview
from core.labelling.window_set import WindowSet
from core.loading.record import copied_hours
from core.loading.record.minute import MinuteRecord
from core.loading.record.source import Source
from core.processing import series
from core.processing.station_scale import StationScale

__all__ = ["Preview", "WindowSet", "build", "labelled", "preview", "scan_set"]


def build(config: ExperimentConfig, source: Source, learned: pd.DataFrame | None = None) -> WindowSet:
    """
    Cut, label, choose, split and audit the windows of an experiment, and learn their scale.

    Parameters
    ----------
    config : ExperimentConfig
        No stations means all those of the source.
    source : Source
    learned : DataFrame, optional
        Windows that the run's ancestors learned from (self-update); see `splits.withhold`.

    Returns
    -------
    WindowSet

    Raises
    ------
    InputError
        If there is no minute data or no catalogue, nothing to train on, or a leak.
    """
    codes = _stations(config, source)
    felt = targets.station_events(config, source, codes)
    tables, events, prints, filtered, n_acausal = [], [], [], {}, 0
    for code in codes:
        record = _record(config, source, code, _data_end(config))
        candidates = _candidates(config, source, record, felt)
        tables.append(candidates.table)
        events.append(candidates.events)
        prints.append(copied_hours.of_record(record))
        filtered[code] = series.process(record, config.processing, config.windows.max_gap_minutes)
        n_acausal += audit_numbers.acausal_minutes(record, filtered[code], candidates.table, config)
        del record  # the float64 original is several times the size of what is kept
    table, felt_by = _pool(config, tables, events)
    table, withheld = splits.withhold(table, learned) if learned is not None else (table, [])
    splits.require(table, _targets_sentence(config, list(filtered), felt_by), config)
    trained = table if learned is None else pd.concat([table, learned[learned["split"] == "train"]], ignore_index=True)
    found = audit_copies.look(leakage.check(table, config.split.method), trained, prints)

    built = WindowSet(table, config, filtered, felt_by)
    borrowed = built.learn_scaling()
    numbers = dataclasses.asdict(audit_numbers.check(built, n_acausal))
    told = (*found.warnings, *_warnings(config, table, felt_by), *withheld, *borrowed)
    built.audited = dataclasses.replace(found, **numbers, warnings=told)
    return built


def preview(config: ExperimentConfig, source: Source) -> Preview:
    """
    Count events, windows, rejections and splits as `build` would make them, and say what they could show.

    Nothing is filtered or trained, and a config that cannot be trained on is not
    an error here: the sentence that `build` would raise is among the sentences.
    """
    codes = _stations(config, source)
    felt = targets.station_events(config, source, codes)
    found, prints = [], []
    for code in codes:
        record = _record(config, source, code, _data_end(config))
        found.append(_candidates(config, source, record, felt))
        prints.append(copied_hours.of_record(record))
    table, felt_by = _pool(config, [f.table for f in found], [f.events for f in found])
    sentences = [_station_sentence(config, code, table, felt_by) for code in codes]
    try:
        splits.require(table, _targets_sentence(config, codes, felt_by), config)
        audited = leakage.check(table, config.split.method)
        audited = audit_copies.look(audited, table, prints)
        sentences += [audited.sentence, *caveats.as_text(audited.warnings)]
    except InputError as error:
        sentences.append(str(error))
    broken = pd.concat([f.broken for f in found], ignore_index=True)
    sentences += caveats.as_text(_warnings(config, table, felt_by))
    return feasibility.describe(config, table, felt_by, broken, sentences)


def labelled(config: ExperimentConfig, source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    The windows table as `build` would make it, and what each station makes of each event; nothing is filtered.

    Raises
    ------
    InputError
        If there is no minute data or no catalogue. That a split has no window is none.
    """
    codes = _stations(config, source)
    felt = targets.station_events(config, source, codes)
    found = [_candidates(config, source, _record(config, source, code, _data_end(config)), felt) for code in codes]
    return _pool(config, [f.table for f in found], [f.events for f in found])


def scan_set(
    config: ExperimentConfig,
    source: Source,
    scaling: dict[str, StationScale],
    station: str,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    step_minutes: int = 60,
) -> WindowSet:
    """
    Windows at a regular step over a record, without labels, with the numbers that training and evaluation saw.

    The record is filtered from its own beginning up to `end`, whatever `start` is, because
    a causal filter remembers; so a window of a scan has the same bits as in `build`.

    Parameters
    ----------
    config : ExperimentConfig
        That of the run. Its `data.end` does not limit a scan.
    source : Source
    scaling : dict
        `WindowSet.scaling` of the run.
    station : str
    start, end : Timestamp, UTC, optional
        The windows lie in [start, end); the first one starts at `start`. Default: the record; the first
        start is then a multiple of the step since 1970, as in the sampling `grid`.
    step_minutes : int
        From one start to the next; positive.

    Returns
    -------
    WindowSet
        label is -1 and split "" for all; rejected holds the reasons that follow from the data (gaps).

    Raises
    ------
    InputError
        If the station has no data there, or no window fits in.
    """
    if step_minutes < 1:
        raise InputError(f"A scan needs a step of at least 1 minute, found {step_minutes}.")
    record = _record(config, source, station, end)
    first = series.first_minute(record)
    last = first + len(record.field)
    length = config.windows.length_minutes
    begin = _minute(start, up=True) if start is not None else -(-first // step_minutes) * step_minutes
    stop = min(last, _minute(end)) if end is not None else last
    starts = np.arange(begin, stop - length + 1, step_minutes, dtype=np.int64)
    if len(starts) == 0 or starts[-1] < first:
        raise InputError(
            f"No window of {length} min fits into the record of {station} between "
            f"{clock.of_minutes(np.array([max(begin, first)]))[0]:%Y-%m-%d %H:%M} and "
            f"{clock.of_minutes(np.array([stop]))[0]:%Y-%m-%d %H:%M}. Choose a longer period."
        )
    table = windows.measure(
        windows.frame(station, starts, length), config, first, series.missing(record), source.activity()
    )
    offset = scaling.get(station, StationScale()).offset_nt
    filtered = series.process(
        record, config.processing, config.windows.max_gap_minutes, np.array(offset) if offset else None
    )
    return WindowSet(table, config, {station: filtered}, pd.DataFrame(), scaling)


def _stations(config: ExperimentConfig, source: Source) -> list[str]:
    codes = list(config.data.stations) or source.stations()
    if not codes:
        raise InputError("There is no minute data of any station. Ingest some, or use the synthetic world.")
    if len(set(codes)) < len(codes):
        raise InputError(f"[data] stations names a station twice: {', '.join(codes)}.")
    left_out = config.split.test_station
    if left_out and (left_out not in codes or len(codes) < 2):
        raise InputError(
            f"[split] test_station = {left_out!r} must be one of two or more stations; [data] has {', '.join(codes)}."
        )
    return codes


def _record(config: ExperimentConfig, source: Source, code: str, end: pd.Timestamp | None) -> MinuteRecord:
    """The record from [data] start (or its beginning) to `end` (or its own), as far as the station has data."""
    period = source.period(code)
    if period is None:
        known = ", ".join(source.stations()) or "none"
        raise InputError(f"There is no minute data of {code}. Stations with data: {known}.")
    first, last = period
    first = max(first, clock.utc(config.data.start)) if config.data.start else first
    last = min(last, end) if end is not None else last
    if first >= last:
        asked = f"from {config.data.start or 'its beginning'} to {f'{end:%Y-%m-%d}' if end is not None else 'its end'}"
        raise InputError(
            f"{code} has minute data from {period[0]:%Y-%m-%d} to {period[1]:%Y-%m-%d}, none of it in the period "
            f"asked for ({asked})."
        )
    return source.minute(code, first, last)


def _data_end(config: ExperimentConfig) -> pd.Timestamp | None:
    return clock.utc(config.data.end) if config.data.end else None


@dataclass(frozen=True)
class _Candidates:
    """One station's candidate windows; its events; and, row by row, the reason of each rule that a window breaks."""

    table: pd.DataFrame
    events: pd.DataFrame
    broken: pd.DataFrame


def _candidates(config: ExperimentConfig, source: Source, record: MinuteRecord, felt: pd.DataFrame) -> _Candidates:
    """One station's candidate windows, labelled, with all reasons but "not drawn"; and what it makes of each event."""
    own = felt[felt["station"] == record.station].reset_index(drop=True)
    quakes, dependants = own[own["target"]], own[own["dependant"]]
    covered = source.events_period(config.data.catalogue_of(record.station))
    kp = source.activity()
    rules: list[Callable[[pd.DataFrame], pd.DataFrame]] = [
        lambda table: labels.assign(table, quakes, covered, config),
        lambda table: labels.exclude_dependants(table, dependants, config),
        lambda table: controls.exclude_storms(table, config.labels),
    ]
    table = windows.cut(config, record.station, series.first_minute(record), series.missing(record), quakes, kp)
    whole = table["rejected"] != windows.INCOMPLETE  # what sticks out of the record is not counted as a gap
    broken = {"record": table["rejected"].where(~whole, "")}
    broken |= {name: reasons.where(whole, "") for name, reasons in windows.gap_reasons(table, config).items()}
    for number, rule in enumerate(rules):
        judged = rule(table.assign(rejected=""))  # whatever other rules a window breaks, to see what each rule costs
        broken[f"rule {number}"] = judged["rejected"]
        table = windows.give_reasons(judged.assign(rejected=table["rejected"]), judged["rejected"])
    reach = pd.Timedelta(minutes=splits.footprint_minutes(config) - config.windows.length_minutes)
    near = (own["origin_time"] >= record.start) & (own["origin_time"] < record.end + reach)
    return _Candidates(table, own.assign(near_record=near), pd.DataFrame(broken))


def _pool(
    config: ExperimentConfig, tables: list[pd.DataFrame], events: list[pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All stations together: clusters numbered, splits assigned, negatives chosen."""
    felt_by = pd.concat(events, ignore_index=True)
    table = pd.concat(tables, ignore_index=True)
    table["window_id"] = np.arange(len(table), dtype=np.int64)
    table = splits.clusters(table, felt_by, config)
    if config.split.method in splits.LEAKY:  # the paper's order: a set of equal classes first, dealt out afterwards
        return splits.assign(controls.choose(table, config.labels), config), felt_by
    return controls.choose(splits.assign(table, config), config.labels), felt_by


def _warnings(config: ExperimentConfig, table: pd.DataFrame, events: pd.DataFrame) -> list[Caveat]:
    """What a reader of the scores must know about the classes, and about the catalogues behind them."""
    thin = [
        detectability.warning(felt, stations.get(str(code)), config.detectability)
        for code, felt in events.groupby("station", sort=False)
    ]
    matched = [controls.matching_sentence(table)] if config.labels.controls == "matched" else []
    return [
        *class_warnings.check(table, events, config.declustering.method),
        *(Caveat(CaveatKind.THIN_CATALOGUE, sentence) for sentence in thin if sentence),
        *(Caveat(CaveatKind.MATCHING, sentence) for sentence in matched if sentence),
    ]


def _targets_sentence(config: ExperimentConfig, codes: list[str], events: pd.DataFrame) -> str:
    """ "12 target events above magnitude 4 within 200 km and 30 km depth of DUR", for each station."""
    parts = []
    for code in codes:
        rule = detectability.limits(stations.get(code), config.detectability).sentence()
        n = int((events["target"] & events["near_record"] & (events["station"] == code)).sum())
        parts.append(f"{n} target event{'' if n == 1 else 's'} {rule} of {code}")
    return ", ".join(parts)


def _station_sentence(config: ExperimentConfig, code: str, table: pd.DataFrame, events: pd.DataFrame) -> str:
    """The fate of one station's candidates, the commonest reasons first."""
    rows = table[table["station"] == code]
    kept = rows[rows["rejected"] == ""]
    reasons = rows.loc[rows["rejected"] != "", "rejected"].value_counts()
    lost = "; ".join(f"{n} {reason}" for reason, n in reasons.items())
    return (
        f"{code}: {_targets_sentence(config, [code], events)} during its record. "
        f"{len(rows)} candidate windows: {(kept['label'] == windows.POSITIVE).sum()} positive and "
        f"{(kept['label'] == windows.NEGATIVE).sum()} negative are kept{f'; rejected: {lost}' if lost else ''}."
    )


def _minute(time: pd.Timestamp, up: bool = False) -> int:
    """Minutes since 1970, rounded down or up to a whole minute."""
    moment = time.ceil("min") if up else time.floor("min")
    return int(windows.microseconds(pd.DatetimeIndex([moment]))[0]) // clock.MINUTE_US
