"""The clocks on real minutes and a real catalogue: what is told, and what cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.data_folder import ROOT
from core.evaluation.chance import skill
from core.evaluation.clocks import disturbance, onset, second_catalogue
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.formats import recognise
from core.loading.formats.minutes import columns
from core.loading.record.minute import epoch_minutes

pytestmark = pytest.mark.shared

RADIUS_KM = 200
SHAKING_NT, SHAKING_MINUTES = 120, 60  # the school instrument has steps of 13.4 nT: less is not seen in it


@pytest.fixture(scope="module")
def alaska(shared_data):
    return recognise.read_events(shared_data / "catalogues" / "alaska_usgs_comcat_20141020-20160608_m25.csv.gz")


@pytest.fixture(scope="module")
def kodiak(shared_data, tmp_path_factory):
    """Raw X and Z of Kodiak, March to August 2015, and their first minute."""
    archive = Archive(tmp_path_factory.mktemp("kodiak") / "archive")
    mapping = columns.load_mapping(ROOT / "data" / "mappings" / "intelecell_kodiak.toml")
    ingest(sorted((shared_data / "magnetics" / "csv_intelecell" / "InteleCell-Kodiak").iterdir()), archive, mapping)
    field = archive.minute("KOD").field[["X", "Z"]]
    return int(epoch_minutes(pd.DatetimeIndex(field.index[:1]))[0]), field.to_numpy(np.float64)


def near(alaska, late_hours=0.0):
    away = stations.distance_km(alaska["latitude_deg"], alaska["longitude_deg"], stations.get("KOD"))
    felt = alaska[np.asarray(away) <= RADIUS_KM]
    return felt.assign(station="KOD", origin_time=felt["origin_time"] + pd.Timedelta(hours=late_hours))


def shaken(kodiak, alaska, stamps_late_minutes=0):
    """The real record, with shaking that is not in it: an hour of noise after every earthquake within 200 km."""
    first, field = kodiak
    field, random = field.copy(), np.random.default_rng(1)
    for at in epoch_minutes(pd.DatetimeIndex(near(alaska)["origin_time"])) - first:
        if 0 <= at < len(field) - SHAKING_MINUTES:
            field[at : at + SHAKING_MINUTES] += random.normal(size=(SHAKING_MINUTES, 2)) * SHAKING_NT
    return first + stamps_late_minutes, field


def asked(record, events):
    first, field = record
    return onset.tested(skill.on_one_axis([disturbance.series("KOD", first, field)]), events)


@pytest.mark.parametrize("late_hours", [0, 3, -3])
def test_a_real_record_that_earthquakes_do_not_shake_tells_no_time_and_does_not_pretend_to(kodiak, alaska, late_hours):
    assert asked(kodiak, near(alaska, late_hours)).kind == "none"


@pytest.mark.parametrize(
    ("late_hours", "stamps_late_minutes", "kind", "lag_hours"),
    [(0, 0, "confirmed", 0), (3, 0, "late", -3), (-3, 0, "early", 3), (0, -180, "late", -3), (0, 180, "early", 3)],
)
def test_a_real_record_that_is_shaken_tells_whose_clock_is_wrong_by_how_much(
    kodiak, alaska, late_hours, stamps_late_minutes, kind, lag_hours
):
    found = asked(shaken(kodiak, alaska, stamps_late_minutes), near(alaska, late_hours))
    assert (found.kind, found.lag_hours) == (kind, pytest.approx(lag_hours, abs=0.2))


@pytest.mark.parametrize("late_hours", [3, -3])
def test_a_real_catalogue_that_is_three_hours_off_is_told_by_the_right_one(alaska, late_hours):
    found = second_catalogue.compared(near(alaska, late_hours), alaska)
    assert found.kind == "broken" and found.offset_s == pytest.approx(3600 * late_hours, abs=1)
