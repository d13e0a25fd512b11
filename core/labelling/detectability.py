"""Which events a station could possibly feel, and why each other event is not a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import DetectabilityConfig
from core.stations import Station, distance_km

COARSEST_STEP = 0.15  # magnitudes come in steps of 0.1: a complete list of those above 4 begins with 4.1


@dataclass(frozen=True)
class Limits:
    """The rule of one station: epicentre at most so far, focus at most so deep, magnitude above (or at least) m."""

    max_distance_km: float
    max_depth_km: float
    min_magnitude: float
    inclusive: bool

    def sentence(self) -> str:
        """The rule in words, to stand after "target events"."""
        rule = (
            f"of magnitude {self.min_magnitude:g} or more"
            if self.inclusive
            else f"above magnitude {self.min_magnitude:g}"
        )
        return f"{rule} within {self.max_distance_km:g} km and {self.max_depth_km:g} km depth"


def limits(station: Station, config: DetectabilityConfig) -> Limits:
    """
    The limits that hold for a station.

    The law `paper` is that of Petrescu & Moldovan (2022), section 2: 200 km, 30 km and M > 4,
    "generally following" Molchanov et al. (1995); for Vrancea (MLR) 100 km and 100 km. The depth of
    100 km lies outside the theory it cites, which is for foci above 30 km.
    """
    if config.law == "paper":
        return Limits(100.0, 100.0, 4.0, False) if station.code == "MLR" else Limits(200.0, 30.0, 4.0, False)
    inclusive = config.magnitude_rule == "at_least"
    return Limits(config.max_distance_km, config.max_depth_km, config.min_magnitude, inclusive)


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
        The events table (columns in `catalogue.COLUMNS`), sorted by time.
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
    distance = distance_km(out["latitude_deg"], out["longitude_deg"], station)
    magnitude, depth = out["magnitude"].to_numpy(dtype=float), out["depth_km"].to_numpy(dtype=float)
    too_small = magnitude < rule.min_magnitude if rule.inclusive else magnitude <= rule.min_magnitude
    weak = f"magnitude {'below' if rule.inclusive else 'not above'} {rule.min_magnitude:g}"
    reason = np.select(
        [
            np.isnan(magnitude),
            too_small,
            np.isnan(distance),
            distance > rule.max_distance_km,
            np.isnan(depth),
            depth > rule.max_depth_km,
        ],
        [
            "magnitude unknown",
            weak,
            "place unknown",
            f"farther than {rule.max_distance_km:g} km",
            "depth unknown",
            f"deeper than {rule.max_depth_km:g} km",
        ],
        default="",
    )
    out["station"] = station.code
    out["distance_km"] = distance
    out["target"] = reason == ""
    out["reason"] = reason
    return out
