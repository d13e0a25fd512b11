"""What the archive knew when: nothing that is replaced is lost, and no question about the past sees the future."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.loading.archive import parquet, year_block, year_history
from core.loading.archive.archive import Archive
from core.loading.record.minute import DATA_TYPES
from support.archive_rows import MIDNIGHT_2016, parquet_state, record

REAL_TYPES = ("variation", "provisional", "quasi-definitive", "definitive")


def day(number):
    """A day of January 2020, on which something was learned."""
    return pd.Timestamp(f"2020-01-{number:02d}T12:00Z")


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


def test_a_better_type_replaces_and_the_value_before_is_still_what_was_known_before(archive):
    archive.store(record([1, 2, 3], "provisional"), learned=day(1))
    archive.store(record([1.5, np.nan, 3], "definitive"), learned=day(3))
    now = archive.minute("DUR")
    assert now.field["X"].tolist() == [1.5, 2, 3]
    then = archive.minute("DUR", as_of=day(2))
    assert then.field["X"].tolist() == [1, 2, 3]
    assert then.data_type == "provisional"
    assert then.notes == ("As it was known at 2020-01-02 12:00:00 UTC.",)
    at_once = archive.minute("DUR", as_of=day(3))  # known from its learning time on
    assert at_once.field["X"].tolist() == [1.5, 2, 3]
    assert at_once.notes[1] == "2 minutes are definitive; 1 minutes are provisional."


def test_a_question_about_a_time_before_the_first_value_is_one_sentence(archive):
    archive.store(record([1, 2]), learned=day(5))
    with pytest.raises(InputError, match="nothing was known of 2016-01-01 00:00 to 2016-01-01 00:02 at 2020-01-04"):
        archive.minute("DUR", as_of=day(4))


def test_components_that_were_learned_at_different_times_are_told_apart(archive):
    archive.store(record([[1, 1, 1, np.nan]], "provisional"), learned=day(1))
    archive.store(record([[np.nan, np.nan, np.nan, 9]], "provisional"), learned=day(2))
    archive.store(record([[2, 2, 2, 8]], "definitive"), learned=day(3))

    def known(as_of):
        return archive.minute("DUR", as_of=as_of).field.iloc[0].tolist()

    assert np.array_equal(known(day(1)), [1, 1, 1, np.nan], equal_nan=True)
    assert known(day(2)) == [1, 1, 1, 9]
    assert known(day(3)) == [2, 2, 2, 8]


def test_revisions_say_what_was_replaced_when_by_what_and_by_how_much(archive):
    archive.store(record([1, 2, 3, 4], "provisional"), learned=day(1))
    archive.store(record([1, 2.5, 3, 4], "provisional"), learned=day(2))  # a correction
    archive.store(record([1, 2.5, 3.25], "definitive"), learned=day(3))
    table = archive.revisions("DUR")
    assert table["superseded"].tolist() == [day(2), day(3), day(3)]
    assert table["learned"].tolist() == [day(1), day(1), day(2)]
    assert table["data_type"].tolist() == ["provisional"] * 3
    assert table["by_type"].tolist() == ["provisional", "definitive", "definitive"]
    assert table["n_minutes"].tolist() == [1, 2, 1]
    assert table["largest_change_nt"].tolist() == [0.5, 0.25, 0.0]
    first = pd.Timestamp("2016-01-01T00:00Z")
    assert table.loc[1, ["start", "end"]].tolist() == [first, first + pd.Timedelta(minutes=3)]


def test_an_archive_where_nothing_was_replaced_has_no_revisions(archive):
    archive.store(record([1, 2]), learned=day(1))
    assert archive.revisions("DUR").empty


def test_gaps_are_the_stretches_without_x_y_or_z_over_new_year_too(archive):
    values = np.full((30, 4), 5.0)
    values[3:6, 1] = np.nan
    values[10, :3] = np.nan
    values[12, 3] = np.nan  # without F the vector is still there
    archive.store(record(values, first=MIDNIGHT_2016 - 20))
    archive.store(record([1], first=MIDNIGHT_2016 + 15))
    table = archive.gaps("DUR")
    begin = pd.Timestamp("2015-12-31T23:40Z")
    minutes = [int((time - begin) / pd.Timedelta(minutes=1)) for time in table["start"]]
    assert minutes == [3, 10, 30] and table["n_minutes"].tolist() == [3, 1, 5]
    assert table["end"].iloc[2] == pd.Timestamp("2016-01-01T00:15Z")
    assert archive.gaps("DUR", 3)["n_minutes"].tolist() == [3, 5]
    outside = archive.gaps("DUR", 1, begin - pd.Timedelta(minutes=7), begin + pd.Timedelta(minutes=5))
    assert outside["n_minutes"].tolist() == [7, 2]


def test_an_archive_of_an_older_version_is_read_and_its_values_count_as_known_when_the_file_was_written(archive):
    archive.store(record([1, 2]), learned=day(1))
    path = archive.folder / "minute" / "DUR" / "2016.parquet"
    for file in (path.parent / "history").iterdir():
        file.unlink()
    os.utime(path, (day(10).timestamp(),) * 2)
    assert archive.minute("DUR").field["X"].tolist() == [1, 2]
    with pytest.raises(InputError, match="nothing was known"):
        archive.minute("DUR", as_of=day(9))
    archive.store(record([1, 3]), learned=day(12))  # and is brought up to date by the next write
    assert archive.minute("DUR", as_of=day(11)).field["X"].tolist() == [1, 2]
    assert archive.minute("DUR", as_of=day(12)).field["X"].tolist() == [1, 3]
    assert archive.revisions("DUR")["learned"].tolist() == [day(10)]


def test_the_same_record_again_changes_no_file_of_the_history(archive):
    archive.store(record([1, 2], "provisional"), learned=day(1))
    archive.store(record([1, 3], "definitive"), learned=day(2))
    before = parquet_state(archive.folder)
    assert len(before) == 3
    archive.store(record([1, 3], "definitive"), learned=day(3))
    archive.store(record([1, 2], "provisional"), learned=day(4))
    assert parquet_state(archive.folder) == before


def test_the_digest_of_the_minutes_does_not_depend_on_when_they_were_learned(tmp_path):
    first, second = Archive(tmp_path / "a"), Archive(tmp_path / "b")
    first.store(record([1, 2]), learned=day(1))
    second.store(record([1, 5], "variation"), learned=day(2))
    second.store(record([1, 2]), learned=day(3))
    assert first.digests(["DUR"], []) == second.digests(["DUR"], [])


values = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=4)
steps = st.lists(st.tuples(st.sampled_from(REAL_TYPES), st.integers(0, 4), values), min_size=1, max_size=5)


@settings(max_examples=12, deadline=None)
@given(steps)
def test_at_every_time_the_past_is_what_a_loop_over_single_minutes_knew_then(tmp_path_factory, steps):
    archive = Archive(tmp_path_factory.mktemp("archive"))
    known, states = {}, {}
    for number, (data_type, offset, given_values) in enumerate(steps, 1):
        rank = DATA_TYPES[data_type]
        for i, value in enumerate(given_values):
            if value is not None and known.get(offset + i, (-1,))[0] <= rank:
                known[offset + i] = (rank, value)
        states[number] = dict(known)
        numbers = [np.nan if value is None else value for value in given_values]
        archive.store(record(numbers, data_type, MIDNIGHT_2016 + offset), learned=day(number))
    start = pd.Timestamp("2016-01-01T00:00Z")
    period = start, start + pd.Timedelta(minutes=9)
    for number, state in states.items():
        if not state:
            with pytest.raises(InputError):
                archive.minute("DUR", *period, as_of=day(number))
            continue
        found = archive.minute("DUR", *period, as_of=day(number) + pd.Timedelta(hours=1)).field["Y"].to_numpy()
        expected = [state.get(i, (0, np.nan))[1] for i in range(9)]
        assert np.array_equal(found, np.array(expected, dtype=float), equal_nan=True)


@settings(max_examples=8, deadline=None)
@given(st.permutations(REAL_TYPES), st.integers(0, 2**32 - 1))
def test_the_current_state_is_the_same_for_every_order_in_which_the_types_come(tmp_path_factory, order, seed):
    rng = np.random.default_rng(seed)
    numbers = {name: np.where(rng.random((9, 4)) < 0.4, np.nan, rng.integers(0, 3, (9, 4))) for name in REAL_TYPES}
    archive = Archive(tmp_path_factory.mktemp("archive"))
    for i, name in enumerate(order, 1):
        archive.store(record(numbers[name], name), learned=day(i))
    best = np.full((9, 4), np.nan)
    for name in REAL_TYPES:  # worst first
        best = np.where(np.isnan(numbers[name]), best, numbers[name])
    start = pd.Timestamp("2016-01-01T00:00Z")
    found = archive.minute("DUR", start, start + pd.Timedelta(minutes=9)).field.to_numpy()
    assert np.array_equal(found, best, equal_nan=True)


@pytest.mark.parametrize("point", range(4))
def test_a_writer_that_dies_at_any_write_point_leaves_what_was_known_and_can_go_on(archive, monkeypatch, point):
    archive.store(record([1, 2, 3], "provisional"), learned=day(1))
    calls = []

    def dies(path, content, write=parquet.write_bytes):
        calls.append(path.name)
        if len(calls) > point:
            raise SystemExit("killed")
        write(path, content)

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(year_history, "write_bytes", dies)
        patched.setattr(year_block, "write_bytes", dies)
        archive.store(record([1.5, 2.5], "definitive"), learned=day(2))
    waiting = [f"2016.{name}.next" for name in ("earlier.parquet", "learned.parquet", "json")]
    assert calls[-1] == [*waiting, "2016.parquet"][point]
    assert archive.check().empty
    for as_of in (None, day(1), day(2)):
        assert archive.minute("DUR", as_of=as_of).field["X"].tolist() == [1, 2, 3]
    archive.store(record([1.5, 2.5], "definitive"), learned=day(3))
    assert archive.minute("DUR").field["X"].tolist() == [1.5, 2.5, 3]
    assert archive.minute("DUR", as_of=day(1)).field["X"].tolist() == [1, 2, 3]
    assert archive.minute("DUR", as_of=day(3)).field["X"].tolist() == [1.5, 2.5, 3]


def test_the_next_writer_removes_what_a_killed_one_left(archive):
    archive.store(record([1]))
    left = archive.folder / "minute" / "DUR" / ".2016.parquet.a1b2c3.parquet"
    left.write_bytes(b"half")
    archive.store(record([1]))
    assert not left.exists()


WRITER = """
import sys
import numpy as np
import pandas as pd
from core.loading.archive.archive import Archive
from core.loading.record.minute import MinuteRecord
from core.loading.record.minute import on_grid
print("ready", flush=True)
for i in range(1, 1000):
    values = np.full((1440, 4), float(i))
    Archive(sys.argv[1]).store(MinuteRecord("DUR", on_grid(24193440, values), "definitive"))
    print(i, flush=True)
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_loses_no_value_and_leaves_no_file_behind_for_good(archive):
    rng = np.random.default_rng(0)
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(archive.folder)], stdout=subprocess.PIPE)
        for line in writer.stdout:
            if line.strip() == b"2":
                break
        time.sleep(float(rng.uniform(0, 0.15)))
        os.kill(writer.pid, signal.SIGKILL)
        last = [int(line) for line in writer.communicate()[0].split()]
        found = archive.minute("DUR").field.to_numpy()
        value = found[0, 0]
        assert (found == value).all()  # never half of two
        assert value >= max([2, *last])
    assert archive.check().empty
    archive.store(record([0.5]))
    assert not [path for path in archive.folder.rglob(".*.*") if path.is_file()]
    known = archive.revisions("DUR")
    assert (known["superseded"] >= known["learned"]).all()
