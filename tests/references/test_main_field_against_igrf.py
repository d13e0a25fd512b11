"""
The main field against published values of IGRF-14.

The values are those of the calculator of the British Geological Survey (components to 1 nT, declination to 0.001
degrees; geodetic latitude, height in km above WGS84, noon of the date), as kept by the repository holdTheDoorHoid/
skyfix-lab, fixtures/reference/geomag_igrf14.json, each with its address, for example
https://geomag.bgs.ac.uk/web_service/GMModels/igrf/14/?latitude=55.8&longitude=37.6&altitude=0.0&date=1983-07-01&format=json
"""

import numpy as np
import pandas as pd
import pytest

from core.loading.record import components
from core.stations import Station
from core.synthesis import field

# Date, latitude, longitude (degrees), height (m): X, Y, Z (nT), declination (degrees).
PUBLISHED = {
    ("1900-01-01", 51.5, -0.1, 0): (17697, -5242, 43642, -16.499),
    ("1918-01-01", 35.7, 139.7, 0): (29868, -2669, 34524, -5.106),
    ("1968-01-01", -77.8, 166.7, 0): (-7054, 5101, -64743, 144.128),
    ("1983-07-01", 55.8, 37.6, 0): (16759, 2425, 48647, 8.232),
    ("1997-01-01", -1.3, 36.8, 1700): (30263, -99, -14421, -0.187),
    ("2004-01-01", -45.0, 170.0, 0): (18297, 8130, -55692, 23.958),
    ("2013-01-01", 30.0, -90.0, 0): (24190, -144, 41190, -0.342),
    ("2019-07-01", 48.9, 2.35, 0): (20850, 339, 43443, 0.933),
    ("2022-07-01", 39.95, -75.17, 0): (20611, -4356, 46437, -11.932),
    ("2024-12-31", -20.0, 57.5, 0): (22682, -7360, -31772, -17.978),
}


def noon(date):
    return int(pd.Timestamp(f"{date}T12:00Z").timestamp()) // 60


@pytest.mark.parametrize("place", PUBLISHED, ids=lambda place: f"{place[0]} {place[1]} {place[2]}")
def test_the_field_is_the_one_that_the_british_geological_survey_gives(place):
    date, latitude, longitude, height_m = place
    station = Station("ABC", "somewhere", latitude, longitude, float(height_m))
    ours = field.main_field(station, noon(date), 1)[:, 0]
    np.testing.assert_allclose(ours, PUBLISHED[place][:3], atol=0.75)  # they are rounded to 1 nT


@pytest.mark.parametrize("place", [p for p in PUBLISHED if not p[3]], ids=lambda p: f"{p[0]} {p[1]} {p[2]}")
def test_the_declination_is_the_one_that_the_british_geological_survey_gives(place):
    date, latitude, longitude, _ = place
    ours = components.igrf_declination_minutes(latitude, longitude, np.array([noon(date)]))
    assert ours[0] / 60 == pytest.approx(PUBLISHED[place][3], abs=0.0015)  # theirs is rounded to 0.001
