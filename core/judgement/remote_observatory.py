"""
A remote observatory: does the network say the same where the earthquakes of a run cannot be felt?

One of the archive that the run did not use and that lies outside every circle is scanned over the judged stretch by the
same network. What its scores know of the same earthquakes came from no field near them.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import stations
from core.config import ExperimentConfig
from core.errors import InputError
from core.evaluation import alarm_series
from core.evaluation.alarm_series import AlarmSeries
from core.evaluation.chance import elsewhere
from core.evaluation.chance.skill import Scores, SkillTest
from core.judgement import evidence
from core.judgement.evidence import Judged, Score
from core.judgement.findings import Specificity
from core.judgement.measurements import radii_km
from core.labelling import controls, dataset
from core.labelling.window_set import WindowSet
from core.loading.record.source import Source
from core.progress import Progress

MOST_TRIED = 3  # observatories that are scanned; each costs what a station of the run does
ENOUGH = 0.5  # of the judged stretch, and of its independent events


@dataclass(frozen=True)
class Remote:
    """
    station, distance_km from the nearest station of the run; low, high: 95 % of the skill at the stations of the run
    less that at the remote one.
    """

    station: str
    distance_km: float
    low: float
    high: float


def compared(
    judged: Judged, scores: Scores, outcome: SkillTest, source: Source, score: Score, progress: Progress | None = None
) -> Remote | None:
    """
    Compare a run with the nearest observatory outside every circle that has minutes enough.

    Parameters
    ----------
    judged : Judged
    scores : Scores
        Of its scan.
    outcome : SkillTest
        Of these scores at the judged targets.
    source : Source
    score : callable
        See `evidence.look`.
    progress : Progress, optional

    Returns
    -------
    Remote or None
        None where the source has no such observatory with scores at half of the independent events, or the stretch is
        too short for an interval.
    """
    progress = progress or Progress()
    for code, distance in outside(judged, source)[:MOST_TRIED] if outcome.n_targets else []:
        try:
            other = scanned(judged, source, code, scores.step_minutes, score, progress)
        except InputError as error:
            logging.getLogger(__name__).warning("%s", error)
            continue
        found = elsewhere.beyond(scores, judged.targets, other)
        if math.isfinite(found.low) and found.n_clusters >= ENOUGH * outcome.n_clusters:
            return Remote(code, distance, found.low, found.high)
    return None


def with_remote(specificity: Specificity, remote: Remote | None) -> Specificity:
    """What else is known of specificity, with a remote observatory."""
    if remote is None:
        return specificity
    return dataclasses.replace(
        specificity,
        remote=remote.station,
        remote_low=remote.low,
        remote_high=remote.high,
        remote_km=remote.distance_km,
    )


def outside(judged: Judged, source: Source) -> list[tuple[str, float]]:
    """
    The other stations of a source from which no target event could be one, and that have a record of at least half of
    the judged stretch; with their distance from the nearest station of the run in km, nearest first.

    Outside is farther than the target radius from every station of the run and from every judged target.
    """
    radius, known = radii_km(judged.config, judged.events), stations.table()
    felt = judged.events.merge(judged.targets[["station", "event_id"]], on=["station", "event_id"])
    first, last = judged.scan["start"].min(), judged.scan["end"].max()
    found = []
    for code in source.stations():
        period = source.period(code)
        if code in radius or code not in known or period is None:
            continue
        away = stations.distance_km(felt["latitude_deg"], felt["longitude_deg"], known[code])
        of_stations = {own: _between(known[code], own) for own in radius}
        beyond = (away > felt["station"].map(radius).to_numpy()).all()
        covered = min(last, period[1]) - max(first, period[0])
        if beyond and all(of_stations[own] > radius[own] for own in radius) and covered >= ENOUGH * (last - first):
            found.append((code, min(of_stations.values())))
    return sorted(found, key=lambda each: (each[1], each[0]))


def scanned(
    judged: Judged, source: Source, code: str, step_minutes: int, score: Score, progress: Progress
) -> AlarmSeries:
    """
    The scores of the network at another station over the judged stretch, on the grid of the run's own scan.

    Its numbers are scaled by its own windows of that stretch, as the network learned nothing of it; no label is looked
    at.

    Raises
    ------
    InputError
        If no window there can be used.
    """
    config, first, last = judged.config, judged.scan["start"].min(), judged.scan["end"].max()
    cut = dataset.scan_set(config, source, {}, code, first, last, step_minutes)
    table = cut.table
    if config.labels.storm_rule == "both":
        table = controls.exclude_storms(table, config.labels)
    own = _scaled(config, cut, table)
    rows = evidence.scored(own, own.table, code, step_minutes, progress, score)
    return alarm_series.build(rows[alarm_series.SCAN_COLUMNS], config)[0]


def _scaled(config: ExperimentConfig, cut: WindowSet, table: pd.DataFrame) -> WindowSet:
    """The window set with a scale learned from its own usable windows."""
    usable = (table["rejected"] == "").to_numpy()
    if not usable.any():
        raise InputError(f"No window of {', '.join(cut.stations)} in the judged stretch can be used.")
    own = WindowSet(table.assign(split=np.where(usable, "train", "")), config, cut.series, cut.events)
    own.learn_scaling()
    return own


def _between(place: stations.Station, code: str) -> float:
    """The distance of two stations in km."""
    return float(stations.distance_km([place.latitude_deg], [place.longitude_deg], stations.get(code))[0])
