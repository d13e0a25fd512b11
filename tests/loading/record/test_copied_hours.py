"""Hours that stand twice are found wherever they stand; hours that equal one another by right are not."""

from __future__ import annotations

import numpy as np
import pytest

from core.loading.archive.archive import Archive
from core.loading.record import copied_hours, minute
from core.loading.record.minute import MinuteRecord

FIRST = 24_000_480  # 2015-08-20 00:00
LEVEL = np.array([12_000.0, 16_000.0, 48_000.0, 52_000.0])


def noise(n_hours, seed=0):
    """X, Y, Z, F to 0.1 nT, shape (60 * n_hours, 4)."""
    return (LEVEL + np.random.default_rng(seed).normal(0, 1, (60 * n_hours, 4))).round(1)


def record(values, station="DUR", first=FIRST, data_type="variation", **header):
    return MinuteRecord(station, minute.on_grid(first, values), data_type, header)


def rows(records):
    table = copied_hours.runs([copied_hours.of_record(each) for each in records])
    return [copied_hours.sentence(row) for _, row in table.iterrows()]


def test_a_run_of_hours_is_one_row_that_says_where_it_stands_and_where_it_stood():
    values = noise(96)
    values[60 * 70 : 60 * 75] = values[60 * 20 : 60 * 25]
    assert rows([record(values)]) == [
        "DUR 2015-08-22 22:00 to 2015-08-23 03:00 holds the values of "
        "DUR 2015-08-20 20:00 to 2015-08-21 01:00 (5 hours)"
    ]


def test_copies_over_years_and_stations_are_found_in_an_archive_whatever_the_header_says(tmp_path):
    archive = Archive(tmp_path / "archive")
    day = noise(24, seed=5)
    archive.store(record(np.concatenate([noise(24), day]), "DUR", institute="one"))
    archive.store(record(day, "IZN", FIRST + 1440 * 730, "definitive", institute="other"))
    archive.store(record(np.concatenate([noise(24, 8), day]), "MLR"))
    found = copied_hours.find(archive)
    assert [copied_hours.sentence(row) for _, row in found.table.iterrows()] == [
        f"{copy} holds the values of DUR 2015-08-21 00:00 to 2015-08-22 00:00 (24 hours)"
        for copy in ("MLR 2015-08-21 00:00 to 2015-08-22 00:00", "IZN 2017-08-19 00:00 to 2017-08-20 00:00")
    ]
    assert found.n_compared == 5 * 24 and found.sentence().startswith("48 hours hold the values of other hours, of 120")


def test_the_same_minutes_of_a_station_from_two_files_are_one_record_and_no_copy(tmp_path):
    archive = Archive(tmp_path / "archive")
    archive.store(record(noise(24), format="iaga2002"))
    archive.store(record(noise(24), data_type="definitive", format="imf122"))
    assert copied_hours.find(archive).table.empty


def test_a_copy_moved_by_whole_hours_is_seen_as_equal_and_one_moved_by_minutes_as_altered():
    values = noise(96)
    day = values[: 60 * 24].copy()
    for begin, words in (
        (60 * 49, "2015-08-22 01:00 to 2015-08-23 01:00 holds the values of DUR 2015-08-20 00:00 to 2015-08-21 00:00"),
        (60 * 49 + 7, "holds, altered, X Y Z of DUR 2015-08-"),
    ):
        moved = values.copy()
        moved[begin : begin + len(day)] = day
        (row,) = rows([record(moved)])
        assert words in row
    minutes = copied_hours.runs([copied_hours.of_record(record(moved))]).iloc[0]
    assert (minutes["start"] - minutes["equal_start"]).total_seconds() == 60 * (60 * 49 + 7)


def test_an_equal_copy_is_not_told_once_more_as_altered_whatever_else_is():
    values = noise(120)
    values[60 * 30 : 60 * 40] = values[60 * 3 : 60 * 13]
    values[60 * 50 : 60 * 60] = values[60 * 3 : 60 * 13]
    values[60 * 80 : 60 * 90] = values[60 * 3 : 60 * 13] + 5
    told = [row for row in rows([record(values)])]
    source = "DUR 2015-08-20 03:00 to 2015-08-20 13:00 (10 hours)"
    assert told == [
        f"DUR 2015-08-21 06:00 to 2015-08-21 16:00 holds the values of {source}",
        f"DUR 2015-08-22 02:00 to 2015-08-22 12:00 holds the values of {source}",
        f"DUR 2015-08-23 08:00 to 2015-08-23 18:00 holds, altered, X Y Z of {source}",
    ]


def test_an_hour_and_all_its_copies_equal_or_altered_are_of_one_group():
    values = noise(120)
    values[60 * 30 : 60 * 32] = values[60 * 3 : 60 * 5]
    values[60 * 80 + 7 : 60 * 82 + 7] = values[60 * 3 : 60 * 5] + 5
    hours = copied_hours.twins([copied_hours.of_record(record(values))]).hours
    groups = [sorted((group["hour"] - FIRST // 60).tolist()) for _, group in hours.groupby("group")]
    assert [3, 30, 80] in groups and [4, 31, 81] in groups


def test_the_last_bits_of_a_conversion_do_not_hide_a_copy():
    values = noise(48)
    there_and_back = values[: 60 * 24].copy()
    h, d = np.hypot(there_and_back[:, 0], there_and_back[:, 1]), np.arctan2(there_and_back[:, 1], there_and_back[:, 0])
    there_and_back[:, 0], there_and_back[:, 1] = h * np.cos(d), h * np.sin(d)
    assert not np.array_equal(there_and_back, values[: 60 * 24])
    values[60 * 24 :] = there_and_back
    assert len(rows([record(values)])) == 1


def test_still_hours_and_hours_of_few_minutes_are_set_aside_and_counted():
    values = noise(24)
    values[60 * 2 : 60 * 5] = values[60 * 2]  # three hours that stand still
    values[60 * 10 + 29 : 60 * 11] = np.nan  # 29 minutes are there
    values[60 * 12 : 60 * 13] = values[60 * 10 : 60 * 11]
    values[60 * 14 : 60 * 15] = np.nan  # nothing is there: not even set aside
    prints = copied_hours.of_record(record(values))
    assert (len(prints.hours), prints.n_poor, prints.n_still) == (24 - 3 - 2 - 1, 2, 3)
    assert copied_hours.runs([prints]).empty


def test_hours_set_aside_within_a_run_do_not_break_it():
    values = noise(96)
    values[60 * 12] = np.nan
    values[60 * 12 + 1 : 60 * 13] = values[60 * 12 + 1]
    values[60 * 58 : 60 * 68] = values[60 * 8 : 60 * 18]
    (row,) = rows([record(values)])
    assert "2015-08-22 10:00 to 2015-08-22 20:00" in row and row.endswith("(9 hours)")


def test_what_stands_three_times_is_compared_with_the_earliest():
    values = noise(96)
    for hour in (40, 80):
        values[60 * hour : 60 * (hour + 2)] = values[60 * 5 : 60 * 7]
    assert [row[-60:] for row in rows([record(values)])] == [
        " holds the values of DUR 2015-08-20 05:00 to 2015-08-20 07:00 (2 hours)"[-60:]
    ] * 2


def test_equal_hours_are_those_of_a_comparison_of_all_pairs():
    rng = np.random.default_rng(4)
    values = noise(200)
    for _ in range(30):
        to, of = rng.integers(0, 200, 2)
        values[60 * to : 60 * to + 60] = values[60 * of : 60 * of + 60]
    hours = values[:, :3].reshape(200, -1)
    expected = [i for i in range(200) if any(i != j and np.array_equal(hours[i], hours[j]) for j in range(200))]
    found = copied_hours.equal_hours([copied_hours.of_record(record(values))])
    assert sorted((found["hour"] - FIRST // 60).tolist()) == expected and len(expected) > 20


def test_a_record_that_begins_within_an_hour_is_compared_by_whole_hours_of_universal_time():
    values = noise(72)
    values[60 * 48 : 60 * 60] = values[60 * 10 : 60 * 22]
    (row,) = rows([record(values[25:], first=FIRST + 25)])
    assert "2015-08-22 00:00 to 2015-08-22 12:00 holds the values of DUR 2015-08-20 10:00" in row


def test_a_copy_is_told_from_either_side():
    values = noise(48)
    values[60 * 30 : 60 * 32] = values[60 * 3 : 60 * 5]
    parts = [copied_hours.of_record(record(values)), copied_hours.of_record(record(values, "IZN"))]
    table = copied_hours.of_station(copied_hours.runs(parts), "IZN")
    assert set(table["station"]) == {"IZN"} and table["n_hours"].sum() == 48
    within = copied_hours.of_station(copied_hours.runs(parts[:1]), "DUR")
    assert within["start"].dt.hour.tolist() == [3, 6] and within["equal_start"].dt.hour.tolist() == [6, 3]


def test_stations_of_a_synthetic_world_share_no_hour():
    from core.config import WorldConfig
    from core.synthesis.world import World

    world = World(WorldConfig(seed=2, start="2016-01-01", end="2016-03-01"))
    found = copied_hours.find(world)
    assert found.table.empty and found.n_compared > 3 * 55 * 24


@pytest.mark.shared
def test_nine_months_of_eskdalemuir_have_no_hour_twice(shared_data):
    from core.loading.formats.minutes import iaga2002

    folder = shared_data / "magnetics" / "iaga2002" / "esk_2003_daily"
    parts = [copied_hours.of_record(iaga2002.read(path)) for path in sorted(folder.iterdir())]
    assert sum(len(part.hours) for part in parts) + sum(part.n_still for part in parts) == 273 * 24
    assert sum(part.n_still for part in parts) < 24
    assert copied_hours.runs(parts).empty
