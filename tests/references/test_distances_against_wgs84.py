"""Distances on the sphere against geodesics of the ellipsoid WGS84 (GeographicLib, recorded)."""

import numpy as np
import pytest

from core import stations
from support import recorded

RECORDED = recorded.values("distances_of_geographiclib")


def test_the_recorded_geodesics_end_at_the_stations_of_the_table():
    for code, place in RECORDED["stations"].items():
        station = stations.get(code)
        assert [station.latitude_deg, station.longitude_deg] == place


def test_near_the_stations_of_the_paper_a_distance_is_that_of_the_ellipsoid_within_0_3_percent():
    rows = RECORDED["near_stations"]
    ours = [
        float(stations.distance_km(row["latitude_deg"], row["longitude_deg"], stations.get(row["station"])))
        for row in rows
    ]
    off = np.array(ours) / [row["km"] for row in rows] - 1
    # Worst is a course due east or west: there the ellipsoid's radius of curvature is 6387.6 km at Duronia and
    # 6389.0 km at Muntele Rosu, 0.26 and 0.28 % above the 6371 km of the sphere.
    assert np.abs(off).max() < 0.003
    assert off.min() == pytest.approx(6371.0 / 6389.0 - 1, abs=1e-4)
    assert max(row["km"] for row in rows) < 250 and min(row["km"] for row in rows) > 10


def test_nowhere_is_a_distance_more_than_0_57_percent_off():
    for row in RECORDED["world"]:
        ours = float(stations.great_circle_km(*row["from_deg"], *row["to_deg"]))
        assert ours == pytest.approx(row["km"], rel=0.0057)
