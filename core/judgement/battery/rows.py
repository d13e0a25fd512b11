"""
The rows of the battery: each trick in plain words, the worlds that play it, and the bar that it is held against.

A row that cannot be played yet stays in the table with its reason. Numbers of worlds are those of the full form; the
quick form, for every change of the program, plays six rows with 45 worlds each.
"""

from __future__ import annotations

import math

from core.evaluation.power.planting import Lasting
from core.judgement.battery import (
    shaken_worlds,
)
from core.judgement.battery.confounded_worlds import Recipe as Confounded
from core.judgement.battery.copied_worlds import Recipe as Copied
from core.judgement.battery.families_of_runs import Family
from core.judgement.battery.promised_worlds import Promise
from core.judgement.battery.row import (
    ENOUGH,
    FEWEST_COVERED,
    FEWEST_COVERED_SLOW,
    MANY,
    MOST_FOOLED,
    MOST_FOOLED_BY_ANY,
    Measure,
    Row,
    World,
)
from core.judgement.battery.score_worlds import Recipe as Scored
from core.judgement.battery.shaken_worlds import Late
from core.judgement.battery.shaken_worlds import Recipe as Shaken


def _fooled(name: str, title: str, words: str, world: World, n: int = MANY, quick: bool = False) -> Row:
    return Row(name, title, words, Measure.FOOLED, MOST_FOOLED, world, n, quick=quick)


def _slow(days: float) -> Scored:
    return Scored(memory_days=days)


def _tries(n_runs: int, quick: bool = False) -> Row:
    often = "One run" if n_runs == 1 else f"The best of {n_runs} runs"
    words = f"{often} on the same stretch, none with skill."
    world = Family(n_runs)
    return Row(f"tries-{n_runs}", often, words, Measure.FOOLED, MOST_FOOLED_BY_ANY, world, ENOUGH, quick=quick)


SCORES = (
    _fooled("events-5", "5 earthquakes", "Noise for a score; 5 earthquakes in a year.", Scored(n_sequences=5)),
    _fooled("events-12", "12 earthquakes", "Noise for a score; 12 earthquakes in a year.", Scored(n_sequences=12)),
    _fooled("events-40", "40 earthquakes", "Noise for a score; 40 earthquakes in a year.", Scored()),
    _fooled("events-150", "150 earthquakes", "Noise for a score; 150 earthquakes in a year.", Scored(n_sequences=150)),
    _fooled(
        "tiny",
        "Two months of data",
        "4 earthquakes in 60 days: hardly anything can be told.",
        Scored(days=60, n_sequences=4),
    ),
    _fooled("memory-15", "Slow scores, 15 days", "Score and earthquake rate wander over 15 days.", _slow(15)),
    _fooled("memory-60", "Slow scores, 60 days", "Score and rate wander over 60 days.", _slow(60), quick=True),
    _fooled("memory-150", "Slow scores, 150 days", "Score and rate wander over 150 days.", _slow(150)),
    _fooled(
        "drift",
        "Drifts",
        "Score and rate drift over 400 days, up or down; 100 earthquakes.",
        Scored(days=400, n_sequences=100, score_drift=1.0, rate_drift=0.7),
        quick=True,
    ),
    _fooled(
        "drift-long",
        "Drifts over years",
        "Score and rate drift over 1,500 days, up or down; 100 earthquakes.",
        Scored(days=1500, n_sequences=100, score_drift=0.5, rate_drift=0.5),
    ),
    _fooled(
        "season",
        "The same season",
        "Score and rate are both high in the same season of three years; 100 earthquakes.",
        Scored(days=1096, n_sequences=100, score_season=1.0, rate_season=0.7),
    ),
    _fooled(
        "hour",
        "The same hour of the day",
        "Score and rate are both high at the same hour; 80 earthquakes.",
        Scored(n_sequences=80, score_hour=1.0, rate_hour=0.7),
    ),
    _fooled(
        "weekday",
        "Quiet Sundays",
        "Traffic disturbs the sensor on working days, and small earthquakes are listed less on Sundays.",
        Scored(n_sequences=80, score_week=1.0, rate_week=1.0),
    ),
    _fooled(
        "aftershocks",
        "Aftershocks",
        "Two aftershocks an earthquake; one in three is taken for an earthquake of its own; slow scores.",
        Scored(memory_days=15, aftershocks=2.0, undeclustered=0.3),
    ),
    _fooled(
        "aftershocks-alone",
        "Aftershocks, none recognised",
        "Four aftershocks an earthquake, each taken for an earthquake of its own; slow scores.",
        Scored(n_sequences=24, memory_days=15, aftershocks=4.0, undeclustered=1.0),
    ),
    _fooled(
        "power-cuts",
        "Power cuts",
        "A tenth of the record is missing, and half a day to three days after 6 of 10 earthquakes.",
        Scored(gaps=0.1, power_cuts=0.6),
    ),
    _fooled(
        "instrument",
        "A new instrument",
        "The level of the scores jumps for good within ten days of the largest sequence.",
        Scored(n_sequences=24, aftershocks=3.0, step=1.5),
    ),
    _fooled(
        "pooled",
        "Stations with unlike rates",
        "Three stations with 60, 30 and 10 % of the earthquakes; slow scores, aftershocks.",
        Scored(n_stations=3, memory_days=15, aftershocks=2.0, undeclustered=0.2),
    ),
)

GATES = (
    _fooled(
        "shaken",
        "A shaken sensor",
        "The sensor is noisy for 10 hours after each earthquake from magnitude 4 on, foreshocks too.",
        Shaken(),
        ENOUGH,
        quick=True,
    ),
    _fooled(
        "shaken-by-small",
        "A sensor shaken by the smallest",
        "The same, and the sensor feels every earthquake that the catalogue lists, however small.",
        Shaken(felt_from=shaken_worlds.COMPLETENESS),
        ENOUGH,
    ),
    _fooled(
        "clock-1h",
        "Origin times 1 hour late",
        "A shaken sensor, and a catalogue whose clock is an hour late.",
        Shaken(catalogue_late_hours=1),
        ENOUGH,
    ),
    _fooled(
        "clock-3h",
        "Origin times 3 hours late",
        "A shaken sensor, and a catalogue whose clock is three hours late.",
        Shaken(catalogue_late_hours=3),
        ENOUGH,
        quick=True,
    ),
    _fooled(
        "clock-12h",
        "Origin times 12 hours late",
        "A shaken sensor, and a catalogue whose clock is twelve hours late.",
        Shaken(catalogue_late_hours=12),
        ENOUGH,
    ),
    _fooled(
        "clock-own",
        "Origin times late by hours, each by its own",
        "A shaken sensor, and a catalogue that is late by anything from nothing to 20 hours, each time anew.",
        Shaken(catalogue_late_hours=20, late=Late.OWN),
        ENOUGH,
    ),
    _fooled(
        "clock-drift",
        "A catalogue whose clock drifts",
        "A shaken sensor, and a catalogue whose clock drifts from right to twelve hours late within the year.",
        Shaken(catalogue_late_hours=12, late=Late.DRIFTING),
        ENOUGH,
    ),
    _fooled(
        "clock-some",
        "A third of the origin times 12 hours late",
        "A shaken sensor, and a catalogue in which one time of three is twelve hours late.",
        Shaken(catalogue_late_hours=12, late=Late.SOME),
        ENOUGH,
    ),
    _fooled(
        "clock-days",
        "Days for origin times",
        "A shaken sensor, and a catalogue that stamps each earthquake with the end of its day.",
        Shaken(late=Late.TO_THE_DAY),
        ENOUGH,
    ),
    _fooled(
        "station-clock",
        "The station's clock 1 hour early",
        "A shaken sensor whose stamps are an hour early, so that the shaking seems to come before.",
        Shaken(stamps_late_minutes=-60),
        ENOUGH,
    ),
    _fooled(
        "hemispheres",
        "Opposite hemispheres",
        "Two stations with opposite summers; score and rate are high in summer.",
        Confounded(score_season=1.2, rate_season=0.9),
        ENOUGH,
    ),
    _fooled(
        "hemispheres-strong",
        "Opposite hemispheres, strong seasons",
        "The same, with seasons so strong that the test against chance alone is fooled twice as often as it should be.",
        Confounded(score_season=2.0, rate_season=1.5),
        ENOUGH,
    ),
    _fooled(
        "storms",
        "Storms hide earthquakes",
        "In magnetic storms the score is low and fewer earthquakes are listed.",
        Confounded(score_kp=0.9, rate_kp=0.9),
        ENOUGH,
    ),
    _fooled(
        "storms-and-seasons",
        "Storms and seasons",
        "Opposite summers and storms, both at once.",
        Confounded(score_season=1.0, rate_season=0.8, score_kp=0.7, rate_kp=0.7),
        ENOUGH,
    ),
    _fooled(
        "copied-days",
        "Copied days",
        "Twelve days of the training stretch stand again in the judged one, before other earthquakes.",
        Copied(),
        ENOUGH,
    ),
    _fooled(
        "altered-days",
        "Altered copies",
        "The same, but all copied days of a world are altered in one way: lifted, noisy, moved by minutes, rounded, "
        "with holes, or in one component.",
        Copied(altered=True),
        ENOUGH,
    ),
)

TRIES = (
    _tries(1),
    _tries(5),
    _tries(20, quick=True),
    _tries(100),
    Row(
        "deleted-runs",
        "Deleted runs",
        "The best of 20 runs is shown, and the files of all others are deleted.",
        Measure.FOOLED,
        MOST_FOOLED_BY_ANY,
        Family(20, deleted=True),
    ),
    _fooled(
        "peeking",
        "Peeking at the final block",
        "Ten runs score a stretch without a final block; the best is then frozen as a plan for that very stretch.",
        Family(10, peeked=True),
    ),
)

COVERAGE = (
    Row("band", "The band of chance", "No skill, 40 earthquakes.", Measure.BAND, FEWEST_COVERED, Scored(), MANY),
    Row(
        "band-slow",
        "The band of chance, slow scores",
        "No skill; score and rate wander over 60 days.",
        Measure.BAND,
        FEWEST_COVERED_SLOW,
        _slow(60),
        MANY,
    ),
    Row(
        "interval",
        "The interval",
        "A real precursor of a day, one standard deviation high, before 40 earthquakes.",
        Measure.INTERVAL,
        FEWEST_COVERED,
        Scored(lift=1.0),
        MANY,
    ),
    Row(
        "interval-few",
        "The interval, 5 earthquakes",
        "A real precursor of a day, one standard deviation high, before 5 earthquakes.",
        Measure.INTERVAL,
        FEWEST_COVERED,
        Scored(n_sequences=5, lift=1.0),
        MANY,
    ),
    Row(
        "interval-slow",
        "The interval, very slow scores",
        "A real precursor of a day; nine tenths of the score wander over 60 days, 150 earthquakes.",
        Measure.INTERVAL,
        FEWEST_COVERED_SLOW,
        Scored(n_sequences=150, memory_days=60, slow_share=0.9, rate_sd=1.0, lift=1.0),
        MANY,
    ),
)


def _promise(n_sequences: int, days: int, auc: float, lasting: Lasting) -> Row:
    words = (
        f"Scores above {100 * auc:.0f} % of other times over the last {lasting.value} before {n_sequences} sequences "
        f"in {days} days; as often as preview and page promise."
    )
    title = f"The promise for a {lasting.value} before {n_sequences} earthquakes"
    name = f"promise-{lasting.value}-{n_sequences}"
    return Row(name, title, words, Measure.SEEN, 0.0, Promise(n_sequences, days, auc, lasting), ENOUGH)


# But for the promises of the program, what is to be seen comes from simulations with the reference of the design, 50 or
# 60 worlds each.
REAL = (
    _promise(24, 365, 0.8, Lasting.DAY),
    _promise(24, 365, 0.8, Lasting.WEEK),
    _promise(48, 1096, 0.7, Lasting.DAY),
    Row(
        "real-lasting",
        "A real precursor of a week",
        "One standard deviation high over the last seven days before 24 earthquakes in a year.",
        Measure.SEEN,
        0.98,
        Scored(n_sequences=24, lift=1.0, lasts_days=7.0),
        ENOUGH,
        n_promised=60,
        quick=True,
    ),
    Row(
        "real-short",
        "A real precursor of a day",
        "One standard deviation high over the last day before 24 earthquakes in a year.",
        Measure.SEEN,
        0.97,
        Scored(n_sequences=24, lift=1.0),
        ENOUGH,
        n_promised=60,
    ),
    Row(
        "real-some",
        "A real precursor of a day, before some",
        "Two standard deviations high over the last day, before 3 of 10 of 24 earthquakes in a year.",
        Measure.SEEN,
        0.70,
        Scored(n_sequences=24, lift=2.0, lifted=0.3),
        ENOUGH,
        n_promised=60,
    ),
    Row(
        "real-among-100",
        "A strong precursor among 100 runs",
        "Two standard deviations high over the last day before 24 earthquakes, seen best by one of 100 runs.",
        Measure.SEEN,
        0.94,
        Family(100, Scored(n_sequences=24, lift=2.0)),
        ENOUGH,
        n_promised=50,
    ),
    Row(
        "real-burst",
        "A real burst of hours",
        "Six hours nine times as restless, 6 to 48 hours before 30 sequences, seen by scores that look back on a day; "
        "foreshocks and clocks are asked.",
        Measure.SEEN,
        0.78,  # what the test against chance alone sees there: half of these bursts end before the last day
        Shaken(burst_hours=6, noisy_hours=0),
        ENOUGH,
        n_promised=60,
    ),
)


def _limit(name: str, title: str, foreshocks: float) -> Row:
    words = (
        f"A shaken sensor; {100 * foreshocks:.0f} % of the sequences have foreshocks that the sensor feels and no "
        "catalogue lists."
    )
    return Row(name, title, words, Measure.LIMIT, math.nan, Shaken(foreshocks=foreshocks, unlisted=True), ENOUGH)


BLIND = (
    _limit("unlisted-some", "Foreshocks that no catalogue lists, before some", 0.3),
    _limit("unlisted-all", "Foreshocks that no catalogue lists, before all", 1.0),
)

ROWS = (*SCORES, *GATES, *TRIES, *COVERAGE, *REAL, *BLIND)
