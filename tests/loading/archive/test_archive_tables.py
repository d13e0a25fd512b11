"""The archive's catalogues, Kp and digests: stored, replaced, merged, and what their coverage is."""

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.archive.archive import Archive
from support.archive_rows import MIDNIGHT_2016, events, kp, parquet_state, record


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


def test_a_catalogue_comes_back_as_it_was_stored(archive):
    table = events(5, depth_km=[1.0, np.nan, 3.0, 4.0, 5.0])
    assert archive.store_events("italy", table, "list.csv") == "italy: 5 events stored."
    pd.testing.assert_frame_equal(archive.events("italy"), table, check_dtype=False)
    listed = archive.catalogues().iloc[0]
    assert (listed["name"], listed["n_events"], listed["origin"]) == ("italy", 5, "list.csv")
    assert (listed["min_magnitude"], listed["max_magnitude"]) == (3, 5)


def test_storing_a_catalogue_again_writes_nothing_and_a_longer_one_says_what_is_new(archive):
    archive.store_events("italy", events(5), "list.csv")
    before = parquet_state(archive.folder), (archive.folder / "events" / "italy.json").read_bytes()
    assert archive.store_events("italy", events(5), "list.csv") == "italy: 5 events, all stored already."
    assert (parquet_state(archive.folder), (archive.folder / "events" / "italy.json").read_bytes()) == before
    longer = events(7).iloc[1:]
    assert archive.store_events("italy", longer, "new.csv") == (
        "italy: 6 events stored in place of 5; 2 are new and 1 are gone."
    )


def test_a_catalogue_ends_with_its_last_event_unless_its_coverage_is_declared(archive):
    archive.store_events("italy", events(5), "list.csv")
    start, end = archive.events_period("italy")
    last = pd.Timestamp("2010-01-05", tz="UTC")
    assert start == pd.Timestamp("2010-01-01", tz="UTC")
    assert last < end <= last + pd.Timedelta(seconds=1)  # half-open, so the last event is just inside
    declared = pd.Timestamp("2009-01-01", tz="UTC"), pd.Timestamp("2011-01-01", tz="UTC")
    archive.store_events("italy", events(5), "list.csv", *declared)
    assert archive.events_period("italy") == declared
    with pytest.raises(InputError, match="1 of its events lie outside the coverage given, the first on 2010-01-05"):
        archive.store_events("italy", events(5), "list.csv", end=last)


def test_all_catalogues_together_take_a_shared_event_once_and_cover_what_all_cover(archive):
    archive.store_events("b", events(4), "b")
    archive.store_events("a", events(4, start="2010-01-03", event_id=["e2", "x1", "x2", "e0"]), "a")
    merged = archive.events()
    # e2 is the same event in both lists; e0 is another one on another day.
    assert merged["event_id"].tolist() == ["b/e0", "e1", "e2", "e3", "x1", "x2", "e0"]
    assert merged["origin_time"].is_monotonic_increasing
    notes = merged.attrs["notes"]
    assert notes[0] == "8 entries of 2 catalogues are 7 events; 1 are in several." and "1 identifiers" in notes[1]
    start, end = archive.events_period()
    assert start == pd.Timestamp("2010-01-03", tz="UTC")
    assert end.floor("D") == pd.Timestamp("2010-01-04", tz="UTC")
    archive.store_events("c", events(2, start="1990-01-01", event_id=["c1", "c2"]), "c")
    with pytest.raises(InputError, match="no time in common"):
        archive.events_period()


@pytest.mark.parametrize("name", ["", "Italy", "a b", "../x", "a.b", "-a", "x" * 61])
def test_a_catalogue_name_that_could_be_a_path_is_refused(archive, name):
    with pytest.raises(InputError, match="lower-case letters"):
        archive.store_events(name, events(2), "x")
    with pytest.raises(InputError):
        archive.events(name or "none")


def test_an_unknown_catalogue_is_refused_with_the_names_of_the_known(archive):
    archive.store_events("italy", events(2), "x")
    with pytest.raises(InputError, match="no catalogue 'turkey'. Stored: italy"):
        archive.events("turkey")


def test_definitive_kp_stands_against_preliminary_kp_in_either_order(tmp_path):
    for order in ((0, 1), (1, 0)):
        archive = Archive(tmp_path / str(order[0]))
        tables = kp([2, 5], status="definitive"), kp([3, 3, 3], status="preliminary")
        for i in order:
            archive.store_activity(tables[i], "file")
        assert archive.activity()["kp"].tolist() == [2, 5, 3]
        assert archive.activity()["status"].tolist() == ["definitive", "definitive", "preliminary"]


def test_storing_kp_says_what_was_added_and_changed_and_twice_changes_nothing(archive):
    assert archive.store_activity(kp([2, 5]), "a") == "kp: 2 values added, 0 changed; 2 are stored."
    before = parquet_state(archive.folder)
    assert archive.store_activity(kp([2, 5]), "a") == "kp: all 2 values are stored already, or better ones are."
    assert parquet_state(archive.folder) == before
    assert archive.store_activity(kp([2, 4, 1]), "b") == "kp: 1 values added, 1 changed; 3 are stored."


def test_digests_name_every_input_and_depend_on_content_only(tmp_path):
    first, second = Archive(tmp_path / "a"), Archive(tmp_path / "b")
    first.store(record([1, 2, 3]))
    second.store(record([2, 3], first=MIDNIGHT_2016 + 1))
    second.store(record([1]))
    for archive, origin in ((first, "one.csv"), (second, "another.csv")):
        archive.store_events("italy", events(3), origin)
        archive.store_activity(kp([1, 2]), origin)
    digests = first.digests(["DUR"], [""])
    assert list(digests) == ["minute/DUR", "events/italy", "activity/kp"]
    assert second.digests(["DUR"], ["italy"]) == digests
    second.store(record([1, 2, 3.0000001]))
    changed = {name for name, value in second.digests(["DUR"], ["italy"]).items() if digests[name] != value}
    assert changed == {"minute/DUR"}


def test_the_stamp_changes_with_the_content_and_only_then(archive):
    stamps = [archive.stamp()]
    archive.store(record([1, 2]))
    stamps.append(archive.stamp())
    archive.store(record([1, 2]))
    assert archive.stamp() == stamps[-1]
    archive.store(record([1, 3]))
    stamps.append(archive.stamp())
    archive.store_events("italy", events(2), "x")
    stamps.append(archive.stamp())
    assert len(set(stamps)) == 4
