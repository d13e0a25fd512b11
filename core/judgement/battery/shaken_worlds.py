"""
Worlds of minutes: a sensor that earthquakes shake, a catalogue whose clock may be wrong, another observatory.

The score is what a simple network could make of such a record: the most restless stretch of some hours within the last
day. In these worlds everything is measured as in a run (`measurements.findings`), from raw minutes on.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import clock
from core import config as configs
from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.evaluation.alarm_series import TARGET_COLUMNS
from core.evaluation.chance import skill
from core.evaluation.chance.skill import Scores
from core.evaluation.clocks import disturbance
from core.evaluation.rivals.added_skill import AddedSkill
from core.judgement import measurements
from core.judgement.battery.score_worlds import FIRST_MINUTE, START_DAYS, memory
from core.judgement.battery.trial import Trial, alone, of_findings
from core.judgement.evidence import Judged
from core.judgement.findings import Specificity
from core.judgement.measurements import Measured
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.loading.record.source import Period
from core.vocabulary import Checked

HOUR = 60
STATION, OTHER = "DUR", "AQU"  # within 150 km of each other
WINDOW_HOURS, LOOKS_BACK_HOURS = 4, 24
TARGET_MAGNITUDE, COMPLETENESS = 5.0, 3.5
MAGNITUDE_SCALE = 1 / math.log(10)  # Gutenberg-Richter with b = 1
DISTANCE_KM = 100.0
SHAKEN_TIMES = 4.0  # as restless as it mostly is, after an earthquake
EDGE_HOURS = 100  # at either end without a sequence


class Late(enum.StrEnum):
    """Which origin times are late, and by how much of `Recipe.catalogue_late_hours`."""

    ALL = "all of them, by as much"
    OWN = "each by its own, from nothing to as much"
    DRIFTING = "from nothing at the beginning to as much at the end"
    SOME = "a third of them, by as much"
    TO_THE_DAY = "each stamped with the end of its day"


@dataclass(frozen=True)
class Recipe:
    """
    How such a world is made.

    days: of the record. n_sequences: of earthquakes. foreshocks: share of sequences that have some. aftershocks: mean
    number; their magnitudes follow Gutenberg and Richter from 3.5 on. noisy_hours: how long the sensor is restless
    after each earthquake from felt_from on. catalogue_late_hours: origin times later than they were; late: which.
    unlisted: no catalogue has the foreshocks. stamps_late_minutes: of the station; the other observatory's clock is
    right. burst_hours: of a true precursor before each sequence, that ends 6 to 48 h before it and makes the sensor
    burst_times as restless as it mostly is; 0 = none.
    """

    days: int = 365
    n_sequences: int = 30
    foreshocks: float = 0.3
    aftershocks: float = 2.0
    noisy_hours: int = 10
    felt_from: float = 4.0
    catalogue_late_hours: float = 0.0
    late: Late = Late.ALL
    unlisted: bool = False
    stamps_late_minutes: int = 0
    burst_hours: int = 0
    burst_times: float = 9.0


@dataclass(frozen=True)
class Minutes:
    """A source (`record.source.Source`) of made-up minutes at two stations; X and Z, shape (n_minutes, 2), nT."""

    first_minute: int
    field: dict[str, np.ndarray]
    catalogue: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    synthetic: bool = True

    def stations(self) -> list[str]:
        """Both, sorted."""
        return sorted(self.field)

    def period(self, station: str) -> Period | None:
        """All of it."""
        ends = clock.of_minutes([self.first_minute, self.first_minute + len(self.field[station])])
        return ends[0], ends[1]

    def minute(self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> MinuteRecord:
        """The minutes of [start, end); NaN where there are none."""
        own = self.period(station)
        assert own is not None
        first, last = (
            int(minute.epoch_minutes(pd.DatetimeIndex([each or edge]))[0])
            for each, edge in zip((start, end), own, strict=True)
        )
        at = np.arange(first, last) - self.first_minute
        inside = (at >= 0) & (at < len(self.field[station]))
        xz = np.full((len(at), 2), np.nan)
        xz[inside] = self.field[station][at[inside]]
        index = pd.DatetimeIndex(clock.of_minutes(np.arange(first, last)), name="time")
        unmeasured = np.full(len(at), np.nan)
        table = pd.DataFrame({"X": xz[:, 0], "Y": unmeasured, "Z": xz[:, 1], "F": unmeasured}, index=index)
        return MinuteRecord(station, table, "synthetic")

    def events(self, catalogue: str = "") -> pd.DataFrame:
        """The only catalogue."""
        return self.catalogue

    def events_period(self, catalogue: str = "") -> Period:
        """As long as the record of the station."""
        period = self.period(STATION)
        assert period is not None
        return period

    def activity(self) -> pd.DataFrame:
        """None is known."""
        return pd.DataFrame({"time": clock.of_minutes([]), "kp": [], "ap": [], "status": []})

    def digests(self, station_codes: list[str], catalogues: list[str]) -> dict[str, str]:
        """None: such a world is never stored."""
        return {}


def judged(recipe: Recipe, random: np.random.Generator) -> Trial:
    """A world by a recipe, judged by everything but confounders and far places."""
    hour, magnitude, cluster = _sequences(recipe, random)
    first_minute = FIRST_MINUTE + int(random.integers(START_DAYS)) * MINUTES_PER_DAY
    here, there = _field(recipe, hour, magnitude, cluster, random)
    source = Minutes(first_minute, {STATION: here, OTHER: there})
    told = hour + _late_hours(recipe, hour, random)
    events = _catalogue(first_minute, told, magnitude, cluster)
    if recipe.unlisted:
        events = events[~_is_foreshock(hour, magnitude, cluster)].reset_index(drop=True)
    scores = _scores(source)
    ends = clock.of_minutes([first_minute, first_minute + len(here)])
    inside = events["target"] & (events["origin_time"] >= ends[0]) & (events["origin_time"] < ends[1])
    targets = events.loc[inside, TARGET_COLUMNS].reset_index(drop=True)
    config = _config()
    looked = Judged(config, pd.DataFrame(), "test", pd.DataFrame(), events, targets)
    outcome = skill.tested(scores, targets)
    added = AddedSkill(Checked.PASSED, low=0.01)
    found = measurements.findings(looked, scores, outcome, source, Measured(added, Specificity(20, 0.01), None), False)
    return of_findings(found, alone(outcome))


def _config() -> ExperimentConfig:
    """Windows and reach that the scores have: four hours, in force for a day."""
    return configs.from_dict(
        {
            "name": "shaken",
            "windows": {"length_minutes": WINDOW_HOURS * HOUR, "step_minutes": HOUR},
            "labels": {"horizon_days": LOOKS_BACK_HOURS / 24},
            "detectability": {"min_magnitude": TARGET_MAGNITUDE, "magnitude_rule": "at_least"},
        }
    )


def _sequences(recipe: Recipe, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True hours of all earthquakes since the record began, their magnitudes and sequences, in order of time."""
    n_hours, n = recipe.days * 24, recipe.n_sequences
    hour = random.uniform(EDGE_HOURS, n_hours - EDGE_HOURS, n)
    many = np.where(random.random(n) < recipe.foreshocks, random.integers(1, 4, n), 0)
    before = np.repeat(np.arange(n), many)
    after = np.repeat(np.arange(n), random.poisson(random.exponential(recipe.aftershocks, n)))
    hours = [
        hour,
        hour[before] - np.exp(random.uniform(0, math.log(72), len(before))),
        hour[after] + np.exp(random.uniform(0, math.log(480), len(after))),
    ]
    least = np.repeat([TARGET_MAGNITUDE, COMPLETENESS], [n, len(before) + len(after)])
    magnitude = least + random.exponential(MAGNITUDE_SCALE, len(least))
    cluster, all_hours = np.concatenate([np.arange(n), before, after]), np.concatenate(hours)
    order = np.argsort(all_hours)
    order = order[(all_hours[order] > 60) & (all_hours[order] < n_hours - 60)]
    return all_hours[order], magnitude[order], cluster[order]


def _is_foreshock(hour: np.ndarray, magnitude: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Which earthquakes come before the first target of their sequence."""
    first = pd.Series(hour).where(magnitude >= TARGET_MAGNITUDE).groupby(cluster).transform("min").to_numpy()
    return hour < first


def _field(
    recipe: Recipe, hour: np.ndarray, magnitude: np.ndarray, cluster: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """
    X and Z of the station and of the other one.

    What comes from outside the Earth is common to both, more on some hours than on others; each sensor has its noise.
    """
    n_hours = recipe.days * 24
    activity = np.exp(0.5 * memory(random, n_hours, 24.0)[0])
    common = np.repeat(activity, HOUR)[:, None] * random.normal(size=(n_hours * HOUR, 2))
    loud = np.zeros(n_hours)
    for each in hour[magnitude >= recipe.felt_from]:
        loud[int(each) : int(each) + recipe.noisy_hours] = 1.0
    burst = np.zeros(n_hours)
    if recipe.burst_hours:
        for number in np.unique(cluster):
            ends = int(hour[cluster == number].min()) - int(random.integers(6, 49))
            burst[max(0, ends - recipe.burst_hours) : max(0, ends)] = recipe.burst_times
    extra = np.maximum(SHAKEN_TIMES * loud, burst) * np.median(activity)
    local = np.repeat(0.3 + extra, HOUR)[:, None] * random.normal(size=common.shape)
    here = common + local
    if recipe.stamps_late_minutes:
        here = np.roll(here, recipe.stamps_late_minutes, axis=0)
    return here, common + 0.3 * random.normal(size=common.shape)


def _late_hours(recipe: Recipe, hour: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """How much later than it was the catalogue has each earthquake."""
    late = np.full(len(hour), recipe.catalogue_late_hours)
    if recipe.late == Late.OWN:
        late = late * random.random(len(hour))
    elif recipe.late == Late.DRIFTING:
        late = late * hour / (recipe.days * 24)
    elif recipe.late == Late.SOME:
        late = np.where(random.random(len(hour)) < 1 / 3, late, 0.0)
    elif recipe.late == Late.TO_THE_DAY:
        late = 24 - np.mod(hour, 24) - 1 / HOUR
    return late


def _catalogue(first_minute: int, told_hour: np.ndarray, magnitude: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """What the station makes of each earthquake of its catalogue, with the catalogue's times."""
    told = np.floor(told_hour * HOUR).astype(np.int64)
    return pd.DataFrame(
        {
            "station": STATION,
            "event_id": [f"made-{number}" for number in range(len(told))],
            "origin_time": clock.of_minutes(first_minute + told),
            "magnitude": magnitude,
            "cluster": cluster,
            "distance_km": DISTANCE_KM,
            "target": magnitude >= TARGET_MAGNITUDE,
        }
    )


def _scores(source: Minutes) -> Scores:
    """At each hour the highest mean over four hours of the log disturbance within the last day, as a scan has it."""
    series = disturbance.series(STATION, source.first_minute, source.field[STATION], HOUR)
    restless = pd.Series(np.log(np.maximum(series.score, 1e-3)))
    ended = restless.rolling(WINDOW_HOURS).mean().shift(1)  # known when the hour begins
    score = ended.rolling(LOOKS_BACK_HOURS, min_periods=LOOKS_BACK_HOURS // 2).max()
    return Scores((STATION,), series.first_minute, HOUR, score.to_numpy()[None])
