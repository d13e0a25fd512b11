"""The raw store: bytes as they came, an index that survives a crash, and what may be used again."""

import dataclasses
import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.services import addresses, raw_store
from core.loading.services.http import Reply
from core.loading.services.raw_store import Entry, RawStore, stands

URL = "https://example.org/data?day=1"


def reply(body=b"1,2,3\n", url=URL, status=200):
    headers = {"date": "Sun, 22 Nov 2026 10:00:00 GMT", "etag": '"abc"', "content-type": "text/csv"}
    return Reply(url, status, body, headers, pd.Timestamp("2026-11-22T10:00:01Z"))


def test_an_answer_is_kept_with_digest_address_time_licence_and_credit(tmp_path):
    store = RawStore(tmp_path / "raw")
    entry = store.keep(reply(), addresses.HAPI)
    digest = hashlib.sha256(b"1,2,3\n").hexdigest()
    assert (tmp_path / "raw" / digest).read_bytes() == b"1,2,3\n"
    written = json.loads((tmp_path / "raw" / "index.jsonl").read_text())
    assert written["url"] == URL
    assert written["sha256"] == digest
    assert written["retrieved"] == "2026-11-22T10:00:01+00:00"
    assert written["date"] == "Sun, 22 Nov 2026 10:00:00 GMT"
    assert "CC BY-NC" in written["licence"]
    assert "INTERMAGNET" in written["credit"]
    assert RawStore(tmp_path / "raw").find(URL) == entry
    assert store.read(entry) == b"1,2,3\n"
    assert store.problems() == []


def test_the_latest_answer_is_found_and_the_older_one_is_still_there(tmp_path):
    store = RawStore(tmp_path)
    old = store.keep(reply(b"old\n"), addresses.HAPI)
    new = store.keep(reply(b"new\n"), addresses.HAPI)
    assert RawStore(tmp_path).find(URL) == new
    assert store.read(old) == b"old\n"
    assert [entry.sha256 for entry in store.entries()] == [old.sha256, new.sha256]
    assert store.find("https://example.org/other") is None


def test_a_line_torn_by_a_crash_costs_that_answer_only_and_is_reported(tmp_path):
    store = RawStore(tmp_path)
    first = store.keep(reply(url=URL + "a"), addresses.KP)
    with open(store.index, "ab") as file:
        file.write(b'{"url": "https://exam')
    fresh = RawStore(tmp_path)
    last = fresh.keep(reply(url=URL + "b"), addresses.KP)
    assert [entry.url for entry in RawStore(tmp_path).entries()] == [first.url, last.url]
    problems = RawStore(tmp_path).problems()
    assert len(problems) == 1
    assert "line 2" in problems[0]


def test_damaged_and_missing_bytes_are_named_and_never_used(tmp_path):
    store = RawStore(tmp_path)
    damaged = store.keep(reply(b"first\n"), addresses.KP)
    gone = store.keep(reply(b"second\n", URL + "2"), addresses.KP)
    store.path(damaged.sha256).write_bytes(b"fIrst\n")
    store.path(gone.sha256).unlink()
    for entry, word in ((damaged, "damaged"), (gone, "cannot be read")):
        with pytest.raises(InputError, match=word):
            store.read(entry)
    assert len(store.problems()) == 2
    store.keep(reply(b"first\n"), addresses.KP)
    assert store.read(damaged) == b"first\n"


def test_many_writers_lose_no_line(tmp_path):
    def write(n):
        RawStore(tmp_path).keep(reply(b"%d\n" % n, f"{URL}{n}"), addresses.KP)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(60)))
    assert {entry.url for entry in RawStore(tmp_path).entries()} == {f"{URL}{n}" for n in range(60)}
    assert RawStore(tmp_path).problems() == []


@pytest.mark.parametrize(
    ("data_end", "retrieved", "now", "expected"),
    [
        ("2026-11-20", "2026-11-22T10:00", "2026-11-22T10:59", True),  # two days old: an hour
        ("2026-11-20", "2026-11-22T10:00", "2026-11-22T11:01", False),
        ("2026-11-15", "2026-11-22T10:00", "2026-11-23T09:00", True),  # a week old: a day
        ("2026-11-15", "2026-11-22T10:00", "2026-11-23T11:00", False),
        ("2026-10-01", "2026-11-22T10:00", "2026-11-28T10:00", True),  # two months old: a week
        ("2026-10-01", "2026-11-22T10:00", "2026-11-30T10:00", False),
        ("2016-01-01", "2026-11-22T10:00", "2036-11-22T10:00", True),  # settled
        ("2027-01-01", "2026-11-22T10:00", "2026-11-22T11:01", False),  # not even over
    ],
)
def test_an_answer_stands_for_as_long_as_its_data_do(data_end, retrieved, now, expected):
    entry = Entry(URL, 200, "0" * 64, 1, retrieved + "+00:00", "x", "x", "x")
    assert stands(entry, pd.Timestamp(data_end, tz="UTC"), pd.Timestamp(now, tz="UTC")) is expected


def test_that_there_were_no_data_stands_for_an_hour_only():
    entry = Entry(URL, 204, "0" * 64, 0, "2026-11-22T10:00+00:00", "x", "x", "x")
    end = pd.Timestamp("2003-01-01", tz="UTC")
    assert stands(entry, end, pd.Timestamp("2026-11-22T10:30", tz="UTC"))
    assert not stands(entry, end, pd.Timestamp("2026-11-22T11:30", tz="UTC"))
    assert stands(dataclasses.replace(entry, status=200), end, pd.Timestamp("2030-01-01", tz="UTC"))


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    (tmp_path / "raw").write_text("a file stands here")
    with pytest.raises(InputError, match="raw.* cannot be read .Not a directory"):
        RawStore(tmp_path / "raw").keep(reply(), addresses.KP)


def test_what_a_killed_writer_left_is_removed_after_an_hour_and_a_living_one_is_left_alone(tmp_path):
    store = RawStore(tmp_path)
    store.keep(reply(), addresses.KP)
    old, young = tmp_path / ".abc.x1y2", tmp_path / ".abc.z3"
    for path in (old, young):
        path.write_bytes(b"half")
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    store.clear_leftovers()
    assert not old.exists() and young.exists() and store.problems() == []


def test_lines_that_the_system_takes_piece_by_piece_come_whole(tmp_path, monkeypatch):
    """A nearly full disk, or a signal, makes a write end before its end, without an error."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: write(handle, content[:7]))
    lines = [b"a line of some length", b"another one"]
    raw_store.append_lines(tmp_path / "journal.jsonl", lines)
    assert raw_store.lines_of(tmp_path / "journal.jsonl") == lines
