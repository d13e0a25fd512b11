"""`precursor archive check` names hours that stand twice, and does not take them for damage."""

import json

import numpy as np
import pytest

from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord

FIRST = 24_000_480  # 2015-08-20 00:00


def noise(n_days, seed=0):
    return (
        [12_000.0, 16_000.0, 48_000.0, 52_000.0] + np.random.default_rng(seed).normal(0, 1, (n_days * 1440, 4))
    ).round(1)


@pytest.fixture
def archive(data_folder):
    archive = Archive(data_folder / "archive")
    archive.store(MinuteRecord("DUR", minute.on_grid(FIRST, noise(4)), "provisional"))
    return archive


def test_a_sound_archive_without_copies_says_both(precursor, archive):
    code, out, err = precursor("archive", "check")
    assert code == 0 and "Every file is as it was stored." in out
    assert "No hour stands twice, of 96 compared; set aside: 0 with less than 30 minutes" in err


def test_copied_hours_are_a_row_with_the_file_and_both_places_and_no_damage(precursor, archive):
    archive.store(MinuteRecord("IZN", minute.on_grid(FIRST + 500 * 1440, noise(4)[600:2280]), "provisional"))
    code, out, err = precursor("archive", "check", "--json")
    (row,) = json.loads(out)
    assert code == 0 and row["file"].endswith("minute/IZN/2017.parquet")
    assert row["problem"] == (
        "IZN 2017-01-01 00:00 to 2017-01-02 04:00 holds the values of "
        "DUR 2015-08-20 10:00 to 2015-08-21 14:00 (28 hours)"
    )
    assert "Every file is as it was stored. The same values stand under two dates or two stations" in err


def test_an_altered_copy_is_a_row_that_says_so_and_is_counted(precursor, archive):
    archive.store(MinuteRecord("IZN", minute.on_grid(FIRST + 500 * 1440 + 7, noise(4)[600:2280] + 5), "provisional"))
    code, out, err = precursor("archive", "check", "--json")
    (row,) = json.loads(out)
    # What was 10:00 to 14:00 of the next day is 00:07 to 04:07 now: 27 whole hours and 53 minutes of the first.
    assert code == 0 and row["problem"] in (
        "IZN 2017-01-01 01:00 to 2017-01-02 04:00 holds, altered, X Y Z of "
        "DUR 2015-08-20 10:53 to 2015-08-21 13:53 (27 hours)",
        "IZN 2017-01-01 00:00 to 2017-01-02 04:00 holds, altered, X Y Z of "
        "DUR 2015-08-20 09:53 to 2015-08-21 13:53 (28 hours)",
    )
    assert "of them altered), of " in err


def test_in_a_damaged_archive_only_the_damage_is_named(precursor, archive, data_folder):
    path = data_folder / "archive" / "minute" / "DUR" / "2015.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    code, out, err = precursor("archive", "check", "--json")
    assert code == 1 and len(json.loads(out)) == 1 and "stands twice" not in err


def test_an_archive_without_minutes_says_nothing_of_hours(precursor, data_folder):
    code, _, err = precursor("archive", "check")
    assert code == 0 and "hour" not in err
