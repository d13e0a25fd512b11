"""
Declustering against others: OpenQuake's windows and groups, the table of 1974, and every pair compared in plain loops.

The loops follow the papers and not the code: which event is the largest so far is found anew at each event.
"""

import math

import numpy as np
import pandas as pd
import pytest

from core.config import DeclusteringConfig
from core.labelling import declustering
from core.loading.formats import recognise
from support import recorded

RECORDED = recorded.values("windows_of_openquake")

# Gardner & Knopoff (1974, Bull. Seismol. Soc. Am. 64, 1363), table 1: magnitude, km, days. Two repositories hold the
# same numbers: ZMAP's calc_windows and the table in R of a study of the Pacific Northwest.
TABLE_OF_1974 = [
    (2.5, 19.5, 6), (3.0, 22.5, 11.5), (3.5, 26, 22), (4.0, 30, 42), (4.5, 35, 83), (5.0, 40, 155),
    (5.5, 47, 290), (6.0, 54, 510), (6.5, 61, 790), (7.0, 70, 915), (7.5, 81, 960), (8.0, 94, 985),
]  # fmt: skip


def partition(label):
    """A numbering of groups as the set of its groups, whatever the numbers are."""
    return {frozenset(np.flatnonzero(np.asarray(label) == g).tolist()) for g in np.unique(label)}


def decluster(table, method):
    return declustering.decluster(table, DeclusteringConfig(method=method))


def test_the_windows_are_those_that_openquake_gave():
    magnitude = np.array([window["magnitude"] for window in RECORDED["windows"]])
    km, days = declustering.gardner_knopoff_window(magnitude)
    np.testing.assert_allclose(km, [window["km"] for window in RECORDED["windows"]], rtol=1e-12)
    years = [window["years"] for window in RECORDED["windows"]]
    np.testing.assert_allclose(days / RECORDED["days_a_year"], years, rtol=1e-12)


def test_the_formulas_follow_the_table_of_1974():
    magnitude, km, days = map(np.array, zip(*TABLE_OF_1974, strict=True))
    ours_km, ours_days = declustering.gardner_knopoff_window(magnitude)
    np.testing.assert_allclose(ours_km, km, rtol=0.025)
    off = ours_days / days - 1
    # Where the two lines for the time meet, the table is lower than both: 790 days beside 885.
    assert np.abs(off[magnitude != 6.5]).max() < 0.08 and off[magnitude == 6.5] == pytest.approx(0.12, abs=0.005)


def test_groups_and_mainshocks_are_those_that_openquake_gave():
    events = RECORDED["catalogue"]
    table = pd.DataFrame({key: events[key] for key in ("latitude_deg", "longitude_deg", "magnitude")})
    table = table.assign(
        event_id=[f"e{i}" for i in range(len(table))],
        origin_time=pd.to_datetime(events["date"], utc=True),
        depth_km=9.0,
    )
    ours = decluster(table, "gardner_knopoff")
    alone = -1 - np.arange(len(table))
    theirs = np.where(np.array(events["cluster"]) > 0, events["cluster"], alone)
    assert partition(ours["group"]) == partition(theirs)
    assert ours["is_mainshock"].tolist() == [flag == 0 for flag in events["flag"]]
    assert sorted(set(events["flag"])) == [-1, 0, 1]  # foreshocks and aftershocks are among them


def sequences(seed, n=120):
    """A made-up catalogue in a square of 3 degrees: background, and followers near some of it in time and space."""
    random = np.random.default_rng(seed)
    parent = random.integers(0, n // 12, 2 * n)
    day = random.uniform(0, 60, n)
    north, east, depth = random.uniform(40, 43, n), random.uniform(13, 16, n), random.uniform(0, 30, n)
    size = 3 + random.exponential(0.9, n)
    day = np.append(day, day[parent] + random.exponential(2.5, 2 * n))
    north, east = (np.append(v, v[parent] + random.normal(0, 0.015, 2 * n)) for v in (north, east))
    depth = np.append(depth, depth[parent] + random.normal(0, 2, 2 * n))
    size = np.append(size, 2.2 + random.exponential(0.5, 2 * n))
    order = np.argsort(day)
    columns = {"latitude_deg": north, "longitude_deg": east, "depth_km": depth, "magnitude": size.round(2)}
    return pd.DataFrame(columns).assign(
        event_id=[f"e{i}" for i in range(3 * n)],
        origin_time=pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta(day, unit="D"),
    ).iloc[order].reset_index(drop=True)  # fmt: skip


def arc_km(place, other):
    """The law of cosines for sides, on a sphere of 6371 km."""
    (lat, lon), (lat0, lon0) = place, other
    cosine = math.sin(lat) * math.sin(lat0) + math.cos(lat) * math.cos(lat0) * math.cos(lon - lon0)
    return 6371.0 * math.acos(min(1.0, max(-1.0, cosine)))


def columns_of(table):
    day = ((table["origin_time"] - table["origin_time"].iloc[0]) / pd.Timedelta(days=1)).tolist()
    place = list(zip(np.radians(table["latitude_deg"]), np.radians(table["longitude_deg"]), strict=True))
    return day, place, table["magnitude"].tolist()


def reasenberg_in_loops(table):
    """Reasenberg (1985): each event looks ahead, as far as its cluster's largest event up to now lets it."""
    day, place, size = columns_of(table)
    depth = table["depth_km"].tolist()
    cluster_of = {i: {i} for i in range(len(day))}
    n_joined = 0
    for i in range(len(day)):
        largest = max((j for j in cluster_of[i] if j <= i), key=lambda j: (size[j], j))
        wait = 1.0
        if largest != i:
            raised = max(0.5 * size[largest] - 1.5, 0.0)
            wait = min(max(math.log(20) * (day[i] - day[largest]) * 10 ** (2 / 3 * (1 - raised)), 1.0), 10.0)
        near = []
        for j in range(i + 1, len(day)):
            if day[j] > day[i] + wait:
                break
            if j in cluster_of[i]:
                continue
            from_last = math.hypot(arc_km(place[i], place[j]), depth[i] - depth[j])
            from_largest = math.hypot(arc_km(place[largest], place[j]), depth[largest] - depth[j])
            if from_last <= min(0.11 * 10 ** (0.4 * size[i]), 30) or (
                wait > 1 and from_largest <= min(0.011 * 10 ** (0.4 * size[largest]), 30)
            ):
                near.append(j)
        for j in near:
            n_joined += len(cluster_of[i]) > 1 and len(cluster_of[j]) > 1 and j not in cluster_of[i]
            joined = cluster_of[i] | cluster_of[j]
            cluster_of |= dict.fromkeys(joined, joined)
    return {frozenset(group) for group in cluster_of.values()}, n_joined


@pytest.mark.parametrize("seed", [2, 3, 4, 9])
def test_reasenbergs_groups_are_those_of_plain_loops_over_all_pairs(seed):
    table = sequences(seed)
    expected, n_joined = reasenberg_in_loops(table)
    assert n_joined > 0 and 150 < len(expected) < len(table) - 60  # clusters meet, and not everything is alone
    assert partition(decluster(table, "reasenberg")["group"]) == expected


def zaliapin_in_loops(table, log10_eta0=-5.0):
    """Zaliapin & Ben-Zion (2013): each event hangs on its nearest earlier one, by t r^1.6 10^-m, if that is near."""
    day, place, size = columns_of(table)
    group = [{i} for i in range(len(day))]
    for j in range(1, len(day)):
        lat, lon = np.array(place[:j]).T
        cosine = np.sin(lat) * math.sin(place[j][0]) + np.cos(lat) * math.cos(place[j][0]) * np.cos(lon - place[j][1])
        km = np.maximum(6371.0 * np.arccos(np.clip(cosine, -1, 1)), 0.1)
        years = np.maximum(day[j] - np.array(day[:j]), 1 / 86400) / 365.25
        log10_eta = np.log10(years) + 1.6 * np.log10(km) - np.array(size[:j])
        nearest = int(np.argmin(log10_eta))
        if log10_eta[nearest] < log10_eta0:
            joined = group[j] | group[nearest]
            for member in joined:
                group[member] = joined
    return {frozenset(members) for members in group}


@pytest.mark.parametrize("seed", [2, 3, 4, 9])
def test_nearest_neighbours_with_depths_and_two_directions_are_those_of_plain_loops(seed):
    table = sequences(seed)
    expected = zaliapin_in_loops(table)
    assert 30 < len(expected) < len(table) - 60
    assert partition(decluster(table, "zaliapin_ben_zion")["group"]) == expected


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("method", ["reasenberg", "zaliapin_ben_zion"])
def test_the_groups_of_a_real_catalogue_are_those_of_plain_loops(shared_data, method):
    table = recognise.read_events(shared_data / "catalogues" / "italy_iside_20050417-20210630_m20_csep.csv.gz")
    table = table[table["magnitude"] >= 3.0].sort_values("origin_time", kind="stable").reset_index(drop=True)
    assert len(table) > 2000
    expected = reasenberg_in_loops(table)[0] if method == "reasenberg" else zaliapin_in_loops(table)
    assert partition(decluster(table, method)["group"]) == expected
