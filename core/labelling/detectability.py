"""Which events a station could possibly feel, and why each other event is not a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import DetectabilityConfig
from core.labelling import laws
from core.labelling.laws import Law
from core.stations import Station, distance_km, focal_distance_km

COARSEST_STEP = 0.15  # magnitudes come in steps of 0.1: a complete list of those above 4 begins with 4.1
CIRCLE_MAGNITUDE = 6.0  # what a map draws for a law, whose distance has no greatest value


@dataclass(frozen=True)
class Limits:
    """
    The rule of one station: at most so far, focus at most so deep, magnitude above (or at least) m.

    With a `law` the distance depends on the magnitude; `max_distance_km` is then that of magnitude 6, for circles on
    maps.
    """

    max_distance_km: float
    max_depth_km: float
    min_magnitude: float
    inclusive: bool
    law: Law | None = None
    hypocentral: bool = False

    def sentence(self) -> str:
        """The rule in words, to stand after "target events"."""
        rule = (
            f"of magnitude {self.min_magnitude:g} or more"
            if self.inclusive
            else f"above magnitude {self.min_magnitude:g}"
        )
        reach = f"reach ({self.law.words})" if self.law else f"{self.max_distance_km:g} km"
        to_focus = " to the focus" if self.hypocentral else ""
        return f"{rule} within {reach}{to_focus} and {self.max_depth_km:g} km depth"

    def reach_km(self, magnitude: np.ndarray) -> np.ndarray | float:
        """The greatest distance for events of these magnitudes."""
        return self.law.reach_km(magnitude) if self.law else self.max_distance_km

    def reasons(self) -> list[str]:
        """Why an event is no target, in the order in which the rules are asked; the first, "", is a target."""
        far = f"beyond the reach of its magnitude ({self.law.words})" if self.law else ""
        to_focus = " to the focus" if self.hypocentral else ""
        return [
            "",
            "magnitude unknown",
            f"magnitude {'below' if self.inclusive else 'not above'} {self.min_magnitude:g}",
            "place unknown",
            far or f"farther than {self.max_distance_km:g} km{to_focus}",
            "depth unknown",
            f"deeper than {self.max_depth_km:g} km",
        ]


def limits(station: Station, config: DetectabilityConfig) -> Limits:
    """
    The limits that hold for a station.

    The law `paper` is that of Petrescu & Moldovan (2022), section 2: 200 km, 30 km and M > 4,
    "generally following" Molchanov et al. (1995); for Vrancea (MLR) 100 km and 100 km. The depth of
    100 km lies outside the theory it cites, which is for foci above 30 km. Its distances are to the epicentre.
    """
    if config.law == "paper":
        return Limits(100.0, 100.0, 4.0, False) if station.code == "MLR" else Limits(200.0, 30.0, 4.0, False)
    inclusive, law = config.magnitude_rule == "at_least", laws.of(config)
    farthest = float(law.reach_km(CIRCLE_MAGNITUDE)) if law else config.max_distance_km
    hypocentral = config.distance == "hypocentral"
    return Limits(farthest, config.max_depth_km, config.min_magnitude, inclusive, law, hypocentral)


def warning(events: pd.DataFrame, station: Station, config: DetectabilityConfig) -> str:
    """
    A sentence if the catalogue of a station begins above its smallest target magnitude, else "".

    Then smaller targets are missing from the list, and windows count as quiet that are not.
    """
    rule, smallest = limits(station, config), events["magnitude"].min()
    if not smallest > rule.min_magnitude + COARSEST_STEP:
        return ""
    return (
        f"The smallest event in the catalogue of {station.code} has magnitude {smallest:g}, but targets are events "
        f"{rule.sentence()}: smaller ones may be missing from the list, and windows before them count as quiet."
    )


def select(events: pd.DataFrame, station: Station, config: DetectabilityConfig) -> pd.DataFrame:
    """
    Say of each event whether it is a target of a station, and if not, why.

    Parameters
    ----------
    events : DataFrame
        The events table (columns in `events.COLUMNS`), sorted by time.
    station : Station
    config : DetectabilityConfig

    Returns
    -------
    DataFrame
        The events with the columns station, distance_km (great circle to the epicentre),
        target (bool) and reason: "" for a target, else the first rule it breaks, in the order
        magnitude, distance, depth. An unknown magnitude or depth is never a target.
    """
    rule = limits(station, config)
    out = events.reset_index(drop=True).copy()
    asked, distance = _asked(out, station, rule)
    broken = _first(asked)
    out["station"] = station.code
    out["distance_km"] = distance
    out["target"] = broken == 0
    out["reason"] = np.array(rule.reasons(), dtype=object)[broken]
    return out


def explore(events: pd.DataFrame, station: Station, config: DetectabilityConfig) -> pd.DataFrame:
    """
    How many events a rule takes, and how many fall to each reason: cheap enough for a slider that moves.

    Parameters
    ----------
    events : DataFrame
        The events table; only latitude_deg, longitude_deg, depth_km and magnitude are read.
    station : Station
    config : DetectabilityConfig

    Returns
    -------
    DataFrame
        reason, n and n_alone, one row per reason in the order in which the rules are asked; the first row,
        "target event", is what is left. n counts each event under the first rule it breaks, so it adds up to the number
        of events; n_alone counts those that break no other rule, and would be targets without it.
    """
    rule = limits(station, config)
    asked, _ = _asked(events, station, rule)
    words = ["target event", *rule.reasons()[1:]]
    alone = asked & (asked.sum(axis=0) == 1)
    counted = np.bincount(_first(asked), minlength=len(words))
    return pd.DataFrame({"reason": words, "n": counted, "n_alone": [counted[0], *alone.sum(axis=1)]})


def inside_laws(events: pd.DataFrame, positives: pd.Series | None = None) -> pd.DataFrame:
    """
    Which part of the target events of each station the published laws would let it feel.

    Target events outside a law are, by that law, labels without a possible cause.

    Parameters
    ----------
    events : DataFrame
        What `select` gave for one or more stations, one below the other.
    positives : Series of str, optional
        The event ids of positive windows, indexed by station: then windows are counted too.

    Returns
    -------
    DataFrame
        station, law, words, n_targets, n_inside, fraction (NaN without a target), and with `positives`
        n_positives, n_positives_inside, positive_fraction. Distances are to the epicentre.
    """
    rows = []
    for code, felt in events.groupby("station", sort=False):
        targets = felt[felt["target"]]
        for law in laws.PUBLISHED:
            inside = targets["distance_km"].to_numpy() <= law.reach_km(targets["magnitude"])
            row: dict[str, str | int | float] = {"station": str(code), "law": law.name, "words": law.words}
            row |= {"n_targets": len(targets), "n_inside": int(inside.sum()), "fraction": _share(inside)}
            if positives is not None:
                near = positives[positives.index == code].isin(set(targets["event_id"].to_numpy()[inside])).to_numpy()
                row |= {"n_positives": len(near), "n_positives_inside": int(near.sum())}
                row |= {"positive_fraction": _share(near)}
            rows.append(row)
    return pd.DataFrame(rows)


def _share(found: np.ndarray) -> float:
    return float(found.mean()) if len(found) else float("nan")


def _asked(events: pd.DataFrame, station: Station, rule: Limits) -> tuple[np.ndarray, np.ndarray]:
    """
    Which rules each event breaks, and its distance in km.

    The first array is bool, shape (n_rules, n_events), in the order of `rule.reasons()[1:]`.
    """
    distance = distance_km(events["latitude_deg"], events["longitude_deg"], station)
    magnitude, depth = events["magnitude"].to_numpy(dtype=float), events["depth_km"].to_numpy(dtype=float)
    away = np.where(np.isnan(depth), distance, focal_distance_km(distance, depth)) if rule.hypocentral else distance
    with np.errstate(invalid="ignore"):
        broken = [
            np.isnan(magnitude),
            magnitude < rule.min_magnitude if rule.inclusive else magnitude <= rule.min_magnitude,
            np.isnan(distance),
            away > rule.reach_km(magnitude),
            np.isnan(depth),
            depth > rule.max_depth_km,
        ]
    return np.array(broken), distance


def _first(asked: np.ndarray) -> np.ndarray:
    """The position in `Limits.reasons()` of the first rule that each event breaks; 0 = none."""
    return np.where(asked.any(axis=0), asked.argmax(axis=0) + 1, 0)
