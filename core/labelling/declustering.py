"""
Declustering: which earthquakes belong together, and which one of them is the mainshock.

Three published methods and none. They disagree, so all are offered; see van Stiphout, Zhuang & Marsan
2012 (CORSSA, doi 10.5078/corssa-52382934) for a comparison. Whatever the method, a group is evidence
once: its events stay in one split and count as one independent event.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import DeclusteringConfig
from core.labelling.windows import microseconds
from core.stations import EARTH_RADIUS_KM

DAY = 86_400e6  # microseconds
YEAR_DAYS = 365.25

# Reasenberg 1985 (J. Geophys. Res. 90, 5479), with the values of his program.
TAU_MIN_DAYS, TAU_MAX_DAYS = 1.0, 10.0
CONFIDENCE = 0.95
RADII = 10.0  # crack radii around the latest event within which the next one is linked
EFFECTIVE_MAGNITUDE, RAISED_BY = 1.5, 0.5
CRUST_KM = 30.0  # no link is longer than the crust is thick

# Zaliapin & Ben-Zion 2013 (J. Geophys. Res. 118, 2847).
FRACTAL_DIMENSION, B_VALUE = 1.6, 1.0
NEAREST_KM = 0.1  # epicentres are no better known; without it two events at one place are linked for ever
SHORTEST_DAYS = 1 / 86_400


def decluster(events: pd.DataFrame, config: DeclusteringConfig) -> pd.DataFrame:
    """
    Give every event its group and say whether it is the mainshock of it.

    Parameters
    ----------
    events : DataFrame
        origin_time, latitude_deg, longitude_deg, depth_km, magnitude, event_id; in any order. An event without
        magnitude or place is a group of its own.
    config : DeclusteringConfig

    Returns
    -------
    DataFrame
        Indexed like `events`: group (int, counted from 0 in the order of the groups' first events), is_mainshock (the
        largest event of its group, the first of equals; true for an event alone) and mainshock_id.
    """
    time = microseconds(events["origin_time"])
    magnitude = events["magnitude"].to_numpy(dtype=float)
    usable = ~np.isnan(magnitude) & events[["latitude_deg", "longitude_deg"]].notna().all(axis=1).to_numpy()
    order = np.argsort(time, kind="stable")
    known = order[usable[order]]
    label = np.arange(len(events))  # each event alone
    if config.method != "none" and len(known):
        part = events.iloc[known]
        place = _unit_vectors(part["latitude_deg"], part["longitude_deg"])
        days, size = (time[known] - time[known[0]]) / DAY, magnitude[known]
        if config.method == "gardner_knopoff":
            found = gardner_knopoff(days, place, size)
        elif config.method == "reasenberg":
            found = reasenberg(days, place, part["depth_km"].to_numpy(dtype=float), size)
        else:
            found = zaliapin_ben_zion(days, place, size, config.log10_eta0)
        label[known] = known[found]
    _, first, inverse = np.unique(label[order], return_index=True, return_inverse=True)
    group = np.empty(len(events), dtype=np.int64)
    group[order] = np.argsort(np.argsort(first))[inverse]
    main = _mainshocks(group, time, np.where(np.isnan(magnitude), -np.inf, magnitude))
    identifier = events["event_id"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "group": group,
            "is_mainshock": main[group] == np.arange(len(events)),
            "mainshock_id": pd.array(identifier[main[group]] if len(events) else [], dtype="str"),
        },
        index=events.index,
    )


def gardner_knopoff_window(magnitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    The window of a mainshock in km and in days (Gardner & Knopoff 1974, Bull. Seismol. Soc. Am. 64, 1363).

    As tabulated in van Stiphout et al. (2012): d = 10^(0.1238 M + 0.983) km; t = 10^(0.5409 M - 0.547) days
    below magnitude 6.5, 10^(0.032 M + 2.7389) days from there on.

    Examples
    --------
    >>> km, days = gardner_knopoff_window(np.array([5.0, 6.0]))
    >>> km.round().tolist(), days.round().tolist()
    ([40.0, 53.0], [144.0, 499.0])
    """
    magnitude = np.asarray(magnitude, dtype=float)
    days = np.where(magnitude < 6.5, 10 ** (0.5409 * magnitude - 0.547), 10 ** (0.032 * magnitude + 2.7389))
    return 10 ** (0.1238 * magnitude + 0.983), days


def gardner_knopoff(days: np.ndarray, place: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """
    Groups by windows: from the largest event to the smallest, each free one claims the free ones in its window.

    The window is as long before the mainshock as after it, so foreshocks are found too (a choice: the original does
    not give a length for them).

    Parameters
    ----------
    days : ndarray, shape (n,), sorted
    place : ndarray, shape (n, 3)
        Unit vectors of the epicentres.
    magnitude : ndarray, shape (n,)

    Returns
    -------
    ndarray of int, shape (n,)
        The position of the event that claimed each event.
    """
    km, reach = gardner_knopoff_window(magnitude)
    first, last = np.searchsorted(days, days - reach, "left"), np.searchsorted(days, days + reach, "right")
    owner = np.full(len(days), -1)
    for i in np.argsort(-magnitude, kind="stable"):
        if owner[i] >= 0:
            continue
        near = np.arange(first[i], last[i])
        near = near[owner[first[i] : last[i]] < 0]
        owner[near[_distance_km(place[near], place[i]) <= km[i]]] = i
        owner[i] = i
    return owner


def reasenberg(days: np.ndarray, place: np.ndarray, depth_km: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """
    Groups by links from each event to the next ones near it (Reasenberg 1985).

    An event looks ahead 1 day, in a cluster tau = -ln(1 - P) t / 10^(2 (D - 1) / 3) days, between 1 and 10, where t is
    the time since the largest event, of magnitude M, and D = M / 2 - 1.5 (at least 0). It links what lies within 10
    crack radii, r = 0.011 * 10^(0.4 m) km, and, when it looks further than a day, what lies within one radius of the
    largest; never beyond 30 km. Location errors are neglected.

    Parameters
    ----------
    days, place, magnitude : see `gardner_knopoff`
    depth_km : ndarray, shape (n,)
        NaN where unknown: then the distance is that of the epicentres.

    Returns
    -------
    ndarray of int, shape (n,)
        The same number for all events of a cluster.
    """
    radius = np.minimum(0.011 * 10 ** (0.4 * magnitude), CRUST_KM)
    wide = np.minimum(RADII * radius, CRUST_KM)
    cluster = np.arange(len(days))
    members = {i: [i] for i in range(len(days))}
    largest: dict[int, int] = {}  # of each cluster, among the events that have come so far
    for i in range(len(days)):
        own = int(cluster[i])
        main = largest.get(own, i)
        if magnitude[i] >= magnitude[main]:
            largest[own] = main = i
        tau = TAU_MIN_DAYS if main == i else look_ahead_days(float(magnitude[main]), float(days[i] - days[main]))
        ahead = np.arange(i + 1, np.searchsorted(days, days[i] + tau, "right"))
        ahead = ahead[cluster[ahead] != own]
        linked = _focal_km(place, depth_km, ahead, i) <= wide[i]
        if tau > TAU_MIN_DAYS:
            linked |= _focal_km(place, depth_km, ahead, main) <= radius[main]
        for other in np.unique(cluster[ahead[linked]]).tolist():
            joined = members.pop(other)
            cluster[joined] = own
            members[own] += joined
            rival = largest.pop(other, main)
            if (magnitude[rival], rival) > (magnitude[largest[own]], largest[own]):
                largest[own] = rival
    return cluster


def look_ahead_days(magnitude: float, days: float) -> float:
    """
    How long an event of a cluster waits for the next one (Reasenberg 1985, with P = 0.95), between 1 and 10 days.

    Examples
    --------
    Two days after a magnitude 5, D = 1 and tau = ln(20) * 2 days:

    >>> round(look_ahead_days(5.0, 2.0), 3)
    5.991
    """
    raised = max((1 - RAISED_BY) * magnitude - EFFECTIVE_MAGNITUDE, 0.0)
    tau = -np.log(1 - CONFIDENCE) * days / 10 ** (2 * (raised - 1) / 3)
    return float(np.clip(tau, TAU_MIN_DAYS, TAU_MAX_DAYS))


def zaliapin_ben_zion(days: np.ndarray, place: np.ndarray, magnitude: np.ndarray, log10_eta0: float) -> np.ndarray:
    """
    Groups by nearest neighbours in time, space and magnitude (Zaliapin & Ben-Zion 2013).

    The distance from an event j back to an earlier one i is eta = t * r^1.6 * 10^(-m_i), t in years, r in km between
    epicentres (at least 0.1 km). Each event belongs to its nearest neighbour if eta is below eta0.

    Parameters
    ----------
    days, place, magnitude : see `gardner_knopoff`
    log10_eta0 : float

    Returns
    -------
    ndarray of int, shape (n,)
        The same number for all events of a tree.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(days)
    best, parent = np.full(n, 10.0**log10_eta0), np.full(n, -1)
    # Further ahead than this not even an event at the same place is below eta0.
    reach = YEAR_DAYS * 10 ** (log10_eta0 + B_VALUE * magnitude) / NEAREST_KM**FRACTAL_DIMENSION
    last = np.searchsorted(days, days + reach, "right")
    for i in range(n):
        ahead = slice(i + 1, int(last[i]))
        if ahead.start >= ahead.stop:
            continue
        years = np.maximum(days[ahead] - days[i], SHORTEST_DAYS) / YEAR_DAYS
        away = np.maximum(_distance_km(place[ahead], place[i]), NEAREST_KM)
        eta = years * away**FRACTAL_DIMENSION * 10 ** (-B_VALUE * magnitude[i])
        nearer = eta < best[ahead]
        best[ahead][nearer], parent[ahead][nearer] = eta[nearer], i
    child = np.flatnonzero(parent >= 0)
    links = coo_array((np.ones(len(child)), (child, parent[child])), shape=(n, n))
    component: np.ndarray = connected_components(links, directed=False)[1]
    return component


def _mainshocks(group: np.ndarray, time: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """The position of the largest event of each group, the first of equals."""
    order = np.lexsort((time, -magnitude, group))
    _, first = np.unique(group[order], return_index=True)
    return order[first]


def _unit_vectors(latitude_deg: pd.Series, longitude_deg: pd.Series) -> np.ndarray:
    lat, lon = np.radians(latitude_deg.to_numpy(dtype=float)), np.radians(longitude_deg.to_numpy(dtype=float))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _distance_km(places: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Great-circle distance in km from unit vectors, by the chord between them."""
    across = places - place
    chord = np.sqrt(np.einsum("ij,ij->i", across, across))
    distance: np.ndarray = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / 2, 1.0))
    return distance


def _focal_km(place: np.ndarray, depth_km: np.ndarray, others: np.ndarray, i: int) -> np.ndarray:
    deeper = depth_km[others] - depth_km[i]
    distance: np.ndarray = np.hypot(_distance_km(place[others], place[i]), np.where(np.isnan(deeper), 0.0, deeper))
    return distance
