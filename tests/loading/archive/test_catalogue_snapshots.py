"""Every catalogue that was ever stored under a name: found by name, time or digest, and asked what was known then."""

import os

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.loading.archive import table_file
from core.loading.archive.archive import Archive
from support.archive_rows import events


def day(number):
    return pd.Timestamp(f"2020-01-{number:02d}T12:00Z")


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def three(archive):
    """A catalogue of 3, then 5, then the same 3 events again."""
    for number, n in ((1, 3), (2, 5), (3, 3)):
        archive.store_events("italy", events(n), f"list-{number}.csv", learned=day(number))
    return archive


def test_the_history_lists_every_snapshot_with_its_origin_time_and_digest(three):
    table = three.history("italy")
    assert table["n_events"].tolist() == [3, 5, 3]
    assert table["origin"].tolist() == ["list-1.csv", "list-2.csv", "list-3.csv"]
    assert table["retrieved"].tolist() == [f"2020-01-0{n}T12:00:00+00:00" for n in (1, 2, 3)]
    assert table["digest"].iloc[0] == table["digest"].iloc[2] != table["digest"].iloc[1]
    assert three.catalogues()["n_events"].tolist() == [3]  # the list of catalogues is that of today


def test_as_of_gives_what_was_known_then(three):
    assert len(three.events("italy", as_of=day(2))) == 5
    assert len(three.events("italy", as_of=day(3) - pd.Timedelta(seconds=1))) == 5
    assert len(three.events("italy", as_of=day(9))) == len(three.events("italy")) == 3
    assert three.events_period("italy", as_of=day(2))[1].floor("D") == pd.Timestamp("2010-01-05", tz="UTC")
    with pytest.raises(InputError, match="Nothing was known of the catalogue 'italy' at 2020-01-01 11:59:59"):
        three.events("italy", as_of=day(1) - pd.Timedelta(seconds=1))


def test_all_catalogues_as_of_a_time_are_those_that_were_stored_by_then(three):
    other = events(2, start="2010-06-01", event_id=["x1", "x2"])
    three.store_events("turkey", other, "t.csv", learned=day(4))
    assert len(three.events(as_of=day(2))) == 5
    assert len(three.events(as_of=day(4))) == 5  # 3 and 2
    with pytest.raises(InputError, match="No catalogue was stored yet"):
        three.events(as_of=day(1) - pd.Timedelta(days=1))


def test_a_snapshot_is_found_by_name_time_and_digest(three):
    digest = three.history("italy")["digest"].iloc[1]
    assert len(three.snapshot("italy").read()[0]) == 3
    assert three.snapshot(f"italy@{digest[:10]}").retrieved == day(2)
    assert three.snapshot("italy@2020-01-02T13:00").label == "italy@2020-01-02T12:00:00Z"
    for reference, words in (("italy@yesterdayish", "no time such as"), ("@", "names no catalogue")):
        with pytest.raises(InputError, match=words):
            three.snapshot(reference)


def test_an_unknown_name_says_how_to_store_one(three):
    with pytest.raises(InputError, match="Stored: italy. `precursor catalogue FILE --name tohoku` stores one"):
        three.events("tohoku")


def test_a_catalogue_of_an_older_version_becomes_history_with_the_time_its_file_was_written(archive):
    archive.store_events("italy", events(3), "old.csv")
    path = archive.folder / "events" / "italy.parquet"
    path.with_suffix(".json").unlink()
    os.utime(path, (day(5).timestamp(),) * 2)
    archive.store_events("italy", events(4), "new.csv", learned=day(7))
    assert len(archive.events("italy", as_of=day(6))) == 3
    assert len(archive.events("italy", as_of=day(7))) == 4


def test_a_store_that_is_killed_between_its_two_files_leaves_the_old_catalogue_with_its_own_origin(
    archive, monkeypatch
):
    archive.store_events("italy", events(3), "old.csv", learned=day(1))

    def killed(*_):
        raise SystemExit("killed")

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(table_file, "write_bytes", killed)
        archive.store_events("italy", events(4), "new.csv", learned=day(2))
    assert archive.check().empty
    listed = archive.catalogues().iloc[0]
    assert (listed["n_events"], listed["origin"]) == (3, "old.csv")
    assert len(archive.history("italy")) == 1
    archive.store_events("italy", events(4), "new.csv", learned=day(3))
    assert archive.history("italy")["origin"].tolist() == ["old.csv", "new.csv"]


def test_events_of_the_future_are_refused_and_nothing_is_stored(archive):
    ahead = pd.Timestamp.now("UTC") + pd.Timedelta(days=3)
    table = events(3)
    table.loc[1, "origin_time"] = ahead
    with pytest.raises(
        InputError, match=f"1 of its events are dated in the future, the first, e1, on {ahead:%Y-%m-%d}"
    ):
        archive.store_events("italy", table, "list.csv")
    assert archive.catalogues().empty


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_no_question_about_the_past_sees_the_future(tmp_path_factory, sizes):
    archive = Archive(tmp_path_factory.mktemp("archive"))
    for number, n in enumerate(sizes, 1):
        archive.store_events("italy", events(n), "list.csv", learned=day(number))
        known = [len(archive.events("italy", as_of=day(i))) for i in range(1, number + 1)]
        assert known == sizes[:number]
    changes = 1 + sum(a != b for a, b in zip(sizes, sizes[1:], strict=False))
    assert len(archive.history("italy")) == changes
