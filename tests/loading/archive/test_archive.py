"""The archive: merging, replacing, refusing, and saying what happened."""

import hashlib
import itertools
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.loading.archive import parquet
from core.loading.archive import writer as writer_module
from core.loading.archive.archive import Archive
from core.loading.archive.year_file import year_minutes
from core.loading.record.minute import DATA_TYPES
from support.archive_rows import MIDNIGHT_2016, events, parquet_state, record

REAL_TYPES = ("variation", "provisional", "quasi-definitive", "definitive")


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


def test_the_minute_the_tests_start_at_is_the_new_year_of_2016():
    assert pd.Timestamp(MIDNIGHT_2016 * 60, unit="s", tz="UTC") == pd.Timestamp("2016-01-01T00:00Z")


def test_what_is_stored_comes_back_bit_for_bit(archive):
    values = [[24567.1, 1321.22, 39347.33, 46405.9], [0.1 + 0.2, -1e-9, 1 / 3, np.nan]]
    archive.store(record(values))
    field = archive.minute("DUR").field
    assert np.array_equal(field.to_numpy(), np.array(values), equal_nan=True)
    assert field.index[0] == pd.Timestamp("2016-01-01T00:00Z")


def test_gaps_and_minutes_outside_the_data_are_nan_on_the_full_grid(archive):
    archive.store(record([1, 2], first=MIDNIGHT_2016 + 2))
    archive.store(record([3], first=MIDNIGHT_2016 + 6))
    found = archive.minute("DUR", pd.Timestamp("2016-01-01T00:01Z"), pd.Timestamp("2016-01-01T00:09Z"))
    expected = [np.nan, 1, 2, np.nan, np.nan, 3, np.nan, np.nan]
    assert np.array_equal(found.field["X"].to_numpy(), expected, equal_nan=True)
    assert archive.period("DUR") == (pd.Timestamp("2016-01-01T00:02Z"), pd.Timestamp("2016-01-01T00:07Z"))


def test_a_record_over_new_year_is_in_two_files_and_comes_back_whole(archive):
    first = MIDNIGHT_2016 - 3
    report = archive.store(record(range(1, 7), first=first))
    assert sorted(p.name for p in (archive.folder / "minute" / "DUR").glob("*.parquet")) == [
        "2015.parquet",
        "2016.parquet",
    ]
    assert archive.minute("DUR").field["Z"].tolist() == [1, 2, 3, 4, 5, 6]
    assert report.sentence == "DUR 2015: 3 minutes definitive added. DUR 2016: 3 minutes definitive added"


def test_a_period_that_starts_between_two_minutes_starts_at_the_next_full_one(archive):
    archive.store(record([1, 2, 3]))
    found = archive.minute("DUR", pd.Timestamp("2016-01-01T00:00:30Z"), pd.Timestamp("2016-01-01T00:01:01Z"))
    assert found.field["X"].tolist() == [2]


def test_definitive_values_replace_provisional_ones_and_the_report_says_so(archive):
    archive.store(record(np.full(1440, 7.0), "provisional"))
    report = archive.store(record(np.full(1440, 7.5), "definitive"))
    assert report.sentence == "DUR 2016: 1440 minutes definitive replace provisional"
    assert (report.n_added, report.n_replaced, report.n_revised, report.n_unchanged, report.n_kept) == (
        0,
        1440,
        0,
        0,
        0,
    )
    assert (archive.minute("DUR").field["X"] == 7.5).all()


def test_provisional_values_never_replace_definitive_ones(archive):
    archive.store(record([1, 2], "definitive"))
    before = parquet_state(archive.folder)
    report = archive.store(record([8, 9], "provisional"))
    assert report.sentence == "DUR 2016: 2 minutes provisional not taken, because definitive is stored"
    assert report.n_kept == 2 and not report.changed
    assert parquet_state(archive.folder) == before


def test_a_worse_file_still_fills_the_minutes_that_a_better_one_lacks(archive):
    archive.store(record([1, np.nan, 3], "definitive"))
    report = archive.store(record([7, 8, 9], "variation"))
    assert archive.minute("DUR").field["X"].tolist() == [1, 8, 3]
    assert (report.n_added, report.n_kept) == (1, 2)
    types = archive.data_types("DUR").set_index("data_type")["n_minutes"].to_dict()
    assert types == {"definitive": 2, "variation": 1}


def test_a_new_value_of_the_same_type_is_a_revision_and_is_counted(archive):
    archive.store(record([1, 2, 3]))
    report = archive.store(record([1, 2.5, 3]))
    assert (report.n_revised, report.n_unchanged) == (1, 2)
    assert "1 minutes definitive revised" in report.sentence
    assert archive.minute("DUR").field["X"].tolist() == [1, 2.5, 3]


def test_a_missing_value_never_erases_one_whatever_its_type(archive):
    archive.store(record([1, 2], "variation"))
    archive.store(record([np.nan, 5], "definitive"))
    assert archive.minute("DUR").field["X"].tolist() == [1, 5]


def test_each_component_keeps_the_best_value_it_ever_had(archive):
    archive.store(record([[1, 1, 1, 10]], "provisional"))
    archive.store(record([[2, 2, 2, np.nan]], "definitive"))  # definitive, but without F
    archive.store(record([[3, 3, 3, 30]], "quasi-definitive"))  # better than provisional for F, worse for the rest
    assert archive.minute("DUR").field.iloc[0].tolist() == [2, 2, 2, 30]


def test_storing_twice_changes_neither_bytes_nor_time_of_any_file(archive):
    same = record(np.random.default_rng(0).normal(24000, 10, (3000, 1)))
    archive.store(same)
    before = parquet_state(archive.folder)
    report = archive.store(same)
    assert parquet_state(archive.folder) == before
    assert report.n_unchanged == 3000 and not report.changed
    assert report.sentence == "DUR 2016: 3000 minutes definitive were stored already"


def test_the_order_in_which_files_of_different_types_arrive_does_not_matter(tmp_path):
    rng = np.random.default_rng(1)
    records = []
    for data_type in REAL_TYPES:
        values = rng.normal(size=(50, 4))
        values[rng.random((50, 4)) < 0.4] = np.nan
        records.append(record(values, data_type, MIDNIGHT_2016 + int(rng.integers(20))))
    states = set()
    for i, order in enumerate([*itertools.permutations(records)][::3]):
        archive = Archive(tmp_path / str(i))
        for each in order:
            archive.store(each)
        states.add(hashlib.sha256(archive._minutes.path("DUR", 2016).read_bytes()).hexdigest())
    assert len(states) == 1


minutes = st.integers(0, 5)
few_values = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(REAL_TYPES), minutes, few_values), min_size=1, max_size=6))
def test_merging_agrees_with_a_loop_over_single_minutes(tmp_path_factory, steps):
    archive = Archive(tmp_path_factory.mktemp("archive"))
    expected = {}  # minute -> (rank, value)
    for data_type, offset, values in steps:
        rank = DATA_TYPES[data_type]
        numbers = dict.fromkeys(("added", "replaced", "revised", "unchanged", "kept"), 0)
        for i, value in enumerate(values):
            if value is None:
                continue
            old = expected.get(offset + i)
            if old is None:
                numbers["added"] += 1
            elif rank < old[0]:
                numbers["kept"] += 1
                continue
            elif rank > old[0]:
                numbers["replaced"] += 1
            elif old[1] != value:
                numbers["revised"] += 1
            else:
                numbers["unchanged"] += 1
            expected[offset + i] = (rank, value)
        given_values = [np.nan if value is None else value for value in values]
        report = archive.store(record(given_values, data_type, MIDNIGHT_2016 - 3 + offset))
        assert {name: getattr(report, f"n_{name}") for name in numbers} == numbers
    if not expected:
        assert archive.stations() == []
        return
    found = archive.minute("DUR").field["Y"]
    first = min(expected)
    grid = [expected.get(first + i, (0, np.nan))[1] for i in range(len(found))]
    assert np.array_equal(found.to_numpy(), np.array(grid, dtype=float), equal_nan=True)
    types = archive.data_types("DUR").set_index("data_type")["n_minutes"].to_dict()
    ranks = [rank for rank, _ in expected.values()]
    assert types == {name: ranks.count(rank) for name, rank in DATA_TYPES.items() if rank in ranks}


def test_many_records_at_once_give_the_same_archive_and_reports_as_one_by_one(tmp_path):
    rng = np.random.default_rng(2)
    records = [
        record(rng.integers(0, 3, 30), str(rng.choice(REAL_TYPES)), MIDNIGHT_2016 + int(rng.integers(-40, 40)), code)
        for code in ("DUR", "IZN") * 10
    ]
    one_by_one, together = Archive(tmp_path / "a"), Archive(tmp_path / "b")
    now = pd.Timestamp("2020-01-01T00:00Z")
    reports = [one_by_one.store(each, learned=now) for each in records]
    assert together.store_many(records, learned=now) == reports
    first, second = parquet_state(one_by_one.folder), parquet_state(together.folder)
    assert {k: v[1] for k, v in first.items()} == {k: v[1] for k, v in second.items()}


def test_the_record_has_the_worst_data_type_of_its_period_and_counts_them(archive):
    archive.store(record([1, 2, 3], "definitive"))
    archive.store(record([4, 5], "provisional", MIDNIGHT_2016 + 3))
    whole = archive.minute("DUR")
    assert whole.data_type == "provisional"
    assert whole.notes == ("3 minutes are definitive; 2 minutes are provisional.",)
    early = archive.minute("DUR", end=pd.Timestamp("2016-01-01T00:03Z"))
    assert (early.data_type, early.notes) == ("definitive", ())


def test_coverage_counts_the_minutes_of_the_calendar_year(archive):
    values = np.full((1440, 4), 5.0)
    values[:440, 2] = np.nan  # without Z a minute is not complete
    archive.store(record(values, "provisional"))
    archive.store(record(np.full(10, 6.0), "definitive", year_minutes(2017)[0], "IZN"))
    table = archive.coverage()
    assert table.to_dict("list") == {
        "station": ["DUR", "IZN"],
        "year": [2016, 2017],
        "n_minutes": [527_040, 525_600],  # 2016 is a leap year
        "n_present": [1000, 10],
        "present_fraction": [1000 / 527_040, 10 / 525_600],
        "data_type": ["provisional", "definitive"],
    }


def test_an_empty_archive_answers_with_empty_tables(archive):
    assert archive.stations() == [] and archive.period("DUR") is None
    assert archive.coverage().empty and archive.catalogues().empty
    assert archive.activity().empty and archive.dst().empty
    with pytest.raises(InputError, match="no minute data of 'DUR'. Stored: nothing yet"):
        archive.minute("DUR")
    with pytest.raises(InputError, match="No earthquake catalogue is stored"):
        archive.events()
    assert not archive.folder.exists()  # looking writes nothing


def test_a_record_without_a_single_value_leaves_no_file(archive):
    report = archive.store(record([np.nan, np.nan]))
    assert report.sentence == "DUR 2016: every value is missing"
    assert archive.stations() == []


@pytest.mark.parametrize("code", ["dur", "DURO", "D/R", "..A", "", "DÜR"])
def test_a_station_code_that_is_none_is_refused_and_makes_no_folder(archive, code):
    with pytest.raises(InputError, match="not three upper-case letters or digits"):
        archive.store(record([1], station=code))
    assert not list(archive.folder.rglob("*.parquet"))


def test_real_and_synthetic_data_are_never_mixed(tmp_path):
    real, world = Archive(tmp_path / "real"), Archive(tmp_path / "world", synthetic=True)
    world.store(record([1], "synthetic"))
    with pytest.raises(InputError, match="holds real data and takes no synthetic data"):
        real.store(record([1], "synthetic"))
    with pytest.raises(InputError, match="holds synthetic data and takes no real data"):
        world.store(record([1], "variation"))
    (tmp_path / "world" / "world.json").write_text("{}")
    assert Archive(tmp_path / "world").synthetic and not Archive(tmp_path / "real").synthetic
    with pytest.raises(InputError, match="takes no real events"):
        Archive(tmp_path / "world").store_events("italy", events(3), "file")
    with pytest.raises(InputError, match="takes no synthetic events"):
        real.store_events("synthetic", events(3).assign(source="synthetic"), "world")
    assert real.stations() == [] and world.minute("DUR").field["X"].tolist() == [1]


@pytest.mark.parametrize("how", ["cut", "flip", "empty", "text"])
def test_a_damaged_file_is_named_and_never_read_as_data(archive, how):
    archive.store(record(np.random.default_rng(0).normal(24000, 10, (3000, 4))))
    path = archive.folder / "minute" / "DUR" / "2016.parquet"
    content = bytearray(path.read_bytes())
    if how == "flip":
        content[len(content) // 3] ^= 0x10  # in a page of values, not in the footer
    path.write_bytes({"cut": content[:-100], "flip": content, "empty": b"", "text": b"not parquet"}[how])
    with pytest.raises(InputError, match=r"2016\.parquet: the file is damaged"):
        archive.minute("DUR")
    with pytest.raises(InputError, match=r"2016\.parquet: the file is damaged"):
        archive.store(record([1]))


def test_a_damaged_year_stops_only_the_records_that_touch_it_and_stores_none_of_them_by_half(archive):
    archive.store(record([1]))
    (archive.folder / "minute" / "DUR" / "2016.parquet").write_bytes(b"broken")
    over_new_year, before = record([1] * 10, first=MIDNIGHT_2016 - 5), record([2], first=MIDNIGHT_2016 - 50)
    bad, good = archive.store_many([over_new_year, before])
    assert isinstance(bad, InputError) and good.n_added == 1
    assert archive._minutes.summary("DUR", 2015).n_minutes == 1


def test_a_file_moved_to_another_station_is_not_taken_for_its_data(archive):
    archive.store(record([1]))
    (archive.folder / "minute" / "IZN").mkdir()
    (archive.folder / "minute" / "DUR" / "2016.parquet").rename(archive.folder / "minute" / "IZN" / "2016.parquet")
    with pytest.raises(InputError, match="holds DUR 2016, expected IZN 2016"):
        archive.minute("IZN")


def test_a_failed_write_leaves_the_old_data_and_no_rest(archive, monkeypatch):
    archive.store(record([1, 2]))
    before = parquet_state(archive.folder)

    def disk_full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "_write", disk_full)
    with pytest.raises(InputError, match="No space left on device"):
        archive.store(record([3, 4]))
    assert parquet_state(archive.folder) == before
    left = [p.name for p in (archive.folder / "minute").rglob("*") if p.is_file()]
    assert sorted(left) == ["2016.json", "2016.learned.parquet", "2016.parquet"]


def test_two_writers_at_once_lose_nothing(archive):
    script = """
import sys
from core.loading.archive.archive import Archive
from core.loading.record.minute import MinuteRecord
from core.loading.record.minute import on_grid
import numpy as np
first = int(sys.argv[2])
for i in range(10):
    archive = Archive(sys.argv[1])
    archive.store(MinuteRecord("DUR", on_grid(first + 2 * i, np.ones((1, 4))), "definitive"))
"""
    starts = (MIDNIGHT_2016, MIDNIGHT_2016 + 1)
    command = [sys.executable, "-c", script, str(archive.folder)]
    writers = [subprocess.Popen([*command, str(start)], stderr=subprocess.PIPE) for start in starts]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors.decode()
    assert archive.minute("DUR").field["X"].tolist() == [1.0] * 20


def test_a_writer_that_waits_too_long_says_who_holds_the_archive(archive, monkeypatch):
    monkeypatch.setattr(writer_module, "LOCK_SECONDS", 0.05)
    with archive._writing(), pytest.raises(InputError, match=f"busy: another writer holds it .process {os.getpid()}"):
        Archive(archive.folder).store(record([1]))
    archive.store(record([1]))  # and goes on once it is free


def test_other_tools_can_open_a_year_file_and_find_times_and_values(archive):
    archive.store(record([[1, 2, 3, 4]]))
    table = pd.read_parquet(archive.folder / "minute" / "DUR" / "2016.parquet")
    assert table["time"].tolist() == [pd.Timestamp("2016-01-01T00:00Z")]
    assert table.loc[0, ["X", "Y", "Z", "F"]].tolist() == [1, 2, 3, 4]
    assert table.loc[0, "X_type"] == DATA_TYPES["definitive"]
