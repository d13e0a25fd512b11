"""
Far-location placebo: do the scores of a station meet earthquakes that it cannot possibly feel equally well?

The station's circle of target events is moved to places at least 500 km away, in the same catalogue, and the
frozen scores are judged against the events there. Skill that is as good for far places is no skill for near ones: it
comes from what all earthquakes of a region share, such as the season, the catalogue's completeness, or chance.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core import stations
from core.config import DetectabilityConfig
from core.evaluation import significance
from core.evaluation.significance import Ranked, ScoreSeries
from core.labelling import detectability
from core.loading.record.minute import epoch_minutes

TEST = "far places"
FAR_KM = 500.0
FEWEST_PLACES = 20  # fewer tell the real place from no more than one in twenty
TRIES_PER_PLACE = 5  # a place with too few events is drawn again, this often on average


def far_location(
    series: Sequence[ScoreSeries],
    targets: pd.DataFrame,
    catalogues: Mapping[str, pd.DataFrame],
    config: DetectabilityConfig,
    seed: int = 0,
    n_places: int = 199,
    far_km: float = FAR_KM,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Judge frozen scores against the events of far places.

    A place is the epicentre of an event of the catalogue at least `far_km` from every station; its targets are the
    events that the same rule of detectability would give a station there, without those that are targets of a real
    one. A place counts if it has at least half as many targets as the station whose scores it is given, and if at
    most half of them were targets of a place before it: two circles around one swarm are one place.

    Parameters
    ----------
    series : sequence of AlarmSeries
    targets : DataFrame
        The real ones: station, event_id, origin_time, cluster.
    catalogues : mapping
        The events table of each station.
    config : DetectabilityConfig
    seed : int
    n_places : int
        Different draws of places, one place per station in each.
    far_km : float

    Returns
    -------
    rows, draws : DataFrame
        As `significance.table`; p is NaN, with a sentence, where the catalogue does not reach that far. n_null counts
        the places also then.
    """
    ranks = significance.ranked(series)
    row, minute, _ = significance.place(ranks, targets)
    observed, values, n, why_not = math.nan, np.empty(0), 0, ""
    if len(row) == 0:
        why_not = "No target event lies in the judged period: there is nothing to compare far places with."
    else:
        observed = float(significance.area_skill(ranks, row, (minute // ranks.step_minutes)[None, :])[0])
        values = _far_scores(
            ranks, row, targets, catalogues, config, np.random.default_rng([seed, 500]), n_places, far_km
        )
        n = len(values)
        if n < FEWEST_PLACES:
            places = f"{n} comparable place{'' if n == 1 else 's'}"
            why_not = (
                f"The catalogue knows {places} {far_km:g} km or more from the stations in the judged period; "
                f"{FEWEST_PLACES} are needed. There is no p value."
            )
            values = np.empty(0)
    judged = significance.judged(TEST, significance.AREA_SKILL, observed, values, why_not) | {"n_null": n}
    draws = pd.DataFrame(
        {"test": TEST, "statistic": significance.AREA_SKILL, "draw": np.arange(len(values)), "value": values},
        columns=significance.DRAW_COLUMNS,
    )
    return pd.DataFrame([judged], columns=significance.COLUMNS), draws


def _far_scores(
    ranks: Ranked,
    row: np.ndarray,
    targets: pd.DataFrame,
    catalogues: Mapping[str, pd.DataFrame],
    config: DetectabilityConfig,
    random: np.random.Generator,
    n_places: int,
    far_km: float,
) -> np.ndarray:
    """The pooled area skill score of each draw of places, shape (at most n_places,)."""
    per_station = []
    for k, code in enumerate(ranks.stations):
        needed = math.ceil(int((row == k).sum()) / 2)
        if needed == 0:
            continue
        steps = _places(
            ranks, code, set(targets["event_id"]), catalogues[code], config, random, n_places, far_km, needed
        )
        if not steps:
            return np.empty(0)
        per_station.append((k, steps))
    n = min((len(steps) for _, steps in per_station), default=0)
    values = np.empty(n)
    for draw in range(n):
        found = [steps[draw] for _, steps in per_station]
        where = np.concatenate([np.full(len(steps[draw]), k) for k, steps in per_station])
        values[draw] = significance.area_skill(ranks, where, np.concatenate(found)[None, :])[0]
    return values[np.isfinite(values)]


def _places(
    ranks: Ranked,
    code: str,
    real: set[str],
    events: pd.DataFrame,
    config: DetectabilityConfig,
    random: np.random.Generator,
    n_places: int,
    far_km: float,
    needed: int,
) -> list[np.ndarray]:
    """The steps of the targets of far places, one array per place, for one station."""
    minute = epoch_minutes(pd.DatetimeIndex(events["origin_time"])) - ranks.first_minute
    inside = (minute >= 0) & (minute < ranks.n_steps * ranks.step_minutes)
    events = events[inside & ~events["event_id"].isin(real).to_numpy()].reset_index(drop=True)
    far = np.ones(len(events), dtype=bool)
    for other in ranks.stations:
        far &= stations.distance_km(events["latitude_deg"], events["longitude_deg"], stations.get(other)) >= far_km
    # Only an event that would itself be a target at its own place can be the middle of one.
    candidates = random.permutation(np.flatnonzero(far))[: n_places * TRIES_PER_PLACE]
    known = np.zeros(len(events), dtype=bool)  # targets of an earlier place
    found: list[np.ndarray] = []
    for centre in candidates:
        moved = dataclasses.replace(
            stations.get(code),
            latitude_deg=float(events["latitude_deg"].iloc[centre]),
            longitude_deg=float(events["longitude_deg"].iloc[centre]),
        )
        felt = detectability.select(events, moved, config)
        here = felt["target"].to_numpy()
        if here.sum() >= needed and known[here].mean() <= 0.5:
            known |= here
            felt = felt[here]
            origin = epoch_minutes(pd.DatetimeIndex(felt["origin_time"])) - ranks.first_minute
            found.append(origin // ranks.step_minutes)
        if len(found) == n_places:
            break
    return found
