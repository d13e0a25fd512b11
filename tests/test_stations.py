"""Stations: the official table, and distances on the sphere."""

import os

import pytest

from core import shipped, stations
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


GOOD = """# A table of one station.

[DUR]
name = "Duronia"
latitude_deg = 41.65
longitude_deg = 14.466
elevation_m = 895

[DUR.paper]
provider = "INTERMAGNET"
"""

# What is put into the table in place of what, and the line and the words that the sentence must have.
SLIPS = {
    "a latitude in quotes": ("41.65", '"41.65"', 5, "latitude_deg = '41.65' is text, not a number"),
    "a latitude that is true": ("41.65", "true", 5, "latitude_deg = True is true or false, not a number"),
    "a latitude that is a list": ("41.65", "[41.65]", 5, "is a list, not a number"),
    "a latitude of NaN": ("41.65", "nan", 5, "latitude_deg = nan is no finite number"),
    "an infinite longitude": ("14.466", "inf", 6, "longitude_deg = inf is no finite number"),
    "a latitude beyond the pole": ("41.65", "91", 5, "latitude_deg = 91 is outside -90 to 90"),
    "a longitude beyond the circle": ("14.466", "400", 6, "longitude_deg = 400 is outside -180 to 360"),
    "an impossible elevation": ("895", "89500", 7, "elevation_m = 89500 is outside -500 to 9000"),
    "a latitude of 5000 digits": ("41.65", "9" * 5000, None, "a number or a time that cannot be"),
    "a name that is a number": ('"Duronia"', "5", 4, "name = 5 is a whole number, not text"),
    "an empty name": ('"Duronia"', '" "', 4, "name is empty"),
    "a misspelt key": ("latitude_deg", "lattitude_deg", 5, "unknown key 'lattitude_deg'. Keys are: name, latitude_deg"),
    "a missing key": ("latitude_deg = 41.65\n", "", 3, "[DUR] has no latitude_deg"),
    "a missing quote": ('"Duronia"', '"Duronia', 4, "is not TOML"),
    "a missing bracket": ("[DUR]", "[DUR", 3, "is not TOML"),
    "a key without a value": ("41.65", "", 5, "is not TOML"),
    "a section twice": ("[DUR.paper]", "[DUR]", 9, "is not TOML"),
    "a key twice": ("elevation_m", "name", 7, "is not TOML"),
    "a code in small letters": ("[DUR]", "[dur]", 3, "code 'dur' is not three upper-case letters or digits"),
    "a key before any section": (
        "# A table",
        "note = 5\n# A table",
        1,
        "'note' stands outside a section such as [DUR]",
    ),
    "axes that nobody knows": ("elevation_m = 895", 'axes = "magnetic"', 7, "axes = 'magnetic' is neither"),
    "a paper that is text": ("\n[DUR.paper]\nprovider", "paper", 8, "paper is text, not a table"),
}


@pytest.fixture
def own_table(tmp_path, monkeypatch):
    """A table of stations that the program reads in place of its own."""
    path = tmp_path / "stations.toml"
    path.write_text(GOOD)
    monkeypatch.setattr(shipped, "layers", lambda name, data_dir=None: [path])
    return path


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_table_is_one_sentence_with_its_line(own_table, slip):
    right, wrong, line, words = SLIPS[slip]
    assert right in GOOD
    own_table.write_text(GOOD.replace(right, wrong, 1))
    with pytest.raises(InputError) as refused:
        stations.get("DUR")
    said = str(refused.value)
    assert words in said and "\n" not in said and len(said) < 500
    assert said.startswith(f"{own_table}, line {line}: " if line else f"{own_table}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no station"),
        (b"# nothing yet\n", "holds no station"),
        (b'[DUR]\nname = "F\xfcrst"\n', "line 2"),
        ("[DUR]\n".encode("utf-16"), "line 1"),
        (b"\0" * 100, "line 1"),
        (b"a = " + b"[" * 9000, "nested too deeply"),
        (b"DUR = [" + b"5," * 9 + b"]", "line 1: 'DUR' stands outside a section"),
        (
            b"# a station on a line\n" + b'DUR = {name = "x", latitude_deg = "4", longitude_deg = 5}',
            "line 2: latitude_deg",
        ),
    ],
)
def test_a_table_that_is_none_is_one_sentence(own_table, content, words):
    own_table.write_bytes(content)
    with pytest.raises(InputError) as refused:
        stations.table()
    assert str(refused.value).startswith(str(own_table)) and words in str(refused.value)


def test_a_missing_table_and_a_folder_in_its_place_are_one_sentence(own_table):
    own_table.unlink()
    with pytest.raises(InputError, match="it is missing"):
        stations.table()
    own_table.mkdir()
    with pytest.raises(InputError, match="it cannot be read"):
        stations.table()


def test_a_table_saved_by_windows_is_read(own_table):
    own_table.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert stations.get("DUR").elevation_m == 895
    assert dict(stations.get("DUR").paper) == {"provider": "INTERMAGNET"}


def test_a_change_of_the_table_is_seen_at_once(own_table):
    before = stations.stamp()
    assert stations.get("DUR").latitude_deg == 41.65
    own_table.write_text(GOOD.replace("41.65", "41.66"))  # as long as before
    os.utime(own_table, ns=(1, 1))  # and of another moment, however coarse the clock of the disk is
    assert stations.get("DUR").latitude_deg == 41.66
    assert stations.stamp() != before
    own_table.write_text(GOOD.replace("41.65", '"41"'))
    with pytest.raises(InputError, match="line 5"):
        stations.get("DUR")
    own_table.write_text(GOOD)
    assert stations.get("DUR").latitude_deg == 41.65


@pytest.mark.parametrize("longitude", [float("nan"), float("inf")])
def test_a_station_has_a_place(longitude):
    with pytest.raises(InputError, match="longitude"):
        Station("DUR", "x", 0, longitude)


def test_the_table_of_the_project_is_sound():
    table = stations.table()
    assert len(table) > 20 and all(station.credit for station in table.values())
