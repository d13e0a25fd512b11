"""Declustering: published windows worked by hand, plain loops over all pairs, and the real catalogues."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.config import DeclusteringConfig
from core.labelling import declustering
from core.loading.formats import recognise
from support.fake_source import FIRST

METHODS = ["gardner_knopoff", "reasenberg", "zaliapin_ben_zion"]


def catalogue_of(rows):
    """Events from (days, km north of a point, magnitude)."""
    days, km, magnitude = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "origin_time": FIRST + pd.to_timedelta(days, unit="D"),
            "latitude_deg": 40 + np.degrees(km / 6371),
            "longitude_deg": 20.0,
            "depth_km": 10.0,
            "magnitude": magnitude,
        }
    )


def groups(rows, method, **options):
    return declustering.decluster(catalogue_of(rows), DeclusteringConfig(method=method, **options))


def sequences(seed, n=400):
    """A made-up catalogue: background, and aftershocks that cluster in time and space."""
    random = np.random.default_rng(seed)
    days, km, size = random.uniform(0, 900, n), random.uniform(0, 600, n), 3 + random.exponential(0.45, n)
    followers = random.integers(0, n, n)
    late, near = random.exponential(3, n), random.normal(0, 4, n)
    rows = list(zip(days, km, size, strict=True))
    rows += [(days[j] + late[k], km[j] + near[k], 2.5 + random.exponential(0.4)) for k, j in enumerate(followers)]
    return rows


def distances(table):
    lat, lon = np.radians(table["latitude_deg"].to_numpy()), np.radians(table["longitude_deg"].to_numpy())
    cosine = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(lon[:, None] - lon)
    return 6371 * np.arccos(np.clip(cosine, -1, 1))


def partition(label):
    """A numbering of groups as the set of its groups, whatever the numbers are."""
    return {frozenset(np.flatnonzero(np.asarray(label) == g).tolist()) for g in np.unique(label)}


def test_the_windows_of_1974_are_40_km_and_144_days_for_m5_and_53_km_and_499_days_for_m6():
    km, days = declustering.gardner_knopoff_window(np.array([5.0, 6.0]))
    assert km.round().tolist() == [40, 53] and days.round().tolist() == [144, 499]
    # From 6.5 on the other branch: log10 t = 0.032 * 7 + 2.7389 = 2.9629, so 918 days.
    assert declustering.gardner_knopoff_window(np.array([7.0]))[1].round().tolist() == [918]


def test_inside_the_window_of_a_magnitude_5_is_an_aftershock_and_outside_is_not():
    rows = [(200, 0, 5.0), (343, 39, 4.0), (345, 39, 4.0), (220, 41, 3.0), (60, 0, 4.9), (50, 0, 3.5)]
    found = groups(rows, "gardner_knopoff")
    assert found["mainshock_id"].tolist() == ["e0", "e0", "e2", "e3", "e0", "e5"]
    assert found["is_mainshock"].tolist() == [True, False, True, True, False, True]


def test_a_free_aftershock_goes_to_the_largest_event_whose_window_it_lies_in():
    rows = [(0, 0, 6.0), (600, 30, 5.5), (400, 20, 3.0)]  # day 400 lies in both windows, day 600 in no larger one
    assert groups(rows, "gardner_knopoff")["mainshock_id"].tolist() == ["e0", "e1", "e0"]


@pytest.mark.parametrize("seed", range(3))
def test_gardner_knopoff_agrees_with_a_loop_over_all_pairs(seed):
    table = catalogue_of(sequences(seed, 200))
    day = (table["origin_time"] - FIRST) / pd.Timedelta(days=1)
    size, away = table["magnitude"].to_numpy(), distances(table)
    owner = [None] * len(table)
    for i in sorted(range(len(table)), key=lambda i: -size[i]):
        if owner[i] is None:
            km, days = 10 ** (0.1238 * size[i] + 0.983), 10 ** (0.5409 * size[i] - 0.547)
            if size[i] >= 6.5:
                days = 10 ** (0.032 * size[i] + 2.7389)
            for j in range(len(table)):
                if owner[j] is None and abs(day[j] - day[i]) <= days and away[i, j] <= km:
                    owner[j] = i
    found = declustering.decluster(table, DeclusteringConfig(method="gardner_knopoff"))
    assert partition(found["group"]) == partition(owner)
    assert found["mainshock_id"].tolist() == [f"e{i}" for i in owner]


@pytest.mark.parametrize("seed", range(3))
def test_nearest_neighbours_agree_with_a_loop_over_all_pairs(seed):
    table = catalogue_of(sequences(seed, 150))
    years = ((table["origin_time"] - FIRST) / pd.Timedelta(days=365.25)).to_numpy()
    size, away = table["magnitude"].to_numpy(), distances(table)
    root = list(range(len(table)))
    for j in range(len(table)):
        eta = [
            (years[j] - years[i]) * max(away[i, j], 0.1) ** 1.6 * 10 ** -size[i] if years[i] < years[j] else np.inf
            for i in range(len(table))
        ]
        if min(eta) < 1e-5:
            mine, theirs = root[j], root[int(np.argmin(eta))]
            root = [theirs if r == mine else r for r in root]
    found = declustering.decluster(table, DeclusteringConfig(method="zaliapin_ben_zion"))
    assert partition(found["group"]) == partition(root)


def test_a_nearest_neighbour_is_worked_by_hand():
    # 10 km and a tenth of a year after M 4: 0.1 * 10^1.6 * 10^-4 = 4.0e-4; after M 6: 4.0e-6.
    rows = [(0, 0, 4.0), (36.525, 10, 3.0)]
    assert groups(rows, "zaliapin_ben_zion")["group"].tolist() == [0, 1]
    assert groups(rows, "zaliapin_ben_zion", log10_eta0=-3.39)["group"].tolist() == [0, 0]
    assert groups(rows, "zaliapin_ben_zion", log10_eta0=-3.41)["group"].tolist() == [0, 1]
    assert groups([(0, 0, 6.0), (36.525, 10, 3.0)], "zaliapin_ben_zion")["group"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("rows", "groups_of"),
    [
        # 10 radii of M 5: 0.11 * 10^2 = 11 km, and a look of one day.
        ([(0, 0, 5.0), (0.9, 10.9, 3.0)], [0, 0]),
        ([(0, 0, 5.0), (0.9, 11.1, 3.0)], [0, 1]),
        ([(0, 0, 5.0), (1.1, 0, 3.0)], [0, 1]),
        # In the cluster two days after M 5 an event looks ln(20) * 2 = 6.0 days ahead (D = 1): 1.8 km for M 3.
        ([(0, 0, 5.0), (0.9, 0, 3.0), (2.0, 0, 3.0), (7.9, 0, 3.0)], [0, 0, 0, 0]),
        ([(0, 0, 5.0), (0.9, 0, 3.0), (2.0, 0, 3.0), (8.1, 0, 3.0)], [0, 0, 0, 1]),
        # Never further than 30 km, though 10 radii of M 7 are 69 km.
        ([(0, 0, 7.0), (0.5, 29, 3.0), (0.5, 31, 3.0)], [0, 0, 1]),
    ],
)
def test_reasenbergs_links_are_those_worked_by_hand(rows, groups_of):
    assert groups(rows, "reasenberg")["group"].tolist() == groups_of


def test_a_link_joins_two_clusters_and_the_largest_event_is_the_mainshock():
    rows = [(0, 0, 4.0), (0.2, 1.0, 4.5), (0.4, 30, 4.0), (0.6, 31.0, 4.2), (0.8, 15, 5.2), (1.2, 15.5, 3.0)]
    found = groups(rows, "reasenberg")  # M 5.2 reaches 13 km: neither side; both sides reach 4 to 7 km
    assert found["group"].tolist() == [0, 0, 1, 1, 2, 2]
    bridge = [*rows[:4], (0.8, 15.5, 5.8), (1.2, 3, 3.0), (1.3, 29, 3.0)]  # M 5.8 reaches 23 km: what comes later
    assert groups(bridge, "reasenberg")["mainshock_id"].tolist() == ["e4"] * 7


def test_without_a_method_every_event_is_alone():
    found = groups(sequences(0, 20), "none")
    assert found["group"].nunique() == len(found) and found["is_mainshock"].all()


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_placed_or_measured_is_alone_and_the_order_of_rows_does_not_matter(method):
    table = catalogue_of([(0, 0, 6.0), (0.5, 1, 4.0), (0.6, 1, np.nan), (0.7, 1, 3.0)])
    table.loc[3, "latitude_deg"] = np.nan
    found = declustering.decluster(table, DeclusteringConfig(method=method))
    assert found["mainshock_id"].tolist() == ["e0", "e0", "e2", "e3"]
    shuffled = catalogue_of(sequences(1, 60)).sample(frac=1, random_state=0)
    again = declustering.decluster(shuffled.sort_index(), DeclusteringConfig(method=method))
    pd.testing.assert_frame_equal(
        declustering.decluster(shuffled, DeclusteringConfig(method=method)).sort_index(), again
    )
    assert len(declustering.decluster(table.iloc[:0], DeclusteringConfig(method=method))) == 0


@pytest.mark.parametrize("method", METHODS)
def test_each_group_has_one_mainshock_and_it_is_its_largest_event(method):
    table = catalogue_of(sequences(5))
    found = declustering.decluster(table, DeclusteringConfig(method=method)).join(table[["magnitude", "event_id"]])
    assert 1 < found["group"].nunique() < len(found)
    for _, rows in found.groupby("group"):
        main = rows[rows["is_mainshock"]]
        assert len(main) == 1 and main["magnitude"].iloc[0] == rows["magnitude"].max()
        assert (rows["mainshock_id"] == main["event_id"].iloc[0]).all()


@pytest.mark.shared
@pytest.mark.parametrize("method", METHODS)
def test_norcia_2016_and_l_aquila_2009_are_mainshocks_of_thousands_in_the_italian_catalogue(shared_data, method):
    table = recognise.read_events(shared_data / "catalogues" / "italy_iside_20050417-20210630_m20_csep.csv.gz")
    found = declustering.decluster(table, DeclusteringConfig(method=method)).join(table)
    large = found[found["magnitude"] >= 5.8]
    assert large["origin_time"].dt.strftime("%Y-%m-%d").tolist() == ["2009-04-06", "2016-10-30"]
    assert large["is_mainshock"].all()
    for group in large["group"]:
        assert (found["group"] == group).sum() > 1500
    # Of the 173 above M 4 (81 of them within 200 km of Duronia) half and more only follow another one.
    assert 0.3 < found.loc[found["magnitude"] > 4, "is_mainshock"].mean() < 0.5


@pytest.mark.shared
def test_gardner_knopoff_removes_two_thirds_or_more_of_a_real_catalogue(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "italy_iside_20050417-20210630_m20_csep.csv.gz")
    found = declustering.decluster(table, DeclusteringConfig(method="gardner_knopoff"))
    assert len(found) > 35_000 and found["is_mainshock"].mean() < 1 / 3
