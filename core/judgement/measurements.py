"""From what a run is judged by to its findings: each part looks at the scores, the record or the catalogue once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock, stations
from core.config import ExperimentConfig
from core.evaluation import alarm_series
from core.evaluation.chance import event_guard, skill
from core.evaluation.chance.event_guard import ForeshockTest, Guard
from core.evaluation.chance.skill import Scores, SkillTest
from core.evaluation.clocks import disturbance, onset, own_times, second_catalogue
from core.evaluation.rivals.added_skill import AddedSkill
from core.judgement.evidence import Judged
from core.judgement.findings import (
    Classical,
    Confounders,
    Findings,
    Foreshocks,
    Lead,
    OtherCatalogue,
    Primary,
    RecordClock,
    Rival,
    Specificity,
    StationClock,
)
from core.labelling import completeness, detectability
from core.loading.archive.store import Store
from core.loading.record import station_clock
from core.loading.record.minute import MinuteRecord, epoch_minutes
from core.loading.record.source import Source
from core.loading.record.station_clock import ClockKind
from core.vocabulary import Checked


@dataclass(frozen=True)
class Measured:
    """What an assessment has measured already: confounders, other places and years, classical detector, lead."""

    added: AddedSkill
    specificity: Specificity
    classical: Classical | None
    lead: Lead | None = None


def findings(
    judged: Judged,
    scores: Scores,
    outcome: SkillTest,
    source: Source,
    measured: Measured,
    data_changed: bool,
) -> Findings:
    """
    Look at everything that the gates ask for.

    Parameters
    ----------
    judged : Judged
    scores : Scores
        Of its scan.
    outcome : SkillTest
        Of these scores at the judged targets.
    source : Source
        For raw minutes, and for other observatories and catalogues.
    measured : Measured
    data_changed : bool
        The source no longer holds what the run was made from.
    """
    guard = Guard(reach_minutes(judged.config, scores.step_minutes))
    tens = _disturbance(scores, source)
    return Findings(
        primary=primary(judged.split, outcome),
        foreshocks=_foreshocks(judged, scores, guard),
        strict=_foreshocks(judged, scores, guard.stricter()),
        timed=_foreshocks(judged, scores, guard, judged.targets[own_times.confirmed(tens, judged.targets)]),
        onset=_record_clock(judged, tens),
        station_clock=_station_clocks(scores, source),
        catalogue_clock=_other_catalogue(judged, scores, source),
        confounders=confounders(measured.added),
        specificity=measured.specificity,
        classical=measured.classical,
        data_changed=data_changed,
        lead=measured.lead,
    )


def primary(split: str, outcome: SkillTest) -> Primary:
    """The primary test as numbers."""
    return Primary(
        split=split,
        days=outcome.days,
        n_targets=outcome.n_targets,
        n_outside=outcome.n_outside,
        n_clusters=outcome.n_clusters,
        n_blocks=outcome.n_blocks,
        whole_days=outcome.whole_days,
        skill=_none(outcome.skill),
        band_low=_none(outcome.band[0]),
        band_high=_none(outcome.band[1]),
        interval_low=_none(outcome.interval[0]),
        interval_high=_none(outcome.interval[1]),
        p=outcome.p,
        p_smallest=outcome.p_smallest,
    )


def reach_minutes(config: ExperimentConfig, step_minutes: int) -> int:
    """How far back a score in force looks: its window, the latency, and its whole period of validity."""
    return config.windows.length_minutes + sum(alarm_series.validity_minutes(config, step_minutes))


def radii_km(config: ExperimentConfig, events: pd.DataFrame) -> dict[str, float]:
    """The target radius of each station; under a law that grows with magnitude that of the largest target."""
    out = {}
    for code, rows in events.groupby("station"):
        largest = rows.loc[rows["target"], "magnitude"].max()
        limits = detectability.limits(stations.get(str(code)), config.detectability)
        out[str(code)] = float(limits.reach_km(largest)) if largest == largest else limits.max_distance_km
    return out


def _foreshocks(judged: Judged, scores: Scores, guard: Guard, asked: pd.DataFrame | None = None) -> Foreshocks:
    radius = radii_km(judged.config, judged.events)
    near = _near(judged)
    smallest = float(judged.targets["magnitude"].min()) if len(judged.targets) else math.nan
    complete = completeness.magnitude(near.drop_duplicates("event_id")["magnitude"])
    if math.isnan(smallest) or math.isnan(complete):
        return Foreshocks(
            Checked.NOT_CHECKED, None, None, 0, 0.0, guard.guard_minutes / 60, guard.clean_minutes / 60, False
        )
    found = event_guard.not_the_foreshocks(
        scores, judged.targets, judged.events, guard, radius, complete, smallest, asked
    )
    return _kept(found)


def _near(judged: Judged) -> pd.DataFrame:
    """Every catalogued event within the target radius of its station, small ones too."""
    radius = judged.events["station"].map(radii_km(judged.config, judged.events)).astype(float)
    return judged.events[judged.events["distance_km"] <= radius]


def _kept(found: ForeshockTest) -> Foreshocks:
    return Foreshocks(
        kind=found.kind,
        p=_none(found.p),
        m_clean=_none(found.m_clean),
        n_clusters=found.n_clusters,
        share_left=found.share_left,
        guard_hours=found.guard_hours,
        clean_hours=found.clean_hours,
        by_strata=found.by_strata,
        p_events=_none(found.p_events),
    )


def _disturbance(scores: Scores, source: Source) -> Scores:
    """Of the raw minutes of the whole judged stretch, in steps of ten minutes."""
    first, last = _stretch(scores)
    series = []
    for code in scores.stations:
        record = source.minute(code, first, last)
        field = record.field[["X", "Z"]].to_numpy(dtype=np.float64)
        series.append(disturbance.series(code, _first_minute(record), field))
        del record
    return skill.on_one_axis(series)


def _record_clock(judged: Judged, tens: Scores) -> RecordClock:
    """The onset of shaking in the record."""
    found = onset.tested(tens, _near(judged))
    return RecordClock(found.kind, _none(found.lag_hours), _none(found.p), found.n_events, found.n_parts, found.n_late)


def _first_minute(record: MinuteRecord) -> int:
    return int(epoch_minutes(pd.DatetimeIndex(record.field.index[:1]))[0])


def _station_clocks(scores: Scores, source: Source) -> StationClock:
    """Each station against the other observatories of the source, month by month."""
    tables = [
        station_clock.station_clock(source, code, *_stretch(scores)).assign(station=code) for code in scores.stations
    ]
    months = pd.concat(tables, ignore_index=True)
    right, off = (int((months["kind"] == kind).sum()) for kind in (ClockKind.RIGHT, ClockKind.OFF))
    if not right and not off:
        return StationClock(Checked.NOT_CHECKED, len(months))
    if not off:
        return StationClock(Checked.PASSED, len(months), right)
    wrong = months[months["kind"] == ClockKind.OFF]
    pairs = wrong["station"] + " " + wrong["against"]
    most = pairs.value_counts().idxmax()
    station, against = str(most).split(" ")
    lag = float(wrong.loc[pairs == most, "lag_minutes"].median())
    return StationClock(Checked.FAILED, len(months), right, off, station, against, lag)


def _other_catalogue(judged: Judged, scores: Scores, source: Source) -> OtherCatalogue | None:
    """
    What a catalogue that the run did not use says of the clock of the one that it used; None without another one.

    Where most times are the same to the second, one republishes the other and says nothing of its clock.
    """
    config, first_last = judged.config, _stretch(scores)
    used = {config.data.catalogue_of(code) for code in scores.stations}
    names = [] if "" in used or not isinstance(source, Store) else list(map(str, source.catalogues()["name"]))
    best: OtherCatalogue | None = None
    mine = _between(_near(judged).drop_duplicates("event_id"), first_last)
    for name in (name for name in names if name not in used):
        other = _between(source.events(name), first_last)
        seconds = set(mine["origin_time"].dt.floor("s")) if len(mine) else set()
        same = float(other["origin_time"].dt.floor("s").isin(seconds).sum())
        republished = same > len(mine) / 2
        found = second_catalogue.compared(mine, other, republished)
        kind = {"confirmed": Checked.PASSED, "broken": Checked.FAILED}.get(found.kind.value, Checked.NOT_CHECKED)
        told = OtherCatalogue(
            name, kind, found.n_matched, _none(found.offset_s), _none(found.share_agrees), republished
        )
        if best is None or (told.kind != Checked.NOT_CHECKED, told.n_matched) > (
            best.kind != Checked.NOT_CHECKED,
            best.n_matched,
        ):
            best = told
    return best


def _between(events: pd.DataFrame, period: tuple[pd.Timestamp, pd.Timestamp]) -> pd.DataFrame:
    return events[(events["origin_time"] >= period[0]) & (events["origin_time"] < period[1])].reset_index(drop=True)


def confounders(added: AddedSkill) -> Confounders:
    """What the network adds to its rivals, as it is kept."""
    rivals = tuple(
        Rival(str(row["rival"]), *(_none(row[name]) for name in ("auc", "difference", "low", "high")))
        for row in added.by_rival.to_dict("records")
    )
    return Confounders(added.outcome, _none(added.low), added.n_groups, rivals, added.lacking)


def _stretch(scores: Scores) -> tuple[pd.Timestamp, pd.Timestamp]:
    first = clock.of_minute(scores.first_minute)
    return first, first + pd.Timedelta(days=scores.days)


def _none(number: float) -> float | None:
    """A number as it is kept; what does not exist is None."""
    return float(number) if math.isfinite(number) else None
