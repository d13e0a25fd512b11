"""A writer that is killed at any file operation invents no revision, and the one that goes on gets the same bytes."""

import os

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.archive import rebuild, year_block
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.formats.minutes import iaga2002
from core.stations import get
from support.archive_rows import record

MOST = 60  # operations of one write; it has fewer


class Killed(BaseException):
    """Nothing in the program catches it, as nothing catches a kill."""


def day(number):
    return pd.Timestamp(f"2020-01-{number:02d}T12:00Z")


def killed_at(number, run):
    """Run something that is killed before its n-th change of a file's name (odd) or after it; False if it is done."""
    calls: list[tuple] = []
    target, after = divmod(number, 2)

    def counted(real):
        def call(*given, **how):
            calls.append(given)
            its_turn = len(calls) == target + 1
            if its_turn and not after:
                raise Killed
            try:
                return real(*given, **how)
            finally:
                if its_turn:
                    raise Killed

        return call

    with pytest.MonkeyPatch.context() as patched:
        for name in ("replace", "rename", "unlink", "link"):
            patched.setattr(os, name, counted(getattr(os, name)))
        try:
            run()
        except Killed:
            return True
    return False


def content(archive):
    return {str(path.relative_to(archive.folder)): path.read_bytes() for path in archive.folder.glob("minute/**/*.*")}


FIRST = record([1, 2, 3, np.nan], "provisional")
SECOND = record([1.5, np.nan, 3, 4], "definitive")
THIRD = record([1.75, 2.25, 3, 4, 5], "definitive")


def made(folder, *steps):
    archive = Archive(folder)
    for values, learned in steps:
        archive.store(values, learned=learned)
    return archive


@pytest.mark.parametrize("old", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["first write", "later write"])
def test_whoever_goes_on_after_a_kill_gets_the_bytes_of_an_archive_without_the_kill(tmp_path, old):
    start = [(FIRST, day(1))] if old else []
    without = made(tmp_path / "without", *start, (THIRD, day(3)))
    both = made(tmp_path / "both", *start, (SECOND, day(2)), (THIRD, day(3)))
    again = made(tmp_path / "again", *start, (SECOND, day(2)))
    outcomes = set()
    for number in range(MOST):
        for goes_on, expected in (((THIRD, day(3)), None), ((SECOND, day(2)), again)):
            archive = made(tmp_path / f"{number}{expected is None}", *start)
            if not killed_at(number, lambda archive=archive: archive.store(SECOND, learned=day(2))):
                assert number >= 12
                break
            stored = bool(archive.stations()) and 4 in archive.minute("DUR").field["X"].tolist()
            outcomes.add(stored)
            if archive.stations():
                revisions = archive.revisions("DUR")
                assert revisions.equals(again.revisions("DUR")) if stored else revisions.empty
            if old:
                assert archive.minute("DUR", as_of=day(1)).field["X"].tolist()[:3] == [1, 2, 3]
                then = archive.minute("DUR", as_of=day(2)).field["X"].tolist()
                assert then == ([1.5, 2, 3, 4] if stored else [1, 2, 3])
            archive.store(goes_on[0], learned=goes_on[1])
            assert content(archive) == content(expected or (both if stored else without)), f"killed at {number}"
            assert archive.check().empty
        else:
            continue
        break
    assert outcomes == {True, False}


def test_a_check_after_a_kill_is_empty_and_the_next_writer_leaves_what_a_rebuilt_archive_has(tmp_path):
    for number in range(MOST):
        archive = made(tmp_path / str(number), (FIRST, day(1)))
        if not killed_at(number, lambda archive=archive: archive.store(SECOND, learned=day(2))):
            break
        stored = 4 in archive.minute("DUR").field["X"].tolist()
        assert archive.check().empty
        archive.store(FIRST, learned=day(3))  # it is stored already
        steps = [(FIRST, day(1)), (SECOND, day(2))] if stored else [(FIRST, day(1))]
        assert content(archive) == content(made(tmp_path / f"{number}-plain", *steps))
    assert number >= 12


def test_a_write_that_fails_leaves_no_revision(tmp_path, monkeypatch):
    archive = made(tmp_path / "archive", (FIRST, day(1)))
    before = content(archive)

    def full(path, encoded):
        raise InputError(f"{path}: cannot be written (No space left on device).")

    with monkeypatch.context() as patched, pytest.raises(InputError, match="No space left"):
        patched.setattr(year_block, "write_bytes", full)
        archive.store(SECOND, learned=day(2))
    assert content(archive) == before
    assert archive.revisions("DUR").empty


@pytest.mark.slow
def test_after_a_kill_of_an_ingest_the_journal_gives_the_archive_that_would_be_there_without_it(tmp_path):
    for number in range(MOST):
        home = tmp_path / str(number)
        home.mkdir()
        paths = [home / "dur20160101pmin.min", home / "dur20160101dmin.min"]
        for path, values in zip(paths, (FIRST, SECOND), strict=True):
            iaga2002.write(values, path, get("DUR"))
        archive = Archive(home / "archive")
        ingest(paths[:1], archive)
        was_killed = killed_at(number, lambda archive=archive, paths=paths: ingest(paths[1:], archive))
        ingest(paths, archive)
        assert archive.minute("DUR").field["X"].tolist() == [1.5, 2, 3, 4]
        assert len(archive.revisions("DUR")) == 1
        again = Archive(home / "again")
        assert rebuild.rebuild(archive.journal, again) == []
        assert (rebuild.compare(archive.folder, again.folder)["outcome"] == "same").all()
        if not was_killed:
            break
    assert number >= 12
