"""Declination against IGRF and coordinates against the table: what is odd is said, and nothing is turned unasked."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from core.loading.formats.minutes import iaga2002
from core.loading.record import frame_check, minute
from core.loading.record.minute import MinuteRecord

IGRF_DEG = 3.92  # IGRF-14 at Duronia (41.650, 14.466), January 2022; DUR definitive of that month: 4.0
JANUARY_2022 = 27_349_920  # epoch minutes


def record(declination_deg, h=24_600.0, z=39_700.0, station="DUR", data_type="variation", days=3, header=None):
    angle = math.radians(declination_deg)
    values = [h * math.cos(angle), h * math.sin(angle), z, math.nan]
    field = minute.on_grid(JANUARY_2022, np.tile(values, (days * 1440, 1)))
    return MinuteRecord(station, field, data_type, header or {})


def declination(one):
    return math.degrees(math.atan2(one.field["Y"].median(), one.field["X"].median()))


@pytest.mark.parametrize(
    "declination_deg, frame",
    [
        (3.9, "geographic"),
        (4.8, "geographic"),
        (0.1, "magnetic meridian"),
        (-0.9, "magnetic meridian"),
        (90 - 3.9, "X and Y exchanged"),
        (-3.9, "Y points west"),
        (180 - 3.9, "X points south"),
        (180 + 3.9, "X points south, Y west"),
        (20.0, "not geographic"),
    ],
)
def test_the_frame_is_told_from_the_declination(declination_deg, frame):
    table = frame_check.monthly(record(declination_deg))
    assert table["frame"].tolist() == [frame]
    assert table["igrf_deg"].iloc[0] == pytest.approx(IGRF_DEG, abs=0.02)
    assert table["declination_deg"].iloc[0] == pytest.approx((declination_deg + 180) % 360 - 180, abs=1e-6)


def test_a_field_near_zero_has_no_direction_and_an_unknown_place_no_igrf():
    assert frame_check.monthly(record(20.0, h=30.0, z=12.0))["frame"].tolist() == ["no baseline"]
    assert frame_check.monthly(record(20.0, station="XXX"))["frame"].tolist() == ["unknown place"]
    assert frame_check.checked(record(20.0, station="XXX")).notes == ()


def test_each_month_is_judged_by_itself():
    long = record(3.9, days=70)
    y = long.field["Y"].where(long.field.index.month != 2, 0.0)
    table = frame_check.monthly(dataclasses.replace(long, field=long.field.assign(Y=y)))
    assert table["frame"].tolist() == ["geographic", "magnetic meridian", "geographic"]
    assert table["month"].dt.strftime("%Y-%m").tolist() == ["2022-01", "2022-02", "2022-03"]


def test_data_in_the_magnetic_meridian_are_kept_and_the_rotation_is_offered():
    before = record(0.14)
    after = frame_check.checked(before)
    pd.testing.assert_frame_equal(after.field, before.field)
    assert len(after.notes) == 1
    assert "0.14 deg where IGRF gives 3.92" in after.notes[0] and "--rotate-to-geographic" in after.notes[0]


def test_the_rotation_is_made_when_asked_and_recorded():
    before = record(0.14)
    after = frame_check.checked(before, rotate=True)
    assert declination(after) == pytest.approx(0.14 + IGRF_DEG, abs=0.02)
    np.testing.assert_allclose(np.hypot(after.field["X"], after.field["Y"]), 24_600.0)
    np.testing.assert_array_equal(after.field["Z"], before.field["Z"])
    assert "rotated" in after.header[frame_check.FRAME] and "as asked" in after.notes[-1]
    assert frame_check.checked(after).notes == after.notes  # it is geographic now


@pytest.mark.parametrize("declination_deg", [3.9, 90 - 3.9, 20.0])
def test_what_is_not_in_the_magnetic_meridian_is_not_rotated_even_if_asked(declination_deg):
    before = record(declination_deg)
    after = frame_check.checked(before, rotate=True)
    pd.testing.assert_frame_equal(after.field, before.field)
    assert "Nothing was rotated" in after.notes[-1]


@pytest.mark.parametrize(
    "latitude, longitude, words",
    [
        ("41.650", "14.466", ""),
        ("41.65", "374.466", ""),
        ("41.6", "14.5", ""),
        ("-41.650", "14.466", "the sign of the latitude is wrong"),
        ("41.650", "-14.466", "the sign of the longitude is wrong"),
        ("41.650", "345.534", "the sign of the longitude is wrong"),
        ("-41.650", "-14.466", "both signs are wrong"),
        ("14.466", "41.650", "latitude and longitude are exchanged"),
        ("48.350", "14.466", "the first is a colatitude"),
        ("41.390", "14.280", "(33 km away)"),  # as Table 1 of the paper prints it
        ("somewhere", "14.466", ""),
    ],
)
def test_coordinates_in_the_header_are_compared_with_the_table_and_reported(latitude, longitude, words):
    header = {"Geodetic Latitude": latitude, "Geodetic Longitude": longitude}
    notes = frame_check.checked(record(3.9, header=header)).notes
    assert len(notes) == bool(words)
    assert all(words in note and "The table was believed" in note for note in notes)


@pytest.mark.shared
def test_the_frames_of_the_real_files_are_told(shared_data):
    found = {}
    for path in sorted((shared_data / "magnetics" / "iaga2002" / "intermagnet_20220115").glob("*.gz")):
        one = iaga2002.read(path)
        found[one.station] = frame_check.monthly(one)["frame"].iloc[0]
        assert frame_check.coordinates(one) == ""
    odd = {code: frame for code, frame in found.items() if frame != "geographic"}
    assert odd == {
        "AIA": "no baseline",
        "GCK": "no baseline",
        "DUR": "magnetic meridian",
        "HUA": "magnetic meridian",
        "PPT": "not geographic",  # it stands on volcanic rock, 1.5 degrees off
    }


def test_the_report_of_ingest_says_it_and_the_option_rotates(tmp_path):
    from core import stations
    from core.loading.archive.archive import Archive
    from core.loading.archive.ingest import ingest

    place = stations.get("DUR")
    wrong = dataclasses.replace(place, latitude_deg=-place.latitude_deg)
    path = tmp_path / "dur20220101vmin.min"
    iaga2002.write(record(0.14, days=1), path, wrong)
    archive = Archive(tmp_path / "archive")
    message = ingest([path], archive)["message"].iloc[0]
    assert "magnetic meridian" in message and "the sign of the latitude is wrong" in message
    assert declination(archive.minute("DUR")) == pytest.approx(0.14, abs=0.01)
    message = ingest([path], archive, rotate=True)["message"].iloc[0]
    assert "as asked" in message
    assert declination(archive.minute("DUR")) == pytest.approx(0.14 + IGRF_DEG, abs=0.02)
