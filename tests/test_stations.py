"""Stations: the official table, and distances on the sphere."""

import pytest

from core import stations
from core.errors import InputError
from core.stations import Station


def test_longitudes_are_brought_into_one_range():
    assert Station("ESK", "Eskdalemuir", 55.3, 356.8).longitude_deg == pytest.approx(-3.2)


@pytest.mark.parametrize("code", ["dur", "DU", "DURO", "D/R", "DÜR", ""])
def test_a_code_is_three_capital_letters_or_digits(code):
    with pytest.raises(InputError, match="three upper-case"):
        Station(code, "x", 0, 0)


def test_an_unknown_station_lists_the_known_ones():
    with pytest.raises(InputError, match="'XXX' is not in data/stations.toml. Known: DUR, IZN, MLR"):
        stations.get("XXX")


def test_the_papers_coordinates_of_duronia_are_33_km_from_the_observatory():
    duronia = stations.get("DUR")
    assert (duronia.latitude_deg, round(duronia.longitude_deg, 3)) == (41.650, 14.466)
    printed = dict(duronia.paper)
    offset = stations.distance_km(float(printed["latitude_deg"]), float(printed["longitude_deg"]), duronia)
    assert offset == pytest.approx(33, abs=1)


def test_known_distances():
    duronia = stations.get("DUR")
    norcia, laquila = (42.83, 13.11), (42.342, 13.380)  # epicentres of 2016-10-30 and 2009-04-06
    assert stations.distance_km(*norcia, duronia) == pytest.approx(173, abs=5)
    assert stations.distance_km(*laquila, duronia) == pytest.approx(118, abs=5)
