"""`precursor quality`: months for people and for machines, findings by name, and what cannot be asked."""

import json

import numpy as np
import pytest

from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord


@pytest.fixture
def precursor(precursor, data_folder):
    """Call `precursor ...` on an archive with two weeks of DUR with one spike of 40 nT."""
    vector = [12_000.0, 16_000.0, 48_000.0, 52_000.0] + np.random.default_rng(0).normal(0, 1, (14 * 1440, 4))
    vector[5000, 2] += 40
    field = minute.on_grid(24_000_480, vector.round(1))  # from 2015-08-20 00:00
    Archive(data_folder / "archive").store(MinuteRecord("DUR", field, "provisional"))
    return precursor


def test_quality_is_a_table_of_months_and_says_what_was_found(precursor):
    code, out, _ = precursor("quality", "dur")
    assert code == 0
    assert "2015-08" in out and "provisional" in out and "38.7 %" in out  # 12 of 31 days
    assert "1 spike." in out and "Frame check" in out and "deltaF" in out


def test_quality_as_json_has_the_same_months(precursor):
    code, out, _ = precursor("quality", "DUR", "--json")
    rows = json.loads(out)
    assert code == 0 and [row["n_spikes"] for row in rows] == [1, 0]
    assert [row["n_present"] for row in rows] == [12 * 1440, 2 * 1440]


def test_findings_are_listed_and_a_period_narrows_them(precursor):
    rows = json.loads(precursor("quality", "DUR", "--list", "--json")[1])
    assert {row["component"] for row in rows if row["kind"] == "spike"} == {"Z", "F − |B|"}
    assert all(row["start"].startswith("2015-08-23T11:20") for row in rows if row["kind"] == "spike")
    code, out, _ = precursor("quality", "DUR", "--list", "--start", "2015-08-25")
    assert code == 0 and "Nothing was found." in out


def test_a_station_without_data_is_one_sentence(precursor):
    code, out, err = precursor("quality", "IZN")
    assert code == 2 and out == "" and "Stored: DUR" in err and "Traceback" not in err


def test_hours_copied_from_another_year_and_station_are_findings_of_both(precursor, data_folder):
    archive = Archive(data_folder / "archive")
    day = archive.minute("DUR").field.to_numpy()[1440:2880]
    archive.store(MinuteRecord("IZN", minute.on_grid(24_000_480 + 500 * 1440, day), "provisional"))
    for code, start, note in (
        ("DUR", "2015-08-21T00:00", "as IZN from 2017-01-01 00:00"),
        ("IZN", "2017-01-01T00:00", "as DUR from 2015-08-21 00:00"),
    ):
        rows = json.loads(precursor("quality", code, "--list", "--json")[1])
        (row,) = [row for row in rows if row["kind"] == "duplicate"]
        assert row["start"].startswith(start) and (row["n_minutes"], row["note"]) == (1440, note)
    (month,) = json.loads(precursor("quality", "IZN", "--json")[1])
    assert month["n_duplicate"] == 1440
    out = precursor("quality", "IZN")[1]
    assert "stands also as DUR from 2015-08-21 00:00." in out
    assert "In the whole archive: 24 hours hold the values of other hours, of 360 compared" in out


def stored_with_another(archive, late_minutes):
    """Two months of DUR, and IZN that feels the same; the second month of IZN is late."""
    rng = np.random.default_rng(7)
    shared = np.cumsum(rng.standard_normal(60 * 1440)) % 400
    for code, seed in (("DUR", 1), ("IZN", 2)):
        noise = np.random.default_rng(seed).normal(0, 0.3, (60 * 1440, 4))
        values = [12_000.0, 16_000.0, 48_000.0, 52_000.0] + noise
        values[:, 0] += shared
        if code == "IZN":
            values[31 * 1440 :] = np.roll(values, late_minutes, axis=0)[31 * 1440 :]
        archive.store(MinuteRecord(code, minute.on_grid(24_105_600, values.round(1)), "provisional"))  # 2015-11-01


def test_a_clock_that_is_off_against_another_station_is_a_finding_and_a_sentence(precursor, data_folder):
    stored_with_another(Archive(data_folder / "archive"), 60)
    rows = json.loads(precursor("quality", "IZN", "--json")[1])
    assert [(row["month"][:7], row["clock"], row["clock_lag_minutes"]) for row in rows] == [
        ("2015-11", "right", 0.0),
        ("2015-12", "off", 60.0),
    ]
    assert {row["clock_against"] for row in rows} == {"DUR"}
    assert all(row["clock_correlation"] > row["clock_null_bound"] > 0 for row in rows)
    listed = json.loads(precursor("quality", "IZN", "--list", "--json")[1])
    (row,) = [row for row in listed if row["kind"] == "clock"]
    assert (row["start"][:10], row["end"][:10], row["note"]) == ("2015-12-01", "2016-01-01", "60 min late against DUR")
    out = precursor("quality", "IZN")[1]
    assert "+60 min" in out and "The clock of IZN seems 60 min late against DUR, in 2015-12." in out


def test_without_another_station_the_clock_is_said_to_be_unchecked(precursor):
    out = precursor("quality", "DUR")[1]
    assert "not checked" in out and "Clock: not checked, no other observatory has minutes of the same time." in out
